//! The manifest of organisers' keys as a node shows it: anybody may ask for it, so the store is asked once a second at most.

use campaign::Away;
use campaign::trust::{ReplaceError, Replaced, Trust};
use identity::trust::{Digest, SignedManifest};
use parking_lot::Mutex;
use protocol::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use storage::Records;

protocol::limits! {
    /// How old a manifest may be that is shown; then the store is asked for a newer one.
    pub(crate) const MANIFEST_SHOWN_MAX_AGE: Duration = Duration::from_secs(1) => unseen;
}

/// What was read, and when.
#[derive(Debug, Clone)]
struct Read {
    at: Timestamp,
    manifest: Option<Arc<SignedManifest>>,
}

/// The manifest that is kept, and the one that was read last.
#[derive(Debug)]
pub(crate) struct NodeTrust {
    kept: Trust,
    read: Mutex<Option<Read>>,
}

impl NodeTrust {
    /// That of a store.
    pub(crate) const fn new(records: Arc<dyn Records>) -> Self {
        Self { kept: Trust::new(records), read: Mutex::new(None) }
    }

    /// What is kept, or was a second ago.
    pub(crate) async fn shown(&self, now: Timestamp) -> Result<Option<Arc<SignedManifest>>, Away> {
        let read = self.read.lock().clone();
        if let Some(Read { at, manifest }) = read
            && at <= now
            && at.until(now) < MANIFEST_SHOWN_MAX_AGE
        {
            return Ok(manifest);
        }
        let manifest = self.kept.get(now).await?.map(Arc::new);
        *self.read.lock() = Some(Read { at: now, manifest: manifest.clone() });
        Ok(manifest)
    }

    /// By what members know the root, if there is a manifest: what a link carries.
    pub(crate) async fn fingerprint(&self, now: Timestamp) -> Result<Option<Digest>, Away> {
        let kept = self.kept.get(now).await?;
        let manifest = kept.map(|kept| kept.verify()).transpose().map_err(|_| Away)?;
        Ok(manifest.map(|manifest| manifest.fingerprint()))
    }

    /// Puts a newer one in its place.
    pub(crate) async fn replace(
        &self,
        signed: &SignedManifest,
        now: Timestamp,
    ) -> Result<Replaced, ReplaceError> {
        let replaced = self.kept.replace(signed, now).await?;
        *self.read.lock() = None;
        Ok(replaced)
    }
}
