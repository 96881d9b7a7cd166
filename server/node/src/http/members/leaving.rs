//! One's own way out: to be forgotten at once, or to leave.

use super::own;
use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::credentials::no_cookies;
use crate::http::openapi::Refused;
use crate::http::problem::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::Revoking;
use evidence::audit::{Action, Actor, Entry};
use protocol::MemberId;

/// Erases whoever asks, with all that is known of the person. They are signed out everywhere. Not for the last admin.
#[utoipa::path(
    delete, path = "/v1/me", operation_id = "erase_me", tag = "members",
    responses((status = 204, description = "You are gone."), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn erase_me(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let member = own(&request, &node)?.member;
    let revoking = node.people.erase(&member, clock::wall()).await?;
    gone(&node, member, &revoking, Action::MemberErased)
}

/// Lets whoever asks leave: they are signed out everywhere, sent nothing and counted nowhere. What is kept of them goes in
/// its time. Who comes again needs a new invite. Not for the last admin.
#[utoipa::path(
    post, path = "/v1/me/leave", operation_id = "leave", tag = "members",
    responses((status = 204, description = "You do not belong any more."), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn leave(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let member = own(&request, &node)?.member;
    let revoking = node.people.leave(&member, clock::wall()).await?;
    gone(&node, member, &revoking, Action::MemberLeft)
}

/// Somebody went by themselves: nothing that they hold counts any more, here at once and elsewhere soon.
fn gone(
    node: &Node,
    member: MemberId,
    revoking: &[Revoking],
    action: Action,
) -> Result<HttpResponse, Problem> {
    if revoking.is_empty() {
        return Err(Problem::MemberUnknown);
    }
    revoke(node, revoking);
    let about = member.as_str().to_owned();
    node.audit.note(Entry::new(Actor::Member(member), action).about(&about));
    let mut response = HttpResponse::NoContent();
    for cookie in no_cookies() {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
