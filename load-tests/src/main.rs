//! `holdfast-load`: floods, measures and counts every message.

mod attack;
mod cast;
mod chart;
mod cli;
mod client;
mod clock;
mod compare;
mod complaints;
mod conductor;
mod figures;
mod floor;
mod generator;
mod goals;
mod hand;
mod judge;
mod latency;
mod launch;
mod ledger;
mod link;
mod mark;
mod observed;
mod orders;
mod pacing;
mod processes;
mod progress;
mod report;
mod run;
mod scenario;
mod screen;
mod stage;
mod sweep;
mod table;
mod tally;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) => {
            // Where nobody can be told, the code says it.
            let _told = writeln!(std::io::stderr(), "holdfast-load: {error:#}");
            ExitCode::from(if error.is::<cli::BadScenario>() { 2 } else { 1 })
        }
    }
}
