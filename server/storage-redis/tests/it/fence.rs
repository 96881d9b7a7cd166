//! A Redis that came back without its newest messages never passes other messages off as them.

use crate::support::{after, connect, draft, publish, replay, team};
use protocol::{ChannelName, Offset, StreamPosition};
use storage::{GapReason, History, Published, Replay};
use storage_redis::{RedisStore, test_server::TestRedis};

fn at(position: &StreamPosition, offset: u64) -> StreamPosition {
    StreamPosition { epoch: position.epoch.clone(), offset: Offset::new(offset) }
}

async fn gap(store: &RedisStore, channel: &ChannelName, since: StreamPosition) -> Option<GapReason> {
    match replay(store, channel, since).await {
        Replay::Gap { reason, .. } => Some(reason),
        Replay::Complete(_) => None,
    }
}

#[tokio::test]
async fn after_an_older_copy_lost_positions_are_beyond_and_kept_ones_continue() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    for n in 1..=8 {
        publish(&store, &channel, &format!("kept{n}")).await;
    }
    redis.back_up("copy").unwrap();
    let mut old = publish(&store, &channel, "lost9").await;
    old = at(&old, publish(&store, &channel, "lost10").await.offset.get());
    // Nobody is left who could bring back what is lost.
    drop(store);
    redis.restore("copy").unwrap();
    let store = connect(&redis).await;

    // Nobody has published: the old epoch goes on, as far as it survived.
    assert_eq!(store.top(&channel).await.unwrap(), at(&old, 8));
    assert_eq!(gap(&store, &channel, at(&old, 10)).await, Some(GapReason::Beyond));
    assert_eq!(gap(&store, &channel, at(&old, 9)).await, Some(GapReason::Beyond));
    assert_eq!(after(&store, &channel, at(&old, 8)).await, []);

    // A repeat of a kept message begins nothing.
    let repeat = store.publish(draft(&channel, "kept8")).await.unwrap();
    assert_eq!(repeat, Published::Duplicate(at(&old, 8)));
    assert_eq!(store.top(&channel).await.unwrap(), at(&old, 8));

    // Numbers are given again, under another name.
    let new = publish(&store, &channel, "new9").await;
    assert_eq!(new.offset.get(), 9);
    assert_ne!(new.epoch, old.epoch);
    publish(&store, &channel, "new10").await;
    publish(&store, &channel, "new11").await;
    assert_eq!(gap(&store, &channel, at(&old, 9)).await, Some(GapReason::Beyond));
    assert_eq!(gap(&store, &channel, at(&old, 10)).await, Some(GapReason::Beyond));
    let on: Vec<u64> = after(&store, &channel, at(&old, 8)).await.iter().map(|seen| seen.0).collect();
    assert_eq!(on, [9, 10, 11]);

    // What was lost is offered again and gets a new place.
    assert_eq!(publish(&store, &channel, "lost9").await, at(&new, 12));
}

#[tokio::test]
async fn a_promotion_and_back_begins_a_new_epoch_though_the_process_is_the_same() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let old = publish(&store, &channel, "a").await;
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    let new = publish(&store, &channel, "b").await;
    assert_ne!(new.epoch, old.epoch);
    assert_eq!(after(&store, &channel, old).await, [(2, "\"b\"".to_owned())]);
}

#[tokio::test]
async fn an_emptied_redis_is_another_history() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let old = publish(&store, &channel, "a").await;
    redis.command(&["FLUSHALL"]).unwrap();
    assert_eq!(gap(&store, &channel, old).await, Some(GapReason::UnknownEpoch));
    assert_eq!(publish(&store, &channel, "a").await.offset.get(), 1);
}

#[tokio::test]
async fn a_log_whose_hash_was_deleted_by_hand_gives_no_number_twice() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    redis.command(&["DEL", "holdfast:{teams:red}:meta"]).unwrap();
    assert_eq!(store.top(&channel).await.unwrap().offset.get(), 1);
    assert_eq!(publish(&store, &channel, "b").await.offset.get(), 2);
}
