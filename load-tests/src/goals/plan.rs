//! The goals, and how they are measured, as `goals.toml` says it.

use crate::scenario::Limit;
use anyhow::{Context, bail};
use serde::Deserialize;
use toml::Table;

/// What comes with the tool.
const SHIPPED: &str = include_str!("../../goals.toml");

/// Everything that is measured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// How often each run is made, unless its row says otherwise.
    pub(super) rounds: usize,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A way in which the same can be run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    /// The head of the column.
    pub(super) says: String,
    /// What stands in place of what the scenario says.
    #[serde(default)]
    pub(super) with: Table,
}

/// A run, and what is wanted of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) scenario: String,
    #[serde(default)]
    pub(super) with: Table,
    pub(super) columns: Vec<String>,
    /// What is measured in turn with it.
    #[serde(default)]
    pub(super) beside: Beside,
    pub(super) rounds: Option<usize>,
    /// It takes the whole machine, and is run only if it is named.
    #[serde(default)]
    pub(super) alone: bool,
    /// About how long one run takes, with what is run beside it.
    pub(super) minutes: f64,
    /// How many times as much there is of something; one point if there are none.
    #[serde(default)]
    pub(super) points: Vec<Point>,
    pub(super) figures: Vec<Figure>,
}

/// A size of a row that grows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Point {
    pub(super) times: u32,
    #[serde(default)]
    pub(super) with: Table,
}

/// What a run is compared with.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Beside {
    /// The least that broadcasts.
    Floor,
    #[default]
    Nothing,
    /// `redis-benchmark`, with the call that the node makes.
    RedisBenchmark,
    /// The same with some of it otherwise.
    Variant(Table),
}

/// One line of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figure {
    pub(super) says: String,
    /// What it is called where it is measured.
    #[serde(rename = "figure")]
    pub(super) name: String,
    #[serde(default)]
    pub(super) compared: Compared,
    /// The figure is a number a second, and what is told are the microseconds of each.
    #[serde(default)]
    pub(super) each: bool,
    pub(super) unit: String,
    /// The first that must be reached, then what would be better.
    #[serde(default)]
    pub(super) goals: Vec<Limit>,
    /// The share of its core that the generator took: near all of it, a goal that was missed may be its doing.
    pub(super) limited_by: Option<String>,
}

/// How a figure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Compared {
    /// What was measured beside it.
    Beside,
    /// As it is.
    #[default]
    Not,
    /// Less what was measured beside it.
    More,
    /// Divided by what was measured beside it.
    Times,
}

impl Plan {
    /// The one that comes with the tool.
    pub(super) fn shipped() -> anyhow::Result<Self> {
        Self::parse(SHIPPED)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let plan: Self = toml::from_str(text).context("the goals make no sense")?;
        for row in &plan.rows {
            for column in &row.columns {
                plan.column(column)?;
            }
            let compared = row.figures.iter().any(|figure| figure.compared != Compared::Not);
            if compared && row.beside == Beside::Nothing {
                bail!("{} compares with nothing", row.name);
            }
        }
        Ok(plan)
    }

    /// A column by its name.
    pub(super) fn column(&self, name: &str) -> anyhow::Result<&Column> {
        let column = self.columns.iter().find(|column| column.name == name);
        let names = || self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        column.with_context(|| format!("there is no column {name}; there are {}", names()))
    }

    /// The same with these rows alone.
    pub(super) fn with_rows(&self, names: &[&str]) -> Self {
        let mut plan = self.clone();
        plan.rows.retain(|row| names.contains(&row.name.as_str()));
        plan
    }

    /// Rows by their names; all that may run beside others if none is named.
    pub(super) fn rows(&self, names: &[String]) -> anyhow::Result<Vec<&Row>> {
        if names.is_empty() {
            return Ok(self.rows.iter().filter(|row| !row.alone).collect());
        }
        let row = |name: &String| {
            let all = || self.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
            let row = self.rows.iter().find(|row| row.name == *name);
            row.with_context(|| format!("there is no row {name}; there are {}", all()))
        };
        names.iter().map(row).collect()
    }
}

impl Column {
    /// One with further options of `holdfast serve`.
    pub(super) fn of_options(name: &str, options: &[String]) -> Self {
        let options = options.iter().cloned().map(toml::Value::String).collect();
        let server = Table::from_iter([("arguments".to_owned(), toml::Value::Array(options))]);
        let with = Table::from_iter([("server".to_owned(), toml::Value::Table(server))]);
        Self { name: name.to_owned(), says: name.to_owned(), with }
    }
}

impl Row {
    /// How often each of its runs is made.
    pub(super) fn rounds(&self, plan: &Plan, asked: Option<usize>) -> usize {
        asked.or(self.rounds).unwrap_or(plan.rounds).max(1)
    }

    /// The sizes in which it is run.
    pub(super) fn sizes(&self) -> Vec<Point> {
        if self.points.is_empty() {
            return vec![Point { times: 1, with: Table::new() }];
        }
        self.points.clone()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scenario::{Scenario, shipped, together, variant};

    #[test]
    fn every_run_of_every_row_and_column_makes_sense_and_has_its_figures() {
        let plan = Plan::shipped().unwrap();
        for row in &plan.rows {
            let text = shipped(&row.scenario).unwrap_or_else(|| panic!("{} has no scenario", row.name));
            for column in &row.columns {
                for point in row.sizes() {
                    let with = [row.with.clone(), plan.column(column).unwrap().with.clone(), point.with];
                    let text = variant(text, &together(&with).unwrap()).unwrap();
                    let scenario = Scenario::parse(&row.name, &text, 1.0)
                        .unwrap_or_else(|error| panic!("{} {column}: {error}\n{text}", row.name));
                    for figure in &row.figures {
                        let limiting = figure.limited_by.iter();
                        for name in limiting.chain([&figure.name]) {
                            assert!(scenario.has_figure(name), "{} has no {name}", row.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        let plan = Plan::shipped().unwrap();
        let said = plan.rows(&["speed".to_owned()]).unwrap_err().to_string();
        assert!(said.contains("no row speed") && said.contains("one-at-a-time"), "{said}");
        assert!(plan.column("quic").unwrap_err().to_string().contains("haproxy"));
        let alone: Vec<&Row> = plan.rows.iter().filter(|row| row.alone).collect();
        let usual = plan.rows(&[]).unwrap();
        assert!(alone.len() == 1 && usual.len() + 1 == plan.rows.len(), "{alone:?}");
    }

    #[test]
    fn a_plan_that_compares_with_nothing_is_none() {
        let shipped = SHIPPED.replace("beside = \"floor\"", "");
        assert!(Plan::parse(&shipped).unwrap_err().to_string().contains("compares with nothing"));
        assert!(Plan::parse(&SHIPPED.replace("rounds = 3", "turns = 3")).is_err());
    }
}
