//! What those who watch are told: the figures of all nodes, joined.

use super::counts::{Became, Point, Sides};
use super::told::Told;
use crate::assembly::Node;
use crate::http::openapi::words::{Milliseconds, PostureWord, TriggerWord};
use crate::store::Engine;
use admission::{Posture, Trigger};
use protocol::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How the service fares now, and fared in the last quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Watch)]
pub(crate) struct WatchView {
    /// When this was made: at most a second ago.
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    /// Whether every node that was asked is in it.
    is_complete: bool,
    posture: WatchPosture,
    /// The node that answers first, then the others by their names. One that answered within a quarter of an hour and does
    /// not now is told of as it was then.
    nodes: Vec<WatchNode>,
    store: WatchStore,
    now: WatchNow,
    /// At most 180 points, five seconds apart, the oldest first.
    #[schema(max_items = 180)]
    recent: Vec<WatchPoint>,
}

/// How hard pressed the service is, since when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct WatchPosture {
    #[schema(value_type = PostureWord)]
    level: &'static str,
    #[schema(value_type = Milliseconds)]
    since_ms: Timestamp,
    #[schema(value_type = TriggerWord)]
    why: &'static str,
    /// Until when an order holds, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    ordered_until_ms: Option<Timestamp>,
}

/// One process of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct WatchNode {
    /// Its machine and port.
    name: String,
    /// As of when.
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    /// Whether it said so now.
    is_answering: bool,
    /// Open connections.
    connections: Sides,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    memory_bytes: Option<u64>,
    /// Of one core: four cores that are busy are 400.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    cpu_percent: Option<u64>,
}

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct WatchStore {
    kind: WatchStoreKind,
    /// Whether every node that answers heard of it lately.
    is_reachable: bool,
    /// How long all but one in a hundred commits took, in the last ten seconds, at the node where they took longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    commit_p99_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WatchStoreKind {
    Embedded,
    Redis,
}

/// The last ten seconds, and how much waits now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct WatchNow {
    /// Requests that were served.
    admitted: Sides,
    /// Those who were given a place in the waiting room.
    waiting: Sides,
    /// Those who were sent away.
    refused: Sides,
    /// Messages that were asked to come again.
    delayed: u64,
    /// People in the waiting room.
    line: u64,
    queue: WatchQueue,
    /// How long it took until what was accepted was stored, all but one in a hundred, at the node where it took longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    delivery_ms: Option<WatchDelivery>,
    /// Readers that have not been given everything.
    behind: u64,
}

/// Messages that wait to be stored, by lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
struct WatchQueue {
    urgent: u64,
    normal: u64,
    bulk: u64,
}

/// How long messages took from publishing to screens, as devices told in the last five minutes, at the node where it took
/// longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
struct WatchDelivery {
    p50: u64,
    p99: u64,
}

/// The five seconds before a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
struct WatchPoint {
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    admitted: Sides,
    waiting: Sides,
    refused: Sides,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    delay_ms: Option<u64>,
    #[schema(value_type = PostureWord)]
    posture: &'static str,
}

impl WatchView {
    /// Joins what nodes say; the first of them is this one.
    pub(super) fn of(
        node: &Node,
        answering: &[Told],
        silent: &[Told],
        is_complete: bool,
        now: Timestamp,
    ) -> Self {
        let posture = node.posture.snapshot();
        let kind = match &node.store.engine {
            Engine::Embedded(_) => WatchStoreKind::Embedded,
            Engine::Redis(_) => WatchStoreKind::Redis,
        };
        Self {
            at_ms: now,
            is_complete,
            posture: WatchPosture::of(
                posture.posture,
                posture.since,
                posture.trigger,
                posture.order.map(|order| order.until),
            ),
            nodes: nodes(answering, silent),
            store: WatchStore {
                kind,
                is_reachable: answering.iter().all(|told| told.is_store_reachable),
                commit_p99_ms: answering.iter().filter_map(|told| told.commit_p99_ms).max(),
            },
            now: WatchNow::of(answering),
            recent: recent(answering),
        }
    }
}

impl WatchPosture {
    const fn of(level: Posture, since: Timestamp, why: Trigger, until: Option<Timestamp>) -> Self {
        Self { level: level.as_str(), since_ms: since, why: why.as_str(), ordered_until_ms: until }
    }
}

fn nodes(answering: &[Told], silent: &[Told]) -> Vec<WatchNode> {
    let node = |told: &Told, is_answering| WatchNode {
        name: told.name.clone(),
        at_ms: told.at_ms,
        is_answering,
        connections: Sides { members: told.members, strangers: told.strangers },
        memory_bytes: told.memory_bytes,
        cpu_percent: told.cpu_percent,
    };
    let own = answering.iter().take(1).map(|told| node(told, true));
    let mut others: Vec<WatchNode> = answering.iter().skip(1).map(|told| node(told, true)).collect();
    others.extend(silent.iter().map(|told| node(told, false)));
    others.sort_by(|one, other| one.name.cmp(&other.name));
    own.chain(others).collect()
}

impl WatchNow {
    fn of(answering: &[Told]) -> Self {
        let sum = |count: fn(&Told) -> u64| {
            answering.iter().fold(0_u64, |sum, told| sum.saturating_add(count(told)))
        };
        let became = answering.iter().fold(Became::default(), |sum, told| sum.add(told.became));
        let delivery = answering.iter().filter_map(|told| told.delivery_ms);
        let worst = delivery.reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)));
        Self {
            admitted: became.admitted,
            waiting: became.waiting,
            refused: became.refused,
            delayed: became.delayed,
            // Each node counts those of all.
            line: answering.iter().map(|told| told.line).max().unwrap_or_default(),
            queue: WatchQueue {
                urgent: sum(|told| told.queue[0]),
                normal: sum(|told| told.queue[1]),
                bulk: sum(|told| told.queue[2]),
            },
            delay_ms: answering.iter().filter_map(|told| told.delay_ms).max(),
            delivery_ms: worst.map(|(p50, p99)| WatchDelivery { p50, p99 }),
            behind: sum(|told| told.behind),
        }
    }
}

/// The points of all nodes, moment by moment; at most as many as one node keeps.
fn recent(answering: &[Told]) -> Vec<WatchPoint> {
    let mut joined: BTreeMap<Timestamp, Point> = BTreeMap::new();
    for point in answering.iter().flat_map(Told::heard_points) {
        joined.entry(point.at).and_modify(|known| known.join(&point)).or_insert(point);
    }
    let too_many = joined.len().saturating_sub(super::counts::WATCH_POINTS_KEPT);
    joined.into_values().skip(too_many).map(WatchPoint::of).collect()
}

impl WatchPoint {
    const fn of(point: Point) -> Self {
        Self {
            at_ms: point.at,
            admitted: point.became.admitted,
            waiting: point.became.waiting,
            refused: point.became.refused,
            delay_ms: point.delay_ms,
            posture: point.posture.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::counts::{ToldPoint, WATCH_POINTS_KEPT};
    use super::super::told::tests::with_points;
    use super::*;

    fn point(moment: u64, members: u64, delay: u64, posture: u64) -> ToldPoint {
        [moment * 5_000, members, 1, 0, 0, 0, 0, delay, posture]
    }

    #[test]
    fn counts_of_nodes_are_added_and_of_the_rest_the_worse_is_told() {
        let one = with_points("a", vec![point(1, 3, 0, 0), point(2, 3, 5, 1)]);
        let two = with_points("b", vec![point(2, 4, 9, 2), point(3, 1, 0, 0)]);
        let told: Vec<_> = recent(&[one, two])
            .into_iter()
            .map(|point| (point.at_ms.as_millis(), point.admitted.members, point.delay_ms, point.posture))
            .collect();
        assert_eq!(
            told,
            [(5_000, 3, None, "normal"), (10_000, 7, Some(8), "under_attack"), (15_000, 1, None, "normal")]
        );
    }

    #[test]
    fn clocks_that_differ_make_no_longer_chart() {
        let points = |from| (from..from + 180).map(|moment| point(moment, 1, 0, 0)).collect();
        let joined = recent(&[with_points("a", points(100)), with_points("b", points(150))]);
        assert_eq!(joined.len(), WATCH_POINTS_KEPT);
        assert_eq!(joined.last().map(|point| point.at_ms.as_millis()), Some(329 * 5_000));
    }

    #[test]
    fn the_waiting_room_is_one_and_queues_are_each_nodes_own() {
        let of = |line, queue, delivery_ms| Told { line, queue, delivery_ms, ..Told::default() };
        let now = WatchNow::of(&[
            of(412, [1, 2, 3], Some((9, 80))),
            of(410, [0, 5, 0], Some((20, 70))),
            of(0, [0; 3], None),
        ]);
        assert_eq!((now.line, now.queue), (412, WatchQueue { urgent: 1, normal: 7, bulk: 3 }));
        assert_eq!(now.delivery_ms, Some(WatchDelivery { p50: 20, p99: 80 }));
    }

    #[test]
    fn a_node_that_is_silent_stands_among_the_others_by_its_name() {
        let of = |name: &str| with_points(name, Vec::new());
        let all = nodes(&[of("m"), of("z"), of("b")], &[of("c")]);
        let told: Vec<_> = all.iter().map(|node| (node.name.as_str(), node.is_answering)).collect();
        assert_eq!(told, [("m", true), ("b", true), ("c", false), ("z", true)]);
    }
}
