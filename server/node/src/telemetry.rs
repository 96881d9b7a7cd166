//! What the process says: logs on standard error, answers on standard output.

use std::io::{IsTerminal, Write};
use tracing_subscriber::EnvFilter;

/// Starts the log: for people on a terminal, JSON otherwise. `filter` is checked with the configuration.
pub(crate) fn start(filter: EnvFilter) {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    // A second start (in tests of this crate) keeps the first log.
    let started = if std::io::stderr().is_terminal() { log.try_init() } else { log.json().try_init() };
    drop(started);
}

/// Says a sentence to the operator, outside the log.
pub(crate) fn say(text: &str) {
    // Standard error may be closed; then nobody can be told.
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Prints an answer on standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}
