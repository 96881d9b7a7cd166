//! Devices that were signed out while tickets of theirs still live: known at every node, so that a ticket is checked
//! without asking the store.

use crate::assembly::Node;
use crate::clock;
use identity::Principal;
use parking_lot::RwLock;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use storage::{RecordId, RecordKind, Records, Unavailable};
use tokio::time::MissedTickBehavior;

protocol::limits! {
    /// The longest until a device that was signed out at another node is not let in by its ticket any more, while the store
    /// can be read.
    const REVOKED_WITHIN: Duration = Duration::from_secs(5) => unseen;
    /// Most devices that are known to be signed out; further ones keep what their tickets allow.
    const REVOCATIONS_MAX: usize = 200_000 => counted;
}

/// Who is signed out.
#[derive(Debug, Default)]
pub(crate) struct Revocations(RwLock<Arc<HashSet<RecordId>>>);

impl Revocations {
    /// Whether a ticket of this device no longer counts.
    pub(crate) fn covers(&self, principal: &Principal) -> bool {
        let known = self.0.read();
        !known.is_empty()
            && principal
                .device
                .as_ref()
                .and_then(|device| RecordId::parse(device.as_str()))
                .is_some_and(|device| known.contains(&device))
    }

    /// A device is signed out here.
    pub(crate) fn add(&self, device: &str) {
        if let Some(device) = RecordId::parse(device) {
            Arc::make_mut(&mut self.0.write()).insert(device);
        }
    }

    /// Reads them all; answers those that are new.
    async fn read(&self, records: &dyn Records, node: &Node) -> Result<Vec<RecordId>, Unavailable> {
        let mut found = HashSet::new();
        let mut after = None;
        loop {
            let (some, next) =
                records.scan(RecordKind::Revocation, after.as_ref(), usize::MAX, clock::wall()).await?;
            found.extend(some.into_iter().map(|(id, _)| id));
            if found.len() > REVOCATIONS_MAX {
                node.metrics.limit_reached(reached::REVOCATIONS_MAX);
                break;
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut known = self.0.write();
        let new = found.difference(&known).cloned().collect();
        *known = Arc::new(found);
        Ok(new)
    }
}

/// Follows who is signed out, and ends the connections of their devices, for as long as the node serves.
pub(crate) async fn follow(node: Arc<Node>) {
    let mut interval = tokio::time::interval(REVOKED_WITHIN);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // What is known stays, while the store is away.
        if let Ok(new) = node.gate.revocations().read(&*node.store.records, &node).await {
            for device in new {
                node.seats.clear(device.as_str());
            }
        }
    }
}
