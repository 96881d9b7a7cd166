//! A message is stored once, with the next number of its channel.

use super::Fixture;
use super::support::{draft, duplicate, everything, good, member, offsets, publish_many, stored, team, text};
use crate::history::{Draft, PageLimit, PublishError};
use protocol::{ChannelName, Offset};
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::JoinSet;

const TASKS: usize = 16;
const EACH: usize = 16;

/// Offsets are 1, 2, 3… in each channel, whatever happens in others, and one epoch covers them.
pub async fn each_channel_counts_from_one(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let (red, blue) = (team("red"), team("blue"));
    let mut answers = Vec::new();
    for (channel, key) in [(&red, "1"), (&blue, "1"), (&red, "2"), (&red, "3"), (&blue, "2")] {
        let position = stored(good(history.publish(draft(channel, key)).await));
        assert_eq!(position, good(history.top(channel).await));
        answers.push(position.offset.get());
    }
    assert_eq!(answers, [1, 1, 2, 3, 2]);
}

/// The same message again is the same message.
pub async fn a_repeat_answers_the_first_position_and_stores_nothing(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let first = stored(good(history.publish(draft(&channel, "a")).await));
    publish_many(&*history, &channel, "b", 2).await;
    let again = duplicate(good(history.publish(draft(&channel, "a")).await));
    assert_eq!(again, first);
    assert_eq!(good(history.top(&channel).await).offset, Offset::new(3));
}

/// An outbox that lives through a restart of the store does not double its messages.
pub async fn a_repeat_is_recognised_after_a_restart(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    publish_many(&*store.history, &channel, "a", 3).await;
    let history = fixture.reopen(store).await.history;
    let again = duplicate(good(history.publish(draft(&channel, "a2")).await));
    assert_eq!(again.offset, Offset::new(2));
    let next = stored(good(history.publish(draft(&channel, "a4")).await));
    assert_eq!(next.offset, Offset::new(4));
    let again = duplicate(good(history.publish(draft(&channel, "a2")).await));
    assert_eq!(again.offset, Offset::new(2));
}

/// Keys are made by devices: two may make the same.
pub async fn the_same_key_by_another_sender_is_another_message(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let by = |sender| Draft { sender, ..draft(&channel, "a") };
    for (n, sender) in [Some(member("ana", "c1")), Some(member("ben", "c1")), None].into_iter().enumerate() {
        let position = stored(good(history.publish(by(sender)).await));
        assert_eq!(position.offset.get(), u64::try_from(n + 1).unwrap_or(0));
    }
}

/// A key says nothing outside its channel.
pub async fn the_same_key_in_another_channel_is_another_message(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    for channel in [team("red"), team("blue"), ChannelName::bulletins_all()] {
        stored(good(history.publish(draft(&channel, "a")).await));
    }
}

/// After a reconnect it is another connection, and still the same member.
pub async fn the_same_member_on_another_connection_repeats_itself(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let by = |connection| Draft { sender: Some(member("ana", connection)), ..draft(&channel, "a") };
    let first = stored(good(history.publish(by("c1")).await));
    assert_eq!(duplicate(good(history.publish(by("c2")).await)), first);
}

/// A key that stands for one message never stands for another.
pub async fn a_key_with_other_data_is_refused_and_stores_nothing(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let first = stored(good(history.publish(draft(&channel, "a")).await));
    let other = Draft { data: text("something else"), ..draft(&channel, "a") };
    assert_eq!(history.publish(other.clone()).await, Err(PublishError::KeyReused));
    assert_eq!(history.publish(other).await, Err(PublishError::KeyReused));
    assert_eq!(good(history.top(&channel).await), first);
    assert_eq!(duplicate(good(history.publish(draft(&channel, "a")).await)), first);
}

/// Many publishers at once: no offset twice, none left out, and each sees its own messages in its own order.
pub async fn concurrent_publishes_get_every_offset_once_and_keep_their_own_order(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let (history, channel) = (Arc::clone(&history), channel.clone());
        tasks.spawn(async move {
            let mut own = Vec::new();
            for n in 0..EACH {
                let published = history.publish(draft(&channel, &format!("{task}/{n}"))).await;
                own.push(stored(good(published)).offset.get());
            }
            own
        });
    }
    let mut seen = BTreeSet::new();
    while let Some(own) = tasks.join_next().await {
        let own = good(own);
        assert!(own.is_sorted(), "a publisher's messages changed their order");
        seen.extend(own);
    }
    let expected: Vec<u64> = (1..=u64::try_from(TASKS * EACH).unwrap_or(0)).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(offsets(&everything(&*history, &channel, PageLimit::MAX).await), expected);
}

/// A retry that meets its first try under way does not double it.
pub async fn concurrent_publishes_of_one_key_store_one_message(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (history, draft) = (Arc::clone(&history), draft(&channel, "a"));
        tasks.spawn(async move { good(history.publish(draft).await) });
    }
    let mut firsts = 0;
    while let Some(published) = tasks.join_next().await {
        let published = good(published);
        assert_eq!(published.position().offset, Offset::new(1));
        firsts += usize::from(matches!(published, crate::Published::Stored(_)));
    }
    assert_eq!(firsts, 1);
    assert_eq!(good(history.top(&channel).await).offset, Offset::new(1));
}
