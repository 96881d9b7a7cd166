use super::*;
use crate::{Cursor, Next};
use proptest::prelude::*;
use protocol::{Offset, Payload, Timestamp};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Default)]
struct CountingBell(AtomicUsize);

impl Bell for CountingBell {
    fn ring(&self, _: &ChannelName) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn bell() -> Arc<dyn Bell> {
    Arc::new(CountingBell::default())
}

fn epoch(name: &str) -> Epoch {
    Epoch::parse(name).unwrap()
}

fn at(name: &str, offset: u64) -> StreamPosition {
    StreamPosition { epoch: epoch(name), offset: Offset::new(offset) }
}

fn publication(offset: u64) -> Arc<Publication> {
    Arc::new(Publication {
        data: Payload::parse(format!("{offset}").as_bytes()).unwrap(),
        info: None,
        offset: Offset::new(offset),
        time: Timestamp::default(),
        key: None,
    })
}

fn anchored(max_bytes: usize) -> (Hub, Membership) {
    let hub = Hub::new(max_bytes);
    let membership = hub.join(&ChannelName::bulletins_all(), &bell());
    hub.anchor(&ChannelName::bulletins_all(), at("a", 10));
    (hub, membership)
}

fn deliver(hub: &Hub, name: &str, offset: u64) -> Delivery {
    hub.deliver(&ChannelName::bulletins_all(), &epoch(name), &publication(offset))
}

fn read(channel: &Channel, cursor: &mut Cursor) -> (Vec<u64>, Next) {
    let mut out = Vec::new();
    let next = channel.read(cursor, usize::MAX, &mut out);
    (out.iter().map(|entry| entry.publication().offset.get()).collect(), next)
}

#[test]
fn readers_get_what_follows_the_anchor_in_order() {
    let (hub, reader) = anchored(1 << 20);
    let mut cursor = Cursor::after(&at("a", 10));
    assert_eq!(read(&reader, &mut cursor), (vec![], Next::CaughtUp));
    assert_eq!(deliver(&hub, "a", 11), Delivery::Appended);
    assert_eq!(deliver(&hub, "a", 12), Delivery::Appended);
    assert_eq!(read(&reader, &mut cursor), (vec![11, 12], Next::CaughtUp));
    assert_eq!(cursor.position(), at("a", 12));
}

#[test]
fn a_repeat_is_old_a_hole_is_a_gap_and_another_epoch_is_said() {
    let (hub, _reader) = anchored(1 << 20);
    assert_eq!(deliver(&hub, "a", 10), Delivery::Old);
    assert_eq!(deliver(&hub, "a", 12), Delivery::Gap);
    assert_eq!(deliver(&hub, "b", 11), Delivery::NewEpoch);
}

#[test]
fn what_is_announced_before_the_anchor_is_noticed_when_it_comes() {
    let hub = Hub::new(1 << 20);
    let name = ChannelName::bulletins_all();
    let _reader = hub.join(&name, &bell());
    assert_eq!(deliver(&hub, "a", 11), Delivery::NotAnchored);
    assert_eq!(hub.anchor(&name, at("a", 10)), Anchor::Behind);
    assert_eq!(deliver(&hub, "a", 11), Delivery::Appended);
    assert_eq!(hub.anchor(&name, at("a", 11)), Anchor::Current);
}

#[test]
fn a_reader_behind_the_ring_has_lagged_and_one_of_an_ended_epoch_is_told() {
    let (hub, reader) = anchored(1 << 20);
    deliver(&hub, "a", 11);
    let mut behind = Cursor::after(&at("a", 9));
    assert_eq!(read(&reader, &mut behind), (vec![], Next::Lagged));
    let mut current = Cursor::after(&at("a", 11));
    hub.anchor(reader.name(), at("b", 11));
    assert_eq!(read(&reader, &mut current), (vec![], Next::NewEpoch));
}

#[test]
fn a_reader_sees_without_reading_whether_there_is_something_new() {
    let (hub, reader) = anchored(1 << 20);
    let mut cursor = Cursor::after(&at("a", 10));
    assert!(reader.has_news(&cursor), "whether the ring is of its epoch was not looked at");
    read(&reader, &mut cursor);
    assert!(!reader.has_news(&cursor));
    deliver(&hub, "a", 11);
    assert!(reader.has_news(&cursor));
    assert_eq!(read(&reader, &mut cursor), (vec![11], Next::CaughtUp));
    assert!(!reader.has_news(&cursor));
    hub.anchor(reader.name(), at("b", 5));
    assert!(reader.has_news(&cursor));
    assert_eq!(read(&reader, &mut cursor), (vec![], Next::NewEpoch));
    cursor.go_on_in(epoch("b"));
    assert!(reader.has_news(&cursor));
    assert_eq!(read(&reader, &mut cursor), (vec![], Next::CaughtUp));
    assert!(!reader.has_news(&cursor));
    hub.anchor(reader.name(), at("b", 20));
    assert_eq!(read(&reader, &mut cursor), (vec![], Next::Lagged));
    assert!(reader.has_news(&cursor), "it lacks something until it has read it");
}

#[test]
fn a_worker_is_rung_once_for_all_its_readers() {
    let hub = Hub::new(1 << 20);
    let name = ChannelName::bulletins_all();
    let counting = Arc::new(CountingBell::default());
    let shared = Arc::clone(&counting);
    let worker: Arc<dyn Bell> = shared;
    let readers: Vec<Membership> = (0..100).map(|_| hub.join(&name, &worker)).collect();
    hub.anchor(&name, at("a", 0));
    let before = counting.0.load(Ordering::Relaxed);
    deliver(&hub, "a", 1);
    assert_eq!(counting.0.load(Ordering::Relaxed), before + 1);
    drop(readers);
    deliver(&hub, "a", 2);
    assert_eq!(counting.0.load(Ordering::Relaxed), before + 1);
}

#[test]
fn a_channel_is_forgotten_only_without_readers_and_gives_its_bytes_back() {
    let (hub, reader) = anchored(1 << 20);
    deliver(&hub, "a", 11);
    assert!(hub.ring_bytes() > 0);
    assert!(!hub.forget(&ChannelName::bulletins_all()));
    drop(reader);
    assert_eq!(hub.deserted(), vec![ChannelName::bulletins_all()]);
    assert!(hub.forget(&ChannelName::bulletins_all()));
    assert_eq!((hub.ring_bytes(), hub.len()), (0, 0));
}

#[test]
fn the_oldest_publication_of_all_channels_goes_first() {
    let hub = Hub::new(1_100);
    let [one, two] = ["teams:one", "teams:two"].map(|name| ChannelName::parse(name).unwrap());
    let readers = [hub.join(&one, &bell()), hub.join(&two, &bell())];
    hub.anchor(&one, at("a", 0));
    hub.anchor(&two, at("a", 0));
    hub.deliver(&one, &epoch("a"), &publication(1));
    for offset in 1..=4 {
        hub.deliver(&two, &epoch("a"), &publication(offset));
    }
    assert!(hub.ring_bytes() <= 1_100);
    let mut cursor = Cursor::after(&at("a", 0));
    assert_eq!(read(&readers[0], &mut cursor).1, Next::Lagged);
    let mut cursor = Cursor::after(&at("a", 0));
    assert_eq!(read(&readers[1], &mut cursor).0, vec![1, 2, 3, 4]);
}

proptest! {
    /// However reading and delivering interleave, and however small the budget: a reader sees each offset once, in
    /// order, or is told that it lagged, and the budget holds.
    #[test]
    fn a_reader_misses_nothing_unsaid(steps in prop::collection::vec(0u8..4, 1..200), budget in 300usize..4_000) {
        let (hub, reader) = anchored(budget);
        let mut cursor = Cursor::after(&at("a", 10));
        let (mut top, mut seen) = (10, 10);
        for step in steps {
            if step > 0 {
                top += 1;
                prop_assert_eq!(deliver(&hub, "a", top), Delivery::Appended);
                prop_assert!(hub.ring_bytes() <= budget);
            } else {
                let (offsets, next) = read(&reader, &mut cursor);
                for offset in offsets {
                    prop_assert_eq!(offset, seen + 1);
                    seen = offset;
                }
                match next {
                    Next::CaughtUp => prop_assert_eq!(seen, top),
                    Next::Lagged => {
                        seen = top;
                        cursor = Cursor::after(&at("a", top));
                    }
                    Next::More | Next::NewEpoch => prop_assert!(false, "{:?}", next),
                }
            }
        }
    }
}

#[test]
fn a_hub_says_how_full_it_is_and_what_it_had_to_let_go() {
    let (hub, reader) = anchored(600);
    let second = hub.join(&ChannelName::bulletins_all(), &bell());
    for offset in 11..=14 {
        deliver(&hub, "a", offset);
    }
    let occupancy = hub.occupancy();
    assert_eq!((occupancy.channels, occupancy.readers), (1, 2));
    assert_eq!((occupancy.entries, occupancy.evicted), (2, 2));
    assert!(occupancy.ring_bytes <= occupancy.ring_max_bytes && occupancy.ring_max_bytes == 600);
    drop((reader, second));
    assert_eq!(hub.occupancy().readers, 0);
}

#[test]
fn tiny_publications_are_counted_with_their_frames() {
    let (hub, reader) = anchored(1 << 20);
    for offset in 11..1_011 {
        deliver(&hub, "a", offset);
    }
    let mut out = Vec::new();
    let next = reader.read(&mut Cursor::after(&at("a", 10)), 8 * 1024, &mut out);
    assert_eq!(next, Next::More);
    let frames =
        out.iter().map(|entry| entry.frame(&ChannelName::bulletins_all(), protocol::Encoding::Json).len());
    assert!(frames.sum::<usize>() <= 8 * 1024, "{} entries", out.len());
}
