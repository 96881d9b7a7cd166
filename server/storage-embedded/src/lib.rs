//! The storage port on one redb file, `holdfast.redb` in the data folder.
//!
//! One thread writes: it takes all drafts and record commits that wait, stores them in one
//! transaction with one fsync, and answers them. Reads run beside it on snapshots, on threads that may block.
//!
//! Things to note:
//! * **Invariant:** nothing is answered with a place before its transaction is on the disk.
//! * Each open begins a new epoch, so a restored backup cannot fork: what it lost has another name than what it
//!   writes. After a failed commit the file is opened again, and a new epoch begins with the next commit.
//! * While the disk refuses, publishes are `Unavailable`; reads go on if the file can still be read. The next try
//!   is made by the first request that comes [`REOPEN_PAUSE`] after the last, by the times that requests carry;
//!   trimming is such a request, so a store that nobody writes to heals as well.
//! * At the ceiling ([`OpenOptions::kept_max_bytes`]) messages of members are refused and nothing is evicted; repeats
//!   are recognised, records are written, and what is kept is read. Retention makes room.
//! * What a kernel does to unwritten pages after an I/O error is beneath what this crate can see: a disk that
//!   reports errors is to be replaced, and clients keep what was not answered.

mod committer;
mod error;
mod file;
mod history;
mod job;
mod kept;
mod keys;
mod lives;
mod log;
mod open;
mod peers;
mod records;
mod shared;
mod statistics;
mod tables;
#[cfg(test)]
mod tests;
mod tops;
mod trim;

pub use committer::{BATCH_MAX_BYTES, BATCH_MAX_JOBS, QUEUE_MAX_JOBS, REOPEN_PAUSE};
pub use file::FILE_NAME;
pub use kept::KEPT_OVERHEAD_BYTES;
pub use open::{OpenError, OpenOptions};
pub use statistics::Statistics;

/// The bounds of this store.
pub const LIMITS: &[&[protocol::limits::Limit]] =
    &[committer::LIMITS, kept::LIMITS, open::LIMITS, tops::LIMITS, trim::LIMITS];

use committer::Committer;
use job::{Answer, Job};
use open::Opened;
use parking_lot::Mutex;
use shared::Shared;
use std::{fmt, path::Path, sync::Arc, thread::JoinHandle};
use storage::{Feed, Unavailable, feed, history::EpochSource, peers::Alone};
use tokio::sync::{mpsc, oneshot};

/// The store. Dropping it without [`storage::History::close`] does the same, and blocks until it is done.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    committer: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    feed: Mutex<Option<Feed>>,
    alone: Alone,
}

impl EmbeddedStore {
    /// Opens the store in a folder, which is made if there is none, and begins a new epoch. Blocks: on a large
    /// file, for as long as reading it takes (see [`OpenOptions::check_file`]).
    pub fn open(folder: &Path, options: &OpenOptions) -> Result<Self, OpenError> {
        let opened = open::open(folder, options)?;
        Self::start(opened, Arc::clone(&options.fresh_epoch))
    }

    fn start(opened: Opened, fresh_epoch: EpochSource) -> Result<Self, OpenError> {
        let (sender, feed) = feed::channel(feed::FEED_MAX_EVENTS);
        let (jobs, waiting) = mpsc::channel(QUEUE_MAX_JOBS);
        let Opened { again, database, begun, kept_max_bytes } = opened;
        let shared = Arc::new(Shared::new(database, begun.kept, kept_max_bytes));
        let committer = Committer::new(waiting, Arc::clone(&shared), sender, fresh_epoch, again, begun.life);
        let thread = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(move || committer.run())
            .map_err(|cause| OpenError::Thread { cause })?;
        Ok(Self {
            shared,
            jobs: Mutex::new(Some(jobs)),
            committer: tokio::sync::Mutex::new(Some(thread)),
            feed: Mutex::new(Some(feed)),
            alone: Alone::default(),
        })
    }

    /// Hands a job to the committer, waiting for room in its queue. The job's answer, or why there will be none.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, NoAnswer> {
        let jobs = self.jobs.lock().clone().ok_or(NoAnswer::NotTaken)?;
        let (answer, answered) = oneshot::channel();
        jobs.send(job(answer)).await.map_err(|_| NoAnswer::NotTaken)?;
        drop(jobs);
        answered.await.map_err(|_| NoAnswer::Lost)
    }

    fn is_open(&self) -> bool {
        self.jobs.lock().is_some()
    }
}

/// Why a job has no answer.
enum NoAnswer {
    /// The committer died over it: it may have happened.
    Lost,
    /// The store is closed or its committer is gone: nothing happened.
    NotTaken,
}

impl From<NoAnswer> for Unavailable {
    fn from(_: NoAnswer) -> Self {
        Self
    }
}

/// Waits until what was taken is committed, then lets go of the file.
fn finish(committer: JoinHandle<()>, shared: &Shared) {
    if committer.join().is_err() {
        tracing::error!("the store's committer had failed before the store was closed");
    }
    shared.release();
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.jobs.get_mut().take();
        if let Some(committer) = self.committer.get_mut().take() {
            finish(committer, &self.shared);
        }
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedStore").field("open", &self.is_open()).finish_non_exhaustive()
    }
}
