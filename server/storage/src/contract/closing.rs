//! The end of a store: it keeps what it accepted and takes nothing more.

use super::Fixture;
use super::support::{NOW, PATIENCE, draft, everything, good, key, offsets, publish_many, put, some, team};
use crate::AskError;
use crate::history::{PageLimit, PublishError, Since, Unavailable};
use crate::records::{CommitError, Expect, RecordKind};
use crate::retention::Retention;
use bytes::Bytes;

/// Each asks to be tried elsewhere or later; none hangs.
pub async fn after_closing_every_call_is_unavailable(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (history, records) = (&store.history, &store.records);
    let channel = team("red");
    let ana = key(RecordKind::Member, "ana");
    publish_many(&**history, &channel, "a", 1).await;
    good(history.check().await);
    history.close().await;
    history.close().await;

    assert_eq!(history.publish(draft(&channel, "b")).await, Err(PublishError::Unavailable));
    assert_eq!(history.top(&channel).await, Err(Unavailable));
    let replay = history.replay(&channel, &Since::Start, PageLimit::MAX).await;
    assert_eq!(replay, Err(Unavailable));
    let latest = history.latest(&channel, None, PageLimit::MAX).await;
    assert_eq!(latest, Err(Unavailable));
    assert_eq!(history.follow(&channel).await, Err(Unavailable));
    assert_eq!(history.trim(&Retention::default(), NOW).await, Err(Unavailable));
    assert_eq!(history.check().await, Err(Unavailable));

    assert_eq!(records.get(&ana, NOW).await, Err(Unavailable));
    assert_eq!(records.commit(vec![put(&ana, Expect::Any, b"x")], NOW).await, Err(CommitError::Unavailable));
    assert_eq!(records.scan(RecordKind::Member, None, 1, NOW).await, Err(Unavailable));

    assert_eq!(store.peers.ask(Bytes::new(), PATIENCE).await, Err(AskError::Unavailable));
}

/// Whoever answers them ends too.
pub async fn the_questions_of_others_end_with_the_store(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut questions = some(store.peers.questions());
    store.history.close().await;
    assert!(good(tokio::time::timeout(PATIENCE, questions.next()).await).is_none());
}

/// A drain loses nothing.
pub async fn what_was_accepted_before_closing_is_there_after_reopening(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let ana = key(RecordKind::Member, "ana");
    publish_many(&*store.history, &channel, "a", 3).await;
    good(store.records.commit(vec![put(&ana, Expect::Absent, b"x")], NOW).await);
    store.history.close().await;
    let store = fixture.reopen(store).await;
    let all = everything(&*store.history, &channel, PageLimit::MAX).await;
    assert_eq!(offsets(&all), [1, 2, 3]);
    assert_eq!(some(good(store.records.get(&ana, NOW).await)).data, b"x");
    publish_many(&*store.history, &channel, "b", 1).await;
}
