//! Invites: admins make, list and withdraw them; anyone who holds one comes in by it, once, by POST. No GET ever
//! uses an invite, because mail scanners and previews fetch links.

use crate::assembly::Node;
use crate::clock;
use crate::http::admit::first_ticket;
use crate::http::credentials::ticket_cookie;
use crate::http::credentials::{Credential, account_to, admin, check_origin, device_cookie};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::invites::InviteTerms;
use campaign::page::PAGE_MAX;
use campaign::{Attempt, Page, Rights, SignedIn};
use identity::Secret;
use protocol::Role;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::records::invite::Invite;
use storage::records::member::Standing;

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
    #[serde(default)]
    needs_approval: bool,
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
    needs_approval: bool,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// `POST /v1/invites`.
pub(crate) async fn create(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<CreateRequest>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let terms = terms(body.into_inner())?;
    let (secret, invite) = node.people.invite(terms, clock::wall()).await?;
    let created = Created {
        id: secret.hash().as_str().to_owned(),
        link: node.join_link(&secret),
        max_uses: invite.max_uses,
        expires_at_ms: invite.expires_at.as_millis(),
    };
    Ok(HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(created))
}

fn terms(body: CreateRequest) -> Result<InviteTerms, Problem> {
    let rights = Rights::new(body.roles, body.regions, body.teams)?;
    let ttl = Duration::from_secs(body.expires_in_s);
    Ok(InviteTerms::new(rights, body.max_uses, ttl, body.needs_approval)?)
}

/// `GET /v1/invites`.
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let (after, size) = query::<PageRequest>(&request)?.read_with(PAGE_MAX)?;
    let Page { items, next } = node.people.invites(after.as_ref(), size, clock::wall()).await?;
    let invites = items.into_iter().map(|(id, invite)| listed(id, invite)).collect();
    let list = List { invites, next: next.map(|cursor| cursor.as_text()) };
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
        needs_approval: invite.needs_approval,
    }
}

/// `DELETE /v1/invites/{id}`.
pub(crate) async fn revoke(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    if node.people.revoke_invite(&id, clock::wall()).await? {
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
    let attempt = read_attempt(&body.attempt)?;
    let secret = Secret::parse(&body.token).map_err(|_| Problem::InviteUnknown)?;
    let signed_in = node.people.redeem(&secret, &attempt, clock::wall()).await?;
    came_in(&request, &node, &signed_in)
}

/// A client's own word for one try to come in.
pub(crate) fn read_attempt(text: &str) -> Result<Attempt, Problem> {
    Attempt::parse(text).ok_or(Problem::BadRequest("attempt is a random word of 16 to 64 characters"))
}

/// The answer to somebody who has come in on a device; or whom an admin has yet to let in.
pub(crate) fn came_in(
    request: &HttpRequest,
    node: &Node,
    signed_in: &SignedIn,
) -> Result<HttpResponse, Problem> {
    let member = &signed_in.person.member;
    account_to(request, &member.id);
    let device = device_cookie(&signed_in.secret, node)?;
    if member.standing == Standing::Waiting {
        let waiting = serde_json::json!({"standing": member.standing, "member": {"id": member.id}});
        let mut response = HttpResponse::Accepted();
        response.insert_header((CACHE_CONTROL, "no-store")).cookie(device);
        return Ok(response.json(waiting));
    }
    let session = Session::of(signed_in, node)?;
    let ticket = first_ticket(node, signed_in)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(device)
        .cookie(ticket_cookie(&ticket, node.is_secure()))
        .json(session))
}
