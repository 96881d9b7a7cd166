//! The prefixes that come most, exactly as far as there is room: Space-Saving (Metwally et al., "Efficient Computation of
//! Frequent and Top-k Elements in Data Streams", 2005). A new prefix takes the place of the one that came least, and its
//! count; so who comes more often than all others share is never missed, and nobody is told to have come less than they
//! did.

use crate::prefix::Prefix;
use protocol::Timestamp;
use std::collections::HashMap;

protocol::limits! {
    /// Prefixes that are followed one by one; of more, those that came most.
    pub const HEAVY_PREFIXES_MAX: usize = 1_024 => unseen;
}

/// What is known of a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heavy {
    /// How often it came; at most so many times too often.
    pub offered: u64,
    /// By how much that may be too much.
    pub error: u64,
    /// The most that came in one second.
    pub peak_per_second: u64,
    /// Since when it is followed.
    pub first_seen: Timestamp,
    /// When it came last.
    pub last_seen: Timestamp,
    second: u64,
    in_second: u64,
}

/// The prefixes that come most.
#[derive(Debug, Default)]
pub struct HeavyHitters(HashMap<Prefix, Heavy>);

impl HeavyHitters {
    /// One came.
    pub fn note(&mut self, prefix: Prefix, now: Timestamp) {
        if !self.0.contains_key(&prefix) {
            let error = if self.0.len() >= HEAVY_PREFIXES_MAX { self.forget_lightest() } else { 0 };
            let heavy = Heavy {
                offered: error,
                error,
                peak_per_second: 0,
                first_seen: now,
                last_seen: now,
                second: now.as_secs(),
                in_second: 0,
            };
            self.0.insert(prefix, heavy);
        }
        let Some(heavy) = self.0.get_mut(&prefix) else { return };
        if heavy.second != now.as_secs() {
            (heavy.second, heavy.in_second) = (now.as_secs(), 0);
        }
        heavy.in_second = heavy.in_second.saturating_add(1);
        heavy.peak_per_second = heavy.peak_per_second.max(heavy.in_second);
        heavy.offered = heavy.offered.saturating_add(1);
        heavy.last_seen = now;
    }

    fn forget_lightest(&mut self) -> u64 {
        let lightest = self.0.iter().min_by_key(|(prefix, heavy)| (heavy.offered, **prefix));
        let Some((prefix, heavy)) = lightest.map(|(prefix, heavy)| (*prefix, *heavy)) else { return 0 };
        self.0.remove(&prefix);
        heavy.offered
    }

    /// Those that came at least so often for certain, most first.
    pub fn least(&self, offered: u64) -> Vec<(Prefix, Heavy)> {
        let sure = |heavy: &Heavy| heavy.offered.saturating_sub(heavy.error) >= offered;
        let mut heavy: Vec<_> =
            self.0.iter().filter(|(_, heavy)| sure(heavy)).map(|(prefix, heavy)| (*prefix, *heavy)).collect();
        heavy.sort_by_key(|(prefix, heavy)| (std::cmp::Reverse(heavy.offered), *prefix));
        heavy
    }

    /// Forgets all: nobody asks any more where who came from.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn prefix(n: u32) -> Prefix {
        Prefix::of(Ipv4Addr::from_bits(n).into())
    }

    const fn at(second: u64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    #[test]
    fn who_comes_most_is_not_missed_among_many() {
        let mut heavy = HeavyHitters::default();
        for n in 0..50_000_u32 {
            heavy.note(prefix(n), at(1));
            if n.is_multiple_of(10) {
                heavy.note(prefix(u32::MAX), at(1));
            }
        }
        let first = heavy.least(1_000)[0];
        assert_eq!(first.0, prefix(u32::MAX));
        assert!(first.1.offered >= 5_000, "{first:?}");
        assert!(heavy.least(0).len() <= HEAVY_PREFIXES_MAX);
    }

    #[test]
    fn the_peak_is_that_of_the_worst_second() {
        let mut heavy = HeavyHitters::default();
        for (second, count) in [(1, 3), (2, 7), (3, 2)] {
            for _ in 0..count {
                heavy.note(prefix(1), at(second));
            }
        }
        let (_, one) = heavy.least(1)[0];
        assert_eq!((one.offered, one.peak_per_second, one.first_seen, one.last_seen), (12, 7, at(1), at(3)));
    }

    #[test]
    fn what_is_cleared_is_forgotten() {
        let mut heavy = HeavyHitters::default();
        heavy.note(prefix(1), at(1));
        heavy.clear();
        assert!(heavy.least(0).is_empty());
    }
}
