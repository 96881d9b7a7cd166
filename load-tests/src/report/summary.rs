//! What a run comes to: the form of `summary.json`. Fields are added, never changed; a change of meaning is a new
//! [`VERSION`].

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the file says it is.
pub(crate) const FORMAT: &str = "holdfast-load/summary";
/// The version of the form.
pub(crate) const VERSION: u32 = 1;

/// One run, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) scenario: ScenarioSummary,
    pub(crate) target: TargetSummary,
    pub(crate) machine: Machine,
    /// When it began, RFC 3339 in UTC.
    pub(crate) began: String,
    /// How long it took, in seconds.
    pub(crate) took_s: f64,
    pub(crate) verdict: Verdict,
    /// Why the verdict is what it is; for a pass, what was shown.
    pub(crate) reasons: Vec<String>,
    pub(crate) thresholds: Vec<ThresholdResult>,
    /// Every figure by its name, which says its unit: what thresholds and comparisons speak of.
    pub(crate) figures: BTreeMap<String, f64>,
    /// Percentiles of each kind of latency, over all clients and by class, in milliseconds.
    pub(crate) latency: Vec<LatencySummary>,
    pub(crate) phases: Vec<PhaseSummary>,
    pub(crate) faults: Vec<FaultSummary>,
    pub(crate) generators: Vec<GeneratorSummary>,
    /// What held the figures where they are, as far as the run can tell.
    pub(crate) limited_by: Vec<String>,
    /// Channels and readers for which the ledger does not come out even, at most [`FINDINGS_MAX`].
    pub(crate) findings: Vec<String>,
}

/// Most findings that a summary lists one by one; the figures count all of them.
pub(crate) const FINDINGS_MAX: usize = 50;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ScenarioSummary {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) seed: u64,
    /// The scenario as it was read, so that the run can be had again.
    pub(crate) text: String,
}

/// What was under load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetSummary {
    /// `embedded`, `redis` or `address`.
    pub(crate) store: String,
    pub(crate) nodes: usize,
    pub(crate) tls: bool,
    /// `json` or `protobuf`.
    pub(crate) encoding: String,
    /// What the server calls itself.
    pub(crate) server: String,
}

/// Where it ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
    /// Whether server and generator had cores of their own.
    pub(crate) pinned: bool,
}

/// How a run is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Something that must not be is.
    Breached,
    /// Everything that must be shown was shown.
    Pass,
    /// The run shows nothing: the load was not offered, the generator was the limit, or a fault did not bite.
    Unknown,
}

/// A threshold and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThresholdResult {
    pub(crate) figure: String,
    /// For example `<= 500`.
    pub(crate) limit: String,
    /// Nothing if the run has no such figure, which breaches the threshold.
    pub(crate) value: Option<f64>,
    pub(crate) met: bool,
}

/// One distribution, in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LatencySummary {
    /// `live` (published while the reader read), `late` (caught up), `publish` (until the answer), `join` (until all
    /// subscriptions stand).
    pub(crate) kind: String,
    /// The class of clients, or `all`.
    pub(crate) class: String,
    pub(crate) count: u64,
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

/// A part of the run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct PhaseSummary {
    pub(crate) name: String,
    /// Seconds after the beginning.
    pub(crate) at_s: f64,
    pub(crate) took_s: f64,
    pub(crate) delivered: u64,
    pub(crate) acknowledged: u64,
    /// CPU time of all server processes.
    pub(crate) server_cpu_s: f64,
    /// Deliveries of members' messages to members: those of `delivered` without the floods of attackers.
    #[serde(default)]
    pub(crate) good: u64,
    /// Whether the server was attacked.
    #[serde(default)]
    pub(crate) attacked: bool,
    /// Clients that came in, with all their subscriptions.
    #[serde(default)]
    pub(crate) ready: u64,
    /// When the last of them was in, the last message was answered, and the last delivery was made: seconds after the
    /// beginning of the phase.
    #[serde(default)]
    pub(crate) ready_s: Option<f64>,
    #[serde(default)]
    pub(crate) acknowledged_s: Option<f64>,
    #[serde(default)]
    pub(crate) delivered_s: Option<f64>,
    /// CPU time of the busiest generator.
    #[serde(default)]
    pub(crate) generator_cpu_s: f64,
    /// Memory of all server processes as it began, and at its highest.
    #[serde(default)]
    pub(crate) memory_before_bytes: u64,
    #[serde(default)]
    pub(crate) memory_max_bytes: u64,
    /// Messages were posted all at once.
    #[serde(default)]
    pub(crate) at_once: bool,
}

/// What was done to the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FaultSummary {
    /// For example `kill node 1`.
    pub(crate) what: String,
    /// Seconds after the beginning.
    pub(crate) at_s: f64,
    /// How it was seen to bite; nothing if it was not, which makes the run unknown.
    pub(crate) evidence: Option<String>,
}

/// A process that made load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GeneratorSummary {
    pub(crate) process: usize,
    pub(crate) clients: u64,
    /// Mean share of one core over the run, and the highest of any interval.
    pub(crate) cpu_mean: f64,
    pub(crate) cpu_max: f64,
    /// How late it did what was due, in milliseconds.
    pub(crate) slip_p99_ms: f64,
    /// Memory at its highest.
    pub(crate) memory_bytes: u64,
    /// What a client costs it, once all have come.
    pub(crate) bytes_per_client: u64,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A summary with something everywhere.
    pub(crate) fn summary() -> Summary {
        Summary {
            format: FORMAT.to_owned(),
            version: VERSION,
            scenario: ScenarioSummary {
                name: "test".to_owned(),
                description: "a test".to_owned(),
                seed: 1,
                text: String::new(),
            },
            target: TargetSummary {
                store: "embedded".to_owned(),
                nodes: 1,
                tls: false,
                encoding: "json".to_owned(),
                server: "holdfast".to_owned(),
            },
            machine: Machine {
                processor: "cpu".to_owned(),
                cores: 2,
                memory_bytes: 1,
                kernel: "6".to_owned(),
                pinned: true,
            },
            began: "2026-11-25T00:00:00Z".to_owned(),
            took_s: 1.5,
            verdict: Verdict::Pass,
            reasons: vec!["it passes".to_owned()],
            thresholds: vec![ThresholdResult {
                figure: "lost".to_owned(),
                limit: "== 0".to_owned(),
                value: Some(0.0),
                met: true,
            }],
            figures: BTreeMap::from([("lost".to_owned(), 0.0), ("live_p99_ms".to_owned(), 12.5)]),
            latency: Vec::new(),
            phases: Vec::new(),
            faults: Vec::new(),
            generators: Vec::new(),
            limited_by: Vec::new(),
            findings: Vec::new(),
        }
    }
}
