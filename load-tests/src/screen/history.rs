//! The last intervals, folded into as many columns as there is room for.

use super::format;
use crate::report::series::Interval;
use std::collections::VecDeque;

/// Most intervals that are remembered: five minutes of seconds. For each one more the oldest is forgotten.
const INTERVALS_MAX: usize = 300;

/// What is drawn of an interval.
#[derive(Debug, Clone, Copy)]
struct Sample {
    seconds: f64,
    delivered_per_second: f64,
    live_p99_ms: Option<f64>,
}

/// The last intervals.
#[derive(Debug, Default)]
pub(super) struct History {
    samples: VecDeque<Sample>,
    /// How many were forgotten.
    forgotten: usize,
}

impl History {
    /// Remembers an interval.
    pub(super) fn push(&mut self, interval: &Interval) {
        if self.samples.len() >= INTERVALS_MAX {
            self.samples.pop_front();
            self.forgotten += 1;
        }
        self.samples.push_back(Sample {
            seconds: interval.dt,
            delivered_per_second: format::rate(interval.delivered, interval.dt),
            live_p99_ms: interval.live_p99_ms,
        });
    }

    /// How long a time it is.
    pub(super) fn seconds(&self) -> f64 {
        self.samples.iter().map(|sample| sample.seconds).sum()
    }

    /// Deliveries per second: the mean in each column.
    pub(super) fn deliveries(&self, width: usize) -> Vec<Option<u64>> {
        self.columns(width, |samples| {
            let seconds: f64 = samples.iter().map(|sample| sample.seconds).sum();
            let delivered: f64 =
                samples.iter().map(|sample| sample.delivered_per_second * sample.seconds).sum();
            (seconds > 0.0).then(|| format::whole(delivered / seconds))
        })
    }

    /// The p99 of live deliveries, in microseconds: the worst in each column, for a mean of percentiles is none.
    pub(super) fn live_p99_micros(&self, width: usize) -> Vec<Option<u64>> {
        self.columns(width, |samples| {
            let worst = samples.iter().filter_map(|sample| sample.live_p99_ms).reduce(f64::max)?;
            Some(format::whole(worst * 1_000.0))
        })
    }

    /// The highest rate of deliveries of a single interval.
    pub(super) fn deliveries_highest(&self) -> f64 {
        self.samples.iter().map(|sample| sample.delivered_per_second).fold(0.0, f64::max)
    }

    /// The worst p99 of a single interval.
    pub(super) fn live_p99_worst_ms(&self) -> Option<f64> {
        self.samples.iter().filter_map(|sample| sample.live_p99_ms).reduce(f64::max)
    }

    /// Folds as few intervals into a column as let all of them fit. Where columns begin is counted from the first
    /// interval of the run: a column that is drawn keeps its intervals while it moves to the left.
    fn columns(&self, width: usize, fold: impl Fn(&[Sample]) -> Option<u64>) -> Vec<Option<u64>> {
        if width == 0 {
            return Vec::new();
        }
        let samples: Vec<Sample> = self.samples.iter().copied().collect();
        let each = samples.len().div_ceil(width).max(1);
        let begun = self.forgotten % each;
        let first = if begun == 0 { 0 } else { each - begun }.min(samples.len());
        let (head, tail) = samples.split_at(first);
        let head = (!head.is_empty()).then_some(head);
        let mut columns: Vec<_> = head.into_iter().chain(tail.chunks(each)).map(fold).collect();
        // A begun column at either end can make one too many.
        let over = columns.len().saturating_sub(width);
        columns.drain(..over);
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rates: impl IntoIterator<Item = u64>) -> History {
        let mut history = History::default();
        for delivered in rates {
            let live_p99_ms = (delivered > 0).then_some(format::rate(delivered, 1_000.0));
            history.push(&Interval { dt: 1.0, delivered, live_p99_ms, ..Interval::default() });
        }
        history
    }

    #[test]
    fn what_fits_is_shown_interval_by_interval() {
        assert_eq!(history([1, 2, 3]).deliveries(3), [Some(1), Some(2), Some(3)]);
        assert_eq!(history([]).deliveries(3), []);
        assert_eq!(history([1]).deliveries(0), []);
    }

    #[test]
    fn what_does_not_fit_is_folded_to_the_mean_and_the_worst() {
        let history = history([2, 4, 0, 0, 9]);
        assert_eq!(history.deliveries(3), [Some(3), Some(0), Some(9)]);
        assert_eq!(history.live_p99_micros(3), [Some(4), None, Some(9)]);
    }

    #[test]
    fn a_column_keeps_its_intervals_when_older_ones_are_forgotten() {
        let width = INTERVALS_MAX / 3;
        let rates = |until: usize| (0..until).map(|at| if at % 3 == 2 { 30 } else { 0 });
        let shown = |until| history(rates(until)).deliveries(width);
        assert_eq!(shown(INTERVALS_MAX), vec![Some(10); width]);
        for until in INTERVALS_MAX..INTERVALS_MAX + 9 {
            let columns = shown(until);
            assert_eq!(columns.len(), width);
            let whole = &columns[1..columns.len() - 1];
            assert!(whole.iter().all(|column| *column == Some(10)), "{until}: {columns:?}");
        }
    }

    #[test]
    fn the_oldest_is_forgotten_at_the_bound() {
        let history = history(0..1_000);
        assert_eq!(history.samples.len(), INTERVALS_MAX);
        assert_eq!(format::number(history.seconds()), "300");
        assert_eq!(format::number(history.deliveries_highest()), "999");
    }
}
