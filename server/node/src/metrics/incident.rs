//! How the record of incidents fares. What is in it is in the record alone.

use super::label::Book;
use super::sampled::{Level, copy, set};
use crate::assembly::Node;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Unit;

/// Looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct IncidentFigures {
    open: Level,
    bytes: Level,
    lines: Counter,
    held: Level,
    lost: Counter,
    failures: Counter,
    failing: Level,
}

impl IncidentFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self {
            open: book.one("incident_open", "1 while the record of an incident is open", None),
            bytes: book.one("incident", "Bytes of the timeline that is open", Some(Unit::Bytes)),
            lines: book.one("incident_lines", "Lines written into records", None),
            held: book.one("incident_held_entries", "Entries that wait for the disk", None),
            lost: book.one("incident_lost_entries", "Entries that were lost, as a bound was reached", None),
            failures: book.one(
                "incident_write_failures",
                "Times that the record could not be written; it is held",
                None,
            ),
            failing: book.one("incident_failing", "1 while the record cannot be written", None),
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let standing = node.incidents.standing();
        self.open.set(standing.open.is_some().into());
        self.bytes.set(standing.bytes);
        copy(&self.lines, standing.lines);
        set(&self.held, standing.held);
        copy(&self.lost, standing.lost);
        copy(&self.failures, standing.failures);
        self.failing.set(standing.is_failing.into());
    }
}
