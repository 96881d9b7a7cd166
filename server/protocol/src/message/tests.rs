use super::*;
use crate::command::{
    ConnectRequest, HistoryRequest, PublishRequest, RpcRequest, SubRefreshRequest, SubscribeRequest, Token,
};
use crate::push::Unsubscribed;
use crate::reply::{ConnectResult, HistoryResult, PresenceStats, SubscribeData, SubscribeResult};
use crate::{
    ChannelName, ClientId, Command, EncodedFrame, Encoding, Epoch, ErrorCode, Offset, Payload, Publication,
    Push, Reply, ReplyBody, Request, Timestamp,
};
use proptest::prelude::*;
use std::sync::Arc;

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::Protobuf];

fn publication(offset: u64, data: &str) -> Arc<Publication> {
    Arc::new(Publication {
        data: Payload::parse(data.as_bytes()).unwrap(),
        info: None,
        offset: Offset::new(offset),
        time: Timestamp::from_millis(5),
        key: None,
    })
}

fn result() -> SubscribeResult {
    SubscribeResult {
        expires: false,
        ttl: 0,
        recoverable: true,
        epoch: Epoch::parse("e1").unwrap(),
        publications: vec![publication(3, r#"{"id":"a"}"#)],
        recovered: true,
        offset: Offset::new(2),
        positioned: true,
        data: SubscribeData { top: Offset::new(3) },
        was_recovering: true,
    }
}

fn received(offset: u64, data: &str) -> Received<'_> {
    Received { offset, data: data.into() }
}

fn subscribed() -> Subscribed<'static> {
    Subscribed {
        epoch: "e1".into(),
        offset: 2,
        recovered: true,
        publications: vec![received(3, r#"{"id":"a"}"#)],
    }
}

/// Hears a frame, and what is said of the same in the other encoding is the same.
fn heard(encode: impl Fn(Encoding) -> EncodedFrame, expected: &Message<'_>) {
    for encoding in BOTH {
        let frame = encode(encoding);
        let mut messages = Vec::new();
        encoding.decode_messages(frame.bytes(), |message| messages.push(format!("{message:?}"))).unwrap();
        assert_eq!(messages, [format!("{expected:?}")], "{encoding:?}");
    }
}

#[test]
fn a_client_hears_what_a_server_answers() {
    let answer = |body: ReplyBody, answer: Answer<'_>| {
        heard(
            |encoding| encoding.encode_reply(&Reply { id: 7, body: Ok(body.clone()) }),
            &Message::Reply(7, Ok(answer)),
        );
    };
    let connect = ConnectResult {
        client: ClientId::new("c1"),
        version: "holdfast 1",
        expires: true,
        ttl: 60,
        subs: BTreeMap::from([("teams:a".to_owned(), result())]),
        ping: 25,
        pong: true,
    };
    let subs = BTreeMap::from([("teams:a".into(), subscribed())]);
    answer(
        ReplyBody::Connect(Box::new(connect)),
        Answer::Connect(Connected { version: "holdfast 1".into(), ping: 25, subs }),
    );
    answer(ReplyBody::Subscribe(result()), Answer::Subscribe(subscribed()));
    answer(
        ReplyBody::Rpc(Payload::parse(br#"{"status":"ok"}"#).unwrap()),
        Answer::Rpc(r#"{"status":"ok"}"#.into()),
    );
    answer(
        ReplyBody::History(HistoryResult {
            publications: vec![publication(1, "1"), publication(2, "\"b\"")],
            epoch: Epoch::parse("e1").unwrap(),
            offset: Offset::new(9),
        }),
        Answer::History(HistoryPage {
            epoch: "e1".into(),
            top: 9,
            publications: vec![received(1, "1"), received(2, "\"b\"")],
        }),
    );
    answer(ReplyBody::Publish, Answer::Other);
    answer(ReplyBody::PresenceStats(PresenceStats { num_clients: 1, num_users: 1 }), Answer::Other);
    heard(
        |encoding| encoding.encode_reply(&Reply { id: 7, body: Err(ErrorCode::TooManyRequests) }),
        &Message::Reply(7, Err(Refusal { code: 111, temporary: true })),
    );
}

#[test]
fn a_client_hears_what_a_server_says_unasked() {
    let channel = ChannelName::parse("teams:a").unwrap();
    let push = |push: Push, expected: Message<'_>| heard(|encoding| encoding.encode_push(&push), &expected);
    push(Push::Ping, Message::Ping);
    push(
        Push::Publication(channel.clone(), publication(4, r#"{"text":"a\\nb"}"#)),
        Message::Push("teams:a".into(), Pushed::Publication(received(4, r#"{"text":"a\\nb"}"#))),
    );
    push(
        Push::Subscribe(channel.clone(), Epoch::parse("e2").unwrap(), Offset::new(5)),
        Message::Push("teams:a".into(), Pushed::Subscribe("e2".into(), 5)),
    );
    push(
        Push::Unsubscribe(channel, Unsubscribed::InsufficientState),
        Message::Push("teams:a".into(), Pushed::Unsubscribe(2500)),
    );
}

#[test]
fn messages_before_a_fault_are_handed_over() {
    for encoding in BOTH {
        let mut frame =
            encoding.join(&[encoding.encode_push(&Push::Ping), encoding.encode_push(&Push::Ping)]).to_vec();
        frame.extend_from_slice(b"\n\x05{\"id");
        let mut count = 0;
        assert!(encoding.decode_messages(&frame, |_| count += 1).is_err(), "{encoding:?}");
        assert!(count >= 2, "{encoding:?}");
    }
}

fn subscribe() -> impl Strategy<Value = SubscribeRequest> {
    (".{1,9}", ".{0,9}", any::<bool>(), "[a-z]{0,9}", any::<u64>(), any::<bool>()).prop_map(
        |(channel, token, recover, epoch, offset, reject_unrecovered)| SubscribeRequest {
            channel,
            token: Token(token),
            recover,
            epoch,
            offset,
            reject_unrecovered,
        },
    )
}

fn request() -> impl Strategy<Value = Request> {
    let since = proptest::option::of(("[a-z]{0,9}", any::<u64>()));
    prop_oneof![
        (".{1,99}", proptest::collection::btree_map(".{1,9}", subscribe(), 0..3))
            .prop_map(|(token, subs)| { Request::Connect(ConnectRequest { token: Token(token), subs }) }),
        (".{1,9}", any::<i32>(), since, any::<bool>()).prop_map(|(channel, limit, since, reverse)| {
            Request::History(HistoryRequest { channel, limit, since, reverse })
        }),
        (".{1,9}", "[a-z]{0,99}").prop_map(|(channel, text)| {
            let data = Payload::parse(format!("{{\"id\":\"{text}\"}}").as_bytes()).ok();
            Request::Publish(PublishRequest { channel, data })
        }),
        (".{1,9}", "[a-z]{0,99}").prop_map(|(method, text)| {
            Request::Rpc(RpcRequest { method, data: Some(format!("[\"{text}\", 1]")) })
        }),
        (".{1,9}", ".{0,9}").prop_map(|(channel, token)| {
            Request::SubRefresh(SubRefreshRequest { channel, token: Token(token) })
        }),
        ".{1,9}".prop_map(|token| Request::Refresh(Token(token))),
        ".{1,9}".prop_map(Request::Presence),
        ".{1,9}".prop_map(Request::PresenceStats),
        ".{1,9}".prop_map(Request::Unsubscribe),
        subscribe().prop_map(Request::Subscribe),
        Just(Request::Send),
    ]
}

proptest! {
    #[test]
    fn a_server_reads_the_commands_that_a_client_writes(id in 1..u32::MAX, request in request()) {
        let command = Command { id, request };
        for encoding in BOTH {
            let frame = encoding.encode_command(&command);
            let pong = encoding.encode_command(&Command { id: 0, request: Request::Pong });
            let read = encoding.decode_commands(&encoding.join(&[frame, pong])).unwrap();
            let expected = [command.clone(), Command { id: 0, request: Request::Pong }];
            prop_assert_eq!(&read[..], &expected[..], "{:?}", encoding);
        }
    }
}
