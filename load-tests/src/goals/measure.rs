//! Runs a row: every column and what it is compared with by turns, round by round.

use super::Choice;
use super::bench::Bench;
use super::kept::{Cell, Kept, Ran, Round};
use super::plan::{Beside, Column, Plan, Point, Row};
use crate::complaints::Complaints;
use crate::observed::CutShort;
use crate::progress::Quiet;
use crate::report;
use crate::report::summary::{Summary, Verdict};
use crate::run::{Nobody, Onlooker, Options, System, observe};
use crate::scenario::{Scenario, shipped, together, variant};
use crate::stage::Program;
use anyhow::{Context, bail};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Table;

/// Between two looks: memory at its highest must not be missed.
const INTERVAL: Duration = Duration::from_millis(500);
/// The same where there are a hundred processes and more to look at.
const INTERVAL_OF_MANY: Duration = Duration::from_secs(10);
/// Clients of `redis-benchmark`, and calls that it makes.
const BENCH_CLIENTS: u32 = 64;
const BENCH_CALLS: u32 = 57_600;
/// What it is told as.
const BENCH_FIGURE: &str = "burst_acknowledged_per_second";

/// Measures a row in these columns, and keeps what came of it.
pub(super) fn row(
    plan: &Plan,
    row: &Row,
    columns: &[&Column],
    choice: &Choice,
    out: &Path,
    kept: &mut Kept,
    say: &mut dyn Write,
) -> anyhow::Result<()> {
    let rounds = row.rounds(plan, choice.rounds);
    let sizes = row.sizes();
    let mut cells = empty_cells(row, columns, &sizes, choice.scale);
    let runs = out.join("runs").join(&row.name);
    for number in 1..=rounds {
        let mut floors = Floors { row, choice, folder: runs.join("floor"), ran: Vec::new() };
        for (column, point, cell) in &mut cells {
            let folder = runs.join(&column.name).join(format!("{}-{number}", point.times));
            let place = Place { row, column, point, choice };
            let round = place.round(&folder, cell, &mut floors)?;
            writeln!(
                say,
                "{} × {} in {}, round {number} of {rounds}: {}",
                row.name,
                point.times,
                column.name,
                in_words(row, &round)
            )?;
            cell.rounds.push(round);
        }
    }
    for (_, _, cell) in cells {
        kept.put(cell);
    }
    if kept.machine.is_none() {
        kept.machine = Some(crate::run::machine(true));
    }
    Ok(())
}

/// A cell for each size and column, in which nothing was measured yet.
fn empty_cells<'a>(
    row: &Row,
    columns: &[&'a Column],
    sizes: &'a [Point],
    scale: f64,
) -> Vec<(&'a Column, &'a Point, Cell)> {
    let empty = |column: &Column, point: &Point| Cell {
        row: row.name.clone(),
        column: column.name.clone(),
        times: point.times,
        server: String::new(),
        began: String::new(),
        scale,
        rounds: Vec::new(),
    };
    let places = sizes.iter().flat_map(|point| columns.iter().map(move |column| (*column, point)));
    places.map(|(column, point)| (column, point, empty(column, point))).collect()
}

/// The first figure of a row as a round has it, and beside it that of what the round is compared with.
fn in_words(row: &Row, round: &Round) -> String {
    let words = |ran: &Ran| {
        let figure = row.figures.first().and_then(|figure| ran.figures.get(&figure.name));
        let value = figure.map_or_else(|| "nothing".to_owned(), |value| format!("{value:.2}"));
        let reason = ran.reasons.first().map(|reason| format!(" ({reason})")).unwrap_or_default();
        format!("{value}{reason}")
    };
    let against = round.beside.as_ref().map(|beside| format!(" beside {}", words(beside)));
    words(&round.run) + &against.unwrap_or_default()
}

/// Where in the table a round is run.
struct Place<'a> {
    row: &'a Row,
    column: &'a Column,
    point: &'a Point,
    choice: &'a Choice,
}

impl Place<'_> {
    /// Runs the server, and what it is compared with.
    fn round(&self, folder: &Path, cell: &mut Cell, floors: &mut Floors<'_>) -> anyhow::Result<Round> {
        let Self { row, column, point, choice } = *self;
        let run = Run { row, with: &[&row.with, &column.with, &point.with], choice };
        let (run, beside) = match &row.beside {
            Beside::Nothing => (run.server(folder, cell, &mut Nobody)?, None),
            Beside::RedisBenchmark => {
                let (ran, bench) = run.server_and_bench(folder, cell)?;
                (ran, Some(bench))
            }
            Beside::Variant(otherwise) => {
                let ran = run.server(folder, cell, &mut Nobody)?;
                let with = [&row.with, &column.with, &point.with, otherwise];
                let other = Run { row, with: &with, choice };
                (ran, Some(other.server(&folder.join("beside"), cell, &mut Nobody)?))
            }
            Beside::Floor => {
                let ran = run.server(folder, cell, &mut Nobody)?;
                (ran, Some(floors.of(point)?))
            }
        };
        Ok(Round { run, beside })
    }
}

/// The floors of a round by size: one is the same for all columns, and run once.
struct Floors<'a> {
    row: &'a Row,
    choice: &'a Choice,
    folder: PathBuf,
    ran: Vec<(u32, Ran)>,
}

impl Floors<'_> {
    fn of(&mut self, point: &Point) -> anyhow::Result<Ran> {
        if let Some((_, ran)) = self.ran.iter().find(|(times, _)| *times == point.times) {
            return Ok(ran.clone());
        }
        // A floor knows nothing of TLS and proxies.
        let run = Run { row: self.row, with: &[&self.row.with, &point.with], choice: self.choice };
        let ran = run.floor(&self.folder)?;
        self.ran.push((point.times, ran.clone()));
        Ok(ran)
    }
}

/// One run to be made.
struct Run<'a> {
    row: &'a Row,
    /// What stands in place of what the scenario says, the later before the earlier.
    with: &'a [&'a Table],
    choice: &'a Choice,
}

/// Somebody wants no further runs.
#[derive(Debug, thiserror::Error)]
#[error("it was stopped by hand")]
struct Stopped;

/// A run that could not be made is one that shows nothing; only an end by hand ends all of them.
fn or_failed<T>(done: anyhow::Result<T>, told: impl FnOnce(T) -> Ran) -> anyhow::Result<Ran> {
    match done {
        Ok(done) => Ok(told(done)),
        Err(error) if error.is::<Stopped>() => Err(error),
        Err(error) => Ok(Ran::failed(&format!("{error:#}"))),
    }
}

impl Run<'_> {
    /// The server.
    fn server(&self, folder: &Path, cell: &mut Cell, onlooker: &mut dyn Onlooker) -> anyhow::Result<Ran> {
        or_failed(
            self.observe(Program::Holdfast(self.choice.holdfast.clone()), folder, onlooker),
            |summary| {
                cell.server.clone_from(&summary.target.server);
                cell.began.clone_from(&summary.began);
                Ran::of(&summary, &self.names())
            },
        )
    }

    /// The server, and then `redis-benchmark` on its Redis with the call that it made.
    fn server_and_bench(&self, folder: &Path, cell: &mut Cell) -> anyhow::Result<(Ran, Ran)> {
        let mut bench = Bench::new(BENCH_CLIENTS, scaled(BENCH_CALLS, self.choice.scale));
        let ran = self.server(folder, cell, &mut bench)?;
        let rate = bench.rate();
        let bench = or_failed(rate.context("redis-benchmark"), |rate| Ran {
            verdict: Verdict::Pass,
            reasons: Vec::new(),
            figures: [(BENCH_FIGURE.to_owned(), rate)].into(),
        });
        Ok((ran, bench?))
    }

    /// The floor, which has no TLS and no Redis.
    fn floor(&self, folder: &Path) -> anyhow::Result<Ran> {
        or_failed(self.observe(Program::Floor, folder, &mut Nobody), |summary| {
            Ran::of(&summary, &self.names())
        })
    }

    fn names(&self) -> Vec<&str> {
        let figures = self.row.figures.iter();
        figures
            .flat_map(|figure| [Some(figure.name.as_str()), figure.limited_by.as_deref()])
            .flatten()
            .collect()
    }

    fn observe(
        &self,
        program: Program,
        folder: &Path,
        onlooker: &mut dyn Onlooker,
    ) -> anyhow::Result<Summary> {
        let name = &self.row.scenario;
        let text = shipped(name).with_context(|| format!("there is no scenario {name}"))?;
        let with: Vec<Table> = self.with.iter().map(|with| (*with).clone()).collect();
        let text = variant(text, &together(&with)?)?;
        let scenario = Scenario::parse(name, &text, self.choice.scale)?;
        let many = scenario.server.nodes + scenario.processes > 32;
        let options = Options {
            scale: self.choice.scale,
            interval: if many { INTERVAL_OF_MANY } else { INTERVAL },
            plain: true,
            one_core: scenario.server.pin,
        };
        let complaints = Complaints::open(folder)?;
        let system = System::Started(program);
        let observed = observe(&scenario, &system, &options, &complaints, &mut Quiet, onlooker);
        let (summary, observed) = observed.with_context(|| complaints.last_words())?;
        report::write(folder, &summary, &observed.series)?;
        if observed.cut_short == Some(CutShort::ByHand) {
            bail!(Stopped);
        }
        Ok(summary)
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and is at least one"
)]
fn scaled(count: u32, scale: f64) -> u32 {
    ((f64::from(count) * scale) as u32).max(1)
}
