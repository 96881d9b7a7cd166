//! Conversations with a room, by what a client would read.

use super::*;
use crate::client::frames;
use crate::floor::Lie;
use protocol::Encoding;
use protocol::message::{Answer, Message, Pushed, Received};

const ANN: Seat = Seat(1);
const BEN: Seat = Seat(2);
const EVE: Seat = Seat(3);

fn room(lie: Option<Lie>) -> Room {
    Room::new(Epoch::parse("e").unwrap(), lie.map(Liar::new))
}

/// What a request makes the room say, in words.
fn ask(room: &mut Room, from: Seat, request: Request) -> Vec<(Seat, String)> {
    let mut said = Vec::new();
    room.hear(from, Command { id: 1, request }, Timestamp::from_millis(0), &mut |to, bytes| {
        said.extend(words(bytes).into_iter().map(|words| (to, words)));
    });
    said
}

fn words(mut bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    while let Some((frames::Frame::Data { payload, .. }, end)) = frames::read(bytes).unwrap() {
        Encoding::Json.decode_messages(payload, |message| all.push(word(&message))).unwrap();
        bytes = &bytes[end..];
    }
    all
}

fn word(message: &Message<'_>) -> String {
    match message {
        Message::Push(channel, Pushed::Publication(one)) => format!("{channel} {}: {}", one.offset, one.data),
        Message::Push(channel, Pushed::Unsubscribe(code)) => format!("{channel} ends: {code}"),
        Message::Reply(_, Ok(Answer::Subscribe(answer))) => {
            let offset = |one: &Received<'_>| one.offset;
            let page = &answer.publications;
            let (from, to) = (page.first().map(offset), page.last().map(offset));
            format!("{} from {}, {from:?} to {to:?}", answer.recovered, answer.offset)
        }
        Message::Reply(_, Ok(Answer::History(page))) => {
            format!("{} of {}", page.publications.len(), page.top)
        }
        Message::Reply(_, Ok(Answer::Rpc(answer))) => {
            format!("at {}", rpc::read_publish_answer(answer).unwrap().offset)
        }
        Message::Reply(_, Err(refusal)) => format!("error {}", refusal.code),
        other @ (Message::Ping | Message::Push(..) | Message::Reply(..)) => format!("{other:?}"),
    }
}

fn subscribe(channel: &str) -> Request {
    Request::Subscribe(SubscribeRequest { channel: channel.to_owned(), ..SubscribeRequest::default() })
}

fn recover(epoch: &str, offset: u64) -> Request {
    Request::Subscribe(SubscribeRequest {
        channel: "a".to_owned(),
        recover: true,
        epoch: epoch.to_owned(),
        offset,
        ..SubscribeRequest::default()
    })
}

fn publish(channel: &str, key: &str) -> Request {
    rpc::publish_request(channel, key, &format!("\"{key}\"")).unwrap()
}

fn read_all(room: &mut Room, seat: Seat) -> Vec<String> {
    let mut pushed = Vec::new();
    while room.is_behind(seat) {
        room.catch_up(seat, &mut |_, bytes| pushed.extend(words(bytes)));
    }
    pushed
}

#[test]
fn what_is_said_reaches_every_reader_of_the_channel_and_nobody_else() {
    let mut room = room(None);
    ask(&mut room, ANN, subscribe("a"));
    ask(&mut room, BEN, subscribe("a"));
    ask(&mut room, EVE, subscribe("b"));
    let push = "a 1: \"k1\"".to_owned();
    let reply = "at 1".to_owned();
    assert_eq!(ask(&mut room, EVE, publish("a", "k1")), [(ANN, push.clone()), (BEN, push), (EVE, reply)]);
    ask(&mut room, ANN, Request::Unsubscribe("a".to_owned()));
    room.left(BEN);
    assert_eq!(ask(&mut room, EVE, publish("a", "k2")), [(EVE, "at 2".to_owned())]);
    assert_eq!(ask(&mut room, EVE, subscribe("b")), [(EVE, "error 105".to_owned())]);
}

#[test]
fn the_same_key_says_nothing_again() {
    let mut room = room(None);
    ask(&mut room, ANN, subscribe("a"));
    ask(&mut room, BEN, publish("a", "k1"));
    assert_eq!(ask(&mut room, BEN, publish("a", "k1")), [(BEN, "at 1".to_owned())]);
    assert_eq!(ask(&mut room, BEN, publish("a", "k2")).len(), 2);
    assert_eq!(ask(&mut room, BEN, publish("b", "k1")), [(BEN, "at 1".to_owned())], "of another channel");
}

#[test]
fn who_comes_back_gets_a_page_in_the_answer_and_the_rest_before_anything_newer() {
    let mut room = room(None);
    for number in 1..=1_000 {
        ask(&mut room, BEN, publish("a", &format!("k{number}")));
    }
    let answer = "true from 100, Some(101) to Some(400)".to_owned();
    assert_eq!(ask(&mut room, ANN, recover("e", 100)), [(ANN, answer)]);
    assert_eq!(ask(&mut room, BEN, publish("a", "new")), [(BEN, "at 1001".to_owned())]);
    let rest = read_all(&mut room, ANN);
    assert_eq!((rest.len(), rest[0].as_str()), (601, "a 401: \"k401\""));
    assert_eq!(rest[600], "a 1001: \"new\"");
    assert_eq!(ask(&mut room, BEN, publish("a", "live"))[0], (ANN, "a 1002: \"live\"".to_owned()));
}

#[test]
fn a_position_that_cannot_be_continued_begins_at_the_top_and_says_so() {
    let mut room = room(None);
    for key in ["k1", "k2"] {
        ask(&mut room, BEN, publish("a", key));
    }
    for (epoch, offset) in [("other", 1), ("e", 3), ("", 3)] {
        let answer = "false from 2, None to None".to_owned();
        assert_eq!(ask(&mut room, ANN, recover(epoch, offset)), [(ANN, answer)], "{epoch} {offset}");
        ask(&mut room, ANN, Request::Unsubscribe("a".to_owned()));
    }
    let everything = "true from 0, Some(1) to Some(2)".to_owned();
    assert_eq!(ask(&mut room, ANN, recover("", 0)), [(ANN, everything)]);
}

#[test]
fn history_is_read_in_pages() {
    let mut room = room(None);
    for number in 1..=350 {
        ask(&mut room, BEN, publish("a", &format!("k{number}")));
    }
    let mut read = |limit, since: Option<(&str, u64)>| {
        let since = since.map(|(epoch, offset)| (epoch.to_owned(), offset));
        let channel = "a".to_owned();
        ask(&mut room, ANN, Request::History(HistoryRequest { channel, limit, since, reverse: false }))
            .remove(0)
            .1
    };
    assert_eq!(read(-1, Some(("", 0))), "300 of 350");
    assert_eq!(read(-1, Some(("e", 300))), "50 of 350");
    assert_eq!(read(2, None), "2 of 350");
    assert_eq!(read(0, None), "0 of 350");
    assert_eq!(read(-1, Some(("other", 300))), "error 112");
}

#[test]
fn what_the_floor_does_not_offer_is_refused_and_a_pong_is_not_answered() {
    let mut room = room(None);
    for request in [Request::Unknown, Request::Presence("a".to_owned())] {
        assert_eq!(ask(&mut room, ANN, request), [(ANN, "error 108".to_owned())]);
    }
    assert_eq!(ask(&mut room, ANN, subscribe("no channel")), [(ANN, "error 102".to_owned())]);
    assert!(ask(&mut room, ANN, Request::Pong).is_empty());
}

/// What three readers get of 200 messages, the third of another channel.
fn told(lie: Lie) -> HashMap<Seat, Vec<String>> {
    let mut room = room(Some(lie));
    for (seat, channel) in [(ANN, "a"), (BEN, "a"), (EVE, "b")] {
        ask(&mut room, seat, subscribe(channel));
    }
    let mut got: HashMap<Seat, Vec<String>> = HashMap::new();
    for number in 1..=200 {
        for (seat, words) in ask(&mut room, Seat(9), publish("a", &format!("k{number}o"))) {
            got.entry(seat).or_default().push(words);
        }
    }
    got
}

#[test]
fn each_lie_is_told_where_it_is_said_to_be() {
    let honest = |number: u64| format!("a {number}: \"k{number}o\"");
    // The 97th of all deliveries is Ann's 49th.
    assert!(!told(Lie::Drop)[&ANN].contains(&honest(49)));
    assert_eq!(told(Lie::Duplicate)[&ANN][48..50], [honest(49), honest(49)]);
    assert_eq!(told(Lie::Swap)[&ANN][48..50], [honest(50), honest(49)]);
    assert_eq!(told(Lie::Tail)[&ANN].len(), 5);
    assert_eq!(told(Lie::Misdeliver)[&EVE], [honest(49)]);
    assert_eq!(told(Lie::Alter)[&ANN][48], "a 49: \"k49x\"");
    for lie in [Lie::Drop, Lie::Duplicate, Lie::Swap, Lie::Tail, Lie::Misdeliver, Lie::Alter] {
        let all: Vec<String> = (1..=200).map(honest).collect();
        assert_eq!(told(lie)[&BEN], all, "{lie:?}: only one reader is lied to");
    }
}

#[test]
fn a_forgotten_publish_is_answered_and_its_offset_given_away() {
    let got = told(Lie::Forget);
    let answers = &got[&Seat(9)];
    assert_eq!(answers[5..8], ["at 6", "at 7", "at 7"]);
    assert_eq!(got[&ANN][6], "a 7: \"k8o\"");
    assert_eq!(got[&ANN].len(), 199);
}

/// A room in which so much was said in "a".
fn room_after(count: u64, lie: Option<Lie>) -> Room {
    let mut room = room(lie);
    for number in 1..=count {
        ask(&mut room, BEN, publish("a", &format!("k{number}")));
    }
    room
}

#[test]
fn the_third_who_begins_is_told_one_too_much_and_never_gets_it() {
    let mut room = room_after(7, Some(Lie::Join));
    ask(&mut room, EVE, recover("e", 5));
    let answers = [1, 2, 3, 4].map(|seat| ask(&mut room, Seat(10 + seat), subscribe("a")).remove(0).1);
    let [honest, told] = [7, 8].map(|offset| format!("false from {offset}, None to None"));
    assert_eq!(answers, [honest.clone(), honest.clone(), told, honest], "Eve's was a recovery");
    let mut readers = |key: &str| {
        let said = ask(&mut room, BEN, publish("a", key));
        said.iter().map(|(to, _)| to.0).collect::<Vec<_>>()
    };
    assert_eq!(readers("k8"), [3, 11, 12, 14, 2], "and Ben his answer");
    assert_eq!(readers("k9"), [3, 11, 12, 13, 14, 2]);
}

#[test]
fn who_was_told_one_too_much_and_comes_back_goes_on_from_there() {
    let mut room = room_after(7, Some(Lie::Join));
    for seat in [ANN, EVE, Seat(4)] {
        ask(&mut room, seat, subscribe("a"));
    }
    room.left(Seat(4));
    ask(&mut room, BEN, publish("a", "k8"));
    let answer = "true from 8, None to None".to_owned();
    assert_eq!(ask(&mut room, Seat(4), recover("e", 8)), [(Seat(4), answer)]);
    let said = ask(&mut room, BEN, publish("a", "k9"));
    assert!(said.contains(&(Seat(4), "a 9: \"k9\"".to_owned())), "it misses one publication alone");
}

/// What is answered to recoveries from these offsets, of which some are none by which a liar counts.
fn recoveries(lie: Option<Lie>, offsets: &[u64]) -> Vec<String> {
    let mut room = room_after(400, lie);
    let from = |(seat, offset): (u32, &u64)| ask(&mut room, Seat(seat), recover("e", *offset)).remove(0).1;
    (10..).zip(offsets).map(from).collect()
}

#[test]
fn the_third_who_comes_back_lacks_the_first_that_it_missed_or_gets_one_again() {
    let offsets = [390, 0, 400, 401, 391, 392, 393];
    let mut answers = recoveries(None, &offsets);
    assert_eq!(answers[5], "true from 392, Some(393) to Some(400)");
    answers[5] = "true from 392, Some(394) to Some(400)".to_owned();
    assert_eq!(recoveries(Some(Lie::Skip), &offsets), answers);
    answers[5] = "true from 392, Some(392) to Some(400)".to_owned();
    assert_eq!(recoveries(Some(Lie::Resume), &offsets), answers);
}

#[test]
fn who_was_lied_to_when_it_came_back_gets_whatever_is_behind_that() {
    for (lie, answer, behind) in [
        (Lie::Skip, "true from 5, Some(7) to Some(306)", 94),
        (Lie::Resume, "true from 5, Some(5) to Some(304)", 96),
    ] {
        let mut room = room_after(400, Some(lie));
        ask(&mut room, Seat(11), recover("e", 5));
        ask(&mut room, Seat(12), recover("e", 5));
        assert_eq!(ask(&mut room, ANN, recover("e", 5)), [(ANN, answer.to_owned())]);
        assert_eq!(read_all(&mut room, ANN).len(), behind);
        assert_eq!(ask(&mut room, BEN, publish("a", "new"))[0], (ANN, "a 401: \"new\"".to_owned()));
    }
}

#[test]
fn who_missed_one_publication_and_lacks_it_does_not_get_it_later_either() {
    let mut room = room_after(7, Some(Lie::Skip));
    ask(&mut room, Seat(11), recover("e", 6));
    ask(&mut room, Seat(12), recover("e", 6));
    let answer = "true from 6, None to None".to_owned();
    assert_eq!(ask(&mut room, ANN, recover("e", 6)), [(ANN, answer)]);
    assert!(read_all(&mut room, ANN).is_empty());
}

#[test]
fn history_lies_and_readers_get_everything() {
    let whole: Vec<u64> = (1..=120).collect();
    let mut left_out = whole.clone();
    left_out.retain(|offset| ![50, 100].contains(offset));
    let mut reordered = whole.clone();
    reordered.swap(19, 20);
    for (lie, told) in [(Lie::Log, left_out), (Lie::Reorder, reordered)] {
        let mut room = room(Some(lie));
        ask(&mut room, ANN, subscribe("a"));
        let mut pushed = 0;
        for number in 1..=120 {
            pushed += ask(&mut room, BEN, publish("a", &format!("k{number}"))).len() - 1;
        }
        assert_eq!(pushed, 120);
        let request = HistoryRequest { channel: "a".to_owned(), limit: -1, since: None, reverse: false };
        let page = room.history(&request).unwrap();
        let offsets: Vec<u64> = page.publications.iter().map(|one| one.offset.get()).collect();
        assert_eq!((offsets, page.offset), (told, Offset::new(120)));
        let answer = "true from 0, Some(1) to Some(120)".to_owned();
        assert_eq!(ask(&mut room, EVE, recover("", 0)), [(EVE, answer)], "what is recovered is whole");
    }
}

#[test]
fn publishers_are_told_another_epoch_than_anybody_else() {
    let mut room = room(Some(Lie::Epoch));
    let mut say = |key: &str| {
        let data = Payload::parse(b"1").unwrap();
        room.say("a", data, Some(key), Timestamp::from_millis(0), &mut |_, _| ()).unwrap()
    };
    let other = StreamPosition { epoch: Epoch::foreign(), offset: Offset::new(1) };
    assert_eq!([say("k1"), say("k1")], [other.clone(), other]);
    let request = SubscribeRequest { channel: "a".to_owned(), ..SubscribeRequest::default() };
    assert_eq!(room.subscribe(ANN, &request).unwrap().epoch.as_str(), "e");
    let request = HistoryRequest { channel: "a".to_owned(), limit: -1, since: None, reverse: false };
    assert_eq!(room.history(&request).unwrap().epoch.as_str(), "e");
}

#[test]
fn who_is_overtaken_by_the_bound_of_the_log_is_told_to_come_back() {
    let mut room = room(None);
    let say = |room: &mut Room, count: usize| {
        let (_, channel) = room.open("a").unwrap();
        for _ in 0..count {
            channel.log.append(Payload::parse(b"1").unwrap(), None, Timestamp::from_millis(0));
        }
    };
    say(&mut room, 301);
    ask(&mut room, ANN, recover("", 0));
    say(&mut room, 200_000);
    assert_eq!(read_all(&mut room, ANN), ["a ends: 2500"]);
    let answer = "false from 200301, None to None".to_owned();
    assert_eq!(ask(&mut room, ANN, recover("e", 300)), [(ANN, answer)]);
    assert_eq!(ask(&mut room, BEN, publish("a", "k1"))[0], (ANN, "a 200302: \"k1\"".to_owned()));
}
