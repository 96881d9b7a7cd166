//! Between nodes: what one publishes, the other hears, or hears that it may have missed something.

use crate::support::{beside, blocking, connect, insist, next, next_offset, options, publish, team};
use std::collections::HashSet;
use std::time::Duration;
use storage::{FeedEvent, History, Unavailable};
use storage_redis::{Options, RedisStore, test_server::TestRedis};

#[tokio::test]
async fn what_one_store_publishes_another_hears_in_the_order_of_the_log() {
    let redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    let channel = team("red");
    let mut feed = there.feed().unwrap();
    there.follow(&channel).await.unwrap();
    let top = publish(&here, &channel, "1").await;
    for n in 2..=200 {
        publish(&here, &channel, &n.to_string()).await;
    }
    for n in 1..=200 {
        let FeedEvent::Published { channel: heard, epoch, publication, .. } = next(&mut feed).await else {
            panic!("interrupted");
        };
        assert_eq!((&heard, &epoch), (&channel, &top.epoch));
        assert_eq!(publication.offset.get(), n);
        assert_eq!(publication.data.as_str(), format!("\"{n}\""));
    }
}

#[tokio::test]
async fn many_channels_are_followed_at_once() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let mut feed = store.feed().unwrap();
    let follows = (0..1_000).map(|n| {
        let store = store.clone();
        beside(async move { store.follow(&team(&n.to_string())).await })
    });
    for follow in follows.collect::<Vec<_>>() {
        follow.await.unwrap().unwrap();
    }
    publish(&store, &team("999"), "a").await;
    assert_eq!(next_offset(&mut feed).await, 1);
}

#[tokio::test]
async fn a_lost_redis_interrupts_the_feed_and_everything_is_followed_again() {
    let mut redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let mut feed = store.feed().unwrap();
    let channels: Vec<_> = (0..600).map(|n| team(&n.to_string())).collect();
    for channel in &channels {
        store.follow(channel).await.unwrap();
    }
    redis.kill().unwrap();
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    let redis = blocking(move || redis.restart().map(|()| redis)).await.unwrap();
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    for channel in &channels {
        insist(&store, channel, "a").await;
    }
    let mut heard = HashSet::new();
    while heard.len() < channels.len() {
        if let FeedEvent::Published { channel, .. } = next(&mut feed).await {
            heard.insert(channel);
        }
    }
    drop(redis);
}

#[tokio::test]
async fn a_subscriber_that_redis_cuts_off_is_told_and_hears_again() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let mut feed = store.feed().unwrap();
    store.follow(&channel).await.unwrap();
    assert_eq!(redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap(), ":1");
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    publish(&store, &channel, "a").await;
    assert_eq!(next_offset(&mut feed).await, 1);
}

#[tokio::test]
async fn following_waits_for_a_lost_redis_but_not_for_ever() {
    let mut redis = TestRedis::start().unwrap();
    let hasty = Options { follow_timeout: Duration::from_millis(100), ..options() };
    let patient = connect(&redis).await;
    let hasty = RedisStore::connect(&redis.url(), hasty).await.unwrap();
    let mut feed = patient.feed().unwrap();
    redis.kill().unwrap();
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    assert_eq!(hasty.follow(&team("red")).await, Err(Unavailable));

    let channel = team("red");
    let following = {
        let (store, channel) = (patient.clone(), channel.clone());
        beside(async move { store.follow(&channel).await })
    };
    let redis = blocking(move || redis.restart().map(|()| redis)).await.unwrap();
    following.await.unwrap().unwrap();
    insist(&patient, &channel, "a").await;
    assert_eq!(next_offset(&mut feed).await, 1);
    drop(redis);
}

#[tokio::test]
async fn what_is_no_announcement_makes_the_reader_look_at_the_log() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let channel = team("red");
    let mut feed = store.feed().unwrap();
    store.follow(&channel).await.unwrap();
    redis.command(&["PUBLISH", "holdfast:{teams:red}:feed:0", "something else"]).unwrap();
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
}

#[tokio::test]
async fn a_closed_store_ends_its_feed() {
    let redis = TestRedis::start().unwrap();
    let store = connect(&redis).await;
    let mut feed = store.feed().unwrap();
    store.follow(&team("red")).await.unwrap();
    store.close().await;
    let end = tokio::time::timeout(Duration::from_secs(10), feed.next()).await;
    assert_eq!(end.unwrap(), None);
}
