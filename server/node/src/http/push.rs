//! Notifications, as devices ask for them: where a device is reached, what it is to be sent, and that it showed something.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::openapi::Refused;
use crate::http::openapi::push::{ChoiceSchema, KeysSchema};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, Data, Json, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use campaign::web_push::shown::SHOWN_TOKEN_MAX_BYTES;
use campaign::web_push::{Choice, Endpoint, KeepError, PushAddress, PushKeys, PushKeysForm};
use protocol::{DeviceId, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How notifications are, for the device that asks.
#[derive(Serialize, ToSchema)]
#[schema(as = Push)]
struct PushView {
    /// What a browser subscribes with: a point of P-256, base64url. Nothing, where notifications are not set up.
    public_key: Option<String>,
    /// Whether this device is sent any.
    subscribed: bool,
    /// What it is sent.
    #[schema(value_type = Option<ChoiceSchema>)]
    choice: Option<Choice>,
}

/// Where a device is reached, as its browser says it, and what it is to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushSubscription)]
pub(crate) struct PushRequest {
    /// Its address at a push service.
    #[schema(max_length = 2048)]
    endpoint: String,
    #[schema(value_type = KeysSchema)]
    keys: PushKeysForm,
    #[schema(value_type = ChoiceSchema)]
    choice: Choice,
}

/// What a device showed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PushShown)]
pub(crate) struct ShownRequest {
    /// The word that came with it.
    #[schema(max_length = 128)]
    token: String,
}

/// All routes of notifications.
pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/v1/push", web::get().to(show))
        .route("/v1/push", web::put().to(keep))
        .route("/v1/push", web::delete().to(forget))
        .route("/v1/push/shown", web::post().to(shown));
}

/// Whether this device is sent notifications, and what.
#[utoipa::path(
    get, path = "/v1/push", operation_id = "read_push", tag = "notifications",
    responses((status = 200, description = "How it is.", body = PushView)),
    security(("bearer" = [])),
)]
pub(crate) async fn show(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    let (member, device) = asking(&request, &node)?;
    let address = node.people.push_of(&member, &device, clock::wall()).await?;
    let view = PushView {
        public_key: node.web_push.public_key().map(str::to_owned),
        subscribed: address.is_some(),
        choice: address.map(|address| address.choice),
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view))
}

/// Has this device sent notifications. What it said before is replaced.
#[utoipa::path(
    put, path = "/v1/push", operation_id = "keep_push", tag = "notifications",
    request_body = PushRequest,
    responses((status = 204, description = "It is."), Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn keep(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<PushRequest>,
) -> Result<HttpResponse, Problem> {
    let (member, device) = asking(&request, &node)?;
    let hosts = node.web_push.hosts().ok_or(Problem::PushOff)?;
    let PushRequest { endpoint, keys, choice } = body.into_inner();
    if !choice.is_within_bounds() {
        return Err(Problem::BadRequest("at most 128 channels are muted"));
    }
    let endpoint = Endpoint::parse(&endpoint, hosts).map_err(|_| Problem::PushEndpointRefused)?;
    let keys = PushKeys::try_from(keys).map_err(|_| Problem::PushKeys)?;
    let now = clock::wall();
    let address = PushAddress { endpoint, keys, choice, since: now };
    match node.people.keep_push(&member, &device, &address, now).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(KeepError::Away(_)) => Err(Problem::Unavailable),
        Err(KeepError::Unknown) => Err(Problem::Unauthorized),
    }
}

/// Has this device sent none any more.
#[utoipa::path(
    delete, path = "/v1/push", operation_id = "forget_push", tag = "notifications",
    responses((status = 204, description = "It is sent none.")),
    security(("bearer" = [])),
)]
pub(crate) async fn forget(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    let (member, device) = asking(&request, &node)?;
    node.people.forget_push(&member, &device, clock::wall()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tells that a notification was shown, by the word that came with it. Whether the word is known is not said.
#[utoipa::path(
    post, path = "/v1/push/shown", operation_id = "tell_shown", tag = "notifications",
    request_body = ShownRequest,
    responses((status = 204, description = "It counts, if the word is known.")),
)]
pub(crate) async fn shown(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<ShownRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    if body.token.is_empty() || body.token.len() > SHOWN_TOKEN_MAX_BYTES {
        return Err(Problem::BadRequest("a word has 1 to 128 characters"));
    }
    if let Some((bulletin, member)) = node.web_push.read_shown(&body.token, clock::wall()) {
        node.receipts.shown(&node, bulletin, member);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Who asks, on which device. A program has none.
fn asking(request: &HttpRequest, node: &Node) -> Result<(MemberId, DeviceId), Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let who = bearer(request, node)?;
    let device = who.device.ok_or(Problem::BadRequest("notifications are for a device that is signed in"))?;
    Ok((who.member, device))
}
