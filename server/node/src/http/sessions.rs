//! A device's session: from its cookie to a short access token, and what the member may see.

use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::admit::principal_of;
use crate::http::credentials::{Credential, account_to, check_origin, device, device_cookie, no_cookies};
use crate::http::openapi::words::{ChannelText, LabelText, MemberIdText, RoleWord};
use crate::http::passkeys::view::StandingView;
use crate::http::problem::Problem;
use crate::http::proof::proves;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::{SignInError, SignedIn};
use evidence::audit::{Action, Entry};
use identity::authorize::channels_of;
use identity::{Claims, DeviceSecret, Principal};
use protocol::{ChannelName, MemberId, Role};
use serde::Serialize;
use utoipa::ToSchema;

/// What an app learns about its member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    member: MemberView,
    /// For `Authorization: Bearer`.
    access_token: String,
    expires_in_s: u64,
    channels: Vec<ChannelView>,
    passkeys: StandingView,
}

/// A member, as they see themselves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionMember)]
pub(crate) struct MemberView {
    #[schema(value_type = MemberIdText)]
    id: MemberId,
    /// Known where the member's record was read.
    name: Option<String>,
    /// All of theirs; which of them count now, `passkeys` says.
    #[schema(value_type = Vec<RoleWord>)]
    roles: Vec<Role>,
    #[schema(value_type = Vec<LabelText>)]
    regions: Vec<String>,
    #[schema(value_type = Vec<LabelText>)]
    teams: Vec<String>,
}

/// A channel that a member reads.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub(crate) struct ChannelView {
    #[schema(value_type = ChannelText)]
    name: ChannelName,
    may_post: bool,
}

/// A member and what they read. `roles` are all of theirs, whether or not they count now.
pub(crate) fn views(
    principal: &Principal,
    name: Option<String>,
    roles: Vec<Role>,
) -> (MemberView, Vec<ChannelView>) {
    let channels = channels_of(principal);
    let member = MemberView {
        id: principal.member.clone(),
        name,
        roles,
        regions: principal.regions.clone(),
        teams: principal.teams.clone(),
    };
    (member, channels.into_iter().map(|(name, may_post)| ChannelView { name, may_post }).collect())
}

impl Session {
    /// A session with a fresh access token. The token lists no channels: apps subscribe by themselves.
    pub(crate) fn of(signed_in: &SignedIn, node: &Node) -> Result<Self, Problem> {
        let now = clock::wall();
        let principal = principal_of(node, signed_in, now);
        let ttl = now.until(principal.posts_until);
        let claims = claims_of(&principal);
        let access_token =
            node.gate.access().mint(&principal.member, &claims, now, ttl).map_err(|_| Problem::Internal)?;
        let person = &signed_in.person;
        let (member, channels) = views(&principal, person.personal.name.clone(), person.member.roles.clone());
        let passkeys = StandingView::of(node, signed_in);
        Ok(Self { member, access_token, expires_in_s: ttl.as_secs(), channels, passkeys })
    }
}

/// What a token says of a principal.
pub(crate) fn claims_of(principal: &Principal) -> Claims {
    Claims {
        roles: principal.roles.clone(),
        regions: principal.regions.clone(),
        teams: principal.teams.clone(),
        channels: principal.channels.clone(),
        device: principal.device.clone(),
        is_guarded: principal.is_guarded,
        stepped_up_until: principal.stepped_up_until,
        generation: principal.generation,
    }
}

/// A session: from a device's cookie to a short access token.
///
/// The device shows another secret from now on: the answer sets its cookie. A device that is bound to a key proves that it
/// holds it (`Holdfast-Proof`, in the shape of RFC 9449). An organiser whose device showed no passkey for twelve hours gets
/// what an activist may.
#[utoipa::path(
    post, path = "/v1/session", operation_id = "open_session", tag = "coming in",
    responses((status = 200, description = "Who is signed in on this device.", body = Session)),
    security(("device" = [])),
)]
pub(crate) async fn open(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let signed_in = sign_in(&request, &node).await?;
    account_to(&request, &signed_in.person.member.id);
    let session = Session::of(&signed_in, &node)?;
    let cookie = device_cookie(&signed_in.secret, &node)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).cookie(cookie).json(session))
}

/// Who is signed in on the device that asks, with a proof of its key if it is bound to one. If two hold secrets of it, it is
/// signed out at once.
pub(crate) async fn sign_in(request: &HttpRequest, node: &Node) -> Result<SignedIn, Problem> {
    let (shown, now) = (device(request, node).ok_or(Problem::Unauthorized)?, clock::wall());
    let signed_in = node.people.sign_in_with(&shown, |key| proves(request, node, key, now), now).await;
    signed_in.map_err(|error| refused(node, &shown, error))
}

/// Why nobody is signed in; a device that was signed out for it counts nowhere any more.
pub(crate) fn refused(node: &Node, shown: &DeviceSecret, error: SignInError) -> Problem {
    if let SignInError::Stolen(revoking) = &error {
        revoke(node, std::slice::from_ref(revoking));
        node.audit.note_own(Entry::system(Action::DeviceStolen).about(shown.device.as_str()));
    }
    error.into()
}

/// Signs this device out, and takes its cookies away.
#[utoipa::path(
    delete, path = "/v1/session", operation_id = "sign_out", tag = "coming in",
    responses((status = 204, description = "It is signed out, if it was signed in.")),
    security((), ("device" = [])),
)]
pub(crate) async fn sign_out(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    if let Some(shown) = device(&request, &node) {
        let revoking = node.people.sign_out(&shown.device, clock::wall()).await?;
        revoke(&node, &revoking);
        if !revoking.is_empty() {
            // Whoever has the device; the store no longer says who that was.
            node.audit.note_own(Entry::system(Action::DeviceSignedOut).about(shown.device.as_str()));
        }
    }
    let mut response = HttpResponse::NoContent();
    for cookie in no_cookies() {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
