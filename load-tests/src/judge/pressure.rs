//! How soon a server had an attack under control, by what it says of itself ten times a second. A server that is too busy
//! to look at itself is not under control: silence counts like a delay over the target.

use super::{Figures, as_f64};
use crate::observed::Observed;

/// How long the delay has to stay under its target for it to be under control, in seconds.
const STAYS_S: f64 = 1.0;
/// The longest time between two looks that is no silence, in seconds: they come about every 110 ms, at worst every 150.
const SILENCE_S: f64 = 0.3;

/// A moment, in seconds after the beginning, and a delay relative to its target.
type Look = (f64, f64);
/// From one moment until another.
type Spell = (f64, f64);

/// Figures of a run in which nodes said how hard pressed they were: the worst of all attacked phases and nodes.
pub(super) fn add(observed: &Observed, figures: &mut Figures) {
    if observed.pressures.iter().all(Vec::is_empty) {
        return;
    }
    let attacked = observed.phases.iter().filter(|phase| phase.attacked);
    let phases: Vec<Attacked> = attacked
        .map(|phase| Attacked::of(&observed.pressures, phase.at_s, phase.at_s + phase.took_s))
        .collect();
    if phases.is_empty() {
        return;
    }
    let controls: Option<Vec<f64>> = phases.iter().map(Attacked::control_after).collect();
    let most = |of: fn(&Attacked) -> f64| phases.iter().map(of).fold(0.0, f64::max);
    let sum = |of: fn(&Attacked) -> f64| phases.iter().map(of).sum::<f64>();
    let over = sum(|phase| phase.over.iter().map(length).sum());
    let all = sum(|phase| phase.ended - phase.began).max(f64::MIN_POSITIVE);
    let mut put = |name: &str, value: f64| figures.insert(name.to_owned(), value);
    put("control_never", as_f64(controls.is_none().into()));
    if let Some(controls) = controls {
        put("control_after_ms", controls.into_iter().fold(0.0, f64::max) * 1_000.0);
    }
    put("attacked_under_target_share", 1.0 - over / all);
    put(
        "attacked_over_target_ms_max",
        most(|phase| phase.over.iter().map(length).fold(0.0, f64::max)) * 1_000.0,
    );
    put("attacked_pressure_gap_ms_max", most(|phase| phase.gap) * 1_000.0);
}

/// What nodes said in one attacked phase.
struct Attacked {
    began: f64,
    ended: f64,
    /// When every node had said something.
    heard: f64,
    /// When any node was over its target, or silent: in order, and apart from each other.
    over: Vec<Spell>,
    /// The longest time in which a node said nothing.
    gap: f64,
}

impl Attacked {
    fn of(nodes: &[Vec<Look>], began: f64, ended: f64) -> Self {
        let mut attacked = Self { began, ended, heard: began, over: Vec::new(), gap: 0.0 };
        let mut spells = Vec::new();
        for looks in nodes {
            let looks: Vec<Look> =
                looks.iter().filter(|(t, _)| (began..ended).contains(t)).copied().collect();
            attacked.heard = attacked.heard.max(looks.first().map_or(ended, |(t, _)| *t));
            // From each look until the next; before the first nobody knows, which is bad only if it is long.
            let from = [(began, 0.0)].into_iter().chain(looks.iter().copied());
            let until = looks.iter().map(|(t, _)| *t).chain([ended]);
            for ((from, pressure), until) in from.zip(until) {
                attacked.gap = attacked.gap.max(until - from);
                if pressure > 1.0 || until - from > SILENCE_S {
                    spells.push((from, until));
                }
            }
        }
        attacked.over = joined(spells);
        attacked
    }

    /// Seconds from the beginning until every node was at or under its target and all stayed so; nothing if that never
    /// came to be.
    fn control_after(&self) -> Option<f64> {
        let mut since = self.heard;
        for (from, until) in &self.over {
            if from - since >= STAYS_S {
                break;
            }
            since = since.max(*until);
        }
        (self.ended - since >= STAYS_S).then_some(since - self.began)
    }
}

fn length((from, until): &Spell) -> f64 {
    until - from
}

/// In order, those that touch made one.
fn joined(mut spells: Vec<Spell>) -> Vec<Spell> {
    spells.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut joined: Vec<Spell> = Vec::new();
    for (from, until) in spells {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::PhaseSummary;

    /// A flood of four seconds that begins at 10 s, of which nodes said this.
    fn judged(pressures: Vec<Vec<Look>>) -> Figures {
        let phase = |name: &str, at_s, attacked| PhaseSummary {
            name: name.to_owned(),
            at_s,
            took_s: 4.0,
            attacked,
            ..PhaseSummary::default()
        };
        let observed = Observed {
            phases: vec![phase("calm", 6.0, false), phase("flood", 10.0, true), phase("quiet", 14.0, false)],
            pressures,
            ..Observed::default()
        };
        let mut figures = Figures::new();
        add(&observed, &mut figures);
        figures
    }

    /// In each tenth of the flood, whether the delay is over the target; nothing if the node does not say.
    fn looks(over: impl Fn(u32) -> Option<bool>) -> Vec<Look> {
        let look = |tenth: u32| {
            let over = if (100..140).contains(&tenth) { over(tenth - 100)? } else { false };
            Some((f64::from(tenth) / 10.0, if over { 5.0 } else { 0.5 }))
        };
        (60..180).filter_map(look).collect()
    }

    fn figures(over: impl Fn(u32) -> bool) -> Figures {
        judged(vec![looks(|tenth| Some(over(tenth)))])
    }

    fn near(figures: &Figures, name: &str, value: f64) {
        assert!((figures[name] - value).abs() < 1.0, "{name}: {} is not {value}", figures[name]);
    }

    #[test]
    fn control_begins_with_the_first_look_under_the_target_before_a_second_of_such() {
        near(&figures(|_| false), "control_after_ms", 0.0);
        near(&figures(|tenth| tenth < 3), "control_after_ms", 300.0);
        near(&figures(|tenth| tenth < 3 || tenth == 8), "control_after_ms", 900.0);
        let relapse = figures(|tenth| tenth < 3 || tenth == 20);
        near(&relapse, "control_after_ms", 300.0);
        assert!((relapse["attacked_under_target_share"] - 0.9).abs() < 1e-9);
        near(&relapse, "attacked_over_target_ms_max", 300.0);
        near(&relapse, "attacked_pressure_gap_ms_max", 100.0);
        assert_eq!(relapse["control_never"].to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_flood_that_never_is_under_control_has_no_time_until_then() {
        let never = figures(|tenth| tenth % 5 == 0);
        assert_eq!((never.get("control_after_ms"), never["control_never"]), (None, 1.0));
        near(&never, "attacked_over_target_ms_max", 100.0);
        let too_late = figures(|tenth| tenth < 31);
        assert_eq!((too_late.get("control_after_ms"), too_late["control_never"]), (None, 1.0));
    }

    #[test]
    fn a_late_first_look_is_when_control_begins_at_the_earliest() {
        let soon = judged(vec![looks(|tenth| (tenth >= 2).then_some(false))]);
        near(&soon, "control_after_ms", 200.0);
        near(&soon, "attacked_over_target_ms_max", 0.0);
        let late = judged(vec![looks(|tenth| (tenth >= 8).then_some(false))]);
        near(&late, "control_after_ms", 800.0);
        near(&late, "attacked_over_target_ms_max", 800.0);
        near(&late, "attacked_pressure_gap_ms_max", 800.0);
        assert!((late["attacked_under_target_share"] - 0.8).abs() < 1e-9);
    }

    #[test]
    fn silence_is_no_control() {
        let gap = judged(vec![looks(|tenth| (!(5..15).contains(&tenth)).then_some(false))]);
        near(&gap, "control_after_ms", 1_500.0);
        near(&gap, "attacked_over_target_ms_max", 1_100.0);
        near(&gap, "attacked_pressure_gap_ms_max", 1_100.0);
        let blink = judged(vec![looks(|tenth| (tenth != 5).then_some(false))]);
        near(&blink, "control_after_ms", 0.0);
        near(&blink, "attacked_pressure_gap_ms_max", 200.0);
        let joined_to_a_look_over =
            judged(vec![looks(|tenth| (!(1..5).contains(&tenth)).then_some(tenth == 5))]);
        near(&joined_to_a_look_over, "attacked_over_target_ms_max", 600.0);
        let mute = judged(vec![looks(|_| None)]);
        assert_eq!((mute.get("control_after_ms"), mute["control_never"]), (None, 1.0));
        near(&mute, "attacked_pressure_gap_ms_max", 4_000.0);
    }

    #[test]
    fn the_worst_of_several_nodes_counts() {
        let quiet = || looks(|_| Some(false));
        near(&judged(vec![quiet(), looks(|tenth| Some(tenth < 6))]), "control_after_ms", 600.0);
        let in_turn =
            judged(vec![looks(|tenth| Some(tenth < 6)), looks(|tenth| Some((5..9).contains(&tenth)))]);
        near(&in_turn, "control_after_ms", 900.0);
        near(&in_turn, "attacked_over_target_ms_max", 900.0);
        let one_is_mute = judged(vec![quiet(), Vec::new()]);
        assert_eq!(one_is_mute.get("control_after_ms"), None, "one node does not speak for another");
    }

    #[test]
    fn a_server_that_says_nothing_has_no_figure() {
        assert!(judged(Vec::new()).is_empty());
        assert!(judged(vec![Vec::new()]).is_empty());
    }
}
