//! Invites: admins make, list and withdraw them; anyone who holds one comes in by it, once, by POST. No GET ever
//! uses an invite, because mail scanners and previews fetch links.

use crate::assembly::Node;
use crate::clock;
use crate::http::admit::first_ticket;
use crate::http::credentials::ticket_cookie;
use crate::http::credentials::{Credential, account_to, admin, check_origin, device_cookie};
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use crate::membership::InviteTerms;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use identity::Secret;
use protocol::{ChannelName, Role};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::records::invite::Invite;

protocol::limits! {
    /// Most people that one invite lets in; an invite for more is refused with 400.
    pub(super) const INVITE_USES_MAX: u32 = 100_000 => unseen;
    /// Longest life of an invite; a longer one is refused with 400.
    pub(super) const INVITE_TTL_MAX: Duration = Duration::from_hours(24 * 90) => unseen;
    /// Most roles, regions or teams of one invite; more are refused with 400.
    pub(super) const INVITE_PRESETS_MAX: usize = 32 => unseen;
    /// Longest name of a preset region or team, so that an access token can hold all of them; longer ones get 400.
    pub(super) const INVITE_PRESET_MAX_BYTES: usize = 64 => unseen;
    /// Longest word that a client chooses for an attempt to use an invite; longer ones get 400.
    pub(super) const ATTEMPT_MAX_BYTES: usize = 64 => unseen;
    /// Shortest such word, so that who holds the link too cannot guess it; shorter ones get 400.
    pub(super) const ATTEMPT_MIN_BYTES: usize = 16 => unseen;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRequest {
    roles: Vec<Role>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    teams: Vec<String>,
    max_uses: u32,
    expires_in_s: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemRequest {
    token: String,
    attempt: String,
}

#[derive(Serialize)]
struct Listed {
    id: String,
    roles: Vec<Role>,
    regions: Vec<String>,
    teams: Vec<String>,
    max_uses: u32,
    uses: u32,
    expires_at_ms: u64,
    revoked: bool,
}

#[derive(Serialize)]
struct Created {
    id: String,
    link: String,
    max_uses: u32,
    expires_at_ms: u64,
}

#[derive(Serialize)]
struct List {
    invites: Vec<Listed>,
}

/// `POST /v1/invites`.
pub(crate) async fn create(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<CreateRequest>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let terms = terms(body.into_inner())?;
    let (secret, invite) = node.membership.invite(terms, clock::wall()).await?;
    let created = Created {
        id: secret.hash().as_str().to_owned(),
        link: node.join_link(&secret),
        max_uses: invite.max_uses,
        expires_at_ms: invite.expires_at.as_millis(),
    };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(created))
}

fn terms(body: CreateRequest) -> Result<InviteTerms, Problem> {
    let ttl = Duration::from_secs(body.expires_in_s);
    if body.roles.is_empty() || body.roles.len() > INVITE_PRESETS_MAX {
        return Err(Problem::BadRequest("an invite gives at least one role"));
    }
    if body.max_uses == 0 || body.max_uses > INVITE_USES_MAX {
        return Err(Problem::BadRequest("max_uses is between 1 and 100000"));
    }
    if ttl.is_zero() || ttl > INVITE_TTL_MAX {
        return Err(Problem::BadRequest("expires_in_s is between 1 and 7776000 (90 days)"));
    }
    let is_label = |name: &String| {
        let fits = ChannelName::team(name).is_ok_and(|channel| channel.kind().is_some());
        fits && name.len() <= INVITE_PRESET_MAX_BYTES
    };
    let presets = body.regions.len().max(body.teams.len());
    if presets > INVITE_PRESETS_MAX || !body.regions.iter().chain(&body.teams).all(is_label) {
        return Err(Problem::BadRequest(
            "a region or team is 1 to 64 of A-Z a-z 0-9 . _ -, and there are at most 32",
        ));
    }
    Ok(InviteTerms {
        roles: body.roles,
        regions: body.regions,
        teams: body.teams,
        max_uses: body.max_uses,
        ttl,
    })
}

/// `GET /v1/invites`.
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let invites = node.membership.invites(clock::wall()).await?;
    let list = List { invites: invites.into_iter().map(|(id, invite)| listed(id, invite)).collect() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

fn listed(id: String, invite: Invite) -> Listed {
    Listed {
        id,
        roles: invite.roles,
        regions: invite.regions,
        teams: invite.teams,
        max_uses: invite.max_uses,
        uses: invite.uses,
        expires_at_ms: invite.expires_at.as_millis(),
        revoked: invite.revoked,
    }
}

/// `DELETE /v1/invites/{id}`.
pub(crate) async fn revoke(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    if node.membership.revoke_invite(&id, clock::wall()).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::InviteUnknown)
    }
}

/// `POST /v1/invites/redeem`.
pub(crate) async fn redeem(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<RedeemRequest>,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let attempt = body.attempt.as_str();
    if attempt.len() < ATTEMPT_MIN_BYTES || attempt.len() > ATTEMPT_MAX_BYTES || !attempt.is_ascii() {
        return Err(Problem::BadRequest("attempt is a random word of 16 to 64 characters"));
    }
    let secret = Secret::parse(&body.token).map_err(|_| Problem::InviteUnknown)?;
    let (member, device) = node.membership.redeem(&secret, attempt, clock::wall()).await?;
    account_to(&request, &member.id);
    let session = Session::of(&member, &device, &node)?;
    let ticket = first_ticket(&node, &member, &device)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(device_cookie(&device, node.is_secure()))
        .cookie(ticket_cookie(&ticket, node.is_secure()))
        .json(session))
}
