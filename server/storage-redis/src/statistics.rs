//! What the store can say of itself and of its Redis, for metrics. Nothing here asks Redis anything.

use crate::RedisStore;

/// The connections to Redis at a moment, and what became of them since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// The pool that reads history.
    pub history_pool: PoolStatistics,
    /// The pool that reads and writes records.
    pub record_pool: PoolStatistics,
    /// Times that the publisher's connection was opened anew.
    pub publisher_reconnects: u64,
    /// Times that the feed's connection was opened anew.
    pub feed_reconnects: u64,
    /// Publishes that are with Redis or on their way.
    pub publishes_in_flight: usize,
    /// Whether Redis is trusted with messages now.
    pub is_fit: bool,
}

/// A pool at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatistics {
    /// Most connections.
    pub max: usize,
    /// Connections that are open.
    pub open: usize,
    /// Open connections that nobody uses.
    pub available: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}

impl RedisStore {
    /// See [`Statistics`].
    pub fn statistics(&self) -> Statistics {
        Statistics {
            history_pool: self.history_pool.statistics(),
            record_pool: self.record_pool.statistics(),
            publisher_reconnects: self.publisher.reconnects(),
            feed_reconnects: self.follower.reconnects(),
            publishes_in_flight: self.publisher.in_flight(),
            is_fit: self.publisher.is_fit(),
        }
    }
}
