//! A number of places, and a hold on one of them that gives it back when it is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many may hold a permit at once.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: usize,
    held: AtomicUsize,
}

/// A hold on a place; dropping it gives it back.
#[derive(Debug)]
#[must_use = "dropping a permit gives its place back"]
pub struct Permit(Arc<Inner>);

impl Budget {
    /// Places for so many.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Inner { max, held: AtomicUsize::new(0) }))
    }

    /// A place, if one is free.
    pub fn take(&self) -> Option<Permit> {
        let one_more = |held: usize| (held < self.0.max).then_some(held.saturating_add(1));
        let taken = self.0.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        taken.is_ok().then(|| Permit(Arc::clone(&self.0)))
    }

    /// How many are held.
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permit_gives_its_place_back_when_it_is_dropped() {
        let budget = Budget::new(2);
        let (one, two) = (budget.take(), budget.take());
        assert!(one.is_some() && two.is_some() && budget.take().is_none());
        drop(one);
        assert_eq!(budget.held(), 1);
        assert!(budget.take().is_some());
    }
}
