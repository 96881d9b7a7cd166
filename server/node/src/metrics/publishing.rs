//! What becomes of messages before the store has them: how long they wait, in which lane, and why some are refused.

use crate::assembly::Node;
use crate::clock;
use crate::lookout::Waits;
use crate::metrics::label::{Book, Each, Label};
use crate::metrics::sampled::{Level, set};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use protocol::Lane;
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// From a turn at once to the longest that anybody waits.
const BUCKETS_SECONDS: [f64; 12] =
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0];

/// Why a message was not stored now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// As many messages wait, or as many bytes are unanswered, as may be.
    NodeFull,
    /// It was not its turn for so long.
    NotInTime,
    /// Its author has as many unanswered as they may.
    OverCredit,
    /// The store cannot take a message now.
    StoreAway,
    /// The store keeps as much as it may.
    StoreFull,
    /// The store did not say whether it took it.
    Unknown,
}

impl Label for Refused {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] =
        &[Self::NodeFull, Self::NotInTime, Self::OverCredit, Self::StoreAway, Self::StoreFull, Self::Unknown];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::NodeFull => "node_full",
            Self::NotInTime => "not_in_time",
            Self::OverCredit => "over_credit",
            Self::StoreAway => "store_away",
            Self::StoreFull => "store_full",
            Self::Unknown => "unknown",
        }
        .into()
    }
}

impl Label for Lane {
    const NAME: &'static str = "lane";
    const ALL: &'static [Self] = &Self::ALL;

    fn value(self) -> Cow<'static, str> {
        self.as_str().into()
    }
}

/// Counters and gauges of publishing.
#[derive(Debug)]
pub(crate) struct Publishing {
    stored_within: Waits,
    refused: Each<Refused, Counter>,
    not_urgent: Counter,
    wait: Each<Lane, Histogram>,
    waiting: Each<Lane, Level>,
    oldest: Each<Lane, Gauge<f64, AtomicU64>>,
    with_store: Level,
    unanswered: Level,
    full: Level,
}

impl Publishing {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            stored_within: Waits::default(),
            refused: book.each(
                "publishes_refused",
                "Messages that were not stored now, by the reason; the same may be sent again",
                None,
            ),
            not_urgent: book.one(
                "publishes_not_urgent",
                "Urgent messages that went as normal because their sender had said too many",
                None,
            ),
            wait: book.each_made(
                "publish_wait",
                "How long messages waited for their turn at the store",
                Some(Unit::Seconds),
                || Histogram::new(BUCKETS_SECONDS),
            ),
            waiting: book.each("publishes_waiting", "Messages that wait for their turn at the store", None),
            oldest: book.each(
                "publishes_waiting_oldest",
                "How long the message that waits longest for its turn has waited",
                Some(Unit::Seconds),
            ),
            with_store: book.one("publishes_with_store", "Messages that are with the store", None),
            unanswered: book.one(
                "publishes_unanswered",
                "Bytes of messages that are not answered, with what each counts for besides",
                Some(Unit::Bytes),
            ),
            full: book.one(
                "store_full",
                "1 from a message for which the store had no room until the next that it took",
                None,
            ),
        }
    }

    /// A message was not stored now.
    pub(crate) fn refused(&self, reason: Refused) {
        if let Some(counter) = self.refused.of(reason) {
            counter.inc();
        }
    }

    /// An urgent message went as normal.
    pub(crate) fn not_urgent(&self) {
        self.not_urgent.inc();
    }

    /// It was a message's turn.
    pub(crate) fn turn(&self, lane: Lane, waited: Duration) {
        if let Some(wait) = self.wait.of(lane) {
            wait.observe(waited.as_secs_f64());
        }
    }

    /// How long it took until messages were stored, from when they were accepted.
    pub(crate) const fn stored_within(&self) -> &Waits {
        &self.stored_within
    }

    /// Messages that were not stored now since the start, and may be sent again.
    pub(crate) fn asked_to_come_again(&self) -> u64 {
        let counters = Refused::ALL.iter().filter_map(|reason| self.refused.of(*reason));
        counters.fold(0, |sum, counter| sum.saturating_add(counter.get()))
    }

    /// Looks up what waits now.
    pub(crate) fn sample(&self, node: &Node) {
        let queued = node.publisher.queued(clock::now().instant);
        for (lane, messages, age) in queued.lanes {
            if let Some(gauge) = self.waiting.of(lane) {
                set(gauge, messages);
            }
            if let Some(gauge) = self.oldest.of(lane) {
                gauge.set(age.as_secs_f64());
            }
        }
        set(&self.with_store, queued.with_store);
        set(&self.unanswered, node.publisher.unanswered_bytes());
        self.full.set(node.publisher.is_full().into());
    }

    #[cfg(test)]
    pub(crate) fn count(&self, reason: Refused) -> u64 {
        self.refused.of(reason).unwrap().get()
    }
}
