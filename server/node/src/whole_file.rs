//! A file that one process alone appends to: all of what is appended is synced, or none of it is there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// A name that is not synced may be gone after a power cut, and the file with it.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The file, and how much of it is whole.
#[derive(Debug)]
pub(crate) struct WholeFile {
    file: File,
    /// Where that ended which is whole.
    whole_bytes: u64,
    /// Whether something may stand after that.
    is_torn: bool,
}

/// What could be done about a file that is there.
#[derive(Debug)]
pub(crate) enum Opened {
    /// It is ours now, and this is in it.
    Here(WholeFile, Vec<u8>),
    /// Another process writes it.
    InUse,
    /// It has more bytes than one of ours can have.
    TooLarge,
}

impl WholeFile {
    /// Makes a file for its owner alone.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        sync_folder(path)?;
        Ok(Self { file, whole_bytes: 0, is_torn: false })
    }

    /// Opens a file that a process left.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> io::Result<Opened> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(Opened::InUse),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let whole_bytes = file.metadata()?.len();
        if whole_bytes > max_bytes {
            return Ok(Opened::TooLarge);
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Opened::Here(Self { file, whole_bytes, is_torn: false }, bytes))
    }

    /// Cuts what a crash left behind so many bytes.
    pub(crate) fn cut_to(&mut self, bytes: u64) -> io::Result<()> {
        if bytes < self.whole_bytes {
            self.file.set_len(bytes)?;
            self.file.sync_all()?;
            self.whole_bytes = bytes;
        }
        Ok(())
    }

    /// Appends all of it and syncs it, or none of it.
    pub(crate) fn append(&mut self, text: &[u8]) -> io::Result<()> {
        self.cut_torn_end()?;
        self.is_torn = true;
        let written = self.file.write_all(text).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // If not now, then before the next time.
            drop(self.cut_torn_end());
            return Err(error);
        }
        self.is_torn = false;
        self.whole_bytes = self.whole_bytes.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    fn cut_torn_end(&mut self) -> io::Result<()> {
        if self.is_torn {
            self.file.set_len(self.whole_bytes)?;
            self.is_torn = false;
        }
        Ok(())
    }

    /// How large it is.
    pub(crate) const fn bytes(&self) -> u64 {
        self.whole_bytes
    }

    /// Whether this name still leads to it.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
        match (fs::metadata(path), self.file.metadata()) {
            (Ok(named), Ok(open)) => identity(named) == identity(open),
            (Err(_), _) | (_, Err(_)) => false,
        }
    }

    /// Puts another file in its place, as a test of what a disk may do.
    #[cfg(test)]
    pub(crate) fn swap(&mut self, file: File) -> File {
        std::mem::replace(&mut self.file, file)
    }
}
