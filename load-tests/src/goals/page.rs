//! The goals as a table in Markdown, and what grows as a picture.

use super::kept::{Cell, Kept};
use super::plan::{Figure, Plan, Row};
use super::told::{Reached, Told, judged, reached, told};
use crate::chart::{self, Curve, Panel};
use crate::report::summary::Verdict;
use crate::table::with_separators;
use std::collections::BTreeSet;

/// The table: a figure a row, with the columns in which something was measured.
pub(super) fn markdown(plan: &Plan, kept: &Kept) -> String {
    let measured: BTreeSet<&str> = kept.cells.iter().map(|cell| cell.column.as_str()).collect();
    let columns: Vec<_> =
        plan.columns.iter().filter(|column| measured.contains(column.name.as_str())).collect();
    let heads: Vec<String> = columns.iter().map(|column| format!(" {} |", column.says)).collect();
    let mut lines = vec![
        format!("| figure | goal |{}", heads.concat()),
        format!("|---|---|{}", "---|".repeat(columns.len())),
    ];
    for row in &plan.rows {
        for figure in &row.figures {
            let cells = columns.iter().map(|column| format!(" {} |", cell(kept, row, &column.name, figure)));
            let cells: String = cells.collect();
            lines.push(format!("| {} | {} |{cells}", figure.says, goals(row, figure)));
        }
    }
    let mut text = lines.join("\n") + "\n";
    let reasons: Vec<String> = kept
        .cells
        .iter()
        .filter(|cell| plan.rows.iter().any(|row| row.name == cell.row))
        .filter_map(reason)
        .collect();
    if !reasons.is_empty() {
        text.extend(["\nRuns that did not pass:\n\n", &reasons.join("\n"), "\n"]);
    }
    text
}

fn reason(cell: &Cell) -> Option<String> {
    let word = match cell.verdict() {
        Verdict::Pass => return None,
        Verdict::Breached => "breached",
        Verdict::Unknown => "unknown",
    };
    let reason = cell.reason().unwrap_or("nothing was run").lines().next().unwrap_or_default();
    Some(format!("* {} × {}, {}: {word}: {reason}", cell.row, cell.times, cell.column))
}

fn goals(row: &Row, figure: &Figure) -> String {
    let grows = row.sizes().len() > 1;
    let goals = figure.goals.iter().map(|goal| {
        if grows {
            format!("{goal} × the first")
        } else {
            format!("{} {}", goal.comparison(), value(goal.number(), &figure.unit))
        }
    });
    let goals: Vec<String> = goals.collect();
    if goals.is_empty() { "–".to_owned() } else { goals.join(", then ") }
}

fn cell(kept: &Kept, row: &Row, column: &str, figure: &Figure) -> String {
    let sizes = row.sizes();
    let values: Vec<String> = sizes
        .iter()
        .filter_map(|point| told(kept.cell(&row.name, column, point.times)?, figure))
        .map(|told| spread(told, &figure.unit, sizes.len() == 1))
        .collect();
    if values.is_empty() {
        return "–".to_owned();
    }
    let mark =
        judged(kept, row, column, figure).map_or("", |(cell, value)| match reached(cell, figure, value) {
            _ if figure.goals.is_empty() => "",
            Reached::Goals(count) if count == figure.goals.len() => ": reached",
            Reached::Goals(_) => ": the first is reached",
            Reached::Missed => ": **missed**",
            Reached::Unclear => ": unclear, the generator was the limit",
        });
    values.join(", ") + mark
}

/// The median, and the least and the most if there are several and it is wanted.
fn spread(told: Told, unit: &str, whole: bool) -> String {
    let Told { median, least, most } = told;
    if whole && most > least {
        format!("{} ({}–{})", value(median, unit), bare(least, unit), bare(most, unit))
    } else {
        value(median, unit)
    }
}

fn value(number: f64, unit: &str) -> String {
    match unit {
        "" | "B" => bare(number, unit),
        "/s" => format!("{}/s", bare(number, unit)),
        unit => format!("{} {unit}", bare(number, unit)),
    }
}

fn bare(number: f64, unit: &str) -> String {
    match unit {
        "B" if number.abs() >= 1e6 => format!("{:.1} MB", number / 1e6),
        "B" if number.abs() >= 10_000.0 => format!("{:.1} KB", number / 1e3),
        "B" => format!("{number:.0} B"),
        _ if number.abs() >= 1_000.0 => with_separators(&format!("{number:.0}")),
        _ if number.abs() >= 100.0 || number.fract() == 0.0 => format!("{number:.0}"),
        _ => format!("{number:.2}"),
    }
}

/// What grows, as curves over how many times as much there is of it.
pub(super) fn growth(plan: &Plan, kept: &Kept) -> String {
    let mut factors: Vec<f64> = Vec::new();
    let mut panels = Vec::new();
    for row in plan.rows.iter().filter(|row| row.sizes().len() > 1) {
        for figure in &row.figures {
            let curves = row.columns.iter().map(|column| {
                let points = row.sizes().into_iter().filter_map(|point| {
                    let told = told(kept.cell(&row.name, column, point.times)?, figure)?;
                    Some((f64::from(point.times), told.median))
                });
                Curve { name: column.clone(), points: points.collect() }
            });
            let curves: Vec<Curve> = curves.filter(|curve: &Curve| !curve.points.is_empty()).collect();
            factors.extend(row.sizes().iter().map(|point| f64::from(point.times)));
            panels.push(Panel { title: figure.says.clone(), unit: figure.unit.clone(), curves });
        }
    }
    factors.sort_unstable_by(f64::total_cmp);
    factors.dedup();
    chart::draw("What one costs when there is ten and a hundred times as much", &factors, &panels)
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::cell;
    use super::*;

    fn kept(cells: Vec<Cell>) -> Kept {
        let mut kept = Kept::default();
        for cell in cells {
            kept.put(cell);
        }
        kept
    }

    #[test]
    fn each_figure_is_a_row_with_its_goals_and_what_was_not_measured_is_a_dash() {
        let plan = Plan::shipped().unwrap();
        let cost = "server_cpu_us_per_delivery";
        let kept = kept(vec![
            cell("one-at-a-time", 1, cost, &[(9.0, 8.0), (9.6, 8.0)]),
            cell("growth-channels", 1, cost, &[(10.0, 1.0)]),
            cell("growth-channels", 100, cost, &[(20.0, 1.0)]),
        ]);
        let table = markdown(&plan, &kept);
        let line = |begin: &str| table.lines().find(|line| line.contains(begin)).unwrap().to_owned();
        assert_eq!(table.lines().next().unwrap(), "| figure | goal | plain |");
        assert!(
            line("one message at a time").ends_with(
                "| <= 1.25 × floor, then <= 1.15 × floor | 1.16 × floor (1.12–1.20): the first is reached |"
            ),
            "{table}"
        );
        assert!(
            line("16 messages pending").ends_with("| >= 800,000/s, then >= 1,200,000/s | – |"),
            "{table}"
        );
        assert!(
            line("10,000 channels").ends_with("| <= 1.25 × the first | 10 µs, 20 µs: **missed** |"),
            "{table}"
        );
        assert!(!table.contains("did not pass"), "{table}");
    }

    #[test]
    fn what_grows_is_drawn_and_no_picture_has_a_number_that_is_none() {
        let plan = Plan::shipped().unwrap();
        let cells = [(1, 10.0), (10, 11.0), (100, 12.0)].map(|(times, cost)| {
            cell("growth-channels", times, "server_cpu_us_per_delivery", &[(cost, 1.0)])
        });
        for (cells, points) in [(cells.to_vec(), 3), (Vec::new(), 0)] {
            let svg = growth(&plan, &kept(cells));
            assert_eq!(svg.matches("<circle").count(), points, "{svg}");
            assert!(svg.contains("100 ×") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
