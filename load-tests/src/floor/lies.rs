//! Where the floor does wrong. If a lie is planted, each delivery of a live message passes here, and so does whatever
//! a subscription begins with, what `history` tells and the epoch that publishers are told.

use super::Lie;
use super::room::{Place, Seat};
use protocol::{Epoch, Offset, Payload, Publication};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The first delivery that is not as it should be, small enough for a small test, and how many lie between two.
const FIRST_DELIVERY: u64 = 97;
const DELIVERIES: u64 = 10_000;
/// The same of publishes.
const FIRST_PUBLISH: u64 = 7;
const PUBLISHES: u64 = 1_000;
/// The same of subscribes, of those that recover and of those that do not.
const FIRST_SUBSCRIBE: u64 = 3;
const SUBSCRIBES: u64 = 100;
/// The last that the first reader of a channel gets.
const TAIL: Offset = Offset::new(5);
/// How many publications of a log lie between two that `history` leaves out.
const LEFT_OUT: u64 = 50;
/// What `history` tells behind the one that follows it.
const REORDERED: Offset = Offset::new(20);

/// Tells one kind of lie.
#[derive(Debug)]
pub(super) struct Liar {
    lie: Lie,
    deliveries: u64,
    /// From which delivery on the next lie is due.
    due: u64,
    publishes: u64,
    /// Subscribes without recovery.
    joins: u64,
    recoveries: u64,
    /// Held back; at most one for each reader of a channel.
    held: HashMap<(Place, Seat), Vec<u8>>,
    /// Who was told one offset too high, and is to miss one publication for it.
    ahead: HashSet<(Place, Seat)>,
}

/// A message on its way to one reader.
pub(super) struct Delivery<'a> {
    pub(super) channel: Place,
    pub(super) to: Seat,
    /// Whether the reader is the first of its channel.
    pub(super) is_first: bool,
    pub(super) offset: Offset,
    pub(super) frame: &'a [u8],
    /// The frame of the same message with another text, if it can be made.
    pub(super) altered: &'a dyn Fn() -> Option<Vec<u8>>,
    /// Somebody who does not read this channel.
    pub(super) stranger: &'a dyn Fn() -> Option<Seat>,
}

impl Liar {
    pub(super) fn new(lie: Lie) -> Self {
        Self {
            lie,
            deliveries: 0,
            due: FIRST_DELIVERY,
            publishes: 0,
            joins: 0,
            recoveries: 0,
            held: HashMap::new(),
            ahead: HashSet::new(),
        }
    }

    /// Whether this publish is to be forgotten.
    pub(super) fn forgets(&mut self) -> bool {
        self.publishes += 1;
        self.lie == Lie::Forget && self.publishes % PUBLISHES == FIRST_PUBLISH
    }

    /// What a reader that begins at this top is told to be the top.
    pub(super) fn joins(&mut self, channel: Place, reader: Seat, top: Offset) -> Offset {
        self.joins += 1;
        if self.lie == Lie::Join && self.joins % SUBSCRIBES == FIRST_SUBSCRIBE {
            self.ahead.insert((channel, reader));
            return top.next();
        }
        top
    }

    /// Behind which offset a reader that recovers from this one is given what it missed.
    pub(super) fn recovers(&mut self, offset: Offset) -> Offset {
        self.recoveries += 1;
        let is_due = self.recoveries % SUBSCRIBES == FIRST_SUBSCRIBE;
        if is_due && self.lie == Lie::Skip {
            offset.next()
        } else if is_due && self.lie == Lie::Resume {
            offset.previous()
        } else {
            offset
        }
    }

    /// What `history` makes of a page.
    pub(super) fn tells(&self, page: &mut Vec<Arc<Publication>>) {
        if self.lie == Lie::Log {
            page.retain(|one| one.offset.get() % LEFT_OUT != 0);
        } else if self.lie == Lie::Reorder
            && let Some(at) = page.iter().position(|one| one.offset == REORDERED)
            && let Some([one, next]) = page.get_mut(at..at + 2)
        {
            std::mem::swap(one, next);
        }
    }

    /// In which epoch the answer to a publish counts.
    pub(super) fn answers(&self, epoch: &Epoch) -> Epoch {
        if self.lie == Lie::Epoch { Epoch::foreign() } else { epoch.clone() }
    }

    /// Delivers, or not quite.
    pub(super) fn deliver(&mut self, delivery: &Delivery<'_>, out: &mut dyn FnMut(Seat, &[u8])) {
        self.deliveries += 1;
        let never = self.lie == Lie::Tail && delivery.is_first && delivery.offset > TAIL;
        if never || self.ahead.remove(&(delivery.channel, delivery.to)) {
            return;
        }
        if self.deliveries >= self.due && self.tell(delivery, out) {
            self.due = self.deliveries + DELIVERIES;
            return;
        }
        out(delivery.to, delivery.frame);
        if let Some(held) = self.held.remove(&(delivery.channel, delivery.to)) {
            out(delivery.to, &held);
        }
    }

    /// Whether there was a lie to tell.
    fn tell(&mut self, delivery: &Delivery<'_>, out: &mut dyn FnMut(Seat, &[u8])) -> bool {
        match self.lie {
            Lie::Drop => {}
            Lie::Duplicate => {
                out(delivery.to, delivery.frame);
                out(delivery.to, delivery.frame);
            }
            Lie::Swap => {
                let place = (delivery.channel, delivery.to);
                if self.held.contains_key(&place) {
                    return false;
                }
                self.held.insert(place, delivery.frame.to_vec());
            }
            Lie::Misdeliver => {
                let Some(stranger) = (delivery.stranger)() else { return false };
                out(delivery.to, delivery.frame);
                out(stranger, delivery.frame);
            }
            Lie::Alter => {
                let Some(altered) = (delivery.altered)() else { return false };
                out(delivery.to, &altered);
            }
            Lie::Tail
            | Lie::Forget
            | Lie::Join
            | Lie::Skip
            | Lie::Resume
            | Lie::Log
            | Lie::Reorder
            | Lie::Epoch => return false,
        }
        true
    }

    /// A reader left a channel: nothing is held back for whoever comes to its seat, or from them.
    pub(super) fn left(&mut self, channel: Place, reader: Seat) {
        self.held.remove(&(channel, reader));
        self.ahead.remove(&(channel, reader));
    }
}

/// The same text with another last letter: of the padding, in what the tool says.
pub(super) fn altered(payload: &Payload) -> Option<Payload> {
    let mut bytes = payload.as_str().as_bytes().to_vec();
    let end = bytes.iter().rposition(|byte| *byte == b'"')?;
    let [.., before, letter] = bytes.get_mut(..end)? else { return None };
    // A letter behind a backslash is none.
    if *before == b'\\' || !letter.is_ascii_alphanumeric() {
        return None;
    }
    *letter = if *letter == b'x' { b'y' } else { b'x' };
    Payload::parse(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;

    const READER: Seat = Seat(3);
    const STRANGER: Seat = Seat(4);

    /// What goes out of 10,200 deliveries of one channel to one reader, by offset; -1 is the altered one.
    fn told(lie: Lie) -> Vec<(Seat, i64)> {
        let mut liar = Liar::new(lie);
        let mut got = Vec::new();
        for offset in 1..=10_200_i64 {
            let delivery = Delivery {
                channel: Place(0),
                to: READER,
                is_first: true,
                offset: Offset::new(offset.unsigned_abs()),
                frame: &offset.to_be_bytes(),
                altered: &|| Some((-1_i64).to_be_bytes().to_vec()),
                stranger: &|| Some(STRANGER),
            };
            liar.deliver(&delivery, &mut |to, frame| {
                got.push((to, i64::from_be_bytes(frame.try_into().unwrap())));
            });
        }
        got
    }

    /// The honest deliveries with those from each place of a lie on, so many of them, replaced.
    fn honest_but(count: i64, by: impl Fn(i64) -> Vec<(Seat, i64)>) -> Vec<(Seat, i64)> {
        let stretch = |from: i64, to: i64| (from..to).map(|offset| (READER, offset));
        let mut all: Vec<_> = stretch(1, 97).chain(by(97)).collect();
        all.extend(stretch(97 + count, 10_097).chain(by(10_097)));
        all.extend(stretch(10_097 + count, 10_201));
        all
    }

    #[test]
    fn the_97th_delivery_and_each_ten_thousandth_after_it_are_wrong() {
        assert_eq!(told(Lie::Drop), honest_but(1, |_| vec![]));
        assert_eq!(told(Lie::Duplicate), honest_but(1, |at| vec![(READER, at); 2]));
        assert_eq!(told(Lie::Swap), honest_but(2, |at| vec![(READER, at + 1), (READER, at)]));
        assert_eq!(told(Lie::Misdeliver), honest_but(1, |at| vec![(READER, at), (STRANGER, at)]));
        assert_eq!(told(Lie::Alter), honest_but(1, |_| vec![(READER, -1)]));
        assert_eq!(told(Lie::Forget), honest_but(1, |at| vec![(READER, at)]));
        assert_eq!(told(Lie::Tail), (1..=5).map(|offset| (READER, offset)).collect::<Vec<_>>());
    }

    #[test]
    fn a_lie_that_cannot_be_told_waits_for_a_delivery_where_it_can() {
        let mut liar = Liar::new(Lie::Misdeliver);
        let mut to_strangers = Vec::new();
        for offset in 1..=200 {
            let delivery = Delivery {
                channel: Place(0),
                to: READER,
                is_first: true,
                offset: Offset::new(offset),
                frame: b"",
                altered: &|| None,
                stranger: &|| (offset >= 150).then_some(STRANGER),
            };
            liar.deliver(&delivery, &mut |to, _| {
                if to == STRANGER {
                    to_strangers.push(offset);
                }
            });
        }
        assert_eq!(to_strangers, [150]);
    }

    #[test]
    fn the_seventh_publish_and_each_thousandth_after_it_are_forgotten() {
        let mut liar = Liar::new(Lie::Forget);
        let forgotten: Vec<u32> = (1..=2_100).filter(|_| liar.forgets()).collect();
        assert_eq!(forgotten, [7, 1_007, 2_007]);
        let mut other = Liar::new(Lie::Drop);
        assert!(!(1..=100).any(|_| other.forgets()));
    }

    #[test]
    fn the_third_to_begin_and_each_hundredth_after_it_are_told_one_too_much_and_miss_one_for_it() {
        let mut liar = Liar::new(Lie::Join);
        let told: Vec<u32> = (1..=210)
            .filter(|number| liar.joins(Place(0), Seat(*number), Offset::new(8)) == Offset::new(9))
            .collect();
        assert_eq!(told, [3, 103, 203]);
        liar.left(Place(0), Seat(103));
        let mut got = |channel, offset| {
            let mut got = Vec::new();
            for reader in [3, 103, 203, 204] {
                let delivery = Delivery {
                    channel,
                    to: Seat(reader),
                    is_first: false,
                    offset: Offset::new(offset),
                    frame: b"",
                    altered: &|| None,
                    stranger: &|| None,
                };
                liar.deliver(&delivery, &mut |to, _| got.push(to.0));
            }
            got
        };
        assert_eq!(got(Place(1), 9), [3, 103, 203, 204], "another channel");
        assert_eq!(got(Place(0), 9), [103, 204], "who left and came again misses nothing");
        assert_eq!(got(Place(0), 10), [3, 103, 203, 204]);
    }

    #[test]
    fn the_third_to_come_back_and_each_hundredth_after_it_begin_at_another_place() {
        let places = |lie| {
            let mut liar = Liar::new(lie);
            let places = (1..=210).map(|number| (number, liar.recovers(Offset::new(8)).get()));
            places.filter(|(_, place)| *place != 8).collect::<Vec<_>>()
        };
        assert_eq!(places(Lie::Skip), [3, 103, 203].map(|number| (number, 9)));
        assert_eq!(places(Lie::Resume), [3, 103, 203].map(|number| (number, 7)));
        assert_eq!(places(Lie::Join), []);
    }

    /// What `history` makes of these offsets.
    fn history(lie: Lie, offsets: std::ops::RangeInclusive<u64>) -> Vec<u64> {
        let publication = |offset| {
            let (data, time) = (Payload::parse(b"1").unwrap(), Timestamp::from_millis(0));
            Arc::new(Publication { data, info: None, offset: Offset::new(offset), time, key: None })
        };
        let mut page = offsets.map(publication).collect();
        Liar::new(lie).tells(&mut page);
        page.iter().map(|one| one.offset.get()).collect()
    }

    #[test]
    fn history_leaves_out_or_reorders_what_it_is_said_to_and_nothing_else() {
        assert_eq!(history(Lie::Log, 48..=52), [48, 49, 51, 52]);
        let all = history(Lie::Log, 1..=300);
        assert_eq!(all.len(), 294);
        assert!(all.iter().all(|offset| offset % 50 != 0));
        assert_eq!(history(Lie::Reorder, 18..=23), [18, 19, 21, 20, 22, 23]);
        assert_eq!(history(Lie::Reorder, 20..=21), [21, 20]);
        for apart in [1..=20, 21..=50] {
            assert_eq!(history(Lie::Reorder, apart.clone()), apart.collect::<Vec<_>>(), "not on one page");
        }
        assert_eq!(history(Lie::Drop, 1..=60), (1..=60).collect::<Vec<_>>());
    }

    #[test]
    fn the_epoch_that_publishers_are_told_is_another_if_that_is_the_lie() {
        let epoch = Epoch::parse("e").unwrap();
        assert_ne!(Liar::new(Lie::Epoch).answers(&epoch), epoch);
        assert_eq!(Liar::new(Lie::Drop).answers(&epoch), epoch);
    }

    #[test]
    fn one_letter_is_changed_and_the_rest_stays() {
        let change = |text: &str| {
            let payload = Payload::parse(text.as_bytes()).unwrap();
            altered(&payload).map(|payload| payload.as_str().to_owned())
        };
        assert_eq!(change(r#"{"id":"1","x":"aaa"}"#).as_deref(), Some(r#"{"id":"1","x":"aax"}"#));
        assert_eq!(change(r#""xx""#).as_deref(), Some(r#""xy""#));
        for text in ["17", r#""""#, r#""a\n""#, r#""ä""#] {
            assert_eq!(change(text), None, "{text}");
        }
    }
}
