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
    "admitted",
    "told_to_wait",
    "position_max",
    "inversion_ms_max",
    "inversion_from_first_try_ms_max",
    "attacker_cpu_max",
    "attacked_goodput_per_second",
    "attacked_deliveries_per_second",
    "calm_after_s",
    "normal_after_s",
    "server_cpu_us_per_attack",
    "control_after_ms",
    "control_never",
    "attacked_under_target_share",
    "attacked_over_target_ms_max",
    "attacked_pressure_gap_ms_max",
    "crowd_in_share",
    "total_kept",
    "unheard_ms_max",
    "burst_deliveries_per_second",
    "burst_acknowledged_per_second",
    "burst_generator_cpu",
    "server_user_bytes_per_connection",
    "server_mapped_bytes_per_connection",
    "server_user_bytes_per_further_connection",
];

/// Kinds of latency, of which each has percentiles.
pub(crate) const LATENCIES: &[&str] = &["live", "late", "publish", "join", "rejoin", "wait"];
/// What is told of a distribution, in milliseconds.
pub(crate) const PERCENTILES: &[&str] = &["mean", "p50", "p90", "p95", "p99", "p999", "max"];

/// The name of a percentile, for all clients or one class.
pub(crate) fn latency(kind: &str, class: Option<&str>, percentile: &str) -> String {
    match class {
        None => format!("{kind}_{percentile}_ms"),
        Some(class) => format!("{kind}_{class}_{percentile}_ms"),
    }
}

/// What is told of an attack.
pub(crate) const OF_ATTACKS: &[&str] = &[
    "due",
    "offered",
    "offered_share",
    "per_second",
    "held_back",
    "failed",
    "opened",
    "open_max",
    "cut",
    "closed",
    "answered_ok",
    "answered_4xx",
    "answered_503",
    "answered_other",
    "retry_after",
    "upgraded",
    "let_in",
    "accepted",
    "refused_for_now",
    "refused",
];

/// The name of a figure of an attack.
pub(crate) fn attack(name: &str, what: &str) -> String {
    format!("attack_{name}_{what}")
}

/// Kinds of latency that are told phase by phase, and what is told of them.
pub(crate) const LATENCIES_IN_PHASES: &[&str] = &["live", "publish"];
pub(crate) const PERCENTILES_IN_PHASES: &[&str] = &["p50", "p99", "max"];

/// The name of a percentile in one phase.
pub(crate) fn latency_in(kind: &str, class: Option<&str>, percentile: &str, phase: &str) -> String {
    format!("{}_in_{phase}", latency(kind, class, percentile))
}

/// The name of a figure of all clients, or of one class.
pub(crate) fn of_class(name: &str, class: Option<&str>) -> String {
    class.map_or_else(|| name.to_owned(), |class| format!("{name}_{class}"))
}

/// Figures of attacked runs that each class has, too.
pub(crate) const OF_CLASSES: &[&str] = &[
    "members_cut",
    "returned_within_10s_share",
    "attacked_live_p99_ms",
    "live_p99_times_calm",
    "goodput_kept",
];
/// Figures that each phase has.
const OF_PHASES: &[&str] = &[
    "acknowledged_per_second",
    "caught_up_per_second",
    "delivered_after_s",
    "deliveries_per_second",
    "generator_cpu",
    "goodput_per_second",
    "memory_growth_bytes",
    "ready_after_s",
    "ready_per_core_second",
    "ready_per_second",
    "server_cpu",
];

/// The name of a figure of one phase.
pub(crate) fn of_phase(name: &str, phase: &str) -> String {
    format!("{name}_in_{phase}")
}

/// The names in a scenario, of which figures speak.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    pub(crate) classes: Vec<&'a str>,
    pub(crate) attacks: Vec<&'a str>,
    pub(crate) phases: Vec<&'a str>,
}

/// Whether a run of a scenario with these names can have the figure.
pub(crate) fn exists(name: &str, names: &Names<'_>) -> bool {
    if MUST_BE_ZERO.contains(&name) || OTHERS.contains(&name) {
        return true;
    }
    let of_attacks = names.attacks.iter().any(|of| OF_ATTACKS.iter().any(|what| attack(of, what) == name));
    let of_phases = names.phases.iter().any(|of| OF_PHASES.iter().any(|what| of_phase(what, of) == name));
    let in_phase = |kind: &str, class: Option<&str>| {
        let percentiles = PERCENTILES_IN_PHASES.iter();
        percentiles.copied().any(|p| names.phases.iter().any(|of| latency_in(kind, class, p, of) == name))
    };
    let class = |class: Option<&str>| {
        LATENCIES.iter().any(|kind| PERCENTILES.iter().any(|p| latency(kind, class, p) == name))
            || LATENCIES_IN_PHASES.iter().any(|kind| in_phase(kind, class))
            || OF_CLASSES.iter().any(|of| of_class(of, class) == name)
    };
    of_attacks || of_phases || class(None) || names.classes.iter().any(|name| class(Some(name)))
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
