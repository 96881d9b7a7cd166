//! A channel's log, as the server has it at the end.

use super::share;
use serde::{Deserialize, Serialize};

/// One publication of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    pub(crate) offset: u64,
    pub(crate) hash: u64,
    /// Whether it carries a mark of this run.
    pub(crate) ours: bool,
}

/// A whole log: consecutive, from the oldest that is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    /// The offset before the oldest.
    base: u64,
    entries: Vec<LogEntry>,
    /// `sums[n]` is the sum over the first `n`.
    sums: Vec<u64>,
    /// Offsets that the server left out, or told in the wrong order.
    holes: u64,
}

impl Log {
    /// Takes what was read, in the order in which it was read.
    pub(crate) fn new(read: &[LogEntry]) -> Self {
        let mut log = Self { sums: vec![0], ..Self::default() };
        for entry in read {
            if log.entries.is_empty() {
                log.base = entry.offset.saturating_sub(1);
            }
            if entry.offset != log.top() + 1 {
                log.holes += 1;
                // What is out of its place can be no part of sums.
                if entry.offset <= log.top() {
                    continue;
                }
                while log.top() + 1 < entry.offset {
                    log.push(LogEntry { offset: log.top() + 1, hash: 0, ours: false });
                }
            }
            log.push(*entry);
        }
        log
    }

    fn push(&mut self, entry: LogEntry) {
        let sum = self.sums.last().copied().unwrap_or(0);
        self.sums.push(sum.wrapping_add(share(entry.offset, entry.hash)));
        self.entries.push(entry);
    }

    /// The offset before the oldest.
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }

    /// The newest offset.
    pub(crate) fn top(&self) -> u64 {
        self.base + u64::try_from(self.entries.len()).unwrap_or(0)
    }

    /// Offsets that the log itself lacks.
    pub(crate) const fn holes(&self) -> u64 {
        self.holes
    }

    /// All of it.
    pub(crate) fn entries(&self) -> &[LogEntry] {
        &self.entries
    }

    /// What is at an offset.
    pub(crate) fn at(&self, offset: u64) -> Option<&LogEntry> {
        self.entries.get(usize::try_from(offset.checked_sub(self.base + 1)?).ok()?)
    }

    /// The sum over the offsets from behind `after` up to `last`; nothing if the log does not have all of them.
    pub(crate) fn sum(&self, after: u64, last: u64) -> Option<u64> {
        let until = |offset: u64| self.sums.get(usize::try_from(offset.checked_sub(self.base)?).ok()?);
        Some(until(last)?.wrapping_sub(*until(after)?))
    }
}
