//! Disks that fail, and threads that die.

use super::REOPEN_PAUSE;
use crate::file::initialise;
use crate::kept::NO_CEILING;
use crate::open::{OpenError, Opened, begin_life};
use crate::tests::{channel, counted_epochs, draft};
use crate::{EmbeddedStore, FILE_NAME};
use parking_lot::Mutex;
use protocol::{Payload, Timestamp, limits::PAYLOAD_MAX_BYTES};
use redb::{Database, StorageBackend};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::{io, sync::Arc};
use storage::history::EpochSource;
use storage::{
    CommitError, Draft, FeedEvent, History, PageLimit, PublishError, Published, Records, Replay, Retention,
    Since, Unavailable,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Takes everything.
    Good,
    /// Cannot be opened, written or synced.
    Broken,
    /// Fails the next sync of a commit, and is good again.
    FailsOneSync,
    /// Has no room for a longer file.
    Full,
}

#[derive(Debug)]
struct Disk {
    mood: Mutex<Mood>,
    bytes: Mutex<Vec<u8>>,
    opened: AtomicU64,
    /// A sync right after this is part of making room, not of a commit.
    has_grown: AtomicBool,
}

#[derive(Debug, Clone)]
struct Backend(Arc<Disk>);

impl Disk {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            mood: Mutex::new(Mood::Good),
            bytes: Mutex::new(Vec::new()),
            opened: AtomicU64::new(0),
            has_grown: AtomicBool::new(false),
        })
    }

    fn is(&self, mood: Mood) -> bool {
        *self.mood.lock() == mood
    }

    fn become_(&self, mood: Mood) {
        *self.mood.lock() = mood;
    }

    fn open(self: &Arc<Self>) -> Result<Database, redb::DatabaseError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Database::builder().create_with_backend(Backend(Arc::clone(self)))
    }

    fn store(self: &Arc<Self>, epochs: &EpochSource) -> EmbeddedStore {
        let database = self.open().unwrap();
        initialise(&database).unwrap();
        let begun = begin_life(&database, epochs()).unwrap();
        let disk = Arc::clone(self);
        let opened = Opened {
            again: Box::new(move || {
                disk.open()
                    .map_err(|error| OpenError::Begin { file: FILE_NAME.into(), detail: error.to_string() })
            }),
            database,
            begun,
            kept_max_bytes: NO_CEILING,
        };
        EmbeddedStore::start(opened, Arc::clone(epochs)).unwrap()
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.0.bytes.lock().len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        let bytes = self.0.bytes.lock();
        let stored = bytes.get(from..from + out.len());
        out.copy_from_slice(stored.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).unwrap();
        let mut bytes = self.0.bytes.lock();
        if self.0.is(Mood::Full) && len > bytes.len() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.has_grown.store(len > bytes.len(), Ordering::Relaxed);
        bytes.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut mood = self.0.mood.lock();
        let has_grown = self.0.has_grown.swap(false, Ordering::Relaxed);
        match *mood {
            Mood::Full | Mood::Good => Ok(()),
            Mood::Broken => Err(io::Error::other("broken")),
            Mood::FailsOneSync if has_grown => Ok(()),
            Mood::FailsOneSync => {
                *mood = Mood::Good;
                Err(io::Error::other("a sync failed"))
            }
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.0.is(Mood::Broken) {
            return Err(io::Error::other("broken"));
        }
        let from = usize::try_from(offset).unwrap();
        let mut bytes = self.0.bytes.lock();
        let place = bytes.get_mut(from..from + data.len());
        place.ok_or(io::ErrorKind::StorageFull)?.copy_from_slice(data);
        Ok(())
    }
}

const SECOND: u64 = 1_000;

async fn read_texts(store: &EmbeddedStore, since: &Since) -> Vec<String> {
    let replay = store.replay(&channel(), since, PageLimit::MAX).await.unwrap();
    let Replay::Complete(page) = replay else { panic!("{replay:?}") };
    let texts = page.publications.iter();
    texts.map(|publication| publication.data.as_str().to_owned()).collect()
}

#[tokio::test]
async fn a_failed_sync_is_answered_unknown_and_the_same_key_settles_it_in_a_new_epoch() {
    let disk = Disk::new();
    let store = disk.store(&counted_epochs());
    let mut feed = store.feed().unwrap();
    let before = store.publish(draft("before", 0)).await.unwrap();
    disk.become_(Mood::FailsOneSync);
    let failed = store.publish(draft("a", 0)).await;
    assert_eq!(failed, Err(PublishError::Unknown));
    assert_eq!(store.check().await, Err(Unavailable));

    let settled = store.publish(draft("a", 0)).await.unwrap();
    assert_ne!(settled.position().epoch, before.position().epoch);
    let since = Since::Position(before.position().clone());
    assert_eq!(read_texts(&store, &since).await, ["\"a\""]);
    assert_eq!(feed.next().await, Some(FeedEvent::Interrupted));
    store.check().await.unwrap();
}

#[tokio::test]
async fn everything_in_a_failed_transaction_is_unknown() {
    let disk = Disk::new();
    let store = disk.store(&counted_epochs());
    store.publish(draft("known", 0)).await.unwrap();
    disk.become_(Mood::FailsOneSync);
    let write = storage::Write {
        key: storage::RecordKey {
            kind: storage::RecordKind::Member,
            id: storage::RecordId::parse("ana").unwrap(),
        },
        expect: storage::Expect::Absent,
        change: storage::Change::Put { data: vec![], expires_at: None },
    };
    let committed = store.commit(vec![write], Timestamp::default()).await;
    assert_eq!(committed, Err(CommitError::Unknown));
}

#[tokio::test]
async fn a_broken_disk_is_not_tried_again_before_the_pause_is_over() {
    let disk = Disk::new();
    let store = disk.store(&counted_epochs());
    let before = store.publish(draft("before", 0)).await.unwrap();
    disk.become_(Mood::Broken);
    store.publish(draft("a", 10 * SECOND)).await.unwrap_err();
    // The first try after a failure is free.
    assert_eq!(store.publish(draft("a", 10 * SECOND)).await, Err(PublishError::Unavailable));
    let tries = disk.opened.load(Ordering::Relaxed);
    disk.become_(Mood::Good);
    let pause = u64::try_from(REOPEN_PAUSE.as_millis()).unwrap();
    let last = 10 * SECOND + pause - 1;
    for at in [10 * SECOND, 11 * SECOND, last] {
        assert_eq!(store.publish(draft("a", at)).await, Err(PublishError::Unavailable));
    }
    assert_eq!(disk.opened.load(Ordering::Relaxed), tries);
    assert_eq!(store.check().await, Err(Unavailable));
    assert_eq!(store.top(&channel()).await, Err(Unavailable));

    let after = store.publish(draft("b", last + 1)).await.unwrap();
    assert_ne!(after.position().epoch, before.position().epoch);
    store.check().await.unwrap();
    let texts = read_texts(&store, &Since::Start).await;
    assert_eq!(texts.first().unwrap(), "\"before\"");
    assert_eq!(texts.last().unwrap(), "\"b\"");
}

#[tokio::test]
async fn trimming_lets_a_store_heal_that_nobody_writes_to() {
    let disk = Disk::new();
    let store = disk.store(&counted_epochs());
    disk.become_(Mood::Broken);
    store.publish(draft("a", 0)).await.unwrap_err();
    disk.become_(Mood::Good);
    assert_eq!(store.check().await, Err(Unavailable));
    store.trim(&Retention::default(), Timestamp::from_millis(SECOND)).await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_messages_but_lets_read_and_heals_without_using_up_epochs() {
    let disk = Disk::new();
    let epochs = counted_epochs();
    let store = disk.store(&epochs);
    let large = |n: u64| Draft {
        data: Payload::from_value(&"x".repeat(PAYLOAD_MAX_BYTES - 2)).unwrap(),
        ..draft(&n.to_string(), n * 60 * SECOND)
    };
    let mut stored = 0;
    while stored < 20 {
        stored = store.publish(large(stored)).await.unwrap().position().offset.get();
    }
    disk.become_(Mood::Full);
    while let Ok(Published::Stored(position)) = store.publish(large(stored)).await {
        stored = position.offset.get();
    }
    let top = store.top(&channel()).await.unwrap();
    // More often than epochs are remembered.
    for n in 0..140 {
        let refused = store.publish(large(stored + n)).await;
        assert!(matches!(refused, Err(PublishError::Unavailable | PublishError::Unknown)), "{refused:?}");
        assert_eq!(store.top(&channel()).await, Ok(top.clone()));
        assert_eq!(store.check().await, Err(Unavailable));
    }
    disk.become_(Mood::Good);
    let after = store.publish(large(stored + 140)).await.unwrap();
    assert_eq!(after.position().offset, top.offset.next());
    let since = Since::Position(top);
    assert_eq!(read_texts(&store, &since).await.len(), 1);
}

#[tokio::test]
async fn a_committer_that_dies_leaves_nobody_waiting() {
    let disk = Disk::new();
    let count = AtomicU64::new(0);
    let fresh = counted_epochs();
    let epochs: EpochSource = Arc::new(move || {
        assert!(count.fetch_add(1, Ordering::Relaxed) == 0, "no more epochs");
        fresh()
    });
    let store = disk.store(&epochs);
    store.publish(draft("before", 0)).await.unwrap();
    disk.become_(Mood::FailsOneSync);
    store.publish(draft("a", 0)).await.unwrap_err();
    // The next try begins a life, for which there is no epoch.
    let died = store.publish(draft("b", 0)).await;
    assert_eq!(died, Err(PublishError::Unknown));
    let later = store.publish(draft("c", 0)).await;
    assert!(matches!(later, Err(PublishError::Unavailable | PublishError::Unknown)));
    assert_eq!(store.check().await, Err(Unavailable));
    assert_eq!(read_texts(&store, &Since::Start).await.first().unwrap(), "\"before\"");
    store.close().await;
    assert_eq!(store.top(&channel()).await, Err(Unavailable));
}
