//! The way from the store's feed to the rings.

use crate::metrics::label::{Book, Each, Label};
use hub::Delivery;
use prometheus_client::metrics::counter::Counter;
use std::borrow::Cow;

/// Counters of the feed.
#[derive(Debug)]
pub(crate) struct FeedCounters {
    announcements: Each<Delivery, Counter>,
    /// How often the store said that something may have been missed.
    pub(crate) interruptions: Counter,
    comparisons: Each<Compared, Counter>,
    /// Publications that the feed had not brought.
    pub(crate) filled: Counter,
    /// Publications that the store had lost and got back from here.
    pub(crate) repaired: Counter,
}

/// How a comparison of a ring with the log went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compared {
    /// The ring is where the log is.
    Done,
    /// The store did not allow it; it is tried again.
    Failed,
}

impl FeedCounters {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            announcements: book.each(
                "feed_announcements",
                "Publications that the store announced, by what the ring made of them",
                None,
            ),
            interruptions: book.one(
                "feed_interruptions",
                "Times that the store said something may have been missed, among them a feed that was full",
                None,
            ),
            comparisons: book.each("feed_comparisons", "Comparisons of a ring with the log", None),
            filled: book.one(
                "feed_publications_filled",
                "Publications that a ring got from the log because the feed had not brought them",
                None,
            ),
            repaired: book.one(
                "feed_publications_repaired",
                "Publications that the store had lost and got back from this node",
                None,
            ),
        }
    }

    /// The store announced a publication.
    pub(crate) fn announced(&self, delivery: Delivery) {
        if let Some(counter) = self.announcements.of(delivery) {
            counter.inc();
        }
    }

    /// A ring was compared with the log.
    pub(crate) fn compared(&self, how: Compared) {
        if let Some(counter) = self.comparisons.of(how) {
            counter.inc();
        }
    }
}

impl Label for Delivery {
    const NAME: &'static str = "delivery";
    const ALL: &'static [Self] = &[Self::Appended, Self::Gap, Self::NewEpoch, Self::NotAnchored, Self::Old];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Appended => "appended",
            Self::Gap => "gap",
            Self::NewEpoch => "new_epoch",
            Self::NotAnchored => "not_anchored",
            Self::Old => "old",
        }
        .into()
    }
}

impl Label for Compared {
    const NAME: &'static str = "outcome";
    const ALL: &'static [Self] = &[Self::Done, Self::Failed];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
        .into()
    }
}
