//! A device's session: from its cookie to a short access token, and what the member may see.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, account_to, check_origin, device, no_device_cookie};
use crate::http::problem::Problem;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use identity::authorize::channels_of;
use identity::{Claims, Principal, Secret};
use protocol::{ChannelName, DeviceId, MemberId, Role};
use serde::Serialize;
use storage::records::member::Member;

/// What an app learns about its member.
#[derive(Serialize)]
pub(crate) struct Session {
    member: MemberView,
    access_token: String,
    expires_in_s: u64,
    channels: Vec<ChannelView>,
}

#[derive(Serialize)]
struct MemberView {
    id: MemberId,
    name: Option<String>,
    roles: Vec<Role>,
    regions: Vec<String>,
    teams: Vec<String>,
}

#[derive(Serialize)]
struct ChannelView {
    name: ChannelName,
    may_post: bool,
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
        let access_token = node.tokens.mint(&member.id, &claims, now, ttl).map_err(|_| Problem::Internal)?;
        let principal = Principal {
            member: member.id.clone(),
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            device: claims.device,
            expires_at: now.after(ttl),
        };
        let channels = channels_of(&principal)
            .into_iter()
            .map(|(name, may_post)| ChannelView { name, may_post })
            .collect();
        let member = MemberView {
            id: member.id.clone(),
            name: member.name.clone(),
            roles: member.roles.clone(),
            regions: member.regions.clone(),
            teams: member.teams.clone(),
        };
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
    }
    Ok(HttpResponse::NoContent().cookie(no_device_cookie()).finish())
}
