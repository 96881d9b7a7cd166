//! The web client, which the binary carries: compressed once when it was built, cached for ever where its names
//! change with its contents, and guarded by a strict content security policy. It can be installed as an app, whose pages
//! have addresses of their own.

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::http::problem::Problem;
use crate::socket::outlet::PIECE_MAX_BYTES;

#[derive(RustEmbed)]
#[folder = "../../web-client/dist"]
#[allow_missing = true]
struct Built;

/// What a page of ours may load and do. It is `self` for everything: nothing comes from elsewhere at run time.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types holdfast";

/// The pages of the activists' app, which are all one file: a link leads to one of them, or to something on it.
const APP_PAGES: [&str; 6] = ["join", "bulletins", "teams", "inbox", "me", "install"];
/// What an installed app is checked against each time, so that it is never older than the service.
const WORKER: &str = "sw.js";
const MANIFEST: &str = "manifest.webmanifest";

/// For what changes its name with its contents.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For pictures that keep their names: on home screens they may be a day old.
const FOR_A_DAY: &str = "public, max-age=86400";
/// For everything else: whoever has it asks whether it is still so.
const ASKED_EACH_TIME: &str = "no-cache";
/// How many characters of a name say what a file contains.
const HASH_CHARS: usize = 8;

/// Shown when the binary was built without the web client.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Holdfast</title>\
    <h1>Holdfast is running</h1><p>This binary was built without its web client. \
    Run <code>make run</code>, or build <code>web-client</code> first and the server after it.</p></html>";

/// Everything that no other route takes.
pub(crate) async fn serve(request: HttpRequest) -> HttpResponse {
    answer::<Built>(&request)
}

fn answer<F: RustEmbed>(request: &HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::NotFound.error_response();
    }
    let path = file_of(request.path());
    match (F::get(path), path) {
        (Some(file), _) => respond::<F>(request, path, &file),
        (None, "index.html" | "console.html") => guarded(&mut HttpResponse::Ok())
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(NOT_BUILT),
        (None, _) => Problem::NotFound.error_response(),
    }
}

/// Which file stands for a path.
fn file_of(path: &str) -> &str {
    match path {
        "/" => return "index.html",
        "/console" => return "console.html",
        _ => {}
    }
    let mut parts = path.strip_prefix('/').unwrap_or(path).split('/');
    let is_page = parts.next().is_some_and(|page| APP_PAGES.contains(&page));
    // One thing of a page, such as a bulletin, and nothing below it.
    let is_short = parts.next().is_none_or(|thing| !thing.contains('.')) && parts.next().is_none();
    if is_page && is_short { "index.html" } else { path.trim_start_matches('/') }
}

fn respond<F: RustEmbed>(request: &HttpRequest, path: &str, file: &EmbeddedFile) -> HttpResponse {
    let (encoding, packed) = packed::<F>(request, path);
    let kind = kind(path, file);
    let file = packed.as_ref().unwrap_or(file);
    let tag = tag(file);
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response =
        if known == Some(tag.as_str()) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    guarded(&mut response)
        .insert_header((CACHE_CONTROL, kept(path, &kind)))
        .insert_header((ETAG, tag.clone()))
        .insert_header((VARY, "accept-encoding"));
    if path == WORKER {
        // It may look after every page, wherever its own file is.
        response.insert_header(("service-worker-allowed", "/"));
    }
    if known == Some(tag.as_str()) {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    response.insert_header((header::CONTENT_TYPE, kind)).body(Pieces(bytes_of(file)))
}

/// What a file is; what an app is installed by has to be exact.
fn kind(path: &str, file: &EmbeddedFile) -> String {
    match path {
        WORKER => return "text/javascript; charset=utf-8".to_owned(),
        MANIFEST => return "application/manifest+json".to_owned(),
        _ => {}
    }
    let kind = file.metadata.mimetype();
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

/// For how long a file may be kept without asking.
fn kept(path: &str, kind: &str) -> &'static str {
    if path.strip_prefix("assets/").is_some_and(is_hashed) {
        FOR_EVER
    } else if kind.starts_with("image/") {
        FOR_A_DAY
    } else {
        ASKED_EACH_TIME
    }
}

/// Whether a name ends as the build ends those of files with their contents in mind: `index-Ab3dE9f_.js`. A word of as many
/// small letters is a word.
fn is_hashed(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let Some((before, hash)) = stem.len().checked_sub(HASH_CHARS).and_then(|at| stem.split_at_checked(at))
    else {
        return false;
    };
    let is_of_hash = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_no_word = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    before.len() > 1 && before.ends_with('-') && hash.bytes().all(is_of_hash) && hash.bytes().any(is_no_word)
}

/// Without a copy of what the binary carries.
fn bytes_of(file: &EmbeddedFile) -> Bytes {
    match &file.data {
        Cow::Borrowed(carried) => Bytes::from_static(carried),
        Cow::Owned(read) => Bytes::copy_from_slice(read),
    }
}

/// A file in pieces. The HTTP server copies what it is given until the peer took it, and a peer may take nothing: given
/// all at once, each such connection would cost the whole file.
struct Pieces(Bytes);

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len().try_into().unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let length = self.0.len().min(PIECE_MAX_BYTES);
        let piece = self.0.split_to(length);
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}

/// The file as it was compressed when it was built, in the best form that the client takes.
fn packed<F: RustEmbed>(request: &HttpRequest, path: &str) -> (Option<&'static str>, Option<EmbeddedFile>) {
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let takes = |encoding: &str| {
        accepted
            .split(',')
            .map(str::trim)
            .any(|one| one == encoding || one.starts_with(&format!("{encoding};")))
    };
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| takes(encoding))
        .find_map(|(encoding, suffix)| Some((Some(encoding), Some(F::get(&format!("{path}{suffix}"))?))))
        .unwrap_or((None, None))
}

fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash)))
}

fn guarded(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header(("cross-origin-opener-policy", "same-origin"))
        .insert_header(("permissions-policy", "camera=(), microphone=(), geolocation=()"))
}

#[cfg(test)]
mod tests;
