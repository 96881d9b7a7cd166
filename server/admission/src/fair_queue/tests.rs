use super::*;
use proptest::prelude::*;
use std::time::Duration;

/// Who says what, as the tests know it: the author, and the how-many-eth of theirs in the lane it is.
type Said = (u8, u32);

fn origin() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
    Instant::now()
}

fn roomy() -> Room {
    Room { author_messages: 10_000, author_bytes: usize::MAX, messages: 100_000, bytes: usize::MAX }
}

/// A queue into which the tests say things, with a clock of its own.
struct Talk {
    queue: FairQueue<u8, (Said, usize)>,
    now: Instant,
    said: HashMap<(u8, Lane), u32>,
}

impl Talk {
    fn new(room: Room) -> Self {
        Self { queue: FairQueue::new(room), now: origin(), said: HashMap::new() }
    }

    fn say(&mut self, lane: Lane, author: u8, bytes: usize) -> Result<(), NoRoom> {
        self.now += Duration::from_millis(1);
        let number = self.said.entry((author, lane)).or_default();
        let item = ((author, *number), bytes + MESSAGE_COST_BYTES);
        self.queue.push(lane, author, bytes, item, self.now).map_err(|(why, _)| why)?;
        *number += 1;
        Ok(())
    }

    fn hear(&mut self) -> Option<(Lane, u8, usize)> {
        self.queue.pop().map(|next| (next.lane, next.item.0.0, next.item.1))
    }
}

#[test]
fn one_message_comes_before_the_rest_of_a_flood() {
    let mut talk = Talk::new(roomy());
    for _ in 0..1_000 {
        talk.say(Lane::Normal, 1, 100).unwrap();
    }
    assert_eq!(talk.hear().unwrap().1, 1);
    talk.say(Lane::Normal, 2, 100).unwrap();
    let before = std::iter::from_fn(|| talk.hear()).take_while(|(_, author, _)| *author == 1).count();
    // What was left of one turn: 4 KiB are three messages of 1,124 bytes, and one was stored.
    assert_eq!(before, 2);
}

#[test]
fn lanes_that_all_have_something_share_by_their_weights() {
    let mut talk = Talk::new(roomy());
    for lane in Lane::ALL {
        for _ in 0..2_000 {
            talk.say(lane, 1, 0).unwrap();
        }
    }
    let mut counts = HashMap::<Lane, usize>::new();
    for _ in 0..1_200 {
        *counts.entry(talk.hear().unwrap().0).or_default() += 1;
    }
    assert_eq!(Lane::ALL.map(|lane| counts[&lane]), [800, 300, 100]);
}

#[test]
fn a_lane_does_not_save_up_what_it_did_not_use() {
    let mut talk = Talk::new(roomy());
    for _ in 0..1_000 {
        talk.say(Lane::Normal, 1, 0).unwrap();
    }
    for _ in 0..500 {
        talk.hear().unwrap();
    }
    for _ in 0..1_000 {
        talk.say(Lane::Urgent, 1, 0).unwrap();
    }
    let run = std::iter::from_fn(|| talk.hear())
        .skip_while(|(lane, _, _)| *lane == Lane::Normal)
        .take_while(|(lane, _, _)| *lane == Lane::Urgent);
    assert_eq!(run.count(), 8 * TURN_BYTES / MESSAGE_COST_BYTES);
}

#[test]
fn what_does_not_fit_is_handed_back_and_what_waits_is_kept() {
    let room = Room { author_messages: 2, author_bytes: 10_000, messages: 8, bytes: 100_000 };
    let mut talk = Talk::new(room);
    talk.say(Lane::Normal, 1, 100).unwrap();
    assert_eq!(talk.say(Lane::Normal, 1, 9_000), Err(NoRoom::ForAuthor));
    talk.say(Lane::Urgent, 1, 100).unwrap();
    assert_eq!(talk.say(Lane::Urgent, 1, 0), Err(NoRoom::ForAuthor), "in all lanes together");
    talk.say(Lane::Normal, 2, 0).unwrap();
    talk.say(Lane::Normal, 3, 0).unwrap();
    assert_eq!(talk.say(Lane::Bulk, 4, 0), Err(NoRoom::ForLane), "half of all is there");
    for author in 4..7 {
        talk.say(Lane::Normal, author, 0).unwrap();
    }
    assert_eq!(talk.say(Lane::Normal, 7, 0), Err(NoRoom::ForLane), "seven of eight are there");
    talk.say(Lane::Urgent, 7, 0).unwrap();
    assert_eq!(talk.say(Lane::Urgent, 8, 0), Err(NoRoom::ForLane));
    assert_eq!(std::iter::from_fn(|| talk.hear()).count(), 8);
    assert!(talk.queue.is_empty() && talk.queue.loads.is_empty());
    talk.say(Lane::Bulk, 4, 0).unwrap();
}

#[test]
fn the_oldest_of_a_lane_is_known_whoever_has_their_turn() {
    let mut talk = Talk::new(roomy());
    assert_eq!(talk.queue.oldest(Lane::Normal), None);
    // A message of many turns waits while small ones of others pass.
    talk.say(Lane::Normal, 1, PAYLOAD_MAX_BYTES).unwrap();
    let first = talk.now;
    for _ in 0..5 {
        talk.say(Lane::Normal, 2, 0).unwrap();
    }
    assert_eq!(talk.hear().unwrap().1, 2);
    assert_eq!((talk.queue.oldest(Lane::Normal), talk.queue.waiting(Lane::Normal)), (Some(first), 5));
    assert_eq!(talk.queue.oldest(Lane::Urgent), None);
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop::sample::select(Lane::ALL.to_vec())
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 0usize..600, 1 => 600usize..=PAYLOAD_MAX_BYTES]
}

/// A message, or a turn of the store.
#[derive(Debug, Clone)]
enum Step {
    Say(Lane, u8, usize),
    Hear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let say = (lanes(), 0u8..6, sizes()).prop_map(|(lane, author, bytes)| Step::Say(lane, author, bytes));
    prop::collection::vec(prop_oneof![3 => say, 2 => Just(Step::Hear)], 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Others flood on as fast as the store takes anything, with messages of any size.
    #[test]
    fn a_flood_delays_the_message_of_another_by_its_share_and_no_more(
        before in prop::collection::vec((1u8..6, sizes()), 0..200),
        heard in 0usize..50,
        on in prop::collection::vec((1u8..6, sizes()), 1..50),
        bytes in sizes(),
    ) {
        let mut talk = Talk::new(roomy());
        for (author, bytes) in before {
            talk.say(Lane::Normal, author, bytes).unwrap();
        }
        for _ in 0..heard {
            talk.hear();
        }
        talk.say(Lane::Normal, 0, bytes).unwrap();
        let turns = (bytes + MESSAGE_COST_BYTES).div_ceil(TURN_BYTES);
        let mut flooded = HashMap::<u8, usize>::new();
        let mut on = on.into_iter().cycle();
        loop {
            let (author, bytes) = on.next().unwrap();
            talk.say(Lane::Normal, author, bytes).unwrap();
            let (_, author, cost) = talk.hear().unwrap();
            if author == 0 {
                break;
            }
            *flooded.entry(author).or_default() += cost;
        }
        for (author, cost) in flooded {
            prop_assert!(cost <= turns * TURN_BYTES + COST_MAX_BYTES, "{author} had {cost} in {turns} turns");
        }
    }

    /// Also for a lane that never rests.
    #[test]
    fn a_message_in_a_lane_waits_for_a_turn_of_the_other_lanes_and_no_more(
        lane in lanes(),
        sizes in prop::collection::vec(sizes(), 1..50),
        heard in 0usize..100,
        bytes in sizes(),
    ) {
        let mut talk = Talk::new(roomy());
        let others: Vec<Lane> = Lane::ALL.into_iter().filter(|other| *other != lane).collect();
        let mut sizes = sizes.into_iter().cycle();
        let flood = |talk: &mut Talk, bytes| {
            for other in &others {
                talk.say(*other, 1, bytes).unwrap();
            }
        };
        for _ in 0..heard {
            flood(&mut talk, sizes.next().unwrap());
            talk.hear().unwrap();
        }
        talk.say(lane, 0, bytes).unwrap();
        let turns = (bytes + MESSAGE_COST_BYTES).div_ceil(weight(lane) * TURN_BYTES);
        let mut passed = HashMap::<Lane, usize>::new();
        loop {
            flood(&mut talk, sizes.next().unwrap());
            let (of, _, cost) = talk.hear().unwrap();
            if of == lane {
                break;
            }
            *passed.entry(of).or_default() += cost;
        }
        for (other, cost) in passed {
            let most = turns * weight(other) * TURN_BYTES + COST_MAX_BYTES;
            prop_assert!(cost <= most, "{other:?} had {cost} in {turns} turns of {lane:?}");
        }
    }

    #[test]
    fn nothing_is_lost_or_doubled_and_an_author_keeps_their_order_in_a_lane(steps in steps()) {
        let mut talk = Talk::new(Room { author_messages: 20, author_bytes: 200_000, messages: 60, bytes: 900_000 });
        let mut heard = HashMap::<(u8, Lane), u32>::new();
        let mut hear = |talk: &mut Talk| {
            let next = talk.queue.pop();
            if let Some(next) = &next {
                let (author, number) = next.item.0;
                let expected = heard.entry((author, next.lane)).or_default();
                assert_eq!(number, *expected);
                *expected += 1;
            }
            next.is_some()
        };
        for step in steps {
            match step {
                Step::Say(lane, author, bytes) => drop(talk.say(lane, author, bytes)),
                Step::Hear => drop(hear(&mut talk)),
            }
            let waiting: usize = Lane::ALL.iter().map(|lane| talk.queue.waiting(*lane)).sum();
            prop_assert_eq!(waiting, talk.queue.load.messages);
            prop_assert!(waiting <= 60 && talk.queue.load.bytes <= 900_000);
            prop_assert!(talk.queue.loads.values().all(|load| load.messages <= 20 && load.bytes <= 200_000));
        }
        while hear(&mut talk) {}
        let said: HashMap<_, _> = talk.said.iter().filter(|(_, said)| **said > 0).map(|(k, v)| (*k, *v)).collect();
        prop_assert_eq!(said, heard);
        let queue = &talk.queue;
        prop_assert!(queue.loads.is_empty() && queue.load.bytes == 0);
        for lane in Lane::ALL {
            let authors = queue.lane(lane);
            prop_assert!(authors.queues.is_empty() && authors.turns.is_empty() && authors.ages.is_empty());
        }
    }
}
