//! Retention: by age alone, from the old end, and whoever it overtook is told so.

use super::Fixture;
use super::support::{
    NOW, draft, duplicate, everything, good, key, offsets, page, publish_many, stored, team,
};
use crate::history::{Draft, GapReason, History, IDEMPOTENCY_WINDOW, PageLimit, Replay, Since};
use crate::records::{Change, Expect, RecordKind, Write};
use crate::retention::Retention;
use protocol::{ChannelName, Offset, StreamPosition, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

const RETENTION: Retention =
    Retention { messages: Duration::from_hours(10), service: Duration::from_hours(2) };

/// Publishes messages with the keys `0`, `1`… so many hours after [`NOW`].
async fn publish_at(history: &dyn History, channel: &ChannelName, hours: &[u32]) -> StreamPosition {
    let mut top = good(history.top(channel).await);
    for (n, hour) in hours.iter().enumerate() {
        let aged = Draft { at: NOW.after(HOUR * *hour), ..draft(channel, &n.to_string()) };
        top = stored(good(history.publish(aged).await));
    }
    top
}

fn hours_later(hours: u32) -> Timestamp {
    NOW.after(HOUR * hours)
}

async fn is_trimmed(history: &dyn History, channel: &ChannelName, position: StreamPosition) -> bool {
    let since = Since::Position(position);
    let replay = good(history.replay(channel, &since, PageLimit::MAX).await);
    matches!(replay, Replay::Gap { reason: GapReason::Trimmed, .. })
}

/// Old ones go, newer ones stay untouched, numbers go on, and only who missed something hears of a gap.
pub async fn what_is_older_than_retention_goes_and_a_position_before_it_is_a_gap(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let (channel, other) = (team("red"), team("blue"));
    let top = publish_at(&*history, &channel, &[0, 1, 2, 3, 4]).await;
    publish_at(&*history, &other, &[4, 5]).await;

    // What is exactly as old as may be stays: offset 3 is from hour 2.
    assert_eq!(good(history.trim(&RETENTION, hours_later(12)).await).publications(), 2);
    assert_eq!(good(history.trim(&RETENTION, hours_later(12)).await).publications(), 0);

    assert_eq!(offsets(&everything(&*history, &channel, PageLimit::MAX).await), [3, 4, 5]);
    assert_eq!(offsets(&everything(&*history, &other, PageLimit::MAX).await), [1, 2]);
    let latest = good(history.latest(&channel, None, PageLimit::MAX).await);
    assert_eq!(offsets(&latest.publications), [5, 4, 3]);

    let position = |offset| StreamPosition { offset: Offset::new(offset), ..top.clone() };
    assert!(is_trimmed(&*history, &channel, position(0)).await);
    assert!(is_trimmed(&*history, &channel, position(1)).await);
    let by_offset = Since::Offset(Offset::new(1));
    assert_eq!(
        good(history.replay(&channel, &by_offset, PageLimit::MAX).await),
        Replay::Gap { reason: GapReason::Trimmed, top: top.clone() }
    );
    let on = page(&*history, &channel, Since::Position(position(2))).await;
    assert_eq!(offsets(&on.publications), [3, 4, 5]);

    let next = stored(good(history.publish(draft(&channel, "next")).await));
    assert_eq!(next.offset, Offset::new(6));
}

/// Nothing is left, and still no number is given twice.
pub async fn a_channel_that_was_trimmed_empty_counts_on(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = publish_at(&*history, &channel, &[0, 0, 0]).await;
    assert_eq!(good(history.trim(&RETENTION, hours_later(11)).await).publications(), 3);
    assert_eq!(good(history.top(&channel).await), top);

    let nothing = page(&*history, &channel, Since::Start).await;
    assert!(nothing.publications.is_empty());
    let caught_up = page(&*history, &channel, Since::Position(top.clone())).await;
    assert!(caught_up.publications.is_empty());
    let behind = StreamPosition { offset: top.offset.previous(), ..top.clone() };
    assert!(is_trimmed(&*history, &channel, behind).await);

    let next = stored(good(history.publish(draft(&channel, "next")).await));
    assert_eq!(next.offset, Offset::new(4));
    let on = page(&*history, &channel, Since::Position(top)).await;
    assert_eq!(offsets(&on.publications), [4]);
}

/// Trimming is as lasting as publishing.
pub async fn a_trimmed_store_is_the_same_after_a_restart(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (channel, empty) = (team("red"), team("blue"));
    let top = publish_at(&*store.history, &channel, &[0, 1, 2]).await;
    let empty_top = publish_at(&*store.history, &empty, &[0, 0]).await;
    assert_eq!(good(store.history.trim(&RETENTION, hours_later(11)).await).publications(), 3);

    let history = fixture.reopen(store).await.history;
    assert_eq!(offsets(&everything(&*history, &channel, PageLimit::MAX).await), [2, 3]);
    assert_eq!(good(history.top(&empty).await).offset, empty_top.offset);
    let overtaken = StreamPosition { offset: Offset::ZERO, ..top.clone() };
    assert!(is_trimmed(&*history, &channel, overtaken).await);
    let next = stored(good(history.publish(draft(&empty, "next")).await));
    assert_eq!(next.offset, Offset::new(3));
    let on = page(&*history, &empty, Since::Position(empty_top)).await;
    assert_eq!(offsets(&on.publications), [3]);
}

/// The state of the service is old after hours, what people say after months.
pub async fn service_status_has_an_age_of_its_own(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let (status, channel) = (ChannelName::service_status(), team("red"));
    publish_at(&*history, &status, &[0, 1, 2]).await;
    publish_at(&*history, &channel, &[0, 1, 2]).await;
    let trimmed = good(history.trim(&RETENTION, hours_later(4)).await);
    assert_eq!((trimmed.messages, trimmed.service), (0, 2));
    assert_eq!(offsets(&everything(&*history, &status, PageLimit::MAX).await), [3]);
    assert_eq!(offsets(&everything(&*history, &channel, PageLimit::MAX).await), [1, 2, 3]);
}

/// Times may go backward in a log; what is kept has no hole and nothing young is lost.
pub async fn a_clock_that_jumped_back_leaves_no_hole(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    publish_at(&*history, &channel, &[0, 5, 0, 5, 0]).await;
    good(history.trim(&RETENTION, hours_later(12)).await);
    assert_eq!(offsets(&everything(&*history, &channel, PageLimit::MAX).await), [2, 3, 4, 5]);
}

/// Keys live by their own window, not by retention.
pub async fn a_repeat_of_a_trimmed_message_is_still_a_repeat(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let first = stored(good(history.publish(draft(&channel, "a")).await));
    assert_eq!(good(history.trim(&RETENTION, hours_later(11)).await).publications(), 1);
    let again = duplicate(good(history.publish(draft(&channel, "a")).await));
    assert_eq!(again, first);
    assert!(everything(&*history, &channel, PageLimit::MAX).await.is_empty());
}

/// At the window's end a key is still known; after it, not.
pub async fn keys_are_forgotten_after_their_window(fixture: &dyn Fixture) {
    if !fixture.forgets_keys_at_trim() {
        return;
    }
    let history = fixture.open().await.history;
    let channel = team("red");
    publish_many(&*history, &channel, "a", 3).await;
    let young = Draft { at: hours_later(1), ..draft(&channel, "young") };
    good(history.publish(young.clone()).await);
    let keep = Retention::default();
    let end = NOW.after(IDEMPOTENCY_WINDOW);

    good(history.trim(&keep, end).await);
    duplicate(good(history.publish(draft(&channel, "a1")).await));
    good(history.trim(&keep, end.after(Duration::from_millis(1))).await);
    let again = stored(good(history.publish(draft(&channel, "a1")).await));
    assert_eq!(again.offset, Offset::new(5));
    duplicate(good(history.publish(young).await));
}

/// A store that forgets records by itself counts none.
pub async fn records_whose_time_is_over_are_counted_by_kind_or_not_at_all(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let put = |id: &str, kind, expires_at| Write {
        key: key(kind, id),
        expect: Expect::Absent,
        change: Change::Put { data: b"x".to_vec(), expires_at },
    };
    let end = Some(hours_later(1));
    let writes = vec![
        put("a", RecordKind::ConversationText, end),
        put("b", RecordKind::ConversationText, end),
        put("a", RecordKind::Device, end),
        put("b", RecordKind::Device, None),
    ];
    good(store.records.commit(writes, NOW).await);
    let records = good(store.history.trim(&RETENTION, hours_later(2)).await).records;
    if fixture.forgets_keys_at_trim() {
        let expected = [(RecordKind::ConversationText, 2), (RecordKind::Device, 1)];
        assert_eq!(records, expected.into());
    } else {
        assert_eq!(records, BTreeMap::new());
    }
    assert_eq!(good(store.history.trim(&RETENTION, hours_later(2)).await).records, BTreeMap::new());
}
