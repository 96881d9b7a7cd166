//! How the account of what left fares. Whose bytes they are is in the account alone.

use super::label::Book;
use super::sampled::{Level, copy, set};
use crate::assembly::Node;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Unit;

/// Looked up when somebody asks.
#[derive(Debug)]
pub(crate) struct EgressFigures {
    accounted: Counter,
    written: Counter,
    lines: Counter,
    failures: Counter,
    failing: Level,
    held: Level,
    coarsened: Counter,
    unattributed: Counter,
    over_budget: Level,
}

impl EgressFigures {
    pub(super) fn new(book: &mut Book<'_>) -> Self {
        let bytes = || Some(Unit::Bytes);
        Self {
            accounted: book.one(
                "egress_accounted",
                "Bytes to clients that connections accounted for",
                bytes(),
            ),
            written: book.one(
                "egress_recorded",
                "Bytes to clients for which the account on disk speaks",
                bytes(),
            ),
            lines: book.one("egress_lines", "Lines of the account of what left", None),
            failures: book.one(
                "egress_flush_failures",
                "Times that the account could not be written; it is held",
                None,
            ),
            failing: book.one("egress_failing", "1 while the account cannot be written", None),
            held: book.one("egress_held_ranges", "Ranges of publications that wait to be written", None),
            coarsened: book.one(
                "egress_coarsened_ranges",
                "Ranges that say less exactly which publications left, as a bound was reached",
                None,
            ),
            over_budget: book.one(
                "egress_over_budget",
                "Accounts that got more than their budget in the hour that runs",
                None,
            ),
            unattributed: book.one(
                "egress_unattributed",
                "Bytes of which the account does not say whose they were, as a bound was reached",
                bytes(),
            ),
        }
    }

    pub(super) fn sample(&self, node: &Node) {
        let figures = node.egress.figures();
        copy(&self.accounted, figures.ledger.accounted_bytes);
        copy(&self.written, figures.written_bytes);
        copy(&self.lines, figures.lines);
        copy(&self.failures, figures.flush_failures);
        self.failing.set(figures.is_failing.into());
        set(&self.held, figures.ledger.held_ranges);
        copy(&self.coarsened, figures.ledger.coarsened_ranges);
        copy(&self.unattributed, figures.ledger.unattributed_bytes);
        set(&self.over_budget, figures.ledger.over_budget);
    }
}
