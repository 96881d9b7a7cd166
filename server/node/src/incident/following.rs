//! From the posture to the record: each change, each order, and what members are told.

use super::{OrderSeen, Sources, figures};
use crate::assembly::Node;
use crate::clock;
use crate::posture::{Change, Order};
use admission::{Criticality, Heavy, Prefix};
use evidence::incident::{Action, Changed, Entry, INCIDENT_TEXT_MAX_BYTES, Note, Offender, Text, Who};
use ipnet::IpNet;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

/// How often it is looked whether members were told something new.
const STATEMENT_EVERY: Duration = Duration::from_secs(1);

/// Records from now on; answers the task that brings changes, to be ended after the last of them.
pub(crate) fn begin(node: &Arc<Node>) -> anyhow::Result<actix_web::rt::task::JoinHandle<()>> {
    let changes = node.posture.changes();
    let known: Weak<Node> = Arc::downgrade(node);
    let asked = Weak::clone(&known);
    let audit = Arc::clone(&node.audit);
    node.incidents.start(Sources {
        figures: Box::new(move || known.upgrade().map(|node| figures(&node)).unwrap_or_default()),
        removed: Box::new(move |applied| audit.note(applied.entry())),
        offenders: Box::new(move || asked.upgrade().map(|node| offenders(&node)).unwrap_or_default()),
    })?;
    Ok(actix_web::rt::spawn(follow(Arc::clone(node), changes)))
}

/// Where too much came from. It was strangers' who came too often, as members are not counted; where members come from,
/// too, it is told as theirs, so that nobody shuts them out.
fn offenders(node: &Node) -> Vec<Offender> {
    let now = clock::now().instant;
    let offender = |(prefix, heavy): (Prefix, Heavy)| {
        let (address, length) = prefix.network();
        Some(Offender {
            prefix: IpNet::new(address, length).ok()?,
            class: if node.gate.is_known(prefix, now) {
                Criticality::Returning
            } else {
                Criticality::Stranger
            },
            offered: heavy.offered,
            peak_per_second: heavy.peak_per_second,
            first_seen: heavy.first_seen,
            last_seen: heavy.last_seen,
            action: Action::Demoted,
        })
    };
    node.gate.heavy(1).into_iter().filter_map(offender).collect()
}

async fn follow(node: Arc<Node>, mut changes: Receiver<Change>) {
    let mut last_said = None;
    let mut interval = tokio::time::interval(STATEMENT_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => node.incidents.posture(changed(&change), change.order.as_ref().map(order), change.at),
                // Their number is bounded by how long postures last; the next one says where it went.
                Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "changes of posture are not in the record"),
                Err(RecvError::Closed) => return,
            },
            _ = interval.tick() => {
                let statement = node.posture.statement().and_then(|statement| statement.text);
                if statement != last_said {
                    let said = statement.as_deref().unwrap_or("all clear");
                    let words = Note { who: Who::default(), text: text(said) };
                    node.incidents.aside(Entry::Statement(words), clock::wall());
                    last_said = statement;
                }
            }
        }
    }
}

fn changed(change: &Change) -> Option<Changed> {
    let Change { from, to, trigger, value, .. } = change;
    let is_figure = value.abs() > f64::EPSILON;
    (from != to).then(|| Changed {
        from: *from,
        to: *to,
        trigger: trigger.as_str().to_owned(),
        value: is_figure.then_some(*value),
    })
}

fn order(order: &Order) -> OrderSeen {
    let Order { posture, who, why, until, .. } = order;
    OrderSeen { posture: *posture, who: text(who), why: text(why), until: *until }
}

/// What others took as words, as far as a record takes it.
fn text(words: &str) -> Text {
    let visible: String = words.chars().map(|known| if known.is_control() { ' ' } else { known }).collect();
    let fits = visible.floor_char_boundary(INCIDENT_TEXT_MAX_BYTES);
    let kept = visible.get(..fits).unwrap_or_default();
    kept.parse().unwrap_or_else(|_| Text::nothing())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_elsewhere_are_kept_as_far_as_they_can_be() {
        assert_eq!(text("two\nlines").as_str(), "two lines");
        assert_eq!(text(" \u{0}").as_str(), "—");
        assert_eq!(text(&"é".repeat(INCIDENT_TEXT_MAX_BYTES)).as_str().len(), INCIDENT_TEXT_MAX_BYTES);
    }
}
