//! Members who come with a ticket, and those who are asked to fetch one.

use super::*;
use identity::{SubscriptionTokens, TokenRefusal};

const DAY: Duration = Duration::from_hours(24);
const FRESH: Duration = Duration::from_mins(10);

fn member(posts_until: Timestamp) -> Principal {
    Principal {
        is_guarded: false,
        stepped_up_until: None,
        member: MemberId::parse("m_1").unwrap(),
        roles: vec![Role::Sender],
        regions: Vec::new(),
        teams: Vec::new(),
        channels: Vec::new(),
        device: None,
        generation: 0,
        posts_until,
        expires_at: WALL.after(DAY),
    }
}

/// A door at which whoever has a ticket already is the only one who gets in.
#[derive(Debug)]
struct Crowded(Arc<AccessTokens>);

impl Door for Crowded {
    fn enter(&self, _: &str, _: Timestamp) -> Result<Principal, Refusal> {
        Err(Refusal::Later)
    }

    fn renew(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        self.0.verify(token, now)
    }

    fn subscriptions(&self) -> &SubscriptionTokens {
        self.0.subscriptions()
    }
}

/// Somebody with a ticket, who connects with this token.
fn with_ticket(posts_until: Timestamp, token: &str) -> (Talk, Value) {
    let mut talk = Talk::at_door(|tokens| Arc::new(Crowded(tokens)), Some(member(posts_until)));
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    talk.join_all(&Start::Live(at("a", 10)));
    let connect = talk.output()[0]["connect"].clone();
    (talk, connect)
}

fn say(talk: &mut Talk, id: u32) -> Option<u64> {
    talk.send(&json!({"id": id, "publish": {"channel": "bulletins:all", "data": id}}));
    talk.output().first().and_then(|reply| reply["error"]["code"].as_u64())
}

#[test]
fn who_showed_a_ticket_needs_no_token_and_asks_nobody() {
    let (_, connect) = with_ticket(WALL.after(FRESH), "");
    assert_eq!(connect["client"], "c1");
    // In time for the right to post, not for the end of the ticket.
    assert_eq!((&connect["expires"], &connect["ttl"]), (&json!(true), &json!(600)));
}

#[test]
fn a_token_beside_a_ticket_is_not_looked_at_unless_it_could_say_more() {
    with_ticket(WALL.after(FRESH), "nonsense");
    // It could, but the door is crowded: the ticket is good enough to read.
    with_ticket(WALL, "nonsense");
}

#[test]
fn a_ticket_that_a_passkey_guards_does_not_stand_for_a_token_that_says_more() {
    let guarded = Principal { is_guarded: true, ..member(WALL.after(FRESH)) }.without_organising();
    let mut talk = Talk::at_door(|tokens| tokens, Some(guarded));
    let token = talk.token(&[Role::Sender], &[], FRESH);
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    assert!(talk.session.principal().is_some_and(|principal| principal.has(Role::Sender)));
}

#[test]
fn who_has_no_ticket_is_sent_to_fetch_one_when_the_door_is_crowded() {
    let mut talk = Talk::at_door(|tokens| Arc::new(Crowded(tokens)), None);
    let token = talk.token(&[], &[], DAY);
    talk.send(&json!({"id": 1, "connect": {"token": token}}));
    assert_eq!(talk.output()[0]["error"]["code"], 109);
    assert_eq!(talk.closed(), None);
    assert!(talk.session.principal().is_none());
}

#[test]
fn a_ticket_whose_right_to_post_is_over_receives_and_keeps_what_it_would_say() {
    let (mut talk, connect) = with_ticket(WALL, "");
    assert_eq!(connect["ttl"], 30, "asked again before long");
    talk.elapsed = Duration::from_secs(25);
    assert_eq!(say(&mut talk, 2), Some(111));
    talk.send(&json!({"id": 3, "subscribe": {"channel": "bulletins:all"}}));
    talk.join(Start::Live(at("a", 10)));
    assert!(talk.output()[0]["subscribe"].is_object());
}

#[test]
fn a_renewed_right_to_post_counts_at_once() {
    let (mut talk, _) = with_ticket(WALL, "");
    talk.elapsed = Duration::from_secs(26);
    let token = talk.token(&[Role::Sender], &[], FRESH);
    talk.send(&json!({"id": 2, "refresh": {"token": token}}));
    assert!(talk.output()[0]["refresh"].is_object());
    talk.send(&json!({"id": 3, "publish": {"channel": "bulletins:all", "data": 3}}));
    assert!(matches!(talk.effect(), Effect::Publish(_)));
}

#[test]
fn a_connection_lives_as_long_as_its_ticket() {
    let (mut talk, _) = with_ticket(WALL.after(FRESH), "");
    talk.elapsed = FRESH + Duration::from_mins(1);
    let now = talk.now();
    // Pings go on; nothing else is due.
    talk.session.handle_deadline(now, &mut talk.effects);
    assert_ne!(talk.closed(), Some(Disconnect::Expired));
    let (mut talk, _) = with_ticket(WALL.after(FRESH), "");
    talk.wait(DAY + Timing::default().expiry_grace);
    assert_eq!(talk.closed(), Some(Disconnect::Expired));
}
