//! Times in classes of milliseconds, each class a tenth longer than the last, so that a percentile of any number of times is
//! known in a space that does not grow, at most a tenth too much.

use std::time::Duration;

/// The first classes are single milliseconds; the last is longer than [`TIME_MAX`].
pub(crate) const CLASSES: usize = 128;

protocol::limits! {
    /// Longest time that is told apart; longer ones count as this.
    pub(crate) const TIME_MAX: Duration = Duration::from_mins(10) => unseen;
}

/// The longest time of each class, in milliseconds.
const UP_TO: [u64; CLASSES] = up_to();

#[expect(
    clippy::indexing_slicing,
    reason = "within its length, which the compiler checks: it is evaluated there"
)]
const fn up_to() -> [u64; CLASSES] {
    let mut classes = [0; CLASSES];
    let mut class = 1;
    while class < CLASSES {
        let last = classes[class - 1];
        classes[class] = last + 1 + last / 10;
        class += 1;
    }
    classes
}

/// The class of a time, by its number.
pub(crate) fn class(millis: u64) -> usize {
    let longest = u64::try_from(TIME_MAX.as_millis()).unwrap_or(u64::MAX);
    UP_TO.partition_point(|up_to| *up_to < millis.min(longest)).min(CLASSES - 1)
}

/// The longest time of the class in which that share of all times ends, in milliseconds; nothing, if there was none.
pub(crate) fn percentile(counts: &[u64; CLASSES], percent: u64) -> Option<u64> {
    let all = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
    let wanted = all.saturating_mul(percent).div_ceil(100).max(1);
    let mut seen = 0_u64;
    let place = counts.iter().position(|count| {
        seen = seen.saturating_add(*count);
        seen >= wanted
    });
    place.and_then(|place| UP_TO.get(place)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_reach_as_far_as_times_count() {
        let longest = u64::try_from(TIME_MAX.as_millis()).unwrap();
        assert!(UP_TO.last().is_some_and(|last| *last >= longest), "{UP_TO:?}");
        assert!(UP_TO.is_sorted());
        assert_eq!(class(u64::MAX), class(longest));
    }
}
