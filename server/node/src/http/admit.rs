//! `POST /v1/admit`: admission is plain HTTP first. It answers a ticket, or 503 with when to come back and a place.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::Caller;
use crate::http::credentials::{
    Credential, account_to, check_origin, device, device_cookie, prefix, shows, ticket_cookie,
};
use crate::http::openapi::words::Milliseconds;
use crate::http::passkeys::view::StandingView;
use crate::http::problem::Problem;
use crate::http::sessions::{ChannelView, MemberView, claims_of, sign_in, views};
use crate::http::waiting::Answer;
use actix_web::cookie::Cookie;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use admission::waiting_room::Turn;
use admission::{Criticality, Permit};
use campaign::SignedIn;
use identity::Principal;
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
    /// Known where the device was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = StandingView, required = false)]
    passkeys: Option<StandingView>,
    /// Since when they might have come in, if they waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    eligible_since_ms: Option<Timestamp>,
}

/// Somebody who is known, and how.
struct Known {
    principal: Principal,
    /// Who is signed in, if their device was looked up.
    signed_in: Option<SignedIn>,
}

/// Asks to be let in: a ticket, or a place among those who wait.
///
/// Who shows a ticket gets a new one; who shows an access token or a device's cookie gets one if it is their turn. The
/// answer sets the ticket's cookie, and a place's while somebody waits. A device that is bound to a key proves that it holds
/// it (`Holdfast-Proof`).
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
            let known = visitor.known(&request, &node, now).await?;
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
    if principal.is_guarded && device.is_none() {
        return Err(Problem::ProofNeeded);
    }
    if device.is_some() && (principal.is_guarded || now.until(principal.posts_until) < node.access_ttl / 2) {
        match lookup(request, node, now).await {
            Ok(known) => return admitted(node, known, None, now),
            Err(Problem::Unavailable) => {}
            Err(refused) => return Err(refused),
        }
    }
    // Whether the key is theirs cannot be known now, so they are an activist for as long.
    let principal = if principal.is_guarded { principal.without_organising() } else { principal };
    admitted(node, Known { principal, signed_in: None }, None, now)
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
    Device,
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
                Self { class, subject, from, shows: Showing::Device }
            }
            None => Self { class: Criticality::Stranger, subject: from, from, shows: Showing::Nothing },
        })
    }

    /// A place may have been given before it was known who they are.
    const fn subjects(&self) -> [u64; 2] {
        [self.subject, self.from]
    }

    async fn known(self, request: &HttpRequest, node: &Node, now: Timestamp) -> Result<Known, Problem> {
        match self.shows {
            Showing::Device => lookup(request, node, now).await,
            Showing::Token(principal) => Ok(Known { principal: *principal, signed_in: None }),
            Showing::Nothing | Showing::Unseen => Err(Problem::Unauthorized),
        }
    }
}

/// Who is signed in on the device that asks.
async fn lookup(request: &HttpRequest, node: &Node, now: Timestamp) -> Result<Known, Problem> {
    let _permit = lookup_permit(node)?;
    let signed_in = sign_in(request, node).await?;
    Ok(Known { principal: principal_of(node, &signed_in, now), signed_in: Some(signed_in) })
}

/// Leave to look into the store for a device. Bounded: whoever shows a secret may have made it up.
pub(crate) fn lookup_permit(node: &Node) -> Result<Permit, Problem> {
    node.device_lookups.take().ok_or_else(|| {
        node.metrics.limit_reached(reached::DEVICE_LOOKUPS_MAX);
        Problem::Unavailable
    })
}

/// What a ticket or a token allows a member on a device from now on: the one place that says so. An organiser gets what their
/// roles say for as long as a passkey counts that was shown there.
pub(crate) fn principal_of(node: &Node, signed_in: &SignedIn, now: Timestamp) -> Principal {
    let (member, confirmation) = (&signed_in.person.member, &signed_in.confirmation);
    let has_to_confirm = node.demand.is_made_of(&member.roles);
    let ends = confirmation.confirmed_until(now).filter(|_| has_to_confirm);
    let at_most = |until: Timestamp| ends.map_or(until, |ends| ends.min(until));
    Principal {
        is_guarded: has_to_confirm || confirmation.is_bound,
        stepped_up_until: confirmation.stepped_up_until(now),
        member: member.id.clone(),
        roles: node.demand.roles_now(&member.roles, confirmation, now),
        regions: member.regions.clone(),
        teams: member.teams.clone(),
        channels: Vec::new(),
        device: Some(signed_in.device.clone()),
        generation: member.generation,
        posts_until: at_most(now.after(node.access_ttl)),
        expires_at: at_most(now.after(TICKET_TTL)),
    }
}

/// The ticket for somebody's cookie. A cookie is copied more easily than what a page keeps to itself: where a passkey or a key
/// guards what they may, it is good for what an activist may.
fn cookie_ticket(node: &Node, principal: Principal, now: Timestamp) -> Result<String, Problem> {
    let principal = if principal.is_guarded { principal.without_organising() } else { principal };
    Ok(mint(node, &principal, now)?.0)
}

/// Both cookies of a device on which somebody is signed in: its secret, and a ticket.
pub(crate) fn cookies(node: &Node, signed_in: &SignedIn) -> Result<[Cookie<'static>; 2], Problem> {
    let now = clock::wall();
    let ticket = cookie_ticket(node, principal_of(node, signed_in, now), now)?;
    Ok([device_cookie(&signed_in.secret, node)?, ticket_cookie(&ticket, node.is_secure())])
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
    let Known { principal, signed_in } = known;
    let (ticket, ttl) = mint(node, &principal, now)?;
    let name = signed_in.as_ref().and_then(|known| known.person.personal.name.clone());
    let roles = signed_in.as_ref().map_or(&principal.roles, |known| &known.person.member.roles).clone();
    let (member, channels) = views(&principal, name, roles);
    let passkeys = match &signed_in {
        Some(known) => Some(StandingView::of(node, known)),
        None => (!principal.is_guarded).then(StandingView::of_nobody),
    };
    let admitted = Admitted {
        ticket,
        expires_in_s: ttl.as_secs(),
        renew_in_s: now.until(principal.posts_until).as_secs(),
        member,
        channels,
        passkeys,
        eligible_since_ms: eligible_since,
    };
    let cookie = cookie_ticket(node, principal, now)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store")).cookie(ticket_cookie(&cookie, node.is_secure()));
    if let Some(known) = signed_in {
        response.cookie(device_cookie(&known.secret, node)?);
    }
    Ok(response.json(admitted))
}
