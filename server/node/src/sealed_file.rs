//! A file of chained lines that one process alone appends to: all of what is appended is synced, or none of it is there.

use evidence::chain::Chain;
use evidence::tail::tail;
use protocol::Timestamp;
use serde::Serialize;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
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

/// A name that is not synced may be gone after a power cut, and the file with it.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The file, and the chain at its end.
#[derive(Debug)]
pub(crate) struct SealedFile {
    file: File,
    chain: Chain,
    /// Where the last line ended that is whole.
    whole_bytes: u64,
    /// Whether something may stand after that.
    is_torn: bool,
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
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        sync_folder(path)?;
        Ok(Self { file, chain: before, whole_bytes: 0, is_torn: false })
    }

    /// Takes up a file that a process left; what a crash tore is cut. Without a line it follows `before`.
    pub(crate) fn take_up(path: &Path, before: Chain) -> io::Result<Taken> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Taken::InUse),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if file.metadata()?.len() > SEALED_READ_MAX_BYTES {
            return Ok(Taken::Damaged);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let Some(tail) = tail(before, &bytes) else { return Ok(Taken::Damaged) };
        let mut whole_bytes = length(tail.whole_bytes);
        if tail.torn_bytes > 0 {
            file.set_len(whole_bytes)?;
        }
        if tail.lacks_end {
            file.write_all(b"\n")?;
            whole_bytes += 1;
        }
        file.sync_all()?;
        let file = Self { file, chain: tail.chain, whole_bytes, is_torn: false };
        Ok(Taken::Up { file, torn_bytes: length(tail.torn_bytes), bytes })
    }

    /// Appends all of it and syncs it, or none of it.
    pub(crate) fn append<E: Serialize>(&mut self, entries: &[(Timestamp, E)]) -> io::Result<()> {
        self.cut_torn_end()?;
        let mut chain = self.chain;
        let text: String = entries.iter().map(|(at, entry)| chain.seal(*at, entry)).collect();
        self.is_torn = true;
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // If not now, then before the next lines.
            drop(self.cut_torn_end());
            return Err(error);
        }
        self.is_torn = false;
        self.whole_bytes = self.whole_bytes.saturating_add(length(text.len()));
        self.chain = chain;
        Ok(())
    }

    fn cut_torn_end(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole_bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// Where it ends.
    pub(crate) const fn chain(&self) -> Chain {
        self.chain
    }

    /// How large it is.
    pub(crate) const fn bytes(&self) -> u64 {
        self.whole_bytes
    }

    /// Puts another file in its place, as a test of what a disk may do.
    #[cfg(test)]
    pub(crate) fn swap(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
