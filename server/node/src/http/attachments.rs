//! Files that go with bulletins: senders attach them, members load them when they ask for them.

use crate::assembly::Node;
use crate::clock;
use crate::http::assets;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::idempotency;
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::{AttachmentIdText, FileBytes, MediaWord};
use crate::http::problem::Problem;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Bytes, Data, Path, PayloadConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use campaign::attachments::{self, ATTACHMENT_MAX_BYTES, AttachmentId, Media, clean};
use campaign::bulletin::Content;
use identity::Principal;
use protocol::Role;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

protocol::limits! {
    /// Files that are looked at at once: each takes memory and a core for a moment. Who comes meanwhile gets 503.
    pub(crate) const ATTACHING_MAX: usize = 1 => counted;
    /// How long a client may take to send a file; who takes longer gets 408 and loses the connection.
    pub(crate) const ATTACHMENT_TIMEOUT: Duration = Duration::from_mins(1) => counted;
}

/// Where they are attached.
pub(crate) const PATH: &str = "/v1/attachments";
/// Nobody asks again for what never changes.
const CACHED: &str = "private, max-age=604800, immutable";
/// Opened by itself, a file can do nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// What was attached, as a bulletin says it.
#[derive(Serialize, ToSchema)]
#[schema(as = Attachment)]
struct AttachedView {
    #[schema(value_type = AttachmentIdText)]
    id: AttachmentId,
    #[schema(value_type = MediaWord)]
    media: Media,
    /// How large it is as it is kept.
    bytes: usize,
}

/// All routes of attachments.
pub(crate) fn routes(service: &mut ServiceConfig) {
    let attach = web::resource(PATH)
        .app_data(PayloadConfig::new(ATTACHMENT_MAX_BYTES))
        .route(web::post().to(attach).wrap(from_fn(idempotency::once)))
        .default_service(web::to(assets::serve));
    service.service(attach).route("/v1/attachments/{id}", web::get().to(load));
}

fn sender(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let principal = bearer(request, node)?;
    if principal.has(Role::Sender) { Ok(principal) } else { Err(Problem::Forbidden) }
}

/// Whether a request may have a body as large as a file: its sender writes bulletins.
pub(crate) fn may_attach(request: &HttpRequest) -> bool {
    let node = request.app_data::<Data<Node>>();
    request.path() == PATH && node.is_some_and(|node| sender(request, node).is_ok())
}

/// Takes a file that is to go with a bulletin: a JPEG or PNG picture or a PDF file of at most 2 MiB. Senders only.
///
/// What it is its bytes say, not the content type. It is made anew, without what a camera or a word processor wrote into
/// it, and kept for 90 days.
#[utoipa::path(
    post, path = "/v1/attachments", operation_id = "attach", tag = "bulletins",
    params(IdempotencyKeyHeader),
    request_body(content = FileBytes, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "What is kept.", body = AttachedView, headers(("Location" = String, description = "Where it is."))),
        Refused<409>, Refused<413>, Refused<415>, Refused<422>,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn attach(
    request: HttpRequest,
    node: Data<Node>,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let who = sender(&request, &node)?;
    let Some(permit) = node.attaching.take() else {
        node.metrics.limit_reached(reached::ATTACHING_MAX);
        return Err(Problem::Unavailable);
    };
    let cleaned = web::block(move || clean(&body)).await.map_err(|_| Problem::Internal)?;
    let cleaned = cleaned.map_err(Problem::Attachment)?;
    drop(permit);
    let (id, kept) = attachments::keep(&*node.store.records, &cleaned, &who.member, clock::wall()).await?;
    let address = format!("{PATH}/{}", id.as_str());
    let view = AttachedView { id, media: kept.media, bytes: kept.bytes };
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, address))
        .json(view))
}

/// A file that goes with a bulletin.
#[utoipa::path(
    get, path = "/v1/attachments/{id}", operation_id = "load_attachment", tag = "bulletins",
    params(("id" = AttachmentIdText, Path)),
    responses(
        (status = 200, description = "The file.", content(
            (FileBytes = "image/jpeg"), (FileBytes = "image/png"), (FileBytes = "application/pdf"),
        )),
        Refused<404>,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn load(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    bearer(&request, &node)?;
    let id = AttachmentId::parse(&path).map_err(|_| Problem::AttachmentUnknown)?;
    let found = attachments::read(&*node.store.records, &id, clock::wall()).await?;
    let (attachment, bytes) = found.ok_or(Problem::AttachmentUnknown)?;
    let disposition = match attachment.media {
        Media::Jpeg | Media::Png => "inline",
        Media::Pdf => "attachment; filename=\"attachment.pdf\"",
    };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, CACHED))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CONTENT_TYPE, attachment.media.as_str()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(bytes))
}

/// Whether what a bulletin says goes with it is there, and is what it says.
pub(crate) async fn are_there(node: &Node, content: &Content) -> Result<(), Problem> {
    for attached in &content.form().attachments {
        let found = attachments::head(&*node.store.records, &attached.id, clock::wall()).await?;
        let found = found.ok_or(Problem::AttachmentUnknown)?;
        if (found.media, found.bytes) != (attached.media, attached.bytes) {
            return Err(Problem::BadRequest("an attachment is described as it was answered"));
        }
    }
    Ok(())
}
