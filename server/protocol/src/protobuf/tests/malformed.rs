//! What becomes of bytes that no SDK sends: a frame is refused (close 3501), or read as Protobuf says.

use super::*;
use crate::limits::FRAME_MAX_BYTES;

/// A frame of one message.
fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    prost::encode_length_delimiter(message.len(), &mut frame).unwrap();
    frame.extend_from_slice(message);
    frame
}

/// What a message becomes.
fn read(message: &[u8]) -> Result<Command, DecodeError> {
    decode_commands(&frame(message)).map(|mut commands| commands.remove(0))
}

/// The payload that a publish to `a` with these bytes in its place says.
fn published(publish: &[u8]) -> Result<Command, DecodeError> {
    let head = [8, 1, 0x3a, u8::try_from(publish.len()).unwrap()];
    read(&[&head[..], publish].concat())
}

fn subscribe_to(channel: &str) -> Command {
    let request = SubscribeRequest { channel: channel.into(), ..SubscribeRequest::default() };
    Command { id: 1, request: Request::Subscribe(request) }
}

const MALFORMED: Result<Command, DecodeError> = Err(DecodeError::Malformed);

#[test]
fn a_varint_that_does_not_end_is_refused() {
    for message in [&[8, 0x80][..], &[8, 0xff, 0xff], &[0x80], &[0x2a, 0x80]] {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
    assert_eq!(decode_commands(&[0x80]), Err(DecodeError::Malformed), "as the length of a message");
}

#[test]
fn a_varint_of_more_than_ten_bytes_or_64_bits_is_refused() {
    for varint in [&[0x80; 11][..], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]] {
        assert_eq!(read(&[&[8][..], varint, &[0x2a, 3, 0x0a, 1, b'a']].concat()), MALFORMED, "{varint:?}");
        assert_eq!(decode_commands(varint), Err(DecodeError::Malformed));
    }
}

#[test]
fn a_varint_with_padding_is_the_same_number() {
    assert_eq!(read(&[8, 0x81, 0x80, 0x80, 0x00, 0x2a, 3, 0x0a, 1, b'a']), Ok(subscribe_to("a")));
}

#[test]
fn a_number_of_more_than_32_bits_is_cut_as_protobuf_cuts_it() {
    // 2^32 + 1, as a command's id.
    let message = [8, 0x81, 0x80, 0x80, 0x80, 0x10, 0x2a, 3, 0x0a, 1, b'a'];
    assert_eq!(read(&message), Ok(subscribe_to("a")));
}

#[test]
fn a_length_beyond_its_message_or_frame_is_refused() {
    for message in [
        &[0x2a, 4, 0x0a, 1, b'a'][..],         // a request longer than its command
        &[0x2a, 3, 0x0a, 2, b'a'],             // a channel longer than its request
        &[0x2a, 3, 0x0a, 1, b'a', 0x62, 1],    // an unknown field longer than its command
        &[0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f], // 4 GiB
        &[0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // 2^64 - 1
    ] {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
    assert_eq!(decode_commands(&[6, 0x2a, 3, 0x0a, 1, b'a']), Err(DecodeError::Malformed), "a command");
    // The channel reaches over the end of its request into its command.
    assert_eq!(read(&[0x2a, 3, 0x0a, 3, b'a', 8, 1]), MALFORMED);
}

#[test]
fn a_field_of_another_wire_type_is_refused() {
    for message in [
        &[0x0a, 1, 1][..],               // id as bytes
        &[0x09, 1, 0, 0, 0, 0, 0, 0, 0], // id as 64 bits
        &[0x0d, 1, 0, 0, 0],             // id as 32 bits
        &[0x28, 1],                      // subscribe as a number
        &[0x2b, 0x2c],                   // subscribe as a group
        &[0x2a, 2, 0x08, 1],             // channel as a number
        &[0x2a, 3, 0x1a, 1, 1],          // recover as bytes
        &[0x0e],                         // wire type 6
        &[0x0f],                         // wire type 7
    ] {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
}

#[test]
fn field_number_zero_and_numbers_that_are_too_large_are_refused() {
    for message in [&[0x00, 1][..], &[0x02, 0], &[0x2a, 2, 0x00, 1], &[0x80, 0x80, 0x80, 0x80, 0x10, 1]] {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
}

#[test]
fn fields_that_we_do_not_know_are_passed_over_whatever_their_type() {
    let subscribe = [8, 1, 0x2a, 3, 0x0a, 1, b'a'];
    for unknown in [
        &[0xa0, 0x06, 7][..],                  // a number
        &[0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // 64 bits
        &[0xa2, 0x06, 3, 1, 2, 3],             // bytes
        &[0xa3, 0x06, 0x08, 1, 0xa4, 0x06],    // a group
        &[0xa3, 0x06, 0x0b, 0x0c, 0xa4, 0x06], // a group in a group
        &[0xa5, 0x06, 1, 2, 3, 4],             // 32 bits
    ] {
        assert_eq!(read(&[&subscribe[..], unknown].concat()), Ok(subscribe_to("a")), "{unknown:?}");
        assert_eq!(read(&[unknown, &subscribe[..]].concat()), Ok(subscribe_to("a")), "{unknown:?}");
    }
}

#[test]
fn a_group_that_does_not_end_ends_twice_or_nests_without_end_is_refused() {
    for message in [&[0xa3, 0x06][..], &[0xa4, 0x06], &[0xa3, 0x06, 0xac, 0x06]] {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
    let nested =
        |levels: usize| [0x0b].repeat(levels).into_iter().chain([0x0c].repeat(levels)).collect::<Vec<_>>();
    // Field 1 is `id` in a command, so the groups stand in an unknown one.
    let inside = |levels: usize| [&[0xa3, 0x06][..], &nested(levels), &[0xa4, 0x06], &[8, 1]].concat();
    assert_eq!(read(&inside(50)), Ok(Command { id: 1, request: Request::Unknown }));
    assert_eq!(read(&inside(20_000)), MALFORMED, "not by the stack's end");
}

#[test]
fn of_fields_that_come_twice_the_last_counts_and_requests_are_merged() {
    assert_eq!(read(&[8, 9, 8, 1, 0x2a, 6, 0x0a, 1, b'b', 0x0a, 1, b'a']), Ok(subscribe_to("a")));
    // Two subscribe requests of one command are one (Protobuf encoding, "Last One Wins"): messages merge.
    let merged = read(&[8, 1, 0x2a, 3, 0x0a, 1, b'a', 0x2a, 2, 0x18, 1]).unwrap();
    let Request::Subscribe(request) = merged.request else { panic!("a subscribe") };
    assert_eq!((request.channel.as_str(), request.recover), ("a", true));
    let payload = |data: &str| {
        let data = Payload::parse(data.as_bytes()).ok();
        Ok(Command { id: 1, request: Request::Publish(PublishRequest { channel: "a".into(), data }) })
    };
    assert_eq!(published(&[0x0a, 1, b'a', 0x12, 1, b'7', 0x12, 1, b'8']), payload("8"));
    assert_eq!(published(&[0x12, 1, b'7', 0x12, 1, b'x', 0x0a, 1, b'a']), payload("x"));
}

#[test]
fn a_text_that_is_not_utf_8_is_refused() {
    for message in [&[0x2a, 3, 0x0a, 1, 0xff][..], &[0x2a, 4, 0x0a, 2, 0xc0, 0x80], &[0x22, 3, 0x0a, 1, 0x80]]
    {
        assert_eq!(read(message), MALFORMED, "{message:?}");
    }
}

#[test]
fn a_truth_value_other_than_one_is_true() {
    let command = read(&[8, 1, 0x2a, 5, 0x0a, 1, b'a', 0x18, 2]).unwrap();
    let Request::Subscribe(request) = command.request else { panic!("a subscribe") };
    assert!(request.recover);
}

#[test]
fn the_first_of_several_requests_counts_in_the_order_of_their_numbers() {
    // unsubscribe = 6 stands before subscribe = 5.
    assert_eq!(read(&[8, 1, 0x32, 3, 0x0a, 1, b'b', 0x2a, 3, 0x0a, 1, b'a']), Ok(subscribe_to("a")));
}

#[test]
fn a_frame_full_of_one_repeated_field_is_read_in_one_pass() {
    // Positions of 9,000 channels in one connect.
    let mut subs = Vec::new();
    for n in 0..9_000u32 {
        let key = format!("{n:04}");
        subs.extend([0x1a, 6, 0x0a, 4]);
        subs.extend(key.bytes().take(4));
    }
    let connect: Vec<u8> = [&[0x0a, 1, b't'][..], &subs].concat();
    let mut message = vec![8, 1, 0x22];
    prost::encode_length_delimiter(connect.len(), &mut message).unwrap();
    message.extend(connect);
    assert!(message.len() > FRAME_MAX_BYTES, "more than a connection can send");
    let Request::Connect(request) = read(&message).unwrap().request else { panic!("a connect") };
    assert_eq!(request.subs.len(), 9_000);

    // One field again and again: the last counts, and the others are gone.
    let message = [[8, 9].repeat(30_000), vec![8, 1, 0x2a, 3, 0x0a, 1, b'a']].concat();
    assert_eq!(read(&message), Ok(subscribe_to("a")));
}

#[test]
fn empty_messages_beyond_the_bound_are_refused_and_one_that_is_broken_spoils_its_frame() {
    assert_eq!(decode_commands(&[0; COMMANDS_PER_FRAME_MAX]).unwrap().len(), COMMANDS_PER_FRAME_MAX);
    assert_eq!(decode_commands(&[0; COMMANDS_PER_FRAME_MAX + 1]), Err(DecodeError::TooMany));
    assert_eq!(decode_commands(&[0, 0, 1, 8]), Err(DecodeError::Malformed));
}
