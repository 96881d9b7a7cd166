//! What an attack came to, and what members noticed of it.

use super::{Figures, INTERVAL_MIN_S, as_f64};
use crate::attack::counts::AttackCounts;
use crate::figures::{self, LATENCIES_IN_PHASES};
use crate::latency::{Kind, Times};
use crate::observed::{InPhase, Observed};
use crate::report::series::Interval;
use crate::report::summary::PhaseSummary;
use crate::scenario::{Behaviour, Scenario};
use std::collections::{BTreeMap, BTreeSet};

/// Least share of an attack that must have been offered.
const OFFERED_MIN: f64 = 0.95;
/// How many times as slow as before is still calm; and what is calm however fast it was before, since nobody sees it and
/// every machine does it by itself.
const CALM: f64 = 2.0;
const CALM_MIN_MS: f64 = 50.0;
/// The posture of a server that is not pressed.
const NORMAL: &str = "normal";

/// Figures of a run with attacks; of one without, how many came back in time.
pub(super) fn add(scenario: &Scenario, observed: &Observed, figures: &mut Figures) {
    let totals = &observed.totals;
    of_classes(scenario, figures, "returned_within_10s_share", |class| {
        let returned = count(&totals.returned, class);
        (returned > 0).then(|| as_f64(count(&totals.returned_in_time, class)) / as_f64(returned))
    });
    if scenario.attacks.is_empty() {
        return;
    }
    for (attack, counts) in scenario.attacks.iter().zip(&observed.attacks) {
        for (what, value) in told(counts, attacked_seconds(observed)) {
            figures.insert(figures::attack(&attack.name, what), value);
        }
    }
    let attackers = observed.series.iter().filter_map(|interval| interval.attacker.as_ref());
    figures.insert("attacker_cpu_max".to_owned(), attackers.map(|load| load.cpu).fold(0.0, f64::max));
    of_classes(scenario, figures, "members_cut", |class| Some(as_f64(count(&totals.cut, class))));
    let due = totals.due_attacked.saturating_add(observed.findings.lost);
    if due > 0 {
        figures.insert("total_kept".to_owned(), as_f64(totals.came_attacked) / as_f64(due));
    }
    if let Some(share) = crowd_in(scenario, observed) {
        figures.insert("crowd_in_share".to_owned(), share);
    }
    add_phases(scenario, observed, figures);
    add_comparison(scenario, observed, figures);
    if let Some(seconds) = calm_after(scenario, observed) {
        figures.insert("calm_after_s".to_owned(), seconds);
    }
    if let Some(seconds) = normal_after(observed) {
        figures.insert("normal_after_s".to_owned(), seconds);
    }
}

/// Of those who come while the server is attacked, who was in with all they read before the last phase was over; nothing
/// if nobody comes then.
fn crowd_in(scenario: &Scenario, observed: &Observed) -> Option<f64> {
    let attacked = scenario.phases.iter().filter(|phase| !phase.attack.is_empty());
    let crowd: BTreeSet<usize> = attacked.flat_map(|phase| phase.arrive.iter().copied()).collect();
    let members = crowd.into_iter().filter_map(|class| Some((class, scenario.classes.get(class)?)));
    let members = members.filter(|(_, class)| !matches!(class.behaviour, Behaviour::Stranger(_)));
    let came = |class| observed.in_phases.iter().filter_map(move |of| of.latencies.of(Kind::Join, class));
    let counts = members.map(|(class, of)| (came(class).map(Times::count).sum::<u64>(), u64::from(of.count)));
    let (came, all) = counts.fold((0, 0), |(came, all), (c, a)| (came + c, all + a));
    (all > 0).then(|| as_f64(came) / as_f64(all))
}

/// Attacks that were not made as the scenario says.
pub(super) fn doubts(scenario: &Scenario, observed: &Observed) -> Vec<String> {
    let short = |(attack, counts): (&crate::scenario::Attack, &AttackCounts)| {
        let share = as_f64(counts.tried()) / as_f64(counts.due.max(1));
        (counts.due == 0 || share < OFFERED_MIN).then(|| {
            let percent = share * 100.0;
            format!("the attack {} was not offered: the attacker came to {percent:.1} % of it", attack.name)
        })
    };
    scenario.attacks.iter().zip(&observed.attacks).filter_map(short).collect()
}

fn told(counts: &AttackCounts, seconds: f64) -> [(&'static str, f64); 20] {
    let known = counts.answers(200..300) + counts.answers(400..500) + counts.answers(503..504);
    [
        ("due", as_f64(counts.due)),
        ("offered", as_f64(counts.offered)),
        ("offered_share", as_f64(counts.tried()) / as_f64(counts.due.max(1))),
        ("per_second", as_f64(counts.tried()) / seconds.max(f64::MIN_POSITIVE)),
        ("held_back", as_f64(counts.held_back)),
        ("failed", as_f64(counts.failed)),
        ("opened", as_f64(counts.opened)),
        ("open_max", as_f64(counts.open_max)),
        ("cut", as_f64(counts.cut)),
        ("closed", as_f64(counts.closed.values().sum())),
        ("answered_ok", as_f64(counts.answers(200..300))),
        ("answered_4xx", as_f64(counts.answers(400..500))),
        ("answered_503", as_f64(counts.answers(503..504))),
        ("answered_other", as_f64(counts.answers(..) - known)),
        ("retry_after", as_f64(counts.retry_after)),
        ("upgraded", as_f64(counts.upgraded)),
        ("let_in", as_f64(counts.let_in)),
        ("accepted", as_f64(counts.accepted)),
        ("refused_for_now", as_f64(counts.refused_for_now)),
        ("refused", as_f64(counts.refused)),
    ]
}

/// The attacked phases, and the last one before them.
struct Phases<'a> {
    calm: Option<(&'a PhaseSummary, &'a InPhase)>,
    attacked: Vec<(&'a PhaseSummary, &'a InPhase)>,
}

fn phases(observed: &Observed) -> Phases<'_> {
    let all: Vec<_> = observed.phases.iter().zip(&observed.in_phases).collect();
    let first = all.iter().position(|(phase, _)| phase.attacked);
    let calm = first.and_then(|first| first.checked_sub(1)).and_then(|before| all.get(before).copied());
    Phases { calm, attacked: all.into_iter().filter(|(phase, _)| phase.attacked).collect() }
}

fn attacked_seconds(observed: &Observed) -> f64 {
    observed.phases.iter().filter(|phase| phase.attacked).map(|phase| phase.took_s).sum()
}

fn add_phases(scenario: &Scenario, observed: &Observed, figures: &mut Figures) {
    for (phase, of) in observed.phases.iter().zip(&observed.in_phases) {
        let seconds = phase.took_s.max(f64::MIN_POSITIVE);
        figures.insert(format!("goodput_per_second_in_{}", phase.name), as_f64(phase.good) / seconds);
        figures.insert(format!("deliveries_per_second_in_{}", phase.name), as_f64(phase.delivered) / seconds);
        for kind in [Kind::Live, Kind::Publish] {
            debug_assert!(LATENCIES_IN_PHASES.contains(&kind.word()));
            let classes = scenario.classes.iter().enumerate();
            let classes = classes.filter_map(|(at, class)| {
                Some((Some(class.name.as_str()), of.latencies.of(kind, at)?.clone()))
            });
            for (class, times) in classes.chain([(None, of.latencies.of_all(kind))]) {
                let values = [times.percentile_ms(50.0), times.percentile_ms(99.0), times.max_ms()];
                for (percentile, value) in figures::PERCENTILES_IN_PHASES.iter().zip(values) {
                    let name = figures::latency_in(kind.word(), class, percentile, &phase.name);
                    figures.extend(value.map(|value| (name, value)));
                }
            }
        }
    }
}

/// What members had while they were attacked, against what they had before.
fn add_comparison(scenario: &Scenario, observed: &Observed, figures: &mut Figures) {
    let Phases { calm, attacked } = phases(observed);
    let seconds = attacked_seconds(observed);
    let per_second = |count: u64, seconds: f64| as_f64(count) / seconds.max(f64::MIN_POSITIVE);
    let sum = |of: fn(&PhaseSummary) -> u64| attacked.iter().map(|(phase, _)| of(phase)).sum();
    for (name, count) in [
        ("attacked_goodput_per_second", sum(|phase| phase.good)),
        ("attacked_deliveries_per_second", sum(|phase| phase.delivered)),
    ] {
        figures.insert(name.to_owned(), per_second(count, seconds));
    }
    let p99 = |latencies: &crate::latency::Latencies, class: Option<usize>| match class {
        None => latencies.of_all(Kind::Live).percentile_ms(99.0),
        Some(class) => latencies.of(Kind::Live, class).and_then(|times: &Times| times.percentile_ms(99.0)),
    };
    let mut during = crate::latency::Latencies::default();
    for (_, of) in &attacked {
        during.merge(&of.latencies);
    }
    of_classes(scenario, figures, "attacked_live_p99_ms", |class| p99(&during, class));
    let Some((calm, before)) = calm else { return };
    of_classes(scenario, figures, "live_p99_times_calm", |class| {
        Some(p99(&during, class)? / p99(&before.latencies, class).filter(|calm| *calm > 0.0)?)
    });
    of_classes(scenario, figures, "goodput_kept", |class| {
        let good = attacked.iter().map(|(_, of)| count(&of.good, class)).sum();
        let usual = per_second(count(&before.good, class), calm.took_s);
        (usual > 0.0).then(|| per_second(good, seconds) / usual)
    });
    let usual = calm.server_cpu_s / calm.took_s.max(f64::MIN_POSITIVE);
    let taken: f64 = attacked.iter().map(|(phase, _)| phase.server_cpu_s).sum();
    let met: u64 = observed.attacks.iter().map(AttackCounts::met).sum();
    if met > 0 && taken > 0.0 {
        let cost = (taken - usual * seconds).max(0.0) * 1e6 / as_f64(met);
        figures.insert("server_cpu_us_per_attack".to_owned(), cost);
    }
}

/// Seconds from the end of the attack until the live p99 of each further interval was at most twice what it had been
/// before the attack, or what intervals had reached then. Phones that come and go and slow readers wait for themselves,
/// and who came with the attack has nothing before it: they do not count.
fn calm_after(scenario: &Scenario, observed: &Observed) -> Option<f64> {
    let (calm, before) = phases(observed).calm?;
    let usual = before.latencies.of_some(Kind::Live, |class| scenario.is_steady(class));
    let usual = usual.percentile_ms(99.0)?;
    let counted = |interval: &&Interval| interval.dt >= INTERVAL_MIN_S;
    let own = observed.series.iter().filter(|interval| interval.phase == calm.name).filter(counted);
    let highest = own
        .filter_map(|interval| interval.steady_live_p99_ms)
        .fold((usual * CALM).max(CALM_MIN_MS), f64::max);
    since_attack(observed, |interval| match interval.steady_live_p99_ms {
        Some(p99) => p99 <= highest,
        // Where nothing was said, nobody waited.
        None => interval.published == 0,
    })
}

/// Seconds from the end of the attack until the server said that it is not pressed, and stayed so.
fn normal_after(observed: &Observed) -> Option<f64> {
    since_attack(observed, |interval| interval.posture.as_deref() == Some(NORMAL))
}

/// Seconds from the end of the last attack until something held in every interval of the phases behind it; nothing if it
/// does not hold in the last.
fn since_attack(observed: &Observed, holds: impl Fn(&Interval) -> bool) -> Option<f64> {
    let last = observed.phases.iter().rposition(|phase| phase.attacked)?;
    let ended = observed.phases.get(last + 1)?.at_s;
    let names: Vec<&str> = observed.phases.iter().skip(last + 1).map(|phase| phase.name.as_str()).collect();
    let after: Vec<&Interval> = observed
        .series
        .iter()
        .filter(|interval| interval.dt >= INTERVAL_MIN_S && names.contains(&interval.phase.as_str()))
        .collect();
    if !holds(after.last()?) {
        return None;
    }
    let last_bad = after.iter().rfind(|interval| !holds(interval));
    Some(last_bad.map_or(0.0, |interval| (interval.t - ended).max(0.0)))
}

/// A figure of all clients and of each class.
fn of_classes(
    scenario: &Scenario,
    figures: &mut Figures,
    name: &str,
    value: impl Fn(Option<usize>) -> Option<f64>,
) {
    debug_assert!(figures::OF_CLASSES.contains(&name));
    let classes =
        scenario.classes.iter().enumerate().map(|(at, class)| (Some(at), Some(class.name.as_str())));
    for (class, word) in classes.chain([(None, None)]) {
        figures.extend(value(class).map(|value| (figures::of_class(name, word), value)));
    }
}

/// Of one class, or of all.
fn count(of: &BTreeMap<usize, u64>, class: Option<usize>) -> u64 {
    class.map_or_else(|| of.values().sum(), |class| of.get(&class).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Latencies;
    use crate::tally::Counts;

    const SCENARIO: &str = r#"
description = "attacked"
[channels]
all = { name = "bulletins:all" }
[[clients]]
class = "organiser"
kind = "sender"
count = 1
arrive_per_second = 10.0
posts = "all"
[[clients]]
class = "activist"
kind = "activist"
count = 5
arrive_per_second = 10.0
reads = "all"
[[attacks]]
name = "bad"
kind = "join-flood"
[[phases]]
name = "calm"
arrive = ["organiser", "activist"]
duration = "10s"
publish = { organiser = 5.0 }
[[phases]]
name = "flood"
duration = "5s"
publish = { organiser = 5.0 }
attack = { bad = 100.0 }
[[phases]]
name = "quiet"
duration = "5s"
publish = { organiser = 5.0 }
[thresholds]
live_activist_p99_ms_in_flood = "<= 500"
goodput_per_second_in_quiet = ">= 1"
"#;

    fn scenario() -> Scenario {
        Scenario::parse("attacked", SCENARIO, 1.0).unwrap()
    }

    fn phase(name: &str, at_s: f64, took_s: f64, good: u64) -> (PhaseSummary, InPhase) {
        let attacked = name == "flood";
        let summary = PhaseSummary {
            name: name.to_owned(),
            at_s,
            took_s,
            delivered: good + 1_000 * u64::from(attacked),
            acknowledged: 50,
            server_cpu_s: if attacked { 3.0 } else { 1.0 },
            good,
            attacked,
            ..PhaseSummary::default()
        };
        let mut latencies = Latencies::default();
        latencies.record(Kind::Live, 1, if attacked { 30_000 } else { 10_000 });
        (summary, InPhase { latencies, good: BTreeMap::from([(1, good)]) })
    }

    /// Calm for ten seconds, attacked for five, then five seconds with these p99s.
    fn observed(after: [f64; 5]) -> Observed {
        let phases =
            [phase("calm", 0.0, 10.0, 1_000), phase("flood", 10.0, 5.0, 400), phase("quiet", 15.0, 5.0, 500)];
        let (phases, in_phases) = phases.into_iter().unzip();
        let interval = |(t, phase, p99): (f64, &str, f64)| Interval {
            t,
            dt: 1.0,
            phase: phase.to_owned(),
            published: 5,
            steady_live_p99_ms: Some(p99),
            posture: Some(if p99 > 100.0 { "elevated" } else { "normal" }.to_owned()),
            ..Interval::default()
        };
        let before = [(9.0, "calm", 10.0), (10.0, "calm", 15.0), (11.0, "flood", 30.0)];
        let after = (16_u8..).zip(after).map(|(t, p99)| (f64::from(t), "quiet", p99));
        Observed {
            series: before.into_iter().chain(after).map(interval).collect(),
            attacks: vec![AttackCounts { due: 500, offered: 490, opened: 100, ..AttackCounts::default() }],
            phases,
            in_phases,
            ..Observed::default()
        }
    }

    fn figures_of(observed: &Observed) -> Figures {
        let mut figures = Figures::new();
        add(&scenario(), observed, &mut figures);
        figures
    }

    #[test]
    fn members_are_compared_with_what_they_had_before() {
        let figures = figures_of(&observed([10.0; 5]));
        let near = |name: &str, value: f64| {
            assert!((figures[name] - value).abs() < 0.05, "{name} {}", figures[name]);
        };
        near("live_p99_times_calm_activist", 3.0);
        near("goodput_kept", 0.8);
        near("goodput_per_second_in_flood", 80.0);
        near("deliveries_per_second_in_flood", 280.0);
        near("attack_bad_per_second", 98.0);
        // Three seconds, of which half a second is what it takes anyway.
        near("server_cpu_us_per_attack", 25_000.0);
        near("live_activist_p99_ms_in_flood", 30.0);
        let names = figures::Names {
            classes: vec!["organiser", "activist"],
            attacks: vec!["bad"],
            phases: vec!["calm", "flood", "quiet"],
        };
        for name in figures.keys() {
            assert!(figures::exists(name, &names), "{name}");
        }
    }

    #[test]
    fn what_was_lost_was_due_and_who_is_not_in_at_the_end_was_kept_out() {
        let with_crowd = SCENARIO.replace(
            "[[attacks]]",
            "[[clients]]\nclass = \"crowd\"\nkind = \"activist\"\ncount = 4\n\
            arrive_per_second = 4.0\nreads = \"all\"\n[[attacks]]",
        );
        let with_crowd = with_crowd.replace("name = \"flood\"\n", "name = \"flood\"\narrive = [\"crowd\"]\n");
        let scenario = Scenario::parse("attacked", &with_crowd, 1.0).unwrap();
        let mut observed = observed([10.0; 5]);
        observed.totals = Counts { due_attacked: 90, came_attacked: 80, ..Counts::default() };
        observed.findings.lost = 10;
        for phase in [1, 2] {
            observed.in_phases[phase].latencies.record(Kind::Join, 2, 1_000);
            observed.in_phases[phase].latencies.record(Kind::Join, 1, 1_000);
        }
        let mut figures = Figures::new();
        add(&scenario, &observed, &mut figures);
        assert!((figures["total_kept"] - 0.8).abs() < 1e-9, "{}", figures["total_kept"]);
        assert!((figures["crowd_in_share"] - 0.5).abs() < 1e-9, "{}", figures["crowd_in_share"]);
        assert_eq!(figures_of(&observed).get("crowd_in_share"), None, "nobody came");
    }

    #[test]
    fn it_is_calm_from_the_moment_on_from_which_it_stays_calm() {
        let after = |p99s| figures_of(&observed(p99s)).get("calm_after_s").copied();
        assert_eq!(after([10.0; 5]), Some(0.0));
        assert_eq!(after([90.0, 90.0, 10.0, 10.0, 10.0]), Some(2.0));
        assert_eq!(after([10.0, 90.0, 10.0, 90.0, 19.0]), Some(4.0), "a relapse counts");
        assert_eq!(after([10.0, 10.0, 10.0, 10.0, 90.0]), None, "it never came to an end");
        let figures = figures_of(&observed([500.0, 500.0, 500.0, 10.0, 10.0]));
        assert_eq!(figures["normal_after_s"].to_bits(), 3.0_f64.to_bits());
    }

    #[test]
    fn members_who_were_cut_and_who_came_back_late_are_counted_by_class() {
        let mut observed = observed([10.0; 5]);
        observed.totals = Counts {
            cut: BTreeMap::from([(1, 4)]),
            returned: BTreeMap::from([(1, 10)]),
            returned_in_time: BTreeMap::from([(1, 9)]),
            ..Counts::default()
        };
        let figures = figures_of(&observed);
        let of = |name: &str| figures.get(name).copied();
        assert_eq!((of("members_cut"), of("members_cut_organiser")), (Some(4.0), Some(0.0)));
        assert_eq!(of("returned_within_10s_share_activist"), Some(0.9));
        assert_eq!(of("returned_within_10s_share_organiser"), None, "nobody had to");
    }

    #[test]
    fn an_attack_that_was_not_made_shows_nothing() {
        let mut observed = observed([10.0; 5]);
        assert_eq!(doubts(&scenario(), &observed), Vec::<String>::new());
        observed.attacks[0].offered = 470;
        assert!(
            doubts(&scenario(), &observed)[0].contains("bad was not offered: the attacker came to 94.0 %")
        );
        observed.attacks[0].held_back = 20;
        assert!(doubts(&scenario(), &observed).is_empty(), "what the server holds back was offered");
        observed.attacks[0] = AttackCounts::default();
        assert_eq!(doubts(&scenario(), &observed).len(), 1);
    }
}
