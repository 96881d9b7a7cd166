//! The roll of all active members at this node: read once, kept up each second with what any node changed.

use crate::assembly::Node;
use crate::clock;
use campaign::audience::Roll;
use campaign::audience::roll::ROLL_MEMBERS_MAX;
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

    /// How many are on it, and what it takes.
    pub(crate) fn figures(&self) -> Figures {
        let roll = self.roll.read();
        Figures { members: roll.index().members(), bytes: roll.bytes(), is_partial: roll.is_partial() }
    }

    fn set(&self, roll: Roll) {
        let was_partial = self.roll.read().is_partial();
        say_partial(was_partial, roll.is_partial());
        *self.roll.write() = roll;
        self.is_read.store(true, Ordering::Release);
    }
}

/// What metrics may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) members: u64,
    pub(crate) bytes: usize,
    /// Whether somebody is left out.
    pub(crate) is_partial: bool,
}

/// Once, when it begins and when it is over.
fn say_partial(was_partial: bool, is_partial: bool) {
    if is_partial && !was_partial {
        tracing::error!(
            members = ROLL_MEMBERS_MAX,
            "there are more members than a node holds on its roll: no audience is counted, and no bulletin goes by \
             members' own channels"
        );
    } else if was_partial && !is_partial {
        tracing::info!("all members are on the roll again");
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

/// Whether all that changed was told, so that the members need not be read again.
async fn look(node: &Node, hearing: &mut Hearing) -> Result<bool, campaign::Away> {
    let Some(changed) = node.people.changed(hearing, clock::wall()).await? else {
        return Ok(false);
    };
    if !changed.is_empty() {
        let mut roll = node.roll.roll.write();
        let was_partial = roll.is_partial();
        for (id, member) in changed {
            match member {
                Some(member) => roll.put(&member),
                None => roll.remove(&id),
            }
        }
        say_partial(was_partial, roll.is_partial());
        return Ok(!roll.may_be_whole());
    }
    Ok(true)
}
