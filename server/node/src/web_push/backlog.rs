//! How much is to be sent still, as operators are told.

use crate::assembly::Node;
use crate::clock;
use campaign::Away;
use parking_lot::Mutex;
use std::time::Duration;

protocol::limits! {
    /// Waiting notifications that are counted; further ones are not.
    const PUSHES_COUNTED_MAX: usize = 1_000 => unseen;
}

/// How often it is counted.
const COUNT_EVERY: Duration = Duration::from_secs(5);

/// What is to be sent, in all of the deployment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Backlog {
    /// Notifications that wait for their time.
    pub(crate) waiting: usize,
    /// For how long the oldest that could go has not gone.
    pub(crate) oldest: Duration,
}

/// Where it is told.
#[derive(Debug, Default)]
pub(crate) struct BacklogBoard(Mutex<Backlog>);

impl BacklogBoard {
    pub(crate) fn get(&self) -> Backlog {
        *self.0.lock()
    }
}

pub(super) async fn count_for_ever(node: &Node) {
    loop {
        // While the store is away it is as it was.
        if let Ok(backlog) = backlog(node).await {
            *node.web_push.backlog.0.lock() = backlog;
        }
        tokio::time::sleep(COUNT_EVERY).await;
    }
}

async fn backlog(node: &Node) -> Result<Backlog, Away> {
    let (push, now) = (&node.web_push, clock::wall());
    let (waiting, due) = push.waits.figures(PUSHES_COUNTED_MAX, now).await?;
    let oldest = [due, push.rounds.oldest(now).await?].into_iter().flatten().min();
    Ok(Backlog { waiting, oldest: oldest.map_or(Duration::ZERO, |oldest| oldest.until(now)) })
}
