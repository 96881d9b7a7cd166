//! Moving a member to another device with a short code: made on a device that is signed in, typed on the other.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, bearer, check_origin};
use crate::http::invites::{came_in, read_attempt};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use admission::Allowance;
use campaign::transfer::Code;
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};

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

#[derive(Serialize)]
struct Made {
    code: String,
    expires_at_ms: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemRequest {
    code: String,
    attempt: String,
}

/// `POST /v1/transfers`.
pub(crate) async fn create(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Bearer)?;
    let principal = bearer(&request, &node)?;
    let (code, ends) = node.people.transfer(&principal.member, clock::wall()).await?;
    let made = Made { code: code.reveal(), expires_at_ms: ends };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(made))
}

/// `POST /v1/transfers/redeem`.
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
    came_in(&request, &node, &signed_in)
}
