//! A Redis that came back as another one is judged anew, as at a start.

use crate::support::{blocking, connect, draft, insist, options, publish, team};
use std::time::Duration;
use storage::{Durability, History, PublishError, Published};
use storage_redis::{Options, RedisStore, test_server::TestRedis};

const PATIENCE: Duration = Duration::from_secs(20);
const EVICTING: [&str; 4] = ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"];
const MEMORY_ONLY: [&str; 2] = ["--appendonly", "no"];

/// Nothing is asked again only because time has passed.
fn unhurried() -> Options {
    Options { heartbeat: Duration::from_hours(1), ..options() }
}

fn watchful() -> Options {
    Options { heartbeat: Duration::from_millis(20), ..options() }
}

async fn connect_with(redis: &TestRedis, options: Options) -> RedisStore {
    RedisStore::connect(&redis.url(), options).await.unwrap()
}

async fn restarted(mut redis: TestRedis, arguments: &'static [&str]) -> TestRedis {
    blocking(move || redis.restart_with(arguments).map(|()| redis)).await.unwrap()
}

/// Asks, each time over the network, until readiness is as expected.
async fn until_ready(store: &RedisStore, ready: bool) {
    let asking = async { while store.check().await.is_ok() != ready {} };
    tokio::time::timeout(PATIENCE, asking).await.expect("another readiness");
}

async fn until_it_promises(store: &RedisStore, durability: Durability) {
    let asking = async {
        while store.durability() != durability {
            store.check().await.ok();
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("another promise");
}

#[tokio::test]
async fn a_redis_that_comes_back_without_an_append_only_file_takes_no_message() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let redis = restarted(redis, &MEMORY_ONLY).await;
    until_ready(&store, false).await;
    for word in ["b", "c"] {
        let refused = store.publish(draft(&channel, word)).await;
        assert_eq!(refused, Err(PublishError::Unavailable));
    }
    assert_ne!(store.durability(), Durability::Synced);
    assert_eq!(redis.command(&["EXISTS", "holdfast:{teams:red}:log"]).unwrap(), ":0");

    let redis = restarted(redis, &[]).await;
    assert_eq!(insist(&store, &channel, "b").await.offset.get(), 2);
    store.check().await.unwrap();
    assert_eq!(store.durability(), Durability::Synced);
    drop(redis);
}

#[tokio::test]
async fn the_first_publish_after_a_return_without_an_append_only_file_is_not_answered_with_a_place() {
    let redis = TestRedis::start().unwrap();
    let hasty = Options { settle_timeout: Duration::from_millis(200), ..unhurried() };
    let store = connect_with(&redis, hasty).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let redis = restarted(redis, &MEMORY_ONLY).await;
    let first = store.publish(draft(&channel, "b")).await;
    assert!(first.is_err(), "{first:?}");
    let second = store.publish(draft(&channel, "c")).await;
    assert_eq!(second, Err(PublishError::Unavailable));
    drop(redis);
}

#[tokio::test]
async fn a_redis_that_comes_back_evicting_takes_no_message() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let redis = restarted(redis, &EVICTING).await;
    until_ready(&store, false).await;
    let refused = store.publish(draft(&channel, "b")).await;
    assert_eq!(refused, Err(PublishError::Unavailable));
    drop(redis);
}

#[tokio::test]
async fn a_redis_that_comes_back_syncing_later_promises_less_and_one_that_syncs_first_promises_more() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let redis = restarted(redis, &["--appendfsync", "everysec"]).await;
    insist(&store, &channel, "b").await;
    assert_eq!(store.durability(), Durability::Relaxed);
    assert!(store.summary().contains("last second"), "{}", store.summary());
    let redis = restarted(redis, &[]).await;
    insist(&store, &channel, "c").await;
    assert_eq!(store.durability(), Durability::Synced);
    drop(redis);
}

#[tokio::test]
async fn a_volatile_redis_that_is_accepted_goes_on_being_used_and_promises_nothing() {
    let redis = TestRedis::start().unwrap();
    let accepting = Options { accept_volatile: true, ..unhurried() };
    let store = connect_with(&redis, accepting).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let redis = restarted(redis, &MEMORY_ONLY).await;
    insist(&store, &channel, "b").await;
    assert_eq!(store.durability(), Durability::Volatile);
    store.check().await.unwrap();
    drop(redis);
}

/// The connection stays, so only the answer to a publish can tell.
fn promote(redis: &TestRedis) {
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
}

#[tokio::test]
async fn what_a_redis_that_was_promoted_without_an_append_only_file_stored_is_not_answered_with_a_place() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    promote(&redis);
    // It is stored, so "nothing was stored" would be false.
    let stored = store.publish(draft(&channel, "b")).await;
    assert_eq!(stored, Err(PublishError::Unknown));
    let refused = store.publish(draft(&channel, "c")).await;
    assert_eq!(refused, Err(PublishError::Unavailable));
    assert!(store.check().await.is_err());
}

#[tokio::test]
async fn a_repeat_is_vouched_for_by_the_redis_that_answers_it() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    promote(&redis);
    let repeat = store.publish(draft(&channel, "a")).await;
    assert_eq!(repeat, Err(PublishError::Unknown));
}

#[tokio::test]
async fn a_redis_that_was_promoted_with_another_sync_says_so_with_its_first_answer() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, unhurried()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["CONFIG", "SET", "appendfsync", "everysec"]).unwrap();
    promote(&redis);
    let stored = store.publish(draft(&channel, "b")).await;
    assert!(matches!(stored, Ok(Published::Stored(_))), "{stored:?}");
    assert_eq!(store.durability(), Durability::Relaxed);
}

#[tokio::test]
async fn an_append_only_file_that_is_turned_off_is_noticed_without_a_publish_and_mended() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, watchful()).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    until_ready(&store, false).await;
    let refused = store.publish(draft(&channel, "b")).await;
    assert_eq!(refused, Err(PublishError::Unavailable));
    redis.command(&["CONFIG", "SET", "appendonly", "yes"]).unwrap();
    until_ready(&store, true).await;
    assert_eq!(publish(&store, &channel, "b").await.offset.get(), 2);
    assert_eq!(store.durability(), Durability::Synced);
}

#[tokio::test]
async fn a_sync_that_is_changed_at_run_time_is_noticed() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, watchful()).await;
    redis.command(&["CONFIG", "SET", "appendfsync", "everysec"]).unwrap();
    until_it_promises(&store, Durability::Relaxed).await;
    redis.command(&["CONFIG", "SET", "appendfsync", "always"]).unwrap();
    until_it_promises(&store, Durability::Synced).await;
}

#[tokio::test]
async fn a_primary_that_becomes_a_replica_is_not_ready_until_it_is_promoted_again() {
    let redis = TestRedis::start().unwrap();
    let store = connect_with(&redis, watchful()).await;
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    until_ready(&store, false).await;
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    until_ready(&store, true).await;
    publish(&store, &team("red"), "a").await;
}

#[tokio::test]
async fn a_closed_store_is_not_ready() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    store.close().await;
    assert!(store.check().await.is_err());
}
