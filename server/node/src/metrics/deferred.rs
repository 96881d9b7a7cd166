//! What readers are told later while the service is pressed: how many channels wait, and for how long it was.

use super::sampled::{Level, set};
use crate::metrics::label::{Book, Each};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;
use protocol::Lane;
use std::time::Duration;

/// Around a quarter of a second, which normal messages wait at most, and three, which bulk ones do.
const BUCKETS_SECONDS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.3, 0.5, 1.0, 3.0, 3.5];

/// What waits on purpose, and waited.
#[derive(Debug)]
pub(crate) struct DeferredFigures {
    channels: Level,
    wait: Each<Lane, Histogram>,
}

impl DeferredFigures {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            channels: book.one(
                "deferred_channels",
                "Channels whose readers are told later, because of the posture, of what was published",
                None,
            ),
            wait: book.each_made(
                "deferred_wait",
                "How long readers were not told on purpose, by lane: of the first publication of those told at once",
                Some(Unit::Seconds),
                || Histogram::new(BUCKETS_SECONDS),
            ),
        }
    }

    /// So many channels wait.
    pub(crate) fn waiting(&self, channels: usize) {
        set(&self.channels, channels);
    }

    /// Readers are told of what waited for so long.
    pub(crate) fn waited(&self, lane: Lane, time: Duration) {
        if let Some(wait) = self.wait.of(lane) {
            wait.observe(time.as_secs_f64());
        }
    }
}
