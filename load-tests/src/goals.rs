//! What Holdfast promises to carry, measured: every row of `goals.toml` in every column, in turn with what it is compared
//! with, so that a machine which is slower for a while is slower for all of them.

mod bench;
mod kept;
mod measure;
mod page;
mod plan;
mod told;

use crate::cli::Outcome;
use crate::report::summary::Verdict;
use anyhow::Context;
use kept::Kept;
use plan::{Column, Plan, Row};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is to be measured.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Rows by name; all that may run beside others if there are none.
    pub(crate) rows: Vec<String>,
    /// Columns by name; all of each row if there are none.
    pub(crate) columns: Vec<String>,
    /// Columns of the caller's own: a name and further options of `holdfast serve`. Then there are no others.
    pub(crate) nodes: Vec<(String, Vec<String>)>,
    pub(crate) rounds: Option<usize>,
    pub(crate) scale: f64,
    pub(crate) holdfast: PathBuf,
    /// Nothing is run: what was measured before is written anew.
    pub(crate) only_pages: bool,
}

/// Measures, and writes `goals.json`, `goals.md` and `goals.svg` after each row, so that what was measured stays when
/// the rest is not. What was measured before of other rows and columns is kept.
pub(crate) fn run(choice: &Choice, out: &Path, say: &mut dyn Write) -> anyhow::Result<Outcome> {
    let plan = plan(choice)?;
    let rows = plan.rows(&choice.rows)?;
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    let mut kept = Kept::read(out)?;
    if !choice.only_pages {
        let minutes = minutes(&plan, &rows, choice)?;
        writeln!(say, "about {minutes:.0} minutes for {} rows", rows.len())?;
    }
    for row in &rows {
        let columns = columns(&plan, row, choice)?;
        if choice.only_pages || columns.is_empty() {
            continue;
        }
        measure::row(&plan, row, &columns, choice, out, &mut kept, say)?;
        write(&plan, &kept, out)?;
    }
    write(&plan, &kept, out)?;
    let named: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    let shown = plan.with_rows(&named);
    write!(say, "{}", page::markdown(&shown, &kept))?;
    Ok(Outcome::from(told::verdict(&shown, &kept)))
}

/// The plan that comes with the tool, with the caller's own columns in place of its own.
fn plan(choice: &Choice) -> anyhow::Result<Plan> {
    let mut plan = Plan::shipped()?;
    if !choice.nodes.is_empty() {
        let names: Vec<String> = choice.nodes.iter().map(|(name, _)| name.clone()).collect();
        plan.columns = choice.nodes.iter().map(|(name, options)| Column::of_options(name, options)).collect();
        for row in &mut plan.rows {
            row.columns.clone_from(&names);
        }
    }
    Ok(plan)
}

/// The columns of a row that were asked for.
fn columns<'a>(plan: &'a Plan, row: &Row, choice: &Choice) -> anyhow::Result<Vec<&'a Column>> {
    for name in &choice.columns {
        plan.column(name)?;
    }
    let wanted = |name: &&String| choice.columns.is_empty() || choice.columns.contains(name);
    row.columns.iter().filter(wanted).map(|name| plan.column(name)).collect()
}

/// About how long all of it takes.
fn minutes(plan: &Plan, rows: &[&Row], choice: &Choice) -> anyhow::Result<f64> {
    let mut minutes = 0.0;
    for row in rows {
        let runs = columns(plan, row, choice)?.len() * row.sizes().len() * row.rounds(plan, choice.rounds);
        minutes += row.minutes * f64::from(u32::try_from(runs).unwrap_or(u32::MAX));
    }
    Ok(minutes)
}

fn write(plan: &Plan, kept: &Kept, out: &Path) -> anyhow::Result<()> {
    kept.write(out)?;
    for (name, text) in [("goals.md", page::markdown(plan, kept)), ("goals.svg", page::growth(plan, kept))] {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The worse of two verdicts.
const fn worse(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Breached, _) | (_, Verdict::Breached) => Verdict::Breached,
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Verdict::Unknown,
        (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
    }
}
