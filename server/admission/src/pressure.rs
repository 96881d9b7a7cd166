//! How hard pressed a node is: the worst of the times that work waits for its turn, each against its target. Waiting is
//! what people feel, and it says the same for a crowd, an attack or a slow disk.

use std::time::Duration;

/// How long news may take to all readers who take them at once, in targets: a worker has thousands of them.
const FAN_OUT_TARGETS: u32 = 25;
/// How long a message may wait to be stored, in targets.
const PUBLISH_TARGETS: u32 = 10;

/// How much of that counts at most.
const PUBLISH_TARGETS_MAX: u32 = 15;

/// How long a connection may wait until somebody looks at it, in targets.
pub const BACKLOG_TARGETS: u32 = 5;
/// How much of that counts at most, as a pressure: enough for an overload, so that it is emptied. Whether it is a crowd or
/// an attack is seen of those who are taken out of it.
const BACKLOG_PRESSURE_MAX: f64 = 1.5;

/// Below this a node that was overloaded no longer is.
const CLEAR_BELOW: f64 = 0.5;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delays {
    /// The least lag of a worker's event loop within the last 100 ms, of the worker that is worst: a burst passes within
    /// that time, a queue that never empties does not (the minimum of `CoDel`).
    pub lag: Duration,
    /// The age of the oldest news that a worker has not told all its sockets.
    pub fan_out: Duration,
    /// The age of the oldest message that waits to be stored.
    pub publish: Duration,
    /// How long connections wait in the kernel.
    pub backlog: Duration,
}

impl Delays {
    /// The pressure: 1 where the worst delay is at its target. `target` is that of the lag; the others are multiples of it.
    pub fn pressure(self, target: Duration) -> f64 {
        let target = target.max(Duration::from_millis(1));
        // A store that is away is no attack: however long it is, shedding more people does not bring it back.
        let publish = self.publish.min(target.saturating_mul(PUBLISH_TARGETS_MAX));
        let shares = [
            (self.lag, target),
            (self.fan_out, target.saturating_mul(FAN_OUT_TARGETS)),
            (publish, target.saturating_mul(PUBLISH_TARGETS)),
        ];
        let share = |(delay, target): (Duration, Duration)| delay.as_secs_f64() / target.as_secs_f64();
        let backlog = share((self.backlog, target.saturating_mul(BACKLOG_TARGETS)));
        shares.map(share).into_iter().fold(backlog.min(BACKLOG_PRESSURE_MAX), f64::max)
    }
}

/// Whether a node is overloaded: from a pressure over 1 until one below a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Overload(bool);

impl Overload {
    /// Takes the pressure of now.
    pub fn note(&mut self, pressure: f64) -> bool {
        self.0 = if self.0 { pressure >= CLEAR_BELOW } else { pressure > 1.0 };
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_worst_delay_decides() {
        let delays = Delays { lag: 5 * MS, fan_out: 500 * MS, publish: 100 * MS, backlog: 80 * MS };
        assert!((delays.pressure(10 * MS) - 2.0).abs() < 1e-9);
        assert!(Delays::default().pressure(10 * MS).abs() < f64::EPSILON);
    }

    #[test]
    fn a_store_that_is_away_presses_only_so_hard() {
        let delays = Delays { publish: Duration::from_mins(1), ..Delays::default() };
        assert!((delays.pressure(10 * MS) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_full_backlog_is_an_overload_and_no_attack_yet() {
        let delays = |backlog| Delays { backlog, ..Delays::default() };
        assert!((delays(60 * MS).pressure(10 * MS) - 1.2).abs() < 1e-9);
        assert!((delays(Duration::from_secs(3)).pressure(10 * MS) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn overload_ends_well_below_where_it_began() {
        let mut overload = Overload::default();
        let seen = [0.9, 1.0, 1.1, 0.9, 0.5, 0.49, 0.9].map(|pressure| overload.note(pressure));
        assert_eq!(seen, [false, false, true, true, true, false, false]);
    }
}
