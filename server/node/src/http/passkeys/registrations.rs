//! Registering a passkey: on a device that is signed in, or by a code of another admin's.

use super::view::PasskeyView;
use super::{Begun, EndRequest, begun, note, read_id, signed_in, site, tell, with_cookies};
use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::admit::lookup_permit;
use crate::http::credentials::{Credential, account_to, check_origin, device};
use crate::http::openapi::Refused;
use crate::http::openapi::words::{NameText, PasskeyCeremonyIdText};
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use crate::metrics::passkeys::{Ceremony, Outcome};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::passkeys::{Registered, Registering};
use campaign::{PasskeyError, personal};
use evidence::audit::Action;
use identity::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a passkey is to be called, and a code of somebody who lost theirs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyRegistration)]
pub(crate) struct BeginRequest {
    /// What its owner calls it.
    #[schema(value_type = NameText)]
    name: String,
    /// What another admin made, for who has no passkey any more.
    #[schema(required = false)]
    code: Option<String>,
}

/// A passkey that was registered, and what the device may from now on.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyRegistered)]
pub(crate) struct RegisteredView {
    session: Session,
    passkey: PasskeyView,
}

/// Begins to register a passkey.
///
/// Organisers: the first one right after joining, a further one after one was shown; or, without being signed in, with a code.
/// Everybody else at any time: one of theirs signs them in on another browser, and makes no organiser of them, also not later.
#[utoipa::path(
    post, path = "/v1/passkeys/registrations", operation_id = "begin_passkey_registration", tag = "passkeys",
    request_body = BeginRequest,
    responses((status = 201, description = "What the browser is to be told.", body = Begun), Refused<404>, Refused<409>, Refused<429>),
    security((), ("device" = [])),
)]
pub(crate) async fn begin(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<BeginRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let site = site(&node)?;
    let BeginRequest { name, code } = body.into_inner();
    let name = personal::name(&name)?.unwrap_or_else(|| "passkey".to_owned());
    let registering = if let Some(code) = code {
        by_code(&node, &code).await
    } else {
        let signed_in = signed_in(&request, &node).await?;
        Registering::of(signed_in, node.demand, clock::wall())
    };
    let registering = registering.map_err(|error| tell(&node, Ceremony::Registration, error))?;
    let made = site.begin_registration(&node.people, registering, name, clock::wall()).await;
    let (secret, options) = made.map_err(|error| tell(&node, Ceremony::Registration, error))?;
    node.metrics.passkeys.ended(Ceremony::Registration, Outcome::Begun);
    Ok(begun(secret.reveal(), options))
}

/// Whoever has a code may begin. What is no code is looked up as one, and as slowly.
async fn by_code(node: &Node, code: &str) -> Result<Registering, PasskeyError> {
    let secret = Secret::parse(code).or_else(|_| Secret::random()).map_err(|_| PasskeyError::Away)?;
    let _permit = lookup_permit(node).map_err(|_| PasskeyError::Away)?;
    node.people.recovering(&secret, clock::wall()).await
}

/// Ends it with what the browser says.
///
/// The answer sets the device's cookie and the ticket's. With a code all older passkeys of the member are gone, and their
/// devices are signed out.
#[utoipa::path(
    post, path = "/v1/passkeys/registrations/{id}", operation_id = "end_passkey_registration", tag = "passkeys",
    params(("id" = PasskeyCeremonyIdText, Path)),
    request_body = EndRequest,
    responses((status = 200, description = "It is registered.", body = RegisteredView), Refused<404>, Refused<409>, Refused<429>),
    security((), ("device" = [])),
)]
pub(crate) async fn end(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
    body: Json<EndRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let (site, secret, key) = (site(&node)?, read_id(&id)?, body.device_key()?);
    // Who comes with a code may be signed in nowhere, or have lost the key of the device.
    let on = match device(&request, &node) {
        None => Err(Problem::Unauthorized),
        Some(_) => signed_in(&request, &node).await,
    };
    let done = site
        .end_registration(
            &node.people,
            &secret,
            on.as_ref().ok(),
            &body.credential,
            key.as_ref(),
            clock::wall(),
        )
        .await;
    let Registered { signed_in, passkey, revoking, by_recovery } = match (done, on) {
        (Ok(done), _) => done,
        // It was somebody's on a device: why that was not signed in says more.
        (Err(PasskeyError::CeremonyUnknown), Err(why @ (Problem::ProofNeeded | Problem::TooFast))) => {
            return Err(why);
        }
        (Err(error), _) => return Err(tell(&node, Ceremony::Registration, error)),
    };
    node.metrics.passkeys.ended(Ceremony::Registration, Outcome::Done);
    account_to(&request, &signed_in.person.member.id);
    revoke(&node, &revoking);
    if by_recovery {
        note(&node, &signed_in, Action::PasskeyRecovered, signed_in.person.member.id.as_str());
    }
    note(&node, &signed_in, Action::PasskeyRegistered, &passkey.id);
    let view = RegisteredView { session: Session::of(&signed_in, &node)?, passkey: passkey.into() };
    Ok(with_cookies(&node, &signed_in)?.json(view))
}
