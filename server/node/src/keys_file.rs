//! The file that holds a deployment's keys: made once, readable by the service alone.

use anyhow::{Context, bail};
use identity::KeySet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

protocol::limits! {
    /// Largest key file that is read; with a larger one the node does not start.
    const KEYS_FILE_MAX_BYTES: u64 = 16 * 1024 => unseen;
}

/// Where the keys are unless told otherwise.
pub(crate) fn default_path(data: &Path) -> PathBuf {
    data.join("keys.json")
}

/// Reads the keys, or makes them if there are none. Two processes that make them at once agree on one set.
pub(crate) fn load_or_create(path: &Path) -> anyhow::Result<KeySet> {
    match load(path) {
        Ok(Some(keys)) => Ok(keys),
        Ok(None) => {
            create(path).with_context(|| format!("no keys could be made at {}", path.display()))?;
            load(path)?.with_context(|| format!("the keys at {} are gone again", path.display()))
        }
        Err(error) => Err(error),
    }
}

/// Reads the keys, if there are any.
pub(crate) fn load(path: &Path) -> anyhow::Result<Option<KeySet>> {
    let about = || format!("the keys at {} cannot be used", path.display());
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(about),
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{}: others may read the file; run: chmod 600 {}", about(), path.display());
    }
    if metadata.len() > KEYS_FILE_MAX_BYTES {
        bail!("{}: the file is larger than {KEYS_FILE_MAX_BYTES} bytes", about());
    }
    let text = fs::read_to_string(path).with_context(about)?;
    KeySet::from_file_text(&text).map(Some).with_context(about)
}

/// Writes beside and links into place, so that nobody ever sees half a file or replaces a whole one.
fn create(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let text = KeySet::generate()?.to_file_text();
    let written = file
        .set_permissions(Permissions::from_mode(0o600))
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match fs::hard_link(&beside, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => Ok(()),
    });
    fs::remove_file(&beside)?;
    linked?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_only_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.json");
        let made = load_or_create(&path).unwrap();
        let read = load_or_create(&path).unwrap();
        assert_eq!(made.fingerprint(), read.fingerprint());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn keys_that_others_may_read_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        load_or_create(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = format!("{:#}", load_or_create(&path).unwrap_err());
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        load_or_create(&path).unwrap();
        fs::write(&path, "{\"version\":1").unwrap();
        let error = format!("{:#}", load_or_create(&path).unwrap_err());
        assert!(error.contains("not a key file"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"version\":1");
    }
}
