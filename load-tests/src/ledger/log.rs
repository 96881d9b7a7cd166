//! A channel's log, as the server has it at the end.

use super::share;
use crate::clock::Micros;
use serde::{Deserialize, Serialize};

/// Most offsets that a log may leave out between two of its entries; what lies behind a larger hole is not taken.
const HOLE_MAX_OFFSETS: u64 = 1_000_000;

/// One publication of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub(crate) offset: u64,
    pub(crate) hash: u64,
    /// When it was due, if it carries a mark of this run.
    pub(crate) due: Option<Micros>,
}

/// What somebody read of a channel, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ReadLog {
    /// A number for the epoch of each page.
    pub(crate) epochs: Vec<u64>,
    /// The newest offset that the server told.
    pub(crate) top: u64,
    pub(crate) entries: Vec<LogEntry>,
}

/// A whole log: consecutive, from the oldest that is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// The offset before the oldest.
    base: u64,
    /// By their places; nothing where the server left one out.
    entries: Vec<Option<LogEntry>>,
    /// `sums[n]` is the sum over the first `n`.
    sums: Vec<u64>,
    disordered: u64,
}

impl Log {
    /// Takes what was read, in the order in which it was read.
    pub(crate) fn new(read: &ReadLog) -> Self {
        let base = read.entries.first().map_or(read.top, |entry| entry.offset.saturating_sub(1));
        let mut log = Self { base, sums: vec![0], ..Self::default() };
        for entry in &read.entries {
            let next = log.top().saturating_add(1);
            match entry.offset.checked_sub(next) {
                Some(left_out) if left_out <= HOLE_MAX_OFFSETS => {
                    log.disordered = log.disordered.saturating_add(left_out);
                    (0..left_out).for_each(|_| log.push(None));
                    log.push(Some(*entry));
                }
                // What is out of its place can be no part of sums.
                Some(_) | None => log.disordered = log.disordered.saturating_add(1),
            }
        }
        log.disordered = log.disordered.saturating_add(read.top.saturating_sub(log.top()));
        log
    }

    fn push(&mut self, entry: Option<LogEntry>) {
        let sum = self.sums.last().copied().unwrap_or(0);
        self.sums.push(sum.wrapping_add(entry.map_or(0, |entry| share(entry.offset, entry.hash))));
        self.entries.push(entry);
    }

    /// The offset before the oldest.
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }

    /// The newest offset.
    pub(crate) fn top(&self) -> u64 {
        self.base.saturating_add(u64::try_from(self.entries.len()).unwrap_or(u64::MAX))
    }

    /// Offsets that the server left out, and entries that it told out of their place.
    pub(crate) const fn disordered(&self) -> u64 {
        self.disordered
    }

    /// All of it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter().flatten()
    }

    /// The entries behind an offset.
    pub(crate) fn behind(&self, offset: u64) -> impl Iterator<Item = &LogEntry> {
        let first = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.entries.get(first..).unwrap_or_default().iter().flatten()
    }

    /// The entries up to an offset.
    pub(crate) fn until(&self, offset: u64) -> impl Iterator<Item = &LogEntry> {
        let end = usize::try_from(offset.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.entries.get(..end.min(self.entries.len())).unwrap_or_default().iter().flatten()
    }

    /// What is at an offset.
    pub(crate) fn at(&self, offset: u64) -> Option<&LogEntry> {
        let place = offset.checked_sub(self.base)?.checked_sub(1)?;
        self.entries.get(usize::try_from(place).ok()?)?.as_ref()
    }

    /// The sum over the offsets from behind `after` up to `last`; nothing if the log does not reach over all of them.
    pub(crate) fn sum(&self, after: u64, last: u64) -> Option<u64> {
        let until = |offset: u64| self.sums.get(usize::try_from(offset.checked_sub(self.base)?).ok()?);
        Some(until(last)?.wrapping_sub(*until(after)?))
    }
}
