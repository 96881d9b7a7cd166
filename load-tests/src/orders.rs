//! What the conductor and its generators say to each other: a line of JSON each, over pipes.

use crate::clock::Micros;
use crate::ledger::{ReadLog, Statement};
use crate::tally::Told;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// From the conductor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Order {
    /// What the process is for; comes first.
    Assign(Box<Assignment>),
    /// Somebody reads each channel's log, and tells it with what it tells.
    Audit,
    /// How far are the readers, if these are the newest offsets of channels?
    Look { tops: Vec<(u32, u64)> },
    /// From this time on nobody publishes or leaves any more.
    Over { at: Micros },
    /// A phase began at this time.
    Phase { number: usize, began: Micros },
    /// Say what readers came to.
    State,
    /// Say what happened since the last time.
    Tell,
}

/// From a generator: the answer to each order that asks for one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// To [`Order::Assign`]: it has its clients, and its memory before it had them.
    Assigned { clients: u64, memory_bytes: u64 },
    /// It cannot go on.
    Failed { reason: String },
    /// To [`Order::Look`].
    Seen(Seen),
    /// To [`Order::State`]: what readers came to, equal ones together, with their number and since when the first of them
    /// reads; and the hashes of messages without an answer.
    /// And the epochs that were met, by channel.
    Stated {
        statements: Vec<(Statement, u64, Micros)>,
        open: Vec<u64>,
        epochs: Vec<(u32, u64)>,
        unreached: u64,
    },
    /// To [`Order::Tell`], with the logs that were read meanwhile, levels, and clients' sockets.
    Told { told: Box<Told>, logs: Vec<(u32, ReadLog)>, connected: u64, ready: u64, arrived: u64 },
}

/// How far a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Subscriptions that lack something.
    pub(crate) behind: u64,
    /// Messages without an answer.
    pub(crate) waiting: u64,
    /// Clients that have come, and do not stand with all their subscriptions.
    pub(crate) not_ready: u64,
}

/// What a process is for. It reads the scenario as the conductor did, and takes each n-th client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) scenario: String,
    pub(crate) text: String,
    pub(crate) scale: f64,
    pub(crate) times: f64,
    /// Which process of all, from 0 on.
    pub(crate) process: u32,
    pub(crate) processes: u32,
    pub(crate) run: u32,
    pub(crate) targets: Vec<Target>,
    pub(crate) tls: Option<TlsTrust>,
    pub(crate) access: Access,
}

/// A node, or an address that is under load.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// What stands in `Host`.
    pub(crate) host: String,
}

/// How to know the server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TlsTrust {
    /// Certificates of authorities, in PEM.
    pub(crate) roots: String,
    /// The name that the certificate must have.
    pub(crate) name: String,
}

/// Where tokens come from.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Access {
    /// Signed with the keys of the deployment: the text of their file.
    Keys(String),
    /// Given, one a client, by its number among all.
    Tokens(Vec<String>),
}

/// It holds keys or tokens: debug output does not.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Keys(_) => "Keys(…)",
            Self::Tokens(_) => "Tokens(…)",
        })
    }
}

/// It holds keys: debug output does not.
impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignment").field("process", &self.process).finish_non_exhaustive()
    }
}
