//! Showing a passkey, on a device that is signed in: to begin the day, or before something that reaches many.

use super::{Begun, EndRequest, begun, counted, note, read_id, site, tell, with_cookies};
use crate::assembly::Node;
use crate::clock;
use crate::http::admit::lookup_permit;
use crate::http::credentials::{Credential, check_origin, device};
use crate::http::openapi::Refused;
use crate::http::openapi::words::PasskeyCeremonyIdText;
use crate::http::problem::Problem;
use crate::http::proof::proves;
use crate::http::sessions::{Session, refused};
use crate::metrics::passkeys::{Ceremony, Outcome};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::{PasskeyError, SignedIn};
use evidence::audit::Action;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a passkey is shown for.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PasskeyPurpose)]
enum Purpose {
    /// To be an organiser on this device.
    SignIn,
    /// To do something that reaches many.
    StepUp,
}

/// What a passkey is shown for. It does the same either way.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyAssertion)]
pub(crate) struct BeginRequest {
    purpose: Purpose,
}

/// What the device may from now on.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyShown)]
pub(crate) struct ShownView {
    pub(super) session: Session,
}

/// Begins to show a passkey. No proof of the device's key is asked for: a passkey says more.
#[utoipa::path(
    post, path = "/v1/passkeys/assertions", operation_id = "begin_passkey_assertion", tag = "passkeys",
    request_body = BeginRequest,
    responses((status = 201, description = "What the browser is to be told.", body = Begun), Refused<409>, Refused<429>),
    security(("device" = [])),
)]
pub(crate) async fn begin(
    request: HttpRequest,
    node: Data<Node>,
    body: Json<BeginRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let site = site(&node)?;
    let on = peek(&request, &node).await?;
    let made = site.begin_assertion(&node.people, &on, clock::wall()).await;
    let (secret, options) = made.map_err(|error| tell(&node, Ceremony::Assertion, error))?;
    tracing::debug!(purpose = ?body.purpose, "a passkey is to be shown");
    node.metrics.passkeys.ended(Ceremony::Assertion, Outcome::Begun);
    Ok(begun(secret.reveal(), options))
}

/// Ends it with what the browser says.
///
/// A device that is bound to a key proves that it holds it, or says with `device_key` which it holds from now on. The answer
/// sets the device's cookie and the ticket's.
#[utoipa::path(
    post, path = "/v1/passkeys/assertions/{id}", operation_id = "end_passkey_assertion", tag = "passkeys",
    params(("id" = PasskeyCeremonyIdText, Path)),
    request_body = EndRequest,
    responses((status = 200, description = "It counts.", body = ShownView), Refused<404>, Refused<429>),
    security(("device" = [])),
)]
pub(crate) async fn end(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
    body: Json<EndRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let (site, key) = (site(&node)?, body.device_key()?);
    let on = peek(&request, &node).await?;
    if key.is_none() && !is_proven(&request, &node, &on).await? {
        return Err(Problem::ProofNeeded);
    }
    let secret = read_id(&id)?;
    let done =
        site.end_assertion(&node.people, &secret, &on, &body.credential, key.as_ref(), clock::wall()).await;
    let signed_in = done.map_err(|error| {
        if error == PasskeyError::Cloned {
            note(&node, &on, Action::PasskeyCloned, on.person.member.id.as_str());
        }
        tell(&node, Ceremony::Assertion, error)
    })?;
    node.metrics.passkeys.ended(Ceremony::Assertion, Outcome::Done);
    let view = ShownView { session: Session::of(&signed_in, &node)? };
    Ok(with_cookies(&node, &signed_in)?.json(view))
}

/// Who is signed in on the device that asks. Nothing is changed yet, and nothing given.
async fn peek(request: &HttpRequest, node: &Node) -> Result<SignedIn, Problem> {
    let shown = device(request, node).ok_or(Problem::Unauthorized)?;
    let _permit = lookup_permit(node)?;
    let on = node.people.peek(&shown, clock::wall()).await.map_err(|error| refused(node, &shown, error))?;
    counted(request, node, &on)?;
    Ok(on)
}

/// Whether a device that is bound to a key proved that it holds it; one that is not has nothing to prove.
async fn is_proven(request: &HttpRequest, node: &Node, on: &SignedIn) -> Result<bool, Problem> {
    let now = clock::wall();
    let key = node.people.key_of(&on.device, now).await?;
    Ok(key.is_none_or(|key| proves(request, node, &key, now)))
}
