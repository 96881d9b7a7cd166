//! How often each bound was reached.

use crate::metrics::label::Book;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use protocol::limits::{Limit, Seen};
use std::collections::HashMap;

/// A counter for each bound that is counted; made once, so that counting takes no lock.
#[derive(Debug)]
pub(crate) struct LimitCounters {
    reached: HashMap<&'static str, Counter>,
}

impl LimitCounters {
    pub(crate) fn new(book: &mut Book<'_>, limits: impl Iterator<Item = Limit>) -> Self {
        let family = Family::<Vec<(&'static str, String)>, Counter>::default();
        let counted = limits.filter(|limit| limit.seen == Seen::Counted);
        let reached = counted
            .map(|limit| (limit.name, family.get_or_create_owned(&vec![("limit", limit.label())])))
            .collect();
        book.register(
            "limits_reached",
            "Times that a bound was reached, by its name in docs/limits.md",
            None,
            family,
        );
        Self { reached }
    }

    /// Somebody reached a bound.
    pub(crate) fn reached(&self, limit: Limit) {
        if let Some(counter) = self.reached.get(limit.name) {
            counter.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;
    use protocol::limits::reached;

    #[test]
    fn bounds_are_counted_by_name_and_those_that_are_seen_elsewhere_are_not() {
        let mut registry = Registry::default();
        let counters = LimitCounters::new(&mut Book(&mut registry), crate::limits::all());
        counters.reached(reached::FRAME_MAX_BYTES);
        counters.reached(reached::PAGE_MAX_BYTES);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("limits_reached_total{limit=\"frame_max_bytes\"} 1\n"), "{text}");
        assert!(text.contains("limits_reached_total{limit=\"commands_per_frame_max\"} 0\n"), "{text}");
        assert!(!text.contains("page_max_bytes"), "{text}");
    }
}
