//! How long a connection waits in the kernel before anybody looks at it: an event loop that is busy with refusing has no
//! lag, and yet whoever comes may wait for seconds, or find no room and try again later and later.

use std::time::Duration;

/// How much of the latest look counts.
const LATEST: f64 = 0.3;
/// So few connections are taken at once.
const FEW: u32 = 32;
/// A longer wait is not told apart: clients have given up.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// The queue of connections of which nobody knows anything yet.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Backlog {
    /// Connections taken out of it in a second, of late.
    rate: f64,
}

impl Backlog {
    /// So many wait, and so many were taken out within the time that `passed` since the last look; answers how long the
    /// last of them waits, about.
    pub fn look(&mut self, waiting: u32, taken: u32, passed: Duration) -> Duration {
        let seconds = passed.as_secs_f64();
        if seconds > 0.0 {
            self.rate += (f64::from(taken) / seconds - self.rate) * LATEST;
        }
        if waiting <= FEW {
            return Duration::ZERO;
        }
        let wait = f64::from(waiting) / self.rate.max(f64::MIN_POSITIVE);
        Duration::from_secs_f64(wait.min(WAIT_MAX.as_secs_f64()))
    }

    /// As many as are taken within that time.
    pub fn taken_within(&self, time: Duration) -> u32 {
        let taken = self.rate * time.as_secs_f64();
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the cast saturates, and a rate is not negative"
        )]
        let taken = taken as u32;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(100);

    #[test]
    fn the_last_waits_for_as_long_as_it_takes_to_take_those_before() {
        let mut backlog = Backlog::default();
        let wait = (0..50).map(|_| backlog.look(1_000, 50, LOOK)).last().unwrap();
        assert!(wait.abs_diff(Duration::from_secs(2)) < LOOK, "{wait:?}");
        assert!((120..=130).contains(&backlog.taken_within(Duration::from_millis(250))));
        assert_eq!(backlog.look(20, 50, LOOK), Duration::ZERO, "they are taken at once");
    }

    #[test]
    fn where_nobody_is_taken_the_wait_is_long_and_finite() {
        assert_eq!(Backlog::default().look(100, 0, LOOK), WAIT_MAX);
        assert_eq!(Backlog::default().look(100, 0, Duration::ZERO), WAIT_MAX);
        assert_eq!(Backlog::default().look(0, 0, LOOK), Duration::ZERO);
    }
}
