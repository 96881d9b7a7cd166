//! What the process says: logs on standard error, answers on standard output.

use protocol::Timestamp;
use std::io::{IsTerminal, Write};
use std::time::{Duration, UNIX_EPOCH};
use tracing_subscriber::EnvFilter;

/// Starts the log: for people on a terminal, JSON otherwise. `filter` is checked with the configuration.
pub(crate) fn start(filter: EnvFilter) {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    // A second start (in tests of this crate) keeps the first log.
    let started = if std::io::stderr().is_terminal() { log.try_init() } else { log.json().try_init() };
    drop(started);
}

/// An instant of UTC as people read it, to the second.
pub(crate) fn instant(at: Timestamp) -> String {
    /// The last second that has a four-digit year.
    const LAST_SECOND: u64 = 253_402_300_799;
    let since = Duration::from_secs(at.as_secs().min(LAST_SECOND));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}

/// The same of an answer in JSON.
pub(crate) fn when(at: Option<&serde_json::Value>) -> String {
    let millis = at.and_then(serde_json::Value::as_u64);
    millis.map_or_else(|| "?".to_owned(), |millis| instant(Timestamp::from_millis(millis)))
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
