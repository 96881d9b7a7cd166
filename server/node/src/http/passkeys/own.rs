//! One's own passkeys: seen, renamed and removed.

use super::note_removed;
use super::view::PasskeyView;
use crate::assembly::Node;
use crate::clock;
use crate::http::members::own;
use crate::http::openapi::Refused;
use crate::http::openapi::words::{NameText, PasskeyIdText};
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::personal;
use identity::principal::has_organising;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A member's passkeys, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyList)]
pub(crate) struct List {
    passkeys: Vec<PasskeyView>,
}

/// What a passkey is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyEdit)]
pub(crate) struct RenameRequest {
    #[schema(value_type = NameText)]
    name: String,
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

/// Calls a passkey of whoever asks something else.
#[utoipa::path(
    patch, path = "/v1/passkeys/{id}", operation_id = "rename_passkey", tag = "passkeys",
    params(("id" = PasskeyIdText, Path)),
    request_body = RenameRequest,
    responses((status = 200, description = "The passkey.", body = PasskeyView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn rename(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
    body: Json<RenameRequest>,
) -> Result<HttpResponse, Problem> {
    let by = own(&request, &node)?;
    let name = personal::name(&body.name)?.ok_or(Problem::BadRequest("a passkey has a name"))?;
    let passkey = node.people.rename_passkey(&by.member, &id, &name, clock::wall()).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(PasskeyView::from(passkey)))
}

/// Removes a passkey of whoever asks. Of organisers it takes a passkey that was shown a moment ago, and their last one stays.
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
    // By the record: the token of an organiser may say no more than an activist's.
    let person = node.people.person(&by.member, clock::wall()).await?;
    let roles = person.map_or_else(|| by.roles.clone(), |person| person.member.roles);
    if has_organising(&roles) {
        step_up::check(&node, &by, Sensitive::PasskeyRemoved)?;
    }
    let keeps_one = node.demand.is_made_of(&roles);
    node.people.remove_passkey(&by.member, &id, keeps_one, clock::wall()).await?;
    note_removed(&node, by.member, &id);
    Ok(HttpResponse::NoContent().finish())
}
