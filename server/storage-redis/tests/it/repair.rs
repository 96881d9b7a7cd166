//! A Redis that lost messages gets them back from whoever saw them, where they were if it can be.

use crate::support::{after, beside, connect, draft, insist, next, options, publish, replay, team};
use protocol::{ChannelName, Offset, Publication, StreamPosition};
use std::sync::Arc;
use std::time::Duration;
use storage::{FeedEvent, GapReason, History, PageLimit, Repair, Replay, Since};
use storage_redis::{RedisStore, test_server::TestRedis};

/// A Redis that lost the last two of five messages, a store that published none of them, and what was seen of them.
struct Loss {
    redis: TestRedis,
    store: Arc<RedisStore>,
    channel: ChannelName,
    /// The last position that was answered.
    end: StreamPosition,
    seen: Vec<Arc<Publication>>,
}

impl Loss {
    async fn within(window: Duration) -> Self {
        let mut redis = TestRedis::start().unwrap();
        let channel = team("red");
        let author = connect(&redis).await;
        let end = publish_five(&mut redis, &author, &channel).await;
        let all = author.replay(&channel, &Since::Start, PageLimit::MAX).await.unwrap();
        let Replay::Complete(page) = all else { panic!("{all:?}") };
        drop(author);
        redis.restore("copy").unwrap();
        let options = storage_redis::Options { repair_window: window, ..options() };
        let store = Arc::new(RedisStore::connect(&redis.url(), options).await.unwrap());
        Self { redis, store, channel, end, seen: page.publications }
    }

    /// Offers these of what was seen, as often as the connection that ended makes it fail.
    async fn offer(&self, seen: &[Arc<Publication>]) -> Repair {
        offer(&self.store, &self.channel, &self.end, seen).await
    }

    /// Everything that the log has now.
    async fn log(&self) -> Vec<(u64, String)> {
        let all = self.store.replay(&self.channel, &Since::Start, PageLimit::MAX).await.unwrap();
        let Replay::Complete(page) = all else { panic!("{all:?}") };
        let of = |publication: &Arc<Publication>| {
            (publication.offset.get(), publication.data.as_str().trim_matches('"').to_owned())
        };
        page.publications.iter().map(of).collect()
    }

    async fn gap(&self) -> Option<GapReason> {
        match replay(&self.store, &self.channel, self.end.clone()).await {
            Replay::Gap { reason, .. } => Some(reason),
            Replay::Complete(_) => None,
        }
    }
}

/// Five messages, of which the copy has three; answers where the last is.
async fn publish_five(redis: &mut TestRedis, author: &RedisStore, channel: &ChannelName) -> StreamPosition {
    for word in ["kept1", "kept2", "kept3"] {
        publish(author, channel, word).await;
    }
    redis.back_up("copy").unwrap();
    publish(author, channel, "lost4").await;
    publish(author, channel, "lost5").await
}

async fn offer(
    store: &RedisStore,
    channel: &ChannelName,
    end: &StreamPosition,
    seen: &[Arc<Publication>],
) -> Repair {
    for _ in 0..1_000 {
        if let Ok(repair) = store.repair(channel, &end.epoch, seen).await {
            return repair;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not taken for so long")
}

fn words(log: &[(u64, String)]) -> Vec<(u64, &str)> {
    log.iter().map(|(offset, word)| (*offset, word.as_str())).collect()
}

const WHOLE: [(u64, &str); 5] = [(1, "kept1"), (2, "kept2"), (3, "kept3"), (4, "lost4"), (5, "lost5")];

#[tokio::test]
async fn what_was_lost_has_its_place_and_its_epoch_again_and_nobody_notices() {
    let loss = Loss::within(Duration::from_secs(2)).await;
    assert_eq!(loss.offer(&loss.seen).await, Repair { again: 2, is_whole: true });
    assert_eq!(words(&loss.log().await), WHOLE);
    assert_eq!(loss.gap().await, None, "who had all of it goes on");
    let kept = StreamPosition { offset: Offset::new(3), ..loss.end.clone() };
    assert_eq!(after(&loss.store, &loss.channel, kept).await.len(), 2);
    let all = loss.store.replay(&loss.channel, &Since::Start, PageLimit::MAX).await.unwrap();
    let Replay::Complete(page) = all else { panic!("{all:?}") };
    assert_eq!(page.publications, loss.seen, "sender, time and key are what they were");
}

#[tokio::test]
async fn what_a_node_published_it_brings_by_itself_though_nobody_reads_it() {
    let mut redis = TestRedis::start().unwrap();
    let (store, channel) = (connect(&redis).await, team("red"));
    let end = publish_five(&mut redis, &store, &channel).await;
    redis.restore("copy").unwrap();
    let new = insist(&store, &channel, "new").await;
    assert_eq!(new.offset.get(), 6, "it waited for those that were lost");
    let kept = StreamPosition { offset: Offset::new(3), ..end.clone() };
    let words: Vec<_> = after(&store, &channel, kept).await.into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, [r#""lost4""#, r#""lost5""#, r#""new""#]);
}

#[tokio::test]
async fn what_is_brought_twice_is_there_once() {
    let loss = Loss::within(Duration::from_secs(2)).await;
    let other = connect(&loss.redis).await;
    assert_eq!(loss.offer(&loss.seen).await.again, 2);
    let second = offer(&other, &loss.channel, &loss.end, &loss.seen[3..]).await;
    assert_eq!(second, Repair { again: 0, is_whole: true });
    assert_eq!(words(&loss.log().await), WHOLE);
}

#[tokio::test]
async fn a_new_message_waits_until_what_was_lost_could_come_back_and_the_node_is_told_to_look() {
    let loss = Loss::within(Duration::from_secs(2)).await;
    let mut feed = loss.store.feed().unwrap();
    loss.store.follow(&loss.channel).await.unwrap();
    let (store, channel) = (Arc::clone(&loss.store), loss.channel.clone());
    let publishing = beside(async move { store.publish(draft(&channel, "new")).await });
    while next(&mut feed).await != FeedEvent::Interrupted {}
    assert_eq!(loss.offer(&loss.seen).await.again, 2);
    let position = publishing.await.unwrap().unwrap().position().clone();
    assert_eq!(position.offset.get(), 6);
    assert_ne!(position.epoch, loss.end.epoch, "what this server writes is its own");
    assert_eq!(after(&loss.store, &loss.channel, loss.end.clone()).await, [(6, "\"new\"".to_owned())]);
}

#[tokio::test]
async fn what_has_something_before_it_that_another_may_bring_waits_for_that() {
    let loss = Loss::within(Duration::from_mins(1)).await;
    assert_eq!(loss.offer(&loss.seen[4..]).await, Repair { again: 0, is_whole: false });
    assert_eq!(loss.offer(&loss.seen[3..4]).await, Repair { again: 1, is_whole: true });
    assert_eq!(loss.offer(&loss.seen[4..]).await, Repair { again: 1, is_whole: true });
    assert_eq!(words(&loss.log().await), WHOLE);
}

#[tokio::test]
async fn what_nobody_has_keeps_the_rest_from_its_place_and_not_from_the_log() {
    let loss = Loss::within(Duration::ZERO).await;
    assert_eq!(loss.offer(&loss.seen[4..]).await, Repair { again: 1, is_whole: true });
    assert_eq!(words(&loss.log().await)[3..], [(4, "lost5")]);
    assert_eq!(loss.gap().await, Some(GapReason::Beyond), "it is another order, and that is said");
    // Its sender's outbox may have it too.
    publish(&loss.store, &loss.channel, "lost4").await;
    assert_eq!(words(&loss.log().await)[4..], [(5, "lost4")]);
}

#[tokio::test]
async fn what_comes_after_something_new_comes_to_the_end() {
    let loss = Loss::within(Duration::ZERO).await;
    publish(&loss.store, &loss.channel, "new").await;
    assert_eq!(loss.offer(&loss.seen).await, Repair { again: 2, is_whole: true });
    assert_eq!(words(&loss.log().await)[3..], [(4, "new"), (5, "lost4"), (6, "lost5")]);
    assert_eq!(loss.offer(&loss.seen).await.again, 0);
}

#[tokio::test]
async fn a_redis_that_came_back_empty_gets_what_was_seen_in_its_order() {
    let loss = Loss::within(Duration::from_secs(2)).await;
    loss.redis.command(&["FLUSHALL"]).unwrap();
    assert_eq!(loss.offer(&loss.seen).await, Repair { again: 5, is_whole: true });
    assert_eq!(words(&loss.log().await), WHOLE);
    assert_eq!(loss.gap().await, Some(GapReason::UnknownEpoch));
}

#[tokio::test]
async fn after_a_promotion_what_the_replica_lacked_can_come_back_too() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    publish(&store, &channel, "a").await;
    let end = publish(&store, &channel, "b").await;
    let all = store.replay(&channel, &Since::Start, PageLimit::MAX).await.unwrap();
    let Replay::Complete(page) = all else { panic!("{all:?}") };
    // What a replica is that has not heard of the second.
    redis.command(&["XDEL", "holdfast:{teams:red}:log", "2-0"]).unwrap();
    redis.command(&["HSET", "holdfast:{teams:red}:meta", "top", "1"]).unwrap();
    redis.command(&["DEL", "holdfast:{teams:red}:idem:m1/b"]).unwrap();
    redis.command(&["XSETID", "holdfast:{teams:red}:log", "1-0"]).unwrap();
    redis.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    redis.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    let repair = offer(&store, &channel, &end, &page.publications).await;
    assert_eq!(repair, Repair { again: 1, is_whole: true });
    assert_eq!(after(&store, &channel, end).await, []);
}

#[tokio::test]
async fn what_is_so_old_that_its_key_may_be_forgotten_is_not_taken_for_new() {
    let loss = Loss::within(Duration::ZERO).await;
    // Nothing of this epoch is known to the Redis, as long after it.
    publish(&loss.store, &loss.channel, "new").await;
    let old = Publication { time: protocol::Timestamp::from_millis(1), ..(*loss.seen[4]).clone() };
    assert_eq!(loss.offer(&[Arc::new(old)]).await, Repair { again: 0, is_whole: true });
    assert_eq!(words(&loss.log().await)[3..], [(4, "new")]);
}

#[tokio::test]
async fn a_clock_that_went_back_makes_nobody_wait_longer() {
    let loss = Loss::within(Duration::from_secs(1)).await;
    let meta = "holdfast:{teams:red}:meta";
    assert!(!loss.offer(&loss.seen[4..]).await.is_whole);
    let noted = loss.redis.command(&["HGET", meta, "repair"]).unwrap();
    let (server, _) = noted.split_once(' ').unwrap();
    // As it would be if the clock had been an hour ahead.
    let ahead = format!("{server} 99999999999999");
    loss.redis.command(&["HSET", meta, "repair", &ahead]).unwrap();
    assert_eq!(publish(&loss.store, &loss.channel, "new").await.offset.get(), 4);
}
