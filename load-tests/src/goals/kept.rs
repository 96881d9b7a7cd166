//! What was measured: the form of `goals.json`.

use super::worse;
use crate::report::summary::{Machine, Summary, Verdict};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What the file says it is.
const FORMAT: &str = "holdfast-load/goals";
/// Its name.
const FILE: &str = "goals.json";

/// All runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    format: String,
    pub(super) machine: Option<Machine>,
    pub(super) cells: Vec<Cell>,
}

/// A row in a column, at one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) row: String,
    pub(super) column: String,
    pub(super) times: u32,
    /// What the server called itself.
    pub(super) server: String,
    /// When its last round began, RFC 3339 in UTC.
    pub(super) began: String,
    pub(super) scale: f64,
    pub(super) rounds: Vec<Round>,
}

/// One run, and what was run beside it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Round {
    pub(super) run: Ran,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) beside: Option<Ran>,
}

/// What came of a run, as far as the goals want it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ran {
    pub(super) verdict: Verdict,
    /// Why, unless it passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reasons: Vec<String>,
    pub(super) figures: BTreeMap<String, f64>,
}

impl Default for Ran {
    fn default() -> Self {
        Self::failed("it was not run")
    }
}

impl Ran {
    /// Of a run, these figures.
    pub(super) fn of(summary: &Summary, names: &[&str]) -> Self {
        let figures = names.iter().filter_map(|name| summary.figures.get_key_value(*name));
        let passed = summary.verdict == Verdict::Pass;
        Self {
            verdict: summary.verdict,
            reasons: if passed { Vec::new() } else { summary.reasons.clone() },
            figures: figures.map(|(name, value)| (name.clone(), *value)).collect(),
        }
    }

    /// There is none, and this is why.
    pub(super) fn failed(why: &str) -> Self {
        Self { verdict: Verdict::Unknown, reasons: vec![why.to_owned()], figures: BTreeMap::new() }
    }
}

impl Cell {
    /// The worst verdict of all of its runs.
    pub(super) fn verdict(&self) -> Verdict {
        let runs = self.rounds.iter().flat_map(|round| [Some(&round.run), round.beside.as_ref()]);
        runs.flatten().map(|ran| ran.verdict).reduce(worse).unwrap_or(Verdict::Unknown)
    }

    /// The first reason for which it did not pass.
    pub(super) fn reason(&self) -> Option<&str> {
        let runs = self.rounds.iter().flat_map(|round| [Some(&round.run), round.beside.as_ref()]);
        let worst = self.verdict();
        let ran = runs.flatten().find(|ran| ran.verdict == worst && ran.verdict != Verdict::Pass)?;
        ran.reasons.first().map(String::as_str)
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), machine: None, cells: Vec::new() }
    }
}

impl Kept {
    /// What is in the folder; nothing if nothing was measured yet.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let kept: Self = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        if kept.format != FORMAT {
            bail!("{} is not what this tool writes", path.display());
        }
        Ok(kept)
    }

    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// The cell of a row, a column and a size.
    pub(super) fn cell(&self, row: &str, column: &str, times: u32) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.is(row, column, times))
    }

    /// Puts a cell in the place of the one that was measured before.
    pub(super) fn put(&mut self, cell: Cell) {
        self.cells.retain(|old| !old.is(&cell.row, &cell.column, cell.times));
        self.cells.push(cell);
        self.cells.sort_by(|a, b| (&a.row, &a.column, a.times).cmp(&(&b.row, &b.column, b.times)));
    }
}

impl Cell {
    fn is(&self, row: &str, column: &str, times: u32) -> bool {
        self.row == row && self.column == column && self.times == times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_stays_until_it_is_measured_anew() {
        let folder = tempfile::tempdir().unwrap();
        let cell = |row: &str, began: &str| Cell {
            row: row.to_owned(),
            column: "plain".to_owned(),
            times: 1,
            server: String::new(),
            began: began.to_owned(),
            scale: 1.0,
            rounds: vec![Round::default()],
        };
        let mut kept = Kept::read(folder.path()).unwrap();
        kept.put(cell("one", "early"));
        kept.put(cell("two", "early"));
        kept.put(cell("one", "late"));
        kept.write(folder.path()).unwrap();
        let again = Kept::read(folder.path()).unwrap();
        assert_eq!(again, kept);
        let began = |row| again.cell(row, "plain", 1).unwrap().began.clone();
        assert_eq!((again.cells.len(), began("one"), began("two")), (2, "late".into(), "early".into()));
        std::fs::write(folder.path().join(FILE), "{}").unwrap();
        assert!(Kept::read(folder.path()).is_err());
    }
}
