//! What organisers watch during an attack: one answer for all of them, made once a second at most and only while somebody
//! looks. Each node keeps its own figures; an answer joins those of all nodes that say theirs in time.
//!
//! Nobody's name or address is in it, and nothing that serves waits for it.

mod counts;
mod told;
mod view;
mod waits;

pub(crate) use counts::LIMITS as COUNTS;
pub(crate) use view::WatchView;
pub(crate) use waits::Waits;

use crate::assembly::Node;
use crate::clock;
use crate::incident::figures;
use crate::peers::Asked;
use crate::process;
use actix_web::web::Bytes;
use counts::{Became, Recent};
use evidence::incident::Name;
use parking_lot::Mutex;
use protocol::Timestamp;
use session::Now;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::Gathered;
use tokio::time::MissedTickBehavior;
use told::Told;

protocol::limits! {
    /// How often what organisers watch is made, at most; whoever asks sooner gets what was made last.
    const WATCH_MADE_EVERY: Duration = Duration::from_secs(1) => unseen;
    /// Longest that a node waits for what the others have to say to those who watch; one that is later is not in the answer.
    const WATCH_PATIENCE: Duration = Duration::from_millis(500) => unseen;
    /// Nodes of which it is known that they were there; the one that was heard longest ago goes for one more.
    const WATCH_NODES_MAX: usize = 64 => unseen;
    /// How long a node that does not answer any more is told of.
    const WATCH_NODE_TOLD_FOR: Duration = Duration::from_mins(15) => unseen;
}

/// How often a node looks at itself.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a node knows of itself and of the others, for those who watch.
#[derive(Debug)]
pub(crate) struct Lookout {
    name: Name,
    own: Mutex<Own>,
    /// The others, by their names, as they were heard last.
    others: Mutex<BTreeMap<String, Told>>,
    /// What was made last. Held while it is made, so that all who ask meanwhile get the same.
    made: tokio::sync::Mutex<Option<(Instant, Bytes)>>,
}

/// What this node saw of itself.
#[derive(Debug, Default)]
struct Own {
    recent: Recent,
    cpu: Option<(Instant, Duration)>,
    cpu_percent: Option<u64>,
}

impl Lookout {
    pub(crate) fn new(name: Name) -> Self {
        Self { name, own: Mutex::default(), others: Mutex::default(), made: tokio::sync::Mutex::default() }
    }

    /// A second is over.
    fn look(&self, node: &Node, now: Now) {
        let counted = Became::of(&figures(node), node.metrics.publishing.asked_to_come_again());
        let delay_ms = node.metrics.publishing.stored_within().p99_ms();
        let cpu = process::cpu_time();
        let mut own = self.own.lock();
        own.recent.look(counted, delay_ms, node.posture.now(), now.wall);
        own.cpu_percent = own.cpu.and_then(|(since, before)| {
            let time = now.instant.saturating_duration_since(since).as_millis();
            let used = cpu.saturating_sub(before).as_millis().saturating_mul(100).checked_div(time)?;
            u64::try_from(used).ok()
        });
        own.cpu = Some((now.instant, cpu));
        drop(own);
        node.metrics.publishing.stored_within().second_is_over();
        node.metrics.store.committed_within().second_is_over();
    }

    /// What this node says of itself, to those who watch at another node.
    pub(crate) fn tell(&self, node: &Node) -> Vec<u8> {
        serde_json::to_vec(&self.told(node, clock::now())).unwrap_or_default()
    }

    fn told(&self, node: &Node, now: Now) -> Told {
        let own = self.own.lock();
        Told::of(node, self.name.as_str(), &own.recent, own.cpu_percent, now)
    }

    /// What is watched, as JSON.
    pub(crate) async fn answer(&self, node: &Node) -> serde_json::Result<Bytes> {
        let mut made = self.made.lock().await;
        if let Some((at, body)) = &*made
            && clock::now().instant.saturating_duration_since(*at) < WATCH_MADE_EVERY
        {
            return Ok(body.clone());
        }
        // Nobody there, or nobody heard: the answer is of this node alone, and says so.
        let gathered = node.store.peers.ask(Asked::Watch.to_bytes(), WATCH_PATIENCE).await.ok();
        let now = clock::now();
        let view = self.view(node, gathered.as_ref(), now);
        let body = Bytes::from(serde_json::to_vec(&view)?);
        *made = Some((now.instant, body.clone()));
        Ok(body)
    }

    fn view(&self, node: &Node, gathered: Option<&Gathered>, now: Now) -> WatchView {
        let answers = gathered.map_or(&[][..], |gathered| &gathered.answers);
        let heard: Vec<Told> =
            answers.iter().filter_map(|answer| serde_json::from_slice(answer).ok()).collect();
        let is_complete = gathered.is_some_and(|gathered| gathered.expected == heard.len());
        let own = self.told(node, now);
        let silent = self.remember(&heard, now.wall);
        let mut answering = vec![own];
        answering.extend(heard);
        WatchView::of(node, &answering, &silent, is_complete, now.wall)
    }

    /// Keeps what was heard; answers the nodes that were there and say nothing now.
    fn remember(&self, heard: &[Told], now: Timestamp) -> Vec<Told> {
        let mut others = self.others.lock();
        for told in heard {
            others.insert(told.name.clone(), told.clone());
        }
        others.retain(|_, told| told.at_ms.until(now) < WATCH_NODE_TOLD_FOR);
        while others.len() > WATCH_NODES_MAX {
            let Some(oldest) = others.values().min_by_key(|told| told.at_ms).map(|told| told.name.clone())
            else {
                break;
            };
            others.remove(&oldest);
        }
        let is_silent = |told: &&Told| heard.iter().all(|now| now.name != told.name);
        others.values().filter(is_silent).cloned().collect()
    }
}

/// Looks at the node once a second, for as long as it serves.
pub(crate) async fn look_for_ever(node: Arc<Node>) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        node.lookout.look(&node, clock::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, seconds: u64) -> Told {
        Told {
            name: name.to_owned(),
            at_ms: Timestamp::from_millis(1_800_000_000_000 + seconds * 1_000),
            ..Told::default()
        }
    }

    fn names(told: &[Told]) -> Vec<&str> {
        told.iter().map(|told| told.name.as_str()).collect()
    }

    #[test]
    fn a_node_that_was_there_and_says_nothing_is_told_of_for_a_while() {
        let lookout = Lookout::new("here:1".parse().unwrap());
        let both = [told("a:1", 0), told("b:1", 0)];
        assert_eq!(lookout.remember(&both, both[0].at_ms), []);
        let silent = lookout.remember(&[told("a:1", 60)], told("", 60).at_ms);
        assert_eq!(names(&silent), ["b:1"]);
        assert_eq!(silent[0].at_ms, both[1].at_ms, "as it was heard last");
        let after = told("", 15 * 60);
        assert_eq!(names(&lookout.remember(&[], after.at_ms)), ["a:1"]);
    }

    #[test]
    fn so_many_nodes_are_known_and_no_more() {
        let lookout = Lookout::new("here:1".parse().unwrap());
        for n in 0..100 {
            let silent = lookout.remember(&[told(&format!("n{n}:1"), n)], told("", n).at_ms);
            assert!(silent.len() < WATCH_NODES_MAX, "{n}");
        }
        assert!(lookout.others.lock().contains_key("n99:1"));
        assert!(!lookout.others.lock().contains_key("n0:1"));
    }
}
