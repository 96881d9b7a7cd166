//! From what was seen to figures, and from figures to a verdict.

mod attacked;
mod limits;
mod phases;
mod pressure;
mod waiting;

use crate::figures::{self, LATENCIES};
use crate::latency::{Kind, Times};
use crate::observed::{CutShort, Observed};
use crate::report::series::Interval;
use crate::report::summary::{LatencySummary, PhaseSummary, ThresholdResult, Verdict};
use crate::scenario::{Scenario, Threshold};
use std::collections::BTreeMap;

/// Kinds of latency in the order in which they are told.
const KINDS: [Kind; 6] = [Kind::Live, Kind::Late, Kind::Publish, Kind::Join, Kind::Rejoin, Kind::Wait];
/// Share of a core above which a process has no time left: of a generator through a whole steady phase, it may be what
/// is measured.
const CORE_BUSY: f64 = 0.9;
/// Least share of the load that must have been offered.
const OFFERED_MIN: f64 = 0.99;
/// Fewest publishes and deliveries that show anything.
const ACKNOWLEDGED_MIN: u64 = 5;

/// Shorter intervals, at the ends of phases, say nothing of rates.
const INTERVAL_MIN_S: f64 = 0.15;

/// Figures by name.
pub(crate) type Figures = BTreeMap<String, f64>;

/// How a run is judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    pub(crate) reasons: Vec<String>,
    pub(crate) thresholds: Vec<ThresholdResult>,
    pub(crate) limited_by: Vec<String>,
}

/// The figures that are known while a run goes on: what only its end can say is not among them.
pub(crate) fn figures_so_far(scenario: &Scenario, observed: &Observed) -> Figures {
    let totals = &observed.totals;
    let missing = u64::try_from(totals.missing).unwrap_or(0);
    let counts = [
        ("published", totals.offered),
        ("acknowledged", totals.acknowledged),
        ("accepted_only", totals.accepted_only),
        ("refused_publishes", totals.refused_publishes),
        ("resent", totals.resent),
        ("delivered", totals.delivered),
        ("lost", missing),
        ("duplicated", totals.duplicated),
        ("out_of_order", totals.out_of_order),
        ("misdelivered", totals.misdelivered),
        ("resets", totals.resets),
        ("connections", totals.connections),
        ("connects_failed", totals.connects_failed),
        ("disconnects", totals.disconnects),
        ("reconnects", totals.reconnects),
        ("refused", totals.refused),
        ("strangers_cut", totals.strangers_cut),
        ("strangers_let_in", totals.strangers_let_in),
        ("unreadable", totals.unreadable),
    ];
    let mut figures: Figures =
        counts.into_iter().map(|(name, count)| (name.to_owned(), as_f64(count))).collect();
    for summary in latencies(scenario, observed) {
        let class = (summary.class != "all").then_some(summary.class.as_str());
        for (percentile, value) in [
            ("mean", summary.mean),
            ("p50", summary.p50),
            ("p90", summary.p90),
            ("p95", summary.p95),
            ("p99", summary.p99),
            ("p999", summary.p999),
            ("max", summary.max),
        ] {
            figures.insert(figures::latency(&summary.kind, class, percentile), value);
        }
    }
    figures
}

/// All figures of a whole run.
pub(crate) fn figures(scenario: &Scenario, observed: &Observed) -> Figures {
    let mut figures = figures_so_far(scenario, observed);
    let findings = &observed.findings;
    let late = observed.latencies.of_all(Kind::Late).count();
    for (name, count) in [
        ("expected", findings.expected),
        ("lost", findings.lost),
        ("duplicated", findings.duplicated),
        ("out_of_order", findings.out_of_order),
        ("altered", findings.altered),
        ("invented", findings.invented),
        ("wrong_position", findings.wrong_position),
        ("wrong_epoch", findings.wrong_epoch),
        ("log_disordered", findings.log_disordered),
        ("lost_from_log", findings.lost_from_log),
        ("duplicated_in_log", findings.duplicated_in_log),
        ("reordered_in_log", findings.reordered_in_log),
        ("foreign", findings.foreign),
        ("resets", findings.resets),
        ("recovered", late),
        ("unanswered", observed.unanswered),
        ("behind", observed.behind),
        ("unreached", observed.unreached),
        ("phases_overrun", u64::try_from(observed.overrun.len()).unwrap_or(u64::MAX)),
    ] {
        figures.insert(name.to_owned(), as_f64(count));
    }
    let offered = observed.totals.offered + observed.totals.left_out;
    if offered > 0 {
        figures.insert("offered_share".to_owned(), as_f64(observed.totals.offered) / as_f64(offered));
    }
    add_rates(observed, &mut figures);
    add_costs(observed, &mut figures);
    waiting::add(observed, &mut figures);
    attacked::add(scenario, observed, &mut figures);
    pressure::add(observed, &mut figures);
    phases::add(observed, &mut figures);
    if let Some(seconds) = observed.recovery_s {
        figures.insert("recovery_s".to_owned(), seconds);
    }
    figures.insert("caught_up_s".to_owned(), observed.caught_up_s);
    figures
}

/// Of steady phases, if there are any; else of all.
fn steady(observed: &Observed) -> impl Iterator<Item = &PhaseSummary> {
    let all = observed.steady.is_empty();
    let phases = observed.phases.iter().enumerate();
    phases.filter(move |(number, _)| all || observed.steady.contains(number)).map(|(_, phase)| phase)
}

fn add_rates(observed: &Observed, figures: &mut Figures) {
    let seconds: f64 = steady(observed).map(|phase| phase.took_s).sum();
    if seconds > 0.0 {
        let sum = |of: fn(&PhaseSummary) -> u64| as_f64(steady(observed).map(of).sum());
        figures.insert("deliveries_per_second".to_owned(), sum(|phase| phase.delivered) / seconds);
        figures.insert("publish_per_second".to_owned(), sum(|phase| phase.acknowledged) / seconds);
    }
    let rates = observed.series.iter().filter(|interval| interval.dt >= INTERVAL_MIN_S);
    let most = rates.map(|interval| as_f64(interval.delivered) / interval.dt).fold(0.0, f64::max);
    figures.insert("deliveries_per_second_max".to_owned(), most);
    let highest = |of: fn(&Interval) -> u64| as_f64(observed.series.iter().map(of).max().unwrap_or(0));
    figures.insert("connected_max".to_owned(), highest(|interval| interval.connected));
    figures.insert("ready_max".to_owned(), highest(|interval| interval.ready));
}

fn add_costs(observed: &Observed, figures: &mut Figures) {
    let mut put = |name: &str, value: f64| {
        figures.insert(name.to_owned(), value);
    };
    let cpu: f64 = observed.phases.iter().map(|phase| phase.server_cpu_s).sum();
    let seen = observed.series.iter().any(|interval| !interval.servers.is_empty());
    if seen {
        put("server_cpu_s", cpu);
        let delivered = as_f64(steady(observed).map(|phase| phase.delivered).sum());
        let cpu: f64 = steady(observed).map(|phase| phase.server_cpu_s).sum();
        if delivered > 0.0 {
            put("server_cpu_us_per_delivery", cpu * 1e6 / delivered);
        }
        let shares =
            observed.series.iter().map(|interval| interval.servers.iter().map(|load| load.cpu).sum());
        put("server_cpu_max", shares.fold(0.0, f64::max));
        let memory = observed
            .series
            .iter()
            .map(|interval| interval.servers.iter().map(|load| load.memory_bytes).sum::<u64>());
        put("server_memory_peak_bytes", as_f64(memory.max().unwrap_or(0)));
    }
    if let Some(bytes) = observed.server_bytes_per_connection {
        put("server_bytes_per_connection", bytes);
    }
    let generators = &observed.generators;
    if let Some(longest) = generators.iter().map(|generator| generator.bytes_per_client).max() {
        put("generator_bytes_per_client", as_f64(longest));
        put("generator_cpu_max", generators.iter().map(|generator| generator.cpu_max).fold(0.0, f64::max));
        put("generator_cpu_mean", generators.iter().map(|generator| generator.cpu_mean).fold(0.0, f64::max));
        put("generator_slip_p99_ms", generators.iter().map(|g| g.slip_p99_ms).fold(0.0, f64::max));
    }
}

/// Every distribution, over all classes first.
pub(crate) fn latencies(scenario: &Scenario, observed: &Observed) -> Vec<LatencySummary> {
    let mut summaries = Vec::new();
    for kind in KINDS {
        debug_assert!(LATENCIES.contains(&kind.word()));
        let classes = scenario.classes.iter().enumerate();
        let of: Vec<_> = classes
            .filter_map(|(number, class)| Some((class.name.as_str(), observed.latencies.of(kind, number)?)))
            .collect();
        summaries.extend(summary(kind, "all", &observed.latencies.of_all(kind)));
        if of.len() > 1 {
            summaries.extend(of.iter().filter_map(|(name, times)| summary(kind, name, times)));
        } else if let [(name, times)] = of.as_slice() {
            summaries.extend(summary(kind, name, times));
        }
    }
    summaries
}

fn summary(kind: Kind, class: &str, times: &Times) -> Option<LatencySummary> {
    Some(LatencySummary {
        kind: kind.word().to_owned(),
        class: class.to_owned(),
        count: times.count(),
        mean: times.mean_ms()?,
        p50: times.percentile_ms(50.0)?,
        p90: times.percentile_ms(90.0)?,
        p95: times.percentile_ms(95.0)?,
        p99: times.percentile_ms(99.0)?,
        p999: times.percentile_ms(99.9)?,
        max: times.max_ms()?,
    })
}

/// Judges a run by its figures and by what it can show at all. A breach is a breach even in a run that shows nothing
/// else: what was lost is lost.
pub(crate) fn judge(scenario: &Scenario, observed: &Observed, figures: &Figures) -> Judgement {
    let result = |threshold: &Threshold| {
        let value = figures.get(&threshold.figure).copied();
        ThresholdResult {
            figure: threshold.figure.clone(),
            limit: threshold.limit.to_string(),
            value,
            met: value.is_some_and(|value| threshold.limit.is_met_by(value)),
        }
    };
    let thresholds: Vec<ThresholdResult> = scenario.thresholds.iter().map(result).collect();
    let mut doubts = doubts(scenario, observed, figures);
    doubts.extend(attacked::doubts(scenario, observed));
    // A breach that ended the run is one, whatever the figure was when it had ended.
    let ended_by = observed.cut_short.iter().filter(|why| matches!(why, CutShort::ByThreshold(_)));
    let breached = thresholds.iter().filter(|result| !result.met).map(breach);
    let breached: Vec<String> = ended_by.map(CutShort::to_string).chain(breached).collect();
    let facts = thresholds.iter().filter(|result| !result.met && result.value.is_some());
    let facts: Vec<String> = facts.filter(|result| is_fact(&result.figure, observed)).map(breach).collect();
    let (verdict, reasons) = if breached.is_empty() && doubts.is_empty() {
        (Verdict::Pass, shown(observed))
    } else if doubts.is_empty() {
        (Verdict::Breached, breached)
    } else if facts.is_empty() {
        (Verdict::Unknown, doubts.into_iter().chain(breached).collect())
    } else {
        (Verdict::Breached, facts.into_iter().chain(doubts).collect())
    };
    Judgement { verdict, reasons, thresholds, limited_by: limits::limited_by(observed, figures) }
}

/// Whether a breach of this figure is one in whatever run: what was lost is lost. Of a run that was stopped by hand, what
/// was not waited for is none.
fn is_fact(figure: &str, observed: &Observed) -> bool {
    let by_hand = observed.cut_short == Some(CutShort::ByHand);
    figures::MUST_BE_ZERO.contains(&figure)
        && !figures::MAY_BE_THE_GENERATORS.contains(&figure)
        && !(by_hand && figure == "lost")
}

fn breach(result: &ThresholdResult) -> String {
    match result.value {
        Some(value) => format!("{} is {}, and must be {}", result.figure, short(value), result.limit),
        None => format!("{} has no value, and must be {}", result.figure, result.limit),
    }
}

fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Why the run shows nothing, if it does not.
fn doubts(scenario: &Scenario, observed: &Observed, figures: &Figures) -> Vec<String> {
    let mut doubts = Vec::new();
    if observed.cut_short == Some(CutShort::ByHand) {
        doubts.push(CutShort::ByHand.to_string());
    }
    let totals = &observed.totals;
    // What nobody was to read is counted by its log.
    let nothing_came = observed.findings.received == 0 && scenario.is_read();
    if totals.acknowledged < ACKNOWLEDGED_MIN || nothing_came {
        doubts.push(format!(
            "the run is vacuous: {} publishes were acknowledged and {} deliveries counted",
            totals.acknowledged, observed.findings.received
        ));
    }
    if observed.findings.uncompared > 0 {
        let count = observed.findings.uncompared;
        doubts.push(format!("retention took what {count} readers and answers had: they cannot be compared"));
    }
    if observed.unread_logs > 0 {
        doubts.push(format!("the logs of {} channels were not read to their end", observed.unread_logs));
    }
    for fault in observed.faults.iter().filter(|fault| fault.evidence.is_none()) {
        doubts.push(format!("{} was not seen to bite", fault.what));
    }
    if let Some(share) = figures.get("offered_share").filter(|share| **share < OFFERED_MIN) {
        let percent = share * 100.0;
        doubts.push(format!("the load was not offered: senders had room for {percent:.1} % of it"));
    }
    let late_max = scenario.late_max.as_secs_f64() * 1_000.0;
    if let Some(slip) = figures.get("generator_slip_p99_ms").filter(|slip| **slip > late_max) {
        doubts.push(format!("the generator was the limit: it was {slip:.0} ms late with everything (p99)"));
    }
    if let Some(share) = busiest(observed).filter(|share| *share > CORE_BUSY) {
        let percent = share * 100.0;
        doubts.push(format!("the generator may be the limit: {percent:.0} % of its core through a phase"));
    }
    doubts
}

/// The highest mean share of a core that any generator had over a steady phase.
fn busiest(observed: &Observed) -> Option<f64> {
    let phases = observed.steady.iter().filter_map(|number| observed.phases.get(*number));
    phases
        .flat_map(|phase| {
            let intervals: Vec<_> = observed
                .series
                .iter()
                .filter(|interval| interval.phase == phase.name && interval.dt >= INTERVAL_MIN_S)
                .collect();
            let generators = intervals.first().map_or(0, |interval| interval.generators.len());
            (0..generators)
                .map(|number| {
                    let shares = intervals.iter().filter_map(|interval| {
                        interval.generators.get(number).map(|load| (load.cpu * interval.dt, interval.dt))
                    });
                    let (busy, all) = shares.fold((0.0, 0.0), |(busy, all), (b, a)| (busy + b, all + a));
                    if all > 0.0 { busy / all } else { 0.0 }
                })
                .collect::<Vec<_>>()
        })
        .reduce(f64::max)
}

fn shown(observed: &Observed) -> Vec<String> {
    let findings = &observed.findings;
    let mut shown = vec![format!(
        "{} messages acknowledged, {} deliveries expected, and each came once and in order",
        observed.totals.acknowledged, findings.expected
    )];
    for fault in &observed.faults {
        if let Some(evidence) = &fault.evidence {
            shown.push(format!("{}: {evidence}", fault.what));
        }
    }
    shown
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts below 2^53")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Findings;
    use crate::report::summary::FaultSummary;
    use crate::tally::Counts;

    fn scenario() -> Scenario {
        let text = crate::scenario::shipped("baseline").unwrap();
        Scenario::parse("baseline", text, 0.1).unwrap()
    }

    /// A run in which everything was as it should be.
    fn honest() -> Observed {
        let mut observed = Observed {
            totals: Counts { offered: 100, acknowledged: 100, delivered: 5_000, ..Counts::default() },
            findings: Findings { expected: 5_000, received: 5_000, ..Findings::default() },
            pinned: true,
            ..Observed::default()
        };
        let mut latencies = crate::latency::Latencies::default();
        for kind in [Kind::Live, Kind::Publish, Kind::Join] {
            latencies.record(kind, 0, 1_000);
        }
        assert!(observed.latencies.add(&latencies.take()));
        observed
    }

    fn verdict(observed: &Observed) -> (Verdict, String) {
        let scenario = scenario();
        let judgement = judge(&scenario, observed, &figures(&scenario, observed));
        (judgement.verdict, judgement.reasons.join("; "))
    }

    /// Something that goes otherwise.
    type Change = fn(&mut Observed);

    #[test]
    fn a_run_in_which_all_came_once_and_in_order_passes() {
        assert_eq!(verdict(&honest()).0, Verdict::Pass);
    }

    #[test]
    fn each_kind_of_wrong_breaches() {
        let wrongs: [(Change, &str); 12] = [
            (|o| o.findings.lost = 1, "lost is 1"),
            (|o| o.findings.duplicated = 1, "duplicated is 1"),
            (|o| o.findings.out_of_order = 1, "out_of_order is 1"),
            (|o| o.findings.altered = 1, "altered is 1"),
            (|o| o.totals.misdelivered = 1, "misdelivered is 1"),
            (|o| o.findings.invented = 1, "invented is 1"),
            (|o| o.findings.lost_from_log = 1, "lost_from_log is 1"),
            (|o| o.findings.wrong_position = 1, "wrong_position is 1"),
            (|o| o.unanswered = 1, "unanswered is 1"),
            (|o| o.behind = 1, "behind is 1"),
            (|o| o.unreached = 1, "unreached is 1"),
            (|o| o.overrun.push("arrive".to_owned()), "phases_overrun is 1"),
        ];
        for (wrong, said) in wrongs {
            let mut observed = honest();
            wrong(&mut observed);
            let (verdict, reasons) = verdict(&observed);
            assert_eq!(verdict, Verdict::Breached, "{said}");
            assert!(reasons.contains(said), "{reasons}");
        }
    }

    #[test]
    fn a_run_that_shows_nothing_is_unknown() {
        let empty = Observed::default();
        assert_eq!(verdict(&empty).0, Verdict::Unknown);
        let mut slow = Observed { cut_short: Some(CutShort::ByHand), unreached: 44, behind: 3, ..honest() };
        slow.findings.lost = 9;
        assert_eq!(verdict(&slow).0, Verdict::Unknown, "nobody waited for the rest");
        let doubtful: [(Change, &str); 6] = [
            (|o| o.totals.acknowledged = 3, "vacuous"),
            (|o| o.totals.left_out = 2, "not offered"),
            (|o| o.findings.uncompared = 1, "cannot be compared"),
            (|o| o.unread_logs = 1, "not read to their end"),
            (|o| o.cut_short = Some(CutShort::ByHand), "by hand"),
            (
                |o| {
                    let what = "kill node 1".to_owned();
                    o.faults.push(FaultSummary { what, at_s: 1.0, evidence: None });
                },
                "not seen to bite",
            ),
        ];
        for (doubt, said) in doubtful {
            let mut observed = honest();
            doubt(&mut observed);
            let (verdict, reasons) = verdict(&observed);
            assert_eq!(verdict, Verdict::Unknown, "{said}");
            assert!(reasons.contains(said), "{reasons}");
        }
    }

    #[test]
    fn what_is_lost_is_lost_even_if_the_run_shows_nothing_else() {
        let mut observed = honest();
        observed.findings.lost = 7;
        observed.totals.left_out = 50;
        let (said, reasons) = verdict(&observed);
        assert_eq!(said, Verdict::Breached);
        assert!(reasons.contains("lost is 7") && reasons.contains("not offered"));
        observed.findings.lost = 0;
        observed.findings.duplicated = 1;
        observed.cut_short = Some(CutShort::ByHand);
        assert_eq!(verdict(&observed).0, Verdict::Breached);
    }

    #[test]
    fn what_may_end_a_run_is_known_while_it_goes_on() {
        let known = figures_so_far(&scenario(), &Observed::default());
        let early = figures::EARLY.iter().map(|name| (*name).to_owned());
        assert_eq!(known.into_keys().collect::<Vec<_>>(), {
            let mut early: Vec<String> = early.collect();
            early.sort_unstable();
            early
        });
    }

    #[test]
    fn a_threshold_that_ended_the_run_is_breached_whatever_became_of_it() {
        let mut observed = honest();
        observed.cut_short = Some(CutShort::ByThreshold("live_p99_ms was 9".to_owned()));
        let (verdict, reasons) = verdict(&observed);
        assert_eq!(verdict, Verdict::Breached);
        assert!(reasons.contains("ended it: live_p99_ms was 9"));
    }

    #[test]
    fn every_figure_of_a_run_is_one_that_a_threshold_may_name() {
        let scenario = scenario();
        let classes = scenario.classes.iter().map(|class| class.name.as_str()).collect();
        let names = figures::Names { classes, attacks: Vec::new(), phases: Vec::new() };
        for name in figures(&scenario, &honest()).keys() {
            assert!(figures::exists(name, &names), "{name}");
        }
    }
}
