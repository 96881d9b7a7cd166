//! The last resort: while a node cannot even look at all who come, a share of them is turned away before a byte is read.
//! The share grows while work waits too long and shrinks while it does not, so that just as many are looked at as can
//! be. Who comes from where somebody showed a ticket lately is not among them.

/// By how much the share grows with each look that finds an overload.
const GROWS: f64 = 0.2;
/// By how much it shrinks with each that does not.
const SHRINKS: f64 = 0.02;
/// Some are looked at in any case: a member may come from anywhere.
const SHARE_MAX: f64 = 0.98;
/// Looks in a row that find an overload before anybody is turned away.
const PATIENCE: u32 = 3;

/// Whom to turn away.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TurningAway {
    share: f64,
    overloaded: u32,
}

impl TurningAway {
    /// Looks, ten times a second; answers which share of those who come is turned away from now on.
    pub fn look(&mut self, overloaded: bool) -> f64 {
        if overloaded {
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
        let shares: Vec<f64> = (0..10).map(|_| away.look(true)).collect();
        assert!(shares[..2].iter().all(|share| *share == 0.0) && shares[2] > 0.0, "{shares:?}");
        assert!((shares[9] - SHARE_MAX).abs() < 1e-9);
    }

    #[test]
    fn all_are_looked_at_again_five_seconds_after_the_overload() {
        let mut away = TurningAway::default();
        for _ in 0..100 {
            away.look(true);
        }
        let looks = (1..100).find(|_| away.look(false) == 0.0);
        assert_eq!(looks, Some(49));
    }
}
