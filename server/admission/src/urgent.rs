//! How much of what an organiser says may be urgent: where everything is, nothing is.

use protocol::Lane;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

protocol::limits! {
    /// Most urgent messages of an organiser at once; the next ones go as normal until more is allowed.
    pub const URGENT_BURST_MAX: u32 = 5 => shown "holdfast_publishes_not_urgent";
    /// So many messages of an organiser allow one more to be urgent: one in twenty is 5 %.
    pub const URGENT_ONE_IN: u32 = 20 => shown "holdfast_publishes_not_urgent";
    /// So much time does, too, or who rarely says anything could say nothing urgent after the first few.
    pub const URGENT_PAUSE: Duration = Duration::from_mins(1) => shown "holdfast_publishes_not_urgent";
    /// Most organisers whose urgent messages are counted; what further ones say goes as normal.
    pub const URGENT_AUTHORS_MAX: usize = 4_096 => shown "holdfast_publishes_not_urgent";
}

/// What is there after a quiet time. Allowance is counted in the time that brings as much.
const FULL: Duration = URGENT_PAUSE.saturating_mul(URGENT_BURST_MAX);
/// What each message brings.
const SHARE: Duration = match URGENT_PAUSE.checked_div(URGENT_ONE_IN) {
    Some(share) => share,
    None => Duration::ZERO,
};

/// Decides whose urgent messages go as such.
pub struct UrgentAllowance<K> {
    /// Whoever is not here has all of it.
    left: HashMap<K, Left>,
}

#[derive(Debug, Clone, Copy)]
struct Left {
    allowance: Duration,
    counted_at: Instant,
}

impl Left {
    fn at(self, now: Instant) -> Duration {
        let elapsed = now.saturating_duration_since(self.counted_at);
        self.allowance.saturating_add(elapsed).min(FULL)
    }
}

impl<K> Default for UrgentAllowance<K> {
    fn default() -> Self {
        Self { left: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash> UrgentAllowance<K> {
    /// The lane by which a message of an author goes that asks for a lane.
    pub fn lane(&mut self, author: &K, asked: Lane, now: Instant) -> Lane {
        let left = self.left.get(author).copied();
        // Most authors never say anything urgent, and nothing is kept of them.
        if asked != Lane::Urgent && left.is_none() {
            return asked;
        }
        let allowance = left.map_or(FULL, |left| left.at(now)).saturating_add(SHARE).min(FULL);
        let (lane, allowance) = match asked {
            Lane::Urgent if left.is_none() && !self.has_room(now) => return Lane::Normal,
            Lane::Urgent if allowance >= URGENT_PAUSE => {
                (Lane::Urgent, allowance.saturating_sub(URGENT_PAUSE))
            }
            Lane::Urgent => (Lane::Normal, allowance),
            Lane::Normal | Lane::Bulk => (asked, allowance),
        };
        let counted_at = left.map_or(now, |left| left.counted_at.max(now));
        self.left.insert(author.clone(), Left { allowance, counted_at });
        lane
    }

    /// A message that went as urgent was not stored, or had been before: it does not count.
    pub fn give_back(&mut self, author: &K) {
        if let Some(left) = self.left.get_mut(author) {
            left.allowance = left.allowance.saturating_add(URGENT_PAUSE).min(FULL);
        }
    }

    fn has_room(&mut self, now: Instant) -> bool {
        if self.left.len() >= URGENT_AUTHORS_MAX {
            self.left.retain(|_, left| left.at(now) < FULL);
        }
        self.left.len() < URGENT_AUTHORS_MAX
    }
}

impl<K> fmt::Debug for UrgentAllowance<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrgentAllowance").field("authors", &self.left.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Instant::now()
    }

    fn say(
        allowance: &mut UrgentAllowance<u32>,
        author: u32,
        asked: Lane,
        now: Instant,
        times: usize,
    ) -> Vec<Lane> {
        (0..times).map(|_| allowance.lane(&author, asked, now)).collect()
    }

    #[test]
    fn a_burst_is_urgent_and_the_next_goes_as_normal_for_its_author_alone() {
        let (mut allowance, now) = (UrgentAllowance::default(), origin());
        assert_eq!(say(&mut allowance, 1, Lane::Urgent, now, 5), [Lane::Urgent; 5]);
        assert_eq!(say(&mut allowance, 1, Lane::Urgent, now, 1), [Lane::Normal]);
        assert_eq!(say(&mut allowance, 2, Lane::Urgent, now, 1), [Lane::Urgent]);
        assert_eq!(say(&mut allowance, 1, Lane::Bulk, now, 1), [Lane::Bulk]);
    }

    #[test]
    fn twenty_messages_or_a_minute_allow_one_more() {
        let (mut allowance, now) = (UrgentAllowance::default(), origin());
        say(&mut allowance, 1, Lane::Urgent, now, 5);
        say(&mut allowance, 1, Lane::Normal, now, 15);
        // The urgent ones count among the twenty, but for the first: nothing was used up before it.
        assert_eq!(say(&mut allowance, 1, Lane::Urgent, now, 2), [Lane::Urgent, Lane::Normal]);
        let now = now + URGENT_PAUSE;
        assert_eq!(say(&mut allowance, 1, Lane::Urgent, now, 2), [Lane::Urgent, Lane::Normal]);
    }

    #[test]
    fn a_message_that_was_not_stored_takes_nothing_away() {
        let (mut allowance, now) = (UrgentAllowance::default(), origin());
        for _ in 0..100 {
            assert_eq!(allowance.lane(&1, Lane::Urgent, now), Lane::Urgent);
            allowance.give_back(&1);
        }
        allowance.give_back(&2);
        assert_eq!(say(&mut allowance, 1, Lane::Urgent, now, 6)[4..], [Lane::Urgent, Lane::Normal]);
    }

    #[test]
    fn who_has_all_of_it_again_makes_room_for_others() {
        let (mut allowance, now) = (UrgentAllowance::default(), origin());
        for author in 0..u32::try_from(URGENT_AUTHORS_MAX).unwrap() {
            assert_eq!(allowance.lane(&author, Lane::Urgent, now), Lane::Urgent);
        }
        assert_eq!(allowance.lane(&1_000_000, Lane::Urgent, now), Lane::Normal);
        assert_eq!(allowance.lane(&1_000_000, Lane::Urgent, now + FULL), Lane::Urgent);
        assert_eq!(allowance.left.len(), 1);
    }

    proptest! {
        #[test]
        fn no_more_is_urgent_than_a_burst_a_twentieth_and_one_a_minute(
            asked in prop::collection::vec((any::<bool>(), 0u64..5_000), 1..400),
        ) {
            let (mut allowance, start) = (UrgentAllowance::default(), origin());
            let (mut now, mut urgent, mut all) = (start, 0, 0);
            for (is_urgent, millis) in asked {
                now += Duration::from_millis(millis);
                let lane = if is_urgent { Lane::Urgent } else { Lane::Normal };
                all += 1;
                urgent += u32::from(allowance.lane(&1, lane, now) == Lane::Urgent);
                let most = FULL + SHARE * all + (now - start);
                prop_assert!(URGENT_PAUSE * urgent <= most, "{urgent} of {all} in {:?}", now - start);
            }
        }
    }
}
