//! Moving a member to another device with a short code: made on a device that is signed in, typed on the other.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::invites::{Awaiting, came_in, read_attempt};
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::Milliseconds;
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Allowance;
use campaign::transfer::Code;
use evidence::audit::{Action, Actor, Entry};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

protocol::limits! {
    /// Codes that a node takes in a second, so that nobody guesses one within its life: at this rate, with a thousand codes
    /// waiting, about once in ninety thousand. One more is asked to come back.
    pub(super) const TRANSFER_TRIES_PER_SECOND: u32 = 20 => counted;
}

/// How many codes may be tried now.
#[derive(Debug)]
pub(crate) struct Tries(Mutex<Allowance>);

impl Default for Tries {
    fn default() -> Self {
        Self(Mutex::new(Allowance::new(TRANSFER_TRIES_PER_SECOND, TRANSFER_TRIES_PER_SECOND)))
    }
}

/// A code that moves a member to another device.
#[derive(Serialize, ToSchema)]
#[schema(as = TransferCode)]
struct Made {
    /// To be read aloud or typed.
    #[schema(pattern = "^[0-9A-Z]{4}-[0-9A-Z]{4}$")]
    code: String,
    #[schema(value_type = Milliseconds)]
    expires_at_ms: Timestamp,
}

/// A code, and the client's own word for this try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TransferRedemption)]
pub(crate) struct RedeemRequest {
    /// As people type it: small letters, blanks and strokes do not matter.
    code: String,
    /// Random ASCII characters; the same again is the same try.
    #[schema(min_length = 16, max_length = 64)]
    attempt: String,
}

/// Makes a code by which whoever asks comes in on another device.
#[utoipa::path(
    post, path = "/v1/transfers", operation_id = "create_transfer", tag = "coming in",
    params(IdempotencyKeyHeader),
    responses((status = 201, description = "The code.", body = Made), Refused<404>, Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn create(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    let principal = bearer(&request, &node)?;
    let (code, ends) = node.people.transfer(&principal.member, clock::wall()).await?;
    let made = Made { code: code.reveal(), expires_at_ms: ends };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(made))
}

/// Comes in on this device by a code.
///
/// The answer sets the device's cookie and the ticket's. The same attempt again answers the same device.
#[utoipa::path(
    post, path = "/v1/transfers/redeem", operation_id = "redeem_transfer", tag = "coming in",
    request_body = RedeemRequest,
    responses(
        (status = 200, description = "Who came in.", body = Session),
        (status = 202, description = "An admin has yet to agree.", body = Awaiting<'_>),
        Refused<403>, Refused<404>,
    ),
)]
pub(crate) async fn redeem(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<RedeemRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let attempt = read_attempt(&body.attempt)?;
    let code = Code::parse(&body.code).ok_or(Problem::TransferUnknown)?;
    if !node.transfer_tries.0.lock().take(0, clock::now().instant) {
        node.metrics.limit_reached(reached::TRANSFER_TRIES_PER_SECOND);
        return Err(Problem::Unavailable);
    }
    let signed_in = node.people.redeem_transfer(&code, &attempt, clock::wall()).await?;
    let who = Actor::Member(signed_in.person.member.id.clone());
    node.audit.note_own(Entry::new(who, Action::DeviceAdded).about(signed_in.device.as_str()));
    came_in(&request, &node, &signed_in)
}
