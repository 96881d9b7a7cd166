//! The threshold: whoever's level is not after it is served. It moves with what was offered and with whether the node is
//! overloaded, as in DAGOR (Zhou et al., "Overload Control for Scaling Microservices", §4.2.3).

use crate::level::Level;

/// By how much less is let in after a window with overload, for each step of pressure.
const DECREASE: f64 = 0.95;
/// Steps that count at most: a pressure far over 1 is not five times as bad as one of five.
const STEPS_MAX: f64 = 5.0;
/// How much more of what is offered is let in after a window without.
const INCREASE: f64 = 0.01;

/// How many asked in a window, by level.
#[derive(Clone, PartialEq, Eq)]
pub struct Offered(Vec<u64>);

impl Default for Offered {
    fn default() -> Self {
        Self(vec![0; usize::from(Level::COUNT)])
    }
}

impl std::fmt::Debug for Offered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offered").field("total", &self.total()).finish()
    }
}

impl Offered {
    /// Counts those of a level.
    pub fn add(&mut self, level: Level, count: u64) {
        if let Some(slot) = self.0.get_mut(usize::from(level.number())) {
            *slot = slot.saturating_add(count);
        }
    }

    /// How many asked.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many have a level that is not after this one.
    fn up_to(&self, level: Level) -> u64 {
        self.0.iter().take(usize::from(level.number()) + 1).sum()
    }

    /// The last level up to which at most so many asked.
    fn level_for(&self, want: u64) -> Level {
        let mut sum = 0_u64;
        let mut fits = |count: &u64| {
            sum = sum.saturating_add(*count);
            sum <= want
        };
        let levels = self.0.iter().map_while(|count| fits(count).then_some(())).count();
        Level::from_number(u16::try_from(levels.saturating_sub(1)).unwrap_or(u16::MAX))
    }
}

/// The threshold of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold(Level);

impl Default for Threshold {
    fn default() -> Self {
        Self(Level::LAST)
    }
}

impl Threshold {
    /// Never lower than this: whoever shows a ticket is let in.
    pub const FLOOR: Level = Level::last_of(crate::Criticality::Returning);

    /// The last level that is let in.
    pub const fn level(self) -> Level {
        self.0
    }

    /// Moves at the end of a window, in which `offered` was asked under the threshold as it was. `pressure` is that of the
    /// overload, if there is one.
    pub fn adjust(&mut self, offered: &Offered, pressure: Option<f64>) {
        let admitted = offered.up_to(self.0);
        let level = if let Some(pressure) = pressure {
            let less = DECREASE.powf(pressure.clamp(1.0, STEPS_MAX).ceil());
            // At least one less, or a trickle could not be shed.
            let want = scaled(admitted, less).min(admitted.saturating_sub(1));
            offered.level_for(want).min(self.0)
        } else {
            let more = scaled(offered.total(), INCREASE).max(1);
            let want = admitted.saturating_add(more);
            // At least one level more, or one with many would never be let in again.
            let next = Level::from_number(self.0.number().saturating_add(1));
            if want >= offered.total() { Level::LAST } else { offered.level_for(want).max(next) }
        };
        self.0 = level.max(Self::FLOOR);
    }
}

fn scaled(count: u64, by: f64) -> u64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count of requests, not negative and far below 2^52"
    )]
    let scaled = (count as f64 * by) as u64;
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Criticality;
    use proptest::prelude::*;

    /// So many of a class, spread over its buckets.
    fn crowd(offered: &mut Offered, class: Criticality, count: u64) {
        for subject in 0..count {
            offered.add(Level::of(class, subject, 1), 1);
        }
    }

    #[test]
    fn strangers_are_shed_before_members_and_members_with_tickets_never() {
        let mut threshold = Threshold::default();
        let mut offered = Offered::default();
        crowd(&mut offered, Criticality::Returning, 1_000);
        crowd(&mut offered, Criticality::Member, 1_000);
        crowd(&mut offered, Criticality::Stranger, 10_000);
        threshold.adjust(&offered, Some(5.0));
        assert!(threshold.level() < Level::last_of(Criticality::Stranger));
        assert!(threshold.level() >= Level::last_of(Criticality::Member));
        for _ in 0..100 {
            threshold.adjust(&offered, Some(5.0));
        }
        assert_eq!(threshold.level(), Threshold::FLOOR);
    }

    #[test]
    fn a_crowd_of_twenty_times_is_shed_within_a_dozen_windows() {
        let mut threshold = Threshold::default();
        let mut offered = Offered::default();
        crowd(&mut offered, Criticality::Stranger, 20_000);
        let windows = (1..100).find(|_| {
            threshold.adjust(&offered, Some(5.0));
            offered.up_to(threshold.level()) <= 1_000
        });
        assert!(windows.is_some_and(|windows| windows <= 12), "{windows:?}");
    }

    #[test]
    fn all_are_let_in_again_when_the_overload_is_over() {
        let mut threshold = Threshold::default();
        let mut offered = Offered::default();
        crowd(&mut offered, Criticality::Stranger, 1_000);
        for _ in 0..100 {
            threshold.adjust(&offered, Some(2.0));
        }
        // None are left, and whoever comes before them is not shed for it.
        assert_eq!(threshold.level(), Level::last_of(Criticality::Newcomer));
        let windows = (1..=200).find(|_| {
            threshold.adjust(&offered, None);
            threshold.level() == Level::LAST
        });
        assert!(windows.is_some_and(|windows| (50..=128).contains(&windows)), "{windows:?}");
    }

    #[test]
    fn nobody_left_to_ask_lets_all_in() {
        let mut threshold = Threshold::default();
        let mut offered = Offered::default();
        crowd(&mut offered, Criticality::Stranger, 100);
        threshold.adjust(&offered, Some(5.0));
        threshold.adjust(&Offered::default(), None);
        assert_eq!(threshold.level(), Level::LAST);
    }

    proptest! {
        #[test]
        fn it_falls_only_under_overload_and_rises_only_without(
            windows in proptest::collection::vec((any::<Option<u8>>(), 0_u64..5_000, 0_u64..5_000), 1..50)
        ) {
            let mut threshold = Threshold::default();
            for (pressure, members, strangers) in windows {
                let mut offered = Offered::default();
                crowd(&mut offered, Criticality::Member, members);
                crowd(&mut offered, Criticality::Stranger, strangers);
                let before = threshold.level();
                threshold.adjust(&offered, pressure.map(f64::from));
                prop_assert!(threshold.level() >= Threshold::FLOOR);
                if pressure.is_some() {
                    prop_assert!(threshold.level() <= before);
                } else {
                    prop_assert!(threshold.level() >= before);
                }
            }
        }
    }
}
