//! Reading the log: forward from a place, backward from the top, in bounded pages without holes.

use super::Fixture;
use super::support::{complete, draft, everything, good, offsets, page, publish_many, some, team};
use crate::history::{Draft, GapReason, PageLimit, Replay, Since};
use protocol::{Offset, Payload, StreamPosition};

const BIG: PageLimit = PageLimit::MAX;

/// All three ways to say where to begin.
pub async fn replay_begins_after_an_offset_or_a_position_or_at_the_start(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = publish_many(&*history, &channel, "a", 4).await;
    let position = |offset| StreamPosition { epoch: top.epoch.clone(), offset: Offset::new(offset) };
    let cases = [
        (Since::Start, vec![1, 2, 3, 4]),
        (Since::Offset(Offset::ZERO), vec![1, 2, 3, 4]),
        (Since::Offset(Offset::new(2)), vec![3, 4]),
        (Since::Offset(Offset::new(4)), vec![]),
        (Since::Position(position(0)), vec![1, 2, 3, 4]),
        (Since::Position(position(2)), vec![3, 4]),
        (Since::Position(position(4)), vec![]),
    ];
    for (since, expected) in cases {
        let page = page(&*history, &channel, since.clone()).await;
        assert_eq!(offsets(&page.publications), expected, "{since:?}");
        assert_eq!(page.top, top, "{since:?}");
    }
}

/// No more publications than asked, and what they are continues exactly.
pub async fn a_page_is_bounded_by_count(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = publish_many(&*history, &channel, "a", 5).await;
    let limit = PageLimit::publications(2);
    let since = Since::Offset(Offset::new(1));
    let page = complete(good(history.replay(&channel, &since, limit).await));
    assert_eq!(offsets(&page.publications), [2, 3]);
    assert_eq!(page.top, top);
    let page = good(history.latest(&channel, None, limit).await);
    assert_eq!(offsets(&page.publications), [5, 4]);
    assert_eq!(page.top, top);
}

/// No more bytes than asked, except for a single publication that is larger.
pub async fn a_page_is_bounded_by_bytes_and_holds_at_least_one(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    for n in 1..=5 {
        let data = good(Payload::from_value(&"x".repeat(98)));
        assert_eq!(data.as_str().len(), 100);
        let sized = Draft { data, ..draft(&channel, &n.to_string()) };
        good(history.publish(sized).await);
    }
    for (bytes, expected) in [(1, 1), (99, 1), (100, 1), (199, 1), (200, 2), (299, 2), (500, 5)] {
        let limit = PageLimit { bytes, ..BIG };
        let page = complete(good(history.replay(&channel, &Since::Start, limit).await));
        assert_eq!(page.publications.len(), expected, "forward within {bytes} bytes");
        let page = good(history.latest(&channel, None, limit).await);
        assert_eq!(page.publications.len(), expected, "backward within {bytes} bytes");
    }
}

/// Going on from the last offset of each page ends at the top with every publication once.
pub async fn pages_reach_the_top_without_a_hole(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    publish_many(&*history, &channel, "a", 23).await;
    let expected: Vec<u64> = (1..=23).collect();
    for limit in [
        PageLimit::publications(1),
        PageLimit::publications(7),
        PageLimit { bytes: 1, ..BIG },
        PageLimit { bytes: 15, ..BIG },
        BIG,
    ] {
        let all = everything(&*history, &channel, limit).await;
        assert_eq!(offsets(&all), expected, "{limit:?}");
    }
}

/// Backward paging ends at the oldest with every publication once.
pub async fn latest_reads_backward_from_the_top_to_the_oldest(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = publish_many(&*history, &channel, "a", 7).await;
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = good(history.latest(&channel, before, PageLimit::publications(3)).await);
        assert_eq!(page.top, top);
        let Some(last) = page.publications.last() else {
            break;
        };
        before = Some(last.offset);
        all.extend(offsets(&page.publications));
    }
    assert_eq!(all, [7, 6, 5, 4, 3, 2, 1]);
    let beyond = good(history.latest(&channel, Some(Offset::new(100)), BIG).await);
    assert_eq!(some(beyond.publications.first()).offset, top.offset);
}

/// A subscriber of a channel in which nothing was said yet gets what is said first.
pub async fn an_empty_channel_has_an_empty_page_and_a_position_to_continue_from(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let channel = team("red");
    let top = good(history.top(&channel).await);
    assert_eq!(top.offset, Offset::ZERO);
    for since in [Since::Start, Since::Offset(Offset::ZERO), Since::Position(top.clone())] {
        let page = page(&*history, &channel, since).await;
        assert!(page.publications.is_empty());
        assert_eq!(page.top, top);
    }
    let page_back = good(history.latest(&channel, None, BIG).await);
    assert!(page_back.publications.is_empty());
    assert_eq!(page_back.top, top);

    publish_many(&*history, &channel, "a", 2).await;
    let page = page(&*history, &channel, Since::Position(top)).await;
    assert_eq!(offsets(&page.publications), [1, 2]);
}

/// Who claims to have read what was never said is told so.
pub async fn what_lies_beyond_the_top_is_a_gap(fixture: &dyn Fixture) {
    let history = fixture.open().await.history;
    let (empty, channel) = (team("blue"), team("red"));
    let top = publish_many(&*history, &channel, "a", 2).await;
    let beyond = Since::Position(StreamPosition { offset: Offset::new(3), ..top.clone() });
    for since in [Since::Offset(Offset::new(3)), beyond] {
        let replay = good(history.replay(&channel, &since, BIG).await);
        let expected = Replay::Gap { reason: GapReason::Beyond, top: top.clone() };
        assert_eq!(replay, expected, "{since:?}");
    }
    let replay = good(history.replay(&empty, &Since::Offset(Offset::new(1)), BIG).await);
    assert!(matches!(replay, Replay::Gap { reason: GapReason::Beyond, .. }));
}
