//! What a node says of itself, to itself and to the others.

use super::counts::{Became, Point, Recent, ToldPoint};
use crate::assembly::Node;
use crate::metrics::classes::Account;
use crate::process;
use protocol::{Lane, Timestamp};
use serde::{Deserialize, Serialize};
use session::Now;

/// How a node fares. What another version does not say is as if there were nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) at_ms: Timestamp,
    /// Open connections of those of whom it is known who they are, and of the others.
    pub(super) members: u64,
    pub(super) strangers: u64,
    pub(super) memory_bytes: Option<u64>,
    pub(super) cpu_percent: Option<u64>,
    pub(super) is_store_reachable: bool,
    pub(super) commit_p99_ms: Option<u64>,
    pub(super) became: Became,
    /// People in the waiting room, of all nodes.
    pub(super) line: u64,
    /// Messages that wait to be stored, by lane.
    pub(super) queue: [u64; Lane::ALL.len()],
    pub(super) delay_ms: Option<u64>,
    /// How long messages take to screens: half of them, and all but one in a hundred.
    pub(super) delivery_ms: Option<(u64, u64)>,
    /// Readers that have not been given everything.
    pub(super) behind: u64,
    pub(super) points: Vec<ToldPoint>,
}

impl Told {
    pub(super) fn of(node: &Node, name: &str, recent: &Recent, cpu_percent: Option<u64>, now: Now) -> Self {
        let open = |account| node.metrics.connections.open(account);
        let queued = node.publisher.queued(now.instant).lanes;
        let felt = node.feelings.everywhere(now.instant).times;
        Self {
            name: name.to_owned(),
            at_ms: now.wall,
            members: [Account::Activist, Account::Observer, Account::Organiser].map(open).iter().sum(),
            strangers: open(Account::Stranger),
            memory_bytes: process::resident_bytes(),
            cpu_percent,
            is_store_reachable: node.posture.snapshot().hears_the_store,
            commit_p99_ms: node.metrics.store.committed_within().p99_ms(),
            became: recent.lately(),
            line: node.gate.waiting(),
            queue: queued.map(|(_, messages, _)| u64::try_from(messages).unwrap_or(u64::MAX)),
            delay_ms: node.metrics.publishing.stored_within().p99_ms(),
            delivery_ms: felt.map(|times| (times.p50_ms, times.p99_ms)),
            behind: node.metrics.lag.now().readers,
            points: recent.points().map(Point::told).collect(),
        }
    }

    pub(super) fn heard_points(&self) -> impl Iterator<Item = Point> {
        self.points.iter().copied().map(Point::heard)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::counts::WATCH_POINTS_KEPT;
    use super::*;
    use storage::peers::ANSWER_MAX_BYTES;

    /// A node with these points.
    pub(in super::super) fn with_points(name: &str, points: Vec<ToldPoint>) -> Told {
        Told { name: name.to_owned(), points, ..Told::default() }
    }

    #[test]
    fn however_much_was_counted_a_node_says_it_in_one_answer() {
        let many = u64::from(u32::MAX);
        let point = [1_795_687_200_000, many, many, many, many, many, many, 600_000, 3];
        let told = with_points(&"n".repeat(64), vec![point; WATCH_POINTS_KEPT]);
        assert!(serde_json::to_vec(&told).unwrap().len() < ANSWER_MAX_BYTES / 2);
    }

    #[test]
    fn what_another_version_does_not_say_is_nothing_and_what_it_says_besides_is_passed_over() {
        let told: Told = serde_json::from_str(r#"{"name":"a:1","line":3,"mood":"fine"}"#).unwrap();
        assert_eq!(told, Told { name: "a:1".to_owned(), line: 3, ..Told::default() });
    }
}
