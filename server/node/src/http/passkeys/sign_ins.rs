//! Signing in by a passkey alone, on a browser that has no cookie of ours: whose it is, the passkey says.

use super::assertions::ShownView;
use super::{Begun, EndRequest, begun, site, tell, with_cookies};
use crate::assembly::Node;
use crate::clock;
use crate::http::admit::lookup_permit;
use crate::http::credentials::{Credential, account_to, check_origin};
use crate::http::openapi::Refused;
use crate::http::openapi::words::PasskeyCeremonyIdText;
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use crate::metrics::passkeys::{Ceremony, Outcome};
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse};
use campaign::PasskeyError;
use evidence::audit::{Action, Actor, Entry};

/// Begins to sign in by a passkey. Anybody may; nothing is kept of it.
#[utoipa::path(
    post, path = "/v1/passkeys/sign-ins", operation_id = "begin_passkey_sign_in", tag = "passkeys",
    responses((status = 201, description = "What the browser is to be told.", body = Begun), Refused<403>, Refused<404>),
)]
pub(crate) async fn begin(request: HttpRequest, node: Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let begins = site(&node)?.begin_sign_in(clock::wall());
    let (word, options) = begins.map_err(|error| tell(&node, Ceremony::SignIn, error))?;
    node.metrics.passkeys.ended(Ceremony::SignIn, Outcome::Begun);
    Ok(begun(word, options))
}

/// Ends it with what the browser says: this device is signed in as the member whose passkey it is.
///
/// With `device_key` the device of an organiser is bound to that key, and they may at once what they may; without it they show
/// their passkey again first. The answer sets the device's cookie and the ticket's.
#[utoipa::path(
    post, path = "/v1/passkeys/sign-ins/{id}", operation_id = "end_passkey_sign_in", tag = "passkeys",
    params(("id" = PasskeyCeremonyIdText, Path)),
    request_body = EndRequest,
    responses((status = 200, description = "Who is signed in.", body = ShownView), Refused<403>, Refused<404>),
)]
pub(crate) async fn end(
    request: HttpRequest,
    node: Data<Node>,
    id: Path<String>,
    body: Json<EndRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let (site, key) = (site(&node)?, body.device_key()?);
    let _permit = lookup_permit(&node)?;
    let now = clock::wall();
    let shown = site.signing_in(&node.people, &id, &body.credential, now).await;
    let shown = shown.map_err(|error| tell(&node, Ceremony::SignIn, error))?;
    let done = site.end_sign_in(&node.people, &shown, key.as_ref(), now).await;
    let who = Actor::Member(shown.member.clone());
    let signed_in = done.map_err(|error| {
        if error == PasskeyError::Cloned {
            node.audit.note(Entry::new(who.clone(), Action::PasskeyCloned).about(shown.member.as_str()));
        }
        tell(&node, Ceremony::SignIn, error)
    })?;
    node.metrics.passkeys.ended(Ceremony::SignIn, Outcome::Done);
    account_to(&request, &signed_in.person.member.id);
    node.audit.note_own(Entry::new(who, Action::DeviceAdded).about(signed_in.device.as_str()));
    let view = ShownView { session: Session::of(&signed_in, &node)? };
    Ok(with_cookies(&node, &signed_in)?.json(view))
}
