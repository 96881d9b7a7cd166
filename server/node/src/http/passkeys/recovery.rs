//! Another admin helps who lost their passkeys.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::admin;
use crate::http::members::read_id;
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::{MemberIdText, Milliseconds};
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::passkeys::Recovered;
use evidence::audit::{Action, Actor, Entry};
use protocol::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A code, and the link that carries it. Both are said this once.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyRecovery)]
struct Made {
    link: String,
    code: String,
    #[schema(value_type = Milliseconds)]
    expires_at_ms: Timestamp,
}

/// Makes a link by which a member registers a passkey anew. Admins only, for somebody else.
///
/// It works once, within an hour. When it is used all their older passkeys go, and all their devices are signed out.
#[utoipa::path(
    post, path = "/v1/members/{id}/passkey-recovery", operation_id = "recover_passkeys", tag = "passkeys",
    params(("id" = MemberIdText, Path), IdempotencyKeyHeader),
    responses((status = 201, description = "The link.", body = Made), Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn make(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    let id = read_id(&id)?;
    step_up::check(&node, &by, Sensitive::RecoveryMade)?;
    let Recovered { code, ends } = node.people.make_recovery(&id, &by.member, clock::wall()).await?;
    let entry = Entry::new(Actor::Member(by.member), Action::PasskeyRecoveryMade).about(id.as_str());
    node.audit.note(entry);
    let made = Made { link: node.recovery_link(&code), code: code.reveal(), expires_at_ms: ends };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(made))
}
