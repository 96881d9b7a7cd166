//! The feed: one connection of its own that subscribes to the announcements of followed channels, and to what other
//! nodes ask and answer (`peers`).
//!
//! Nothing here grows with what is announced. The connection hands each announcement on as it reads it, into a
//! [`FeedSender`] that never waits and is bounded; if the node does not keep up, it is told that it missed something.
//! If this process as a whole does not keep up, Redis closes the connection at its `client-output-buffer-limit
//! pubsub` (32 MiB by default), which is a loss like any other.
//!
//! After a loss the node is told at once that it was interrupted, everything followed is subscribed again, and it is
//! told once more: between the two, only the log knows what was published.

use crate::connection::{Address, is_refusal};
use crate::keys::Keys;
use crate::options::Options;
use crate::peers::Ear;
use crate::repair::CallForRepairs;
use parking_lot::Mutex;
use protocol::{ChannelName, Epoch, Offset};
use redis::{PushInfo, PushKind, RedisResult, Value, aio::MultiplexedConnection, cmd};
use std::collections::HashSet;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;
use storage::stored::{StoredPublication, hinted};
use storage::{FeedEvent, FeedSender, Unavailable};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

protocol::limits! {
    /// Between the loss of the feed's connection and the first try to open it anew; doubled after each try.
    const RECONNECT_PAUSE_MIN: Duration = Duration::from_millis(50) => shown "holdfast_redis_reconnects";
    /// Longest pause between two tries: short enough to bring a Redis what it lost before anything new is stored.
    const RECONNECT_PAUSE_MAX: Duration = Duration::from_millis(500) => shown "holdfast_redis_reconnects";
    /// Most channels in one `SUBSCRIBE`; more are asked for in several.
    const SUBSCRIBE_MAX_CHANNELS: usize = 512 => unseen;
}

/// The feed's side towards Redis.
pub(crate) struct Follower {
    shared: Arc<Shared>,
    keeper: JoinHandle<()>,
    follow_timeout: Duration,
}

struct Shared {
    keys: Keys,
    /// What the next connection subscribes to. A failed `follow` leaves its channel in: an announcement too many is
    /// harmless, one too few is not.
    followed: Mutex<HashSet<ChannelName>>,
    state: watch::Sender<State>,
    heartbeat: Duration,
    reconnects: AtomicU64,
}

/// Where what Redis says unasked goes.
#[derive(Clone)]
struct Listeners {
    keys: Keys,
    feed: FeedSender,
    peers: Ear,
    repairs: CallForRepairs,
}

/// A view of the connection, for those who send over it.
#[derive(Clone)]
pub(crate) struct Line(watch::Receiver<State>);

#[derive(Clone)]
enum State {
    Connected(MultiplexedConnection),
    Lost,
    Closed,
}

/// One connection, and how it says that it has ended.
struct Subscription {
    connection: MultiplexedConnection,
    ended: Arc<Notify>,
}

impl Follower {
    /// Connects, and from then on keeps connected from the current runtime.
    pub(crate) async fn start(
        address: Address,
        keys: Keys,
        sender: FeedSender,
        peers: Ear,
        repairs: CallForRepairs,
        options: &Options,
    ) -> RedisResult<Self> {
        let listeners = Listeners { keys: keys.clone(), feed: sender, peers, repairs };
        let first = Subscription::open(&address, &listeners).await?;
        let shared = Arc::new(Shared {
            keys,
            followed: Mutex::new(HashSet::new()),
            state: watch::Sender::new(State::Connected(first.connection.clone())),
            heartbeat: options.heartbeat,
            reconnects: AtomicU64::new(0),
        });
        let keeping = keep_connected(first, address, Arc::clone(&shared), listeners);
        #[expect(
            clippy::disallowed_methods,
            reason = "ends with the store, in `close` or when it is dropped; a drain need not wait for it"
        )]
        let keeper = tokio::spawn(keeping);
        Ok(Self { shared, keeper, follow_timeout: options.follow_timeout })
    }

    /// How often its connection was opened anew.
    pub(crate) fn reconnects(&self) -> u64 {
        self.shared.reconnects.load(Ordering::Relaxed)
    }

    pub(crate) async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        self.shared.followed.lock().insert(channel.clone());
        timeout(self.follow_timeout, self.shared.subscribe(channel)).await.unwrap_or(Err(Unavailable))
    }

    pub(crate) async fn unfollow(&self, channel: &ChannelName) {
        self.shared.followed.lock().remove(channel);
        let state = self.shared.state.borrow().clone();
        if let State::Connected(mut connection) = state {
            let name = self.shared.keys.announcements(channel);
            // If this fails, announcements too many arrive until the next connection.
            drop(timeout(self.follow_timeout, connection.unsubscribe(name)).await);
        }
    }

    pub(crate) fn line(&self) -> Line {
        Line(self.shared.state.subscribe())
    }

    pub(crate) fn close(&self) {
        self.keeper.abort();
        self.shared.state.send_replace(State::Closed);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.close();
    }
}

impl Line {
    /// The connection; none while it is lost and after the end.
    pub(crate) fn connection(&self) -> Option<MultiplexedConnection> {
        match &*self.0.borrow() {
            State::Connected(connection) => Some(connection.clone()),
            State::Lost | State::Closed => None,
        }
    }
}

impl Listeners {
    fn hear(&self, mut push: PushInfo) {
        if let [Value::BulkString(name), Value::BulkString(message)] = push.data.as_mut_slice()
            && self.peers.listens_to(name)
        {
            self.peers.hear(name, std::mem::take(message));
            return;
        }
        match announcement(&self.keys, &push.data) {
            Some(event) => self.feed.offer(event),
            None => self.feed.interrupt(),
        }
    }
}

impl Shared {
    async fn subscribe(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        let name = self.keys.announcements(channel);
        let mut state = self.state.subscribe();
        loop {
            let now = state.borrow_and_update().clone();
            match now {
                State::Connected(mut connection) => match connection.subscribe(&name).await {
                    Ok(()) => return Ok(()),
                    Err(error) if is_refusal(&error) => return Err(Unavailable),
                    Err(_) => {}
                },
                State::Lost => {}
                State::Closed => return Err(Unavailable),
            }
            state.changed().await.map_err(|_| Unavailable)?;
        }
    }

    async fn subscribe_all(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let names: Vec<String> = {
            let followed = self.followed.lock();
            followed.iter().map(|channel| self.keys.announcements(channel)).collect()
        };
        for chunk in names.chunks(SUBSCRIBE_MAX_CHANNELS) {
            connection.subscribe(chunk).await?;
        }
        Ok(())
    }
}

impl Subscription {
    /// A connection that hears the other nodes.
    async fn open(address: &Address, listeners: &Listeners) -> RedisResult<Self> {
        let ended = Arc::new(Notify::new());
        let (hearing, ending) = (listeners.clone(), Arc::clone(&ended));
        let on_push = move |push: PushInfo| {
            if push.kind == PushKind::Disconnection {
                ending.notify_one();
            } else if push.kind == PushKind::Message {
                hearing.hear(push);
            }
        };
        let mut connection = address.open(on_push).await?;
        connection.subscribe(&listeners.peers.names()[..]).await?;
        Ok(Self { connection, ended })
    }

    /// Returns when the connection is closed or stops answering.
    async fn end(&mut self, heartbeat: Duration) {
        loop {
            tokio::select! {
                () = self.ended.notified() => return,
                () = sleep(heartbeat) => {
                    let alive: RedisResult<Value> = cmd("PING").query_async(&mut self.connection).await;
                    if alive.is_err_and(|error| !is_refusal(&error)) {
                        return;
                    }
                }
            }
        }
    }
}

async fn keep_connected(
    mut current: Subscription,
    address: Address,
    shared: Arc<Shared>,
    listeners: Listeners,
) {
    loop {
        current.end(shared.heartbeat).await;
        shared.state.send_replace(State::Lost);
        listeners.feed.interrupt();
        tracing::warn!("Redis is lost: nothing can be published or read until it is back");

        current = reconnected(&address, &shared, &listeners).await;
        shared.reconnects.fetch_add(1, Ordering::Relaxed);
        shared.state.send_replace(State::Connected(current.connection.clone()));
        listeners.feed.interrupt();
        listeners.repairs.ring();
        tracing::info!("Redis is back");
    }
}

async fn reconnected(address: &Address, shared: &Shared, listeners: &Listeners) -> Subscription {
    let mut pause = RECONNECT_PAUSE_MIN;
    loop {
        sleep(pause).await;
        if let Ok(mut subscription) = Subscription::open(address, listeners).await
            && shared.subscribe_all(&mut subscription.connection).await.is_ok()
        {
            return subscription;
        }
        pause = RECONNECT_PAUSE_MAX.min(pause * 2);
    }
}

/// Reads what publish.lua announces.
fn announcement(keys: &Keys, data: &[Value]) -> Option<FeedEvent> {
    let [Value::BulkString(name), Value::BulkString(message)] = data else {
        return None;
    };
    let line_end = message.iter().position(|byte| *byte == b'\n')?;
    let (head, stored) = message.split_at_checked(line_end)?;
    let (epoch, offset) = std::str::from_utf8(head).ok()?.split_once(' ')?;
    let stored = stored.get(1..)?;
    let lane = hinted(stored);
    let stored = StoredPublication::from_bytes(stored).ok()?;
    Some(FeedEvent::Published {
        channel: keys.announced(name)?,
        epoch: Epoch::parse(epoch).ok()?,
        publication: Arc::new(stored.at(Offset::new(offset.parse().ok()?)).ok()?),
        lane,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Lane;

    fn read(name: &str, message: &[u8]) -> Option<FeedEvent> {
        let data = [Value::BulkString(name.into()), Value::BulkString(message.to_vec())];
        announcement(&Keys::new("p:", 0).unwrap(), &data)
    }

    #[test]
    fn an_announcement_is_a_place_and_a_publication() {
        let stored =
            StoredPublication { data: b"\"a\\nb\"".to_vec(), time_ms: 10, ..StoredPublication::default() };
        let message = [b"epoch-1 17\n", stored.to_bytes().as_slice()].concat();
        let Some(FeedEvent::Published { channel, epoch, publication, lane }) =
            read("p:{service:status}:feed:0", &message)
        else {
            panic!("not read");
        };
        // As a node announces that knows no lanes.
        assert_eq!(lane, Lane::Normal);
        assert_eq!(channel, ChannelName::service_status());
        assert_eq!(epoch.as_str(), "epoch-1");
        assert_eq!(publication.offset, Offset::new(17));
        assert_eq!(publication.data.as_str(), "\"a\\nb\"");
    }

    #[test]
    fn what_is_no_announcement_is_not_read_as_one() {
        for message in [&b""[..], b"\n", b"epoch\n", b"epoch x\n", b"epoch 1", b"epoch 1\nnot protobuf"] {
            assert_eq!(read("p:{service:status}:feed:0", message), None);
        }
        assert_eq!(read("p:{service:status}:meta", b"epoch 1\n"), None);
    }
}
