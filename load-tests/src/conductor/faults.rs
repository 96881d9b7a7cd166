//! What is done to the server, when, and whether it bit.

use crate::clock::Micros;
use crate::report::summary::FaultSummary;
use crate::scenario::{Act, Fault, Scenario, Victim};
use crate::stage::{self, Stage};
use std::time::Duration;

/// How long after a fault it is no longer waited for to bite.
const BITE_PATIENCE: Duration = Duration::from_secs(30);
/// How often, and how many times, it is looked whether a process has stopped.
const STOP_POLL: Duration = Duration::from_millis(1);
const STOP_POLLS_MAX: u32 = 100;

/// All faults of a run.
#[derive(Debug, Default)]
pub(super) struct Faults {
    of: Vec<Planned>,
}

#[derive(Debug)]
struct Planned {
    fault: Fault,
    at: Micros,
    back_at: Option<Micros>,
    /// When it was done.
    done: Option<Micros>,
    /// Whether it was undone, if it is to be.
    back: bool,
    /// How the process was seen to suffer.
    seen: Option<String>,
    /// Connections that had ended, and publishes that were answered, when it was done and undone.
    disconnects_before: u64,
    acknowledged_at_back: Option<u64>,
    over: bool,
}

impl Faults {
    /// A phase began: its faults have their times.
    pub(super) fn plan(&mut self, scenario: &Scenario, phase: usize, began: Micros) {
        for fault in scenario.faults.iter().filter(|fault| fault.phase == phase) {
            let at = began.after(fault.at);
            self.of.push(Planned {
                back_at: fault.back_after.map(|after| at.after(after)),
                fault: fault.clone(),
                at,
                done: None,
                back: false,
                seen: None,
                disconnects_before: 0,
                acknowledged_at_back: None,
                over: false,
            });
        }
    }

    /// Does and undoes what is due; says what it did.
    pub(super) fn due(
        &mut self,
        stage: &mut Stage,
        now: Micros,
        disconnects: u64,
    ) -> anyhow::Result<Vec<String>> {
        let mut notes = Vec::new();
        for planned in &mut self.of {
            let (act, victim) = (planned.fault.act, planned.fault.victim);
            if planned.done.is_none() && !planned.over && now >= planned.at {
                let ended = stage.act(act, victim)?;
                planned.done = Some(Micros::now());
                planned.disconnects_before = disconnects;
                planned.seen = match ended {
                    Some(status) => Some(stage::ending(status)),
                    None => stopped(stage, victim),
                };
                notes.push(format!("{} {victim}", act.word()));
            }
            let due_back = planned.back_at.is_some_and(|back_at| now >= back_at);
            if planned.done.is_some() && !planned.back && due_back {
                stage.undo(act, victim)?;
                planned.back = true;
                notes.push(format!("{victim} is back"));
            }
        }
        Ok(notes)
    }

    /// Phases are over: what was not done by now is not done any more.
    pub(super) fn end(&mut self) {
        for planned in self.of.iter_mut().filter(|planned| planned.done.is_none()) {
            planned.over = true;
        }
    }

    /// Whether what was done can be over: it is undone, and it bit, or had time to.
    pub(super) fn may_be_over(&mut self, now: Micros, disconnects: u64, acknowledged: u64) -> bool {
        let mut all = true;
        for planned in self.of.iter_mut().filter(|planned| planned.done.is_some() && !planned.over) {
            if planned.back_at.is_some() && !planned.back {
                return false;
            }
            let before = *planned.acknowledged_at_back.get_or_insert(acknowledged);
            let bit = disconnects > planned.disconnects_before;
            let answered = acknowledged > before;
            let loses_connections =
                planned.fault.act.ends_a_process() && matches!(planned.fault.victim, Victim::Node(_));
            let patient = planned.done.is_some_and(|done| now >= done.after(BITE_PATIENCE));
            all &= if loses_connections { bit } else { answered } || patient;
        }
        all
    }

    /// It is over: seconds since the earliest of them.
    pub(super) fn over(&mut self, now: Micros) -> f64 {
        let mut longest: f64 = 0.0;
        for planned in self.of.iter_mut().filter(|planned| !planned.over) {
            if let Some(done) = planned.done {
                longest = longest.max(now.seconds_since(done));
                planned.over = true;
            }
        }
        longest
    }

    /// All of them, with what shows that they bit.
    pub(super) fn summaries(&self, began: Micros, disconnects: u64) -> Vec<FaultSummary> {
        self.of.iter().map(|planned| planned.summary(began, disconnects)).collect()
    }
}

fn stopped(stage: &mut Stage, victim: Victim) -> Option<String> {
    // The kernel stops a process a moment after it was told to.
    for _ in 0..STOP_POLLS_MAX {
        if stage.is_stopped(victim) {
            return Some("stopped (state T)".to_owned());
        }
        std::thread::sleep(STOP_POLL);
    }
    None
}

impl Planned {
    fn summary(&self, began: Micros, disconnects: u64) -> FaultSummary {
        let lost = disconnects.saturating_sub(self.disconnects_before);
        let is_node = matches!(self.fault.victim, Victim::Node(_));
        let must_lose = is_node && self.fault.act != Act::Stop;
        let evidence = self.seen.clone().filter(|_| self.done.is_some() && (!must_lose || lost > 0));
        FaultSummary {
            what: format!("{} {}", self.fault.act.word(), self.fault.victim),
            at_s: self.done.unwrap_or(self.at).seconds_since(began),
            evidence: evidence.map(|seen| {
                if is_node { format!("{seen}; {lost} connections ended from then on") } else { seen }
            }),
        }
    }
}
