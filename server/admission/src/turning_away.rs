//! The last resort: while a node cannot even look at all who come, a share of them is turned away before a byte is read.
//! The share grows while work waits too long and shrinks while it does not, so that just as many are looked at as can
//! be. Who comes from where somebody showed a ticket lately is not among them; and nobody is, while of those who are
//! looked at a good part turns out to be somebody: a crowd of members waits its turn, it is not sent away.

/// By how much the share grows with each look that finds an overload.
const GROWS: f64 = 0.2;
/// By how much it shrinks with each that does not.
const SHRINKS: f64 = 0.02;
/// Some are looked at in any case: a member may come from anywhere.
const SHARE_MAX: f64 = 0.98;
/// Where so large a share turns out to be somebody, this is a crowd.
const CROWD_FROM: f64 = 0.2;
/// How much of what was seen counts at the next look.
const MEMORY: f64 = 0.9;
/// Looks in a row that find an overload before anybody is turned away.
const PATIENCE: u32 = 3;

/// Whom to turn away.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TurningAway {
    share: f64,
    overloaded: u32,
    /// Of late, fading: who came in to be looked at, and who of them turned out to be somebody.
    entered: f64,
    proved: f64,
}

impl TurningAway {
    /// Looks, ten times a second, at whether the node is overloaded, at how many connections were looked at since and how
    /// many turned out to be somebody's; answers which share of those who come is turned away from now on.
    pub fn look(&mut self, overloaded: bool, entered: u32, proved: u32) -> f64 {
        self.entered = self.entered * MEMORY + f64::from(entered);
        self.proved = self.proved * MEMORY + f64::from(proved);
        let is_crowd = self.proved > self.entered * CROWD_FROM;
        if overloaded && !is_crowd {
            self.overloaded = self.overloaded.saturating_add(1);
            if self.overloaded >= PATIENCE {
                self.share = (self.share + GROWS).min(SHARE_MAX);
            }
        } else {
            self.overloaded = 0;
            self.share = (self.share - SHRINKS).max(0.0);
        }
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_turns_nobody_away_and_an_overload_that_stays_nearly_all() {
        let mut away = TurningAway::default();
        let shares: Vec<f64> = (0..10).map(|_| away.look(true, 100, 1)).collect();
        assert!(shares[..2].iter().all(|share| *share == 0.0) && shares[2] > 0.0, "{shares:?}");
        assert!((shares[9] - SHARE_MAX).abs() < 1e-9);
    }

    #[test]
    fn a_crowd_of_members_is_not_turned_away_however_hard_it_presses() {
        let mut away = TurningAway::default();
        assert!((0..1_000).all(|_| away.look(true, 400, 390) == 0.0));
        // A flood among them is, as far as it is more than they are.
        let share = (0..1_000).map(|_| away.look(true, 4_000, 390)).last();
        assert!(share.is_some_and(|share| share > 0.9), "{share:?}");
    }

    #[test]
    fn all_are_looked_at_again_five_seconds_after_the_overload() {
        let mut away = TurningAway::default();
        for _ in 0..100 {
            away.look(true, 100, 1);
        }
        let looks = (1..100).find(|_| away.look(false, 100, 1) == 0.0);
        assert_eq!(looks, Some(49));
    }
}
