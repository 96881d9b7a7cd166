//! The waiting room of all nodes together: each tells the others whom it has waiting, and what a node knows is kept for
//! its next start. Without the others or the store each goes on with what it knows.

use super::Gate;
use crate::assembly::Node;
use crate::clock;
use crate::peers::Asked;
use admission::waiting_room::Told;
use bytes::Bytes;
use protocol::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use storage::{Change, Expect, RecordId, RecordKey, RecordKind, Write};
use tokio::time::MissedTickBehavior;

protocol::limits! {
    /// Most moments that a node tells of each class that waits; neighbouring ones are told as one.
    const TOLD_MOMENTS_MAX: usize = 512 => unseen;
    /// Longest that a node waits for what the others have to tell.
    const TOLD_PATIENCE: Duration = Duration::from_millis(150) => unseen;
}

/// How often nodes tell each other, while somebody waits.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// How often it is kept, while somebody waits.
const KEEP_EVERY: u32 = 5;

impl Gate {
    /// What this node tells of its waiting room.
    pub(crate) fn tell_room(&self) -> Vec<u8> {
        let told = self.room.lock().tell(TOLD_MOMENTS_MAX);
        serde_json::to_vec(&told).unwrap_or_default()
    }

    pub(super) fn hear_room(&self, answers: &[Bytes], now: Timestamp) {
        let told: Vec<Told> =
            answers.iter().filter_map(|answer| serde_json::from_slice(answer).ok()).collect();
        self.room.lock().hear(&told, now);
    }

    pub(crate) fn has_waiting(&self) -> bool {
        self.waiting() > 0
    }

    /// How many hold a place in the waiting room of all nodes, as far as this one has heard.
    pub(crate) fn waiting(&self) -> u64 {
        let room = self.room.lock();
        room.waiting().fold(0, |sum, (_, waiting)| sum.saturating_add(waiting))
    }
}

/// Goes on where the deployment's waiting room stopped, if it did so lately.
pub(crate) async fn restore(node: &Node) {
    let Some(key) = key() else { return };
    let now = clock::wall();
    if let Ok(Some(kept)) = node.store.records.get(&key, now).await
        && let Ok(told) = serde_json::from_slice::<Told>(&kept.data)
    {
        node.gate.room.lock().restore(&told, now);
        tracing::info!("the waiting room goes on where it stopped");
    }
}

/// Shares the waiting room, for as long as the node serves.
pub(crate) async fn share(node: Arc<Node>) {
    let mut interval = tokio::time::interval(TELL_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ticks = 0_u32;
    let mut is_kept = false;
    loop {
        interval.tick().await;
        ticks = ticks.wrapping_add(1);
        let waiting = node.gate.has_waiting();
        if waiting {
            // Nobody there, or nobody heard: each goes on alone.
            if let Ok(gathered) = node.store.peers.ask(Asked::Room.to_bytes(), TOLD_PATIENCE).await {
                node.gate.hear_room(&gathered.answers, clock::wall());
            }
        }
        if (waiting && ticks.is_multiple_of(KEEP_EVERY)) || (is_kept && !waiting) {
            keep(&node, waiting).await;
            is_kept = waiting;
        }
    }
}

/// Keeps what is known for the next start; nothing once nobody waits.
async fn keep(node: &Node, waiting: bool) {
    let Some(key) = key() else { return };
    let now = clock::wall();
    let change = if waiting {
        Change::Put { data: node.gate.tell_room(), expires_at: Some(now.after(identity::place::PLACE_TTL)) }
    } else {
        Change::Delete
    };
    let kept = node.store.records.commit(vec![Write { key, expect: Expect::Any, change }], now).await;
    if let Err(error) = kept {
        tracing::debug!(%error, "the waiting room could not be kept");
    }
}

fn key() -> Option<RecordKey> {
    RecordId::parse("waiting-room").map(|id| RecordKey { kind: RecordKind::Deployment, id })
}
