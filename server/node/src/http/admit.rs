//! `POST /v1/admit`: admission is plain HTTP first. It answers a ticket, or 503 with when to come back and a place.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::Caller;
use crate::http::credentials::{
    Credential, account_to, check_origin, device, device_cookie, prefix, shows, ticket_cookie,
};
use crate::http::openapi::words::Milliseconds;
use crate::http::problem::Problem;
use crate::http::sessions::{ChannelView, MemberView, claims_of, sign_in, views};
use crate::http::waiting::Answer;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use admission::Criticality;
use admission::waiting_room::Turn;
use campaign::SignedIn;
use identity::{DeviceSecret, Principal};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use session::Refusal;
use std::time::Duration;
use utoipa::ToSchema;

protocol::limits! {
    /// How long a ticket lets its holder receive; until then they come back without being asked who they are. One that was
    /// made for a token without a device ends with that.
    pub(crate) const TICKET_TTL: Duration = Duration::from_hours(24) => unseen;
    /// Looks into the store for devices that may be under way at once; further ones are asked to come back.
    pub(crate) const DEVICE_LOOKUPS_MAX: usize = 64 => counted;
}

/// What a program may say; nothing at all will do.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdmitRequest)]
struct Asked<'a> {
    /// The place of the last answer; a browser shows it as a cookie.
    place: Option<&'a str>,
}

/// What somebody who is let in learns.
#[derive(Debug, Serialize, ToSchema)]
struct Admitted {
    /// For `Authorization: Bearer`, and for `connect` at the socket.
    ticket: String,
    /// How long the ticket lets them receive.
    expires_in_s: u64,
    /// When to ask again, so that they may post without a pause.
    renew_in_s: u64,
    member: MemberView,
    channels: Vec<ChannelView>,
    /// Since when they might have come in, if they waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    eligible_since_ms: Option<Timestamp>,
}

/// Somebody who is known, and how.
struct Known {
    principal: Principal,
    name: Option<String>,
    /// What their device shows next, if it was looked up.
    secret: Option<DeviceSecret>,
}

/// Asks to be let in: a ticket, or a place among those who wait.
///
/// Who shows a ticket gets a new one; who shows an access token or a device's cookie gets one if it is their turn. The
/// answer sets the ticket's cookie, and a place's while somebody waits.
#[utoipa::path(
    post, path = "/v1/admit", operation_id = "ask_admission", tag = "coming in",
    request_body(content = Option<Asked<'_>>, description = "Nothing, or the place of the last answer."),
    responses((status = 200, description = "Who is let in, and what they may read.", body = Admitted)),
    security((), ("bearer" = []), ("device" = []), ("ticket" = [])),
)]
pub(crate) async fn admit(
    request: HttpRequest,
    node: Data<Node>,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    check_origin(&request, &node, Credential::Cookie)?;
    let asked = read(&body)?;
    let now = clock::wall();
    let caller = node.gate.caller(shows(&request).ticket, now);
    if let Caller::Member(principal) = caller {
        return returning(&request, &node, *principal, now).await;
    }
    let visitor = Visitor::of(&request, &node, &caller)?;
    let shown = asked.place.or(shows(&request).place);
    let place = shown.and_then(|token| node.gate.place(token, &visitor.subjects(), now));
    let waits = |answer: Answer| Ok(answer.response(false, node.is_secure()));
    if matches!(visitor.shows, Showing::Unseen) {
        return waits(Answer::unseen(&node.gate, visitor.subject, place, now));
    }
    match node.gate.ask(visitor.class, visitor.subject, place, now) {
        Turn::Wait(wait) => waits(Answer::told(&node.gate, visitor.subject, place, wait, now)),
        Turn::In { eligible_since } => {
            let known = visitor.known(&node, now).await?;
            account_to(&request, &known.principal.member);
            admitted(&node, known, eligible_since, now)
        }
    }
}

fn read(body: &[u8]) -> Result<Asked<'_>, Problem> {
    if body.is_empty() {
        return Ok(Asked::default());
    }
    serde_json::from_slice(body).map_err(|_| Problem::BadRequest("the body is nothing, or JSON with a place"))
}

/// The place that a body shows, if it is one of ours.
pub(crate) fn place_in(body: &[u8]) -> Option<&str> {
    read(body).ok()?.place
}

/// Somebody with a ticket is let in by it alone. What it allows is renewed if their device can be looked up now; a store
/// that is away costs them nothing but the right to post.
async fn returning(
    request: &HttpRequest,
    node: &Node,
    principal: Principal,
    now: Timestamp,
) -> Result<HttpResponse, Problem> {
    account_to(request, &principal.member);
    let device = device(request, node).filter(|shown| principal.device.as_ref() == Some(&shown.device));
    if let Some(device) = device
        && now.until(principal.posts_until) < node.access_ttl / 2
    {
        match lookup(node, device, now).await {
            Ok(known) => return admitted(node, known, None, now),
            Err(Problem::Unavailable) => {}
            Err(refused) => return Err(refused),
        }
    }
    admitted(node, Known { principal, name: None, secret: None }, None, now)
}

/// Somebody without a ticket.
struct Visitor {
    class: Criticality,
    /// What stands for them, and for where they come from.
    subject: u64,
    from: u64,
    shows: Showing,
}

enum Showing {
    Device(DeviceSecret),
    Nothing,
    Token(Box<Principal>),
    /// A token that nobody had time to look at.
    Unseen,
}

impl Visitor {
    fn of(request: &HttpRequest, node: &Node, caller: &Caller) -> Result<Self, Problem> {
        let from = node.gate.subject_of(prefix(request));
        if let Some(token) = shows(request).token {
            return match node.gate.check(token, clock::now()) {
                Ok(principal) => {
                    let (class, subject) = node.gate.member(&principal);
                    Ok(Self { class, subject, from, shows: Showing::Token(Box::new(principal)) })
                }
                // They may be somebody; that is found out when there is time for it.
                Err(Refusal::Later) => {
                    Ok(Self { class: Criticality::Stranger, subject: from, from, shows: Showing::Unseen })
                }
                Err(Refusal::Token(_)) => Err(Problem::Unauthorized),
            };
        }
        // Anybody can make up a device's secret; a ticket, also one that is over, only we can make.
        let class = match caller {
            Caller::Former => Criticality::Member,
            Caller::Member(_) | Caller::Unknown => Criticality::Newcomer,
        };
        Ok(match device(request, node) {
            Some(device) => {
                let subject = node.gate.subject_of_device(&device.device);
                Self { class, subject, from, shows: Showing::Device(device) }
            }
            None => Self { class: Criticality::Stranger, subject: from, from, shows: Showing::Nothing },
        })
    }

    /// A place may have been given before it was known who they are.
    const fn subjects(&self) -> [u64; 2] {
        [self.subject, self.from]
    }

    async fn known(self, node: &Node, now: Timestamp) -> Result<Known, Problem> {
        match self.shows {
            Showing::Device(device) => lookup(node, device, now).await,
            Showing::Token(principal) => Ok(Known { principal: *principal, name: None, secret: None }),
            Showing::Nothing | Showing::Unseen => Err(Problem::Unauthorized),
        }
    }
}

/// Who is signed in on a device. Bounded: whoever shows a secret may have made it up.
async fn lookup(node: &Node, device: DeviceSecret, now: Timestamp) -> Result<Known, Problem> {
    let Some(permit) = node.device_lookups.take() else {
        node.metrics.limit_reached(reached::DEVICE_LOOKUPS_MAX);
        return Err(Problem::Unavailable);
    };
    let signed_in = sign_in(node, &device).await?;
    drop(permit);
    let principal = principal_of(node, &signed_in, now);
    let SignedIn { person, secret, .. } = signed_in;
    Ok(Known { principal, name: person.personal.name, secret: Some(secret) })
}

/// What a ticket allows a member on a device from now on.
pub(crate) fn principal_of(node: &Node, signed_in: &SignedIn, now: Timestamp) -> Principal {
    let member = &signed_in.person.member;
    Principal {
        member: member.id.clone(),
        roles: member.roles.clone(),
        regions: member.regions.clone(),
        teams: member.teams.clone(),
        channels: Vec::new(),
        device: Some(signed_in.device.clone()),
        generation: member.generation,
        posts_until: now.after(node.access_ttl),
        expires_at: now.after(TICKET_TTL),
    }
}

/// The ticket of somebody who has just come in on a device.
pub(crate) fn first_ticket(node: &Node, signed_in: &SignedIn) -> Result<String, Problem> {
    let now = clock::wall();
    Ok(mint(node, &principal_of(node, signed_in, now), now)?.0)
}

/// A ticket, and for how long it is good.
fn mint(node: &Node, principal: &Principal, now: Timestamp) -> Result<(String, Duration), Problem> {
    let claims = claims_of(principal);
    let ttl = now.until(principal.expires_at).min(TICKET_TTL);
    let ticket = node.gate.tickets().mint(&principal.member, claims, principal.posts_until, now, ttl);
    Ok((ticket.map_err(|_| Problem::Internal)?, ttl))
}

/// A ticket for somebody who is known, as good as what is known of them.
fn admitted(
    node: &Node,
    known: Known,
    eligible_since: Option<Timestamp>,
    now: Timestamp,
) -> Result<HttpResponse, Problem> {
    let Known { principal, name, secret } = known;
    let (ticket, ttl) = mint(node, &principal, now)?;
    let (member, channels) = views(&principal, name);
    let cookie = ticket_cookie(&ticket, node.is_secure());
    let admitted = Admitted {
        ticket,
        expires_in_s: ttl.as_secs(),
        renew_in_s: now.until(principal.posts_until).as_secs(),
        member,
        channels,
        eligible_since_ms: eligible_since,
    };
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).cookie(cookie);
    if let Some(secret) = secret {
        response.cookie(device_cookie(&secret, node)?);
    }
    Ok(response.json(admitted))
}
