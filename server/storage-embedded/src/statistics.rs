//! What the store can say of itself, for metrics.

use crate::EmbeddedStore;
use crate::committer::QUEUE_MAX_JOBS;
use crate::kept::NO_CEILING;
use std::sync::atomic::Ordering;

/// The committer at a moment, and what it did since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Transactions that are on the disk, each with one fsync.
    pub transactions: u64,
    /// Publishes, commits of records and removals in them; by `transactions`, the size of a group.
    pub jobs: u64,
    /// Transactions that did not come to a good end.
    pub failures: u64,
    /// Jobs that wait for the committer.
    pub waiting: usize,
    /// Whether messages are taken: not from a failed commit until the next good one.
    pub is_taking: bool,
    /// Bytes of messages that are kept, with what each counts for besides.
    pub kept_bytes: u64,
    /// Most bytes that may be; nothing if that is for the disk to say.
    pub kept_max_bytes: Option<u64>,
}

impl EmbeddedStore {
    /// See [`Statistics`].
    pub fn statistics(&self) -> Statistics {
        let commits = &self.shared.commits;
        let waiting =
            self.jobs.lock().as_ref().map_or(0, |jobs| QUEUE_MAX_JOBS.saturating_sub(jobs.capacity()));
        Statistics {
            transactions: commits.transactions.load(Ordering::Relaxed),
            jobs: commits.jobs.load(Ordering::Relaxed),
            failures: commits.failures.load(Ordering::Relaxed),
            waiting,
            is_taking: self.shared.is_taking.load(Ordering::Acquire),
            kept_bytes: self.shared.kept.load(Ordering::Relaxed),
            kept_max_bytes: Some(self.shared.kept_max_bytes).filter(|most| *most != NO_CEILING),
        }
    }
}
