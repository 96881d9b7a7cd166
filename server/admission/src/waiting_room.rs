//! The waiting room: first come, first served, and nobody remembers who waits. Whoever waits holds a signed place that
//! says since when; one number a class, the cutoff, says who may come in: all whose place is not younger. The cutoff only
//! moves forward, as fast as the node takes people, so a place is never worse when it is shown again.
//!
//! How many hold places of each moment is counted, not who, so that a position and a wait can be told. Several nodes
//! share a room: each tells what it counted and how far its cutoffs are; all use the sum, and the furthest cutoff.

mod queue;
mod rate;

use crate::Criticality;
use protocol::Timestamp;
use queue::Queue;
pub use queue::{Count, STEP_MILLIS, STEPS_MAX};
use rate::Rate;
pub use rate::{RATE_MAX_PER_SECOND, RATE_MIN_PER_SECOND};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The bounds of a queue.
pub(crate) const QUEUE: &[protocol::limits::Limit] = queue::LIMITS;
/// The bounds of a rate.
pub(crate) const RATE: &[protocol::limits::Limit] = rate::LIMITS;

protocol::limits! {
    /// Longest time after which somebody who waits is asked to ask again.
    pub const ASK_AGAIN_MAX: Duration = Duration::from_secs(20) => unseen;
    /// When somebody is asked to ask again for whom there was no time; up to as long again later, so that they do not come
    /// together. Sooner would cost more than looking at them.
    const UNSEEN_ASK_AGAIN: Duration = Duration::from_secs(4) => unseen;
    /// Longest wait that is told; a longer one is told as this.
    pub const WAIT_TOLD_MAX: Duration = Duration::from_hours(1) => unseen;
}

/// The classes that wait, most critical first.
pub const WAITING: [Criticality; 3] = [Criticality::Member, Criticality::Newcomer, Criticality::Stranger];

/// What somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Come in.
    In {
        /// Since when they might have come in; nothing if they did not wait.
        eligible_since: Option<Timestamp>,
    },
    /// Not yet.
    Wait(Wait),
}

/// How somebody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Since when: the place.
    pub since: Timestamp,
    /// How many are before them, with themselves; nothing while it is not known where they belong.
    pub position: Option<u64>,
    /// About how long until they may come in.
    pub wait: Duration,
    /// When to ask again.
    pub ask_again: Duration,
}

/// The room, as one node sees it.
#[derive(Debug)]
pub struct WaitingRoom {
    queues: [Queue; 3],
    rate: Rate,
    /// What the others take together, in people a second.
    others_rate: f64,
}

/// What a node tells the others, and keeps for its own restart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Told {
    /// Of each class that waits: how far its cutoff is, in milliseconds since 1970, and who holds places behind it.
    pub queues: Vec<(u64, Vec<Count>)>,
    /// How many people it takes in a second.
    pub rate: f64,
}

impl WaitingRoom {
    /// An empty room.
    pub fn new(now: Timestamp) -> Self {
        Self { queues: WAITING.map(|_| Queue::new(now)), rate: Rate::default(), others_rate: 0.0 }
    }

    /// Somebody asks to come in, perhaps with a place. `open` says whether their class is let in as it comes; while others
    /// of the class wait, nobody overtakes them. Classes that never wait come in.
    pub fn ask(&mut self, class: Criticality, place: Option<Timestamp>, open: bool, now: Timestamp) -> Turn {
        let Some(queue) = number(class).and_then(|class| self.queues.get_mut(class)) else {
            return Turn::In { eligible_since: None };
        };
        if let Some(since) = place.filter(|since| queue.has_passed(*since)) {
            self.rate.claimed();
            return Turn::In { eligible_since: Some(queue.passed_at(since)) };
        }
        if open && queue.is_empty() {
            self.rate.entered();
            return Turn::In { eligible_since: None };
        }
        let since = queue.hold(place, now);
        self.wait(class, since)
    }

    /// How somebody waits of whom it is not known yet who they are, because others are being looked at: shortly, and their
    /// place counts from when they asked first.
    pub fn unseen(place: Option<Timestamp>, now: Timestamp) -> Wait {
        let since = place.map_or(now, |place| place.min(now));
        // Each at a time of their own.
        let ask_again = UNSEEN_ASK_AGAIN + Duration::from_millis(since.as_millis() % 4_000);
        Wait { since, position: None, wait: ask_again, ask_again }
    }

    /// How somebody waits who says that they are of a class and shows a place, without taking them for counted; nothing if
    /// they may come in.
    pub fn look(&self, class: Criticality, since: Timestamp) -> Option<Wait> {
        if self.admits(class, since) {
            return None;
        }
        match self.wait(class, since) {
            Turn::In { .. } => None,
            Turn::Wait(wait) => Some(wait),
        }
    }

    /// Whether a place may come in now.
    pub fn admits(&self, class: Criticality, since: Timestamp) -> bool {
        number(class).and_then(|class| self.queues.get(class)).is_none_or(|queue| queue.has_passed(since))
    }

    /// How somebody with a place waits.
    fn wait(&self, class: Criticality, since: Timestamp) -> Turn {
        let ahead: u64 = number(class)
            .and_then(|class| self.queues.get(..class))
            .map_or(0, |before| before.iter().map(Queue::waiting).sum());
        let queue = number(class).and_then(|class| self.queues.get(class));
        let position = queue.map_or(1, |queue| queue.position(since));
        let people = ahead.saturating_add(position);
        let seconds = lossy(people) / (self.rate.places_per_second() + self.others_rate).max(0.1);
        let wait = Duration::from_secs_f64(seconds.clamp(1.0, WAIT_TOLD_MAX.as_secs_f64()));
        // Each asks at a time of their own, within a fifth of the same, so that those of one moment do not come together.
        let spread = 0.8 + 0.4 * lossy(since.as_millis() % 1_009) / 1_009.0;
        let ask_again = wait.min(ASK_AGAIN_MAX).mul_f64(spread);
        Turn::Wait(Wait { since, position: Some(position), wait, ask_again })
    }

    /// Time goes on by `passed`: lets in who is next. `open` says of a class whether it is let in as it comes; `overload`
    /// that nobody should be now, so that only the least is.
    pub fn tick(
        &mut self,
        now: Timestamp,
        passed: Duration,
        overload: bool,
        open: impl Fn(Criticality) -> bool,
    ) {
        let anybody = self.waiting().any(|(_, waiting)| waiting > 0);
        self.rate.tick(passed, overload, anybody);
        let others = if overload { 0.0 } else { self.others_rate };
        let mut places = self.rate.budget(passed, overload) + others * passed.as_secs_f64();
        let mut kept = 0.0;
        for (queue, class) in self.queues.iter_mut().zip(WAITING) {
            let let_in = queue.advance(places - kept, now, open(class) && !overload);
            places -= let_in;
            self.rate.let_in(let_in);
            // What is left over while somebody waits is for them, not for those who wait behind them.
            if queue.waiting() > 0 {
                kept = places;
            }
        }
        self.rate.save(if anybody { places } else { 0.0 });
    }

    /// How many hold a place, by class.
    pub fn waiting(&self) -> impl Iterator<Item = (Criticality, u64)> {
        WAITING.into_iter().zip(self.queues.iter().map(Queue::waiting))
    }

    /// How many people are let in a second.
    pub const fn rate(&self) -> f64 {
        self.rate.people_per_second()
    }

    /// What to tell other nodes: at most so many counts a class, those of neighbouring moments together if need be.
    pub fn tell(&self, counts_max: usize) -> Told {
        let queues = self.queues.iter().map(|queue| queue.tell(counts_max)).collect();
        Told { queues, rate: self.rate.places_per_second() }
    }

    /// Takes what all others told, instead of what they told before.
    pub fn hear(&mut self, others: &[Told], now: Timestamp) {
        self.others_rate =
            others.iter().map(|told| told.rate).filter(|rate| rate.is_finite() && *rate >= 0.0).sum();
        self.others_rate = self.others_rate.min(f64::from(RATE_MAX_PER_SECOND));
        for (number, queue) in self.queues.iter_mut().enumerate() {
            let of = |told: &'_ Told| told.queues.get(number).cloned();
            queue.hear(others.iter().filter_map(of).collect(), now);
        }
    }

    /// Goes on where a node stopped: nobody comes in sooner because of a restart.
    pub fn restore(&mut self, told: &Told, now: Timestamp) {
        for (queue, (cutoff, counts)) in self.queues.iter_mut().zip(&told.queues) {
            queue.restore(*cutoff, counts, now);
        }
        self.rate.restore(told.rate);
    }
}

/// A class's number among those that wait.
const fn number(class: Criticality) -> Option<usize> {
    match class {
        Criticality::Control | Criticality::Organiser | Criticality::Returning => None,
        Criticality::Member => Some(0),
        Criticality::Newcomer => Some(1),
        Criticality::Stranger => Some(2),
    }
}

fn lossy(count: u64) -> f64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "an estimate of people and of seconds"
    )]
    let lossy = count as f64;
    lossy
}

#[cfg(test)]
mod tests;
