//! The contract, and what only a file can suffer.

mod ceiling;
mod files;
mod load;

use crate::{EmbeddedStore, FILE_NAME, OpenError, OpenOptions};
use async_trait::async_trait;
use protocol::{ChannelName, Epoch, IdempotencyKey, Lane, Payload, Timestamp};
use std::path::PathBuf;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use storage::contract::{Fixture, Store};
use storage::history::EpochSource;
use storage::{Draft, History};
use tempfile::TempDir;

/// A data folder of its own, and epochs that can be told apart.
pub(crate) struct Folder {
    temporary: TempDir,
    options: OpenOptions,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            temporary: tempfile::tempdir().unwrap(),
            options: OpenOptions {
                // Small, so that tests of the whole suite at once stay small.
                cache_bytes: 4 * 1024 * 1024,
                ..OpenOptions::new(counted_epochs())
            },
        }
    }

    /// With a ceiling for what it keeps.
    pub(crate) fn up_to(mut self, kept_max_bytes: u64) -> Self {
        self.options.kept_max_bytes = Some(kept_max_bytes);
        self
    }

    pub(crate) fn open(&self) -> Result<EmbeddedStore, OpenError> {
        EmbeddedStore::open(self.temporary.path(), &self.options)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.temporary.path().join(FILE_NAME)
    }
}

pub(crate) fn counted_epochs() -> EpochSource {
    let count = AtomicU64::new(0);
    Arc::new(move || Epoch::parse(&format!("epoch-{}", count.fetch_add(1, Ordering::Relaxed))).unwrap())
}

pub(crate) fn channel() -> ChannelName {
    ChannelName::bulletins_all()
}

/// A message that says its own key.
pub(crate) fn draft(key: &str, millis: u64) -> Draft {
    Draft {
        channel: channel(),
        data: Payload::from_value(&key).unwrap(),
        sender: None,
        key: IdempotencyKey::parse(key).unwrap(),
        at: Timestamp::from_millis(millis),
        lane: Lane::Normal,
    }
}

#[async_trait]
impl Fixture for Folder {
    async fn open(&self) -> Store {
        Store::of(Arc::new(Self::open(self).unwrap()))
    }

    async fn reopen(&self, store: Store) -> Store {
        store.history.close().await;
        drop(store);
        Store::of(Arc::new(Self::open(self).unwrap()))
    }
}

storage::contract!(Folder::new());

#[tokio::test]
async fn the_store_counts_what_it_commits_and_nothing_that_was_there_already() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    for key in ["a", "b", "a"] {
        store.publish(draft(key, 1)).await.unwrap();
    }
    let statistics = store.statistics();
    assert_eq!((statistics.jobs, statistics.transactions, statistics.failures), (2, 2, 0));
    assert!(statistics.is_taking && statistics.waiting == 0);
    store.close().await;
    assert!(!store.statistics().is_taking);
}
