//! The files of the account: one a day, appended to and synced, for the operator's eyes alone.

use crate::day::Day;
use crate::retention::hash_of;
use evidence::audit::{Applied, Class};
use evidence::egress::{Batch, FORMAT_VERSION, Ledger, Line, Take};
use protocol::Timestamp;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

protocol::limits! {
    /// Most processes that write the account of what left into one data folder, each its own file; one more does not
    /// start.
    const EGRESS_WRITERS_MAX: u32 = 16 => unseen;
}

/// Bytes that are gathered for one write.
const WRITE_BYTES: usize = 64 * 1024;

/// How much was written and synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Written {
    pub(super) lines: u64,
    pub(super) bytes: u64,
}

/// Writes what a ledger held. What could not be written is tried again before anything newer is taken.
#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    retention: Duration,
    began: Timestamp,
    file: DayFile,
    unwritten: Option<Batch>,
    observer: Option<Observer>,
    /// Days that were removed and nobody has been told of.
    removed: Vec<Applied>,
}

/// Somebody who looks at every line that was written.
pub(crate) struct Observer(Box<dyn Fn(&Line) + Send + Sync>);

impl Observer {
    /// Looks by this function, which must not wait.
    pub(crate) fn new(look: impl Fn(&Line) + Send + Sync + 'static) -> Self {
        Self(Box::new(look))
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(…)")
    }
}

impl Writer {
    /// Makes the folder, removes what is too old, and begins a life in the day's file.
    pub(super) fn open(folder: PathBuf, retention: Duration, now: Timestamp) -> io::Result<Self> {
        let file = DayFile::open(&folder, Day::of(now))?;
        let (unwritten, observer, removed) = (None, None, Vec::new());
        let mut writer = Self { folder, retention, began: now, file, unwritten, observer, removed };
        writer.remove_old(now);
        writer.append([Line::Begin { at: now, version: FORMAT_VERSION }].into_iter(), now)?;
        Ok(writer)
    }

    /// From now on somebody looks at every line that was written.
    pub(super) fn observe(&mut self, observer: Observer) {
        self.observer = Some(observer);
    }

    /// The days that were removed since this was asked last.
    pub(super) fn take_removed(&mut self) -> Vec<Applied> {
        std::mem::take(&mut self.removed)
    }

    /// Writes what is there and syncs it, and adds to `written` what came that far.
    pub(super) fn flush(
        &mut self,
        ledger: &Ledger,
        now: Timestamp,
        take: Take,
        written: &mut Written,
    ) -> io::Result<()> {
        if let Some(batch) = self.unwritten.take() {
            self.write(batch, now, written)?;
        }
        match ledger.take(now, take) {
            Some(batch) => self.write(batch, now, written),
            None => Ok(()),
        }
    }

    /// Says that nothing more comes.
    pub(super) fn end(&mut self, now: Timestamp) -> io::Result<()> {
        self.append([Line::End { at: now, began: self.began }].into_iter(), now).map(drop)
    }

    fn write(&mut self, batch: Batch, now: Timestamp, written: &mut Written) -> io::Result<()> {
        match self.append(batch.lines(), now) {
            Ok(Written { lines, bytes }) => {
                written.lines = written.lines.saturating_add(lines);
                written.bytes = written.bytes.saturating_add(bytes);
                if let Some(Observer(look)) = &self.observer {
                    batch.lines().for_each(|line| look(&line));
                }
                Ok(())
            }
            Err(error) => {
                self.unwritten = Some(batch);
                Err(error)
            }
        }
    }

    fn append(&mut self, lines: impl Iterator<Item = Line>, now: Timestamp) -> io::Result<Written> {
        self.turn_to(now)?;
        self.file.append(|out| {
            let mut written = Written::default();
            for line in lines {
                let text = line.to_text();
                out.write_all(text.as_bytes())?;
                written.lines += 1;
                written.bytes = written.bytes.saturating_add(line.total_bytes());
            }
            Ok(written)
        })
    }

    /// The day's file, wherever somebody may have put the one in use.
    fn turn_to(&mut self, now: Timestamp) -> io::Result<()> {
        let day = Day::of(now);
        let is_same_day = day == self.file.day;
        if is_same_day && self.file.is_in_place() {
            return Ok(());
        }
        if self.file.is_in_place() {
            // Or half of a batch would stand in the old file, and all of it in the new one.
            self.file.cut_torn_end()?;
        }
        self.file = DayFile::open(&self.folder, day)?;
        if !is_same_day {
            self.remove_old(now);
        }
        Ok(())
    }

    fn remove_old(&mut self, now: Timestamp) {
        let gone = self.removed.len();
        let cleaned = self.remove_before(now.before(self.retention));
        let files = self.removed.len().saturating_sub(gone);
        if files > 0 {
            tracing::info!(files, "removed accounts of what left that are older than they may be kept");
        }
        if let Err(error) = cleaned {
            tracing::warn!(%error, "old accounts of what left cannot be removed; they are tried again tomorrow");
        }
    }

    fn remove_before(&mut self, oldest: Timestamp) -> io::Result<()> {
        let day_of_oldest = Day::of(oldest);
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if Day::of_file(&name).is_some_and(|day| day < day_of_oldest) {
                let hash = hash_of(&entry.path()).ok();
                fs::remove_file(entry.path())?;
                self.removed.push(Applied::file(Class::Egress, oldest, name, hash));
            }
        }
        Ok(())
    }
}

/// The file of one day that this process alone writes.
#[derive(Debug)]
pub(super) struct DayFile {
    day: Day,
    path: PathBuf,
    file: File,
    /// Where the last batch ended that is whole.
    whole_bytes: u64,
    /// Whether something may stand after that.
    is_torn: bool,
}

impl DayFile {
    fn open(folder: &Path, day: Day) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
        for writer in 1..=EGRESS_WRITERS_MAX {
            let path = folder.join(day.file(writer));
            let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path)?;
            match file.try_lock() {
                Ok(()) => {
                    // A name that is not synced may be gone after a power cut, and the file with it.
                    File::open(folder)?.sync_all()?;
                    return Self::begin(day, path, file);
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let many = format!("{EGRESS_WRITERS_MAX} other processes write into the folder");
        Err(io::Error::new(ErrorKind::ResourceBusy, many))
    }

    /// A process that ended while it wrote left a torn line. It gets an end, so that the next one begins its own.
    fn begin(day: Day, path: PathBuf, mut file: File) -> io::Result<Self> {
        let mut whole_bytes = file.metadata()?.len();
        if whole_bytes > 0 {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
                whole_bytes += 1;
            }
        }
        Ok(Self { day, path, file, whole_bytes, is_torn: false })
    }

    /// Whether the name still leads to the file.
    fn is_in_place(&self) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        match (fs::metadata(&self.path), self.file.metadata()) {
            (Ok(named), Ok(open)) => identity(named) == identity(open),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// Appends all of it and syncs it, or none of it.
    fn append<T>(&mut self, word: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        self.cut_torn_end()?;
        self.is_torn = true;
        let mut out = BufWriter::with_capacity(WRITE_BYTES, &self.file);
        let written = word(&mut out).and_then(|worded| out.flush().map(|()| worded));
        // What the buffer still holds must not come after the cut.
        drop(out.into_parts());
        let synced = written.and_then(|worded| {
            self.file.sync_data()?;
            Ok((worded, self.file.metadata()?.len()))
        });
        match synced {
            Ok((worded, length)) => {
                self.whole_bytes = length;
                self.is_torn = false;
                Ok(worded)
            }
            Err(error) => {
                // If not now, then before the next batch.
                drop(self.cut_torn_end());
                Err(error)
            }
        }
    }

    fn cut_torn_end(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole_bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
