//! Redis fails, and nothing that was answered is missing.

use crate::support::{after, beside, blocking, connect, draft, insist, options, publish, replay, team};
use protocol::{Offset, Payload, StreamPosition};
use std::collections::BTreeMap;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;
use storage::{Draft, History, PageLimit, PublishError, Published, Records, Replay, Since};
use storage_redis::{Options, RedisStore, test_server::TestRedis};

const PUBLISHERS: usize = 8;

/// Publishes one word after the other until it is told to stop; answers where each is.
async fn publish_on(
    store: Arc<RedisStore>,
    name: usize,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) -> Vec<(String, StreamPosition)> {
    let channel = team("red");
    let mut positions = Vec::new();
    for n in 0.. {
        if stop.load(Ordering::Acquire) {
            break;
        }
        let word = format!("{name}-{n}");
        let position = insist(&store, &channel, &word).await;
        answered.fetch_add(1, Ordering::AcqRel);
        positions.push((word, position));
    }
    positions
}

/// Waits until so many more were answered, so that a crash meets a stream of publishes.
async fn until_more(answered: &AtomicUsize, more: usize) {
    let enough = answered.load(Ordering::Acquire) + more;
    while answered.load(Ordering::Acquire) < enough {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn crashes_under_load_lose_nothing_that_was_answered() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|name| {
            let publishing = publish_on(store.clone(), name, stop.clone(), answered.clone());
            beside(publishing)
        })
        .collect();
    for _ in 0..3 {
        until_more(&answered, 200).await;
        redis = blocking(move || redis.restart().map(|()| redis)).await.unwrap();
    }
    until_more(&answered, 200).await;
    stop.store(true, Ordering::Release);

    let mut log = BTreeMap::new();
    let mut since = Since::Start;
    loop {
        let Ok(Replay::Complete(page)) = store.replay(&team("red"), &since, PageLimit::MAX).await else {
            panic!("expected a page");
        };
        let Some(last) = page.publications.last() else {
            break;
        };
        since = Since::Offset(last.offset);
        for publication in page.publications {
            log.insert(publication.offset.get(), publication.data.as_str().to_owned());
        }
    }
    let (mut total, mut epochs) = (0_u64, std::collections::HashSet::new());
    for publisher in publishers {
        let mut previous = 0;
        for (word, position) in publisher.await.unwrap() {
            total += 1;
            let offset = position.offset.get();
            assert!(previous < offset, "{word} came before its predecessor");
            previous = offset;
            epochs.insert(position.epoch);
            if let Some(text) = log.get(&offset) {
                assert_eq!(*text, format!("\"{word}\""));
            } else {
                // Answered after the log was read.
                let before = Since::Offset(position.offset.previous());
                let found = store.replay(&team("red"), &before, PageLimit::publications(1)).await;
                let Ok(Replay::Complete(page)) = found else {
                    panic!("expected a page");
                };
                assert_eq!(page.publications[0].data.as_str(), format!("\"{word}\""));
            }
        }
    }
    // Nothing twice, and no number without a message that someone was told of.
    assert_eq!(store.top(&team("red")).await.unwrap().offset.get(), total);
    assert!((2..=4).contains(&epochs.len()), "{} epochs", epochs.len());
}

#[tokio::test]
async fn publishing_goes_on_in_a_new_epoch_and_old_positions_continue() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let old = publish(&store, &channel, "a").await;
    let redis = blocking(move || redis.restart().map(|()| redis)).await.unwrap();
    let new = insist(&store, &channel, "b").await;
    assert_ne!(new.epoch, old.epoch);
    assert_eq!(after(&store, &channel, old).await, [(2, "\"b\"".to_owned())]);
    drop(redis);
}

#[tokio::test]
async fn with_redis_gone_publishing_is_refused_and_readers_are_told() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let mut feed = store.feed().unwrap();
    publish(&store, &channel, "a").await;
    redis.kill().unwrap();
    crate::support::next(&mut feed).await;
    assert!(store.check().await.is_err());
    assert!(store.top(&channel).await.is_err());
    // The very first may have been under way when the connection ended.
    let first = store.publish(draft(&channel, "b")).await;
    assert!(first.is_err(), "{first:?}");
    for n in 0..10 {
        let refused = store.publish(draft(&channel, &n.to_string())).await;
        assert_eq!(refused, Err(PublishError::Unavailable));
    }
    redis.restart().unwrap();
    assert_eq!(insist(&store, &channel, "b").await.offset.get(), 2);
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_frozen_redis_leaves_the_outcome_unknown_and_the_same_key_settles_it() {
    let redis = TestRedis::start().unwrap();
    let hasty = Options {
        response_timeout: Duration::from_millis(100),
        settle_timeout: Duration::from_millis(200),
        connect_timeout: Duration::from_millis(100),
        ..options()
    };
    let store = RedisStore::connect(&redis.url(), hasty).await.unwrap();
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.freeze().unwrap();
    let unknown = store.publish(draft(&channel, "b")).await;
    assert_eq!(unknown, Err(PublishError::Unknown));
    redis.thaw().unwrap();
    let settled = insist(&store, &channel, "b").await;
    assert_eq!(settled.offset.get(), 2);
    assert_eq!(store.top(&channel).await.unwrap(), settled);
}

#[tokio::test]
async fn a_short_freeze_is_settled_without_troubling_the_caller() {
    let redis = TestRedis::start().unwrap();
    let hasty = Options { response_timeout: Duration::from_millis(50), ..options() };
    let store = Arc::new(RedisStore::connect(&redis.url(), hasty).await.unwrap());
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.freeze().unwrap();
    let publishing = {
        let (store, draft) = (store.clone(), draft(&channel, "b"));
        beside(async move { store.publish(draft).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    redis.thaw().unwrap();
    let published = publishing.await.unwrap().unwrap();
    assert_eq!(published.position().offset.get(), 2);
    assert_eq!(store.top(&channel).await.unwrap().offset.get(), 2);
}

#[tokio::test]
async fn scripts_that_redis_forgot_are_given_to_it_again() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    for n in 1..=3 {
        redis.command(&["SCRIPT", "FLUSH"]).unwrap();
        assert_eq!(publish(&store, &channel, &n.to_string()).await.offset.get(), n);
        redis.command(&["SCRIPT", "FLUSH"]).unwrap();
        assert_eq!(store.top(&channel).await.unwrap().offset.get(), n);
    }
}

#[tokio::test]
async fn a_full_redis_refuses_keeps_what_it_has_and_recovers() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let first = publish(&store, &channel, "a").await;
    redis.command(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    for _ in 0..3 {
        let refused = store.publish(draft(&channel, "b")).await;
        assert_eq!(refused, Err(PublishError::NoRoom));
    }
    store.check().await.unwrap();
    assert_eq!(store.top(&channel).await.unwrap(), first);
    assert_eq!(after(&store, &channel, first.clone()).await, []);
    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    let second = publish(&store, &channel, "b").await;
    assert_eq!((second.offset.get(), second.epoch), (2, first.epoch));
}

#[tokio::test]
async fn a_demoted_primary_refuses() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    let refused = store.publish(draft(&channel, "b")).await;
    assert_eq!(refused, Err(PublishError::Unavailable));
}

#[tokio::test]
async fn a_message_that_redis_holds_damaged_is_not_passed_over() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let first = publish(&store, &channel, "a").await;
    redis.command(&["XADD", "holdfast:{teams:red}:log", "2-0", "p", "not ours"]).unwrap();
    let page = store.replay(&channel, &Since::Position(first), PageLimit::MAX).await;
    assert!(page.is_err(), "{page:?}");
}

#[tokio::test]
async fn a_log_with_a_hole_is_not_read_across_it() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let first = publish(&store, &channel, "1").await;
    for n in 2..=5 {
        publish(&store, &channel, &n.to_string()).await;
    }
    let delete = |id| redis.command(&["XDEL", "holdfast:{teams:red}:log", id]).unwrap();
    let since = Since::Position(first);
    let after = |offset| Since::Offset(Offset::new(offset));
    let one = PageLimit::publications(1);

    assert_eq!(delete("3-0"), ":1");
    assert!(store.replay(&channel, &since, PageLimit::MAX).await.is_err());
    assert!(store.replay(&channel, &after(2), one).await.is_err());
    assert!(store.latest(&channel, None, PageLimit::MAX).await.is_err());
    let from_hole = Some(Offset::new(4));
    assert!(store.latest(&channel, from_hole, one).await.is_err());
    // What does not cross the hole is all there.
    store.replay(&channel, &after(3), PageLimit::MAX).await.unwrap();
    store.replay(&channel, &since, one).await.unwrap();
    store.latest(&channel, None, one).await.unwrap();

    assert_eq!(delete("5-0"), ":1");
    assert!(store.replay(&channel, &after(4), one).await.is_err());
    assert!(store.latest(&channel, None, one).await.is_err());
}

#[tokio::test]
async fn more_publishes_than_may_be_in_flight_wait_for_their_turn() {
    let redis = TestRedis::start().unwrap();
    let narrow = Options { publishes_in_flight: 2, ..options() };
    let store = Arc::new(RedisStore::connect(&redis.url(), narrow).await.unwrap());
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let store = store.clone();
            beside(async move { store.publish(draft(&team("red"), &n.to_string())).await })
        })
        .collect();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), Ok(Published::Stored(_))));
    }
}

/// A runtime like a worker's, which ends while the store lives on.
fn on_a_runtime_of_its_own<T: Send + 'static>(run: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run)
}

#[tokio::test]
async fn a_worker_that_ends_takes_nothing_with_it() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let mut feed = store.feed().unwrap();
    // So that the worker opens every connection anew.
    redis.restart().unwrap();
    let worker = {
        let (store, channel) = (store.clone(), channel.clone());
        move || {
            on_a_runtime_of_its_own(async move {
                insist(&store, &channel, "a").await;
                store.follow(&channel).await.unwrap();
                store.top(&channel).await.unwrap();
                let key = storage::RecordKey {
                    kind: storage::RecordKind::Member,
                    id: storage::RecordId::parse("m").unwrap(),
                };
                store.get(&key, protocol::Timestamp::default()).await.unwrap();
            });
        }
    };
    blocking(worker).await;
    assert_eq!(publish(&store, &channel, "b").await.offset.get(), 2);
    assert_eq!(crate::support::next_offset(&mut feed).await, 2);
    assert_eq!(store.top(&channel).await.unwrap().offset.get(), 2);
}

#[tokio::test]
async fn a_large_log_is_read_in_pages_without_a_hole() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let mut start = publish(&store, &channel, "first").await;
    let large = |n: usize| Draft {
        data: Payload::from_value(&"x".repeat(10_000)).unwrap(),
        ..draft(&channel, &n.to_string())
    };
    for n in 0..100 {
        store.publish(large(n)).await.unwrap();
    }
    let mut pages = 0;
    while let Replay::Complete(page) = replay(&store, &channel, start.clone()).await {
        let Some(last) = page.publications.last() else {
            break;
        };
        assert_eq!(page.publications[0].offset, start.offset.next());
        start.offset = last.offset;
        pages += 1;
    }
    assert_eq!(start.offset.get(), 101);
    // Three such publications fit into a page.
    assert_eq!(pages, 34);
}
