//! What seems to hold the figures of a run where they are.

use super::{CORE_BUSY, Figures, INTERVAL_MIN_S, steady};
use crate::observed::Observed;
use crate::report::series::{Interval, ProcessLoad};
use crate::tally::{RESET, SILENCE};

/// In words, each with its number.
pub(super) fn limited_by(observed: &Observed, figures: &Figures) -> Vec<String> {
    let mut limits = Vec::new();
    if let Some((share, busy, all)) = shares(observed, |interval| &interval.servers) {
        limits.push(format!(
            "servers: {share:.2} cores in steady phases; at least 0.9 in {busy} of {all} intervals"
        ));
    }
    let figure = |name: &str| figures.get(name).copied();
    if let (Some(cost), Some(expected), Some(acknowledged)) =
        (figure("server_cpu_us_per_delivery"), figure("expected"), figure("acknowledged"))
        && acknowledged > 0.0
    {
        let readers = expected / acknowledged;
        limits.push(format!(
            "a message to its {readers:.0} readers costs the servers {:.0} ms of CPU, and the last of them waits for all \
             of it",
            cost * readers / 1_000.0
        ));
    }
    if let Some((share, _, _)) = shares(observed, |interval| &interval.generators) {
        limits.push(format!("generators: {share:.2} cores in steady phases"));
    }
    if let Some(slip) = figure("generator_slip_p99_ms") {
        limits.push(format!("the generator was at most {slip:.1} ms late with everything, 99 times of 100"));
    }
    if !observed.pinned {
        limits.push("servers and generators shared all cores, and took them from each other".to_owned());
    }
    if !observed.totals.ends.is_empty() {
        let ends =
            observed.totals.ends.iter().map(|(code, count)| format!("{count} {}", end_in_words(*code)));
        limits.push(format!("connections ended: {}", ends.collect::<Vec<_>>().join(", ")));
    }
    limits.extend(observed.remarks.iter().cloned());
    limits
}

/// The cores that processes took in steady phases on average, in how many intervals nearly one or more, and of how many;
/// nothing if they could not be seen.
fn shares(observed: &Observed, of: fn(&Interval) -> &Vec<ProcessLoad>) -> Option<(f64, usize, usize)> {
    let names: Vec<&str> = steady(observed).map(|phase| phase.name.as_str()).collect();
    let counted = observed
        .series
        .iter()
        .filter(|i| i.dt >= INTERVAL_MIN_S && names.contains(&i.phase.as_str()) && !of(i).is_empty());
    let shares: Vec<(f64, f64)> =
        counted.map(|i| (of(i).iter().map(|load| load.cpu).sum::<f64>(), i.dt)).collect();
    let seconds: f64 = shares.iter().map(|(_, dt)| dt).sum();
    let busy = shares.iter().filter(|(share, _)| *share >= CORE_BUSY).count();
    let mean = shares.iter().map(|(share, dt)| share * dt).sum::<f64>() / seconds;
    (seconds > 0.0).then_some((mean, busy, shares.len()))
}

fn end_in_words(code: u16) -> String {
    match code {
        RESET => "without a word".to_owned(),
        SILENCE => "by the client, which heard nothing for too long".to_owned(),
        code => format!("with {code}"),
    }
}
