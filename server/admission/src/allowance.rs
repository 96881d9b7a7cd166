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

    /// From now on so many a second, with the same time's worth at once.
    pub fn set(&mut self, per_second: u32, burst: u32) {
        *self = Self { due: self.due, ..Self::new(per_second, burst) };
    }

    /// Takes one if there is one, and `spare` are left for those who go before.
    pub fn take(&mut self, spare: u32, now: Instant) -> bool {
        let has = self.has(spare, now);
        if has {
            self.due = Some(self.next(now));
        }
        has
    }

    /// Whether [`take`](Self::take) would take one.
    pub fn has(&self, spare: u32, now: Instant) -> bool {
        let burst = self.burst.saturating_sub(self.interval.saturating_mul(spare));
        self.next(now).saturating_duration_since(now) <= burst
    }

    /// When the one after the next would be on time.
    fn next(&self, now: Instant) -> Instant {
        self.due.map_or(now, |due| due.max(now)) + self.interval
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
        let taken = (0..100).filter(|_| allowance.take(0, start)).count();
        assert_eq!(taken, 5);
        let later = (1..=1_000).filter(|ms| allowance.take(0, start + Duration::from_millis(*ms))).count();
        assert_eq!(later, 10);
    }

    #[test]
    fn what_is_allowed_can_become_less_and_more() {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let mut allowance = Allowance::new(100, 10);
        let second = |allowance: &mut Allowance, from: u64| {
            let moments = (0..1_000).map(|ms| start + Duration::from_millis(from + ms));
            moments.filter(|now| allowance.take(0, *now)).count()
        };
        second(&mut allowance, 0);
        allowance.set(20, 4);
        assert!((20..=24).contains(&second(&mut allowance, 2_000)));
        allowance.set(100, 10);
        assert!((100..=110).contains(&second(&mut allowance, 4_000)));
    }

    #[test]
    fn who_goes_before_finds_what_others_had_to_leave() {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let mut allowance = Allowance::new(10, 5);
        let taken = |allowance: &mut Allowance, spare, from: u64, until: u64| {
            let moments = (from..until).map(|ms| start + Duration::from_millis(ms));
            moments.filter(|now| allowance.take(spare, *now)).count()
        };
        let at_once = (0..100).filter(|_| allowance.take(2, start)).count();
        assert_eq!(at_once, 3, "two are left");
        // All that comes later goes to whoever may take the last, however many others ask before.
        let (mut first, mut others) = (0, 0);
        for ms in 0..1_000 {
            others += taken(&mut allowance, 2, ms, ms + 1);
            first += taken(&mut allowance, 0, ms, ms + 1);
        }
        assert_eq!((first, others), (2 + 9, 0));
        assert!(!allowance.has(0, start + Duration::from_millis(999)));
    }
}
