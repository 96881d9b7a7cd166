//! An account at the campaign's own sign-on that signs in a member who came by an invite: they link it, and unlink it,
//! themselves. It begins with a request of theirs, and ends where their browser comes back.

use super::flow_cookie;
use crate::assembly::Node;
use crate::clock;
use crate::http::members::own;
use crate::http::openapi::Refused;
use crate::http::problem::Problem;
use crate::http::step_up::{self, Sensitive};
use crate::sign_on::{Destination, OidcRefusal, Purpose};
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use campaign::{LinkError, OwnAccount};
use evidence::audit::{Action, Actor, Entry};
use identity::Principal;
use protocol::{DeviceId, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one's account at the sign-on is to one.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSignOn)]
struct OwnView {
    account: OwnWord,
}

/// `none`; `came`: one came in by it, and it says what one may; `linked`: one linked it, and it signs one in, no more.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSignOnAccount)]
#[serde(rename_all = "snake_case")]
enum OwnWord {
    None,
    Came,
    Linked,
}

/// Which page to come back to.
#[derive(Default, Deserialize, ToSchema)]
#[schema(as = LinkRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    /// `/console`, or `/`.
    #[serde(default, rename = "return")]
    to: Option<String>,
}

/// Where a browser goes now.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkBegun)]
struct BegunView {
    /// The sign-on.
    url: String,
}

/// Says whether an account at the campaign's own sign-on signs whoever asks in.
#[utoipa::path(
    get, path = "/v1/me/sign-on", operation_id = "read_own_sign_on", tag = "members",
    responses((status = 200, description = "What it is.", body = OwnView), Refused<404>),
    security(("bearer" = [])),
)]
pub(crate) async fn show(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let by = own(&request, &node)?;
    let account = match node.people.own_account(&by.member, clock::wall()).await? {
        OwnAccount::None => OwnWord::None,
        OwnAccount::Came => OwnWord::Came,
        OwnAccount::Linked => OwnWord::Linked,
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(OwnView { account }))
}

/// Begins to link the account that whoever asks has at the campaign's own sign-on. It takes a passkey of organisers that was
/// shown a moment ago.
///
/// The browser goes to the answer's address, and comes back to the page that was named with `?sign_on=` and a word: `linked`,
/// `taken` if it signs another member in, `has_one`, or why nobody signed on. The sign-in keeps its cookie.
#[utoipa::path(
    post, path = "/v1/me/sign-on", operation_id = "link_sign_on", tag = "members",
    request_body = LinkRequest,
    responses((status = 200, description = "Where to go.", body = BegunView), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn begin(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Json<LinkRequest>,
) -> Result<HttpResponse, Problem> {
    let by = asker(&request, &node).await?;
    let oidc = node.sign_on.oidc.as_ref().ok_or(Problem::NotFound)?;
    // Programs have no device, and are no members.
    let device = by.device.ok_or(Problem::MemberUnknown)?;
    if node.people.own_account(&by.member, clock::wall()).await? != OwnAccount::None {
        return Err(LinkError::HasOne.into());
    }
    let (to, purpose) = (Destination::of(body.to.as_deref()), Purpose::Link { member: by.member, device });
    let (url, kept) = oidc.begin(to, purpose, clock::wall()).await.map_err(|_| Problem::Unavailable)?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .cookie(flow_cookie(kept, &node))
        .json(BegunView { url: url.into() }))
}

/// Has the account that whoever asks linked sign nobody in any more. It takes a passkey of organisers that was shown a moment
/// ago.
#[utoipa::path(
    delete, path = "/v1/me/sign-on", operation_id = "unlink_sign_on", tag = "members",
    responses((status = 204, description = "It signs nobody in."), Refused<404>, Refused<409>),
    security(("bearer" = [])),
)]
pub(crate) async fn unlink(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let by = asker(&request, &node).await?;
    if node.people.unlink(&by.member, clock::wall()).await? {
        note(&node, by.member, Action::AccountUnlinked);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Links what a browser came back with. Answers the word for the page that says so.
pub(super) async fn end(
    node: &Node,
    (member, device): (&MemberId, &DeviceId),
    account: (&str, &str),
) -> Result<&'static str, OidcRefusal> {
    let is_new = node.people.link((member, device), account, clock::wall()).await?;
    if is_new {
        note(node, member.clone(), Action::AccountLinked);
    }
    Ok("linked")
}

/// Whoever asks for something by which somebody may sign in as them. What an organiser's device may do now does not matter:
/// who got hold of one without its passkey must not get further by it.
async fn asker(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    let by = own(request, node)?;
    let person = node.people.person(&by.member, clock::wall()).await?.ok_or(Problem::MemberUnknown)?;
    if node.demand.is_made_of(&person.member.roles) {
        step_up::check(node, &by, Sensitive::AccountLinked)?;
    }
    Ok(by)
}

fn note(node: &Node, member: MemberId, action: Action) {
    let about = member.as_str().to_owned();
    node.audit.note_own(Entry::new(Actor::Member(member), action).about(&about));
}

impl From<LinkError> for OidcRefusal {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Away(_) => Self::Away,
            // Signed out meanwhile: they begin again, once they are signed in.
            LinkError::Gone => Self::Expired,
            LinkError::Taken => Self::Taken,
            LinkError::HasOne | LinkError::CameByIt => Self::HasOne,
        }
    }
}
