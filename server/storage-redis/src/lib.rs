//! The storage port on Redis streams and pub/sub: any number of nodes on one Redis.
//!
//! A channel is a stream, a hash that says where it stands, and a list of its epochs; see `keys`. Publishing is one
//! script (`publish.lua`), so a message, its number, its idempotency key, its epoch and its announcement are written
//! together or not at all. Pub/sub is only a hint: whoever misses an announcement finds it in the stream.
//!
//! Things to note:
//! * **Epochs.** Redis may come back from a crash, a promotion or a backup without the newest messages, and would
//!   then give their numbers away again. The publish script compares the server's `run_id` and `master_replid` with
//!   those of the channel's epoch and begins a fresh epoch when they differ; `replay` says why reading need not. Before that
//!   nodes may bring back what was lost, in its place (`repair`).
//! * **Durability** is what the Redis is set up for, and is said at the start ([`RedisStore::summary`]). With
//!   `appendfsync always` an answer waits for the disk. A Redis that comes back set up otherwise is judged anew; one
//!   that a start would refuse takes no message until it is mended (see `fitness`).
//! * **Time.** Numbers never depend on a clock. Redis' own clock only forgets idempotency keys, clears up expired
//!   records, and says for how long repairs are waited for.
//! * **One primary.** Redis Cluster is refused at the start. The keys of a channel share a hash tag, but the set of
//!   channels lies outside.
//! * **Secrets.** Keys, payloads and the URL are never logged.

mod connection;
mod feed;
mod fitness;
mod keys;
mod options;
mod peers;
mod publisher;
mod recollection;
mod records;
mod repair;
mod replay;
mod startup;
mod statistics;
#[cfg(feature = "test-server")]
pub mod test_server;
mod trim;

pub use options::Options;
pub use startup::ConnectError;
pub use statistics::{PoolStatistics, Statistics};

/// The bounds of this store.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    options::LIMITS,
    feed::LIMITS,
    publisher::LIMITS,
    peers::LIMITS,
    recollection::LIMITS,
    repair::LIMITS,
    trim::LIMITS,
];

use async_trait::async_trait;
use connection::{Address, Connections, Link};
use feed::Follower;
use keys::Keys;
use parking_lot::Mutex;
use peers::{Ear, Switchboard};
use protocol::{ChannelName, Epoch, Offset, Publication, StreamPosition, Timestamp};
use publisher::Publisher;
use recollection::Recollection;
use records::RecordScripts;
use repair::{CallForRepairs, Repairer};
use replay::Reader;
use std::fmt;
use std::sync::Arc;
use storage::feed::FEED_MAX_EVENTS;
use storage::{
    CommitError, Draft, Durability, Feed, History, Page, PageLimit, PublishError, Published, RecordId,
    RecordKey, RecordKind, Records, Repair, Replay, Retention, Since, Trimmed, Unavailable, Versioned, Write,
};

/// All sides of the port. Its long-lived connections belong to the runtime on which it was made; its methods may be
/// called from any.
pub struct RedisStore {
    keys: Keys,
    publisher: Publisher,
    repairer: Repairer,
    reader: Reader,
    record_scripts: RecordScripts,
    history_pool: Connections,
    record_pool: Connections,
    follower: Follower,
    switchboard: Switchboard,
    feed: Mutex<Option<Feed>>,
}

impl RedisStore {
    /// Connects to a Redis that is fit to keep messages, or says why it is not.
    pub async fn connect(url: &str, options: Options) -> Result<Self, ConnectError> {
        let address = Address::parse(url, &options).map_err(|_| ConnectError::Url)?;
        let keys = Keys::new(&options.prefix, address.database()).ok_or(ConnectError::Prefix)?;

        let link = Arc::new(Link::new(address.clone(), keys.clone(), options.accept_volatile));
        link.turn().await?;
        link.fitness().insist()?;

        let (sender, feed) = storage::feed::channel(FEED_MAX_EVENTS);
        // Unguessable like an epoch, so no two nodes have the same.
        let (ear, desk) = Ear::open(&keys, (options.fresh_epoch)().as_str());
        let (calls, recollection) = (CallForRepairs::default(), Arc::<Recollection>::default());
        let follower =
            Follower::start(address.clone(), keys.clone(), sender.clone(), ear, calls.clone(), &options)
                .await
                .map_err(|error| ConnectError::of(&error))?;
        let pool = |size| address.pool(size).map_err(|error| ConnectError::of(&error));
        Ok(Self {
            repairer: Repairer::start(
                Arc::clone(&link),
                keys.clone(),
                Arc::clone(&recollection),
                calls.clone(),
                &options,
            ),
            publisher: Publisher::new(link, keys.clone(), (recollection, calls), sender, &options),
            reader: Reader::new(keys.clone(), options.fresh_epoch.clone()),
            record_scripts: RecordScripts::new(keys.clone()),
            history_pool: pool(options.history_connections)?,
            record_pool: pool(options.record_connections)?,
            keys,
            switchboard: Switchboard::start(desk, follower.line()),
            follower,
            feed: Mutex::new(Some(feed)),
        })
    }

    /// What this Redis can promise now, as a sentence for the log.
    pub fn summary(&self) -> String {
        self.publisher.summary()
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl History for RedisStore {
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError> {
        self.publisher.publish(&draft).await
    }

    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        self.reader.top(&self.history_pool, channel).await
    }

    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        self.reader.replay(&self.history_pool, channel, since, limit).await
    }

    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        self.reader.latest(&self.history_pool, channel, before, limit).await
    }

    async fn repair(
        &self,
        channel: &ChannelName,
        epoch: &Epoch,
        seen: &[Arc<Publication>],
    ) -> Result<Repair, Unavailable> {
        self.repairer.repair(channel, epoch, seen).await
    }

    fn feed(&self) -> Option<Feed> {
        self.feed.lock().take()
    }

    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        self.follower.follow(channel).await
    }

    async fn unfollow(&self, channel: &ChannelName) {
        self.follower.unfollow(channel).await;
    }

    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable> {
        trim::trim(&self.history_pool, &self.keys, retention, now).await
    }

    fn durability(&self) -> Durability {
        self.publisher.durability()
    }

    async fn check(&self) -> Result<(), Unavailable> {
        self.history_pool.ping().await?;
        self.publisher.check().await
    }

    async fn close(&self) {
        self.repairer.close();
        self.publisher.close().await;
        self.follower.close();
        self.switchboard.close();
        self.history_pool.close();
        self.record_pool.close();
    }
}

#[async_trait]
impl Records for RedisStore {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        self.record_scripts.get(&self.record_pool, key, now).await
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        self.record_scripts.commit(&self.record_pool, &writes, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        self.record_scripts.scan(&self.record_pool, kind, after, limit, now).await
    }
}
