use super::*;
use crate::channel::ChannelName;
use crate::error_code::ErrorCode;
use crate::ids::{ClientId, MemberId};
use crate::position::{Epoch, Offset};
use crate::publication::ClientInfo;
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
}

#[test]
fn a_frame_holds_several_commands_and_an_empty_one_is_a_pong() {
    let subscribe = [14, 8, 2, 0x2a, 10, 0x0a, 1, b'a', 0x18, 1, 0x32, 1, b'e', 0x38, 7];
    let commands = decode_commands(&[&subscribe[..], &[0]].concat()).unwrap();
    let request = SubscribeRequest { channel: "a".into(), recover: true, epoch: "e".into(), offset: 7 };
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

#[test]
fn a_payload_that_is_no_json_reaches_the_session_as_none() {
    let command = wire::Command {
        id: 1,
        publish: Some(wire::PublishRequest { channel: "c".into(), data: vec![0xff, 0] }),
        ..wire::Command::default()
    };
    let commands = decode_commands(&command.encode_length_delimited_to_vec()).unwrap();
    let expected = Request::Publish(PublishRequest { channel: "c".into(), data: None });
    assert_eq!(commands[0].request, expected);
}

#[test]
fn a_subscription_says_its_position_and_its_top() {
    let result = SubscribeResult {
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
