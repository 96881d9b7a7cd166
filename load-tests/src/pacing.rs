//! When things are due. An open loop: what is due comes at its time, whether or not what came before is done.

use crate::clock::Micros;
use fastrand::Rng;
use serde::Deserialize;
use std::time::Duration;

/// How times lie between one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Spread {
    /// The same time between any two.
    #[default]
    Even,
    /// As independent people come: times between two are exponential.
    Poisson,
}

/// The times of one sender: it does `1 / of` of all that is done `per_second`, as number `number` among them.
#[derive(Debug)]
pub(crate) struct Pace {
    next: f64,
    mean_micros: f64,
    spread: Spread,
    random: Rng,
}

impl Pace {
    /// From this moment on.
    pub(crate) fn new(
        start: Micros,
        per_second: f64,
        number: u32,
        of: u32,
        spread: Spread,
        seed: u64,
    ) -> Self {
        let mean_micros = 1e6 * f64::from(of.max(1)) / per_second.max(f64::MIN_POSITIVE);
        let mut pace = Self { next: as_f64(start), mean_micros, spread, random: Rng::with_seed(seed) };
        match spread {
            Spread::Even => pace.next += mean_micros * f64::from(number) / f64::from(of.max(1)),
            Spread::Poisson => pace.next += pace.gap(),
        }
        pace
    }

    /// When the next is due.
    pub(crate) fn next(&self) -> Micros {
        from_f64(self.next)
    }

    /// It was done, or left out.
    pub(crate) fn advance(&mut self) {
        self.next += self.gap();
    }

    fn gap(&mut self) -> f64 {
        match self.spread {
            Spread::Even => self.mean_micros,
            // 1 - u lies in (0, 1], whose logarithm is finite.
            Spread::Poisson => -self.mean_micros * (1.0 - self.random.f64()).ln(),
        }
    }
}

/// When client `number` of a class comes, at so many a second.
pub(crate) fn arrival(start: Micros, per_second: f64, number: u32) -> Micros {
    from_f64(as_f64(start) + 1e6 * f64::from(number) / per_second.max(f64::MIN_POSITIVE))
}

/// How SDKs wait before a try: at least half a second, and up to twice as long each time (protocol reference, §9).
pub(crate) fn backoff(attempt: u32, random: &mut Rng) -> Duration {
    let spread = 0.5 * f64::from(1_u32 << attempt.min(6));
    Duration::from_secs_f64((0.5 + spread * random.f64()).min(20.0))
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "exact below 2^53 µs, 285 years")]
const fn as_f64(time: Micros) -> f64 {
    time.0 as f64
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is what a time that never comes should do"
)]
const fn from_f64(micros: f64) -> Micros {
    Micros(micros as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(pace: &mut Pace, count: usize) -> Vec<u64> {
        std::iter::repeat_with(|| {
            let next = pace.next().0;
            pace.advance();
            next
        })
        .take(count)
        .collect()
    }

    #[test]
    fn two_senders_share_an_even_rate_by_turns() {
        let start = Micros(1_000_000);
        let pace = |number| times(&mut Pace::new(start, 10.0, number, 2, Spread::Even, 1), 3);
        assert_eq!(pace(0), [1_000_000, 1_200_000, 1_400_000]);
        assert_eq!(pace(1), [1_100_000, 1_300_000, 1_500_000]);
    }

    #[test]
    fn independent_times_have_the_rate_and_come_again_with_their_seed() {
        let all = |seed| times(&mut Pace::new(Micros(0), 100.0, 0, 1, Spread::Poisson, seed), 10_000);
        let (one, again, other) = (all(1), all(1), all(2));
        assert_eq!(one, again);
        assert_ne!(one, other);
        let seconds = one[9_999] / 1_000_000;
        assert!((95..=105).contains(&seconds), "10,000 at 100 a second took {seconds} s");
    }

    #[test]
    fn clients_come_at_the_rate_of_their_class() {
        assert_eq!(arrival(Micros(7), 4_000.0, 8_000), Micros(2_000_007));
        assert!(arrival(Micros(7), 0.0, 1) > Micros(u64::MAX / 2));
    }

    #[test]
    fn who_comes_back_waits_longer_each_time_and_never_for_ever() {
        let mut random = Rng::with_seed(1);
        for (attempt, most) in [(0, 1.0), (1, 1.5), (3, 4.5), (60, 20.0)] {
            let wait = backoff(attempt, &mut random).as_secs_f64();
            assert!((0.5..=most).contains(&wait), "attempt {attempt}: {wait}");
        }
    }
}
