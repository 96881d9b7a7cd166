//! Who makes a request: the device's cookie, or a bearer token; and from where.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::{Caller, Shows, TICKET_COOKIE};
use crate::http::problem::Problem;
use crate::listener::wire::Wire;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap, ORIGIN};
use actix_web::{HttpMessage, HttpRequest};
use admission::Prefix;
use identity::{DeviceSecret, OriginVerdict, Principal, Tickets};
use protocol::{MemberId, Role};
use session::Refusal;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

/// The cookie that holds a device's secret: for our own pages only, never for scripts.
pub(crate) const DEVICE_COOKIE: &str = "holdfast_device";
/// Where accounts are limited: operators have their own listener.
const LIMITED: &str = "/v1/";
/// The cookie goes only to the requests that need it.
const COOKIE_PATH: &str = "/v1";

/// What a request's right rests on. A browser adds a cookie to any request, a bearer token to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    Bearer,
    Cookie,
}

/// Refuses a browser that comes from a page of somebody else. Browsers send no `Origin` with a GET of their own
/// page's origin, so its absence counts against cookies alone.
pub(crate) fn check_origin(
    request: &HttpRequest,
    node: &Node,
    credential: Credential,
) -> Result<(), Problem> {
    check_origin_in(request.headers(), node, credential)
}

/// The same, of a request that has not come to the application.
pub(crate) fn check_origin_in(
    headers: &HeaderMap,
    node: &Node,
    credential: Credential,
) -> Result<(), Problem> {
    let origin = match headers.get(ORIGIN) {
        None => None,
        Some(value) => Some(value.to_str().map_err(|_| Problem::ForeignOrigin)?),
    };
    let by_cookie = match credential {
        Credential::Bearer => false,
        Credential::Cookie => {
            let cookies = headers.get_all(COOKIE).filter_map(|header| header.to_str().ok());
            let mut pairs =
                cookies.flat_map(|header| header.split(';')).filter_map(|pair| pair.split_once('='));
            pairs.any(|(name, _)| [DEVICE_COOKIE, TICKET_COOKIE].contains(&name.trim()))
        }
    };
    match node.origins.judge(origin, by_cookie) {
        OriginVerdict::Allowed => Ok(()),
        OriginVerdict::Refused => Err(Problem::ForeignOrigin),
    }
}

/// The device's secret, if one of ours is shown. Whether the device is signed in is not looked up.
pub(crate) fn device(request: &HttpRequest, node: &Node) -> Option<DeviceSecret> {
    node.people.read_secret(request.cookie(DEVICE_COOKIE)?.value())
}

/// What a request shows for who makes it, unchecked.
pub(crate) fn shows(request: &HttpRequest) -> Shows<'_> {
    shows_in(request.headers())
}

/// The same, of a request that has not come to the application.
pub(crate) fn shows_in(headers: &HeaderMap) -> Shows<'_> {
    let mut shows = Shows::default();
    for header in headers.get_all(COOKIE) {
        shows.cookie(header.as_bytes());
    }
    if let Some(header) = headers.get(AUTHORIZATION) {
        shows.authorization(header.as_bytes());
    }
    shows
}

/// Where a request comes from.
pub(crate) fn prefix(request: &HttpRequest) -> Prefix {
    match request.conn_data::<Rc<Wire>>() {
        Some(wire) => wire.prefix(),
        None => Prefix::of(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    }
}

/// A request that was counted as one of its account's.
struct Counted;

/// Who shows a valid access token in `Authorization` (RFC 6750 §2.1), or a ticket that still lets its holder post; unless
/// they ask too fast. It is found out, and counted, once for each request.
pub(crate) fn bearer(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    let principal = verified(request, node)?;
    account_to(request, &principal.member);
    let is_counted = request.extensions().contains::<Counted>();
    if !is_counted && request.path().starts_with(LIMITED) {
        node.account_limits.ask(&principal, request.method(), &node.metrics, clock::now().instant)?;
        request.extensions_mut().insert(Counted);
    }
    Ok(principal)
}

/// Who shows it, however fast they ask.
fn verified(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    if let Some(known) = request.extensions().get::<Principal>() {
        return Ok(known.clone());
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    let token = token.ok_or(Problem::Unauthorized)?;
    let now = clock::wall();
    let principal = if Tickets::is_ticket_shaped(token) {
        match node.gate.caller(Some(token), now) {
            Caller::Member(principal) if principal.posts_until > now => *principal,
            Caller::Member(_) | Caller::Former | Caller::Unknown => return Err(Problem::Unauthorized),
        }
    } else {
        node.gate.holder(token, now).map_err(|refusal| match refusal {
            Refusal::Later => Problem::Unavailable,
            Refusal::Token(_) => Problem::Unauthorized,
        })?
    };
    let principal = node.gate.counted(principal).map_err(|_| Problem::Unauthorized)?;
    request.extensions_mut().insert(principal.clone());
    Ok(principal)
}

/// What leaves on the connection from now on is accounted to a member.
pub(crate) fn account_to(request: &HttpRequest, member: &MemberId) {
    if let Some(wire) = request.conn_data::<Rc<Wire>>() {
        wire.identify(member);
    }
}

/// An admin, or nobody.
pub(crate) fn admin(request: &HttpRequest, node: &Node) -> Result<Principal, Problem> {
    check_origin(request, node, Credential::Bearer)?;
    let principal = bearer(request, node)?;
    if principal.has(Role::Admin) { Ok(principal) } else { Err(Problem::Forbidden) }
}

/// Whether a request is an admin's. It does not count yet as one of theirs.
pub(crate) fn is_admin(request: &HttpRequest, node: &Node) -> bool {
    let may = check_origin(request, node, Credential::Bearer);
    may.and_then(|()| verified(request, node)).is_ok_and(|principal| principal.has(Role::Admin))
}

/// The cookie with the secret that a device shows next.
pub(crate) fn device_cookie(secret: &DeviceSecret, node: &Node) -> Result<Cookie<'static>, Problem> {
    let cookie = Cookie::build(DEVICE_COOKIE, node.people.reveal(secret)?)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(node.is_secure())
        .max_age(time::Duration::days(400))
        .finish();
    Ok(cookie)
}

/// The cookie that holds a ticket. It is kept for longer than the ticket is good for: also when it is over, it says that
/// this was a member's device.
pub(crate) fn ticket_cookie(ticket: &str, is_secure: bool) -> Cookie<'static> {
    Cookie::build(TICKET_COOKIE, ticket.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_secure)
        .max_age(time::Duration::days(400))
        .finish()
}

/// The cookies that take the device's and the ticket's away.
pub(crate) fn no_cookies() -> [Cookie<'static>; 2] {
    [(DEVICE_COOKIE, COOKIE_PATH), (TICKET_COOKIE, "/")].map(|(name, path)| {
        let mut cookie = Cookie::build(name, "").path(path).finish();
        cookie.make_removal();
        cookie
    })
}
