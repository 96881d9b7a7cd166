//! A store in memory, for tests: the same promises as the real ones, except that nothing survives it.

mod log;

use crate::feed::{self, FEED_MAX_EVENTS, Feed, FeedEvent, FeedSender};
use crate::history::{
    Draft, Durability, EpochSource, History, Page, PageLimit, PublishError, Published, Replay, Since,
    Unavailable,
};
use crate::peers::{Alone, AskError, Gathered, Peers, Questions};
use crate::records::{
    COMMIT_MAX_WRITES, Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records,
    SCAN_MAX_RECORDS, Versioned, Write,
};
use crate::retention::{Age, Retention, Trimmed};
use async_trait::async_trait;
use bytes::Bytes;
use log::{Lives, Log};
use parking_lot::Mutex;
use protocol::{ChannelName, Offset, StreamPosition, Timestamp};
use std::collections::{BTreeMap, HashSet};
use std::{fmt, sync::Arc, time::Duration};

/// The store. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    sender: FeedSender,
    feed: Arc<Mutex<Option<Feed>>>,
    alone: Arc<Alone>,
    fresh_epoch: EpochSource,
}

struct State {
    open: bool,
    lives: Lives,
    logs: BTreeMap<ChannelName, Log>,
    followed: HashSet<ChannelName>,
    records: BTreeMap<RecordKey, Kept>,
    next_version: u64,
}

struct Kept {
    versioned: Versioned,
    expires_at: Option<Timestamp>,
}

impl Kept {
    fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl MemoryStore {
    /// An empty store in its first epoch.
    pub fn new(fresh_epoch: EpochSource) -> Self {
        let (sender, feed) = feed::channel(FEED_MAX_EVENTS);
        let state = State {
            open: true,
            lives: Lives::beginning_with(fresh_epoch()),
            logs: BTreeMap::new(),
            followed: HashSet::new(),
            records: BTreeMap::new(),
            next_version: 1,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            sender,
            feed: Arc::new(Mutex::new(Some(feed))),
            alone: Arc::default(),
            fresh_epoch,
        }
    }

    /// Opens it again as after a restart: everything kept, in a new epoch, with a new feed.
    #[must_use]
    pub fn reopened(&self) -> Self {
        let (sender, feed) = feed::channel(FEED_MAX_EVENTS);
        let mut state = self.state.lock();
        state.open = true;
        state.followed.clear();
        state.lives.begin((self.fresh_epoch)());
        drop(state);
        Self {
            state: Arc::clone(&self.state),
            sender,
            feed: Arc::new(Mutex::new(Some(feed))),
            alone: Arc::default(),
            fresh_epoch: Arc::clone(&self.fresh_epoch),
        }
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, Unavailable> {
        let state = self.state.lock();
        if state.open { Ok(read(&state)) } else { Err(Unavailable) }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl History for MemoryStore {
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError> {
        let mut state = self.state.lock();
        if !state.open {
            return Err(PublishError::Unavailable);
        }
        let State { lives, logs, followed, .. } = &mut *state;
        let published = logs.entry(draft.channel.clone()).or_default().append(&draft, lives)?;
        if let log::Appended::Stored(publication) = &published
            && followed.contains(&draft.channel)
        {
            // Announced under the lock, so that the feed has the order of the log.
            self.sender.offer(FeedEvent::Published {
                channel: draft.channel.clone(),
                epoch: lives.current().clone(),
                publication: Arc::clone(publication),
                lane: draft.lane,
            });
        }
        let at = |offset| StreamPosition { epoch: lives.current().clone(), offset };
        Ok(match published {
            log::Appended::Stored(publication) => Published::Stored(at(publication.offset)),
            log::Appended::Duplicate(offset) => Published::Duplicate(at(offset)),
        })
    }

    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        self.read(|state| StreamPosition {
            epoch: state.lives.current().clone(),
            offset: state.logs.get(channel).map_or(Offset::ZERO, Log::top),
        })
    }

    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        self.read(|state| {
            let empty = Log::default();
            state.logs.get(channel).unwrap_or(&empty).replay(since, limit, &state.lives)
        })
    }

    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        self.read(|state| {
            let empty = Log::default();
            state.logs.get(channel).unwrap_or(&empty).latest(before, limit, &state.lives)
        })
    }

    fn feed(&self) -> Option<Feed> {
        self.feed.lock().take()
    }

    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        let mut state = self.state.lock();
        if !state.open {
            return Err(Unavailable);
        }
        state.followed.insert(channel.clone());
        Ok(())
    }

    async fn unfollow(&self, channel: &ChannelName) {
        self.state.lock().followed.remove(channel);
    }

    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable> {
        let mut state = self.state.lock();
        if !state.open {
            return Err(Unavailable);
        }
        let mut trimmed = Trimmed::default();
        for (name, log) in &mut state.logs {
            trimmed.add(Age::of(name), log.trim(retention.of(name), now));
        }
        state.records.retain(|key, kept| {
            if !kept.is_live(now) {
                *trimmed.records.entry(key.kind).or_default() += 1;
            }
            kept.is_live(now)
        });
        Ok(trimmed)
    }

    fn durability(&self) -> Durability {
        Durability::Volatile
    }

    async fn check(&self) -> Result<(), Unavailable> {
        self.read(|_| ())
    }

    async fn close(&self) {
        self.state.lock().open = false;
        self.alone.close();
    }
}

#[async_trait]
impl Records for MemoryStore {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        self.read(|state| {
            state.records.get(key).filter(|kept| kept.is_live(now)).map(|kept| kept.versioned.clone())
        })
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        if writes.len() > COMMIT_MAX_WRITES {
            return Err(CommitError::TooLarge);
        }
        let mut state = self.state.lock();
        if !state.open {
            return Err(CommitError::Unavailable);
        }
        let met = |write: &Write| {
            let version = state
                .records
                .get(&write.key)
                .filter(|kept| kept.is_live(now))
                .map(|kept| kept.versioned.version);
            match write.expect {
                Expect::Absent => version.is_none(),
                Expect::Any => true,
                Expect::Version(expected) => version == Some(expected),
            }
        };
        if !writes.iter().all(met) {
            return Err(CommitError::Conflict);
        }
        for write in writes {
            match write.change {
                Change::Delete => {
                    state.records.remove(&write.key);
                }
                Change::Put { data, expires_at } => {
                    let version = state.next_version;
                    state.next_version = version.saturating_add(1);
                    state
                        .records
                        .insert(write.key, Kept { versioned: Versioned { version, data }, expires_at });
                }
            }
        }
        Ok(())
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        let limit = limit.min(SCAN_MAX_RECORDS);
        self.read(|state| {
            let seen: Vec<(&RecordKey, &Kept)> = state
                .records
                .iter()
                .filter(|(key, _)| key.kind == kind && after.is_none_or(|after| key.id > *after))
                .take(limit)
                .collect();
            let go_on = (seen.len() == limit).then(|| seen.last().map(|(key, _)| key.id.clone())).flatten();
            let live = seen.into_iter().filter(|(_, kept)| kept.is_live(now));
            (live.map(|(key, kept)| (key.id.clone(), kept.versioned.clone())).collect(), go_on)
        })
    }
}

#[async_trait]
impl Peers for MemoryStore {
    async fn ask(&self, question: Bytes, _: Duration) -> Result<Gathered, AskError> {
        self.alone.ask(&question)
    }

    fn questions(&self) -> Option<Questions> {
        self.alone.questions()
    }
}

#[cfg(test)]
mod tests;
