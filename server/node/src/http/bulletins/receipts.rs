//! Who got a bulletin: told by apps, shown to organisers as counts, and as whom it has not reached.

use super::{organiser, read_id};
use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::openapi::Refused;
use crate::http::openapi::bulletins::{CountsSchema, ReceiptsSchema};
use crate::http::openapi::words::{BulletinIdText, MemberIdText, Milliseconds, PageSize, StageWord};
use crate::http::paging::query;
use crate::http::problem::Problem;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::page::{PAGE_DEFAULT, page_size};
use campaign::receipts::kept::{self, Told};
use campaign::receipts::{Counts, Stage};
use protocol::rpc::receipts::Receipts;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use session::NotTaken;
use utoipa::ToSchema;

/// How many a bulletin came how far with.
#[derive(Serialize, ToSchema)]
#[schema(as = BulletinReceipts)]
struct CountsView {
    /// Whether it is over, and no longer known who they were.
    over: bool,
    /// As of when.
    #[schema(value_type = Milliseconds)]
    as_of_ms: Timestamp,
    #[serde(flatten)]
    #[schema(value_type = CountsSchema)]
    counts: Counts,
}

/// Whom it did not reach, and which page of them.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NotReachedRequest {
    /// With whom it did not come so far.
    #[param(value_type = StageWord)]
    stage: Stage,
    #[param(value_type = PageSize, required = false)]
    limit: Option<usize>,
    /// What the last answer called `next`.
    #[param(value_type = u32, required = false)]
    after: Option<u32>,
}

/// A page of those whom a bulletin did not reach.
#[derive(Serialize, ToSchema)]
#[schema(as = NotReachedList)]
struct NotReached {
    /// How many in all.
    total: u64,
    #[schema(value_type = Vec<MemberIdText>)]
    members: Vec<MemberId>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false)]
    next: Option<u32>,
}

/// Says which bulletins an app has, and which its person has seen: the same as `receipts` on a socket.
#[utoipa::path(
    post, path = "/v1/receipts", operation_id = "give_receipts", tag = "bulletins",
    request_body = ReceiptsSchema,
    responses((status = 204, description = "They are kept.")),
    security(("bearer" = [])),
)]
pub(crate) async fn take(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<Receipts>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    let who = bearer(&request, &node)?;
    if !body.is_within_bounds() {
        return Err(Problem::BadRequest("receipts are of 1 to 64 bulletins"));
    }
    match node.receipts.take(&node, &who.member, &body).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(NotTaken::Never) => Err(Problem::BadRequest("receipts are of bulletins, by their ids")),
        Err(NotTaken::Later(after)) => {
            let mut response = actix_web::ResponseError::error_response(&Problem::Unavailable);
            response.headers_mut().insert(RETRY_AFTER, after.as_secs().max(1).into());
            Ok(response)
        }
    }
}

/// How many a bulletin came how far with. For organisers and observers.
#[utoipa::path(
    get, path = "/v1/bulletins/{id}/receipts", operation_id = "count_receipts", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    responses((status = 200, description = "How many.", body = CountsView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn counts(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    let (id, now) = (read_id(&path)?, clock::wall());
    node.bulletins.get(&id, now).await?.ok_or(Problem::BulletinUnknown)?;
    let told = kept::load(&*node.store.records, &id, now).await?;
    let (over, counts) = match told {
        Told::Counted(counts) => (true, counts),
        Told::Known(receipts) => {
            let roll = node.roll.get().ok_or(Problem::Unavailable)?;
            (false, receipts.counts(roll.index()))
        }
    };
    let view = CountsView { over, as_of_ms: now, counts };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

/// With whom a bulletin did not come so far; nobody, once it is over. For organisers and observers.
#[utoipa::path(
    get, path = "/v1/bulletins/{id}/not-reached", operation_id = "list_not_reached", tag = "bulletins",
    params(("id" = BulletinIdText, Path), NotReachedRequest),
    responses((status = 200, description = "A page.", body = NotReached), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn not_reached(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    organiser(&request, &node)?;
    let NotReachedRequest { stage, limit, after } = query(&request)?;
    let (id, now) = (read_id(&path)?, clock::wall());
    node.bulletins.get(&id, now).await?.ok_or(Problem::BulletinUnknown)?;
    let missing = kept::missing(&*node.store.records, &id, stage, now).await?;
    let roll = node.roll.get().ok_or(Problem::Unavailable)?;
    let size = page_size(limit.unwrap_or(PAGE_DEFAULT));
    let (mut members, mut next) = (Vec::new(), None);
    for (number, member) in roll.members(&missing, after.unwrap_or(0)) {
        if members.len() >= size {
            next = Some(number.0);
            break;
        }
        members.push(member.clone());
    }
    drop(roll);
    let page = NotReached { total: missing.len(), members, next };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(page))
}
