//! Many publishers at once.

use super::{Folder, channel, draft};
use std::{collections::BTreeMap, sync::Arc};
use storage::{History, PageLimit, Published, Replay, Since};
use tokio::task::JoinSet;

const TASKS: usize = 64;
const MESSAGES: usize = 10_000;

#[tokio::test]
async fn ten_thousand_messages_by_many_publishers_are_all_there_after_reopening() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut answered = Vec::new();
            for n in (task..MESSAGES).step_by(TASKS) {
                let published = store.publish(draft(&n.to_string(), 1)).await.unwrap();
                assert!(matches!(published, Published::Stored(_)));
                answered.push((published.position().offset, n));
            }
            answered
        });
    }
    let mut answered = BTreeMap::new();
    while let Some(task) = tasks.join_next().await {
        answered.extend(task.unwrap());
    }
    assert_eq!(answered.len(), MESSAGES);
    // Without closing: what was answered does not depend on it.
    drop(store);

    let store = folder.open().unwrap();
    let mut since = Since::Start;
    let mut read = Vec::new();
    loop {
        let replay = store.replay(&channel(), &since, PageLimit::MAX).await.unwrap();
        let Replay::Complete(page) = replay else { panic!("{replay:?}") };
        let Some(last) = page.publications.last() else {
            break;
        };
        since = Since::Offset(last.offset);
        read.extend(page.publications);
    }
    assert_eq!(read.len(), MESSAGES);
    for publication in read {
        let n = answered[&publication.offset];
        assert_eq!(publication.data.as_str(), format!("\"{n}\""));
    }
}

#[tokio::test]
async fn a_large_backlog_is_trimmed_in_steps_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let store = Arc::new(folder.open().unwrap());
    let mut tasks = JoinSet::new();
    let total = crate::trim::STEP_MAX_REMOVALS * 2 + 1;
    for n in 0..total {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.publish(draft(&n.to_string(), 1)).await.unwrap() });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let much_later = protocol::Timestamp::from_millis(u64::MAX / 2);
    let retention = storage::Retention::default();
    let trimmed = store.trim(&retention, much_later).await.unwrap();
    assert_eq!(trimmed.publications(), u64::try_from(total).unwrap());
    let page = store.latest(&channel(), None, PageLimit::MAX).await.unwrap();
    assert!(page.publications.is_empty());
    let again = store.publish(draft("0", 2)).await.unwrap();
    assert!(matches!(again, Published::Stored(_)), "its key is forgotten");
    assert_eq!(again.position().offset, page.top.offset.next());
}
