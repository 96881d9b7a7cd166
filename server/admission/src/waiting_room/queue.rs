//! One class's queue: how many hold a place of each moment, and up to which moment they may come in.

use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

protocol::limits! {
    /// Most moments of which it is counted how many hold a place; when there are more, later ones count with the last, and
    /// wait as if they had come at its end.
    pub const STEPS_MAX: usize = 36_000 => unseen;
    /// Most moments at which a cutoff moved that are remembered.
    const MOVES_MAX: usize = 1_024 => unseen;
}

/// How long a moment is.
pub const STEP_MILLIS: u64 = 100;

/// So many hold a place of this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The moment, in steps of 100 ms since 1970.
    pub step: u64,
    /// How many.
    pub places: u64,
}

#[derive(Debug)]
pub(super) struct Queue {
    /// Whoever waits since this millisecond or an earlier one may come in.
    cutoff: u64,
    own: BTreeMap<u64, u64>,
    others: BTreeMap<u64, u64>,
    /// Own and others', added up from the cutoff on: before the end of each step, how many wait.
    sums: Vec<(u64, u64)>,
    /// Where the cutoff was, and when it came there; the latest last.
    moves: VecDeque<Move>,
    /// Whether it kept up with the time when that went on last.
    keeps_up: bool,
}

/// A way that the cutoff went.
#[derive(Debug, Clone, Copy)]
struct Move {
    /// Where it came to.
    to: u64,
    /// When.
    at: Timestamp,
    /// Whether it kept up with the time all the way there, so that it was at each moment when that came.
    keeps_up: bool,
}

impl Queue {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            cutoff: now.as_millis(),
            own: BTreeMap::new(),
            others: BTreeMap::new(),
            sums: Vec::new(),
            moves: VecDeque::new(),
            keeps_up: true,
        }
    }

    pub(super) const fn has_passed(&self, since: Timestamp) -> bool {
        since.as_millis() <= self.cutoff
    }

    /// When the cutoff came to a place that it has passed; at once, if nobody had to wait then.
    pub(super) fn passed_at(&self, since: Timestamp) -> Timestamp {
        let first = self.moves.partition_point(|way| way.to < since.as_millis());
        self.moves.get(first).filter(|way| !way.keeps_up).map_or(since, |way| way.at)
    }

    /// The cutoff moved, or did not.
    fn note_move(&mut self, before: u64, keeps_up: bool, now: Timestamp) {
        if self.cutoff <= before {
            return;
        }
        let way = Move { to: self.cutoff, at: now, keeps_up };
        match self.moves.back_mut() {
            Some(last) if last.keeps_up && way.keeps_up => *last = way,
            Some(_) | None => {
                if self.moves.len() >= MOVES_MAX {
                    self.moves.pop_front();
                }
                self.moves.push_back(way);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.others.is_empty()
    }

    /// How many wait, as of the last tick.
    pub(super) fn waiting(&self) -> u64 {
        self.sums.last().map_or(0, |(_, sum)| *sum)
    }

    /// How many wait up to somebody, with them, as of the last tick.
    pub(super) fn position(&self, since: Timestamp) -> u64 {
        let step = since.as_millis() / STEP_MILLIS;
        let place = self.sums.partition_point(|(of, _)| *of <= step);
        let before = place.checked_sub(1).and_then(|place| self.sums.get(place)).map_or(0, |(_, sum)| *sum);
        before.max(1)
    }

    /// Counts somebody who is not counted yet; a place of a moment of which somebody is counted is taken for counted.
    /// Answers since when they wait.
    pub(super) fn hold(&mut self, place: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let since = place.map_or(now, |place| place.min(now)).as_millis().max(self.cutoff.saturating_add(1));
        let (since, step) = (Timestamp::from_millis(since), since / STEP_MILLIS);
        let is_known = self.own.contains_key(&step) || self.others.contains_key(&step);
        if place.is_some() && is_known {
            return since;
        }
        if self.own.len() >= STEPS_MAX && !self.own.contains_key(&step) {
            let Some(mut last) = self.own.last_entry() else { return since };
            *last.get_mut() = last.get().saturating_add(1);
            return since.max(end_of(*last.key()));
        }
        let places = self.own.entry(step).or_default();
        *places = places.saturating_add(1);
        since
    }

    /// Lets in at most so many places; answers how many it let in. An empty queue that is `open` keeps up with the time.
    pub(super) fn advance(&mut self, places: f64, now: Timestamp, open: bool) -> f64 {
        let mut left = places.max(0.0);
        let steps: Vec<u64> = self.own.keys().chain(self.others.keys()).copied().collect();
        let mut steps: Vec<u64> =
            steps.into_iter().filter(|step| *step <= now.as_millis() / STEP_MILLIS).collect();
        steps.sort_unstable();
        steps.dedup();
        let before = self.cutoff;
        for step in steps {
            let waiting = self.left_in(step);
            if left >= waiting {
                left -= waiting;
                self.cutoff = self.cutoff.max(end_of(step).as_millis());
            } else {
                let begin = self.cutoff.max(step.saturating_mul(STEP_MILLIS).saturating_sub(1));
                let rest = end_of(step).as_millis().saturating_sub(begin);
                // Whole milliseconds alone: what would be less waits for the next time.
                let by = floor(super::lossy(rest) * left / waiting);
                left -= waiting * super::lossy(by) / super::lossy(rest.max(1));
                self.cutoff = begin.saturating_add(by);
                break;
            }
        }
        // The moment that goes on is not passed as a whole: who comes in the rest of it comes later.
        self.cutoff = self.cutoff.min(now.as_millis().max(before));
        self.forget_passed();
        let keeps_up = self.is_empty() && open;
        if keeps_up {
            self.cutoff = self.cutoff.max(now.as_millis());
        }
        // Its first step is one to where the time is: somebody may have waited who was not counted.
        let kept_up = std::mem::replace(&mut self.keeps_up, keeps_up);
        self.note_move(before, keeps_up && kept_up, now);
        self.add_up();
        places.max(0.0) - left
    }

    fn forget_passed(&mut self) {
        let step = self.cutoff.saturating_add(1) / STEP_MILLIS;
        self.own = self.own.split_off(&step);
        self.others = self.others.split_off(&step);
    }

    fn add_up(&mut self) {
        let mut all = self.own.clone();
        for (step, places) in &self.others {
            let sum = all.entry(*step).or_default();
            *sum = sum.saturating_add(*places);
        }
        let mut sum = 0_u64;
        self.sums.clear();
        for step in all.into_keys() {
            sum = sum.saturating_add(floor(self.left_in(step).ceil()));
            self.sums.push((step, sum));
        }
    }

    /// How many of a moment are not in yet: those of the part of it that is not passed.
    fn left_in(&self, step: u64) -> f64 {
        let all = |counts: &BTreeMap<u64, u64>| counts.get(&step).copied().unwrap_or(0);
        let places = super::lossy(all(&self.own).saturating_add(all(&self.others)));
        let passed = self.cutoff.saturating_add(1).saturating_sub(step.saturating_mul(STEP_MILLIS));
        places * super::lossy(STEP_MILLIS.saturating_sub(passed)) / super::lossy(STEP_MILLIS)
    }

    pub(super) fn tell(&self, counts_max: usize) -> (u64, Vec<Count>) {
        let together = self.own.len().div_ceil(counts_max.max(1)).max(1);
        let counts: Vec<(&u64, &u64)> = self.own.iter().collect();
        let told = counts.chunks(together).filter_map(|some| {
            // With the last of them: nobody is told to be earlier than they came.
            let (step, _) = some.last()?;
            Some(Count { step: **step, places: some.iter().map(|(_, places)| **places).sum() })
        });
        (self.cutoff, told.collect())
    }

    pub(super) fn hear(&mut self, told: Vec<(u64, Vec<Count>)>, now: Timestamp) {
        self.others.clear();
        let before = self.cutoff;
        for (cutoff, counts) in told {
            // A node whose clock is ahead does not let in who has not come yet.
            self.cutoff = self.cutoff.max(cutoff.min(now.as_millis()));
            for Count { step, places } in counts.into_iter().take(STEPS_MAX) {
                let sum = self.others.entry(step.min(now.as_millis() / STEP_MILLIS)).or_default();
                *sum = sum.saturating_add(places);
            }
        }
        self.note_move(before, false, now);
        self.forget_passed();
        self.add_up();
    }

    /// Goes on from a cutoff of before a restart.
    pub(super) fn restore(&mut self, cutoff: u64, counts: &[Count], now: Timestamp) {
        self.cutoff = cutoff.min(now.as_millis());
        let steps = counts.iter().take(STEPS_MAX).filter(|count| count.places > 0);
        self.own = steps.map(|count| (count.step, count.places)).collect();
        self.forget_passed();
        self.add_up();
    }
}

/// The last millisecond of a moment.
const fn end_of(step: u64) -> Timestamp {
    Timestamp::from_millis(step.saturating_add(1).saturating_mul(STEP_MILLIS).saturating_sub(1))
}

fn floor(value: f64) -> u64 {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, and a part of a moment or of a queue is not negative"
    )]
    let floor = value.max(0.0) as u64;
    floor
}
