//! A device's session: from its cookie to a short access token, and what the member may see.

use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::admit::principal_of;
use crate::http::credentials::{Credential, account_to, check_origin, device, device_cookie, no_cookies};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::{SignInError, SignedIn};
use identity::authorize::channels_of;
use identity::{Claims, DeviceSecret, Principal};
use protocol::{ChannelName, MemberId, Role};
use serde::Serialize;

/// What an app learns about its member.
#[derive(Debug, Serialize)]
pub(crate) struct Session {
    member: MemberView,
    access_token: String,
    expires_in_s: u64,
    channels: Vec<ChannelView>,
}

/// A member, as they see themselves.
#[derive(Debug, Serialize)]
pub(crate) struct MemberView {
    id: MemberId,
    /// Known where the member's record was read.
    name: Option<String>,
    roles: Vec<Role>,
    regions: Vec<String>,
    teams: Vec<String>,
}

/// A channel that a member reads.
#[derive(Debug, Serialize)]
pub(crate) struct ChannelView {
    name: ChannelName,
    may_post: bool,
}

/// A member and what they read.
pub(crate) fn views(principal: &Principal, name: Option<String>) -> (MemberView, Vec<ChannelView>) {
    let channels = channels_of(principal);
    let member = MemberView {
        id: principal.member.clone(),
        name,
        roles: principal.roles.clone(),
        regions: principal.regions.clone(),
        teams: principal.teams.clone(),
    };
    (member, channels.into_iter().map(|(name, may_post)| ChannelView { name, may_post }).collect())
}

impl Session {
    /// A session with a fresh access token. The token lists no channels: apps subscribe by themselves.
    pub(crate) fn of(signed_in: &SignedIn, node: &Node) -> Result<Self, Problem> {
        let (now, ttl) = (clock::wall(), node.access_ttl);
        let principal = principal_of(node, signed_in, now);
        let claims = claims_of(&principal);
        let access_token =
            node.gate.access().mint(&principal.member, &claims, now, ttl).map_err(|_| Problem::Internal)?;
        let (member, channels) = views(&principal, signed_in.person.personal.name.clone());
        Ok(Self { member, access_token, expires_in_s: ttl.as_secs(), channels })
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
        generation: principal.generation,
    }
}

/// `POST /v1/session`.
pub(crate) async fn open(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let shown = device(&request, &node).ok_or(Problem::Unauthorized)?;
    let signed_in = sign_in(&node, &shown).await?;
    account_to(&request, &signed_in.person.member.id);
    let session = Session::of(&signed_in, &node)?;
    let cookie = device_cookie(&signed_in.secret, &node)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).cookie(cookie).json(session))
}

/// Who is signed in on the device that shows this secret. If two hold secrets of it, it is signed out at once.
pub(crate) async fn sign_in(node: &Node, shown: &DeviceSecret) -> Result<SignedIn, Problem> {
    node.people.sign_in(shown, clock::wall()).await.map_err(|error| {
        if let SignInError::Stolen(revoking) = &error {
            revoke(node, std::slice::from_ref(revoking));
        }
        error.into()
    })
}

/// `DELETE /v1/session`.
pub(crate) async fn sign_out(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    if let Some(shown) = device(&request, &node) {
        revoke(&node, &node.people.sign_out(&shown.device, clock::wall()).await?);
    }
    let mut response = HttpResponse::NoContent();
    for cookie in no_cookies() {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
