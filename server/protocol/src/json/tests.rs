use super::*;
use crate::channel::ChannelName;
use crate::error_code::ErrorCode;
use crate::ids::{ClientId, MemberId};
use crate::position::{Epoch, Offset};
use crate::publication::{ClientInfo, Publication};
use crate::push::Unsubscribed;
use crate::reply::{
    ConnectResult, HistoryResult, PresenceStats, RefreshResult, SubRefreshResult, SubscribeData,
    SubscribeResult,
};
use crate::timestamp::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

fn text(frame: &EncodedFrame) -> String {
    String::from_utf8(frame.bytes().to_vec()).unwrap()
}

fn epoch() -> Epoch {
    Epoch::parse("e1").unwrap()
}

fn publication(offset: u64, from: Option<&str>) -> Arc<Publication> {
    Arc::new(Publication {
        data: Payload::parse(br#"{"id":"a"}"#).unwrap(),
        info: from
            .map(|user| ClientInfo { user: MemberId::parse(user).unwrap(), client: ClientId::new("c1") }),
        offset: Offset::new(offset),
        time: Timestamp::from_millis(5),
        key: None,
    })
}

fn subscribed(recovered: bool, publications: Vec<Arc<Publication>>) -> SubscribeResult {
    SubscribeResult {
        expires: false,
        ttl: 0,
        recoverable: true,
        epoch: epoch(),
        publications,
        recovered,
        offset: Offset::new(2),
        positioned: true,
        data: SubscribeData { top: Offset::new(3) },
        was_recovering: true,
    }
}

#[test]
fn one_frame_holds_several_commands() {
    let frame = "{\"id\":1,\"connect\":{\"token\":\"t\"}}\n{\"id\":2,\"subscribe\":{\"channel\":\"a\",\
                 \"recover\":true,\"offset\":7,\"epoch\":\"e\"}}\n{}\n";
    let commands = decode_commands(frame.as_bytes()).unwrap();
    assert_eq!(commands.len(), 3);
    assert_eq!(
        commands[1].request,
        Request::Subscribe(SubscribeRequest {
            channel: "a".into(),
            recover: true,
            epoch: "e".into(),
            offset: 7,
            ..SubscribeRequest::default()
        })
    );
    assert_eq!(commands[2], Command { id: 0, request: Request::Pong });
}

#[test]
fn fields_that_we_do_not_know_are_passed_over() {
    let commands = decode_commands(
        r#"{"id":1,"connect":{"name":"js","headers":{"a":"b"},"subs":null},"x":1}"#.as_bytes(),
    )
    .unwrap();
    assert_eq!(commands[0].request, Request::Connect(ConnectRequest::default()));
}

#[test]
fn a_command_without_a_request_is_unknown_unless_it_is_a_pong() {
    assert_eq!(decode_commands(r#"{"id":4}"#.as_bytes()).unwrap()[0].request, Request::Unknown);
    assert_eq!(decode_commands(r#"{"id":4,"ping":{}}"#.as_bytes()).unwrap()[0].request, Request::Unknown);
}

#[test]
fn a_payload_that_is_too_large_reaches_the_session_as_none() {
    let data = "a".repeat(crate::limits::PAYLOAD_MAX_BYTES);
    let frame = format!(r#"{{"id":1,"publish":{{"channel":"c","data":"{data}"}}}}"#);
    let request = &decode_commands(frame.as_bytes()).unwrap()[0].request;
    assert_eq!(*request, Request::Publish(PublishRequest { channel: "c".into(), data: None }));
}

#[test]
fn broken_frames_are_refused_whole() {
    for frame in
        ["{", "[]x", r#"{"id":-1}"#, r#"{"id":1,"connect":7}"#, "[1]", "{}\n[1]", "{}\n{\"id\":", "\u{0}"]
    {
        assert_eq!(decode_commands(frame.as_bytes()), Err(DecodeError::Malformed), "{frame:?}");
    }
    assert_eq!(
        decode_commands("{}\n".repeat(COMMANDS_PER_FRAME_MAX + 1).as_bytes()),
        Err(DecodeError::TooMany)
    );
}

#[test]
fn a_frame_with_nothing_in_it_is_refused() {
    for frame in ["", "\n", " \n\t\r\n "] {
        assert_eq!(decode_commands(frame.as_bytes()), Err(DecodeError::Malformed), "{frame:?}");
    }
}

#[test]
fn a_subscription_has_its_token_and_the_flag_whose_second_bit_refuses_what_is_not_recovered() {
    let request = |text: &str| decode_commands(text.as_bytes()).unwrap().remove(0).request;
    for (flag, reject_unrecovered) in [(0, false), (1, false), (2, true), (3, true), (-1, true), (4, false)] {
        assert_eq!(
            request(&format!(r#"{{"id":1,"subscribe":{{"channel":"a","token":"t","flag":{flag}}}}}"#)),
            Request::Subscribe(SubscribeRequest {
                channel: "a".into(),
                token: Token("t".into()),
                reject_unrecovered,
                ..SubscribeRequest::default()
            })
        );
    }
    assert_eq!(
        request(r#"{"id":1,"sub_refresh":{"channel":"a","token":"t","type":0}}"#),
        Request::SubRefresh(SubRefreshRequest { channel: "a".into(), token: Token("t".into()) })
    );
}

#[test]
fn a_payload_that_is_too_deep_or_has_a_name_twice_reaches_the_session_as_none() {
    let deep = "[".repeat(65) + &"]".repeat(65);
    let in_argument = format!(r#"{{"channel":"c","data":{deep}}}"#);
    for data in [&deep, r#"{"a":1,"a":2}"#, r#"[{"a":{},"\u0061":{}}]"#] {
        let publish = format!(r#"{{"id":1,"publish":{{"channel":"c","data":{data}}}}}"#);
        let expected = Request::Publish(PublishRequest { channel: "c".into(), data: None });
        assert_eq!(decode_commands(publish.as_bytes()).unwrap()[0].request, expected, "{data}");
    }
    for data in [&in_argument, r#"{"a":1,"a":2}"#, r#"{"channel":"c","data":{"a":1,"a":2}}"#] {
        let rpc = format!(r#"{{"id":1,"rpc":{{"method":"m","data":{data}}}}}"#);
        let expected = Request::Rpc(RpcRequest { method: "m".into(), data: None });
        assert_eq!(decode_commands(rpc.as_bytes()).unwrap()[0].request, expected, "{data}");
    }
}

#[test]
fn a_payload_may_be_as_deep_as_the_bound_by_publish_and_by_rpc() {
    let data = "[".repeat(64) + &"]".repeat(64);
    let publish = format!(r#"{{"id":1,"publish":{{"channel":"c","data":{data}}}}}"#);
    let payload = Payload::parse(data.as_bytes()).ok();
    assert_eq!(
        decode_commands(publish.as_bytes()).unwrap()[0].request,
        Request::Publish(PublishRequest { channel: "c".into(), data: payload })
    );
    let argument = format!(r#"{{"channel":"c","data":{data}}}"#);
    let rpc = format!(r#"{{"id":1,"rpc":{{"method":"m","data":{argument}}}}}"#);
    assert_eq!(
        decode_commands(rpc.as_bytes()).unwrap()[0].request,
        Request::Rpc(RpcRequest { method: "m".into(), data: Some(argument) })
    );
}

#[test]
fn a_command_that_is_too_deep_or_has_a_name_twice_is_refused_with_its_frame() {
    let deep = "[".repeat(64) + &"]".repeat(64);
    for command in [
        r#"{"id":1,"id":1,"publish":{"channel":"c","data":1}}"#,
        r#"{"id":1,"publish":{"channel":"c","data":1,"data":2}}"#,
        r#"{"id":1,"publish":{"channel":"c","data":1},"publish":{"channel":"c","data":1}}"#,
        r#"{"id":1,"connect":{"token":"t","subs":{"a":{},"\u0061":{}}}}"#,
        r#"{"id":1,"connect":{"token":"t","headers":{"a":"1","a":"2"}}}"#,
        &format!(r#"{{"id":1,"connect":{{"token":"t","data":{deep}}}}}"#),
    ] {
        assert_eq!(
            decode_commands(format!("{{}}\n{command}").as_bytes()),
            Err(DecodeError::Malformed),
            "{command}"
        );
    }
}

#[test]
fn replies_look_as_the_protocol_says() {
    let reply = |body| text(&encode_reply(&Reply { id: 2, body }));
    assert_eq!(reply(Ok(ReplyBody::Publish)), r#"{"id":2,"publish":{}}"#);
    assert_eq!(reply(Ok(ReplyBody::Unsubscribe)), r#"{"id":2,"unsubscribe":{}}"#);
    assert_eq!(
        reply(Err(ErrorCode::TokenExpired)),
        r#"{"id":2,"error":{"code":109,"message":"token expired"}}"#
    );
    assert_eq!(
        reply(Err(ErrorCode::TooManyRequests)),
        r#"{"id":2,"error":{"code":111,"message":"too many requests","temporary":true}}"#
    );
    assert_eq!(
        reply(Ok(ReplyBody::Connect(Box::new(ConnectResult {
            client: ClientId::new("c1"),
            version: "v",
            expires: true,
            ttl: 60,
            subs: BTreeMap::new(),
            ping: 25,
            pong: true,
        })))),
        r#"{"id":2,"connect":{"client":"c1","version":"v","expires":true,"ttl":60,"ping":25,"pong":true}}"#
    );
    assert_eq!(
        reply(Ok(ReplyBody::Subscribe(subscribed(true, vec![publication(3, Some("m_1"))])))),
        concat!(
            r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e1","publications":[{"data":{"id":"a"},"#,
            r#""info":{"user":"m_1","client":"c1"},"offset":3,"time":5}],"recovered":true,"offset":2,"#,
            r#""positioned":true,"data":{"top":3},"was_recovering":true}}"#
        )
    );
    assert_eq!(
        reply(Ok(ReplyBody::History(HistoryResult {
            publications: vec![],
            epoch: epoch(),
            offset: Offset::ZERO
        }))),
        r#"{"id":2,"history":{"publications":[],"epoch":"e1","offset":0}}"#
    );
}

#[test]
fn replies_leave_out_what_is_empty_but_for_what_the_protocol_wants_always() {
    let reply = |body| text(&encode_reply(&Reply { id: 2, body: Ok(body) }));
    let expiring = SubscribeResult {
        expires: true,
        ttl: 60,
        recovered: false,
        was_recovering: false,
        offset: Offset::ZERO,
        data: SubscribeData { top: Offset::ZERO },
        ..subscribed(false, vec![])
    };
    assert_eq!(
        reply(ReplyBody::Subscribe(expiring)),
        concat!(
            r#"{"id":2,"subscribe":{"expires":true,"ttl":60,"recoverable":true,"epoch":"e1","#,
            r#""positioned":true,"data":{"top":0}}}"#
        )
    );
    assert_eq!(
        reply(ReplyBody::SubRefresh(SubRefreshResult { expires: true, ttl: 60 })),
        r#"{"id":2,"sub_refresh":{"expires":true,"ttl":60}}"#
    );
    assert_eq!(
        reply(ReplyBody::Refresh(RefreshResult {
            client: ClientId::new("c1"),
            version: "v",
            expires: true,
            ttl: 60
        })),
        r#"{"id":2,"refresh":{"client":"c1","version":"v","expires":true,"ttl":60}}"#
    );
    assert_eq!(
        reply(ReplyBody::PresenceStats(PresenceStats::default())),
        r#"{"id":2,"presence_stats":{"num_clients":0,"num_users":0}}"#
    );
    assert_eq!(reply(ReplyBody::Rpc(Payload::parse(b"null").unwrap())), r#"{"id":2,"rpc":{"data":null}}"#);
}

#[test]
fn pushes_look_as_the_protocol_says() {
    let channel = ChannelName::bulletins_all();
    let push = |push| text(&encode_push(&push));
    assert_eq!(push(Push::Ping), "{}");
    assert_eq!(
        push(Push::Publication(channel.clone(), publication(9, None))),
        r#"{"push":{"channel":"bulletins:all","pub":{"data":{"id":"a"},"offset":9,"time":5}}}"#
    );
    assert_eq!(
        push(Push::Subscribe(channel.clone(), epoch(), Offset::new(4))),
        concat!(
            r#"{"push":{"channel":"bulletins:all","subscribe":{"recoverable":true,"epoch":"e1","offset":4,"#,
            r#""positioned":true}}}"#
        )
    );
    assert_eq!(
        push(Push::Subscribe(channel.clone(), epoch(), Offset::ZERO)),
        concat!(
            r#"{"push":{"channel":"bulletins:all","subscribe":{"recoverable":true,"epoch":"e1","#,
            r#""positioned":true}}}"#
        )
    );
    assert_eq!(
        push(Push::Unsubscribe(channel.clone(), Unsubscribed::Expired)),
        r#"{"push":{"channel":"bulletins:all","unsubscribe":{"code":2501,"reason":"subscription expired"}}}"#
    );
    assert_eq!(
        push(Push::Unsubscribe(channel, Unsubscribed::InsufficientState)),
        r#"{"push":{"channel":"bulletins:all","unsubscribe":{"code":2500,"reason":"insufficient state"}}}"#
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_decoder_panic(frame in ".{0,300}") {
        drop(decode_commands(frame.as_bytes()));
    }

    #[test]
    fn an_encoded_message_never_has_a_raw_line_break(words in "\\PC{0,40}", breaks in "[ \n\r\t]{0,5}") {
        let data = format!("{{{breaks}\"t\":{breaks}{}{breaks}}}", serde_json::to_string(&words).unwrap());
        let publication = Publication {
            data: Payload::parse(data.as_bytes()).unwrap(), info: None, offset: Offset::new(1), time: Timestamp::default(), key: None,
        };
        let frame = encode_push(&Push::Publication(ChannelName::bulletins_all(), Arc::new(publication)));
        prop_assert!(!frame.bytes().contains(&b'\n'));
        let value: serde_json::Value = serde_json::from_slice(frame.bytes()).unwrap();
        prop_assert_eq!(value["push"]["pub"]["data"]["t"].as_str(), Some(words.as_str()));
    }
}
