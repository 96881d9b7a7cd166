//! A store that keeps as much as it may.

use super::{Folder, channel, draft};
use crate::KEPT_OVERHEAD_BYTES;
use crate::tables::{KEPT_KEY, META};
use protocol::{ClientId, ClientInfo, MemberId, Payload, Timestamp};
use redb::Database;
use std::time::Duration;
use storage::{
    Change, Draft, Expect, History, PageLimit, PublishError, Published, RecordId, RecordKey, RecordKind,
    Records, Replay, Retention, Since, Write,
};

const HOUR: Duration = Duration::from_hours(1);
const RETENTION: Retention = Retention { messages: HOUR, service: HOUR };

/// A message of a member, whose key it says.
fn message(key: &str, millis: u64) -> Draft {
    let sender = ClientInfo { user: MemberId::parse("m").unwrap(), client: ClientId::new("c") };
    Draft { sender: Some(sender), ..draft(key, millis) }
}

async fn offsets(store: &impl History) -> Vec<u64> {
    let replay = store.replay(&channel(), &Since::Start, PageLimit::MAX).await.unwrap();
    let Replay::Complete(page) = replay else { panic!("a page") };
    page.publications.iter().map(|publication| publication.offset.get()).collect()
}

#[tokio::test]
async fn at_the_ceiling_messages_are_refused_nothing_is_evicted_and_repeats_are_known() {
    let folder = Folder::new().up_to(3 * KEPT_OVERHEAD_BYTES + 200);
    let store = folder.open().unwrap();
    for key in ["a", "b", "c"] {
        store.publish(message(key, 1)).await.unwrap();
    }
    let before = store.statistics();
    for _ in 0..2 {
        assert_eq!(store.publish(message("d", 1)).await, Err(PublishError::NoRoom));
    }
    assert_eq!(store.statistics().kept_bytes, before.kept_bytes);
    assert_eq!(before.kept_max_bytes, Some(3 * KEPT_OVERHEAD_BYTES + 200));
    assert!(matches!(store.publish(message("b", 1)).await, Ok(Published::Duplicate(_))));
    assert_eq!(offsets(&store).await, [1, 2, 3]);
    store.check().await.unwrap();

    let key = RecordKey { kind: RecordKind::Member, id: RecordId::parse("m").unwrap() };
    let change = Change::Put { data: vec![1], expires_at: None };
    store.commit(vec![Write { key, expect: Expect::Absent, change }], Timestamp::default()).await.unwrap();
    // What the service itself says.
    assert!(matches!(store.publish(draft("status", 1)).await, Ok(Published::Stored(_))));
    assert_eq!(store.publish(message("d", 1)).await, Err(PublishError::NoRoom));
}

#[tokio::test]
async fn a_message_that_is_small_enough_goes_where_a_larger_one_does_not() {
    let folder = Folder::new().up_to(2 * KEPT_OVERHEAD_BYTES + 200);
    let store = folder.open().unwrap();
    let large = Draft { data: Payload::from_value(&"x".repeat(1_000)).unwrap(), ..message("large", 1) };
    assert_eq!(store.publish(large).await, Err(PublishError::NoRoom));
    store.publish(message("small", 1)).await.unwrap();
}

#[tokio::test]
async fn retention_makes_room_and_then_messages_go_on_where_they_stopped() {
    let folder = Folder::new().up_to(3 * KEPT_OVERHEAD_BYTES + 200);
    let store = folder.open().unwrap();
    for (key, at) in [("a", 1), ("b", 1), ("c", 7_200_000)] {
        store.publish(message(key, at)).await.unwrap();
    }
    let now = 7_200_001;
    assert_eq!(store.publish(message("d", now)).await, Err(PublishError::NoRoom));
    assert_eq!(store.trim(&RETENTION, Timestamp::from_millis(now)).await.unwrap().messages, 2);
    let Published::Stored(position) = store.publish(message("d", now)).await.unwrap() else {
        panic!("stored")
    };
    assert_eq!(position.offset.get(), 4);
    store.publish(message("e", now)).await.unwrap();
    assert_eq!(store.publish(message("f", now)).await, Err(PublishError::NoRoom));
    store
        .trim(
            &Retention { messages: Duration::ZERO, service: Duration::ZERO },
            Timestamp::from_millis(now + 1),
        )
        .await
        .unwrap();
    assert_eq!(store.statistics().kept_bytes, 0);
}

#[tokio::test]
async fn the_count_is_the_same_after_a_restart_and_made_anew_for_a_file_that_has_none() {
    let folder = Folder::new().up_to(1_000_000);
    let store = folder.open().unwrap();
    for n in 0..50 {
        store.publish(message(&n.to_string(), 1)).await.unwrap();
    }
    let kept = store.statistics().kept_bytes;
    assert!(kept > 50 * KEPT_OVERHEAD_BYTES && kept < 50 * (KEPT_OVERHEAD_BYTES + 100), "{kept}");
    store.close().await;
    drop(store);
    let store = folder.open().unwrap();
    assert_eq!(store.statistics().kept_bytes, kept);
    store.close().await;
    drop(store);

    let database = Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    assert!(transaction.open_table(META).unwrap().remove(KEPT_KEY).unwrap().is_some());
    transaction.commit().unwrap();
    drop(database);
    assert_eq!(folder.open().unwrap().statistics().kept_bytes, kept);
}

/// What an operator has to know who gives a ceiling for a disk.
#[tokio::test]
async fn the_file_is_not_much_longer_than_what_it_is_said_to_keep() {
    let folder = Folder::new();
    let store = std::sync::Arc::new(folder.open().unwrap());
    let mut publishing = tokio::task::JoinSet::new();
    for n in 0..20_000 {
        let store = std::sync::Arc::clone(&store);
        let data = Payload::from_value(&"x".repeat(n % 700)).unwrap();
        let draft = Draft { data, ..message(&format!("message-{n}"), 1) };
        publishing.spawn(async move { store.publish(draft).await.unwrap() });
    }
    while let Some(published) = publishing.join_next().await {
        published.unwrap();
    }
    let kept = store.statistics().kept_bytes;
    let file = std::fs::metadata(folder.file()).unwrap().len();
    assert!(file < 2 * kept, "{file} bytes for {kept}");
}
