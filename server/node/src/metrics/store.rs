//! What a node asks of its store, how it was answered, and how long that took.

use crate::lookout::Waits;
use crate::metrics::label::{Book, Each, Label};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use std::borrow::Cow;
use std::time::Duration;

/// From a read of what is in memory to a store that nearly times out.
const BUCKETS_SECONDS: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What is asked of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Follow,
    Latest,
    Publish,
    RecordCommit,
    RecordGet,
    RecordScan,
    Repair,
    Replay,
    Top,
    Trim,
}

impl Label for Operation {
    const NAME: &'static str = "operation";
    const ALL: &'static [Self] = &[
        Self::Follow,
        Self::Latest,
        Self::Publish,
        Self::RecordCommit,
        Self::RecordGet,
        Self::RecordScan,
        Self::Repair,
        Self::Replay,
        Self::Top,
        Self::Trim,
    ];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Follow => "follow",
            Self::Latest => "latest",
            Self::Publish => "publish",
            Self::RecordCommit => "record_commit",
            Self::RecordGet => "record_get",
            Self::RecordScan => "record_scan",
            Self::Repair => "repair",
            Self::Replay => "replay",
            Self::Top => "top",
            Self::Trim => "trim",
        }
        .into()
    }
}

/// How a store answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done; for a publish or a commit: it is stored.
    Done,
    /// It was stored already.
    Duplicate,
    /// The store keeps as much as it may: nothing happened.
    NoRoom,
    /// What was asked for is gone, or a record changed meanwhile, or the key belongs to another message.
    Refused,
    /// Nothing happened.
    Unavailable,
    /// It may have happened.
    Unknown,
}

impl Label for Outcome {
    const NAME: &'static str = "outcome";
    const ALL: &'static [Self] =
        &[Self::Done, Self::Duplicate, Self::NoRoom, Self::Refused, Self::Unavailable, Self::Unknown];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Done => "done",
            Self::Duplicate => "duplicate",
            Self::NoRoom => "no_room",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
        .into()
    }
}

/// Counters and latencies of a store.
#[derive(Debug)]
pub(crate) struct StoreOperations {
    committed_within: Waits,
    outcomes: Each<Operation, Each<Outcome, Counter>>,
    seconds: Each<Operation, Histogram>,
}

impl StoreOperations {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            committed_within: Waits::default(),
            outcomes: book.each_of_two(
                "store_operations",
                "What was asked of the store, by its answer",
                None,
            ),
            seconds: book.each_made(
                "store_operation",
                "How long the store took to answer",
                Some(Unit::Seconds),
                || Histogram::new(BUCKETS_SECONDS),
            ),
        }
    }

    /// The store answered.
    pub(crate) fn answered(&self, operation: Operation, outcome: Outcome, took: Duration) {
        if let Some(counter) = self.outcomes.of_both(operation, outcome) {
            counter.inc();
        }
        if let Some(seconds) = self.seconds.of(operation) {
            seconds.observe(took.as_secs_f64());
        }
        if matches!(operation, Operation::Publish | Operation::RecordCommit) {
            self.committed_within.note(took);
        }
    }

    /// How long the store took for what it keeps, well or not.
    pub(crate) const fn committed_within(&self) -> &Waits {
        &self.committed_within
    }

    /// Messages that were stored since the start.
    pub(crate) fn publishes_done(&self) -> u64 {
        self.outcomes.of_both(Operation::Publish, Outcome::Done).map_or(0, Counter::get)
    }

    #[cfg(test)]
    pub(crate) fn count(&self, operation: Operation, outcome: Outcome) -> u64 {
        self.outcomes.of_both(operation, outcome).unwrap().get()
    }
}
