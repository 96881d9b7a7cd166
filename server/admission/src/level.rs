//! A class and a bucket as one number, so that one comparison decides.

use crate::Criticality;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Buckets of a class (DAGOR: 128).
pub const BUCKETS: u16 = 128;

/// How soon somebody is shed: the higher the sooner. There are 6 × 128 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Level(u16);

impl Level {
    /// How many there are.
    pub const COUNT: u16 = 6 * BUCKETS;
    /// The one that is shed first: whoever lets this in lets all in.
    pub const LAST: Self = Self(Self::COUNT - 1);

    /// The level of somebody in a class. Their bucket is theirs for an hour: when a class is served in part, some have
    /// a whole service for that time rather than all a part of one, and in the next hour it is others (DAGOR, §4.2.2).
    /// `subject` is a number that stands for them, and that they cannot choose.
    pub fn of(class: Criticality, subject: u64, hour: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (hour, subject).hash(&mut hasher);
        let bucket = u16::try_from(hasher.finish() % u64::from(BUCKETS)).unwrap_or(0);
        Self(class.number() * BUCKETS + bucket)
    }

    /// The last level of a class: whoever lets this in lets all of the class in.
    pub const fn last_of(class: Criticality) -> Self {
        Self(class.number() * BUCKETS + BUCKETS - 1)
    }

    /// The level with this number; the last if there is none.
    pub const fn from_number(number: u16) -> Self {
        if number < Self::COUNT { Self(number) } else { Self::LAST }
    }

    /// Its number, from 0.
    pub const fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_class_that_matters_more_is_wholly_before_one_that_matters_less() {
        for pair in Criticality::ALL.windows(2) {
            let last = (0..1_000).map(|subject| Level::of(pair[0], subject, 7)).max();
            let first = (0..1_000).map(|subject| Level::of(pair[1], subject, 7)).min();
            assert!(last < first, "{pair:?}");
            assert!(last <= Some(Level::last_of(pair[0])));
        }
    }

    #[test]
    fn a_bucket_is_kept_for_an_hour_and_buckets_are_filled_evenly() {
        let level = |subject, hour| Level::of(Criticality::Member, subject, hour);
        assert_eq!(level(42, 1), level(42, 1));
        let moved = (0..1_000).filter(|subject| level(*subject, 1) != level(*subject, 2)).count();
        assert!(moved > 950, "{moved}");
        let used: BTreeSet<_> = (0..10_000).map(|subject| level(subject, 1)).collect();
        assert_eq!(used.len(), usize::from(BUCKETS));
    }
}
