//! What is done to a bulletin that is there: handed in, agreed on, sent back, cancelled, withdrawn.

use super::view::BulletinView;
use super::{audience, noting, organiser, read_id, shown};
use crate::assembly::Node;
use crate::clock;
use crate::http::openapi::Refused;
use crate::http::openapi::words::{BulletinIdText, ReasonText};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::approval::Reason;
use campaign::bulletin::Action;
use identity::Principal;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which revision somebody saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinSeen)]
pub(crate) struct SeenRequest {
    revision: u32,
}

/// Which revision somebody saw, and why they do this.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinReason)]
pub(crate) struct ReasonRequest {
    revision: u32,
    #[schema(value_type = ReasonText)]
    reason: String,
}

/// Says that a bulletin is ready. Senders only.
///
/// If it takes one person it goes when its time comes; if it takes two, somebody else is to approve it.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/submit", operation_id = "submit_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = SeenRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>, Refused<507>),
    security(("bearer" = [])),
)]
pub(crate) async fn submit(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<SeenRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    act(&node, &path, Action::Submit { revision: body.revision }, &who).await
}

/// Approves a bulletin that somebody else wrote. Approvers only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/approve", operation_id = "approve_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = SeenRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>),
    security(("bearer" = [])),
)]
pub(crate) async fn approve(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<SeenRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    act(&node, &path, Action::Approve { revision: body.revision }, &who).await
}

/// Sends a bulletin back to those who wrote it, and says why. Approvers only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/reject", operation_id = "reject_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = ReasonRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>),
    security(("bearer" = [])),
)]
pub(crate) async fn reject(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<ReasonRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let ReasonRequest { revision, reason } = body.into_inner();
    act(&node, &path, Action::Reject { revision, reason: read_reason(&reason)? }, &who).await
}

/// Sends a bulletin though nobody else approved it, and says why. Approvers and admins only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/override", operation_id = "override_approval", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = ReasonRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>),
    security(("bearer" = [])),
)]
pub(crate) async fn override_rule(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<ReasonRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let ReasonRequest { revision, reason } = body.into_inner();
    act(&node, &path, Action::Override { revision, reason: read_reason(&reason)? }, &who).await
}

/// Never sends a bulletin that has not gone. Senders and approvers only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/cancel", operation_id = "cancel_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn cancel(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    act(&node, &path, Action::Cancel, &who).await
}

/// Takes a bulletin that has gone back, on every screen. Senders and approvers only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/withdraw", operation_id = "withdraw_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn withdraw(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    act(&node, &path, Action::Withdraw, &who).await
}

fn read_reason(text: &str) -> Result<Reason, Problem> {
    Reason::parse(text).map_err(|_| Problem::BadRequest("a reason is 1 to 500 characters"))
}

pub(super) async fn act(
    node: &Node,
    path: &str,
    action: Action,
    who: &Principal,
) -> Result<HttpResponse, Problem> {
    let (id, now) = (read_id(path)?, clock::wall());
    let found = node.bulletins.get(&id, now).await?.ok_or(Problem::BulletinUnknown)?;
    let audience = &found.value.core().content.form().audience;
    let count = match &action {
        Action::Submit { .. } => Some(audience::count_of(node, audience).await?),
        Action::Approve { .. }
        | Action::Cancel
        | Action::Edit { .. }
        | Action::Override { .. }
        | Action::Reject { .. }
        | Action::Withdraw => None,
    };
    let changed = node.bulletins.act(&id, &action, who, count, now).await?;
    node.bulletins_due.notify_one();
    node.notices.bulletin(&changed);
    node.audit.note(noting::entry(who, &action, &found.value, &changed));
    let view = shown(node, changed).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}
