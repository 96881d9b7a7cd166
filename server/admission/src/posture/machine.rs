//! When a node's posture changes: up fast, down one step at a time, and never to and fro.

use super::signs::{DEMANDS, as_f64};
use super::{Posture, Signs, Trigger};
use std::time::{Duration, Instant};

protocol::limits! {
    /// How long elevated is kept after an attack, beyond its dwell.
    pub const ATTACK_HOLD: Duration = Duration::from_mins(1) => shown "holdfast_posture" option "--posture-hold";
    /// How long all signs must be quiet before elevated is left; twice and then five times as long if it returned soon.
    pub const DWELL_ELEVATED: Duration = Duration::from_secs(25) => shown "holdfast_posture";
    /// How long all signs must be quiet before under attack is left, likewise.
    pub const DWELL_UNDER_ATTACK: Duration = Duration::from_secs(40) => shown "holdfast_posture";
    /// How long all signs must be quiet before survival is left, likewise.
    pub const DWELL_SURVIVAL: Duration = Duration::from_secs(20) => shown "holdfast_posture";
    /// A posture that returns within this time of being left is kept for longer than before.
    pub const RETURNS_REMEMBERED_FOR: Duration = Duration::from_mins(10) => unseen;
    /// Strangers a second that every service takes: fewer than twice as many are never a flood.
    pub const STRANGERS_USUAL_MIN: u32 = 50 => unseen;
}

/// How many times its dwell a posture is kept, by how often it has returned.
const DWELL_FACTORS: [u32; 3] = [1, 2, 5];
/// What one quiet second leaves of how many strangers were taken at most: half in ten minutes.
const USUAL_KEPT: f64 = 0.998_845;

/// A change of posture, and what it was for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition {
    /// Before.
    pub from: Posture,
    /// After.
    pub to: Posture,
    /// Why.
    pub trigger: Trigger,
    /// The figure that did it: the sign's, or for [`Trigger::Calm`] for how many seconds all was quiet.
    pub value: f64,
}

/// What is remembered of one posture.
#[derive(Debug, Clone, Copy, Default)]
struct Memory {
    left_at: Option<Instant>,
    returns: usize,
}

/// Decides one node's posture from its own signs.
#[derive(Debug, Clone)]
pub struct PostureMachine {
    posture: Posture,
    /// Since when this posture stands and nothing disturbed it.
    quiet_since: Instant,
    /// Whether elevated is what an attack left behind.
    after_attack: bool,
    hold: Duration,
    /// For each demand, in how many windows in a row it was met.
    runs: [u32; DEMANDS.len()],
    memories: [Memory; Posture::ALL.len()],
    /// The most strangers that were taken in a second; fades only while all is normal. Were they compared with what is
    /// taken now, a posture that refuses them would keep itself up.
    usual: f64,
}

impl PostureMachine {
    /// Normal, since now; elevated is kept for `hold` after an attack.
    pub fn new(hold: Duration, now: Instant) -> Self {
        Self {
            posture: Posture::Normal,
            quiet_since: now,
            after_attack: false,
            hold,
            runs: [0; DEMANDS.len()],
            memories: [Memory::default(); Posture::ALL.len()],
            usual: f64::from(STRANGERS_USUAL_MIN),
        }
    }

    /// The posture now.
    pub const fn posture(&self) -> Posture {
        self.posture
    }

    /// Takes what a second showed.
    pub fn observe(&mut self, signs: &Signs, now: Instant) -> Option<Transition> {
        let admitted = as_f64(signs.strangers_admitted);
        let faded = if self.posture == Posture::Normal { self.usual * USUAL_KEPT } else { self.usual };
        self.usual = faded.max(admitted).max(f64::from(STRANGERS_USUAL_MIN));
        if let Some((posture, trigger, value)) = self.asked_for(signs) {
            return Some(self.rise(posture, trigger, value, now));
        }
        if !self.is_quiet(signs) {
            self.quiet_since = now;
            return None;
        }
        let quiet = now.saturating_duration_since(self.quiet_since);
        (self.posture != Posture::Normal && quiet >= self.dwell()).then(|| self.step_down(quiet, now))
    }

    /// How long the posture is kept after the last disturbance.
    pub fn dwell(&self) -> Duration {
        let dwell = match self.posture {
            Posture::Normal => Duration::ZERO,
            Posture::Elevated => DWELL_ELEVATED,
            Posture::UnderAttack => DWELL_UNDER_ATTACK,
            Posture::Survival => DWELL_SURVIVAL,
        };
        let returns = self.memory(self.posture).returns;
        let factor = DWELL_FACTORS.get(returns).or(DWELL_FACTORS.last()).copied().unwrap_or(1);
        let hold = if self.after_attack { self.hold } else { Duration::ZERO };
        dwell.saturating_mul(factor).saturating_add(hold)
    }

    /// The highest posture above this one that a sign asks for.
    fn asked_for(&mut self, signs: &Signs) -> Option<(Posture, Trigger, f64)> {
        let mut asked: Option<(Posture, Trigger, f64)> = None;
        for (demand, run) in DEMANDS.iter().zip(&mut self.runs) {
            let value = signs.value(demand.trigger, self.usual);
            let is_met = self.posture >= demand.after && demand.is_met(value);
            *run = if is_met { run.saturating_add(1) } else { 0 };
            let is_higher = demand.posture > asked.map_or(self.posture, |(posture, ..)| posture);
            if is_met && is_higher && demand.counts(value, *run) {
                asked = Some((demand.posture, demand.trigger, value));
            }
        }
        asked
    }

    /// Whether nothing speaks for staying.
    fn is_quiet(&self, signs: &Signs) -> bool {
        DEMANDS
            .iter()
            .filter(|demand| demand.posture <= self.posture)
            .all(|demand| demand.is_quiet(signs.value(demand.trigger, self.usual)))
    }

    fn rise(&mut self, to: Posture, trigger: Trigger, value: f64, now: Instant) -> Transition {
        let from = self.posture;
        for posture in Posture::ALL.into_iter().filter(|posture| (from < *posture) && (*posture <= to)) {
            let memory = self.memory_mut(posture);
            let is_soon = memory
                .left_at
                .is_some_and(|left| now.saturating_duration_since(left) < RETURNS_REMEMBERED_FOR);
            memory.returns = if is_soon { memory.returns.saturating_add(1) } else { 0 };
        }
        self.after_attack = false;
        self.settle(to, now);
        Transition { from, to, trigger, value }
    }

    fn step_down(&mut self, quiet: Duration, now: Instant) -> Transition {
        let from = self.posture;
        self.memory_mut(from).left_at = Some(now);
        let to = from.below();
        self.after_attack = from.is_attack() && !to.is_attack();
        self.settle(to, now);
        Transition { from, to, trigger: Trigger::Calm, value: quiet.as_secs_f64() }
    }

    fn settle(&mut self, posture: Posture, now: Instant) {
        self.posture = posture;
        self.quiet_since = now;
        // What was seen before belongs to the posture before.
        self.runs = [0; DEMANDS.len()];
    }

    fn memory(&self, posture: Posture) -> Memory {
        self.memories.get(usize::from(posture.number())).copied().unwrap_or_default()
    }

    fn memory_mut(&mut self, posture: Posture) -> &mut Memory {
        let [normal, elevated, under_attack, survival] = &mut self.memories;
        match posture {
            Posture::Normal => normal,
            Posture::Elevated => elevated,
            Posture::UnderAttack => under_attack,
            Posture::Survival => survival,
        }
    }
}

#[cfg(test)]
mod tests;
