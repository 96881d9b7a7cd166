//! What the cases share: small drafts, whole logs, and answers without ceremony.

use crate::history::{Draft, History, Page, PageLimit, Published, Replay, Since};
use crate::records::{Change, Expect, RecordId, RecordKey, RecordKind, Write};
use crate::{FeedEvent, feed::Feed};
use protocol::{
    ChannelName, ClientId, ClientInfo, Epoch, IdempotencyKey, Lane, MemberId, Offset, Payload, Publication,
    StreamPosition, Timestamp,
};
use std::{fmt::Debug, sync::Arc, time::Duration};

/// The first instant of 2100.
pub(super) const NOW: Timestamp = Timestamp::from_millis(4_102_444_800_000);

/// How long a case waits for an event before it calls it missing.
const SILENCE: Duration = Duration::from_secs(30);

/// How long a case waits for what should come at once.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Takes an answer that must be good.
#[track_caller]
pub(super) fn good<T, E: Debug>(answer: Result<T, E>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => panic!("expected an answer, got {error:?}"),
    }
}

/// Takes a value that must be there.
#[track_caller]
pub(super) fn some<T>(value: Option<T>) -> T {
    match value {
        Some(value) => value,
        None => panic!("expected a value, got none"),
    }
}

pub(super) fn team(name: &str) -> ChannelName {
    good(ChannelName::team(name))
}

pub(super) fn member(id: &str, connection: &str) -> ClientInfo {
    ClientInfo { user: good(MemberId::parse(id)), client: ClientId::new(connection) }
}

pub(super) fn text(words: &str) -> Payload {
    good(Payload::from_value(&words))
}

pub(super) fn unknown_epoch(offset: u64) -> StreamPosition {
    StreamPosition { epoch: good(Epoch::parse("never-was-here")), offset: Offset::new(offset) }
}

/// A message by nobody that says its own key.
pub(super) fn draft(channel: &ChannelName, key: &str) -> Draft {
    Draft {
        channel: channel.clone(),
        data: text(key),
        sender: None,
        key: good(IdempotencyKey::parse(key)),
        at: NOW,
        lane: Lane::Normal,
    }
}

/// Publishes messages with the keys `prefix1`, `prefix2`… and answers the position of the last.
pub(super) async fn publish_many(
    history: &dyn History,
    channel: &ChannelName,
    prefix: &str,
    count: usize,
) -> StreamPosition {
    let mut last = None;
    for n in 1..=count {
        let published = good(history.publish(draft(channel, &format!("{prefix}{n}"))).await);
        last = Some(published.position().clone());
    }
    some(last)
}

#[track_caller]
pub(super) fn stored(published: Published) -> StreamPosition {
    match published {
        Published::Stored(position) => position,
        Published::Duplicate(position) => panic!("expected Stored, got Duplicate at {position:?}"),
    }
}

#[track_caller]
pub(super) fn duplicate(published: Published) -> StreamPosition {
    match published {
        Published::Duplicate(position) => position,
        Published::Stored(position) => panic!("expected Duplicate, got Stored at {position:?}"),
    }
}

#[track_caller]
pub(super) fn complete(replay: Replay) -> Page {
    match replay {
        Replay::Complete(page) => page,
        Replay::Gap { reason, .. } => panic!("expected a complete page, got a gap: {reason:?}"),
    }
}

pub(super) fn offsets(publications: &[Arc<Publication>]) -> Vec<u64> {
    publications.iter().map(|publication| publication.offset.get()).collect()
}

pub(super) fn texts(publications: &[Arc<Publication>]) -> Vec<&str> {
    publications.iter().map(|publication| publication.data.as_str()).collect()
}

/// Asks for one page that must be complete.
pub(super) async fn page(history: &dyn History, channel: &ChannelName, since: Since) -> Page {
    complete(good(history.replay(channel, &since, PageLimit::MAX).await))
}

/// Reads page after page to the top.
pub(super) async fn everything(
    history: &dyn History,
    channel: &ChannelName,
    limit: PageLimit,
) -> Vec<Arc<Publication>> {
    let mut all: Vec<Arc<Publication>> = Vec::new();
    let mut since = Since::Start;
    loop {
        let page = complete(good(history.replay(channel, &since, limit).await));
        let Some(last) = page.publications.last() else {
            return all;
        };
        since = Since::Position(StreamPosition { epoch: page.top.epoch, offset: last.offset });
        all.extend(page.publications);
    }
}

/// The next announced publication. Interruptions are passed over: a store may always say one.
pub(super) async fn announced(feed: &mut Feed) -> (ChannelName, Epoch, Arc<Publication>) {
    loop {
        match good(tokio::time::timeout(SILENCE, feed.next()).await) {
            Some(FeedEvent::Published { channel, epoch, publication, .. }) => {
                return (channel, epoch, publication);
            }
            Some(FeedEvent::Interrupted) => {}
            None => panic!("expected an announcement, the feed ended"),
        }
    }
}

pub(super) fn key(kind: RecordKind, id: &str) -> RecordKey {
    RecordKey { kind, id: some(RecordId::parse(id)) }
}

pub(super) fn put(key: &RecordKey, expect: Expect, data: &[u8]) -> Write {
    Write { key: key.clone(), expect, change: Change::Put { data: data.to_vec(), expires_at: None } }
}
