//! A rate with a burst: the generic cell rate algorithm (ITU-T I.371), a time instead of a bucket.

use std::time::{Duration, Instant};

/// So many a second, and so many at once after a quiet time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    interval: Duration,
    burst: Duration,
    /// When the next one would be on time.
    due: Option<Instant>,
}

impl Allowance {
    /// `per_second` and `burst` are at least 1.
    pub fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self { interval, burst: interval.saturating_mul(burst.max(1)), due: None }
    }

    /// Takes one if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let due = self.due.map_or(now, |due| due.max(now)) + self.interval;
        let has = due.saturating_duration_since(now) <= self.burst;
        if has {
            self.due = Some(due);
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate() {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let mut allowance = Allowance::new(10, 5);
        let taken = (0..100).filter(|_| allowance.take(start)).count();
        assert_eq!(taken, 5);
        let later = (1..=1_000).filter(|ms| allowance.take(start + Duration::from_millis(*ms))).count();
        assert_eq!(later, 10);
    }
}
