//! The only clocks and the only chance of the tool. The monotonic clock is the machine's: readings of two processes
//! can be compared, so that what one published and another read gives a latency.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, SystemTime};

/// Microseconds of the machine's monotonic clock.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub(crate) struct Micros(pub(crate) u64);

impl Micros {
    /// Reads the clock.
    pub(crate) fn now() -> Self {
        let time = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
        Self(seconds.saturating_mul(1_000_000).saturating_add(nanos / 1_000))
    }

    /// So much later.
    #[must_use]
    pub(crate) fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// How long it has been since an earlier reading; 0 if that is later.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Seconds since an earlier reading.
    pub(crate) const fn seconds_since(self, earlier: Self) -> f64 {
        Duration::from_micros(self.since(earlier)).as_secs_f64()
    }
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The wall clock, for names and documents.
#[expect(clippy::disallowed_methods, reason = "the wall clock of the tool")]
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}

/// The wall clock as tokens count it.
pub(crate) fn wall_timestamp() -> protocol::Timestamp {
    let since = wall().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    protocol::Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
