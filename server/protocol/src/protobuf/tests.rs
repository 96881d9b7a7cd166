mod malformed;

use super::*;
use crate::channel::ChannelName;
use crate::error_code::ErrorCode;
use crate::ids::{ClientId, MemberId};
use crate::position::{Epoch, Offset};
use crate::publication::ClientInfo;
use crate::push::Unsubscribed;
use crate::reply::{PresenceStats, SubRefreshResult};
use crate::timestamp::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

fn publication() -> Arc<Publication> {
    let info = ClientInfo { user: MemberId::parse("m_1").unwrap(), client: ClientId::new("c1") };
    Arc::new(Publication {
        data: Payload::parse(b"7").unwrap(),
        info: Some(info),
        offset: Offset::new(9),
        time: Timestamp::from_millis(5),
        key: None,
    })
}

/// Written out by hand from `client.proto`, so that a wrong field number in `wire` is noticed.
#[rustfmt::skip]
#[test]
fn pushes_and_replies_have_the_bytes_of_the_protocol() {
    let push = Push::Publication(ChannelName::parse("a").unwrap(), publication());
    let expected = [
        25, // the length of what follows
        0x22, 23, // Reply.push = 4
        0x12, 1, b'a', // Push.channel = 2
        0x22, 18, // Push.pub = 4
        0x22, 1, b'7', // Publication.data = 4
        0x2a, 9, // Publication.info = 5
        0x0a, 3, b'm', b'_', b'1', // ClientInfo.user = 1
        0x12, 2, b'c', b'1', // ClientInfo.client = 2
        0x30, 9, // Publication.offset = 6
        0x48, 5, // Publication.time = 9
    ];
    assert_eq!(*encode_push(&push).bytes(), expected[..]);
    let error = encode_reply(&Reply { id: 3, body: Err(ErrorCode::TooManyRequests) });
    // Reply.id = 1, Reply.error = 2, Error.code = 1, Error.message = 2, Error.temporary = 3
    assert_eq!(error.bytes()[1..9], [0x08, 3, 0x12, 23, 0x08, 111, 0x12, 17]);
    assert!(error.bytes().ends_with(&[0x18, 1]));
    assert_eq!(*encode_reply(&Reply { id: 3, body: Ok(ReplyBody::Publish) }).bytes(), [4, 8, 3, 0x42, 0][..]);
    assert_eq!(*encode_push(&Push::Ping).bytes(), [0][..]);
    let reply = |body| encode_reply(&Reply { id: 3, body: Ok(body) }).bytes().to_vec();
    let stats = PresenceStats { num_clients: 7, num_users: 5 };
    // Reply.presence_stats = 10, PresenceStatsResult.num_clients = 1, num_users = 2
    assert_eq!(reply(ReplyBody::PresenceStats(stats)), [8, 8, 3, 0x52, 4, 8, 7, 0x10, 5]);
    assert_eq!(reply(ReplyBody::PresenceStats(PresenceStats::default())), [4, 8, 3, 0x52, 0]);
    let renewed = SubRefreshResult { expires: true, ttl: 60 };
    // Reply.sub_refresh = 15, SubRefreshResult.expires = 1, ttl = 2
    assert_eq!(reply(ReplyBody::SubRefresh(renewed)), [8, 8, 3, 0x7a, 4, 8, 1, 0x10, 60]);
    let ended = Push::Unsubscribe(ChannelName::parse("a").unwrap(), Unsubscribed::Expired);
    // Reply.push = 4, Push.channel = 2, Push.unsubscribe = 7, Unsubscribe.code = 2 (2501), Unsubscribe.reason = 3
    assert_eq!(encode_push(&ended).bytes()[1..12], [0x22, 30, 0x12, 1, b'a', 0x3a, 25, 0x10, 0xc5, 0x13, 0x1a]);
    // Publications of a subscription that begins at the start of an epoch: nothing stands for zero.
    let begun = Push::Subscribe(ChannelName::parse("a").unwrap(), Epoch::parse("e").unwrap(), Offset::ZERO);
    assert_eq!(
        *encode_push(&begun).bytes(),
        [14, 0x22, 12, 0x12, 1, b'a', 0x4a, 7, 8, 1, 0x22, 1, b'e', 0x30, 1][..]
    );
}

#[rustfmt::skip]
#[test]
fn requests_are_read_from_the_bytes_of_the_protocol() {
    let request = |frame: &[u8]| decode_commands(frame).unwrap().remove(0).request;
    let subscribe = [
        12, 8, 2, // Command.id = 1
        0x2a, 8, // Command.subscribe = 5
        0x0a, 1, b'a', // SubscribeRequest.channel = 1
        0x12, 1, b't', // SubscribeRequest.token = 2
        0x70, 3, // SubscribeRequest.flag = 14
    ];
    let expected = SubscribeRequest {
        channel: "a".into(), token: Token("t".into()), reject_unrecovered: true, ..SubscribeRequest::default()
    };
    assert_eq!(request(&subscribe), Request::Subscribe(expected));
    let sub_refresh = [10, 8, 2, 0x7a, 6, 0x0a, 1, b'a', 0x12, 1, b't'];
    let expected = SubRefreshRequest { channel: "a".into(), token: Token("t".into()) };
    assert_eq!(request(&sub_refresh), Request::SubRefresh(expected));
    assert_eq!(request(&[7, 8, 2, 0x4a, 3, 0x0a, 1, b'a']), Request::PresenceStats("a".into()));
}

#[test]
fn a_frame_holds_several_commands_and_an_empty_one_is_a_pong() {
    let subscribe = [14, 8, 2, 0x2a, 10, 0x0a, 1, b'a', 0x18, 1, 0x32, 1, b'e', 0x38, 7];
    let commands = decode_commands(&[&subscribe[..], &[0]].concat()).unwrap();
    let request = SubscribeRequest {
        channel: "a".into(),
        recover: true,
        epoch: "e".into(),
        offset: 7,
        ..SubscribeRequest::default()
    };
    assert_eq!(commands[0], Command { id: 2, request: Request::Subscribe(request) });
    assert_eq!(commands[1], Command { id: 0, request: Request::Pong });
}

#[test]
fn broken_frames_are_refused_whole() {
    for frame in [&[5, 8][..], &[0xff; 12], &[2, 0x22, 9], &[3, 0x0a, 1, 0xff]] {
        assert_eq!(decode_commands(frame), Err(DecodeError::Malformed), "{frame:?}");
    }
    assert_eq!(decode_commands(&[0; COMMANDS_PER_FRAME_MAX + 1]), Err(DecodeError::TooMany));
}

/// Whether the payload of a publish and the argument of an rpc are read if they say this.
fn is_read(data: &[u8]) -> [bool; 2] {
    let publish = wire::PublishRequest { channel: "c".into(), data: data.to_vec() };
    let rpc = wire::RpcRequest { method: "m".into(), data: data.to_vec() };
    let commands = [
        wire::Command { id: 1, publish: Some(publish), ..wire::Command::default() },
        wire::Command { id: 1, rpc: Some(rpc), ..wire::Command::default() },
    ];
    commands.map(|command| {
        let request = decode_commands(&command.encode_length_delimited_to_vec()).unwrap().remove(0).request;
        let text = std::str::from_utf8(data).ok();
        if let Request::Publish(publish) = request {
            assert!(publish.data.is_none() || publish.data.as_ref().map(Payload::as_str) == text);
            publish.data.is_some()
        } else {
            let Request::Rpc(rpc) = request else { panic!("an rpc") };
            assert!(rpc.data.is_none() || rpc.data.as_deref() == text);
            rpc.data.is_some()
        }
    })
}

#[test]
fn a_payload_that_is_no_json_reaches_the_session_as_none() {
    assert_eq!(is_read(&[0xff, 0]), [false, false]);
    assert_eq!(is_read(b"{"), [false, true], "the session reads an argument");
}

#[test]
fn a_payload_that_is_too_deep_or_has_a_name_twice_reaches_the_session_as_none() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(is_read(br#"{"a":1,"\u0061":2}"#), [false, false]);
    assert_eq!(is_read(nested(64).as_bytes()), [true, true]);
    assert_eq!(is_read(nested(65).as_bytes()), [false, true], "in an rpc, a payload is a level down");
    assert_eq!(is_read(nested(66).as_bytes()), [false, false]);
}

#[test]
fn a_frame_with_nothing_in_it_is_refused() {
    assert_eq!(decode_commands(&[]), Err(DecodeError::Malformed));
}

#[test]
fn a_subscription_says_its_position_and_its_top() {
    let result = SubscribeResult {
        expires: true,
        ttl: 60,
        recoverable: true,
        epoch: Epoch::parse("e").unwrap(),
        publications: vec![publication()],
        recovered: true,
        offset: Offset::new(8),
        positioned: true,
        data: crate::reply::SubscribeData { top: Offset::new(9) },
        was_recovering: true,
    };
    let wire = wire::SubscribeResult::from(&result);
    assert_eq!((wire.epoch.as_str(), wire.offset, wire.recovered), ("e", 8, true));
    assert_eq!(wire.data, b"{\"top\":9}");
    assert_eq!(wire.publications[0].data, b"7");
}

proptest! {
    #[test]
    fn no_bytes_make_the_decoder_panic(frame in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(decode_commands(&frame));
    }
}
