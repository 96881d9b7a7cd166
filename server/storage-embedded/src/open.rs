//! Opening: every open begins a life of the log. What stands in the way is said in a sentence for the operator.

use crate::error::Failed;
use crate::file::{self, Access, FILE_NAME};
use crate::kept::{self, NO_CEILING};
use crate::lives::{self, Life};
use crate::tables::{SCHEMA, Writing};
use protocol::Epoch;
use redb::Database;
use std::{
    fmt, io,
    path::{Path, PathBuf},
};
use storage::history::EpochSource;

/// How a store is opened.
#[derive(Clone)]
pub struct OpenOptions {
    /// Memory for pages of the file.
    pub cache_bytes: usize,
    /// Whether every page is compared with its checksum before the store starts, which reads the whole file. After a
    /// crash it happens in any case.
    pub check_file: bool,
    /// Names each life of the log.
    pub fresh_epoch: EpochSource,
    /// Most bytes of messages that are kept, with [`KEPT_OVERHEAD_BYTES`](crate::KEPT_OVERHEAD_BYTES) for each; without a
    /// ceiling, as much as the disk has.
    pub kept_max_bytes: Option<u64>,
}

protocol::limits! {
    /// Memory for pages of the file; others are read from the disk.
    const FILE_CACHE_MAX_BYTES: usize = 64 * 1024 * 1024 => unseen;
}

impl OpenOptions {
    /// `FILE_CACHE_MAX_BYTES` of cache, and the file is checked.
    pub fn new(fresh_epoch: EpochSource) -> Self {
        Self { cache_bytes: FILE_CACHE_MAX_BYTES, check_file: true, fresh_epoch, kept_max_bytes: None }
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOptions")
            .field("cache_bytes", &self.cache_bytes)
            .field("check_file", &self.check_file)
            .field("kept_max_bytes", &self.kept_max_bytes)
            .finish_non_exhaustive()
    }
}

/// Why a store cannot be opened. Whatever it is, the file was left as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file opened, and then could not be written.
    #[error("{} cannot be written: {detail}", file.display())]
    Begin {
        /// The file.
        file: PathBuf,
        /// What the store said.
        detail: String,
    },
    /// What is in the file is not what was written.
    #[error(
        "{} is damaged ({detail}); put a backup in its place, or move it away to begin with an empty store",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The operating system refuses the file.
    #[error("{} cannot be opened for reading and writing: {cause}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The operating system refuses the folder.
    #[error("the data folder {} cannot be made: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file format of another version of redb.
    #[error("{} has file format {found}, which this version cannot read", file.display())]
    Format {
        /// The file.
        file: PathBuf,
        /// Its format.
        found: u8,
    },
    /// Only one process may have it.
    #[error(
        "{} is in use by another process; stop that process, or choose another data folder",
        file.display()
    )]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// Written by a version that knows more.
    #[error(
        "{} was written by a newer version (schema {found}, this version knows {SCHEMA}); start that version",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its schema.
        found: u64,
    },
    /// The process may not have another thread.
    #[error("the thread that writes the store cannot be started: {cause}")]
    Thread {
        /// Why.
        cause: io::Error,
    },
}

/// Opens the file once more, after an error.
pub(crate) type Reopen = Box<dyn FnMut() -> Result<Database, OpenError> + Send>;

/// A file that is ready to be written, under a new life.
pub(crate) struct Opened {
    pub(crate) again: Reopen,
    pub(crate) database: Database,
    pub(crate) begun: Begun,
    pub(crate) kept_max_bytes: u64,
}

/// What the first transaction of a life says.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub(crate) life: Life,
    /// How many bytes of messages there are.
    pub(crate) kept: u64,
}

pub(crate) fn open(folder: &Path, options: &OpenOptions) -> Result<Opened, OpenError> {
    let access = Access { cache_bytes: options.cache_bytes, check_file: options.check_file };
    let database = file::open_or_create(folder, access)?;
    let file = folder.join(FILE_NAME);
    let begun = begin_life(&database, (options.fresh_epoch)())
        .map_err(|error| OpenError::Begin { file: file.clone(), detail: error.to_string() })?;
    // Unchecked: redb checks by itself what a failed commit may have left.
    let access = Access { check_file: false, ..access };
    Ok(Opened {
        again: Box::new(move || file::open(&file, access)),
        database,
        begun,
        kept_max_bytes: options.kept_max_bytes.unwrap_or(NO_CEILING),
    })
}

pub(crate) fn begin_life(database: &Database, epoch: Epoch) -> Result<Begun, Failed> {
    let transaction = database.begin_write()?;
    let mut tables = Writing::open(&transaction)?;
    let life = lives::begin(&mut tables, epoch)?;
    let kept = kept::total(&tables)?;
    kept::note(&mut tables, kept)?;
    drop(tables);
    transaction.commit()?;
    Ok(Begun { life, kept })
}
