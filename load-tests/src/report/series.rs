//! The run, interval by interval: the form of a line of `series.ndjson`.

use serde::{Deserialize, Serialize};

/// One interval. Counts are those of the interval; levels are those at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub(crate) struct Interval {
    /// Its end, in seconds after the beginning.
    pub(crate) t: f64,
    /// How long it was, in seconds.
    pub(crate) dt: f64,
    pub(crate) phase: String,
    /// Clients with a socket, and those of them whose subscriptions all stand.
    pub(crate) connected: u64,
    pub(crate) ready: u64,
    /// Connections that ended without the generator's wish.
    pub(crate) disconnected: u64,
    pub(crate) published: u64,
    pub(crate) acknowledged: u64,
    pub(crate) delivered: u64,
    /// Found by readers on the way, all since the beginning: what is missing now, came twice, came late.
    pub(crate) missing: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
    /// Latency of live deliveries in the interval, in milliseconds; nothing if there were none.
    pub(crate) live_p50_ms: Option<f64>,
    pub(crate) live_p99_ms: Option<f64>,
    pub(crate) live_max_ms: Option<f64>,
    /// The p99 of those alone who read all the time and came before any attack.
    #[serde(default)]
    pub(crate) steady_live_p99_ms: Option<f64>,
    /// From when a publish was due until its answer.
    pub(crate) publish_p50_ms: Option<f64>,
    pub(crate) publish_p99_ms: Option<f64>,
    /// What the server says of itself on `service:status`.
    pub(crate) posture: Option<String>,
    /// The most that a node was pressed, by what it says: how long work waited, relative to the target.
    #[serde(default)]
    pub(crate) pressure_max: Option<f64>,
    pub(crate) servers: Vec<ProcessLoad>,
    pub(crate) generators: Vec<ProcessLoad>,
    /// The process that attacks, if there is one, and how often it struck.
    #[serde(default)]
    pub(crate) attacker: Option<ProcessLoad>,
    #[serde(default)]
    pub(crate) struck: u64,
}

/// A process, over an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProcessLoad {
    /// `node 1`, `redis`, `generator 1`.
    pub(crate) name: String,
    /// Share of one core: 1.0 is one core busy all the time.
    pub(crate) cpu: f64,
    pub(crate) memory_bytes: u64,
    pub(crate) descriptors: u64,
}
