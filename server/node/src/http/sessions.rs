//! A device's session: from its cookie to a short access token, and what the member may see.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, account_to, check_origin, device, no_cookies};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use identity::authorize::channels_of;
use identity::{Claims, Principal, Secret};
use protocol::{ChannelName, DeviceId, MemberId, Role};
use serde::Serialize;
use storage::records::member::Member;

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
    pub(crate) fn of(member: &Member, device: &Secret, node: &Node) -> Result<Self, Problem> {
        let now = clock::wall();
        let ttl = node.access_ttl;
        let claims = Claims {
            roles: member.roles.clone(),
            regions: member.regions.clone(),
            teams: member.teams.clone(),
            channels: Vec::new(),
            device: DeviceId::parse(device.hash().as_str()).ok(),
        };
        let access_token =
            node.gate.access().mint(&member.id, &claims, now, ttl).map_err(|_| Problem::Internal)?;
        let principal = Principal {
            member: member.id.clone(),
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            device: claims.device,
            posts_until: now.after(ttl),
            expires_at: now.after(ttl),
        };
        let (member, channels) = views(&principal, member.name.clone());
        Ok(Self { member, access_token, expires_in_s: ttl.as_secs(), channels })
    }
}

/// `POST /v1/session`.
pub(crate) async fn open(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let device = device(&request).ok_or(Problem::Unauthorized)?;
    let member =
        node.membership.member_of_device(&device, clock::wall()).await?.ok_or(Problem::Unauthorized)?;
    account_to(&request, &member.id);
    let session = Session::of(&member, &device, &node)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(session))
}

/// `DELETE /v1/session`.
pub(crate) async fn sign_out(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    if let Some(device) = device(&request) {
        node.membership.sign_out(&device, clock::wall()).await?;
        node.gate.revocations().add(device.hash().as_str());
        node.seats.clear(device.hash().as_str());
    }
    let mut response = HttpResponse::NoContent();
    for cookie in no_cookies() {
        response.cookie(cookie);
    }
    Ok(response.finish())
}
