//! What the callers and the committer share.

use crate::error::Failed;
use crate::tops::Tops;
use parking_lot::{Mutex, RwLock};
use protocol::ChannelName;
use redb::{Database, ReadTransaction, ReadableDatabase};
use std::collections::HashSet;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use storage::Unavailable;

/// The file, who follows what, and whether messages are taken.
pub(crate) struct Shared {
    /// Nothing while the file cannot be opened, and after closing. Locked for reading by whoever reads or commits,
    /// for writing only to let go of the file: it must be closed before it can be opened again.
    pub(crate) database: RwLock<Option<Database>>,
    pub(crate) followed: Mutex<HashSet<ChannelName>>,
    pub(crate) tops: Tops,
    /// False from a failed commit until the next good one.
    pub(crate) is_taking: AtomicBool,
    pub(crate) commits: Commits,
    /// Bytes of messages that are kept, as of the last commit.
    pub(crate) kept: AtomicU64,
    /// Most bytes of messages that are kept.
    pub(crate) kept_max_bytes: u64,
}

/// Counts of the committer since the start.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    pub(crate) transactions: AtomicU64,
    pub(crate) jobs: AtomicU64,
    pub(crate) failures: AtomicU64,
}

impl Shared {
    pub(crate) fn new(database: Database, kept: u64, kept_max_bytes: u64) -> Self {
        Self {
            database: RwLock::new(Some(database)),
            followed: Mutex::new(HashSet::new()),
            tops: Tops::default(),
            is_taking: AtomicBool::new(true),
            commits: Commits::default(),
            kept: AtomicU64::new(kept),
            kept_max_bytes,
        }
    }

    /// Reads on a snapshot, on a thread that may block: a page that is not in the cache waits for the disk, and
    /// the callers' threads carry sockets.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Unavailable> {
        let shared = Arc::clone(self);
        tokio::task::spawn_blocking(move || shared.read_now(read)).await.unwrap_or(Err(Unavailable))
    }

    /// The same on this thread.
    pub(crate) fn read_now<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Failed>,
    ) -> Result<T, Unavailable> {
        let database = self.database.read();
        let database = database.as_ref().ok_or(Unavailable)?;
        let answer = database.begin_read().map_err(Failed::from).and_then(|snapshot| read(&snapshot));
        answer.map_err(|error| {
            tracing::error!(%error, "the store could not be read");
            Unavailable
        })
    }

    /// Lets go of the file.
    pub(crate) fn release(&self) {
        self.is_taking.store(false, Ordering::Release);
        let database = self.database.write().take();
        if let Some(Err(error)) = database.map(Database::close) {
            tracing::warn!(%error, "the store's file was not closed cleanly; the next start checks it");
        }
    }
}
