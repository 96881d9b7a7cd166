//! Writes what is noted: holds what the disk does not take, signs where the chain ends, removes what is too old.

use super::book::Book;
use super::files::{Part, chains, parts, path, remove_chain, take, what_goes};
use super::keys::AuditKeys;
use super::{Standing, fresh_chain};
use crate::day::Day;
use crate::whole_file::sync_folder;
use evidence::audit::{Action, ChainId, Class, Entry, Removed};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde_json::json;
use session::Now;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the end of the chain is signed, if it changed.
const SIGN_EVERY: Duration = Duration::from_mins(1);
/// How often what is too old is removed.
const CLEAN_EVERY: Duration = Duration::from_hours(1);

/// What the thread of the audit knows.
pub(super) struct Writer {
    folder: PathBuf,
    node: String,
    keys: Arc<AuditKeys>,
    retention: Duration,
    book: Option<Book>,
    held: Vec<(Timestamp, Entry)>,
    sign_due: Instant,
    clean_due: Instant,
    standing: Arc<Mutex<Standing>>,
}

impl Writer {
    /// Nothing is opened before the first write.
    pub(super) fn new(
        folder: PathBuf,
        node: String,
        keys: Arc<AuditKeys>,
        retention: Duration,
        standing: Arc<Mutex<Standing>>,
        now: Instant,
    ) -> Self {
        let (sign_due, clean_due) = (now, now);
        Self { folder, node, keys, retention, book: None, held: Vec::new(), sign_due, clean_due, standing }
    }

    /// How many entries wait for the disk.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Whether the disk took nothing the last time.
    pub(super) fn is_failing(&self) -> bool {
        self.standing.lock().is_failing
    }

    /// Takes an entry, for the next write.
    pub(super) fn hold(&mut self, at: Timestamp, entry: Entry) {
        self.held.push((at, entry));
    }

    /// Writes all that is held, if the disk takes it.
    pub(super) fn write(&mut self, now: Now) {
        match self.try_write(now) {
            Ok(()) => {
                let was_failing = std::mem::take(&mut self.standing.lock().is_failing);
                if was_failing {
                    tracing::info!("the audit is written again");
                }
            }
            Err(error) => self.say_failed(&error),
        }
        self.standing.lock().held = self.held.len();
    }

    /// A second is over: what was not written is tried again, and what is due is done.
    pub(super) fn tick(&mut self, now: Now) {
        self.write(now);
        if now.instant >= self.sign_due && self.held.is_empty() {
            self.sign(now);
        }
        if now.instant >= self.clean_due && self.held.is_empty() {
            self.clean_due = now.instant + CLEAN_EVERY;
            if let Err(error) = self.clean(now) {
                tracing::warn!(%error, "old files of the audit cannot be removed; it is tried again in an hour");
            }
        }
    }

    /// The node ends in order.
    pub(super) fn end(&mut self, now: Now) {
        self.hold(now.wall, Entry::system(Action::AuditEnded));
        self.write(now);
        self.sign(now);
        if !self.held.is_empty() {
            tracing::error!(entries = self.held.len(), "entries of the audit are lost");
        }
    }

    fn try_write(&mut self, now: Now) -> io::Result<()> {
        self.open(now)?;
        let lost = self.standing.lock().untold;
        let Some(book) = self.book.as_mut().filter(|_| lost > 0 || !self.held.is_empty()) else {
            return Ok(());
        };
        let mut entries = std::mem::take(&mut self.held);
        if lost > 0 {
            // What was lost was noted after all that is held.
            let lapsed = Entry::system(Action::AuditLapsed).after(&json!({ "entries": lost }));
            entries.push((now.wall, lapsed));
        }
        let written = book.append(&self.keys, &entries, now.wall);
        if written.is_err() {
            entries.truncate(entries.len() - usize::from(lost > 0));
            self.held = entries;
            return written;
        }
        let mut standing = self.standing.lock();
        standing.untold = standing.untold.saturating_sub(lost);
        standing.written = standing.written.saturating_add(u64::try_from(entries.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Goes on with a chain, and says so in it.
    fn open(&mut self, now: Now) -> io::Result<()> {
        if self.book.is_some() {
            return Ok(());
        }
        let (mut book, torn_bytes) =
            Book::open(&self.folder, &self.keys, &fresh_chain().map_err(io::Error::other)?, now.wall)?;
        if torn_bytes > 0 {
            tracing::warn!(torn_bytes, "a line of the audit that a crash tore was cut");
        }
        let version = env!("CARGO_PKG_VERSION");
        let after = json!({ "node": self.node, "version": version, "torn_bytes": torn_bytes });
        let began = Entry::system(Action::AuditBegan).about(book.id().as_str()).after(&after);
        book.append(&self.keys, &[(now.wall, began)], now.wall)?;
        let mut standing = self.standing.lock();
        standing.written = standing.written.saturating_add(1);
        self.book = Some(book);
        Ok(())
    }

    /// Signs the end, if it is not signed.
    fn sign(&mut self, now: Now) {
        let Some(book) = self.book.as_mut().filter(|book| !book.is_signed()) else { return };
        let signed = self.keys.sign(book.id(), book.chain(), now.wall);
        let entry = Entry::system(Action::HeadSigned).after(&signed);
        match book.append(&self.keys, &[(now.wall, entry)], now.wall) {
            Ok(()) => {
                self.sign_due = now.instant + SIGN_EVERY;
                self.standing.lock().head = Some(signed);
            }
            Err(error) => self.say_failed(&error),
        }
    }

    /// Removes files older than they may be kept, of all chains that no other process writes. Each is said to go before it
    /// goes, so that the lines after it have an anchor whatever happens in between.
    fn clean(&mut self, now: Now) -> io::Result<()> {
        let oldest = Day::of(now.wall.before(self.retention));
        for id in chains(&self.folder)? {
            let is_ours = self.book.as_ref().is_some_and(|book| *book.id() == id);
            let lock = if is_ours { None } else { take(&self.folder, &id)? };
            if !is_ours && lock.is_none() {
                continue;
            }
            let parts = parts(&self.folder, &id)?;
            let current = self.book.as_ref().filter(|_| is_ours).map(Book::part);
            let goes = |part: &&Part| part.day < oldest && Some(*part) != current;
            let gone: Vec<Part> = parts.iter().take_while(goes).cloned().collect();
            for (nth, part) in gone.iter().enumerate() {
                self.remove(&id, part, parts.get(nth + 1), now)?;
            }
            if !is_ours && gone.len() == parts.len() {
                remove_chain(&self.folder, &id)?;
            }
        }
        Ok(())
    }

    fn remove(&mut self, id: &ChainId, part: &Part, next: Option<&Part>, now: Now) -> io::Result<()> {
        let (count, last) = what_goes(&self.folder, &self.keys, id, part, next)?;
        let removed = Removed { class: Class::Audit, chain: id.clone(), file: part.name(), count, last };
        let entry = Entry::system(Action::RetentionRemoved).about(&part.name()).after(&removed);
        self.hold(now.wall, entry);
        self.try_write(now)?;
        let path = path(&self.folder, id, part);
        fs::remove_file(&path)?;
        sync_folder(&path)?;
        tracing::info!(file = part.name(), "removed a day of the audit that is older than it may be kept");
        Ok(())
    }

    /// Once, not every second.
    fn say_failed(&self, error: &io::Error) {
        let mut standing = self.standing.lock();
        standing.failures = standing.failures.saturating_add(1);
        if !std::mem::replace(&mut standing.is_failing, true) {
            tracing::error!(%error, "the audit cannot be written; it is held and tried every second");
        }
    }
}

#[cfg(test)]
mod tests;
