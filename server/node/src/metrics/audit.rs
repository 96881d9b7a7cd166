//! How the audit fares. Who did what is in the audit alone.

use super::label::Book;
use super::sampled::{Level, copy, set};
use crate::assembly::Node;
use prometheus_client::metrics::counter::Counter;

/// Looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct AuditFigures {
    entries: Counter,
    held: Level,
    lost: Counter,
    failures: Counter,
    failing: Level,
}

impl AuditFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self {
            entries: book.one("audit_entries", "Entries of the audit that were written", None),
            held: book.one("audit_held_entries", "Entries of the audit that wait for the disk", None),
            lost: book.one("audit_lost_entries", "Entries that were lost, as a bound was reached", None),
            failures: book.one(
                "audit_write_failures",
                "Times that the audit could not be written; it is held",
                None,
            ),
            failing: book.one("audit_failing", "1 while the audit cannot be written", None),
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let standing = node.audit.standing();
        copy(&self.entries, standing.written);
        set(&self.held, standing.held);
        copy(&self.lost, standing.lost);
        copy(&self.failures, standing.failures);
        self.failing.set(standing.is_failing.into());
    }
}
