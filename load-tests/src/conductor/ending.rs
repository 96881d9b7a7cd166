//! The end of a run: nobody posts any more, all come even, the logs are read, and everything is compared.

use super::{LOOK, Run, TICK};
use crate::cast;
use crate::clock::Micros;
use crate::conductor::crew::Crew;
use crate::ledger::Readers;
use crate::orders::{Answer, Order, Seen};
use crate::progress::Screen;
use crate::stage::Stage;
use anyhow::bail;
use std::collections::BTreeSet;
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
        crew.tell(&Order::Over { at: self.phase_began })?;
        self.faults.end();
        loop {
            for note in self.faults.due(stage, Micros::now(), self.observed.totals.disconnects)? {
                screen.note(&note)?;
            }
            self.gather(crew)?;
            let acknowledged = self.observed.totals.acknowledged;
            let seen = self.look(crew)?;
            (self.observed.behind, self.observed.unanswered) = (seen.behind, seen.waiting);
            self.gather(crew)?;
            // An answer that came between the two may tell of a message that readers do not have yet.
            let even = seen == Seen::default() && acknowledged == self.observed.totals.acknowledged;
            if even && self.overdue.take().is_some() {
                let took = self.faults.over(Micros::now());
                self.observed.recovery_s = Some(self.observed.recovery_s.unwrap_or(0.0).max(took));
            }
            if even || self.is_too_late(self.plan.scenario.settle, screen) {
                break;
            }
            self.interval_if_due(crew, stage, screen)?;
            std::thread::sleep(LOOK);
        }
        self.observed.caught_up_s = Micros::now().seconds_since(self.phase_began);
        self.observed.planned = self.expected(last);
        self.observed.arrived = self.arrived;
        Ok(())
    }

    /// Whether it has waited long enough: not long in a run that shows nothing anyway.
    fn is_too_late(&mut self, patience: Duration, screen: &mut dyn Screen) -> bool {
        let patience = if self.is_over(screen) { patience.min(CUT_SHORT_PATIENCE) } else { patience };
        Micros::now() >= self.phase_began.after(patience)
    }

    /// Asks what readers came to, then has each channel's log read, which so has at least what they have.
    pub(super) fn read_logs(
        &mut self,
        crew: &mut Crew,
        stage: &mut Stage,
        screen: &mut dyn Screen,
    ) -> anyhow::Result<()> {
        screen.note("reading the logs of all channels")?;
        self.ask_readers(crew)?;
        self.phase_began = Micros::now();
        crew.tell(&Order::Audit)?;
        let auditors: BTreeSet<u32> = cast::auditors(self.plan.scenario).into_values().flatten().collect();
        loop {
            self.gather(crew)?;
            // In a run that was cut short, not everybody came who would read one.
            let cut_short = self.observed.cut_short.is_some();
            let wanted = auditors.iter().filter(|_| !cut_short).chain(self.tops.keys()).copied();
            let unread = wanted.filter(|channel| !self.logs.contains_key(channel)).collect::<BTreeSet<u32>>();
            self.observed.unread_logs = u64::try_from(unread.len()).unwrap_or(u64::MAX);
            if unread.is_empty() || self.is_too_late(AUDIT_PATIENCE, screen) {
                return self.interval(crew, stage, screen);
            }
            self.interval_if_due(crew, stage, screen)?;
            std::thread::sleep(TICK);
        }
    }

    fn ask_readers(&mut self, crew: &mut Crew) -> anyhow::Result<()> {
        for answer in crew.ask(&Order::State)? {
            let Answer::Stated { statements, open, epochs, unreached } = answer else {
                bail!("a generator answered something else");
            };
            self.observed.unreached += unreached;
            for hash in open {
                self.audit.leave_open(hash);
            }
            for (channel, epoch) in epochs {
                self.audit.meet(channel, epoch);
            }
            for (statement, count, since) in statements {
                let readers = self.statements.entry(statement).or_insert(Readers { count: 0, since });
                readers.count += count;
                readers.since = readers.since.min(since);
            }
        }
        Ok(())
    }

    /// Compares everything.
    pub(super) fn compare(&mut self) {
        for (channel, read) in std::mem::take(&mut self.logs) {
            self.audit.read(channel, &read);
        }
        let statements: Vec<_> = std::mem::take(&mut self.statements).into_iter().collect();
        self.observed.findings = self.audit.compare(&statements);
        self.observed.faults = self.faults.summaries(self.began, self.observed.totals.disconnects);
        self.observed.unreached += self.observed.planned.saturating_sub(self.observed.arrived);
    }
}
