//! How much of something a node can take, found out by trying: at once much less when it was too much, then more again,
//! slowly near what was too much the last time (the idea of CUBIC's window, RFC 9438 §4.1, with fixed factors).

/// What is left with each cut.
const CUT: f64 = 0.3;
/// By how much it grows with each look: near what was too much the last time, and elsewhere.
const GROWS_SLOWLY: f64 = 1.01;
const GROWS: f64 = 1.1;
/// What is near it.
const NEAR: std::ops::Range<f64> = 0.7..1.1;
/// Looks in a row that find too much before there is a cut: one bulletin to many readers is a moment.
const PATIENCE: u32 = 2;
/// Looks after a cut until it can be seen what came of it.
const HOLD: u32 = 3;

/// How much is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adaptive {
    least: f64,
    most: f64,
    now: f64,
    too_much: f64,
    /// Looks in a row that found too much.
    pressed: u32,
    hold: u32,
}

impl Adaptive {
    /// Begins with the most. Neither bound is below nothing.
    pub const fn new(least: f64, most: f64) -> Self {
        Self { least, most, now: most, too_much: most, pressed: 0, hold: 0 }
    }

    /// Looks, ten times a second, at whether it is too much.
    pub fn look(&mut self, is_too_much: bool) -> f64 {
        self.hold = self.hold.saturating_sub(1);
        if is_too_much {
            self.pressed = self.pressed.saturating_add(1);
            if self.pressed >= PATIENCE && self.hold == 0 {
                self.too_much = self.now;
                self.now = (self.now * CUT).max(self.least);
                self.hold = HOLD;
            }
        } else {
            self.pressed = 0;
            let is_near = NEAR.contains(&(self.now / self.too_much));
            self.now = (self.now * if is_near { GROWS_SLOWLY } else { GROWS }).min(self.most);
        }
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_second_of_too_much_leaves_a_tenth_and_ten_seconds_bring_it_back() {
        let mut adaptive = Adaptive::new(20.0, 500.0);
        let seen: Vec<f64> = (0..5).map(|_| adaptive.look(true)).collect();
        assert!(seen[0] >= 500.0 && seen[1] <= 150.0 && seen[4] <= 50.0, "{seen:?}");
        assert!((0..100).map(|_| adaptive.look(true)).all(|now| now >= 20.0));
        let back = (1..200).find(|_| adaptive.look(false) >= 500.0);
        assert!(back.is_some_and(|looks| looks <= 100), "{back:?}");
    }

    #[test]
    fn it_stays_near_what_can_be_taken() {
        let (mut adaptive, mut now, mut taken) = (Adaptive::new(20.0, 500.0), 500.0, 0.0);
        for look in 0..600 {
            now = adaptive.look(now > 100.0);
            taken += if look >= 100 { now / 500.0 } else { 0.0 };
        }
        assert!((60.0..105.0).contains(&taken), "{taken}");
    }
}
