//! The two files of a campaign's keys: the root key, for its owner alone, and the manifest, which is no secret. Neither is
//! ever seen half-written.

use anyhow::{Context, bail};
use identity::trust::{Manifest, SignedManifest, SigningKey};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

protocol::limits! {
    /// Largest file of a root key or a manifest that is read; a larger one is neither.
    pub(crate) const TRUST_FILE_MAX_BYTES: u64 = 64 * 1024 => unseen;
}

/// Whether a file may stand in the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replace {
    /// It is the next of the one that is there.
    Always,
    /// It would be lost what is there.
    Never,
}

/// Reads the root key.
pub(super) fn load_root(path: &Path) -> anyhow::Result<SigningKey> {
    let about = || format!("the root key at {} cannot be used", path.display());
    let metadata = fs::metadata(path).with_context(about)?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{}: others may read the file; run: chmod 600 {}", about(), path.display());
    }
    SigningKey::from_file_text(&read(path).with_context(about)?).with_context(about)
}

/// Writes a root key where nothing is.
pub(super) fn save_root(path: &Path, root: &SigningKey) -> anyhow::Result<()> {
    let about = || format!("no root key was made at {}", path.display());
    write(path, &root.to_file_text(), 0o600, Replace::Never).with_context(about)
}

/// Reads a manifest and verifies it.
pub(super) fn load_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let about = || format!("the manifest at {} cannot be used", path.display());
    let text = read(path).with_context(about)?;
    let signed: SignedManifest =
        serde_json::from_str(&text).ok().context("it is not the file of a manifest").with_context(about)?;
    signed.verify().with_context(about)
}

/// Writes a manifest.
pub(super) fn save_manifest(path: &Path, signed: &SignedManifest, replace: Replace) -> anyhow::Result<()> {
    let about = || format!("no manifest was written to {}", path.display());
    let text = serde_json::to_string(signed).with_context(about)?;
    write(path, &(text + "\n"), 0o644, replace).with_context(about)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(TRUST_FILE_MAX_BYTES + 1).read_to_string(&mut text)?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    if bytes > TRUST_FILE_MAX_BYTES {
        bail!("the file is larger than {TRUST_FILE_MAX_BYTES} bytes");
    }
    Ok(text)
}

/// Writes beside and moves into place.
fn write(path: &Path, text: &str, mode: u32, replace: Replace) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().context("it is no name of a file")?.to_string_lossy();
    let beside = folder.join(format!(".{name}.new-{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside)?;
    let written = file
        .set_permissions(Permissions::from_mode(mode))
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all());
    let placed = written.and_then(|()| match replace {
        Replace::Always => fs::rename(&beside, path),
        Replace::Never => fs::hard_link(&beside, path),
    });
    if replace == Replace::Never || placed.is_err() {
        // It was linked, or is of no use.
        drop(fs::remove_file(&beside));
    }
    match placed {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("there is a file already, and it is not replaced")
        }
        placed => placed?,
    }
    File::open(folder)?.sync_all()?;
    Ok(())
}
