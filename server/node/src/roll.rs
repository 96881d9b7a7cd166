//! The roll of all active members at this node: read once, kept up each second with what any node changed.

use crate::assembly::Node;
use crate::clock;
use campaign::audience::Roll;
use campaign::changes::Hearing;
use parking_lot::{RwLock, RwLockReadGuard};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often it is looked for what changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Who is there, as far as this node knows.
#[derive(Debug, Default)]
pub(crate) struct NodeRoll {
    roll: RwLock<Roll>,
    is_read: AtomicBool,
}

impl NodeRoll {
    /// The roll; nothing, until it was read once.
    pub(crate) fn get(&self) -> Option<RwLockReadGuard<'_, Roll>> {
        self.is_read.load(Ordering::Acquire).then(|| self.roll.read())
    }

    fn set(&self, roll: Roll) {
        *self.roll.write() = roll;
        self.is_read.store(true, Ordering::Release);
    }
}

/// Keeps the roll. Never ends; while the store is away, the roll is as it was.
pub(crate) async fn follow(node: Arc<Node>) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut hearing, mut is_told) = (None, false);
    loop {
        interval.tick().await;
        let looked = match &mut hearing {
            None => read(&node).await.map(|begun| hearing = Some(begun)),
            Some(known) => match look(&node, known).await {
                Ok(true) => Ok(()),
                Ok(false) => read(&node).await.map(|begun| hearing = Some(begun)),
                Err(away) => Err(away),
            },
        };
        match looked {
            Ok(()) => is_told = false,
            Err(error) if !std::mem::replace(&mut is_told, true) => {
                tracing::warn!(%error, "the roll of members cannot be kept up; trying on");
            }
            Err(_) => {}
        }
    }
}

async fn read(node: &Node) -> Result<Hearing, campaign::Away> {
    let (roll, hearing) = node.people.roll(clock::wall()).await?;
    tracing::debug!(members = roll.index().members(), "the roll of members is read");
    node.roll.set(roll);
    Ok(hearing)
}

/// Whether all that changed was told.
async fn look(node: &Node, hearing: &mut Hearing) -> Result<bool, campaign::Away> {
    let Some(changed) = node.people.changed(hearing, clock::wall()).await? else {
        return Ok(false);
    };
    if !changed.is_empty() {
        let mut roll = node.roll.roll.write();
        for (id, member) in changed {
            match member {
                Some(member) => roll.put(&member),
                None => roll.remove(&id),
            }
        }
    }
    Ok(true)
}
