//! How fast people are let in: carefully more while the node copes, at once less when it does not.

use std::time::Duration;

protocol::limits! {
    /// Fewest people that are let in a second, however hard pressed the node is: nobody waits for ever.
    pub const RATE_MIN_PER_SECOND: u32 = 1 => shown "holdfast_waiting_room_rate";
    /// Most people that are let in a second while others wait.
    pub const RATE_MAX_PER_SECOND: u32 = 4_000 => shown "holdfast_waiting_room_rate";
}

/// How long the node is watched before the rate changes.
const WINDOW: Duration = Duration::from_secs(1);
/// After a window without overload.
const FASTER: f64 = 1.25;
/// After a window with it.
const SLOWER: f64 = 0.7;
/// Of the people who may come in at least so many are taken to do so.
const CLAIMED_MIN: f64 = 0.2;
/// How much of what was known of that stays after a second.
const MEMORY: f64 = 0.9;

#[derive(Debug)]
pub(super) struct Rate {
    people_per_second: f64,
    window: Duration,
    was_overloaded: bool,
    had_waiting: bool,
    /// People who came in without waiting, within the window.
    entered: f64,
    /// Places that were let in, and those of whom somebody came; both fade.
    let_in: f64,
    claimed: f64,
    /// What was left over because the next few came in the same millisecond.
    saved: f64,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            people_per_second: f64::from(RATE_MAX_PER_SECOND),
            window: Duration::ZERO,
            was_overloaded: false,
            had_waiting: false,
            entered: 0.0,
            let_in: 0.0,
            claimed: 0.0,
            saved: 0.0,
        }
    }
}

impl Rate {
    pub(super) const fn people_per_second(&self) -> f64 {
        self.people_per_second
    }

    /// Not everybody who may come in still wants to: so many places make the people.
    pub(super) fn places_per_second(&self) -> f64 {
        let share = if self.let_in < 1.0 { 1.0 } else { self.claimed / self.let_in };
        self.people_per_second / share.clamp(CLAIMED_MIN, 1.0)
    }

    pub(super) fn entered(&mut self) {
        self.entered += 1.0;
    }

    pub(super) fn claimed(&mut self) {
        self.claimed += 1.0;
    }

    pub(super) fn let_in(&mut self, places: f64) {
        self.let_in += places;
    }

    pub(super) fn save(&mut self, places: f64) {
        self.saved = places.clamp(0.0, f64::from(RATE_MAX_PER_SECOND));
    }

    pub(super) fn restore(&mut self, rate: f64) {
        if rate.is_finite() {
            self.people_per_second = bounded(rate);
        }
    }

    /// How many places may be let in, in the time that passed.
    pub(super) fn budget(&self, passed: Duration, overload: bool) -> f64 {
        let rate = if overload { f64::from(RATE_MIN_PER_SECOND) } else { self.places_per_second() };
        self.saved + rate * passed.as_secs_f64()
    }

    pub(super) fn tick(&mut self, passed: Duration, overload: bool, waiting: bool) {
        if waiting && !self.had_waiting {
            // The first who wait: about what the node took when it was too much, and half of that.
            self.had_waiting = true;
            let per_second = self.entered / self.window.max(WINDOW / 4).as_secs_f64();
            self.people_per_second = bounded(self.people_per_second.min(per_second / 2.0));
        }
        self.was_overloaded |= overload;
        self.window += passed;
        if self.window < WINDOW {
            return;
        }
        let factor = if self.was_overloaded { SLOWER } else { FASTER };
        self.people_per_second = bounded(self.people_per_second * factor + f64::from(!self.was_overloaded));
        self.had_waiting = waiting;
        self.was_overloaded = false;
        self.window = Duration::ZERO;
        self.entered = 0.0;
        self.let_in *= MEMORY;
        self.claimed *= MEMORY;
    }
}

fn bounded(rate: f64) -> f64 {
    rate.clamp(f64::from(RATE_MIN_PER_SECOND), f64::from(RATE_MAX_PER_SECOND))
}
