//! Everything that was seen of a run, before it is judged.

use crate::attack::counts::AttackCounts;
use crate::latency::Latencies;
use crate::ledger::Findings;
use crate::processes::UserMemory;
use crate::report::series::Interval;
use crate::report::summary::{FaultSummary, GeneratorSummary, PhaseSummary};
use crate::tally::{Admission, Counts};
use std::collections::BTreeMap;
use std::fmt;

/// A run.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) series: Vec<Interval>,
    pub(crate) latencies: Latencies,
    pub(crate) totals: Counts,
    pub(crate) findings: Findings,
    pub(crate) phases: Vec<PhaseSummary>,
    /// Of each phase: latencies, and deliveries of members' messages by class.
    pub(crate) in_phases: Vec<InPhase>,
    /// Everybody who was given a ticket.
    pub(crate) admissions: Vec<Admission>,
    /// How hard pressed each node said it was: seconds after the beginning, and delay relative to its target.
    pub(crate) pressures: Vec<Vec<(f64, f64)>>,
    /// Of each attack of the scenario.
    pub(crate) attacks: Vec<AttackCounts>,
    /// Of these phases, which were steady: nobody came, nothing was done to the server, and something was delivered.
    pub(crate) steady: Vec<usize>,
    /// Phases whose end did not come in their time.
    pub(crate) overrun: Vec<String>,
    pub(crate) faults: Vec<FaultSummary>,
    pub(crate) generators: Vec<GeneratorSummary>,
    /// Whether servers and generators had cores of their own.
    pub(crate) pinned: bool,
    pub(crate) server_version: String,
    pub(crate) took_s: f64,
    /// Readers and senders that were not even at the end of their patience.
    pub(crate) behind: u64,
    pub(crate) unanswered: u64,
    /// Clients that were never in with all they read, or are not at the end.
    pub(crate) unreached: u64,
    /// Clients that should have come, and that came.
    pub(crate) planned: u64,
    pub(crate) arrived: u64,
    /// Channels whose log was not read to its end.
    pub(crate) unread_logs: u64,
    /// From a fault until all had all again.
    pub(crate) recovery_s: Option<f64>,
    /// From the end of publishing until all were even.
    pub(crate) caught_up_s: f64,
    /// A connection's share of the servers' memory, once all had come.
    pub(crate) server_bytes_per_connection: Option<f64>,
    /// What the nodes had for themselves before anybody came, and at the end of each phase in which nobody came or posted.
    pub(crate) at_rest: Vec<AtRest>,
    /// Why it ended before its time.
    pub(crate) cut_short: Option<CutShort>,
    /// Things that a reader of the figures should know.
    pub(crate) remarks: Vec<String>,
}

/// Memory of the nodes while nobody comes and nobody posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AtRest {
    pub(crate) connected: u64,
    pub(crate) memory: UserMemory,
}

/// What is told of one phase.
#[derive(Debug, Default)]
pub(crate) struct InPhase {
    pub(crate) latencies: Latencies,
    pub(crate) good: BTreeMap<usize, u64>,
}

/// Why a run ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CutShort {
    /// Somebody stopped it: it shows nothing.
    ByHand,
    /// A threshold that ends runs was breached: which, and how.
    ByThreshold(String),
}

impl fmt::Display for CutShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand => f.write_str("it was stopped by hand"),
            Self::ByThreshold(why) => write!(f, "a threshold ended it: {why}"),
        }
    }
}
