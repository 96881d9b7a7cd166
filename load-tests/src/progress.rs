//! What a run shows of itself while it goes on.

use crate::report::series::Interval;

/// How far the run is, at the end of an interval.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    pub(crate) scenario: &'a str,
    /// All clients that the scenario has.
    pub(crate) clients: u64,
    /// Of the phase: its name is in the interval; how long it has lasted, and lasts at most.
    pub(crate) phase_s: f64,
    pub(crate) phase_of_s: f64,
    pub(crate) interval: &'a Interval,
    pub(crate) totals: Totals,
}

/// Counts since the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) published: u64,
    pub(crate) acknowledged: u64,
    pub(crate) delivered: u64,
    pub(crate) missing: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
    pub(crate) misdelivered: u64,
}

/// Shows nothing.
pub(crate) struct Quiet;

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

/// Shows a run.
pub(crate) trait Screen {
    /// An interval is over.
    fn show(&mut self, progress: &Progress<'_>) -> anyhow::Result<()>;

    /// Something happened that is worth a line: a phase began, a fault was done.
    fn note(&mut self, text: &str) -> anyhow::Result<()>;

    /// Whether whoever looks at it wants the run to end. Does not wait.
    fn wants_end(&mut self) -> bool;
}
