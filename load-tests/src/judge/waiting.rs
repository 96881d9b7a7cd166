//! Whether those who asked first were let in first.

use super::{Figures, as_f64};
use crate::clock::Micros;
use crate::observed::Observed;
use crate::tally::Admission;
use std::collections::BTreeMap;

/// The moment that says who was first.
type Order = fn(&Admission) -> Micros;

/// Figures of a run in which clients take tickets.
pub(super) fn add(observed: &Observed, figures: &mut Figures) {
    let counts = [
        ("admitted", u64::try_from(observed.admissions.len()).unwrap_or(u64::MAX)),
        ("told_to_wait", observed.totals.told_to_wait),
        ("position_max", observed.totals.position_max),
    ];
    figures.extend(counts.map(|(name, count)| (name.to_owned(), as_f64(count))));
    if !observed.admissions.is_empty() {
        let orders: [(&str, Order); 2] =
            [("inversion_ms_max", |one| one.heard), ("inversion_from_first_try_ms_max", |one| one.asked)];
        for (name, order) in orders {
            let millis = as_f64(inversion_micros(&observed.admissions, order)) / 1_000.0;
            figures.insert(name.to_owned(), millis);
        }
        let unheard = observed.admissions.iter().map(|admission| admission.heard.since(admission.asked));
        figures.insert("unheard_ms_max".to_owned(), as_f64(unheard.max().unwrap_or(0)) / 1_000.0);
    }
}

/// By how much at most the turn of somebody came later than that of one of the same class who is behind them in this order:
/// that of the first places that they were given, which a server can go by, or that of their first tries, which they go by
/// themselves. Between two answers nobody knows when a turn came; only what is certain counts.
fn inversion_micros(admissions: &[Admission], order: Order) -> u64 {
    let mut classes: BTreeMap<usize, Vec<&Admission>> = BTreeMap::new();
    for admission in admissions {
        classes.entry(admission.class).or_default().push(admission);
    }
    let of_class = |mut all: Vec<&Admission>| {
        all.sort_unstable_by_key(|admission| order(admission));
        let mut latest: Option<Micros> = None;
        let mut most = 0;
        for admission in all {
            if let Some(before) = latest {
                most = most.max(before.since(admission.latest));
            }
            latest = latest.max(Some(admission.earliest));
        }
        most
    };
    classes.into_values().map(of_class).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_place(admissions: &[Admission]) -> u64 {
        inversion_micros(admissions, |one| one.heard)
    }

    fn admission(class: usize, heard: u64, earliest: u64, latest: u64) -> Admission {
        let [heard, earliest, latest] = [heard, earliest, latest].map(|millis| Micros(millis * 1_000));
        Admission { class, asked: Micros(0), heard, earliest, latest, at: latest }
    }

    #[test]
    fn who_asked_later_and_came_in_earlier_is_an_inversion_within_a_class() {
        let first = admission(0, 10, 900, 900);
        assert_eq!(by_place(&[first, admission(0, 20, 950, 950)]), 0);
        assert_eq!(by_place(&[first, admission(0, 20, 600, 600)]), 300_000);
        assert_eq!(
            by_place(&[admission(0, 20, 600, 600), first]),
            300_000,
            "in whatever order they are told"
        );
        assert_eq!(by_place(&[first, admission(1, 20, 600, 600)]), 0, "another class has its own turn");
        let between = [first, admission(0, 20, 2_000, 2_000), admission(0, 30, 950, 950)];
        assert_eq!(by_place(&between), 1_050_000, "the worst of all pairs");
    }

    #[test]
    fn what_may_have_been_in_order_is_none() {
        // Polled each second: one turn came between 1 and 2 s, the other between 1.5 and 2.5 s.
        assert_eq!(by_place(&[admission(0, 10, 1_500, 2_500), admission(0, 20, 1_000, 2_000)]), 0);
        assert_eq!(by_place(&[admission(0, 10, 2_100, 3_100), admission(0, 20, 1_000, 2_000)]), 100_000);
        assert_eq!(by_place(&[]), 0);
    }

    #[test]
    fn who_tried_first_and_was_heard_late_is_an_inversion_of_first_tries_alone() {
        let early = Admission { asked: Micros(1), ..admission(0, 3_000, 4_000, 4_000) };
        let late = Admission { asked: Micros(2), ..admission(0, 20, 600, 600) };
        let mut figures = Figures::new();
        add(&Observed { admissions: vec![late, early], ..Observed::default() }, &mut figures);
        assert_eq!((figures["inversion_ms_max"], figures["inversion_from_first_try_ms_max"]), (0.0, 3_400.0));
    }

    #[test]
    fn how_long_nobody_was_heard_is_told_beside_it() {
        let mut figures = Figures::new();
        let admissions = vec![admission(0, 3_000, 4_000, 4_000), admission(0, 20, 600, 600)];
        add(&Observed { admissions, ..Observed::default() }, &mut figures);
        assert_eq!((figures["inversion_ms_max"], figures["unheard_ms_max"]), (0.0, 3_000.0));
    }
}
