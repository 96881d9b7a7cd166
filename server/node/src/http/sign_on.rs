//! Signing in with the campaign's own sign-on. A browser goes there and comes back; whatever happens, it ends on a page.

pub(crate) mod linking;

use crate::assembly::Node;
use crate::clock;
use crate::gate::revocations::revoke;
use crate::http::admit::cookies;
use crate::http::credentials::account_to;
use crate::http::members::MayView;
use crate::http::openapi::Refused;
use crate::http::problem::Problem;
use crate::sign_on::{Destination, Flow, Holder, Oidc, OidcRefusal, Purpose};
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use campaign::{Account, Rights, SignOnError, SignedIn, SignedOn};
use evidence::audit::{Action, Actor, Entry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the sign-on sends browsers back to.
pub(crate) const CALLBACK: &str = "/v1/oidc/callback";
/// What a browser keeps while it is away. It goes with a navigation that another site began, and with nothing else.
const FLOW_COOKIE: &str = "holdfast_sign_on";
const FLOW_PATH: &str = "/v1/oidc";

/// How people may sign in, besides invites.
#[derive(Serialize, ToSchema)]
struct SignOnView<'a> {
    /// The campaign's own sign-on, if it has one.
    #[schema(required = true)]
    oidc: Option<OidcView<'a>>,
}

/// A sign-on.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcSignOn)]
struct OidcView<'a> {
    /// What people call it.
    name: &'a str,
}

/// Which page to open afterwards.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartRequest {
    /// `/console`, or `/`.
    #[serde(default, rename = "return")]
    #[param(required = false)]
    to: Option<String>,
}

/// What the sign-on says by way of the browser (RFC 6749 §4.1.2, RFC 9207).
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Callback {
    #[serde(default)]
    #[param(required = false)]
    code: String,
    #[serde(default)]
    #[param(required = false)]
    state: String,
    /// Why there is no code.
    #[serde(default)]
    #[param(required = false)]
    error: Option<String>,
    /// The issuer, if it says so.
    #[serde(default)]
    #[param(required = false)]
    iss: Option<String>,
}

/// Says how people may sign in, besides invites.
#[utoipa::path(
    get, path = "/v1/sign-on", operation_id = "read_sign_on", tag = "coming in",
    responses((status = 200, description = "The campaign's own sign-on, if it has one.", body = SignOnView<'_>)),
)]
pub(crate) async fn show(node: web::Data<Node>) -> HttpResponse {
    let oidc = node.sign_on.oidc.as_ref().map(|oidc| OidcView { name: oidc.name() });
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(SignOnView { oidc })
}

/// Sends a browser to the campaign's own sign-on.
#[utoipa::path(
    get, path = "/v1/oidc/start", operation_id = "start_sign_on", tag = "coming in",
    params(StartRequest),
    responses(
        (status = 303, description = "To the sign-on; or to a page that says why not."),
        Refused<404>,
    ),
)]
pub(crate) async fn start(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let oidc = node.sign_on.oidc.as_ref().ok_or(Problem::NotFound)?;
    let asked = web::Query::<StartRequest>::from_query(request.query_string());
    let to = Destination::of(asked.map(web::Query::into_inner).unwrap_or_default().to.as_deref());
    Ok(match oidc.begin(to, Purpose::SignIn, clock::wall()).await {
        Ok((url, kept)) => see_other(url.as_str()).cookie(flow_cookie(kept, &node)).finish(),
        Err(refusal) => refused(refusal).finish(),
    })
}

/// Takes a browser back from the campaign's own sign-on, and signs its device in; or links the account, if that was asked for.
#[utoipa::path(
    get, path = "/v1/oidc/callback", operation_id = "finish_sign_on", tag = "coming in",
    params(Callback),
    responses(
        (status = 303, description = "To the page that was asked for, with the device's cookie and the ticket's; or to `/join?sign_on=CODE`, which says why not."),
        Refused<404>,
    ),
)]
pub(crate) async fn callback(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Problem> {
    let oidc = node.sign_on.oidc.as_ref().ok_or(Problem::NotFound)?;
    let said = web::Query::<Callback>::from_query(request.query_string());
    let said = said.map(web::Query::into_inner).unwrap_or_default();
    let kept = request.cookie(FLOW_COOKIE);
    let flow = oidc.begun(kept.as_ref().map(Cookie::value), &said.state, clock::wall());
    let mut response = match flow {
        None => refused(OidcRefusal::Expired),
        Some(flow) => match &flow.purpose {
            Purpose::SignIn => match signed_on(&request, &node, oidc, &said, &flow).await {
                Ok(signed_in) => {
                    let [device, ticket] = cookies(&node, &signed_in)?;
                    let mut response = see_other(flow.to.path());
                    response.cookie(device).cookie(ticket);
                    response
                }
                Err(refusal) => refused(refusal),
            },
            Purpose::Link { member, device } => {
                let word = match holder(oidc, &said, &flow).await {
                    Ok(holder) => {
                        linking::end(&node, (member, device), (oidc.issuer(), &holder.subject)).await
                    }
                    Err(refusal) => Err(refusal),
                };
                let word = word.unwrap_or_else(OidcRefusal::as_str);
                see_other(&format!("{}?sign_on={word}{}", flow.to.path(), flow.to.own_place()))
            }
        },
    };
    let mut over = Cookie::build(FLOW_COOKIE, "").path(FLOW_PATH).finish();
    over.make_removal();
    Ok(response.cookie(over).finish())
}

/// Who came back, as the sign-on says.
async fn holder(oidc: &Oidc, said: &Callback, flow: &Flow) -> Result<Holder, OidcRefusal> {
    if said.iss.as_ref().is_some_and(|issuer| issuer != oidc.issuer()) {
        return Err(OidcRefusal::Refused);
    }
    if let Some(error) = &said.error {
        return Err(match error.as_str() {
            "server_error" | "temporarily_unavailable" => OidcRefusal::Away,
            _ => OidcRefusal::Cancelled,
        });
    }
    oidc.complete(&said.code, flow).await
}

async fn signed_on(
    request: &HttpRequest,
    node: &Node,
    oidc: &Oidc,
    said: &Callback,
    flow: &Flow,
) -> Result<SignedIn, OidcRefusal> {
    let Holder { subject, rights } = holder(oidc, said, flow).await?;
    // Without a role it signs in whoever linked it, and nobody else.
    let rights = Rights::new(rights.roles, rights.regions, rights.teams).ok();
    let account = Account { issuer: oidc.issuer(), subject: &subject, rights: rights.as_ref() };
    let signed_on = node.people.sign_on(account, oidc.may_join(), clock::wall()).await;
    let signed_on = signed_on.map_err(|error| match error {
        SignOnError::Away => OidcRefusal::Away,
        SignOnError::NoRole => OidcRefusal::NoRole,
        SignOnError::Unknown => OidcRefusal::NoInvite,
        SignOnError::Waiting => OidcRefusal::Waiting,
    })?;
    account_to(request, &signed_on.signed_in.person.member.id);
    note(node, &signed_on);
    Ok(signed_on.signed_in)
}

/// What the audit says of it, and what no longer counts.
fn note(node: &Node, signed_on: &SignedOn) {
    revoke(node, &signed_on.revoking);
    let member = &signed_on.signed_in.person.member;
    let who = Actor::Member(member.id.clone());
    node.audit.note_own(Entry::new(who, Action::DeviceAdded).about(signed_on.signed_in.device.as_str()));
    let entry = Entry::system(Action::MemberEdited).about(member.id.as_str()).after(&MayView::of(member));
    match &signed_on.before {
        Some(before) => node.audit.note(entry.before(&MayView::of(before))),
        None if signed_on.is_new => node.audit.note(entry),
        None => {}
    }
}

fn flow_cookie(kept: String, node: &Node) -> Cookie<'static> {
    Cookie::build(FLOW_COOKIE, kept)
        .path(FLOW_PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(node.is_secure())
        .max_age(time::Duration::minutes(10))
        .finish()
}

/// To the page that says why not.
fn refused(refusal: OidcRefusal) -> HttpResponseBuilder {
    see_other(&format!("/join?sign_on={}", refusal.as_str()))
}

/// Elsewhere; nobody learns from where.
fn see_other(address: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((LOCATION, address));
    response
}
