//! A network that swallows everything without closing anything.

use crate::support::{beside, next, next_offset, options, publish, team};
use std::{path::PathBuf, time::Duration};
use storage::{FeedEvent, History};
use storage_redis::{Options, RedisStore, test_server::TestRedis};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// A way to Redis that can fall silent for those who are connected, while new connections get through.
struct Way {
    socket: PathBuf,
    silenced: watch::Sender<u32>,
}

impl Way {
    fn to(redis: &TestRedis) -> Self {
        let target = PathBuf::from(redis.url().trim_start_matches("unix://"));
        let socket = target.with_file_name("way.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let silenced = watch::Sender::new(0);
        let silence = silenced.clone();
        drop(beside(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = UnixStream::connect(&target).await.unwrap();
                drop(beside(carry(near, far, silence.subscribe())));
            }
        }));
        Self { socket, silenced }
    }

    fn url(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    fn silence(&self) {
        self.silenced.send_modify(|times| *times += 1);
    }
}

async fn carry(mut near: UnixStream, mut far: UnixStream, mut silence: watch::Receiver<u32>) {
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        _ = silence.changed() => std::future::pending().await,
    }
}

fn hasty() -> Options {
    Options {
        response_timeout: Duration::from_millis(100),
        heartbeat: Duration::from_millis(100),
        ..options()
    }
}

#[tokio::test]
async fn a_publish_that_gets_no_answer_is_settled_over_another_connection() {
    let redis = TestRedis::start().unwrap();
    let way = Way::to(&redis);
    let store = RedisStore::connect(&way.url(), hasty()).await.unwrap();
    let channel = team("red");
    publish(&store, &channel, "a").await;
    way.silence();
    assert_eq!(publish(&store, &channel, "b").await.offset.get(), 2);
    assert_eq!(publish(&store, &channel, "c").await.offset.get(), 3);
}

#[tokio::test]
async fn a_feed_that_has_gone_silent_is_noticed_and_mended() {
    let redis = TestRedis::start().unwrap();
    let way = Way::to(&redis);
    let store = RedisStore::connect(&way.url(), hasty()).await.unwrap();
    let channel = team("red");
    let mut feed = store.feed().unwrap();
    store.follow(&channel).await.unwrap();
    way.silence();
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    publish(&store, &channel, "a").await;
    assert_eq!(next_offset(&mut feed).await, 1);
}

#[tokio::test]
async fn a_reader_whose_connection_went_silent_reads_over_another() {
    let redis = TestRedis::start().unwrap();
    let way = Way::to(&redis);
    let store = RedisStore::connect(&way.url(), hasty()).await.unwrap();
    let channel = team("red");
    let top = publish(&store, &channel, "a").await;
    assert_eq!(store.top(&channel).await, Ok(top.clone()));
    way.silence();
    assert_eq!(store.top(&channel).await, Ok(top));
}
