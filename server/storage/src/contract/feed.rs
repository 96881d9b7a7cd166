//! What is new is announced where it is followed, and nowhere else.

use super::Fixture;
use super::support::{announced, draft, duplicate, good, page, publish_many, some, stored, team, texts};
use crate::feed::FeedEvent;
use crate::history::{Draft, Since};
use protocol::Lane;

/// With the offsets and the epoch that the publisher was told.
pub async fn a_followed_channel_announces_in_the_order_of_its_log(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut feed = some(history.feed());
    good(history.follow(&channel).await);
    let top = publish_many(&*history, &channel, "a", 20).await;
    let log = page(&*history, &channel, Since::Start).await.publications;
    for logged in log {
        let (where_to, epoch, publication) = announced(&mut feed).await;
        assert_eq!(where_to, channel);
        assert_eq!(epoch, top.epoch);
        assert_eq!(publication, logged);
    }
}

/// The lane is told beside the publication, and nothing of it is in the log.
pub async fn an_announcement_says_in_which_lane_it_went(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut feed = some(history.feed());
    good(history.follow(&channel).await);
    let lanes = [Lane::Bulk, Lane::Urgent, Lane::Normal, Lane::Bulk];
    for (n, lane) in lanes.into_iter().enumerate() {
        let said = Draft { lane, ..draft(&channel, &n.to_string()) };
        stored(good(history.publish(said).await));
    }
    // Also if it is said again in another lane, it is the same message.
    let again = Draft { lane: Lane::Normal, ..draft(&channel, "0") };
    duplicate(good(history.publish(again).await));
    let log = page(&*history, &channel, Since::Start).await.publications;
    let mut told = Vec::new();
    while told.len() < lanes.len() {
        match some(feed.next().await) {
            FeedEvent::Interrupted => {}
            FeedEvent::Published { publication, lane, .. } => told.push((publication, lane)),
        }
    }
    assert_eq!(told, log.into_iter().zip(lanes).collect::<Vec<_>>());
}

/// Channels that nobody here follows, or that nobody follows any more, are silent.
pub async fn what_is_not_followed_is_not_announced(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let (followed, never, no_longer) = (team("red"), team("blue"), team("green"));
    let mut feed = some(history.feed());
    good(history.follow(&followed).await);
    good(history.follow(&no_longer).await);
    history.unfollow(&no_longer).await;
    publish_many(&*history, &never, "a", 3).await;
    publish_many(&*history, &no_longer, "a", 3).await;
    publish_many(&*history, &followed, "a", 1).await;
    assert_eq!(announced(&mut feed).await.0, followed);
}

/// A repeat is old news.
pub async fn a_repeat_is_not_announced_again(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut feed = some(history.feed());
    good(history.follow(&channel).await);
    stored(good(history.publish(draft(&channel, "a")).await));
    duplicate(good(history.publish(draft(&channel, "a")).await));
    stored(good(history.publish(draft(&channel, "b")).await));
    assert_eq!(announced(&mut feed).await.2.offset.get(), 1);
    assert_eq!(announced(&mut feed).await.2.offset.get(), 2);
}

/// The order in which a node subscribes: what the log did not show, the feed does.
pub async fn following_then_reading_the_top_then_publishing_loses_nothing(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let mut feed = some(history.feed());
    publish_many(&*history, &channel, "before", 3).await;
    good(history.follow(&channel).await);
    let top = good(history.top(&channel).await);
    publish_many(&*history, &channel, "after", 3).await;

    let mut told = Vec::new();
    while told.len() < 3 {
        let (_, _, publication) = announced(&mut feed).await;
        if publication.offset > top.offset {
            told.push(publication);
        }
    }
    assert_eq!(texts(&told), ["\"after1\"", "\"after2\"", "\"after3\""]);
}

/// One reader owns it.
pub async fn the_feed_is_given_once(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let first = history.feed();
    assert!(first.is_some());
    assert!(history.feed().is_none());
    drop(first);
    assert!(history.feed().is_none());
}

/// After a restart the node asks for everything again.
pub async fn a_reopened_store_has_a_feed_of_its_own(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let channel = team("red");
    let _old = store.history.feed();
    good(store.history.follow(&channel).await);
    publish_many(&*store.history, &channel, "a", 2).await;
    let history = fixture.reopen(store).await.history;
    let mut feed = some(history.feed());
    good(history.follow(&channel).await);
    let new = publish_many(&*history, &channel, "b", 1).await;
    let (_, epoch, publication) = announced(&mut feed).await;
    assert_eq!((epoch, publication.offset), (new.epoch, new.offset));
}
