//! Positions across restarts of the store: what is on the common prefix continues, what is not is told so.

use super::Fixture;
use super::support::{draft, good, offsets, page, publish_many, stored, team, unknown_epoch};
use crate::history::{GapReason, PageLimit, Replay, Since};
use protocol::{Offset, StreamPosition};

/// A store may begin the new epoch when it opens or when it first writes.
pub async fn an_old_position_continues_after_a_restart(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let old = publish_many(&*store.history, &channel, "a", 3).await;
    let history = fixture.reopen(store).await.history;

    let nothing_new = page(&*history, &channel, Since::Position(old.clone())).await;
    assert!(nothing_new.publications.is_empty());
    assert_eq!(nothing_new.top.offset, old.offset);

    let next = stored(good(history.publish(draft(&channel, "b")).await));
    let on = page(&*history, &channel, Since::Position(old)).await;
    assert_eq!(offsets(&on.publications), [4]);
    assert_eq!(on.top, next);
}

/// Whoever subscribed to an empty channel before the restart gets its first message after it.
pub async fn a_position_before_the_first_message_continues_after_a_restart(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    publish_many(&*store.history, &team("blue"), "a", 1).await;
    let old = good(store.history.top(&channel).await);
    assert_eq!(old.offset, Offset::ZERO);
    let history = fixture.reopen(store).await.history;
    publish_many(&*history, &channel, "b", 2).await;
    let on = page(&*history, &channel, Since::Position(old)).await;
    assert_eq!(offsets(&on.publications), [1, 2]);
}

/// Numbers go on, under another name.
pub async fn what_is_written_after_a_restart_belongs_to_a_new_epoch(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let old = publish_many(&*store.history, &channel, "a", 3).await;
    let history = fixture.reopen(store).await.history;
    let new = stored(good(history.publish(draft(&channel, "b")).await));
    assert_eq!(new.offset, old.offset.next());
    assert_ne!(new.epoch, old.epoch);
    assert_eq!(good(history.top(&channel).await), new);
}

/// A number that the old life never gave means nothing in the new one.
pub async fn a_position_beyond_what_survived_of_its_epoch_is_a_gap(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let old = publish_many(&*store.history, &channel, "a", 3).await;
    let history = fixture.reopen(store).await.history;
    let new = publish_many(&*history, &channel, "b", 2).await;

    let lost = Since::Position(StreamPosition { offset: Offset::new(4), ..old.clone() });
    let expected = Replay::Gap { reason: GapReason::Beyond, top: new };
    assert_eq!(good(history.replay(&channel, &lost, PageLimit::MAX).await), expected);
    let survived = page(&*history, &channel, Since::Position(old)).await;
    assert_eq!(offsets(&survived.publications), [4, 5]);
}

/// Lineage reaches back over several restarts.
pub async fn a_position_of_any_remembered_epoch_continues_on_the_common_prefix(fixture: &dyn Fixture) {
    let mut store = fixture.open().await;
    let channel = team("red");
    let mut tops = vec![publish_many(&*store.history, &channel, "a", 2).await];
    for life in ["b", "c", "d"] {
        store = fixture.reopen(store).await;
        tops.push(publish_many(&*store.history, &channel, life, 2).await);
    }
    for (n, old) in tops.iter().enumerate() {
        let on = page(&*store.history, &channel, Since::Position(old.clone())).await;
        let expected: Vec<u64> = (old.offset.get() + 1..=8).collect();
        assert_eq!(offsets(&on.publications), expected, "life {n}");
        let beyond = Since::Position(StreamPosition { offset: old.offset.next(), ..old.clone() });
        let replay = good(store.history.replay(&channel, &beyond, PageLimit::MAX).await);
        assert!(matches!(replay, Replay::Gap { reason: GapReason::Beyond, .. }), "life {n}");
    }
}

/// Whatever its offset.
pub async fn an_unknown_epoch_is_a_gap(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = publish_many(&*history, &channel, "a", 2).await;
    for offset in [0, 1, 2, 3] {
        let since = Since::Position(unknown_epoch(offset));
        let expected = Replay::Gap { reason: GapReason::UnknownEpoch, top: top.clone() };
        let replay = good(history.replay(&channel, &since, PageLimit::MAX).await);
        assert_eq!(replay, expected, "offset {offset}");
    }
}
