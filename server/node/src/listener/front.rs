//! The front: between an accepted connection and the HTTP server. Whoever shows a ticket goes through; of the others only
//! as many as the gate lets in, and who has to wait is told so with a few bytes, before anything was set up for them.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::Caller;
use crate::http::waiting;
use crate::listener::head::{self, Asks, First, Seen};
use crate::listener::pace::Paces;
use crate::listener::stream::Stream;
use crate::metrics::admission::Outcome;
use admission::Criticality;
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
    /// The HTTP server has it from here.
    Through,
    /// The same, but those who show a ticket go before.
    ThroughInTurn,
    /// It is closed without a word, as if the network had failed: clients come back by themselves, later and later.
    Close,
    /// It is answered, and closed.
    Refuse(Vec<u8>),
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
    let verdict = judge(&head::look(&bytes), comes_too_often, stream, node);
    match verdict {
        Verdict::Through => paces.members().await,
        Verdict::ThroughInTurn => paces.strangers().await,
        Verdict::Close => return false,
        Verdict::Refuse(answer) => {
            refuse(stream, &answer, false).await;
            return false;
        }
    }
    stream.transport().set_options();
    stream.unread(bytes);
    true
}

fn judge(seen: &Seen<'_>, comes_too_often: bool, stream: &Stream, node: &Node) -> Verdict {
    let (gate, now) = (&node.gate, clock::wall());
    let class = match gate.caller(seen.shows.ticket, now) {
        Caller::Member(principal) => {
            stream.wire().is_known();
            gate.knows(stream.wire().prefix(), clock::now().instant);
            let class =
                if principal.is_organiser() { Criticality::Organiser } else { Criticality::Returning };
            node.metrics.admission.count(class, Outcome::Admitted);
            return Verdict::Through;
        }
        Caller::Former if !comes_too_often => Criticality::Member,
        Caller::Former | Caller::Unknown => Criticality::Stranger,
    };
    let subject = gate.subject_of(stream.wire().prefix());
    if gate.admits(class, subject, now) {
        node.metrics.admission.count(class, Outcome::Admitted);
        return Verdict::ThroughInTurn;
    }
    let place = seen.shows.place.and_then(|token| gate.place(token, &[subject], now));
    if !comes_too_often && place.is_some_and(|place| gate.has_turn(class, place)) {
        return Verdict::ThroughInTurn;
    }
    // Who it is may be known once more of it is read; that is not done for everybody.
    let may_be_somebody = matches!(seen.asks, Asks::Other | Asks::Upgrade) || seen.shows.token.is_some();
    if may_be_somebody && gate.may_look_closer(clock::now().instant) {
        return Verdict::ThroughInTurn;
    }
    match seen.asks {
        Asks::Upgrade => {
            node.metrics.admission.count(class, Outcome::Refused);
            Verdict::Close
        }
        Asks::Admission | Asks::Other | Asks::Page | Asks::Plain => {
            let (signed, wait) = waiting::queue(gate, class, subject, place, now);
            let Some(wait) = wait else { return Verdict::ThroughInTurn };
            let is_page = seen.asks == Asks::Page;
            Verdict::Refuse(waiting::answer(is_page, &signed, wait, node.is_secure()))
        }
    }
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
