//! What single phases came to, and what nodes have for themselves while nobody comes or posts.

use super::{Figures, as_f64};
use crate::figures::of_phase;
use crate::observed::{AtRest, Observed};
use crate::report::summary::PhaseSummary;

pub(super) fn add(observed: &Observed, figures: &mut Figures) {
    for phase in &observed.phases {
        for (what, value) in of(phase) {
            figures.insert(of_phase(what, &phase.name), value);
        }
    }
    let bursts = || observed.phases.iter().filter(|phase| phase.at_once);
    let deliveries: Vec<f64> =
        bursts().filter_map(|phase| rate(phase.delivered, phase.delivered_s)).collect();
    let answers: Vec<f64> =
        bursts().filter_map(|phase| rate(phase.acknowledged, phase.acknowledged_s)).collect();
    for (name, mut rates) in
        [("burst_deliveries_per_second", deliveries), ("burst_acknowledged_per_second", answers)]
    {
        rates.sort_unstable_by(f64::total_cmp);
        if let Some(middle) = rates.get(rates.len() / 2) {
            figures.insert(name.to_owned(), *middle);
        }
    }
    if bursts().next().is_some() {
        figures.insert("burst_generator_cpu".to_owned(), share_in(bursts()));
    }
    figures.extend(at_rest(&observed.at_rest));
}

/// What is told of one phase.
fn of(phase: &PhaseSummary) -> Vec<(&'static str, f64)> {
    let mut told = Vec::new();
    let mut put = |what, value: Option<f64>| told.extend(value.map(|value| (what, value)));
    put("caught_up_per_second", rate(phase.delivered, phase.delivered_s));
    put("acknowledged_per_second", rate(phase.acknowledged, phase.acknowledged_s));
    put("delivered_after_s", phase.delivered_s);
    put("ready_after_s", phase.ready_s);
    put("ready_per_second", rate(phase.ready, phase.ready_s));
    put("ready_per_core_second", rate(phase.ready, Some(phase.server_cpu_s)));
    let seconds = phase.took_s;
    put("server_cpu", (seconds > 0.0).then(|| phase.server_cpu_s / seconds));
    put("generator_cpu", (seconds > 0.0).then(|| share_in([phase].into_iter())));
    let growth = phase.memory_max_bytes.saturating_sub(phase.memory_before_bytes);
    put("memory_growth_bytes", (phase.memory_before_bytes > 0).then(|| as_f64(growth)));
    told
}

/// How many a second, if there were some.
fn rate(count: u64, seconds: Option<f64>) -> Option<f64> {
    let seconds = seconds.filter(|seconds| *seconds > 0.0 && count > 0)?;
    Some(as_f64(count) / seconds)
}

/// The share of its core that the busiest generator took, of the time in which there was something to do.
fn share_in<'a>(phases: impl Iterator<Item = &'a PhaseSummary>) -> f64 {
    let busy = |phase: &PhaseSummary| {
        let latest = [phase.ready_s, phase.acknowledged_s, phase.delivered_s].into_iter().flatten();
        latest.reduce(f64::max).map_or(phase.took_s, |last| last.min(phase.took_s))
    };
    let (cpu, seconds) =
        phases.fold((0.0, 0.0), |(cpu, seconds), phase| (cpu + phase.generator_cpu_s, seconds + busy(phase)));
    if seconds > 0.0 { (cpu / seconds).min(1.0) } else { 0.0 }
}

/// A connection's share of what nodes have for themselves, against the time before anybody came; and a further
/// connection's, between the first and the last rest, in which what a node has once is not counted.
fn at_rest(rests: &[AtRest]) -> Vec<(String, f64)> {
    let [before, rests @ ..] = rests else { return Vec::new() };
    let between = |from: &AtRest, to: &AtRest, of: fn(&AtRest) -> u64| {
        let more = to.connected.checked_sub(from.connected).filter(|more| *more > 0)?;
        Some((as_f64(of(to)) - as_f64(of(from))) / as_f64(more))
    };
    let (Some(first), Some(last)) = (rests.first(), rests.last()) else { return Vec::new() };
    let anonymous = |rest: &AtRest| rest.memory.anonymous_bytes;
    let proportional = |rest: &AtRest| rest.memory.proportional_bytes;
    let told = [
        ("server_user_bytes_per_connection", between(before, last, anonymous)),
        ("server_mapped_bytes_per_connection", between(before, last, proportional)),
        ("server_user_bytes_per_further_connection", between(first, last, anonymous)),
    ];
    told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::UserMemory;

    fn near(figures: &Figures, name: &str, wanted: f64) {
        let value = figures.get(name).copied().unwrap_or(f64::NAN);
        assert!((value - wanted).abs() < 1e-6, "{name} is {value} and not {wanted}");
    }

    fn figures(phases: Vec<PhaseSummary>, at_rest: Vec<AtRest>) -> Figures {
        let mut figures = Figures::new();
        add(&Observed { phases, at_rest, ..Observed::default() }, &mut figures);
        figures
    }

    #[test]
    fn what_came_at_once_is_told_against_the_time_until_its_last() {
        let burst = |number: u32, last| PhaseSummary {
            name: format!("burst_{number}"),
            took_s: 1.0,
            delivered: 160_000,
            acknowledged: 16,
            delivered_s: Some(last),
            acknowledged_s: Some(0.01),
            at_once: true,
            ..PhaseSummary::default()
        };
        let figures = figures(vec![burst(1, 0.2), burst(2, 0.1), burst(3, 0.4)], Vec::new());
        near(&figures, "burst_deliveries_per_second", 800_000.0);
        near(&figures, "burst_acknowledged_per_second", 1_600.0);
        near(&figures, "caught_up_per_second_in_burst_3", 400_000.0);
    }

    #[test]
    fn who_came_is_told_against_the_time_and_the_processor_that_it_took() {
        let storm = PhaseSummary {
            name: "storm".to_owned(),
            took_s: 2.5,
            ready: 18_000,
            ready_s: Some(2.0),
            server_cpu_s: 1.8,
            generator_cpu_s: 1.9,
            memory_before_bytes: 10_000_000,
            memory_max_bytes: 55_000_000,
            ..PhaseSummary::default()
        };
        let figures = figures(vec![storm], Vec::new());
        near(&figures, "ready_per_second_in_storm", 9_000.0);
        near(&figures, "ready_per_core_second_in_storm", 10_000.0);
        near(&figures, "generator_cpu_in_storm", 0.95);
        near(&figures, "memory_growth_bytes_in_storm", 45_000_000.0);
    }

    #[test]
    fn what_a_node_has_once_is_no_connections() {
        let rest = |connected, anonymous_bytes| AtRest {
            connected,
            memory: UserMemory { anonymous_bytes, proportional_bytes: 2 * anonymous_bytes },
        };
        let figures =
            figures(Vec::new(), vec![rest(0, 8_000_000), rest(5_000, 23_000_000), rest(10_000, 33_000_000)]);
        near(&figures, "server_user_bytes_per_connection", 2_500.0);
        near(&figures, "server_mapped_bytes_per_connection", 5_000.0);
        near(&figures, "server_user_bytes_per_further_connection", 2_000.0);
    }

    #[test]
    fn where_nobody_rests_nothing_is_told_of_it() {
        let none =
            figures(vec![PhaseSummary { name: "one".to_owned(), ..PhaseSummary::default() }], Vec::new());
        assert!(none.is_empty(), "{none:?}");
    }
}
