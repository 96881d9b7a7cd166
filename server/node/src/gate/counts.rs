//! How many asked since the controller looked last, by level; counted by all workers without a lock.

use admission::{Level, Offered};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug)]
pub(super) struct Counts {
    levels: Vec<AtomicU32>,
    total: AtomicU32,
}

impl Default for Counts {
    fn default() -> Self {
        let levels = (0..Level::COUNT).map(|_| AtomicU32::new(0)).collect();
        Self { levels, total: AtomicU32::new(0) }
    }
}

impl Counts {
    /// Somebody of a level asks.
    pub(super) fn offered(&self, level: Level) {
        if let Some(count) = self.levels.get(usize::from(level.number())) {
            count.fetch_add(1, Ordering::Relaxed);
            self.total.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many asked since they were taken last.
    pub(super) fn total(&self) -> u32 {
        self.total.load(Ordering::Relaxed)
    }

    /// Takes the counts; they begin anew.
    pub(super) fn take(&self) -> Offered {
        self.total.store(0, Ordering::Relaxed);
        let mut offered = Offered::default();
        for (number, count) in (0..).zip(&self.levels) {
            match count.swap(0, Ordering::Relaxed) {
                0 => {}
                count => offered.add(Level::from_number(number), count.into()),
            }
        }
        offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use admission::Criticality;

    #[test]
    fn what_was_counted_is_taken_once() {
        let counts = Counts::default();
        for _ in 0..3 {
            counts.offered(Level::last_of(Criticality::Stranger));
        }
        assert_eq!(counts.total(), 3);
        assert_eq!(counts.take().total(), 3);
        assert_eq!((counts.total(), counts.take().total()), (0, 0));
    }
}
