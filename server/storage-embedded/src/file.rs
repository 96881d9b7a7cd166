//! The data folder and the file in it: made privately, and so that a power cut leaves the whole file or none.

use crate::error::Failed;
use crate::open::OpenError;
use crate::tables::{META, SCHEMA, SCHEMA_KEY, Writing};
use redb::{Database, DatabaseError, ReadableDatabase, StorageError, TableError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The file's name in the data folder.
pub const FILE_NAME: &str = "holdfast.redb";
/// Its name while it is made.
const NEW_FILE_NAME: &str = "holdfast.redb.new";

/// How to open a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access {
    pub(crate) cache_bytes: usize,
    pub(crate) check_file: bool,
}

/// Opens the file, or makes it if the folder has none.
pub(crate) fn open_or_create(folder: &Path, access: Access) -> Result<Database, OpenError> {
    make_folder(folder).map_err(|cause| OpenError::Folder { folder: folder.to_owned(), cause })?;
    let file = folder.join(FILE_NAME);
    let there = fs::exists(&file).map_err(|cause| OpenError::File { file: file.clone(), cause })?;
    if !there && let Some(database) = create(folder, &file, access)? {
        return Ok(database);
    }
    open(&file, access)
}

/// Opens a file that is there, and refuses what is not ours to read.
pub(crate) fn open(file: &Path, access: Access) -> Result<Database, OpenError> {
    let database = redb(file, access, |builder| builder.open(file))?;
    match schema(&database) {
        Ok(Some(SCHEMA)) => Ok(database),
        Ok(Some(found)) => Err(OpenError::Newer { file: file.to_owned(), found }),
        Ok(None) => Err(damaged(file, &"it holds no schema of ours")),
        Err(error) => Err(damaged(file, &error)),
    }
}

/// Makes the file under another name and renames it, so that an empty file is never mistaken for a new one. Nothing
/// is made if another process was faster.
fn create(folder: &Path, file: &Path, access: Access) -> Result<Option<Database>, OpenError> {
    let new = folder.join(NEW_FILE_NAME);
    let failed = |cause| OpenError::File { file: new.clone(), cause };
    let database = match begin_new(&new, access) {
        // Left by a process that ended while it made the file: nothing was ever accepted into it.
        Err(OpenError::Damaged { .. }) => {
            fs::remove_file(&new).map_err(failed)?;
            begin_new(&new, access)?
        }
        begun => begun?,
    };
    // The new file is locked now. Whoever renamed one held this lock: it is there, or nobody makes it but us.
    if fs::exists(file).map_err(failed)? {
        drop(database);
        fs::remove_file(&new).map_err(failed)?;
        return Ok(None);
    }
    initialise(&database)
        .map_err(|error| OpenError::Begin { file: file.to_owned(), detail: error.to_string() })?;
    fs::rename(&new, file).and_then(|()| sync_folder(folder)).map_err(failed)?;
    Ok(Some(database))
}

fn begin_new(new: &Path, access: Access) -> Result<Database, OpenError> {
    private_file(new).map_err(|cause| OpenError::File { file: new.to_owned(), cause })?;
    redb(new, access, |builder| builder.create(new))
}

pub(crate) fn initialise(database: &Database) -> Result<(), Failed> {
    let transaction = database.begin_write()?;
    Writing::open(&transaction)?.meta.insert(SCHEMA_KEY, SCHEMA)?;
    transaction.commit()?;
    Ok(())
}

fn schema(database: &Database) -> Result<Option<u64>, Failed> {
    match database.begin_read()?.open_table(META) {
        Ok(meta) => Ok(meta.get(SCHEMA_KEY)?.map(|schema| schema.value())),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens with redb, which may panic on a file that was changed by something else.
fn redb(
    file: &Path,
    access: Access,
    open: impl FnOnce(&redb::Builder) -> Result<Database, DatabaseError>,
) -> Result<Database, OpenError> {
    let mut builder = Database::builder();
    builder.set_cache_size(access.cache_bytes);
    builder.set_check_integrity_on_open(access.check_file);
    match catch_unwind(AssertUnwindSafe(|| open(&builder))) {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(error)) => Err(refusal(file, error)),
        Err(_) => Err(damaged(file, &"its structure makes no sense")),
    }
}

fn refusal(file: &Path, error: DatabaseError) -> OpenError {
    let file = file.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => OpenError::InUse { file },
        DatabaseError::Storage(StorageError::Io(cause))
            if !matches!(cause.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
        {
            OpenError::File { file, cause }
        }
        DatabaseError::UpgradeRequired(found) => OpenError::Format { file, found },
        other @ (DatabaseError::RepairAborted
        | DatabaseError::Storage(_)
        | DatabaseError::TransactionInProgress
        | _) => damaged(&file, &other),
    }
}

fn damaged(file: &Path, detail: &dyn std::fmt::Display) -> OpenError {
    OpenError::Damaged { file: file.to_owned(), detail: detail.to_string() }
}

/// Makes the folder and what is missing above it, for its owner only, and lets the disk know of each.
fn make_folder(folder: &Path) -> io::Result<()> {
    let missing: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .map(Path::to_owned)
        .collect();
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for made in missing {
        match made.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent)?,
            Some(_) | None => sync_folder(Path::new("."))?,
        }
    }
    Ok(())
}

fn private_file(file: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

/// A name that is not synced may be gone after a power cut, and the file with it.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
