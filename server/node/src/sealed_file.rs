//! A file of chained lines, in a [`WholeFile`].

use crate::whole_file::{Opened, WholeFile};
use evidence::chain::Chain;
use evidence::tail::tail;
use protocol::Timestamp;
use serde::Serialize;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

protocol::limits! {
    /// Largest file of chained lines that is read; no process goes on with a larger one, and bytes beyond are passed over.
    pub(crate) const SEALED_READ_MAX_BYTES: u64 = 64 * 1024 * 1024 => unseen;
}

/// Makes a folder that its owner alone may enter.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Reads a file, so far as it is not larger than one of ours can be.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SEALED_READ_MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The file, and the chain at its end.
#[derive(Debug)]
pub(crate) struct SealedFile {
    file: WholeFile,
    chain: Chain,
}

/// What could be done about a file that somebody left.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It goes on here.
    Up {
        file: SealedFile,
        /// Bytes of a line that a crash tore; they are cut.
        torn_bytes: u64,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// Another process writes it.
    InUse,
    /// Its last line cannot be read, so that nothing can be chained to it.
    Damaged,
}

impl SealedFile {
    /// Makes a file for its owner alone, for lines that follow `before`.
    pub(crate) fn create(path: &Path, before: Chain) -> io::Result<Self> {
        Ok(Self { file: WholeFile::create(path)?, chain: before })
    }

    /// Takes up a file that a process left; what a crash tore is cut. Without a line it follows `before`.
    pub(crate) fn take_up(path: &Path, before: Chain) -> io::Result<Taken> {
        let (mut file, bytes) = match WholeFile::open(path, SEALED_READ_MAX_BYTES)? {
            Opened::Here(file, bytes) => (file, bytes),
            Opened::InUse => return Ok(Taken::InUse),
            Opened::TooLarge => return Ok(Taken::Damaged),
        };
        let Some(tail) = tail(before, &bytes) else { return Ok(Taken::Damaged) };
        file.cut_to(length(tail.whole_bytes))?;
        if tail.lacks_end {
            file.append(b"\n")?;
        }
        Ok(Taken::Up { file: Self { file, chain: tail.chain }, torn_bytes: length(tail.torn_bytes), bytes })
    }

    /// Appends all of it and syncs it, or none of it.
    pub(crate) fn append<E: Serialize>(&mut self, entries: &[(Timestamp, E)]) -> io::Result<()> {
        let mut chain = self.chain;
        let text: String = entries.iter().map(|(at, entry)| chain.seal(*at, entry)).collect();
        self.file.append(text.as_bytes())?;
        self.chain = chain;
        Ok(())
    }

    /// Where it ends.
    pub(crate) const fn chain(&self) -> Chain {
        self.chain
    }

    /// How large it is.
    pub(crate) const fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// Puts another file in its place, as a test of what a disk may do.
    #[cfg(test)]
    pub(crate) fn swap(&mut self, file: File) -> File {
        self.file.swap(file)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
