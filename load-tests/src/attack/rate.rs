//! How often an attack is due: an open loop, whatever came of the strikes before.

use crate::clock::Micros;

/// The strikes of one attack in one phase.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    began: Micros,
    per_second: f64,
    /// How many were due, as far as it was asked.
    due: u64,
}

impl Rate {
    pub(super) const fn new(began: Micros, per_second: f64) -> Self {
        Self { began, per_second, due: 0 }
    }

    /// How many have become due since it was last asked, at most so many.
    pub(super) fn take(&mut self, now: Micros, most: u64) -> u64 {
        let taken = self.all(now).saturating_sub(self.due).min(most);
        self.due += taken;
        taken
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Micros {
        let after = as_f64(self.due) / self.per_second.max(f64::MIN_POSITIVE);
        let after = std::time::Duration::try_from_secs_f64(after).unwrap_or(std::time::Duration::MAX);
        self.began.after(after)
    }

    /// The first is due at the beginning.
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates; nobody counts so far"
    )]
    fn all(&self, now: Micros) -> u64 {
        if now < self.began {
            return 0;
        }
        (now.seconds_since(self.began) * self.per_second) as u64 + 1
    }
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "exact below 2^53 strikes")]
const fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn strikes_come_at_their_rate_and_what_was_not_taken_in_time_stays_due() {
        let began = Micros(1_000_000);
        let mut rate = Rate::new(began, 10.0);
        assert_eq!(rate.take(Micros(999_999), 100), 0);
        assert_eq!(rate.take(began, 100), 1);
        assert_eq!(rate.next(), began.after(Duration::from_millis(100)));
        assert_eq!(rate.take(began.after(Duration::from_secs(1)), 4), 4, "bounded at a time");
        assert_eq!(rate.take(began.after(Duration::from_secs(1)), 100), 6);
        assert_eq!(rate.take(began.after(Duration::from_secs(1)), 100), 0);
    }

    #[test]
    fn a_rate_beyond_all_bounds_is_never_late_for_ever() {
        let mut rate = Rate::new(Micros(0), 1e-9);
        assert_eq!(rate.take(Micros(5), 1), 1);
        assert!(rate.next() > Micros(1_000_000));
    }
}
