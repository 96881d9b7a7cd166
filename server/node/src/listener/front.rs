//! The front: between an accepted connection and the HTTP server. Whoever shows a ticket goes through; of the others only
//! as many as the gate lets in, and who has to wait is told so with a few bytes, before anything was set up for them.

use crate::assembly::Node;
use crate::clock;
use crate::gate::Gate;
use crate::gate::caller::Caller;
use crate::http::waiting::{self, Answer};
use crate::listener::head::{self, Asks, First, Seen};
use crate::listener::pace::Paces;
use crate::listener::stream::Stream;
use crate::metrics::admission::Outcome;
use admission::Criticality;
use admission::prefix::Prefix;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

protocol::limits! {
    /// How long a client may take for the head of its first request; then it gets 408.
    pub(crate) const FIRST_HEAD_TIMEOUT: Duration = Duration::from_secs(5) => unseen;
    /// The same while the node is overloaded; then the connection is closed without an answer.
    const FIRST_HEAD_TIMEOUT_PRESSED: Duration = Duration::from_secs(2) => unseen;
    /// How long a client may take to read a refusal, and to close.
    const REFUSAL_PATIENCE: Duration = Duration::from_secs(1) => unseen;
}

/// What becomes of a connection.
#[derive(Debug)]
enum Verdict {
    /// Somebody with a ticket: the HTTP server has it from here.
    Known,
    /// The same, but those who show a ticket go before.
    InTurn,
    /// It is closed without a word, as if the network had failed: clients come back by themselves, later and later.
    Close,
    /// It is answered, and closed.
    Refuse(Answer),
}

/// Looks at a connection's first request; answers whether the HTTP server is to have it.
pub(super) async fn pass(stream: &mut Stream, comes_too_often: bool, node: &Node, paces: &Paces) -> bool {
    let patience = if node.gate.is_overloaded() { FIRST_HEAD_TIMEOUT_PRESSED } else { FIRST_HEAD_TIMEOUT };
    let bytes = match head::first(stream, patience).await {
        First::Head(bytes) => bytes,
        // Who asked nothing is owed no answer.
        First::Gone | First::Silent => return false,
        First::TooLarge => {
            node.metrics.limit_reached(head::reached::FIRST_HEAD_MAX_BYTES);
            refuse(stream, waiting::HEAD_TOO_LARGE, true).await;
            return false;
        }
        // Many are too slow at once: not even that is said.
        First::TooSlow if node.gate.is_overloaded() => return false,
        First::TooSlow => {
            refuse(stream, waiting::HEAD_TOO_SLOW, true).await;
            return false;
        }
    };
    let seen = head::look(&bytes);
    match judge(&seen, comes_too_often, stream.wire().prefix(), &node.gate, clock::now()) {
        Verdict::Known => {
            stream.wire().is_known();
            paces.members().await;
        }
        Verdict::InTurn => paces.strangers().await,
        Verdict::Close => return false,
        Verdict::Refuse(answer) => {
            let answer = answer.bytes(seen.asks == Asks::Page, node.is_secure());
            refuse(stream, &answer, seen.has_more).await;
            return false;
        }
    }
    stream.transport().set_options();
    stream.unread(bytes);
    true
}

fn judge(seen: &Seen<'_>, comes_too_often: bool, prefix: Prefix, gate: &Gate, now: session::Now) -> Verdict {
    let class = match gate.caller(seen.shows.ticket, now.wall) {
        Caller::Member(principal) => {
            gate.knows(prefix, now.instant);
            let class =
                if principal.is_organiser() { Criticality::Organiser } else { Criticality::Returning };
            gate.count(class, Outcome::Admitted);
            return Verdict::Known;
        }
        Caller::Former if !comes_too_often => Criticality::Member,
        Caller::Former | Caller::Unknown => Criticality::Stranger,
    };
    let subject = gate.subject_of(prefix);
    if gate.admits(class, subject, now.wall) {
        gate.count(class, Outcome::Admitted);
        return Verdict::InTurn;
    }
    let has_token = seen.shows.token.is_some();
    let place = seen.shows.place.and_then(|token| {
        // Whose it has to be is known when their token is read; nobody gains by somebody else's until then.
        if has_token {
            gate.place_of_somebody(token, now.wall)
        } else {
            gate.place(token, &[subject], now.wall)
        }
    });
    // A token need not be checked to say that a turn has not come.
    if has_token
        && let Some(place) = place
        && let Some(wait) = gate.look(Criticality::Member, place)
    {
        return Verdict::Refuse(Answer::told(gate, subject, Some(place), wait, now.wall));
    }
    if !has_token && !comes_too_often && place.is_some_and(|place| gate.has_turn(class, place)) {
        return Verdict::InTurn;
    }
    // Who it is may be known once more of it is read; that is not done for everybody.
    let asks_and_may_show_more = seen.asks == Asks::Admission && seen.has_more;
    let may_be_somebody = has_token || seen.has_device || asks_and_may_show_more;
    let is_looked_at = if has_token {
        gate.may_check(place.is_some(), now.instant)
    } else {
        (may_be_somebody || matches!(seen.asks, Asks::Other | Asks::Upgrade))
            && gate.may_look(place.is_some(), now.instant)
    };
    if is_looked_at {
        return Verdict::InTurn;
    }
    if seen.asks == Asks::Upgrade {
        gate.count(class, Outcome::Refused);
        return Verdict::Close;
    }
    // Whoever may be somebody is not put behind those who are nobody.
    let answer = match place {
        None if asks_and_may_show_more => Some(Answer::later(now.wall)),
        _ if may_be_somebody => Some(Answer::unseen(gate, subject, place, now.wall)),
        _ => Answer::queue(gate, class, subject, place, now.wall),
    };
    answer.map_or(Verdict::InTurn, Verdict::Refuse)
}

/// Says why not, and closes. Were the connection closed while something of the peer's is unread, TCP would throw away
/// the answer on its way: where that is to be feared the end is waited for.
async fn refuse(stream: &mut Stream, answer: &[u8], is_unread: bool) {
    let said = async {
        stream.write_all(answer).await?;
        stream.shutdown().await?;
        if is_unread {
            stream.drain().await?;
        }
        std::io::Result::Ok(())
    };
    // Who does not take it in time does without.
    drop(tokio::time::timeout(REFUSAL_PATIENCE, said).await);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::tests::World;
    use admission::Posture;
    use identity::Place;
    use protocol::Timestamp;
    use std::net::{IpAddr, Ipv4Addr};

    const FORGED: &str = "POST /v1/admit HTTP/1.1\r\nAuthorization: Bearer a.b.c\r\n";

    /// A node that is overloaded, at which strangers wait.
    fn overloaded() -> World {
        let mut world = World::new();
        world.pass(20, 20.0, Posture::UnderAttack);
        assert!(world.gate.is_overloaded());
        world
    }

    fn prefix(number: u32) -> Prefix {
        Prefix::of(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn verdict(world: &World, head: &str) -> Verdict {
        verdict_of(world, &format!("{head}\r\n"))
    }

    fn verdict_of(world: &World, request: &str) -> Verdict {
        judge(&head::look(request.as_bytes()), false, prefix(1), &world.gate, world.now)
    }

    /// The place that an answer gives.
    fn given(world: &World, verdict: Verdict) -> Option<Place> {
        let Verdict::Refuse(answer) = verdict else { panic!("{verdict:?}") };
        let answer = String::from_utf8(answer.bytes(false, false)).unwrap();
        let (_, cookie) = answer.split_once("holdfast_place=")?;
        let token = cookie.split(';').next().unwrap();
        Some(world.gate.place(token, &[world.gate.subject_of(prefix(1))], world.now.wall).unwrap())
    }

    fn until_refused(world: &World, head: &str) -> Verdict {
        let verdicts = (0..2_000).map(|_| verdict(world, head));
        verdicts.into_iter().find(|verdict| !matches!(verdict, Verdict::InTurn)).expect("all are looked at")
    }

    #[test]
    fn strangers_use_up_nothing_that_those_with_tokens_need() {
        let world = overloaded();
        assert!(matches!(
            until_refused(&world, "GET /connection/websocket HTTP/1.1\r\nUpgrade: x\r\n"),
            Verdict::Close
        ));
        assert!(matches!(verdict(&world, FORGED), Verdict::InTurn));
    }

    #[test]
    fn a_token_is_counted_where_it_is_checked_and_nowhere_else() {
        let world = overloaded();
        for _ in 0..1_000 {
            assert!(matches!(verdict(&world, FORGED), Verdict::InTurn));
        }
        let forged = World::new().token(&[]);
        while world.gate.check(&forged, world.now) != Err(session::Refusal::Later) {}
        assert!(matches!(verdict(&world, FORGED), Verdict::Refuse(_)));
    }

    #[test]
    fn who_may_be_somebody_waits_in_no_queue_of_strangers_and_keeps_the_moment_of_their_first_question() {
        let mut world = overloaded();
        let forged = World::new().token(&[]);
        while world.gate.check(&forged, world.now) != Err(session::Refusal::Later) {}
        let place = given(&world, verdict(&world, FORGED)).unwrap();
        assert!(!world.gate.has_waiting(), "nobody is counted as a stranger who waits");
        world.pass(1, 20.0, Posture::UnderAttack);
        while world.gate.check(&forged, world.now) != Err(session::Refusal::Later) {}
        let shown = world.gate.sign(place, world.now.wall).unwrap();
        let again = format!("{FORGED}Cookie: holdfast_place={shown}\r\n");
        assert_eq!(given(&world, verdict(&world, &again)), Some(place));
    }

    #[test]
    fn who_was_asked_to_come_again_is_looked_at_before_who_comes_for_the_first_time() {
        let world = overloaded();
        let device = "POST /v1/admit HTTP/1.1\r\nCookie: holdfast_device=made-up\r\n";
        let place = given(&world, until_refused(&world, device)).unwrap();
        let shown = world.gate.sign(place, world.now.wall).unwrap();
        let again = format!("{device}Cookie: holdfast_place={shown}\r\n");
        assert!(matches!(verdict(&world, device), Verdict::Refuse(_)));
        assert!(matches!(verdict(&world, &again), Verdict::InTurn));
    }

    #[test]
    fn a_place_in_a_body_is_as_good_as_a_cookie_and_one_that_is_not_here_yet_is_not_replaced() {
        let world = overloaded();
        let place = given(&world, verdict(&world, "POST /v1/admit HTTP/1.1\r\n")).unwrap();
        let body = format!("{{\"place\":\"{}\"}}", world.gate.sign(place, world.now.wall).unwrap());
        let head = format!("POST /v1/admit HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
        assert_eq!(given(&world, verdict_of(&world, &format!("{head}\r\n{body}"))), Some(place));
        assert_eq!(given(&world, until_refused(&world, &head)), None);
    }

    #[test]
    fn a_token_is_not_checked_before_the_turn_of_the_place_beside_it() {
        let world = overloaded();
        // Somebody is before them, so that their turn does not come at once.
        world.gate.ask(Criticality::Member, 1, None, world.now.wall);
        let since = world.now.wall.after(Duration::from_secs(1));
        let place = Place { since, subject: 99 };
        let shown = world.gate.sign(place, world.now.wall).unwrap();
        let again = format!("{FORGED}Cookie: holdfast_place={shown}\r\n");
        let Verdict::Refuse(answer) = verdict(&world, &again) else { panic!("looked at") };
        let answer = String::from_utf8(answer.bytes(false, false)).unwrap();
        assert!(answer.contains("\"position\":"), "{answer}");
        let passed = Place { since: Timestamp::default(), subject: 99 };
        let shown = world.gate.sign(passed, world.now.wall).unwrap();
        let turn = format!("{FORGED}Cookie: holdfast_place={shown}\r\n");
        assert!(matches!(verdict(&world, &turn), Verdict::InTurn));
    }
}
