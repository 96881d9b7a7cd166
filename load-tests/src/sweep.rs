//! One scenario again and again, attacked harder each time: what members keep, as a curve and not as a number.

mod chart;
mod overview;
mod page;

use crate::observed::CutShort;
use crate::report::summary::{Summary, Verdict};
use crate::run::{self, Options, System};
use crate::scenario::{Scenario, TIMES_MAX};
use anyhow::Context;
pub(crate) use overview::overview;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Most runs of a sweep.
const RUNS_MAX: usize = 20;
/// The least that members keep of what they get at the first point.
const GOODPUT_MIN: f64 = 0.99;
/// The least of what was due to those who were there that came while they were attacked: below, the server collapses.
const KEPT_MIN: f64 = 0.9;
/// The least of the crowd that must be in at the end, so that a server which lets nobody in has not kept what it owes.
const CROWD_MIN: f64 = 0.9;
/// What the file says it is.
const FORMAT: &str = "holdfast-load/sweep";

/// All runs of a sweep: the form of `sweep.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Swept {
    format: String,
    scenario: String,
    description: String,
    pub(crate) verdict: Verdict,
    reasons: Vec<String>,
    /// The least of all runs; nothing if no run has it.
    #[serde(default)]
    total_kept_of_peak: Option<f64>,
    points: Vec<Point>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    /// What the rates were multiplied with, and what came of that.
    times: f64,
    achieved: f64,
    verdict: Verdict,
    reasons: Vec<String>,
    /// Classes of members with live deliveries while they were attacked: p99 in milliseconds.
    live_p99_ms: BTreeMap<String, f64>,
    goodput_per_second: f64,
    deliveries_per_second: f64,
    /// `goodput_per_second` against that of the first point.
    goodput_share: f64,
    /// Of what was due while attacked to those who were there, what came in that time; of those who came then, who was in
    /// at the end.
    total_kept: Option<f64>,
    crowd_in_share: Option<f64>,
    returned_within_10s_share: Option<f64>,
    members_cut: f64,
    memory_bytes: Option<f64>,
    /// Until the delay was under its target, and until a quiet latency and posture were back.
    control_after_ms: Option<f64>,
    /// 1 if it never was.
    control_never: Option<f64>,
    calm_after_s: Option<f64>,
    normal_after_s: Option<f64>,
    inversion_ms_max: Option<f64>,
    inversion_from_first_try_ms_max: Option<f64>,
    unheard_ms_max: Option<f64>,
    lost: Option<f64>,
    cpu_us_per_strike: Option<f64>,
    /// Strikes of all attacks: how many were due and done, and what became of them.
    due: f64,
    struck: f64,
    refused: BTreeMap<String, f64>,
}

/// How servers refuse, as figures of attacks have it, and in words.
const REFUSALS: [(&str, &str); 6] = [
    ("cut", "cut"),
    ("answered_4xx", "4xx"),
    ("answered_503", "503"),
    ("closed", "closed"),
    ("refused_for_now", "for now"),
    ("refused", "refused"),
];

/// Reads one factor of a list.
pub(crate) fn parse_times(text: &str) -> Result<f64, String> {
    let times = text.trim().parse().ok().filter(|times: &f64| *times > 0.0 && *times <= TIMES_MAX);
    times.ok_or_else(|| format!("{text:?} is no factor: above 0 and at most {TIMES_MAX}"))
}

/// Runs all of it and writes what came of it.
pub(crate) fn run(
    scenario: &Scenario,
    times: &[f64],
    system: &System,
    options: &Options,
    out: &Path,
) -> anyhow::Result<Swept> {
    let mut times = times.to_vec();
    times.sort_unstable_by(f64::total_cmp);
    times.dedup();
    let mut runs = Vec::new();
    let mut stopped = false;
    for times in times.into_iter().take(RUNS_MAX) {
        let scenario = Scenario { times, ..scenario.clone() };
        let folder = out.join(format!("times-{times}"));
        let (summary, observed) =
            run::run(&scenario, system, options, &folder).with_context(|| format!("at {times} ×"))?;
        runs.push((times, summary));
        stopped = observed.cut_short == Some(CutShort::ByHand);
        if stopped {
            break;
        }
    }
    let swept = sum_up(scenario, &runs, stopped);
    let about = || format!("the results could not be written to {}", out.display());
    fs::write(out.join("sweep.json"), serde_json::to_string_pretty(&swept)? + "\n").with_context(about)?;
    fs::write(out.join("sweep.md"), page::table(&swept)).with_context(about)?;
    fs::write(out.join("sweep.svg"), chart::draw(&swept)).with_context(about)?;
    fs::write(out.join("sweep.html"), page::html(&swept)).with_context(about)?;
    Ok(swept)
}

/// Compares the runs with the first of them.
fn sum_up(scenario: &Scenario, runs: &[(f64, Summary)], stopped: bool) -> Swept {
    let mut points: Vec<Point> =
        runs.iter().map(|(times, summary)| point(scenario, *times, summary)).collect();
    let first = points.first().map_or(0.0, |point| point.goodput_per_second);
    for point in &mut points {
        point.goodput_share = if first > 0.0 { point.goodput_per_second / first } else { 0.0 };
    }
    let mut reasons = Vec::new();
    for point in points.iter().filter(|point| point.goodput_share < GOODPUT_MIN) {
        let percent = point.goodput_share * 100.0;
        reasons.push(format!("at {} × members got {percent:.1} % of what they got at first", point.times));
    }
    for point in &points {
        if let Some(kept) = point.total_kept.filter(|kept| *kept < KEPT_MIN) {
            let percent = kept * 100.0;
            reasons.push(format!(
                "at {} × {percent:.1} % came of what was due to those who were there",
                point.times
            ));
        }
        if let Some(share) = point.crowd_in_share.filter(|share| *share < CROWD_MIN) {
            let percent = share * 100.0;
            reasons.push(format!("at {} × {percent:.1} % of the crowd was in at the end", point.times));
        }
    }
    let any = |verdict: Verdict| points.iter().any(|point| point.verdict == verdict);
    for point in points.iter().filter(|point| point.verdict != Verdict::Pass) {
        let why = point.reasons.first().map_or("", String::as_str);
        reasons.push(format!("at {} × {}: {why}", point.times, page::verdict(point.verdict)));
    }
    if stopped {
        reasons.insert(0, CutShort::ByHand.to_string());
    }
    let collapsed = points.iter().any(|point| {
        point.verdict != Verdict::Unknown
            && (point.goodput_share < GOODPUT_MIN
                || point.total_kept.is_some_and(|kept| kept < KEPT_MIN)
                || point.crowd_in_share.is_some_and(|share| share < CROWD_MIN))
    });
    let verdict = if any(Verdict::Breached) || collapsed {
        Verdict::Breached
    } else if any(Verdict::Unknown) || stopped || points.is_empty() {
        Verdict::Unknown
    } else {
        Verdict::Pass
    };
    Swept {
        format: FORMAT.to_owned(),
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        verdict,
        reasons,
        total_kept_of_peak: points.iter().filter_map(|point| point.total_kept).reduce(f64::min),
        points,
    }
}

fn point(scenario: &Scenario, times: f64, summary: &Summary) -> Point {
    let figure = |name: &str| summary.figures.get(name).copied();
    let of_attacks = |what: &str| {
        let attacks = scenario.attacks.iter();
        attacks.filter_map(|attack| figure(&crate::figures::attack(&attack.name, what))).collect::<Vec<f64>>()
    };
    let sum = |what: &str| of_attacks(what).into_iter().sum::<f64>();
    let classes = scenario.classes.iter();
    let live = classes.filter_map(|class| {
        Some((class.name.clone(), figure(&format!("attacked_live_p99_ms_{}", class.name))?))
    });
    let refused = REFUSALS.iter().map(|(what, word)| ((*word).to_owned(), sum(what)));
    Point {
        times,
        // A chain of attacks is as strong as the weakest.
        achieved: times * of_attacks("offered_share").into_iter().reduce(f64::min).unwrap_or(0.0),
        verdict: summary.verdict,
        reasons: summary.reasons.clone(),
        live_p99_ms: live.collect(),
        goodput_per_second: figure("attacked_goodput_per_second").unwrap_or(0.0),
        deliveries_per_second: figure("attacked_deliveries_per_second").unwrap_or(0.0),
        goodput_share: 0.0,
        total_kept: figure("total_kept"),
        crowd_in_share: figure("crowd_in_share"),
        returned_within_10s_share: figure("returned_within_10s_share"),
        members_cut: figure("members_cut").unwrap_or(0.0),
        memory_bytes: figure("server_memory_peak_bytes"),
        control_after_ms: figure("control_after_ms"),
        control_never: figure("control_never"),
        calm_after_s: figure("calm_after_s"),
        normal_after_s: figure("normal_after_s"),
        inversion_ms_max: figure("inversion_ms_max"),
        inversion_from_first_try_ms_max: figure("inversion_from_first_try_ms_max"),
        unheard_ms_max: figure("unheard_ms_max"),
        lost: figure("lost"),
        cpu_us_per_strike: figure("server_cpu_us_per_attack"),
        due: sum("due"),
        struck: sum("offered"),
        refused: refused.filter(|(_, count)| *count > 0.0).collect(),
    }
}

/// What a person wants to know first.
pub(crate) fn in_words(swept: &Swept, out: &Path) -> String {
    let mut text = format!("{} swept: {}\n", swept.scenario, page::verdict(swept.verdict));
    for reason in &swept.reasons {
        // Writing to a string does not fail.
        let _done = writeln!(text, "  {reason}");
    }
    text + &page::table(swept) + &format!("  {}\n", out.join("sweep.html").display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::tests::summary;

    pub(super) fn scenario() -> Scenario {
        let text = "description = \"a < b\"\n[channels]\nall = { name = \"bulletins:all\" }\n[[clients]]\n\
                    class = \"urgent\"\nkind = \"sender\"\ncount = 1\narrive_per_second = 1.0\nposts = \"all\"\n\
                    reads = \"all\"\n[[attacks]]\nname = \"bad\"\nkind = \"join-flood\"\n[[phases]]\nname = \"one\"\n\
                    arrive = [\"urgent\"]\nduration = \"1s\"\nattack = { bad = 10.0 }\n";
        Scenario::parse("test", text, 1.0).unwrap()
    }

    /// A run in which so much was delivered and so much offered.
    pub(super) fn ran(times: f64, goodput: f64, deliveries: f64, offered: f64) -> (f64, Summary) {
        let mut summary = summary();
        for (name, value) in [
            ("attacked_goodput_per_second", goodput),
            ("attacked_deliveries_per_second", deliveries),
            ("attacked_live_p99_ms_urgent", 10.0 * times),
            ("attack_bad_offered_share", offered),
            ("attack_bad_offered", 100.0 * times),
            ("attack_bad_cut", 90.0),
            ("attack_bad_answered_503", 10.0),
            ("server_memory_peak_bytes", 5e7),
            ("members_cut", 0.0),
        ] {
            summary.figures.insert(name.to_owned(), value);
        }
        if offered < 0.95 {
            summary.verdict = Verdict::Unknown;
            summary.reasons = vec!["not offered".to_owned()];
        }
        (times, summary)
    }

    #[test]
    fn what_is_no_list_of_factors_is_told_so() {
        for text in ["", "0", "-1", "NaN", "inf", "1e9", "two"] {
            assert!(parse_times(text).is_err(), "{text}");
        }
        assert_eq!(parse_times(" 2.5"), Ok(2.5));
    }

    #[test]
    fn members_keep_what_they_have_and_the_server_does_not_collapse() {
        let verdict = |runs: &[(f64, Summary)]| {
            let swept = sum_up(&scenario(), runs, false);
            (swept.verdict, swept.reasons.join("; "))
        };
        let good = [ran(1.0, 100.0, 500.0, 1.0), ran(20.0, 99.5, 470.0, 0.99)];
        assert_eq!(verdict(&good), (Verdict::Pass, String::new()));
        let (said, reasons) = verdict(&[ran(1.0, 100.0, 500.0, 1.0), ran(2.0, 98.0, 500.0, 1.0)]);
        assert_eq!(said, Verdict::Breached);
        assert!(reasons.contains("at 2 × members got 98.0 %"), "{reasons}");
        let with = |figure: &str, value: f64| {
            let mut harder = ran(2.0, 100.0, 400.0, 1.0);
            harder.1.figures.insert(figure.to_owned(), value);
            [ran(1.0, 100.0, 500.0, 1.0), harder]
        };
        assert_eq!(verdict(&with("total_kept", 0.95)), (Verdict::Pass, String::new()));
        let (said, reasons) = verdict(&with("total_kept", 0.8));
        assert_eq!(said, Verdict::Breached);
        assert!(reasons.contains("at 2 × 80.0 % came of what was due"), "{reasons}");
        assert_eq!(sum_up(&scenario(), &with("total_kept", 0.8), false).total_kept_of_peak, Some(0.8));
        let (said, reasons) = verdict(&with("crowd_in_share", 0.1));
        assert_eq!(said, Verdict::Breached);
        assert!(reasons.contains("at 2 × 10.0 % of the crowd was in"), "{reasons}");
    }

    #[test]
    fn a_point_that_was_not_offered_shows_nothing() {
        let runs = [ran(1.0, 100.0, 500.0, 1.0), ran(20.0, 50.0, 500.0, 0.6)];
        let swept = sum_up(&scenario(), &runs, false);
        assert_eq!(swept.verdict, Verdict::Unknown);
        assert!((swept.points[1].achieved - 12.0).abs() < 1e-9, "{}", swept.points[1].achieved);
        assert!(swept.reasons.iter().any(|reason| reason.contains("at 20 × unknown: not offered")));
        assert_eq!(sum_up(&scenario(), &[], true).verdict, Verdict::Unknown);
    }
}
