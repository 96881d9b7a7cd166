//! One chain that this process alone goes on with: taken up where another left it, a file a day.

use super::AUDIT_WRITERS_MAX;
use super::files::{Lines, Part, chains, parts, path, take, whole_bytes};
use super::keys::AuditKeys;
use crate::day::Day;
use crate::sealed_file::{SEALED_READ_MAX_BYTES, make_folder};
use crate::whole_file::{Opened, WholeFile, sync_folder};
use evidence::audit::{Action, ChainId, Entry};
use evidence::chain::Chain;
use protocol::Timestamp;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

protocol::limits! {
    /// Size from which on further lines of a day are in another file, so that none is too large to be read at once.
    const AUDIT_FILE_TURNS_AT_BYTES: u64 = 16 * 1024 * 1024 => unseen;
}

/// A chain, and the file at its end.
#[derive(Debug)]
pub(super) struct Book {
    folder: PathBuf,
    id: ChainId,
    /// Held for as long as this process goes on with the chain.
    _lock: File,
    part: Part,
    file: WholeFile,
    chain: Chain,
    /// Whether the last line is a head.
    is_signed: bool,
}

/// A chain as it was found.
enum Found {
    Up(Book, u64),
    InUse,
    Damaged,
}

impl Book {
    /// Goes on with a chain that no other process writes, or begins one; answers the bytes of a torn line that were cut.
    /// `fresh` is the id of a new one.
    pub(super) fn open(
        folder: &Path,
        keys: &AuditKeys,
        fresh: &ChainId,
        now: Timestamp,
    ) -> io::Result<(Self, u64)> {
        make_folder(folder)?;
        let mut in_use = 0;
        for id in chains(folder)? {
            match Self::take_up(folder, keys, &id, now)? {
                Found::Up(book, torn_bytes) => return Ok((book, torn_bytes)),
                Found::InUse => in_use += 1,
                Found::Damaged => tracing::error!(
                    chain = id.as_str(),
                    "the end of this audit cannot be read with the keys of this node, so it is not gone on with; \
                     run: holdfast audit verify"
                ),
            }
        }
        if in_use >= AUDIT_WRITERS_MAX {
            let many = format!("{AUDIT_WRITERS_MAX} other processes write the audit in the folder");
            return Err(io::Error::new(ErrorKind::ResourceBusy, many));
        }
        make_folder(&folder.join(fresh.as_str()))?;
        sync_folder(&folder.join(fresh.as_str()))?;
        match Self::take_up(folder, keys, fresh, now)? {
            Found::Up(book, torn_bytes) => Ok((book, torn_bytes)),
            Found::InUse | Found::Damaged => Err(ErrorKind::AlreadyExists.into()),
        }
    }

    fn take_up(folder: &Path, keys: &AuditKeys, id: &ChainId, now: Timestamp) -> io::Result<Found> {
        let Some(lock) = take(folder, id)? else { return Ok(Found::InUse) };
        let mut parts = parts(folder, id)?;
        let (part, mut file, bytes) = match parts.pop() {
            None => {
                let part = Part::first_of(Day::of(now));
                let file = WholeFile::create(&path(folder, id, &part))?;
                (part, file, Vec::new())
            }
            Some(part) => match WholeFile::open(&path(folder, id, &part), SEALED_READ_MAX_BYTES)? {
                Opened::Here(file, bytes) => (part, file, bytes),
                Opened::InUse => return Ok(Found::InUse),
                Opened::TooLarge => return Ok(Found::Damaged),
            },
        };
        let whole = whole_bytes(&bytes);
        let torn_bytes = bytes.len().saturating_sub(whole);
        let mut lines = Lines::of(bytes.get(..whole).unwrap_or_default(), keys, id, &part);
        while lines.lines.is_empty() {
            // A crash right after midnight left a file without a line.
            let Some(before) = parts.pop() else { break };
            lines = Lines::read(folder, keys, id, &before)?;
        }
        let chain = match (lines.lines.is_empty(), lines.last()) {
            (true, _) => Chain::default(),
            (false, Some(line)) => Chain::after(&line),
            (false, None) => return Ok(Found::Damaged),
        };
        file.cut_to(length(whole))?;
        let (folder, id) = (folder.to_owned(), id.clone());
        let book = Self { folder, id, _lock: lock, part, file, chain, is_signed: false };
        Ok(Found::Up(book, length(torn_bytes)))
    }

    /// Appends all of it and syncs it, or none of it.
    pub(super) fn append(
        &mut self,
        keys: &AuditKeys,
        entries: &[(Timestamp, Entry)],
        now: Timestamp,
    ) -> io::Result<()> {
        self.turn_to(Day::of(now))?;
        let (mut chain, mut text) = (self.chain, String::new());
        let name = self.part.name();
        for (at, entry) in entries {
            let line = chain.seal(*at, entry);
            let sealed = keys.seal(&self.id, &name, line.trim_end()).map_err(io::Error::other)?;
            text.push_str(&sealed);
            text.push('\n');
        }
        self.file.append(text.as_bytes())?;
        self.chain = chain;
        self.is_signed = entries.last().is_some_and(|(_, entry)| entry.action == Action::HeadSigned);
        Ok(())
    }

    /// The file in which the next line belongs. Never an earlier one, whatever a clock says, and never one of which
    /// somebody took the name away.
    fn turn_to(&mut self, day: Day) -> io::Result<()> {
        let is_in_place = self.file.is_at(&path(&self.folder, &self.id, &self.part));
        if day <= self.part.day && is_in_place && self.file.bytes() < AUDIT_FILE_TURNS_AT_BYTES {
            return Ok(());
        }
        if !is_in_place {
            tracing::error!(chain = self.id.as_str(), "a file of the audit is gone while it is written");
            make_folder(&self.folder.join(self.id.as_str()))?;
        }
        let part = if day > self.part.day { Part::first_of(day) } else { self.part.next() };
        self.file = WholeFile::create(&path(&self.folder, &self.id, &part))?;
        self.part = part;
        Ok(())
    }

    /// Which chain.
    pub(super) const fn id(&self) -> &ChainId {
        &self.id
    }

    /// Where it ends.
    pub(super) const fn chain(&self) -> Chain {
        self.chain
    }

    /// The file that is written.
    pub(super) const fn part(&self) -> &Part {
        &self.part
    }

    /// Whether the end is signed.
    pub(super) const fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// Puts another file in the place of its own, as a test of what a disk may do.
    #[cfg(test)]
    pub(super) fn swap(&mut self, file: File) -> File {
        self.file.swap(file)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
