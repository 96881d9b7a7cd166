//! How soon a server had an attack under control, by what it says of itself ten times a second.

use super::Figures;
use crate::observed::Observed;

/// How long the delay has to stay under its target for it to be under control, in seconds.
const STAYS_S: f64 = 1.0;

/// Figures of a run in which nodes said how hard pressed they were.
pub(super) fn add(observed: &Observed, figures: &mut Figures) {
    let Some(phase) = observed.phases.iter().find(|phase| phase.attacked) else { return };
    let (began, ended) = (phase.at_s, phase.at_s + phase.took_s);
    let looks: Vec<(f64, f64)> =
        observed.pressures.iter().filter(|(t, _)| (began..ended).contains(t)).copied().collect();
    if looks.is_empty() {
        return;
    }
    let under = looks.iter().filter(|(_, pressure)| *pressure <= 1.0).count();
    figures.insert("control_after_ms".to_owned(), control_after(&looks, began, ended) * 1_000.0);
    figures.insert("attacked_under_target_share".to_owned(), ratio(under, looks.len()));
    figures.insert("attacked_over_target_ms_max".to_owned(), longest_over(&looks) * 1_000.0);
}

/// Seconds from the beginning of the attack until the delay was under its target and stayed there; the whole attack if
/// it never did.
fn control_after(looks: &[(f64, f64)], began: f64, ended: f64) -> f64 {
    let mut since = began;
    for (t, pressure) in looks {
        if t - since >= STAYS_S {
            break;
        }
        if *pressure > 1.0 {
            since = *t;
        }
    }
    if ended - since < STAYS_S { ended - began } else { since - began }
}

/// The longest time for which it was over its target without a break.
fn longest_over(looks: &[(f64, f64)]) -> f64 {
    let (mut longest, mut first) = (0.0_f64, None);
    for (t, pressure) in looks {
        if *pressure > 1.0 {
            longest = longest.max(t - *first.get_or_insert(*t));
        } else {
            first = None;
        }
    }
    longest
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a few thousand looks")]
fn ratio(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::PhaseSummary;

    /// A flood of four seconds that begins at 10 s; in each tenth of it, whether the delay is over the target.
    fn figures(over: impl Fn(u32) -> bool) -> Figures {
        let phase = |name: &str, at_s, attacked| PhaseSummary {
            name: name.to_owned(),
            at_s,
            took_s: 4.0,
            delivered: 0,
            acknowledged: 0,
            server_cpu_s: 0.0,
            good: 0,
            attacked,
        };
        let look = |tenth: u32| {
            let t = f64::from(tenth) / 10.0;
            (t, if (100..140).contains(&tenth) && over(tenth - 100) { 5.0 } else { 0.5 })
        };
        let observed = Observed {
            phases: vec![phase("calm", 6.0, false), phase("flood", 10.0, true), phase("quiet", 14.0, false)],
            pressures: (60..180).map(look).collect(),
            ..Observed::default()
        };
        let mut figures = Figures::new();
        add(&observed, &mut figures);
        figures
    }

    fn near(figures: &Figures, name: &str, value: f64) {
        assert!((figures[name] - value).abs() < 1.0, "{name}: {} is not {value}", figures[name]);
    }

    #[test]
    fn control_begins_with_the_last_look_over_the_target_before_a_second_without_one() {
        near(&figures(|_| false), "control_after_ms", 0.0);
        near(&figures(|tenth| tenth < 3), "control_after_ms", 200.0);
        near(&figures(|tenth| tenth < 3 || tenth == 8), "control_after_ms", 800.0);
        let relapse = figures(|tenth| tenth < 3 || tenth == 20);
        near(&relapse, "control_after_ms", 200.0);
        assert!((relapse["attacked_under_target_share"] - 0.9).abs() < 1e-9);
        near(&relapse, "attacked_over_target_ms_max", 200.0);
    }

    #[test]
    fn a_flood_that_never_is_under_control_takes_as_long_as_it_lasts() {
        let figures = figures(|tenth| tenth % 5 == 0);
        near(&figures, "control_after_ms", 4_000.0);
        near(&figures, "attacked_over_target_ms_max", 0.0);
    }

    #[test]
    fn a_server_that_says_nothing_has_no_figure() {
        let mut figures = Figures::new();
        add(&Observed::default(), &mut figures);
        assert!(figures.is_empty());
    }
}
