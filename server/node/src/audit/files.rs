//! The files of the audit: a folder a chain, and in it a file a day, or several if a day has many lines. Each line is
//! sealed by itself.
//!
//! ```text
//! DATA/audit/CHAIN/lock                     who has this goes on with the chain
//! DATA/audit/CHAIN/2026-11-26.sealed        its lines of that day; 2026-11-26.2.sealed follows, if that is full
//! ```

use super::keys::AuditKeys;
use crate::day::Day;
use crate::sealed_file::read;
use evidence::audit::{ChainId, LastGone};
use evidence::chain::Sealed;
use serde::de::IgnoredAny;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What the names of files end with.
const ENDING: &str = ".sealed";
/// The file that whoever goes on with a chain has locked.
const LOCK: &str = "lock";

/// The folder of all chains.
pub(super) fn folder(data: &Path) -> PathBuf {
    data.join("audit")
}

/// One file of a chain. Files compare as they follow each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) day: Day,
    /// Which of that day, from 1.
    pub(super) nth: u32,
}

impl Part {
    /// The first of a day.
    pub(super) const fn first_of(day: Day) -> Self {
        Self { day, nth: 1 }
    }

    /// The next of the same day.
    pub(super) fn next(&self) -> Self {
        Self { day: self.day.clone(), nth: self.nth.saturating_add(1) }
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        let day = self.day.as_str();
        match self.nth {
            1 => format!("{day}{ENDING}"),
            nth => format!("{day}.{nth}{ENDING}"),
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let (day, rest) = Day::at_start(name)?;
        let nth = match rest.strip_suffix(ENDING)? {
            "" => 1,
            nth => nth.strip_prefix('.')?.parse().ok()?,
        };
        let part = Self { day, nth };
        (part.name() == name).then_some(part)
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().to_str().map(str::to_owned));
    }
    Ok(names)
}

/// The chains in a folder; none if there is no folder.
pub(super) fn chains(folder: &Path) -> io::Result<Vec<ChainId>> {
    let mut ids: Vec<ChainId> = names(folder)?.iter().filter_map(|name| name.parse().ok()).collect();
    ids.sort();
    Ok(ids)
}

/// The files of a chain, the oldest first.
pub(super) fn parts(folder: &Path, id: &ChainId) -> io::Result<Vec<Part>> {
    let names = names(&folder.join(id.as_str()))?;
    let mut parts: Vec<Part> = names.iter().filter_map(|name| Part::parse(name)).collect();
    parts.sort();
    Ok(parts)
}

/// Where a file of a chain is.
pub(super) fn path(folder: &Path, id: &ChainId, part: &Part) -> PathBuf {
    folder.join(id.as_str()).join(part.name())
}

/// Takes a chain for this process, for as long as what is answered lives; nothing, if another has it.
pub(super) fn take(folder: &Path, id: &ChainId) -> io::Result<Option<File>> {
    let path = folder.join(id.as_str()).join(LOCK);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes the folder of a chain that has no file any more and that this process has taken.
pub(super) fn remove_chain(folder: &Path, id: &ChainId) -> io::Result<()> {
    let folder = folder.join(id.as_str());
    fs::remove_file(folder.join(LOCK))?;
    fs::remove_dir(folder)
}

/// What is in a file of a chain.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Each line as it was chained; nothing for one that does not open.
    pub(super) lines: Vec<Option<Vec<u8>>>,
    /// Whether something follows the end of the last.
    pub(super) is_torn: bool,
}

impl Lines {
    /// Opens what was read.
    pub(super) fn of(bytes: &[u8], keys: &AuditKeys, id: &ChainId, part: &Part) -> Self {
        let name = part.name();
        let whole = whole_bytes(bytes);
        let (whole, rest) = bytes.split_at_checked(whole).unwrap_or_default();
        let lines = whole.split_inclusive(|byte| *byte == b'\n');
        let open = |line: &[u8]| keys.open(id, &name, line.strip_suffix(b"\n").unwrap_or(line));
        Self { lines: lines.map(open).collect(), is_torn: !rest.is_empty() }
    }

    /// Reads a file. One that is gone meanwhile has no lines.
    pub(super) fn read(folder: &Path, keys: &AuditKeys, id: &ChainId, part: &Part) -> io::Result<Self> {
        match read(&path(folder, id, part)) {
            Ok(bytes) => Ok(Self::of(&bytes, keys, id, part)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// The first line, if it is whole.
    pub(super) fn first(&self) -> Option<Sealed<IgnoredAny>> {
        Sealed::read(self.lines.first()?.as_deref()?).ok()
    }

    /// The last line, if it is whole.
    pub(super) fn last(&self) -> Option<Sealed<IgnoredAny>> {
        Sealed::read(self.lines.last()?.as_deref()?).ok()
    }
}

/// How many bytes the lines have that have an end.
pub(super) fn whole_bytes(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// How many lines a file has, and which line was its last. The line that follows knows best; else it is the last itself.
pub(super) fn what_goes(
    folder: &Path,
    keys: &AuditKeys,
    id: &ChainId,
    part: &Part,
    next: Option<&Part>,
) -> io::Result<(u64, Option<LastGone>)> {
    let lines = Lines::read(folder, keys, id, part)?;
    let count = u64::try_from(lines.lines.len()).unwrap_or(u64::MAX);
    let follows = next.map(|next| Lines::read(folder, keys, id, next)).transpose()?;
    let by_next = follows
        .and_then(|lines| lines.first())
        .map(|line| LastGone { seq: line.seq.saturating_sub(1), hash: line.previous });
    let by_last = || lines.last().map(|line| LastGone { seq: line.seq, hash: line.hash });
    Ok((count, by_next.or_else(by_last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    #[test]
    fn files_follow_each_other_by_day_and_number() {
        let day = |text: &str| Day::of(day::from_text(text).unwrap());
        let parts = [
            Part::first_of(day("2026-11-26")),
            Part { day: day("2026-11-26"), nth: 2 },
            Part { day: day("2026-11-26"), nth: 10 },
            Part::first_of(day("2026-11-27")),
        ];
        assert!(parts.is_sorted());
        assert_eq!(parts[1].name(), "2026-11-26.2.sealed");
        for part in parts {
            assert_eq!(Part::parse(&part.name()), Some(part));
        }
        for name in [
            "",
            "lock",
            "2026-11-26.sealed.new",
            "2026-11-26.1.sealed",
            "2026-11-26.02.sealed",
            "2026-11-26..sealed",
        ] {
            assert_eq!(Part::parse(name), None, "{name}");
        }
    }
}
