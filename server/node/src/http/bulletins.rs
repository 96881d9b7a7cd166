//! Bulletins: organisers write, approve, send, correct and withdraw them, and see who got them.
//!
//! Whoever acts on a bulletin says which revision they saw. Each action is a request of its own, so that what a person
//! may do is decided once, in `campaign`.

pub(crate) mod acting;
pub(crate) mod audience;
pub(crate) mod heads;
mod noting;
pub(crate) mod receipts;
mod requests;
mod view;

use crate::assembly::Node;
use crate::clock;
use crate::http::attachments;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::idempotency;
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::{BulletinIdText, CursorText};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use acting::act;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use campaign::Page;
use campaign::bulletin::{Action, AnyBulletin, BulletinId, Content};
use identity::Principal;
use protocol::{Role, Timestamp};
use requests::{CorrectionRequest, WriteRequest, time};
use serde::Serialize;
use utoipa::ToSchema;
use view::BulletinView;

protocol::limits! {
    /// Largest body of a request that writes a bulletin, with whatever JSON adds to its words; larger ones get 400.
    pub(crate) const BULLETIN_MAX_BYTES: usize = 40 * 1024 => counted;
}

/// A page of bulletins.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinList)]
struct List {
    bulletins: Vec<BulletinView>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CursorText, required = false)]
    next: Option<String>,
}

/// All routes of bulletins.
pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/v1/audience", web::post().to(audience::count))
        .route("/v1/receipts", web::post().to(receipts::take))
        .route("/v1/bulletins", web::get().to(list))
        .route("/v1/bulletins", web::post().to(begin).wrap(from_fn(idempotency::once)))
        .route("/v1/bulletins/heads", web::get().to(heads::read))
        .route("/v1/bulletins/{id}", web::get().to(show))
        .route("/v1/bulletins/{id}", web::put().to(edit))
        .route("/v1/bulletins/{id}/submit", web::post().to(acting::submit))
        .route("/v1/bulletins/{id}/approve", web::post().to(acting::approve))
        .route("/v1/bulletins/{id}/reject", web::post().to(acting::reject))
        .route("/v1/bulletins/{id}/override", web::post().to(acting::override_rule))
        .route("/v1/bulletins/{id}/cancel", web::post().to(acting::cancel))
        .route("/v1/bulletins/{id}/withdraw", web::post().to(acting::withdraw))
        .route("/v1/bulletins/{id}/corrections", web::post().to(correct).wrap(from_fn(idempotency::once)))
        .route("/v1/bulletins/{id}/receipts", web::get().to(receipts::counts))
        .route("/v1/bulletins/{id}/not-reached", web::get().to(receipts::not_reached));
}

/// Somebody who sees bulletins that are not sent yet.
fn organiser(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let principal = bearer(request, node)?;
    let sees = [Role::Admin, Role::Approver, Role::Observer, Role::Sender];
    if sees.into_iter().any(|role| principal.has(role)) { Ok(principal) } else { Err(Problem::Forbidden) }
}

/// Whether a request may have a body as large as a bulletin: its sender writes them.
pub(crate) fn may_write(request: &HttpRequest) -> bool {
    let node = request.app_data::<Data<Node>>();
    request.path().starts_with("/v1/bulletins") && node.is_some_and(|node| organiser(request, node).is_ok())
}

fn read_id(path: &str) -> Result<BulletinId, Problem> {
    BulletinId::parse(path).map_err(|_| Problem::BulletinUnknown)
}

fn fresh_id(asked: Option<BulletinId>, now: Timestamp) -> Result<BulletinId, Problem> {
    match asked {
        Some(id) => Ok(id),
        None => Ok(BulletinId::new(now, clock::random().map_err(|_| Problem::Internal)?)),
    }
}

/// A bulletin with how many it is for, if that can be counted: what was done to it is done.
async fn shown(node: &Node, bulletin: AnyBulletin) -> Result<BulletinView, Problem> {
    let count = match audience::count_of(node, &bulletin.core().content.form().audience).await {
        Err(Problem::RollPartial) => None,
        counted => Some(counted?),
    };
    Ok(BulletinView::new(&bulletin, count))
}

/// A page of bulletins, the newest first. For organisers and observers.
#[utoipa::path(
    get, path = "/v1/bulletins", operation_id = "list_bulletins", tag = "bulletins",
    params(PageRequest),
    responses((status = 200, description = "A page.", body = List)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    let (after, size) = query::<PageRequest>(&request)?.read()?;
    let Page { items, next } = node.bulletins.list(after.as_ref(), size, clock::wall()).await?;
    let bulletins = items.iter().map(|bulletin| BulletinView::new(bulletin, None)).collect();
    let list = List { bulletins, next: next.map(|cursor| cursor.as_text()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// A bulletin, with how many it is for now. For organisers and observers.
#[utoipa::path(
    get, path = "/v1/bulletins/{id}", operation_id = "read_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    responses((status = 200, description = "The bulletin.", body = BulletinView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    let id = read_id(&path)?;
    let found = node.bulletins.get(&id, clock::wall()).await?.ok_or(Problem::BulletinUnknown)?;
    let view = shown(&node, found.value).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

/// Begins a draft. Senders only.
///
/// With an id that a bulletin has already nothing is begun, and the answer is what became of that one.
#[utoipa::path(
    post, path = "/v1/bulletins", operation_id = "begin_bulletin", tag = "bulletins",
    params(IdempotencyKeyHeader),
    request_body = WriteRequest,
    responses((status = 201, description = "The draft.", body = BulletinView, headers(("Location" = String, description = "Where it is."))),
        Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn begin(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<WriteRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let WriteRequest { id, content, send_at, .. } = body.into_inner();
    let now = clock::wall();
    let (content, send_at) = (Content::parse(content)?, time(send_at)?);
    attachments::are_there(&node, &content).await?;
    let begun = node.bulletins.begin(fresh_id(id, now)?, &who, content, send_at, now).await?;
    begun_as(&node, begun).await
}

/// Begins a draft that says what a sent bulletin says, to be changed and sent in its place. Senders only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/corrections", operation_id = "begin_correction", tag = "bulletins",
    params(("id" = BulletinIdText, Path), IdempotencyKeyHeader),
    request_body = CorrectionRequest,
    responses((status = 201, description = "The draft.", body = BulletinView, headers(("Location" = String, description = "Where it is."))),
        Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn correct(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<CorrectionRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let (of, now) = (read_id(&path)?, clock::wall());
    let id = fresh_id(body.into_inner().id, now)?;
    let begun = node.bulletins.begin_correction(id, &of, &who, now).await?;
    begun_as(&node, begun).await
}

async fn begun_as(node: &Node, bulletin: AnyBulletin) -> Result<HttpResponse, Problem> {
    node.notices.bulletin(&bulletin);
    let address = format!("/v1/bulletins/{}", bulletin.core().id.as_str());
    let view = shown(node, bulletin).await?;
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, address))
        .json(view))
}

/// Says something else: the bulletin is a draft again, and what was approved is not any more. Senders and approvers only.
///
/// Who changes it is one of its authors from then on, and cannot approve it.
#[utoipa::path(
    put, path = "/v1/bulletins/{id}", operation_id = "edit_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = WriteRequest,
    responses((status = 200, description = "The draft.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>),
    security(("bearer" = [])),
)]
pub(crate) async fn edit(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<WriteRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let WriteRequest { revision, content, send_at, .. } = body.into_inner();
    let revision = revision.ok_or(Problem::BadRequest("say which revision you change"))?;
    let content = Box::new(Content::parse(content)?);
    attachments::are_there(&node, &content).await?;
    act(&node, &path, Action::Edit { revision, content, send_at: time(send_at)? }, &who).await
}
