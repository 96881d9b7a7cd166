use super::*;
use crate::clock;
use crate::metrics::tests::metrics;
use admission::Posture::{Normal, Survival, UnderAttack};
use hub::{Bell, Cursor, Membership, Next};
use parking_lot::Mutex;
use protocol::{Offset, Payload, StreamPosition, Timestamp};

const MS: Duration = Duration::from_millis(1);

/// Notes which channels were rung.
#[derive(Debug, Default)]
struct Heard(Mutex<Vec<ChannelName>>);

impl Bell for Heard {
    fn ring(&self, channel: &ChannelName) {
        self.0.lock().push(channel.clone());
    }
}

fn epoch() -> Epoch {
    Epoch::parse("e").unwrap()
}

fn start() -> StreamPosition {
    StreamPosition { epoch: epoch(), offset: Offset::ZERO }
}

struct Scene {
    teller: Teller,
    heard: Arc<Heard>,
    readers: Vec<Membership>,
    began: Instant,
}

impl Scene {
    /// With a reader of each of two channels.
    fn new() -> Self {
        let hub = Arc::new(Hub::new(1 << 20));
        let heard = Arc::new(Heard::default());
        let bell: Arc<dyn Bell> = heard.clone();
        let readers = [team("red"), team("blue")].map(|channel| {
            let reader = hub.join(&channel, &bell);
            hub.anchor(&channel, start());
            reader
        });
        heard.0.lock().clear();
        let teller = Teller::new(hub, metrics());
        Self { teller, heard, readers: readers.into(), began: clock::now().instant }
    }

    fn post(&mut self, channel: &str, offset: u64, lane: Lane, posture: Posture, millis: u32) -> Delivery {
        let publication = Arc::new(Publication {
            data: Payload::parse(b"1").unwrap(),
            info: None,
            offset: Offset::new(offset),
            time: Timestamp::default(),
            key: None,
        });
        let haste = Haste { lane, wait: posture.delivery_wait(lane) };
        let now = self.began + millis * MS;
        let delivery = self.teller.published(&team(channel), &epoch(), &publication, haste, now);
        self.teller.tell_due(posture, now);
        delivery
    }

    fn pass(&mut self, posture: Posture, millis: u32) {
        self.teller.tell_due(posture, self.began + millis * MS);
    }

    /// Channels that were rung since this was asked last.
    fn rung(&self) -> Vec<ChannelName> {
        std::mem::take(&mut self.heard.0.lock())
    }

    fn due_after(&self) -> Option<Duration> {
        self.teller.next_due().map(|due| due - self.began)
    }
}

fn team(name: &str) -> ChannelName {
    ChannelName::team(name).unwrap()
}

#[test]
fn in_normal_times_readers_are_told_of_everything_at_once() {
    let mut scene = Scene::new();
    for (n, lane) in (1..).zip(Lane::ALL) {
        assert_eq!(scene.post("red", n, lane, Normal, 0), Delivery::Appended);
    }
    assert_eq!(scene.rung(), [team("red"), team("red"), team("red")]);
    assert!(!scene.teller.is_waiting());
}

#[test]
fn in_survival_urgent_overtakes_in_other_channels_and_takes_along_what_waits_in_its_own() {
    let mut scene = Scene::new();
    scene.post("red", 1, Lane::Bulk, Survival, 0);
    scene.post("blue", 1, Lane::Bulk, Survival, 1);
    scene.post("blue", 2, Lane::Normal, Survival, 2);
    assert_eq!((scene.rung(), scene.due_after()), (vec![], Some(252 * MS)));
    scene.post("blue", 3, Lane::Urgent, Survival, 3);
    assert_eq!(scene.rung(), [team("blue")], "one bell for the three");
    let (mut cursor, mut out) = (Cursor::after(&start()), Vec::new());
    assert_eq!(scene.readers[1].read(&mut cursor, usize::MAX, &mut out), Next::CaughtUp);
    let offsets: Vec<u64> = out.iter().map(|entry| entry.publication().offset.get()).collect();
    assert_eq!(offsets, [1, 2, 3]);
    scene.pass(Survival, 2_999);
    assert_eq!(scene.rung(), []);
    scene.pass(Survival, 3_000);
    assert_eq!(scene.rung(), [team("red")]);
    assert_eq!(scene.due_after(), None);
}

#[test]
fn who_reads_for_another_reason_finds_what_waits() {
    let mut scene = Scene::new();
    scene.post("red", 1, Lane::Bulk, UnderAttack, 0);
    let (mut cursor, mut out) = (Cursor::after(&start()), Vec::new());
    scene.readers[0].read(&mut cursor, usize::MAX, &mut out);
    assert_eq!((out.len(), scene.rung()), (1, vec![]));
}

#[test]
fn when_the_posture_is_left_everything_that_waits_is_told() {
    let mut scene = Scene::new();
    scene.post("red", 1, Lane::Bulk, Survival, 0);
    scene.post("blue", 1, Lane::Normal, Survival, 0);
    scene.pass(UnderAttack, 1);
    assert_eq!(scene.rung(), [team("blue")], "normal does not wait under attack");
    scene.pass(Normal, 2);
    assert_eq!(scene.rung(), [team("red")]);
}

#[test]
fn what_the_ring_does_not_take_makes_nobody_wait() {
    let mut scene = Scene::new();
    assert_eq!(scene.post("red", 2, Lane::Bulk, Survival, 0), Delivery::Gap);
    assert_eq!(scene.post("green", 1, Lane::Bulk, Survival, 0), Delivery::NotAnchored);
    assert!(!scene.teller.is_waiting());
    // An urgent one that does not follow leaves what waits to its time: the comparison with the log tells sooner.
    scene.post("red", 1, Lane::Bulk, Survival, 0);
    assert_eq!(scene.post("red", 3, Lane::Urgent, Survival, 1), Delivery::Gap);
    assert_eq!(scene.due_after(), Some(3_000 * MS));
}
