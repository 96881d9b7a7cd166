//! What no longer counts of tickets and tokens that still live: of devices that were signed out, and of members who may do
//! something else now. Known at every node, so that a ticket is checked without asking the store.

use crate::assembly::Node;
use crate::clock;
use campaign::Revoking;
use identity::Principal;
use parking_lot::{Mutex, RwLock};
use protocol::{DeviceId, MemberId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use storage::records::revocation::{Revocation, Revoked};
use storage::{RecordKind, Records, Unavailable};
use tokio::time::MissedTickBehavior;

protocol::limits! {
    /// The longest until a device that was signed out at another node is not let in by its ticket any more, and until what
    /// a member may is what an admin said at another node, while the store can be read.
    const REVOKED_WITHIN: Duration = Duration::from_secs(5) => unseen;
    /// Most devices and members of whom it is known; further ones keep what their tickets allow.
    const REVOCATIONS_MAX: usize = 200_000 => counted;
}

/// Why what somebody shows does not count any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Withdrawn {
    /// The device is signed out.
    SignedOut,
    /// They may something else now; a newer ticket says what.
    Outdated,
}

/// Who is signed out, and whose tickets say too much.
#[derive(Debug, Default)]
pub(crate) struct Revocations {
    known: RwLock<Arc<Known>>,
    /// What was added here since the last look into the store began, which may not have seen it.
    added: Mutex<Vec<Revoking>>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    devices: HashSet<DeviceId>,
    /// The first generation of a member that counts.
    members: HashMap<MemberId, u64>,
}

impl Known {
    fn add(&mut self, revoking: Revoking) {
        match revoking.revoked {
            Revoked::Device(device) => {
                self.devices.insert(device);
            }
            Revoked::Member(member) => {
                let from = self.members.entry(member).or_default();
                *from = revoking.counts_from.max(*from);
            }
        }
    }

    fn len(&self) -> usize {
        self.devices.len() + self.members.len()
    }

    /// What is here and was not there.
    fn since(&self, before: &Self) -> Self {
        let is_new = |member: &MemberId, from: u64| before.members.get(member).is_none_or(|old| *old < from);
        Self {
            devices: self.devices.difference(&before.devices).cloned().collect(),
            members: self
                .members
                .iter()
                .filter(|(member, from)| is_new(member, **from))
                .map(|(member, from)| (member.clone(), *from))
                .collect(),
        }
    }
}

impl Revocations {
    /// Why what this principal was given no longer counts, if it does not.
    pub(crate) fn covers(&self, principal: &Principal) -> Option<Withdrawn> {
        let known = self.known.read();
        if principal.device.as_ref().is_some_and(|device| known.devices.contains(device)) {
            return Some(Withdrawn::SignedOut);
        }
        let counts_from = known.members.get(&principal.member).copied().unwrap_or(0);
        (principal.generation < counts_from).then_some(Withdrawn::Outdated)
    }

    /// Something no longer counts, as was decided here.
    pub(crate) fn add(&self, revoking: &[Revoking]) {
        self.added.lock().extend_from_slice(revoking);
        let mut known = self.known.write();
        let known = Arc::make_mut(&mut known);
        for revoking in revoking {
            known.add(revoking.clone());
        }
    }

    /// Reads them all; answers those that are new.
    async fn read(&self, records: &dyn Records, node: &Node) -> Result<Known, Unavailable> {
        self.added.lock().clear();
        let mut found = Known::default();
        let mut after = None;
        loop {
            let (some, next) =
                records.scan(RecordKind::Revocation, after.as_ref(), usize::MAX, clock::wall()).await?;
            for (id, record) in some {
                let kept: Revocation = serde_json::from_slice(&record.data).unwrap_or_default();
                if let Some(revoked) = Revoked::parse(&id) {
                    found.add(Revoking { revoked, counts_from: kept.counts_from });
                }
            }
            if found.len() > REVOCATIONS_MAX {
                node.metrics.limit_reached(reached::REVOCATIONS_MAX);
                break;
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let mut known = self.known.write();
        for revoking in self.added.lock().iter() {
            found.add(revoking.clone());
        }
        let new = found.since(&known);
        *known = Arc::new(found);
        Ok(new)
    }
}

/// Something no longer counts, as was decided at this node: it does not here from now on, and who is connected with it
/// leaves.
pub(crate) fn revoke(node: &Node, revoking: &[Revoking]) {
    if revoking.is_empty() {
        return;
    }
    node.gate.revocations().add(revoking);
    let mut new = Known::default();
    for revoking in revoking {
        new.add(revoking.clone());
    }
    clear(node, &new);
}

fn clear(node: &Node, new: &Known) {
    for device in &new.devices {
        node.seats.clear(device.as_str());
    }
    if !new.members.is_empty() {
        node.seats.clear_members(&new.members);
    }
}

/// Follows what no longer counts, and ends the connections that rest on it, for as long as the node serves.
pub(crate) async fn follow(node: Arc<Node>) {
    // So that a look that takes as long as the pause is still in time.
    let mut interval = tokio::time::interval(REVOKED_WITHIN / 2);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // What is known stays, while the store is away.
        if let Ok(new) = node.gate.revocations().read(&*node.store.records, &node).await {
            clear(&node, &new);
        }
    }
}
