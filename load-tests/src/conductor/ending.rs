//! The end of a run: nobody posts any more, all come even, the logs are read, and everything is compared.

use super::{LOOK, Run, TICK};
use crate::cast;
use crate::clock::Micros;
use crate::conductor::crew::Crew;
use crate::ledger::{Log, Statement};
use crate::orders::{Answer, Order, Seen};
use crate::progress::Screen;
use crate::stage::Stage;
use anyhow::bail;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// How long the reading of all logs may take.
const AUDIT_PATIENCE: Duration = Duration::from_mins(5);
/// How long anything here may take in a run that was ended before its time.
const CUT_SHORT_PATIENCE: Duration = Duration::from_secs(10);

impl Run<'_> {
    /// Nobody publishes any more: waits until all are even.
    pub(super) fn settle(
        &mut self,
        crew: &mut Crew,
        stage: &mut Stage,
        screen: &mut dyn Screen,
    ) -> anyhow::Result<()> {
        let last = self.phase;
        self.phase = usize::MAX;
        self.phase_began = Micros::now();
        screen.note("nobody posts any more; waiting until all have all")?;
        crew.tell(&Order::Over)?;
        let end = self.phase_began.after(self.patience(self.plan.scenario.settle));
        loop {
            for note in self.faults.due(stage, Micros::now(), self.observed.totals.disconnects)? {
                screen.note(&note)?;
            }
            self.interval(crew, stage, screen)?;
            let seen = self.look(crew)?;
            (self.observed.behind, self.observed.unanswered) = (seen.behind, seen.waiting);
            let even = seen == Seen::default();
            if even && self.overdue.take().is_some() {
                let took = self.faults.over(Micros::now());
                self.observed.recovery_s = Some(self.observed.recovery_s.unwrap_or(0.0).max(took));
            }
            if even || Micros::now() >= end {
                break;
            }
            std::thread::sleep(LOOK);
        }
        self.observed.caught_up_s = Micros::now().seconds_since(self.phase_began);
        self.observed.planned = self.expected(last);
        self.observed.arrived = self.arrived;
        Ok(())
    }

    /// How long to wait for something at the end: not long in a run that shows nothing anyway.
    fn patience(&self, whole: Duration) -> Duration {
        if self.observed.cut_short.is_some() { whole.min(CUT_SHORT_PATIENCE) } else { whole }
    }

    /// Has each channel's log read.
    pub(super) fn read_logs(
        &mut self,
        crew: &mut Crew,
        stage: &mut Stage,
        screen: &mut dyn Screen,
    ) -> anyhow::Result<()> {
        screen.note("reading the logs of all channels")?;
        crew.tell(&Order::Audit)?;
        // In a run that was cut short, not everybody came who would read one.
        let channels: BTreeSet<u32> = if self.observed.cut_short.is_some() {
            self.tops.keys().copied().collect()
        } else {
            cast::auditors(self.plan.scenario).into_values().flatten().collect()
        };
        let end = Micros::now().after(self.patience(AUDIT_PATIENCE));
        loop {
            self.interval(crew, stage, screen)?;
            let unread = channels.iter().filter(|channel| !self.logs.contains_key(*channel)).count();
            self.observed.unread_logs = u64::try_from(unread).unwrap_or(u64::MAX);
            if unread == 0 || Micros::now() >= end {
                return Ok(());
            }
            std::thread::sleep(TICK);
        }
    }

    pub(super) fn compare(&mut self, crew: &mut Crew) -> anyhow::Result<()> {
        let mut statements: HashMap<Statement, u64> = HashMap::new();
        for answer in crew.ask(&Order::State)? {
            let Answer::Stated { statements: told, open, unreached } = answer else {
                bail!("a generator answered something else");
            };
            self.observed.unreached += unreached;
            for hash in open {
                self.audit.leave_open(hash);
            }
            for (statement, readers) in told {
                *statements.entry(statement).or_default() += readers;
            }
        }
        for (channel, entries) in std::mem::take(&mut self.logs) {
            self.audit.read(channel, Log::new(&entries));
        }
        let statements: Vec<_> = statements.into_iter().collect();
        self.observed.findings = self.audit.compare(&statements);
        self.observed.faults = self.faults.summaries(self.began, self.observed.totals.disconnects);
        self.observed.unreached += self.observed.planned.saturating_sub(self.observed.arrived);
        Ok(())
    }
}
