//! Members and their devices: admins see and change them all; everybody sees themselves, and their own devices.

use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::credentials::{Credential, admin, bearer, check_origin};
use crate::http::paging::{PageRequest, query};
use crate::http::problem::Problem;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::members::{Edit, Filter};
use campaign::{Page, Person, Rights, personal};
use identity::Principal;
use protocol::{DeviceId, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use storage::records::device::Device;
use storage::records::member::Standing;

/// Which members, and which page of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRequest {
    role: Option<Role>,
    region: Option<String>,
    team: Option<String>,
    standing: Option<Standing>,
    limit: Option<usize>,
    after: Option<String>,
}

/// What is to change; what is not named stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditRequest {
    /// An empty one takes the name away.
    name: Option<String>,
    roles: Option<Vec<Role>>,
    regions: Option<Vec<String>>,
    teams: Option<Vec<String>>,
    /// `active`, for somebody who waits for it.
    standing: Option<Standing>,
}

/// What members may change of themselves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnRequest {
    /// An empty one takes the name away.
    name: String,
}

#[derive(Serialize)]
struct MemberView {
    id: MemberId,
    name: Option<String>,
    standing: Standing,
    roles: Vec<Role>,
    regions: Vec<String>,
    teams: Vec<String>,
    joined_at_ms: Timestamp,
    devices: usize,
    revision: u64,
}

#[derive(Serialize)]
struct List {
    members: Vec<MemberView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct DeviceView {
    id: DeviceId,
    since_ms: Timestamp,
    /// When it last showed a new secret.
    seen_ms: Timestamp,
    /// Whether it was signed out because somebody else had a secret of it.
    stolen: bool,
    /// Whether it is the one that asks.
    this: bool,
}

#[derive(Serialize)]
struct Devices {
    devices: Vec<DeviceView>,
}

impl From<Person> for MemberView {
    fn from(Person { member, personal }: Person) -> Self {
        Self {
            id: member.id,
            name: personal.name,
            standing: member.standing,
            roles: member.roles,
            regions: member.regions,
            teams: member.teams,
            joined_at_ms: member.joined_at,
            devices: member.devices.len(),
            revision: member.revision,
        }
    }
}

/// `GET /v1/members`.
pub(crate) async fn list(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    let ListRequest { role, region, team, standing, limit, after } = query(&request)?;
    let (after, size) = PageRequest { limit, after }.read()?;
    let filter = Filter { role, region, team, standing };
    let Page { items, next } = node.people.members(&filter, after.as_ref(), size, clock::wall()).await?;
    let members = items.into_iter().map(MemberView::from).collect();
    let list = List { members, next: next.map(|cursor| cursor.as_text()) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(list))
}

/// `GET /v1/members/{id}`.
pub(crate) async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    Ok(shown(person(&node, &read_id(&id)?).await?))
}

/// `PATCH /v1/members/{id}`.
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
        Some(Standing::Invited | Standing::Waiting) => {
            return Err(Problem::BadRequest("standing can only become active"));
        }
    };
    let rights = if asked.roles.is_some() || asked.regions.is_some() || asked.teams.is_some() {
        let now = person(&node, &id).await?.member;
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
    change(&node, &id, revision, &edit, &by).await
}

const fn names_all(asked: &EditRequest) -> bool {
    asked.roles.is_some() && asked.regions.is_some() && asked.teams.is_some()
}

/// `DELETE /v1/members/{id}`: erases them.
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
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /v1/me`.
pub(crate) async fn me(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    Ok(shown(person(&node, &principal.member).await?))
}

/// `PATCH /v1/me`.
pub(crate) async fn edit_me(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<OwnRequest>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    let edit = Edit { name: Some(personal::name(&body.name)?), ..Edit::default() };
    change(&node, &principal.member, revision(&request)?, &edit, &principal).await
}

/// `GET /v1/members/{id}/devices`.
pub(crate) async fn devices(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = admin(&request, &node)?;
    list_devices(&node, &read_id(&id)?, &by).await
}

/// `GET /v1/me/devices`.
pub(crate) async fn own_devices(
    request: HttpRequest,
    node: web::Data<Node>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    list_devices(&node, &principal.member, &principal).await
}

/// `DELETE /v1/members/{id}/devices`: all of them.
pub(crate) async fn sign_out_all(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    sign_out(&node, &read_id(&id)?, None).await
}

/// `DELETE /v1/members/{id}/devices/{device}`.
pub(crate) async fn sign_out_one(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    admin(&request, &node)?;
    sign_out(&node, &read_id(&path.0)?, Some(&path.1)).await
}

/// `DELETE /v1/me/devices`: all of them, this one too.
pub(crate) async fn sign_out_all_own(
    request: HttpRequest,
    node: web::Data<Node>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    sign_out(&node, &principal.member, None).await
}

/// `DELETE /v1/me/devices/{device}`.
pub(crate) async fn sign_out_one_own(
    request: HttpRequest,
    node: web::Data<Node>,
    device: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let principal = own(&request, &node)?;
    sign_out(&node, &principal.member, Some(&device)).await
}

fn own(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    bearer(request, node)
}

fn read_id(text: &str) -> Result<MemberId, Problem> {
    MemberId::parse(text).map_err(|_| Problem::MemberUnknown)
}

/// The revision that a change is made to (RFC 9110 §13.1.1); nothing, if any will do.
fn revision(request: &HttpRequest) -> Result<Option<u64>, Problem> {
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
) -> Result<HttpResponse, Problem> {
    let (person, revoking) = node.people.edit(id, revision, edit, &by.member, clock::wall()).await?;
    revoke(node, revoking.as_slice());
    Ok(shown(person))
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
async fn sign_out(node: &Node, member: &MemberId, device: Option<&str>) -> Result<HttpResponse, Problem> {
    let is_meant = |id: &DeviceId| device.is_none_or(|device| device == id.as_str());
    let revoking = node.people.sign_out_of(member, is_meant, clock::wall()).await?;
    if revoking.is_empty() && device.is_some() {
        return Err(Problem::NotFound);
    }
    revoke(node, &revoking);
    Ok(HttpResponse::NoContent().finish())
}
