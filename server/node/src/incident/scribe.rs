//! Writes what the keeper decides: holds what the disk does not take, and goes on with what a process before it left.

use super::abuse::{INDICATORS, add_indicators, seal_indicators, update_abuse};
use super::archive::Archive;
use super::record::{Left, Record};
use super::{
    INCIDENT_HELD_MAX_ENTRIES, INCIDENT_WORDS_MAX_BYTES, OpenRecord, OrderSeen, Standing, WordsRefused,
};
use admission::Posture;
use evidence::audit::Applied;
use evidence::incident::{
    Changed, Entry, Figures, IncidentId, IncidentKeeper, Lapse, Name, Offender, Override, Resumed,
};
use parking_lot::Mutex;
use protocol::Timestamp;
use session::Now;
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often it is asked where the flood comes from, while a record is open.
const OFFENDERS_EVERY: Duration = Duration::from_secs(10);
/// How often what is too old is removed.
const CLEAN_EVERY: Duration = Duration::from_hours(1);

/// How many of the latest records are looked at for one that was left open.
const RECORDS_LOOKED_AT: usize = 32;

/// What the thread of the record knows.
pub(super) struct Scribe {
    data: PathBuf,
    node: Name,
    archive: Archive,
    retention: Duration,
    keeper: IncidentKeeper,
    record: Option<Record>,
    order: Option<OrderSeen>,
    held: VecDeque<(Timestamp, Entry)>,
    lapsed: u64,
    offenders_due: Instant,
    clean_due: Instant,
    /// What was removed and nobody has been told of.
    removed: Vec<Applied>,
    standing: Arc<Mutex<Standing>>,
}

impl Scribe {
    /// Goes on with the latest record, if it was left open.
    pub(super) fn begin(
        data: &Path,
        node: Name,
        retention: Duration,
        standing: Arc<Mutex<Standing>>,
        now: Now,
        figures: Figures,
    ) -> Self {
        let mut scribe = Self {
            data: data.to_owned(),
            node: node.clone(),
            archive: Archive::new(data),
            retention,
            keeper: IncidentKeeper::new(node, Posture::Normal),
            record: None,
            order: None,
            held: VecDeque::new(),
            lapsed: 0,
            offenders_due: now.instant,
            clean_due: now.instant,
            removed: Vec::new(),
            standing,
        };
        match scribe.left_open() {
            Ok(Some((record, torn_bytes))) => {
                tracing::info!(incident = record.id.as_str(), "going on with a record that was left open");
                scribe.record = Some(record);
                scribe.keeper.resume(now.instant, figures);
                let node = scribe.node.clone();
                scribe.hold(now.wall, Entry::Resumed(Resumed { node, torn_bytes }));
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the records of incidents cannot be read"),
        }
        scribe.write();
        scribe
    }

    /// The latest record that nobody writes, if it is open; an older one only if this node opened it, since what is
    /// older than a closed one was over unless another node closed that.
    fn left_open(&self) -> io::Result<Option<(Record, u64)>> {
        let mut is_latest = true;
        for id in self.archive.ids()?.into_iter().take(RECORDS_LOOKED_AT) {
            if !is_latest
                && self.archive.timeline(&id).is_ok_and(|timeline| timeline.node() != Some(&self.node))
            {
                continue;
            }
            match Record::take_up(id.clone(), &self.archive.folder_of(&id)) {
                Ok(Left::Open(record, torn_bytes)) => return Ok(Some((record, torn_bytes))),
                Ok(Left::Closed(_)) => is_latest = false,
                Ok(Left::InUse) => {}
                Ok(Left::Damaged) => {
                    tracing::error!(
                        incident = id.as_str(),
                        "the end of this record cannot be read, so it is not gone on with"
                    );
                }
                Err(error) => {
                    tracing::error!(incident = id.as_str(), %error, "this record cannot be taken up");
                }
            }
        }
        Ok(None)
    }

    /// The posture changed, or an order began or ended.
    pub(super) fn posture(
        &mut self,
        changed: Option<Changed>,
        order: Option<OrderSeen>,
        at: Timestamp,
        now: Now,
        figures: &Figures,
    ) {
        if let Some(changed) = changed {
            for entry in self.keeper.posture_changed(changed, now.instant, at, figures) {
                self.hold(at, entry);
            }
        }
        if order != self.order {
            self.order.clone_from(&order);
            let entry = order.map_or(Entry::OverrideEnded, |order| {
                let OrderSeen { posture: to, who, why, until } = order;
                Entry::Override(Override { to, who, why, until })
            });
            self.aside(entry, at);
        }
        self.write();
    }

    /// Something for the record that is open, if one is.
    pub(super) fn aside(&mut self, entry: Entry, at: Timestamp) {
        if self.keeper.is_open() {
            self.hold(at, entry);
            self.write();
        }
    }

    /// An operator's words, on the disk when this returns well.
    pub(super) fn words(&mut self, id: &IncidentId, entry: Entry, at: Timestamp) -> Result<(), WordsRefused> {
        if self.record.as_ref().is_some_and(|record| record.id == *id) {
            // What came before it goes first.
            self.write();
            let Some(record) = self.record.as_mut().filter(|_| self.held.is_empty()) else {
                return Err(WordsRefused::Away);
            };
            let written = put(record, at, entry);
            self.show();
            return written;
        }
        match Record::take_up(id.clone(), &self.archive.folder_of(id)) {
            Ok(Left::Open(mut record, _) | Left::Closed(mut record)) => put(&mut record, at, entry),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(WordsRefused::Unknown),
            Ok(Left::InUse | Left::Damaged) | Err(_) => Err(WordsRefused::Away),
        }
    }

    /// A second is over.
    pub(super) fn tick(&mut self, now: Now, figures: &Figures, offenders: &dyn Fn() -> Vec<Offender>) {
        let bytes = self.record.as_ref().map_or(0, Record::bytes);
        let was_open = self.keeper.is_open();
        let entries = self.keeper.tick(now.instant, bytes, figures);
        let ends = was_open && !self.keeper.is_open();
        if was_open && (ends || now.instant >= self.offenders_due) {
            self.offenders_due = now.instant + OFFENDERS_EVERY;
            self.note_offenders(&offenders(), now.wall);
        }
        if ends {
            self.hold_indicators(now.wall);
        }
        for entry in entries {
            self.hold(now.wall, entry);
        }
        self.write();
        if now.instant >= self.clean_due {
            self.clean_due = now.instant + CLEAN_EVERY;
            let open = self.record.as_ref().map(|record| &record.id);
            let cleaned = self.archive.clean(open, self.retention, now.wall, &mut self.removed);
            if let Err(error) = cleaned.and_then(|()| update_abuse(&self.data, &[], now.wall)) {
                tracing::warn!(%error, "old records and addresses cannot be removed; it is tried again in an hour");
            }
        }
    }

    /// What was removed since this was asked last, as it was older than it may be kept.
    pub(super) fn take_removed(&mut self) -> Vec<Applied> {
        std::mem::take(&mut self.removed)
    }

    /// The node ends; the record does not.
    pub(super) fn end(&mut self, now: Now, figures: &Figures) {
        if let Some(entry) = self.keeper.stop(now.instant, figures) {
            self.hold(now.wall, entry);
        }
        self.write();
        if !self.held.is_empty() {
            tracing::error!(entries = self.held.len(), "entries of the record of an incident are lost");
        }
    }

    fn note_offenders(&self, told: &[Offender], now: Timestamp) {
        let Some(record) = self.record.as_ref().filter(|_| !told.is_empty()) else { return };
        let noted = add_indicators(&record.beside(INDICATORS), told.to_vec());
        if let Err(error) = noted.and_then(|()| update_abuse(&self.data, told, now)) {
            self.say_failed(&error);
        }
    }

    fn hold_indicators(&mut self, now: Timestamp) {
        let Some(record) = &self.record else { return };
        match seal_indicators(&record.beside(INDICATORS)) {
            Ok(Some(indicators)) => self.hold(now, Entry::Indicators(indicators)),
            Ok(None) => {}
            Err(error) => self.say_failed(&error),
        }
    }

    fn hold(&mut self, at: Timestamp, entry: Entry) {
        if let (Entry::Counts(later), Some((known_at, Entry::Counts(known)))) = (&entry, self.held.back_mut())
        {
            known.add(later);
            *known_at = at;
            return;
        }
        if self.held.len() >= INCIDENT_HELD_MAX_ENTRIES {
            // What opens a record stays, or there would be nothing to write the others into.
            let oldest = usize::from(matches!(self.held.front(), Some((_, Entry::Opened(_)))));
            drop(self.held.remove(oldest));
            self.lapsed = self.lapsed.saturating_add(1);
            let mut standing = self.standing.lock();
            standing.lost = standing.lost.saturating_add(1);
        }
        self.held.push_back((at, entry));
    }

    /// Writes all that is held, if the disk takes it.
    fn write(&mut self) {
        if !self.held.is_empty() {
            match self.try_write() {
                Ok(()) => {
                    let was_failing = std::mem::take(&mut self.standing.lock().is_failing);
                    if was_failing {
                        tracing::info!("the record of incidents is written again");
                    }
                }
                Err(error) => self.say_failed(&error),
            }
        }
        self.show();
    }

    fn try_write(&mut self) -> io::Result<()> {
        while let Some((at, first)) = self.held.front() {
            let at = *at;
            if let Entry::Opened(opened) = first {
                let record = Record::begin(&super::folder(&self.data), at, opened)?;
                tracing::warn!(incident = record.id.as_str(), "an incident is recorded");
                self.record = Some(record);
                self.written(1);
                continue;
            }
            let Some(record) = &mut self.record else {
                // Nothing is held without a record but what came after its end.
                self.held.pop_front();
                continue;
            };
            let mut entries = Vec::new();
            if self.lapsed > 0 {
                entries.push((at, Entry::Lapse(Lapse { entries: self.lapsed })));
            }
            let lapses = entries.len();
            let belongs = |entry: &&(Timestamp, Entry)| !matches!(entry.1, Entry::Opened(_));
            entries.extend(self.held.iter().take_while(belongs).cloned());
            record.append(&entries)?;
            self.lapsed = 0;
            if entries.iter().any(|(_, entry)| entry.is_end()) {
                tracing::warn!(incident = record.id.as_str(), "the record of an incident is closed");
                self.record = None;
            }
            self.written(entries.len() - lapses);
        }
        Ok(())
    }

    fn written(&mut self, entries: usize) {
        drop(self.held.drain(..entries.min(self.held.len())));
        let mut standing = self.standing.lock();
        standing.lines = standing.lines.saturating_add(u64::try_from(entries).unwrap_or(u64::MAX));
    }

    /// Once, not every second.
    fn say_failed(&self, error: &io::Error) {
        let mut standing = self.standing.lock();
        standing.failures = standing.failures.saturating_add(1);
        if !std::mem::replace(&mut standing.is_failing, true) {
            tracing::error!(%error, "the record of an incident cannot be written; it is held and tried every second");
        }
    }

    /// Lets others see how it fares.
    fn show(&self) {
        let mut standing = self.standing.lock();
        standing.held = self.held.len();
        standing.bytes = self.record.as_ref().map_or(0, Record::bytes);
        standing.open = self.record.as_ref().map(|record| OpenRecord {
            id: record.id.clone(),
            lines: record.chain().lines(),
            head: record.chain().head(),
        });
    }
}

fn put(record: &mut Record, at: Timestamp, entry: Entry) -> Result<(), WordsRefused> {
    if record.bytes() >= INCIDENT_WORDS_MAX_BYTES {
        return Err(WordsRefused::Full);
    }
    record.append(&[(at, entry)]).map_err(|_| WordsRefused::Away)
}

#[cfg(test)]
mod tests;
