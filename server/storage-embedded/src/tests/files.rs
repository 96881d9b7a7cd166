//! Files and folders that are not as they should be, and files from the past.

use super::{Folder, channel, counted_epochs, draft};
use crate::{EmbeddedStore, FILE_NAME, OpenError, OpenOptions};
use protocol::{Offset, StreamPosition};
use std::fs;
use storage::{GapReason, History, PageLimit, PublishError, Replay, Since};

fn refusal(folder: &Folder) -> String {
    folder.open().unwrap_err().to_string()
}

/// Writes enough that the file has pages of every kind.
async fn fill(folder: &Folder) {
    let store = folder.open().unwrap();
    for n in 0..200 {
        store.publish(draft(&format!("message-{n}"), 1)).await.unwrap();
    }
    store.close().await;
}

#[test]
fn a_folder_belongs_to_one_store_at_a_time() {
    let folder = Folder::new();
    let first = folder.open().unwrap();
    assert!(matches!(folder.open(), Err(OpenError::InUse { .. })));
    assert!(refusal(&folder).contains("in use by another process"));
    drop(first);
    folder.open().unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_folder = folder.path().join("file");
    fs::write(&not_a_folder, "").unwrap();
    let options = OpenOptions::new(counted_epochs());
    let error = EmbeddedStore::open(&not_a_folder.join("data"), &options).unwrap_err();
    assert!(matches!(error, OpenError::Folder { .. }));
    let error = error.to_string();
    assert!(error.contains("file/data cannot be made"), "{error}");
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let folder = Folder::new();
    fs::create_dir(folder.file()).unwrap();
    assert!(matches!(folder.open(), Err(OpenError::File { .. })));
    let error = refusal(&folder);
    assert!(error.contains("holdfast.redb cannot be opened"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_is_made_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("a/b");
    let options = OpenOptions::new(counted_epochs());
    let _store = EmbeddedStore::open(&data, &options).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join(FILE_NAME)), 0o600);
    assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "one file, nothing left over");
}

#[test]
fn a_file_that_is_not_ours_is_damaged_and_stays_as_it_is() {
    for contents in [&b""[..], b"x", b"this is not a store", &[0xa5; 10_000]] {
        let folder = Folder::new();
        fs::write(folder.file(), contents).unwrap();
        let error = folder.open().unwrap_err();
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
        assert_eq!(fs::read(folder.file()).unwrap(), contents);
    }
}

#[tokio::test]
async fn a_file_with_bytes_changed_in_the_middle_is_refused() {
    let folder = Folder::new();
    fill(&folder).await;
    let mut bytes = fs::read(folder.file()).unwrap();
    let needle = b"message-100";
    let places: Vec<usize> = bytes
        .windows(needle.len())
        .enumerate()
        .filter_map(|(at, window)| (window == needle).then_some(at))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] ^= 1;
    }
    fs::write(folder.file(), bytes).unwrap();
    let error = folder.open().unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("put a backup in its place"));
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let folder = Folder::new();
    fill(&folder).await;
    let file = fs::OpenOptions::new().write(true).open(folder.file()).unwrap();
    let half = file.metadata().unwrap().len() / 2;
    file.set_len(half).unwrap();
    drop(file);
    let error = folder.open().unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    drop(folder.open().unwrap());
    let database = redb::Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(crate::tables::META)
        .unwrap()
        .insert(crate::tables::SCHEMA_KEY, crate::tables::SCHEMA + 1)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(folder.open(), Err(OpenError::Newer { found: 2, .. })));
    assert!(refusal(&folder).contains("newer version"));
}

#[test]
fn a_file_whose_making_was_interrupted_is_made_again() {
    let folder = Folder::new();
    let unfinished = folder.file().with_extension("redb.new");
    for contents in [&b""[..], b"half a header"] {
        fs::write(&unfinished, contents).unwrap();
        drop(folder.open().unwrap());
        assert!(!unfinished.exists());
        fs::remove_file(folder.file()).unwrap();
    }
}

/// What the copy did not have is beyond it for ever, and its numbers are given again only under another epoch.
#[tokio::test]
async fn a_restored_older_copy_never_forks() {
    let folder = Folder::new();
    let copy = folder.file().with_extension("copy");
    let store = folder.open().unwrap();
    let kept = store.publish(draft("kept", 1)).await.unwrap();
    store.close().await;
    fs::copy(folder.file(), &copy).unwrap();

    let store = folder.open().unwrap();
    let lost = store.publish(draft("lost-1", 1)).await.unwrap();
    let lost_too = store.publish(draft("lost-2", 1)).await.unwrap();
    store.close().await;
    fs::copy(&copy, folder.file()).unwrap();

    let store = folder.open().unwrap();
    let new = store.publish(draft("new", 1)).await.unwrap();
    assert_eq!(new.position().offset, lost.position().offset);
    assert_ne!(new.position().epoch, lost.position().epoch);
    for position in [lost.position(), lost_too.position()] {
        let since = Since::Position(position.clone());
        let replay = store.replay(&channel(), &since, PageLimit::MAX).await.unwrap();
        assert!(matches!(replay, Replay::Gap { .. }), "{replay:?}");
    }
    // A place that the kept epoch never gave in this copy.
    let beyond = Since::Position(StreamPosition { offset: Offset::new(2), ..kept.position().clone() });
    let replay = store.replay(&channel(), &beyond, PageLimit::MAX).await.unwrap();
    assert!(matches!(replay, Replay::Gap { reason: GapReason::Beyond, .. }));
    let since = Since::Position(kept.position().clone());
    let replay = store.replay(&channel(), &since, PageLimit::MAX).await.unwrap();
    let Replay::Complete(page) = replay else { panic!("{replay:?}") };
    assert_eq!(page.publications[0].data.as_str(), "\"new\"");
    // An outbox that still has what was lost offers it again, and it finds a place.
    let again = store.publish(draft("lost-1", 1)).await.unwrap();
    assert_eq!(again.position().offset, Offset::new(3));
}

#[tokio::test]
async fn a_store_forgets_its_oldest_epochs_and_remembers_the_rest() {
    let folder = Folder::new();
    let mut positions = Vec::new();
    let lives = storage::history::LINEAGE_MAX_EPOCHS + 2;
    for n in 0..lives {
        let store = folder.open().unwrap();
        let published = store.publish(draft(&n.to_string(), 1)).await.unwrap();
        positions.push(published.position().clone());
        store.close().await;
        if n + 1 == lives {
            assert_eq!(store.publish(draft("late", 1)).await, Err(PublishError::Unavailable));
        }
    }
    let store = folder.open().unwrap();
    for (n, position) in positions.into_iter().enumerate() {
        let since = Since::Position(position);
        let replay = store.replay(&channel(), &since, PageLimit::MAX).await.unwrap();
        match replay {
            Replay::Complete(page) => {
                assert!(n >= 3, "life {n} is still remembered");
                let rest = (lives - n - 1).min(PageLimit::MAX.publications);
                assert_eq!(page.publications.len(), rest);
            }
            Replay::Gap { reason, .. } => {
                assert!(n < 3, "life {n} is forgotten");
                assert_eq!(reason, GapReason::UnknownEpoch);
            }
        }
    }
}
