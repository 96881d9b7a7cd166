//! One's own passkeys: seen, and removed.

use super::note_removed;
use super::view::PasskeyView;
use crate::assembly::Node;
use crate::clock;
use crate::http::members::own;
use crate::http::openapi::Refused;
use crate::http::openapi::words::PasskeyIdText;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// A member's passkeys, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyList)]
pub(crate) struct List {
    passkeys: Vec<PasskeyView>,
}

/// The passkeys of whoever asks.
#[utoipa::path(
    get, path = "/v1/passkeys", operation_id = "list_passkeys", tag = "passkeys",
    responses((status = 200, description = "All of them.", body = List)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    let by = own(&request, &node)?;
    let passkeys = node.people.described_passkeys(&by.member, clock::wall()).await?;
    let list = List { passkeys: passkeys.into_iter().map(PasskeyView::from).collect() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// Removes a passkey of whoever asks. It takes a passkey that was shown a moment ago; an organiser's last one stays.
#[utoipa::path(
    delete, path = "/v1/passkeys/{id}", operation_id = "remove_passkey", tag = "passkeys",
    params(("id" = PasskeyIdText, Path)),
    responses((status = 204, description = "It is gone."), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn remove(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = own(&request, &node)?;
    step_up::check(&node, &by, Sensitive::PasskeyRemoved)?;
    let keeps_one = node.demand.is_made_of(&by.roles);
    node.people.remove_passkey(&by.member, &id, keeps_one, clock::wall()).await?;
    note_removed(&node, by.member, &id);
    Ok(HttpResponse::NoContent().finish())
}
