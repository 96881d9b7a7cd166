//! What is done to a bulletin that is there: handed in, agreed on, sent back, cancelled, withdrawn.

use super::view::BulletinView;
use super::{audience, noting, organiser, read_id, shown};
use crate::assembly::Node;
use crate::clock;
use crate::http::openapi::Refused;
use crate::http::openapi::trust::{AuthorSignedSchema, KeySignatureSchema};
use crate::http::openapi::words::{BulletinIdText, ReasonText};
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::approval::{Needs, Reason, needs};
use campaign::bulletin::{Action, Signed};
use identity::Principal;
use identity::trust::{KeySignature, PublicKey, Signature};
use serde::Deserialize;
use utoipa::ToSchema;

/// Which revision somebody saw, and why they do this.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinReason)]
pub(crate) struct ReasonRequest {
    revision: u32,
    #[schema(value_type = ReasonText)]
    reason: String,
}

/// Which revision somebody saw, and what they sign of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinSubmission)]
pub(crate) struct SubmitRequest {
    revision: u32,
    /// Needed where a manifest of organisers' keys is kept.
    #[serde(default)]
    #[schema(value_type = AuthorSignedSchema, required = false)]
    signed: Option<AuthorSigned>,
}

/// Which revision somebody saw, and their signature under what its author signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinApproval)]
pub(crate) struct ApproveRequest {
    revision: u32,
    /// Needed where a manifest is kept that asks for two.
    #[serde(default)]
    #[schema(value_type = KeySignatureSchema, required = false)]
    signature: Option<KeySignature>,
}

/// Which revision somebody saw, why they do this, and their signature, if they have a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinOverride)]
pub(crate) struct OverrideRequest {
    revision: u32,
    #[schema(value_type = ReasonText)]
    reason: String,
    #[serde(default)]
    #[schema(value_type = KeySignatureSchema, required = false)]
    signature: Option<KeySignature>,
}

/// What somebody signs of taking a bulletin back. Nothing is asked for, so that what is wrong can always be taken back.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulletinWithdrawal)]
pub(crate) struct WithdrawRequest {
    #[serde(default)]
    #[schema(value_type = AuthorSignedSchema, required = false)]
    signed: Option<AuthorSigned>,
}

/// A statement and its author's signature.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorSigned {
    statement: String,
    key: PublicKey,
    signature: Signature,
}

impl From<AuthorSigned> for Signed {
    fn from(AuthorSigned { statement, key, signature }: AuthorSigned) -> Self {
        Self { statement, signatures: vec![KeySignature { key, signature }] }
    }
}

/// Says that a bulletin is ready. Senders only.
///
/// If it takes one person it goes when its time comes; if it takes two, somebody else is to approve it.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/submit", operation_id = "submit_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = SubmitRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>, Refused<422>, Refused<507>),
    security(("bearer" = [])),
)]
pub(crate) async fn submit(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<SubmitRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let SubmitRequest { revision, signed } = body.into_inner();
    act(&node, &path, Action::Submit { revision, signed: signed.map(Signed::from) }, &who).await
}

/// Approves a bulletin that somebody else wrote. Approvers only.
#[utoipa::path(
    post, path = "/v1/bulletins/{id}/approve", operation_id = "approve_bulletin", tag = "bulletins",
    params(("id" = BulletinIdText, Path)),
    request_body = ApproveRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn approve(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<ApproveRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let ApproveRequest { revision, signature } = body.into_inner();
    act(&node, &path, Action::Approve { revision, signature }, &who).await
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
    request_body = OverrideRequest,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<412>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn override_rule(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Json<OverrideRequest>,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let OverrideRequest { revision, reason, signature } = body.into_inner();
    act(&node, &path, Action::Override { revision, reason: read_reason(&reason)?, signature }, &who).await
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
    request_body = Option<WithdrawRequest>,
    responses((status = 200, description = "What has become of it.", body = BulletinView), Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn withdraw(
    request: HttpRequest,
    node: Data<Node>,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let who = organiser(&request, &node)?;
    let WithdrawRequest { signed } = read_withdrawal(&body)?;
    act(&node, &path, Action::Withdraw { signed: signed.map(Signed::from) }, &who).await
}

/// No body is one that signs nothing.
fn read_withdrawal(body: &[u8]) -> Result<WithdrawRequest, Problem> {
    if body.is_empty() {
        return Ok(WithdrawRequest::default());
    }
    let read = serde_json::from_slice::<Option<WithdrawRequest>>(body);
    let read = read.map_err(|_| Problem::BadRequest("the body is not what this request takes"))?;
    Ok(read.unwrap_or_default())
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
        | Action::Withdraw { .. } => None,
    };
    let reaches_many = match &action {
        Action::Submit { .. } => needs(&found.value.core().content, count, None) == Needs::TwoPeople,
        // There is nothing to approve of what takes one person.
        Action::Approve { .. } | Action::Override { .. } => true,
        Action::Cancel | Action::Edit { .. } | Action::Reject { .. } | Action::Withdraw { .. } => false,
    };
    if reaches_many {
        step_up::check(node, who, Sensitive::BulletinToMany)?;
    }
    let changed = node.bulletins.act(&id, &action, who, count, now).await?;
    node.bulletins_due.notify_one();
    node.notices.bulletin(&changed);
    node.audit.note(noting::entry(who, &action, &found.value, &changed));
    let view = shown(node, changed).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}
