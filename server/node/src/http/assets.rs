//! The web client, which the binary carries: compressed once when it was built, cached for ever where its names
//! change with its contents, and guarded by a strict content security policy.

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
     frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Shown when the binary was built without the web client.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Holdfast</title>\
    <h1>Holdfast is running</h1><p>This binary was built without its web client. \
    Run <code>make run</code>, or build <code>web-client</code> first and the server after it.</p></html>";

/// Everything that no other route takes.
pub(crate) async fn serve(request: HttpRequest) -> HttpResponse {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::NotFound.error_response();
    }
    let path = match request.path() {
        "/" | "/join" => "index.html",
        "/console" => "console.html",
        path => path.trim_start_matches('/'),
    };
    match (Built::get(path), path) {
        (Some(file), _) => respond(&request, path, &file),
        (None, "index.html" | "console.html") => guarded(&mut HttpResponse::Ok())
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(NOT_BUILT),
        (None, _) => Problem::NotFound.error_response(),
    }
}

fn respond(request: &HttpRequest, path: &str, file: &EmbeddedFile) -> HttpResponse {
    let (encoding, packed) = packed(request, path);
    let file = packed.as_ref().unwrap_or(file);
    let tag = tag(file);
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response =
        if known == Some(tag.as_str()) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    guarded(&mut response)
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((ETAG, tag.clone()))
        .insert_header((VARY, "accept-encoding"));
    if known == Some(tag.as_str()) {
        return response.finish();
    }
    if let Some(encoding) = encoding {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    let kind = Built::get(path).map(|plain| plain.metadata.mimetype().to_owned()).unwrap_or_default();
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind };
    response.insert_header((header::CONTENT_TYPE, kind)).body(Pieces(bytes_of(file)))
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
fn packed(request: &HttpRequest, path: &str) -> (Option<&'static str>, Option<EmbeddedFile>) {
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
        .find_map(|(encoding, suffix)| Some((Some(encoding), Some(Built::get(&format!("{path}{suffix}"))?))))
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
mod tests {
    use super::*;
    use std::iter::from_fn;
    use std::task::Waker;

    #[test]
    fn a_file_is_given_in_pieces_that_are_all_of_it() {
        let file: Vec<u8> = (0..=250).cycle().take(2 * PIECE_MAX_BYTES + 1).collect();
        let mut body = Pieces(Bytes::from(file.clone()));
        assert_eq!(body.size(), BodySize::Sized(32_769));
        let mut context = Context::from_waker(Waker::noop());
        let pieces: Vec<Bytes> = from_fn(|| match Pin::new(&mut body).poll_next(&mut context) {
            Poll::Ready(piece) => piece.map(Result::unwrap),
            Poll::Pending => panic!("it is all there"),
        })
        .collect();
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE_MAX_BYTES, PIECE_MAX_BYTES, 1]);
        assert_eq!(pieces.concat(), file);
    }
}
