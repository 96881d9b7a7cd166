//! What cells come to: the value of each figure, and whether its goals are reached.

use super::kept::{Cell, Kept, Ran, Round};
use super::plan::{Compared, Figure, Plan, Row};
use super::worse;
use crate::report::summary::Verdict;

/// The share of its core from which on a generator may be what is measured.
const GENERATOR_BUSY: f64 = 0.9;

/// A figure over all rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Told {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// So many goals, from the first on; none of them if there are none.
    Goals(usize),
    /// Not even the first.
    Missed,
    /// Not the first, and that may be the generator's doing.
    Unclear,
}

/// The value of a figure; nothing if no round has it.
pub(super) fn told(cell: &Cell, figure: &Figure) -> Option<Told> {
    let mut values: Vec<f64> = cell.rounds.iter().filter_map(|round| value(round, figure)).collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |place: usize| values.get(place).copied();
    let median = if values.len().is_multiple_of(2) {
        at(middle.checked_sub(1)?)?.midpoint(at(middle)?)
    } else {
        at(middle)?
    };
    Some(Told { median, least: at(0)?, most: at(values.len() - 1)? })
}

fn value(round: &Round, figure: &Figure) -> Option<f64> {
    let of = |ran: &Ran| ran.figures.get(&figure.name).copied();
    let beside = || of(round.beside.as_ref()?);
    let value = match figure.compared {
        Compared::Beside => beside()?,
        Compared::Not => of(&round.run)?,
        Compared::More => of(&round.run)? - beside()?,
        Compared::Times => of(&round.run)? / beside().filter(|beside| *beside > 0.0)?,
    };
    Some(if figure.each { 1e6 / value } else { value })
}

/// Which goals a value reaches.
pub(super) fn reached(cell: &Cell, figure: &Figure, value: f64) -> Reached {
    let count = figure.goals.iter().take_while(|goal| goal.is_met_by(value)).count();
    if count > 0 || figure.goals.is_empty() {
        return Reached::Goals(count);
    }
    let busy = figure.limited_by.as_ref().is_some_and(|limiting| {
        cell.rounds
            .iter()
            .filter_map(|round| round.run.figures.get(limiting))
            .any(|share| *share >= GENERATOR_BUSY)
    });
    if busy { Reached::Unclear } else { Reached::Missed }
}

/// The value on which the goals of a row are: its own, or for one that grows that of the last size against the first.
pub(super) fn judged<'a>(
    kept: &'a Kept,
    row: &Row,
    column: &str,
    figure: &Figure,
) -> Option<(&'a Cell, f64)> {
    let sizes = row.sizes();
    let (first, last) = (sizes.first()?, sizes.last()?);
    let cell = kept.cell(&row.name, column, last.times)?;
    let value = told(cell, figure)?.median;
    if first.times == last.times {
        return Some((cell, value));
    }
    let before = told(kept.cell(&row.name, column, first.times)?, figure)?.median;
    Some((cell, if before > 0.0 { value / before } else { f64::INFINITY }))
}

/// The verdict over everything that was measured of these rows.
pub(super) fn verdict(plan: &Plan, kept: &Kept) -> Verdict {
    let mut verdict = None;
    let mut add = |one: Verdict| verdict = Some(verdict.map_or(one, |so_far| worse(so_far, one)));
    for row in &plan.rows {
        for column in &row.columns {
            let cells = kept.cells.iter().filter(|cell| cell.row == row.name && cell.column == *column);
            let mut measured = false;
            for cell in cells {
                measured = true;
                add(cell.verdict());
            }
            for figure in row.figures.iter().filter(|figure| measured && !figure.goals.is_empty()) {
                add(match judged(kept, row, column, figure) {
                    None => Verdict::Unknown,
                    Some((cell, value)) => match reached(cell, figure, value) {
                        Reached::Goals(_) => Verdict::Pass,
                        Reached::Missed => Verdict::Breached,
                        Reached::Unclear => Verdict::Unknown,
                    },
                });
            }
        }
    }
    verdict.unwrap_or(Verdict::Unknown)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn ran(figures: &[(&str, f64)]) -> Ran {
        let figures: BTreeMap<String, f64> =
            figures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Ran { verdict: Verdict::Pass, reasons: Vec::new(), figures }
    }

    /// A cell in which each round has these values of a figure, by themselves and beside.
    pub(in crate::goals) fn cell(row: &str, times: u32, figure: &str, values: &[(f64, f64)]) -> Cell {
        let round = |(run, beside): &(f64, f64)| Round {
            run: ran(&[(figure, *run), ("burst_generator_cpu", 0.95)]),
            beside: Some(ran(&[(figure, *beside)])),
        };
        Cell {
            row: row.to_owned(),
            column: "plain".to_owned(),
            times,
            server: "holdfast".to_owned(),
            began: String::new(),
            scale: 1.0,
            rounds: values.iter().map(round).collect(),
        }
    }

    fn kept(cells: Vec<Cell>) -> Kept {
        let mut kept = Kept::default();
        for cell in cells {
            kept.put(cell);
        }
        kept
    }

    fn of(row: &str, cells: Vec<Cell>) -> Verdict {
        verdict(&Plan::shipped().unwrap().with_rows(&[row]), &kept(cells))
    }

    #[test]
    fn a_goal_is_on_the_median_of_all_rounds_against_what_ran_beside_them() {
        const COST: &str = "server_cpu_us_per_delivery";
        let plan = Plan::shipped().unwrap();
        let figure = &plan.rows.iter().find(|row| row.name == "one-at-a-time").unwrap().figures[0];
        let near = [(8.0, 8.0), (12.0, 8.0), (9.0, 8.0)];
        let told = told(&cell("one-at-a-time", 1, COST, &near), figure).unwrap();
        assert_eq!((told.median, told.least, told.most), (1.125, 1.0, 1.5));
        assert_eq!(of("one-at-a-time", vec![cell("one-at-a-time", 1, COST, &near)]), Verdict::Pass);
        let far = cell("one-at-a-time", 1, COST, &[(8.0, 8.0), (12.0, 8.0), (10.1, 8.0)]);
        assert_eq!(of("one-at-a-time", vec![far]), Verdict::Breached);
        assert_eq!(of("one-at-a-time", Vec::new()), Verdict::Unknown, "nothing was measured");
    }

    #[test]
    fn what_a_busy_generator_missed_is_unclear_and_what_it_reached_is_reached() {
        let with = |rate| {
            of("publish-64", vec![cell("publish-64", 1, "burst_acknowledged_per_second", &[(rate, 1.0)])])
        };
        assert_eq!((with(40_000.0), with(50_000.0)), (Verdict::Unknown, Verdict::Pass));
    }

    #[test]
    fn growth_is_judged_by_its_last_size_against_its_first() {
        let with = |last: f64| {
            let costs = [(1, 10.0), (10, 30.0), (100, last)];
            let cells = costs.map(|(times, cost)| {
                cell("growth-channels", times, "server_cpu_us_per_delivery", &[(cost, 1.0)])
            });
            of("growth-channels", cells.into())
        };
        assert_eq!((with(12.0), with(13.0)), (Verdict::Pass, Verdict::Breached));
    }

    #[test]
    fn a_run_that_breached_or_failed_counts_whatever_its_figures_are() {
        let mut cell = cell("publish-64", 1, "burst_acknowledged_per_second", &[(60_000.0, 1.0)]);
        cell.rounds[0].run.verdict = Verdict::Breached;
        cell.rounds[0].run.reasons = vec!["lost is 1".to_owned()];
        assert_eq!(cell.reason(), Some("lost is 1"));
        assert_eq!(of("publish-64", vec![cell.clone()]), Verdict::Breached);
        cell.rounds[0].run = Ran::failed("node 1 did not start");
        assert_eq!(of("publish-64", vec![cell]), Verdict::Unknown);
    }
}
