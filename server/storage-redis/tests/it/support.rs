//! Stores, messages and what to expect of them.

use protocol::{
    ChannelName, ClientId, ClientInfo, IdempotencyKey, Lane, MemberId, Payload, StreamPosition, Timestamp,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use storage::history::EpochSource;
use storage::{Draft, Feed, FeedEvent, History, PageLimit, Published, Replay, Since};
use storage_redis::{Options, RedisStore, test_server::TestRedis};
use tokio::task::JoinHandle;

pub(crate) fn options() -> Options {
    static EPOCHS: AtomicU64 = AtomicU64::new(0);
    let fresh: EpochSource = Arc::new(|| {
        let number = EPOCHS.fetch_add(1, Ordering::Relaxed);
        protocol::Epoch::parse(&format!("e{number}")).unwrap()
    });
    Options::new(fresh)
}

pub(crate) async fn connect(redis: &TestRedis) -> Arc<RedisStore> {
    Arc::new(RedisStore::connect(&redis.url(), options()).await.unwrap())
}

/// Runs beside the test.
pub(crate) fn beside<T: Send + 'static>(run: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    #[expect(clippy::disallowed_methods, reason = "a test waits for what it starts")]
    tokio::spawn(run)
}

/// Runs what blocks, beside the tasks of the test.
pub(crate) async fn blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(run).await.unwrap()
}

pub(crate) fn team(name: &str) -> ChannelName {
    ChannelName::team(name).unwrap()
}

/// A message whose text and key are the same word.
pub(crate) fn draft(channel: &ChannelName, word: &str) -> Draft {
    Draft {
        channel: channel.clone(),
        data: Payload::from_value(&word).unwrap(),
        sender: Some(ClientInfo { user: MemberId::parse("m1").unwrap(), client: ClientId::new("c1") }),
        key: IdempotencyKey::parse(word).unwrap(),
        at: Timestamp::from_millis(4_102_444_800_000),
        lane: Lane::Normal,
    }
}

pub(crate) async fn publish(store: &RedisStore, channel: &ChannelName, word: &str) -> StreamPosition {
    match store.publish(draft(channel, word)).await {
        Ok(Published::Stored(position)) => position,
        other => panic!("expected it to be stored, got {other:?}"),
    }
}

/// Tries until there is an answer, as an outbox does.
pub(crate) async fn insist(store: &RedisStore, channel: &ChannelName, word: &str) -> StreamPosition {
    for _ in 0..1_000 {
        if let Ok(published) = store.publish(draft(channel, word)).await {
            return published.position().clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no answer for so long")
}

pub(crate) async fn replay(store: &RedisStore, channel: &ChannelName, since: StreamPosition) -> Replay {
    store.replay(channel, &Since::Position(since), PageLimit::MAX).await.unwrap()
}

/// The offsets and texts after a position that continues.
pub(crate) async fn after(
    store: &RedisStore,
    channel: &ChannelName,
    since: StreamPosition,
) -> Vec<(u64, String)> {
    match replay(store, channel, since).await {
        Replay::Complete(page) => page
            .publications
            .iter()
            .map(|publication| (publication.offset.get(), publication.data.as_str().to_owned()))
            .collect(),
        gap @ Replay::Gap { .. } => panic!("expected a page, got {gap:?}"),
    }
}

pub(crate) async fn next(feed: &mut Feed) -> FeedEvent {
    tokio::time::timeout(std::time::Duration::from_secs(10), feed.next())
        .await
        .expect("an event")
        .expect("a feed")
}

/// The next publication's offset, whatever interrupts it.
pub(crate) async fn next_offset(feed: &mut Feed) -> u64 {
    loop {
        if let FeedEvent::Published { publication, .. } = next(feed).await {
            return publication.offset.get();
        }
    }
}
