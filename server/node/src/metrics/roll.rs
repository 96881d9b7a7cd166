//! How many members a node knows, and what that takes. Who they are is nowhere in metrics.

use super::label::Book;
use super::sampled::{Level, set};
use crate::assembly::Node;
use prometheus_client::registry::Unit;

/// Looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct RollFigures {
    members: Level,
    bytes: Level,
    partial: Level,
}

impl RollFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self {
            members: book.one("roll_members", "Active members on the node's roll", None),
            bytes: book.one("roll", "Bytes that the roll takes, about", Some(Unit::Bytes)),
            partial: book.one(
                "roll_partial",
                "1 while there are more members than the roll holds, so that no audience is counted",
                None,
            ),
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let figures = node.roll.figures();
        self.members.set(figures.members);
        set(&self.bytes, figures.bytes);
        self.partial.set(figures.is_partial.into());
    }
}
