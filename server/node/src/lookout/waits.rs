//! How long something took lately, second by second, in a space that does not grow.

use crate::time_classes::{CLASSES, class, percentile};
use parking_lot::Mutex;
use std::time::Duration;

/// Whole seconds that are told of, and the one that is not over.
const SECONDS: usize = 11;

/// Times of the last ten seconds. Whoever has a clock says when a second is over.
#[derive(Debug)]
pub(crate) struct Waits(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    seconds: [[u32; CLASSES]; SECONDS],
    now: usize,
}

impl Default for Waits {
    fn default() -> Self {
        Self(Mutex::new(Kept { seconds: [[0; CLASSES]; SECONDS], now: 0 }))
    }
}

impl Waits {
    /// Something took so long.
    pub(crate) fn note(&self, took: Duration) {
        // A part of a millisecond is one: nothing takes no time.
        let millis = u64::try_from(took.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        let mut kept = self.0.lock();
        let now = kept.now;
        if let Some(count) = kept.seconds.get_mut(now).and_then(|second| second.get_mut(class(millis))) {
            *count = count.saturating_add(1);
        }
    }

    /// A second is over; what is older than ten is forgotten.
    pub(crate) fn second_is_over(&self) {
        let mut kept = self.0.lock();
        kept.now = (kept.now + 1) % SECONDS;
        let now = kept.now;
        if let Some(oldest) = kept.seconds.get_mut(now) {
            *oldest = [0; CLASSES];
        }
    }

    /// How long all but one in a hundred took at most, in milliseconds; nothing, if there was nothing.
    pub(crate) fn p99_ms(&self) -> Option<u64> {
        let mut sums = [0_u64; CLASSES];
        for second in &self.0.lock().seconds {
            for (sum, count) in sums.iter_mut().zip(second) {
                *sum = sum.saturating_add(u64::from(*count));
            }
        }
        percentile(&sums, 99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_seconds_are_told_of_and_then_forgotten() {
        let waits = Waits::default();
        assert_eq!(waits.p99_ms(), None);
        waits.note(Duration::from_micros(200));
        assert_eq!(waits.p99_ms(), Some(1));
        for _ in 0..99 {
            waits.note(Duration::from_millis(3));
        }
        waits.note(Duration::from_secs(9));
        waits.note(Duration::from_secs(9));
        assert!(waits.p99_ms().is_some_and(|p99| (9_000..9_901).contains(&p99)));
        for _ in 0..10 {
            waits.second_is_over();
        }
        assert!(waits.p99_ms().is_some());
        waits.second_is_over();
        assert_eq!(waits.p99_ms(), None);
    }
}
