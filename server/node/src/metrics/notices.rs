//! How organisers' screens are told of changes. Of which ones is in the channel alone.

use super::label::Book;
use super::sampled::{Level, copy, set};
use crate::assembly::Node;
use prometheus_client::metrics::counter::Counter;

/// Looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct NoticeFigures {
    told: Counter,
    waiting: Level,
    lost: Counter,
}

impl NoticeFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        Self {
            told: book.one("notices_told", "Notices that were put into service:organisers", None),
            waiting: book.one("notices_waiting", "Notices for organisers that wait to be told", None),
            lost: book.one("notices_lost", "Notices that were left out, as a bound was reached", None),
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let figures = node.notices.figures();
        copy(&self.told, figures.told);
        set(&self.waiting, figures.waiting);
        copy(&self.lost, figures.lost);
    }
}
