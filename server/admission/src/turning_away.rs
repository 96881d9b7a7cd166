//! The last resort: while a node cannot even look at all who come, a share of them is turned away before a byte is read,
//! or before the kernel answers them. The share grows while work waits too long and shrinks while it does not, so that just
//! as many are looked at as can be. Who comes from where somebody showed a ticket lately is not among them; and nobody is,
//! while of those who are looked at a good part turns out to be somebody: a crowd of members waits its turn, it is not
//! sent away.

use crate::Adaptive;

/// Some are looked at in any case: a member may come from anywhere.
const PASS_MIN: f64 = 0.02;
/// Where so large a share turns out to be somebody, this is a crowd.
const CROWD_FROM: f64 = 0.2;
/// How much of what was seen counts at the next look.
const MEMORY: f64 = 0.9;
/// Whom to turn away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TurningAway {
    /// The share that is let through.
    pass: Adaptive,
    /// Of late, fading: who came in to be looked at, and who of them turned out to be somebody.
    entered: f64,
    proved: f64,
}

impl Default for TurningAway {
    fn default() -> Self {
        Self { pass: Adaptive::new(PASS_MIN, 1.0), entered: 0.0, proved: 0.0 }
    }
}

impl TurningAway {
    /// Looks, ten times a second, at whether the node is overloaded, at how many connections were looked at since and how
    /// many turned out to be somebody's; answers which share of those who come is turned away from now on.
    pub fn look(&mut self, overloaded: bool, entered: u32, proved: u32) -> f64 {
        self.entered = self.entered * MEMORY + f64::from(entered);
        self.proved = self.proved * MEMORY + f64::from(proved);
        let is_crowd = self.proved > self.entered * CROWD_FROM;
        1.0 - self.pass.look(overloaded && !is_crowd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_turns_nobody_away_and_an_overload_that_stays_nearly_all() {
        let mut away = TurningAway::default();
        let shares: Vec<f64> = (0..12).map(|_| away.look(true, 100, 1)).collect();
        assert!(shares[0].abs() < 1e-9 && shares[1] > 0.5, "{shares:?}");
        assert!((shares[11] - (1.0 - PASS_MIN)).abs() < 1e-9, "{shares:?}");
    }

    #[test]
    fn a_crowd_of_members_is_not_turned_away_however_hard_it_presses() {
        let mut away = TurningAway::default();
        assert!((0..1_000).all(|_| away.look(true, 400, 390).abs() < 1e-9));
        // A flood among them is, as far as it is more than they are.
        let share = (0..1_000).map(|_| away.look(true, 4_000, 390)).last();
        assert!(share.is_some_and(|share| share > 0.9), "{share:?}");
    }

    #[test]
    fn all_are_looked_at_again_within_ten_seconds_after_the_overload() {
        for overloads in [2, 6, 100] {
            let mut away = TurningAway::default();
            for _ in 0..overloads {
                away.look(true, 100, 1);
            }
            let looks = (1..200).find(|_| away.look(false, 100, 1) == 0.0);
            assert!(looks.is_some_and(|looks| looks <= 100), "{looks:?}");
        }
    }

    #[test]
    fn of_a_flood_that_stays_just_as_many_are_looked_at_as_can_be_and_overloads_are_seldom() {
        let (mut away, mut pass, mut overloads, mut taken) = (TurningAway::default(), 1.0, 0, 0.0);
        for look in 0..600 {
            // 4,000 come in a second, 1,000 can be looked at.
            let overloaded = 4_000.0 * pass > 1_000.0;
            pass = 1.0 - away.look(overloaded, 100, 1);
            if look >= 100 {
                overloads += u32::from(overloaded);
                taken += pass * 4_000.0 / 500.0;
            }
        }
        assert!((600.0..1_000.0).contains(&taken) && overloads <= 50, "{taken} {overloads}");
    }
}
