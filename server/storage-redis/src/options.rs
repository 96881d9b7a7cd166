//! How to use a Redis; the defaults fit a Redis in the same data centre.

use std::{fmt, time::Duration};
use storage::history::EpochSource;

/// See the module.
#[derive(Clone)]
pub struct Options {
    /// Makes fresh epochs.
    pub fresh_epoch: EpochSource,
    /// What every key begins with: letters, digits and `:` `.` `_` `-`.
    pub prefix: String,
    /// Whether a Redis that may forget what it answered (no append-only file, or eviction) is taken anyway.
    pub accept_volatile: bool,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
    /// How long Redis may take to answer; with `appendfsync always` that includes the disk.
    pub response_timeout: Duration,
    /// How long a publish with an unknown outcome is tried again before its caller is told so.
    pub settle_timeout: Duration,
    /// How long nothing new is stored in a channel after Redis came back, so that what it lost can have its place again: from
    /// its start, or from the first look at one that was promoted.
    pub repair_window: Duration,
    /// How long `follow` waits for a lost connection to come back.
    pub follow_timeout: Duration,
    /// How often the feed's connection is asked whether it is alive; with the time to answer, the longest that a
    /// network which swallows everything goes unnoticed. As often Redis is asked whether it still keeps what it
    /// answers.
    pub heartbeat: Duration,
    /// Most publishes that wait for Redis at once; further callers wait for their turn.
    pub publishes_in_flight: u32,
    /// Most connections that read history.
    pub history_connections: usize,
    /// Most connections that read and write records, apart from the others so that a crowd of readers does not
    /// keep members from signing in.
    pub record_connections: usize,
}

protocol::limits! {
    /// How long a connection to Redis may take to open; then whoever needed it is told that the store is away.
    const CONNECT_PATIENCE: Duration = Duration::from_secs(2) => shown "holdfast_store_operations";
    /// How long Redis may take to answer; then the connection is not trusted any more.
    const RESPONSE_PATIENCE: Duration = Duration::from_secs(5) => shown "holdfast_store_operations";
    /// How long a publish with an unknown outcome is tried again; then its sender is told to send it again.
    const SETTLE_PATIENCE: Duration = Duration::from_secs(3) => shown "holdfast_store_operations";
    /// How long nothing new is stored after Redis came back: time for nodes to find it and to bring it what it lost. Within the
    /// time in which a publish is tried again, so that it is one that took longer.
    const REPAIR_WINDOW: Duration = Duration::from_secs(2) => shown "holdfast_store_operations";
    /// How long a first reader of a channel waits for a lost connection to come back; then its subscription fails for now.
    const FOLLOW_PATIENCE: Duration = Duration::from_secs(5) => shown "holdfast_store_operations";
    /// The longest that a connection which swallows everything goes unnoticed, besides the time to answer.
    const HEARTBEAT: Duration = Duration::from_secs(5) => shown "holdfast_redis_reconnects";
    /// Most publishes that wait for Redis at once; further ones wait for their turn.
    const PUBLISHES_IN_FLIGHT_MAX: u32 = 1_024 => shown "holdfast_redis_publishes_in_flight";
    /// Most connections that read history; further reads wait for one.
    const HISTORY_CONNECTIONS_MAX: usize = 8 => shown "holdfast_redis_pool_waiting";
    /// Most connections that read and write records; further callers wait for one.
    const RECORD_CONNECTIONS_MAX: usize = 8 => shown "holdfast_redis_pool_waiting";
}

impl Options {
    /// The defaults.
    pub fn new(fresh_epoch: EpochSource) -> Self {
        Self {
            fresh_epoch,
            prefix: "holdfast:".to_owned(),
            accept_volatile: false,
            connect_timeout: CONNECT_PATIENCE,
            response_timeout: RESPONSE_PATIENCE,
            settle_timeout: SETTLE_PATIENCE,
            repair_window: REPAIR_WINDOW,
            follow_timeout: FOLLOW_PATIENCE,
            heartbeat: HEARTBEAT,
            publishes_in_flight: PUBLISHES_IN_FLIGHT_MAX,
            history_connections: HISTORY_CONNECTIONS_MAX,
            record_connections: RECORD_CONNECTIONS_MAX,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("prefix", &self.prefix)
            .field("accept_volatile", &self.accept_volatile)
            .finish_non_exhaustive()
    }
}

/// As scripts take times.
pub(crate) fn in_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
