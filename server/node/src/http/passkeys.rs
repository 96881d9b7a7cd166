//! Passkeys: registered, shown, signed in by, listed, renamed, removed, made up for. Ceremonies go by the device's cookie, as
//! `POST /v1/session` does, but for signing in, which goes by the passkey; what is one's own, and what admins do, by a bearer
//! token.

pub(crate) mod assertions;
pub(crate) mod own;
pub(crate) mod recovery;
pub(crate) mod registrations;
pub(crate) mod sign_ins;
pub(crate) mod view;

use crate::assembly::Node;
use crate::clock;
use crate::http::admit::{cookies, lookup_permit, principal_of};
use crate::http::credentials::account_to;
use crate::http::idempotency;
use crate::http::openapi::words::PasskeyCeremonyIdText;
use crate::http::problem::Problem;
use crate::http::sessions::sign_in;
use crate::metrics::passkeys::{Ceremony, Outcome};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use campaign::{PasskeyError, Passkeys, SignedIn};
use evidence::audit::{Action, Actor, Entry};
use identity::{ProofKey, Secret};
use protocol::MemberId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) fn routes(service: &mut ServiceConfig) {
    service
        .route("/v1/passkeys", web::get().to(own::list))
        .route("/v1/passkeys/registrations", web::post().to(registrations::begin))
        .route("/v1/passkeys/registrations/{id}", web::post().to(registrations::end))
        .route("/v1/passkeys/assertions", web::post().to(assertions::begin))
        .route("/v1/passkeys/assertions/{id}", web::post().to(assertions::end))
        .route("/v1/passkeys/sign-ins", web::post().to(sign_ins::begin))
        .route("/v1/passkeys/sign-ins/{id}", web::post().to(sign_ins::end))
        .route("/v1/passkeys/{id}", web::patch().to(own::rename))
        .route("/v1/passkeys/{id}", web::delete().to(own::remove))
        .route(
            "/v1/members/{id}/passkey-recovery",
            web::post().to(recovery::make).wrap(from_fn(idempotency::once)),
        );
}

/// A ceremony that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyCeremony)]
pub(crate) struct Begun {
    #[schema(value_type = PasskeyCeremonyIdText)]
    id: String,
    /// What `navigator.credentials` is given, in the JSON form of Web Authentication.
    #[schema(value_type = Object)]
    options: Value,
}

/// What a browser's ceremony came to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyCeremonyEnd)]
pub(crate) struct EndRequest {
    /// What `navigator.credentials` answered, in the JSON form of Web Authentication.
    #[schema(value_type = Object)]
    credential: Value,
    /// The public key (a JWK of P-256) that this device signs its proofs with from now on.
    #[schema(value_type = Object, required = false)]
    device_key: Option<Value>,
}

impl EndRequest {
    fn device_key(&self) -> Result<Option<ProofKey>, Problem> {
        let Some(jwk) = &self.device_key else { return Ok(None) };
        let key = ProofKey::of_jwk(jwk);
        key.map(Some).ok_or(Problem::BadRequest("device_key is a JWK of a public key of P-256"))
    }
}

fn begun(id: String, options: Value) -> HttpResponse {
    let begun = Begun { id, options };
    HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(begun)
}

/// The ceremony's secret, if it can be one.
fn read_id(text: &str) -> Result<Secret, Problem> {
    Secret::parse(text).map_err(|_| Problem::CeremonyUnknown)
}

/// The passkeys of this deployment.
fn site(node: &Node) -> Result<&Passkeys, Problem> {
    node.passkeys.as_ref().ok_or(Problem::NotFound)
}

/// Counts a request as one of an account's.
fn counted(request: &HttpRequest, node: &Node, signed_in: &SignedIn) -> Result<(), Problem> {
    account_to(request, &signed_in.person.member.id);
    let principal = principal_of(node, signed_in, clock::wall());
    node.account_limits.ask(&principal, request.method(), &node.metrics, clock::now().instant)
}

/// Who is signed in on the device that asks, with the proof of its key if it has one.
async fn signed_in(request: &HttpRequest, node: &Node) -> Result<SignedIn, Problem> {
    let _permit = lookup_permit(node)?;
    let signed_in = sign_in(request, node).await?;
    counted(request, node, &signed_in)?;
    Ok(signed_in)
}

/// Notes what came of a ceremony.
fn tell(node: &Node, ceremony: Ceremony, error: PasskeyError) -> Problem {
    let outcome = match error {
        PasskeyError::Cloned => Outcome::Cloned,
        PasskeyError::Refused => Outcome::Refused,
        PasskeyError::CeremonyUnknown | PasskeyError::RecoveryUnknown => Outcome::Unknown,
        PasskeyError::Away
        | PasskeyError::KeyMissing
        | PasskeyError::Last
        | PasskeyError::MemberUnknown
        | PasskeyError::None
        | PasskeyError::OwnRecovery
        | PasskeyError::RegistrationClosed
        | PasskeyError::StepUpNeeded
        | PasskeyError::TooMany
        | PasskeyError::Unknown
        | PasskeyError::Waiting => Outcome::NotNow,
    };
    node.metrics.passkeys.ended(ceremony, outcome);
    error.into()
}

/// Lets the audit know of what somebody did with a passkey of theirs.
fn note(node: &Node, signed_in: &SignedIn, action: Action, about: &str) {
    let who = Actor::Member(signed_in.person.member.id.clone());
    node.audit.note(Entry::new(who, action).about(about));
}

/// Lets the audit know of a passkey that its owner removed.
fn note_removed(node: &Node, member: MemberId, passkey: &str) {
    node.audit.note(Entry::new(Actor::Member(member), Action::PasskeyRemoved).about(passkey));
}

/// An answer that sets both cookies of a device.
fn with_cookies(node: &Node, signed_in: &SignedIn) -> Result<HttpResponseBuilder, Problem> {
    let [device, ticket] = cookies(node, signed_in)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).cookie(device).cookie(ticket);
    Ok(response)
}
