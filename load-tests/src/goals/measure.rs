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
use std::path::Path;
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
    let mut cells: Vec<(&Column, &Point, Cell)> = Vec::new();
    for point in &sizes {
        for column in columns {
            cells.push((
                column,
                point,
                Cell {
                    row: row.name.clone(),
                    column: column.name.clone(),
                    times: point.times,
                    server: String::new(),
                    began: String::new(),
                    scale: choice.scale,
                    rounds: Vec::new(),
                },
            ));
        }
    }
    for round in 1..=rounds {
        // The floor is the same for all columns of a round.
        let mut floors: Vec<(u32, Ran)> = Vec::new();
        for (column, point, cell) in &mut cells {
            let run = Run { row, with: &[&row.with, &column.with, &point.with], choice };
            let folder =
                out.join("runs").join(&row.name).join(&column.name).join(format!("{}-{round}", point.times));
            let (ran, beside) = match &row.beside {
                Beside::Nothing => (run.server(&folder, cell, &mut Nobody)?, None),
                Beside::RedisBenchmark => {
                    let (ran, bench) = run.server_and_bench(&folder, cell)?;
                    (ran, Some(bench))
                }
                Beside::Variant(otherwise) => {
                    let ran = run.server(&folder, cell, &mut Nobody)?;
                    let with = [&row.with, &column.with, &point.with, otherwise];
                    let other = Run { row, with: &with, choice };
                    let beside = other.server(&folder.join("beside"), cell, &mut Nobody)?;
                    (ran, Some(beside))
                }
                Beside::Floor => {
                    let ran = run.server(&folder, cell, &mut Nobody)?;
                    if !floors.iter().any(|(times, _)| *times == point.times) {
                        // A floor knows nothing of TLS and proxies.
                        let floor = Run { row, with: &[&row.with, &point.with], choice };
                        let folder = out.join("runs").join(&row.name).join("floor");
                        floors.push((point.times, floor.floor(&folder)?));
                    }
                    let floor = floors.iter().find(|(times, _)| *times == point.times);
                    (ran, floor.map(|(_, floor)| floor.clone()))
                }
            };
            let words = |ran: &Ran| {
                let figure = row.figures.first().and_then(|figure| ran.figures.get(&figure.figure));
                let value = figure.map_or_else(|| "nothing".to_owned(), |value| format!("{value:.2}"));
                let reason = ran.reasons.first().map(|reason| format!(" ({reason})")).unwrap_or_default();
                format!("{value}{reason}")
            };
            let against =
                beside.as_ref().map(|beside| format!(" beside {}", words(beside))).unwrap_or_default();
            writeln!(
                say,
                "{} × {} in {}, round {round} of {rounds}: {}{against}",
                row.name,
                point.times,
                column.name,
                words(&ran)
            )?;
            cell.rounds.push(Round { run: ran, beside });
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
            .flat_map(|figure| [Some(figure.figure.as_str()), figure.limited_by.as_deref()])
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
