//! Counts of the last five minutes, minute by minute, in a space that does not grow.

use super::{Report, Times};
use crate::time_classes::{CLASSES, class, percentile};

/// Whole minutes that are told of, and the one that is not over.
const MINUTES: usize = 5;
/// What was noted in one minute.
#[derive(Debug, Clone)]
struct Minute {
    number: u64,
    reports: u32,
    slow: u32,
    times: [u32; CLASSES],
}

/// The last minutes, in no order; a minute's number says which it is.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    minutes: [Minute; MINUTES],
}

impl Minute {
    const fn new(number: u64) -> Self {
        Self { number, reports: 0, slow: 0, times: [0; CLASSES] }
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self { minutes: [const { Minute::new(0) }; MINUTES] }
    }
}

impl Recent {
    /// Notes a report in a minute, which is never before that of an earlier report by more than the others are kept.
    pub(super) fn note(&mut self, report: Report<'_>, number: u64) {
        let Some(minute) =
            self.minutes.iter_mut().min_by_key(|minute| (minute.number != number, minute.number))
        else {
            return;
        };
        if minute.number != number {
            *minute = Minute::new(number);
        }
        minute.reports = minute.reports.saturating_add(1);
        match report {
            Report::Slow => minute.slow = minute.slow.saturating_add(1),
            Report::Times(times) => {
                for time in times {
                    if let Some(count) = minute.times.get_mut(class(*time)) {
                        *count = count.saturating_add(1);
                    }
                }
            }
        }
    }

    fn lately(&self, now: u64) -> impl Iterator<Item = &Minute> {
        let kept = u64::try_from(MINUTES).unwrap_or(u64::MAX);
        self.minutes.iter().filter(move |minute| minute.number <= now && now - minute.number < kept)
    }

    /// How many said that it is slow.
    pub(super) fn slow_reports(&self, now: u64) -> u64 {
        self.lately(now).map(|minute| u64::from(minute.slow)).sum()
    }

    /// At least so many members reported: each does so once a minute, so this many did within one.
    pub(super) fn reporters_at_least(&self, now: u64) -> u32 {
        // A report of each kind can be one member's.
        self.lately(now).map(|minute| minute.slow.max(minute.reports - minute.slow)).max().unwrap_or(0)
    }

    /// How long messages took. A time is given as the longest of its class: at most a tenth too much.
    pub(super) fn times(&self, now: u64) -> Option<Times> {
        let mut sums = [0_u64; CLASSES];
        for minute in self.lately(now) {
            for (sum, count) in sums.iter_mut().zip(&minute.times) {
                *sum = sum.saturating_add(u64::from(*count));
            }
        }
        let samples: u64 = sums.iter().sum();
        let at = |percent| percentile(&sums, percent);
        Some(Times { p50_ms: at(50)?, p99_ms: at(99)?, samples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(of: &[u64]) -> Option<Times> {
        let mut recent = Recent::default();
        for some in of.chunks(20) {
            recent.note(Report::Times(some), 7);
        }
        recent.times(7)
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(times(&[]), None);
        assert_eq!(Recent::default().slow_reports(0), 0);
    }

    #[test]
    fn a_minute_takes_the_place_of_the_oldest() {
        let mut recent = Recent::default();
        for minute in 0..100 {
            recent.note(Report::Slow, minute);
        }
        assert_eq!(recent.slow_reports(99), 5);
        assert_eq!(recent.slow_reports(102), 2);
        assert_eq!(recent.slow_reports(200), 0);
    }

    proptest! {
        #[test]
        fn a_percentile_is_at_most_a_tenth_too_much(mut all in prop::collection::vec(0u64..700_000, 1..400)) {
            let told = times(&all).unwrap();
            all.sort_unstable();
            let exact = |percent: usize| all[(all.len() * percent).div_ceil(100).max(1) - 1].min(600_000);
            for (told, exact) in [(told.p50_ms, exact(50)), (told.p99_ms, exact(99))] {
                prop_assert!(told >= exact && told <= exact + exact / 10 + 1, "{} for {}", told, exact);
            }
            prop_assert_eq!(told.samples, u64::try_from(all.len()).unwrap());
        }
    }
}
