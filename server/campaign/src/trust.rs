//! The manifest of organisers' keys, which all nodes share. The store keeps what the root signed and nothing else: whoever
//! holds the store can put none of their own there without every reader seeing it.

use crate::Away;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use identity::trust::{InvalidManifest, Manifest, SignedManifest};
use protocol::Timestamp;
use std::sync::Arc;
use storage::{Expect, RecordKey, RecordKind, Records};

/// Why a manifest does not take the place of the one that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// The store did not answer.
    #[error(transparent)]
    Away(#[from] Away),
    /// It is none.
    #[error("{0}")]
    Invalid(#[from] InvalidManifest),
    /// One as new is kept.
    #[error("a manifest as new as this one is kept already")]
    Old,
    /// Members know this campaign by another root.
    #[error("this campaign's manifests are signed by another root key")]
    OtherRoot,
}

/// What took the place of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The serial of the one before.
    pub before: Option<u64>,
    /// The one that is kept now.
    pub manifest: Manifest,
}

/// The kept manifest.
#[derive(Debug, Clone)]
pub struct Trust {
    records: Arc<dyn Records>,
}

impl Trust {
    /// That of a store.
    pub const fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// What is kept, if anything is.
    pub async fn get(&self, now: Timestamp) -> Result<Option<SignedManifest>, Away> {
        let kept: Option<Kept<SignedManifest>> = kept::get(&*self.records, &key()?, now).await?;
        Ok(kept.map(|kept| kept.value))
    }

    /// Puts a newer manifest of the same root in the place of the one that is kept. Two at once: the newer stays.
    pub async fn replace(&self, signed: &SignedManifest, now: Timestamp) -> Result<Replaced, ReplaceError> {
        let new = signed.verify()?;
        for _ in 0..CONFLICTS_MAX {
            let kept: Option<Kept<SignedManifest>> = kept::get(&*self.records, &key()?, now).await?;
            let (expect, before) = match &kept {
                None => (Expect::Absent, None),
                Some(Kept { value, version }) => (Expect::Version(*version), Some(follows(&new, value)?)),
            };
            let writes = vec![kept::put(key()?, expect, signed, None)?];
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(Replaced { before, manifest: new });
            }
        }
        Err(Away.into())
    }
}

/// The serial of the kept one, if the new one may follow it.
fn follows(new: &Manifest, kept: &SignedManifest) -> Result<u64, ReplaceError> {
    // What is kept and cannot be read was not put there by us; nothing may follow it unseen.
    let kept = kept.verify()?;
    if kept.fingerprint() != new.fingerprint() {
        return Err(ReplaceError::OtherRoot);
    }
    if new.serial() > kept.serial() { Ok(kept.serial()) } else { Err(ReplaceError::Old) }
}

fn key() -> Result<RecordKey, Away> {
    kept::key(RecordKind::Trust, "manifest")
}
