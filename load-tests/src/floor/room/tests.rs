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
