//! When connections want their turns: a wheel of coarse times, on which each costs a few bytes.
//!
//! Nothing is taken back: a time that no longer counts is passed over when it comes. Whoever sets a time keeps its [`Tick`]
//! and knows by it which one counts.

use crate::socket::dense::sockets::Key;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// Times are moved up to the next multiple of this. Pings and patience are counted in seconds, so nobody sees it; and those
/// that come close to one another wake the worker once.
const TICK: Duration = Duration::from_millis(25);

/// One of the wheel's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tick(NonZeroU32);

/// The times of one worker's connections.
#[derive(Debug)]
pub(super) struct Alarms {
    origin: Instant,
    of: BTreeMap<Tick, Vec<Key>>,
}

/// Whose time came.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) tick: Tick,
    pub(super) keys: Vec<Key>,
}

impl Alarms {
    pub(super) const fn new(origin: Instant) -> Self {
        Self { origin, of: BTreeMap::new() }
    }

    /// The first tick that is not before a time. Times beyond the last, three years on, are there.
    pub(super) fn tick(&self, at: Instant) -> Tick {
        let ticks = at.saturating_duration_since(self.origin).as_nanos().div_ceil(TICK.as_nanos());
        let number = u32::try_from(ticks).ok().and_then(|ticks| ticks.checked_add(1));
        Tick(number.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX))
    }

    /// Sets a connection's time; answers whether it is before all others.
    pub(super) fn set(&mut self, key: Key, tick: Tick) -> bool {
        let is_first = self.of.first_key_value().is_none_or(|(first, _)| tick < *first);
        self.of.entry(tick).or_default().push(key);
        is_first
    }

    /// When the next tick comes that somebody waits for.
    pub(super) fn next(&self) -> Option<Instant> {
        let (Tick(number), _) = self.of.first_key_value()?;
        self.origin.checked_add(TICK.saturating_mul(number.get().saturating_sub(1)))
    }

    /// The earliest of those whose time has come.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<Due> {
        if self.next()? > now {
            return None;
        }
        let (tick, keys) = self.of.pop_first()?;
        Some(Due { tick, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn key(index: u32) -> Key {
        Key { index, generation: 0 }
    }

    #[test]
    fn nobody_is_woken_before_their_time_nor_a_tick_after_it() {
        let origin = clock::now().instant;
        let mut alarms = Alarms::new(origin);
        for micros in [0, 1, 24_999, 25_000, 25_001, 3_600_000_000] {
            let at = origin + Duration::from_micros(micros);
            let tick = alarms.tick(at);
            alarms.set(key(1), tick);
            let rings = alarms.next().unwrap();
            assert!(rings >= at && rings < at + TICK, "{micros} µs");
            assert!(alarms.take_due(rings.checked_sub(Duration::from_nanos(1)).unwrap()).is_none());
            let due = alarms.take_due(rings).unwrap();
            assert_eq!((due.tick, due.keys), (tick, vec![key(1)]));
        }
        assert!(alarms.next().is_none());
    }

    #[test]
    fn the_earliest_comes_first_and_who_sets_it_is_told_to_wake_up_sooner() {
        let origin = clock::now().instant;
        let mut alarms = Alarms::new(origin);
        let [late, soon, later] =
            [20, 10, 30].map(|seconds| alarms.tick(origin + Duration::from_secs(seconds)));
        assert!(alarms.set(key(1), late), "the first of all");
        assert!(alarms.set(key(2), soon));
        assert!(!alarms.set(key(3), later));
        assert!(!alarms.set(key(4), soon), "somebody wakes up then already");
        let now = origin + Duration::from_mins(1);
        let woken: Vec<_> = std::iter::from_fn(|| alarms.take_due(now)).flat_map(|due| due.keys).collect();
        assert_eq!(woken, [2, 4, 1, 3].map(key));
    }

    #[test]
    fn a_time_before_the_beginning_is_at_once_and_one_out_of_sight_is_late() {
        let origin = clock::now().instant + Duration::from_hours(1);
        let mut alarms = Alarms::new(origin);
        let tick = alarms.tick(clock::now().instant);
        alarms.set(key(1), tick);
        assert!(alarms.take_due(origin).is_some());
        let never = alarms.tick(origin + Duration::from_hours(24 * 365 * 50));
        alarms.set(key(1), never);
        assert!(alarms.take_due(origin + Duration::from_hours(24 * 365)).is_none());
    }
}
