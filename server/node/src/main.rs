//! `holdfast`: the running process. The only crate that knows actix, files of configuration, signals and clocks;
//! it joins what the crates below it decide.

mod assembly;
mod audit;
mod bulletins;
mod cli;
mod clock;
mod config;
mod day;
mod descriptors;
mod diagnostics;
mod egress;
mod feed_pump;
mod felt;
mod following;
mod gate;
mod http;
mod incident;
mod keys;
mod keys_file;
mod lifecycle;
mod limits;
mod listener;
mod lookout;
mod metrics;
mod notices;
mod operator;
mod ops;
mod outgoing;
mod pages;
mod peers;
mod posture;
mod presence;
mod process;
mod publisher;
mod receipts;
mod recovery;
mod retention;
mod roll;
mod sealed_file;
mod seats;
mod serve;
mod sign_on;
mod socket;
mod status;
mod store;
mod telemetry;
mod time_classes;
mod tls;
mod trust;
mod web_push;
mod whole_file;

use clap::Parser;
use std::process::ExitCode;

/// Idle members take less memory than with the system's (ADR 0026).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The exit code for what broke while it served; a supervisor starts it again.
const EXIT_FAILED: u8 = 1;
/// The exit code for everything that an operator has to put right.
const EXIT_BAD_START: u8 = 2;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match cli::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::say(&format!("holdfast: {error:#}"));
            let while_serving = error.downcast_ref::<serve::ServingFailed>().is_some();
            ExitCode::from(if while_serving { EXIT_FAILED } else { EXIT_BAD_START })
        }
    }
}
