//! What a delivery costs the server, against the least that it can cost on this machine: both do the same, in turn,
//! each on one core with the clients on the other.

use crate::complaints::Complaints;
use crate::progress::{Progress, Screen};
use crate::report;
use crate::report::summary::Verdict;
use crate::run::{Options, System, median, observe};
use crate::scenario::Scenario;
use crate::stage::Program;
use anyhow::{Context, bail};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// What both do. One bulletin at a time: what is measured is the price of a delivery, not of joining many.
const SCENARIO: &str = include_str!("../scenarios/versus.toml");
/// Of a quick comparison.
const QUICK_SCALE: f64 = 0.2;
/// How often both are measured.
const ROUNDS: usize = 3;
const QUICK_ROUNDS: usize = 2;

/// Measures both, in turn, and writes the results of the last run of the server with the comparison in it.
pub(crate) fn floor(holdfast: &Path, quick: bool, out: &Path, say: &mut dyn Write) -> anyhow::Result<()> {
    let (scale, rounds) = if quick { (QUICK_SCALE, QUICK_ROUNDS) } else { (1.0, ROUNDS) };
    let scenario = Scenario::parse("versus-floor", SCENARIO, scale)?;
    let complaints = Complaints::open(out)?;
    let options = Options { scale, interval: Duration::from_secs(1), plain: true, one_core: true };
    let server = System::Started(Program::Holdfast(holdfast.to_owned()));
    let bare = System::Started(Program::Floor);
    let (mut ours, mut floors, mut last) = (Vec::new(), Vec::new(), None);
    for round in 1..=rounds {
        for (system, name, values) in [(&server, "server", &mut ours), (&bare, "floor", &mut floors)] {
            let observed = observe(&scenario, system, &options, &complaints, &mut Quiet);
            let (summary, observed) = observed.with_context(|| complaints.last_words())?;
            if summary.verdict != Verdict::Pass {
                bail!("the {name} did not do what it should: {}", summary.reasons.join("; "));
            }
            let cost = summary.figures.get("server_cpu_us_per_delivery").copied();
            let cost = cost.context("nothing was delivered")?;
            values.push(cost);
            writeln!(say, "round {round}: {name:6} {cost:6.2} µs of CPU a delivery")?;
            if name == "server" {
                last = Some((summary, observed));
            }
        }
    }
    let cost = median(&ours)? / median(&floors)?;
    let ratios: Vec<f64> = ours.iter().zip(&floors).map(|(cost, floor)| cost / floor).collect();
    let spread =
        ratios.iter().fold((f64::MAX, f64::MIN), |(low, high), ratio| (low.min(*ratio), high.max(*ratio)));
    let (mut summary, observed) = last.context("no round was run")?;
    summary.figures.insert("cost_of_floor".to_owned(), cost);
    summary.limited_by.push(format!(
        "{cost:.2} times the floor (pairs {:.2} to {:.2}): {:.2} µs of CPU a delivery against {:.2}, {rounds} rounds",
        spread.0,
        spread.1,
        median(&ours)?,
        median(&floors)?
    ));
    report::write(out, &summary, &observed.series)?;
    writeln!(say, "cost {cost:.2} × the floor")?;
    Ok(())
}

/// Shows nothing.
struct Quiet;

impl Screen for Quiet {
    fn show(&mut self, _: &Progress<'_>) -> anyhow::Result<()> {
        Ok(())
    }

    fn note(&mut self, _: &str) -> anyhow::Result<()> {
        Ok(())
    }

    fn wants_end(&mut self) -> bool {
        false
    }
}
