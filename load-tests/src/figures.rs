//! The names of all figures: what thresholds and comparisons speak of.

/// Figures of the ledger that must be 0 unless a scenario says otherwise.
pub(crate) const MUST_BE_ZERO: &[&str] = &[
    "lost",
    "duplicated",
    "out_of_order",
    "altered",
    "misdelivered",
    "invented",
    "wrong_position",
    "wrong_epoch",
    "lost_from_log",
    "duplicated_in_log",
    "reordered_in_log",
    "log_disordered",
    "refused",
    "refused_publishes",
    "strangers_let_in",
    "unanswered",
    "behind",
    "resets",
    "unreached",
    "unreadable",
    "phases_overrun",
];

/// Of these, what a generator that is too slow may cause, so that in a doubtful run they show nothing.
pub(crate) const MAY_BE_THE_GENERATORS: &[&str] = &["unanswered", "behind", "unreached", "phases_overrun"];

/// Figures that a run has besides.
const OTHERS: &[&str] = &[
    "published",
    "acknowledged",
    "accepted_only",
    "resent",
    "publish_per_second",
    "expected",
    "delivered",
    "recovered",
    "deliveries_per_second",
    "deliveries_per_second_max",
    "foreign",
    "connections",
    "connected_max",
    "ready_max",
    "connects_failed",
    "disconnects",
    "reconnects",
    "strangers_cut",
    "offered_share",
    "server_cpu_s",
    "server_cpu_us_per_delivery",
    "server_cpu_max",
    "server_memory_peak_bytes",
    "server_bytes_per_connection",
    "generator_cpu_mean",
    "generator_cpu_max",
    "generator_bytes_per_client",
    "generator_slip_p99_ms",
    "recovery_s",
    "caught_up_s",
    "cost_of_floor",
];

/// Kinds of latency, of which each has percentiles.
pub(crate) const LATENCIES: &[&str] = &["live", "late", "publish", "join", "rejoin"];
/// What is told of a distribution, in milliseconds.
pub(crate) const PERCENTILES: &[&str] = &["mean", "p50", "p90", "p95", "p99", "p999", "max"];

/// The name of a percentile, for all clients or one class.
pub(crate) fn latency(kind: &str, class: Option<&str>, percentile: &str) -> String {
    match class {
        None => format!("{kind}_{percentile}_ms"),
        Some(class) => format!("{kind}_{class}_{percentile}_ms"),
    }
}

/// Whether a run of a scenario with these classes can have the figure.
pub(crate) fn exists(name: &str, classes: &[&str]) -> bool {
    if MUST_BE_ZERO.contains(&name) || OTHERS.contains(&name) {
        return true;
    }
    let class = |class: Option<&str>| {
        LATENCIES.iter().any(|kind| PERCENTILES.iter().any(|p| latency(kind, class, p) == name))
    };
    class(None) || classes.iter().any(|name| class(Some(name)))
}

/// Counts that are known while a run goes on; the others only its end can say.
pub(crate) const EARLY: &[&str] = &[
    "published",
    "acknowledged",
    "accepted_only",
    "refused_publishes",
    "resent",
    "delivered",
    "lost",
    "duplicated",
    "out_of_order",
    "misdelivered",
    "resets",
    "connections",
    "connects_failed",
    "disconnects",
    "reconnects",
    "refused",
    "strangers_cut",
    "strangers_let_in",
    "unreadable",
];

/// Whether a figure is known while a run goes on, so that it can end it.
pub(crate) fn is_known_early(name: &str) -> bool {
    EARLY.contains(&name) || LATENCIES.iter().any(|kind| name.starts_with(&format!("{kind}_")))
}
