//! The kept manifest: the newest of one root stays, whoever comes when.

use super::NOW;
use crate::trust::{ReplaceError, Trust};
use identity::trust::{Draft, SignedManifest, SigningKey};
use protocol::Epoch;
use std::sync::Arc;
use storage::memory::MemoryStore;

fn trust() -> Trust {
    Trust::new(Arc::new(MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()))))
}

fn manifest(root: u8, serial: u64) -> SignedManifest {
    let root = SigningKey::from_seed([root; 32]).unwrap();
    let mut draft = Draft::first(root.public(), false, NOW);
    draft.serial = serial;
    draft.signed(&root).unwrap()
}

#[tokio::test]
async fn only_a_newer_manifest_of_the_same_root_takes_the_place_of_another() {
    let trust = trust();
    assert_eq!(trust.get(NOW).await.unwrap(), None);
    assert_eq!(trust.replace(&manifest(1, 5), NOW).await.unwrap().before, None);
    assert_eq!(trust.replace(&manifest(1, 5), NOW).await, Err(ReplaceError::Old));
    assert_eq!(trust.replace(&manifest(1, 4), NOW).await, Err(ReplaceError::Old));
    assert_eq!(trust.replace(&manifest(2, 9), NOW).await, Err(ReplaceError::OtherRoot));
    let replaced = trust.replace(&manifest(1, 6), NOW).await.unwrap();
    assert_eq!((replaced.before, replaced.manifest.serial()), (Some(5), 6));
    assert_eq!(trust.get(NOW).await.unwrap(), Some(manifest(1, 6)));
}

#[tokio::test]
async fn of_two_at_once_the_newer_stays() {
    let trust = trust();
    let (older, newer) = (manifest(1, 1), manifest(1, 2));
    let (first, second) =
        futures_util::future::join(trust.replace(&older, NOW), trust.replace(&newer, NOW)).await;
    assert!(second.is_ok() && matches!(first, Ok(_) | Err(ReplaceError::Old)));
    assert_eq!(trust.get(NOW).await.unwrap(), Some(newer));
}
