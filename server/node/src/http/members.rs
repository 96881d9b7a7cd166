//! Members and their devices: admins see and change them all; everybody sees themselves, and their own devices.

pub(crate) mod leaving;
mod views;

use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::credentials::{Credential, admin, bearer, check_origin};
use crate::http::openapi::Refused;
use crate::http::openapi::headers::IfMatchHeader;
use crate::http::openapi::words::{DeviceIdText, MemberIdText};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::members::{Edit, Filter};
use campaign::{Page, Person, Rights, personal};
use evidence::audit::{Action, Actor, Entry};
use identity::Principal;
use protocol::{DeviceId, MemberId, Role};
use serde::Serialize;
use storage::records::device::Device;
use storage::records::member::{Member, Standing};
use views::{DeviceView, Devices, EditRequest, List, ListRequest, MemberView, OwnRequest};

/// What the audit says of a member: what they may, and not what they are called.
#[derive(Serialize)]
pub(crate) struct MayView<'a> {
    standing: Standing,
    roles: &'a [Role],
    regions: &'a [String],
    teams: &'a [String],
    revision: u64,
}

impl<'a> MayView<'a> {
    pub(crate) fn of(member: &'a Member) -> Self {
        let Member { standing, roles, regions, teams, revision, .. } = member;
        Self { standing: *standing, roles, regions, teams, revision: *revision }
    }
}

/// A page of members, in the order of their ids. Admins only.
///
/// Of more than 500 different members within an hour a device is told after a passkey of the last five minutes.
#[utoipa::path(
    get, path = "/v1/members", operation_id = "list_members", tag = "members",
    params(ListRequest),
    responses((status = 200, description = "A page. It may have fewer entries than asked for, though there are further pages.", body = List)),
    security(("bearer" = [])),
)]
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    let ListRequest { role, region, team, standing, limit, after } = query(&request)?;
    let (after, size) = PageRequest { limit, after }.read()?;
    let filter = Filter { role, region, team, standing };
    let Page { items, next } = node.people.members(&filter, after.as_ref(), size, clock::wall()).await?;
    step_up::check_told(&node, &by, items.iter().map(|person| &person.member.id)).await?;
    let members = items.into_iter().map(MemberView::from).collect();
    let list = List { members, next: next.map(|cursor| cursor.as_text()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// A member. Admins only. They count as those of a page do.
#[utoipa::path(
    get, path = "/v1/members/{id}", operation_id = "read_member", tag = "members",
    params(("id" = MemberIdText, Path)),
    responses((status = 200, description = "The member.", body = MemberView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    let person = person(&node, &read_id(&id)?).await?;
    step_up::check_told(&node, &by, std::iter::once(&person.member.id)).await?;
    Ok(shown(person))
}

/// Changes a member. Admins only.
///
/// What they may do from now on holds within seconds everywhere, also where they are connected.
#[utoipa::path(
    patch, path = "/v1/members/{id}", operation_id = "edit_member", tag = "members",
    params(("id" = MemberIdText, Path), IfMatchHeader),
    request_body = EditRequest,
    responses((status = 200, description = "The member.", body = MemberView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>, Refused<409>, Refused<412>, Refused<428>),
    security(("bearer" = [])),
)]
pub(crate) async fn edit(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Json<EditRequest>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    let id = read_id(&id)?;
    let revision = revision(&request)?;
    let asked = body.into_inner();
    let approves = match asked.standing {
        None => false,
        Some(Standing::Active) => true,
        Some(Standing::Invited | Standing::Left | Standing::Waiting) => {
            return Err(Problem::BadRequest("standing can only become active"));
        }
    };
    let before = person(&node, &id).await?.member;
    let of_admin = asked.roles.as_ref().is_some_and(|roles| roles.contains(&Role::Admin))
        || before.roles.contains(&Role::Admin);
    if of_admin && (approves || asked.roles.is_some() || asked.regions.is_some() || asked.teams.is_some()) {
        step_up::check(&node, &by, Sensitive::AdminMade)?;
    }
    let rights = if asked.roles.is_some() || asked.regions.is_some() || asked.teams.is_some() {
        let now = before.clone();
        // Decided on what is read here, so it must not have changed when it is written.
        if revision.is_none_or(|revision| revision != now.revision) && !names_all(&asked) {
            return Err(if revision.is_none() { Problem::PreconditionRequired } else { Problem::Stale });
        }
        Some(Rights::new(
            asked.roles.unwrap_or(now.roles),
            asked.regions.unwrap_or(now.regions),
            asked.teams.unwrap_or(now.teams),
        )?)
    } else {
        None
    };
    let edit = Edit { name: asked.name.as_deref().map(personal::name).transpose()?, rights, approves };
    let person = change(&node, &id, revision, &edit, &by).await?;
    let entry = Entry::new(Actor::Member(by.member), Action::MemberEdited).about(id.as_str());
    node.audit.note(entry.before(&MayView::of(&before)).after(&MayView::of(&person.member)));
    Ok(shown(person))
}

const fn names_all(asked: &EditRequest) -> bool {
    asked.roles.is_some() && asked.regions.is_some() && asked.teams.is_some()
}

/// Erases a member, with all that is known of the person. Admins only.
#[utoipa::path(
    delete, path = "/v1/members/{id}", operation_id = "erase_member", tag = "members",
    params(("id" = MemberIdText, Path)),
    responses((status = 204, description = "They are gone."), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn erase(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    let id = read_id(&id)?;
    if id == by.member {
        return Err(Problem::OwnRights);
    }
    let revoking = node.people.erase(&id, clock::wall()).await?;
    if revoking.is_empty() {
        return Err(Problem::MemberUnknown);
    }
    revoke(&node, &revoking);
    node.audit.note(Entry::new(Actor::Member(by.member), Action::MemberErased).about(id.as_str()));
    Ok(HttpResponse::NoContent().finish())
}

/// Whoever asks.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "read_me", tag = "members",
    responses((status = 200, description = "The member.", body = MemberView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn me(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    Ok(shown(person(&node, &principal.member).await?))
}

/// Changes what whoever asks wants to be called.
#[utoipa::path(
    patch, path = "/v1/me", operation_id = "edit_me", tag = "members",
    params(IfMatchHeader),
    request_body = OwnRequest,
    responses((status = 200, description = "The member.", body = MemberView, headers(("ETag" = String, description = "For `If-Match`."))), Refused<404>, Refused<412>),
    security(("bearer" = [])),
)]
pub(crate) async fn edit_me(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<OwnRequest>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    let edit = Edit { name: Some(personal::name(&body.name)?), ..Edit::default() };
    // What they are called is their own, and in no audit.
    change(&node, &principal.member, revision(&request)?, &edit, &principal).await.map(shown)
}

/// A member's devices. Admins only.
#[utoipa::path(
    get, path = "/v1/members/{id}/devices", operation_id = "list_devices", tag = "members",
    params(("id" = MemberIdText, Path)),
    responses((status = 200, description = "All of them.", body = Devices), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn devices(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    list_devices(&node, &read_id(&id)?, &by).await
}

/// The devices of whoever asks.
#[utoipa::path(
    get, path = "/v1/me/devices", operation_id = "list_own_devices", tag = "members",
    responses((status = 200, description = "All of them.", body = Devices), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn own_devices(
    request: HttpRequest,
    node: web::Data<Node>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    list_devices(&node, &principal.member, &principal).await
}

/// Signs a member out everywhere. Admins only.
#[utoipa::path(
    delete, path = "/v1/members/{id}/devices", operation_id = "sign_out_member", tag = "members",
    params(("id" = MemberIdText, Path)),
    responses((status = 204, description = "They are signed in nowhere."), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn sign_out_all(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    sign_out(&node, &read_id(&id)?, None, &by).await
}

/// Signs one device of a member out. Admins only.
#[utoipa::path(
    delete, path = "/v1/members/{id}/devices/{device}", operation_id = "sign_out_device", tag = "members",
    params(("id" = MemberIdText, Path), ("device" = DeviceIdText, Path)),
    responses((status = 204, description = "It is signed out."), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn sign_out_one(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    sign_out(&node, &read_id(&path.0)?, Some(&path.1), &by).await
}

/// Signs all devices of whoever asks out, this one too.
#[utoipa::path(
    delete, path = "/v1/me/devices", operation_id = "sign_out_everywhere", tag = "members",
    responses((status = 204, description = "They are signed in nowhere.")),
    security(("bearer" = [])),
)]
pub(crate) async fn sign_out_all_own(
    request: HttpRequest,
    node: web::Data<Node>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    sign_out(&node, &principal.member, None, &principal).await
}

/// Signs one device of whoever asks out.
#[utoipa::path(
    delete, path = "/v1/me/devices/{device}", operation_id = "sign_out_own_device", tag = "members",
    params(("device" = DeviceIdText, Path)),
    responses((status = 204, description = "It is signed out."), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn sign_out_one_own(
    request: HttpRequest,
    node: web::Data<Node>,
    device: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    sign_out(&node, &principal.member, Some(&device), &principal).await
}

/// Whoever asks, about themselves.
pub(crate) fn own(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    bearer(request, node)
}

pub(crate) fn read_id(text: &str) -> Result<MemberId, Problem> {
    MemberId::parse(text).map_err(|_| Problem::MemberUnknown)
}

/// The revision that a change is made to (RFC 9110 §13.1.1); nothing, if any will do.
pub(crate) fn revision(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    let Some(value) = request.headers().get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match number.and_then(|number| number.parse().ok()) {
        Some(revision) => Ok(Some(revision)),
        None => Err(Problem::BadRequest("If-Match has the ETag of an answer")),
    }
}

async fn person(node: &Node, id: &MemberId) -> Result<Person, Problem> {
    node.people.person(id, clock::wall()).await?.ok_or(Problem::MemberUnknown)
}

fn shown(person: Person) -> HttpResponse {
    let tag = format!("\"{}\"", person.member.revision);
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ETAG, tag))
        .json(MemberView::from(person))
}

async fn change(
    node: &Node,
    id: &MemberId,
    revision: Option<u64>,
    edit: &Edit,
    by: &Principal,
) -> Result<Person, Problem> {
    let (person, revoking) = node.people.edit(id, revision, edit, &by.member, clock::wall()).await?;
    revoke(node, revoking.as_slice());
    Ok(person)
}

async fn list_devices(node: &Node, id: &MemberId, by: &Principal) -> Result<HttpResponse, Problem> {
    let member = person(node, id).await?.member;
    let devices = node.people.devices(&member, clock::wall()).await?;
    let view = |(id, device): (DeviceId, Device)| DeviceView {
        this: by.device.as_ref() == Some(&id),
        id,
        since_ms: device.since,
        seen_ms: device.shown_since,
        stolen: device.is_stolen,
    };
    let devices = Devices { devices: devices.into_iter().map(view).collect() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(devices))
}

/// Signs out one device of a member, or all.
async fn sign_out(
    node: &Node,
    member: &MemberId,
    device: Option<&str>,
    by: &Principal,
) -> Result<HttpResponse, Problem> {
    let is_meant = |id: &DeviceId| device.is_none_or(|device| device == id.as_str());
    let revoking = node.people.sign_out_of(member, is_meant, clock::wall()).await?;
    if revoking.is_empty() && device.is_some() {
        return Err(Problem::NotFound);
    }
    revoke(node, &revoking);
    if !revoking.is_empty() {
        note_signed_out(node, member, device, by);
    }
    Ok(HttpResponse::NoContent().finish())
}

fn note_signed_out(node: &Node, member: &MemberId, device: Option<&str>, by: &Principal) {
    let who = Actor::Member(by.member.clone());
    let entry = match device {
        None => Entry::new(who, Action::MemberSignedOut).about(member.as_str()),
        Some(device) => {
            let of = serde_json::json!({ "member": member });
            Entry::new(who, Action::DeviceSignedOut).about(device).before(&of)
        }
    };
    if by.member == *member { node.audit.note_own(entry) } else { node.audit.note(entry) }
}
