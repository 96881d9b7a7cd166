//! Two runs side by side.

use crate::report::summary::{Summary, Verdict};
use std::fmt::Write;

/// Figures that change from run to run for no reason that matters.
const NOISE: [&str; 3] = ["generator_cpu_max", "server_cpu_max", "deliveries_per_second_max"];

/// What a comparison says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) text: String,
    /// Figures that are worse than the tolerance allows.
    pub(crate) worse: Vec<String>,
}

/// Whether more of a figure is better, worse, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Better,
    Neither,
    Worse,
}

fn direction(figure: &str) -> Direction {
    let costs = [
        "_ms",
        "_us_per_delivery",
        "_bytes",
        "_per_connection",
        "_per_client",
        "_us_per_attack",
        "recovery_s",
        "calm_after_s",
        "normal_after_s",
        "_ms_max",
        "control_never",
        "cost_of_floor",
    ];
    // Of attacked runs: what members keep, and what they notice.
    let kept = [
        "deliveries_per_second",
        "goodput_",
        "returned_within_10s_share",
        "attacked_under_target_share",
        "crowd_in_share",
        "total_kept",
    ];
    let noticed = ["members_cut", "live_p99_times_calm", "attacked_live_p99_ms"];
    let in_a_phase = figure.contains("_ms_in_");
    let let_in = figure.starts_with("attack_") && figure.ends_with("_let_in");
    if kept.iter().any(|begin| figure.starts_with(begin)) || figure == "publish_per_second" {
        Direction::Better
    } else if crate::figures::MUST_BE_ZERO.contains(&figure)
        || costs.iter().any(|end| figure.ends_with(end))
        || noticed.iter().any(|begin| figure.starts_with(begin))
        || in_a_phase
        || let_in
    {
        Direction::Worse
    } else {
        Direction::Neither
    }
}

/// Compares `new` with `old`; a figure may be worse by this share.
pub(crate) fn compare(old: &Summary, new: &Summary, tolerance: f64) -> Comparison {
    let mut text = String::new();
    let mut worse = Vec::new();
    if old.scenario.text != new.scenario.text {
        line(&mut text, "These are runs of different scenarios.");
    }
    if old.machine != new.machine {
        line(&mut text, "These are runs on different machines: only counts can be compared.");
    }
    line(&mut text, &format!("{:34} {:>14} {:>14} {:>9}", "figure", "before", "after", "change"));
    for (figure, after) in &new.figures {
        let Some(before) = old.figures.get(figure) else { continue };
        let change = if *before == 0.0 { 0.0 } else { (after - before) / before };
        let risen = after - before > before.abs() * tolerance;
        let fallen = before - after > before.abs() * tolerance;
        let is_worse = match direction(figure) {
            Direction::Worse => risen,
            Direction::Better => fallen,
            Direction::Neither => false,
        } && !NOISE.contains(&figure.as_str());
        let mark = if is_worse { "  worse" } else { "" };
        let row = format!("{figure:34} {before:>14.2} {after:>14.2} {:>8.1}%{mark}", change * 100.0);
        line(&mut text, &row);
        if is_worse {
            worse.push(figure.clone());
        }
    }
    for figure in old.figures.keys().filter(|figure| !new.figures.contains_key(*figure)) {
        line(&mut text, &format!("{figure:34} is no longer told"));
        if direction(figure) != Direction::Neither {
            worse.push(figure.clone());
        }
    }
    if old.verdict == Verdict::Pass && new.verdict != Verdict::Pass {
        line(&mut text, "The second run did not pass.");
        worse.push("verdict".to_owned());
    }
    Comparison { text, worse }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _done = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::tests::summary;

    fn with(figure: &str, value: f64) -> Summary {
        let mut summary = summary();
        summary.figures.insert(figure.to_owned(), value);
        summary
    }

    #[test]
    fn what_is_worse_beyond_the_tolerance_is_said() {
        let worse = |figure: &str, before: f64, after: f64| {
            compare(&with(figure, before), &with(figure, after), 0.1).worse
        };
        assert!(worse("live_p99_ms", 100.0, 109.0).is_empty());
        assert_eq!(worse("live_p99_ms", 100.0, 111.0), ["live_p99_ms"]);
        assert!(worse("live_p99_ms", 100.0, 10.0).is_empty());
        assert_eq!(worse("deliveries_per_second", 100.0, 80.0), ["deliveries_per_second"]);
        assert_eq!(worse("lost", 0.0, 1.0), ["lost"], "from nothing every rise is one");
        assert!(worse("connections", 10.0, 20.0).is_empty());
        assert_eq!(worse("members_cut_phone", 0.0, 1.0), ["members_cut_phone"]);
        assert_eq!(worse("goodput_kept_urgent", 1.0, 0.8), ["goodput_kept_urgent"]);
        assert_eq!(worse("live_p99_ms_in_flood", 10.0, 20.0), ["live_p99_ms_in_flood"]);
        assert_eq!(worse("attack_forged_let_in", 0.0, 1.0), ["attack_forged_let_in"]);
        assert!(worse("attack_forged_offered", 10.0, 20.0).is_empty(), "more of an attack is neither");
    }

    #[test]
    fn a_run_that_no_longer_passes_or_no_longer_says_a_figure_is_worse() {
        let mut unknown = summary();
        unknown.verdict = Verdict::Unknown;
        assert_eq!(compare(&summary(), &unknown, 0.1).worse, ["verdict"]);
        assert_eq!(compare(&with("recovery_s", 1.0), &summary(), 0.1).worse, ["recovery_s"]);
    }

    #[test]
    fn runs_that_cannot_be_compared_are_told_so() {
        let mut other = summary();
        other.machine.cores = 64;
        other.scenario.text = "another".to_owned();
        let text = compare(&summary(), &other, 0.1).text;
        assert!(text.contains("different machines") && text.contains("different scenarios"));
    }
}
