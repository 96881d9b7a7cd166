//! Invites: admins make, list and withdraw them; anyone who holds one comes in by it, once, by POST. No GET ever
//! uses an invite, because mail scanners and previews fetch links.

use crate::assembly::Node;
use crate::clock;
use crate::http::admit::cookies;
use crate::http::credentials::{Credential, account_to, admin, check_origin, device_cookie};
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IdempotencyKeyHeader;
use crate::http::openapi::words::{
    CursorText, InviteIdText, LabelText, MemberIdText, Milliseconds, RoleWord, StandingWord,
};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use crate::http::sessions::Session;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::invites::InviteTerms;
use campaign::page::PAGE_MAX;
use campaign::{Attempt, Page, Rights, SignedIn};
use evidence::audit::{Action, Actor, Entry};
use identity::Secret;
use protocol::{MemberId, Role};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::records::invite::Invite;
use storage::records::member::Standing;
use utoipa::ToSchema;

/// What an invite is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InviteTerms)]
pub(crate) struct CreateRequest {
    #[schema(value_type = Vec<RoleWord>, min_items = 1, max_items = 32)]
    roles: Vec<Role>,
    #[serde(default)]
    #[schema(value_type = Vec<LabelText>, max_items = 32)]
    regions: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Vec<LabelText>, max_items = 32)]
    teams: Vec<String>,
    #[schema(minimum = 1, maximum = 100_000)]
    max_uses: u32,
    #[schema(minimum = 1, maximum = 7_776_000)]
    expires_in_s: u64,
    /// Whether an admin has to agree before somebody who comes in by it may do anything.
    #[serde(default)]
    needs_approval: bool,
}

/// What a link carries, and the client's own word for this try.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InviteRedemption)]
pub(crate) struct RedeemRequest {
    /// What stands behind `#` in the link.
    token: String,
    /// Random ASCII characters; the same again is the same try.
    #[schema(min_length = 16, max_length = 64)]
    attempt: String,
}

/// An invite, without its link.
#[derive(Serialize, ToSchema)]
#[schema(as = Invite)]
struct Listed {
    #[schema(value_type = InviteIdText)]
    id: String,
    #[schema(value_type = Vec<RoleWord>)]
    roles: Vec<Role>,
    #[schema(value_type = Vec<LabelText>)]
    regions: Vec<String>,
    #[schema(value_type = Vec<LabelText>)]
    teams: Vec<String>,
    max_uses: u32,
    uses: u32,
    #[schema(value_type = Milliseconds)]
    expires_at_ms: u64,
    revoked: bool,
    needs_approval: bool,
}

/// A new invite. Its link is said this once.
#[derive(Serialize, ToSchema)]
#[schema(as = InviteCreated)]
struct Created {
    #[schema(value_type = InviteIdText)]
    id: String,
    link: String,
    max_uses: u32,
    #[schema(value_type = Milliseconds)]
    expires_at_ms: u64,
}

/// A page of invites.
#[derive(Serialize, ToSchema)]
#[schema(as = InviteList)]
struct List {
    invites: Vec<Listed>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CursorText, required = false)]
    next: Option<String>,
}

/// Somebody who has come, and may nothing yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Awaiting<'a> {
    #[schema(value_type = StandingWord)]
    standing: Standing,
    member: AwaitingMember<'a>,
}

#[derive(Serialize, ToSchema)]
struct AwaitingMember<'a> {
    #[schema(value_type = MemberIdText)]
    id: &'a MemberId,
}

/// Makes an invite. Admins only.
#[utoipa::path(
    post, path = "/v1/invites", operation_id = "create_invite", tag = "invites",
    params(IdempotencyKeyHeader),
    request_body = CreateRequest,
    responses((status = 201, description = "The invite.", body = Created), Refused<409>, Refused<422>),
    security(("bearer" = [])),
)]
pub(crate) async fn create(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<CreateRequest>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    if body.roles.contains(&Role::Admin) {
        step_up::check(&node, &by, Sensitive::AdminMade)?;
    }
    let terms = terms(body.into_inner())?;
    let root = node.trust.fingerprint(clock::wall()).await?;
    let (secret, invite) = node.people.invite(terms, &by.member, clock::wall()).await?;
    let id = secret.hash();
    let entry = Entry::new(Actor::Member(by.member), Action::InviteCreated).about(id.as_str());
    node.audit.note(entry.after(&listed(id.as_str().to_owned(), invite.clone())));
    let created = Created {
        id: id.as_str().to_owned(),
        link: node.join_link(&secret, root.as_ref()),
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

/// A page of invites, the newest of it first. Admins only.
#[utoipa::path(
    get, path = "/v1/invites", operation_id = "list_invites", tag = "invites",
    params(PageRequest),
    responses((status = 200, description = "A page.", body = List)),
    security(("bearer" = [])),
)]
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

/// Takes an invite back. Admins only.
#[utoipa::path(
    delete, path = "/v1/invites/{id}", operation_id = "revoke_invite", tag = "invites",
    params(("id" = InviteIdText, Path)),
    responses((status = 204, description = "Nobody comes in by it any more."), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn revoke(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    if node.people.revoke_invite(&id, clock::wall()).await? {
        node.audit.note(Entry::new(Actor::Member(by.member), Action::InviteRevoked).about(&id));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Problem::InviteUnknown)
    }
}

/// Comes in by an invite.
///
/// The answer sets the device's cookie and the ticket's. The same attempt again answers the same member and device.
#[utoipa::path(
    post, path = "/v1/invites/redeem", operation_id = "redeem_invite", tag = "coming in",
    request_body = RedeemRequest,
    responses(
        (status = 200, description = "Who came in.", body = Session),
        (status = 202, description = "An admin has yet to agree.", body = Awaiting<'_>),
        Refused<403>, Refused<404>, Refused<410>,
    ),
)]
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
    if member.standing == Standing::Waiting {
        let waiting = Awaiting { standing: member.standing, member: AwaitingMember { id: &member.id } };
        let mut response = HttpResponse::Accepted();
        response.insert_header((CACHE_CONTROL, "no-store")).cookie(device_cookie(&signed_in.secret, node)?);
        return Ok(response.json(waiting));
    }
    let session = Session::of(signed_in, node)?;
    let [device, ticket] = cookies(node, signed_in)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(device)
        .cookie(ticket)
        .json(session))
}
