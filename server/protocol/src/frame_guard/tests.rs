use super::*;
use proptest::prelude::*;

const BOUNDS: MessageBounds = MessageBounds { max_bytes: 300, max_fragments: 8 };
const MASK: [u8; 4] = [1, 2, 3, 4];
const BINARY_END: u8 = 0x82;
const TEXT_END: u8 = 0x81;

/// A frame as a client sends it: masked, its length in the shortest form that is at least `form`.
fn frame(first: u8, payload: &[u8], form: u8) -> Vec<u8> {
    let length = payload.len();
    let mut bytes = vec![first];
    match form {
        0 if length < 126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        0 | 1 if length < 65_536 => {
            bytes.push(0x80 | 0x7e);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 0x7f);
            bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// Shows a stream in pieces; answers the refusal, with its lawful bytes counted from the beginning of the stream.
fn look(stream: &[u8], cuts: &[usize]) -> Result<(), Refusal> {
    let mut guard = FrameGuard::new(BOUNDS);
    let mut shown = 0;
    for cut in cuts.iter().cycle() {
        if shown == stream.len() {
            break;
        }
        let end = (shown + cut).min(stream.len());
        guard.look(&stream[shown..end]).map_err(|refusal| Refusal {
            lawful_bytes: shown + refusal.lawful_bytes,
            reason: refusal.reason,
        })?;
        shown = end;
    }
    Ok(())
}

fn reason(stream: &[u8]) -> Option<Disconnect> {
    look(stream, &[stream.len().max(1)]).err().map(|refusal| refusal.reason)
}

proptest! {
    #[test]
    fn lawful_messages_pass_however_they_are_cut(
        frames in prop::collection::vec((0usize..300, 0u8..3), 1..20),
        texts in prop::collection::vec("\\PC{0,40}", 1..20),
        cuts in prop::collection::vec(1usize..50, 1..20),
    ) {
        let mut stream: Vec<u8> = frames.iter().flat_map(|(l, f)| frame(BINARY_END, &vec![0xff; *l], *f)).collect();
        stream.extend(texts.iter().flat_map(|text| frame(TEXT_END, text.as_bytes(), 0)));
        prop_assert_eq!(look(&stream, &cuts), Ok(()));
    }

    #[test]
    fn a_text_may_be_cut_anywhere_into_fragments_with_pings_between(
        text in "\\PC{2,60}",
        at in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(1usize..9, 1..9),
    ) {
        let (one, other) = text.as_bytes().split_at(at.index(text.len()));
        let stream = [frame(0x01, one, 0), frame(0x89, &[0xff], 0), frame(0x80, other, 0)].concat();
        prop_assert_eq!(look(&stream, &cuts), Ok(()));
    }

    #[test]
    fn what_comes_before_the_frame_at_fault_is_lawful(
        before in prop::collection::vec((0usize..300, 0u8..3), 0..10),
        length in 301u64..,
        cut in 1usize..20,
    ) {
        let mut stream: Vec<u8> = before.iter().flat_map(|(l, f)| frame(BINARY_END, &vec![0; *l], *f)).collect();
        let lawful = stream.len();
        stream.extend([BINARY_END, 0xff]);
        stream.extend(length.to_be_bytes());
        stream.extend(MASK);
        let refusal = look(&stream, &[cut]).unwrap_err();
        prop_assert_eq!(refusal.reason, Disconnect::FrameTooLarge);
        // Bytes of the header that were shown before it was complete count as passed.
        prop_assert!(refusal.lawful_bytes >= lawful && refusal.lawful_bytes < lawful + HEADER_MAX);
        prop_assert_eq!(look(&stream, &[stream.len()]).unwrap_err().lawful_bytes, lawful);
    }

    #[test]
    fn fragments_count_together_and_control_frames_between_them_do_not(
        fragments in prop::collection::vec(1usize..100, 2..8),
    ) {
        let mut stream = Vec::new();
        for (index, length) in fragments.iter().enumerate() {
            stream.extend(frame(if index == 0 { 0x02 } else { 0x00 }, &vec![0; *length], 0));
            stream.extend(frame(0x89, &[0; 100], 0));
        }
        let too_large = fragments.iter().sum::<usize>() > 300;
        prop_assert_eq!(reason(&stream), too_large.then_some(Disconnect::FrameTooLarge));
    }

    #[test]
    fn a_reserved_bit_is_a_protocol_error(bit in 4u8..7) {
        prop_assert_eq!(reason(&frame(TEXT_END | 1 << bit, b"hello", 0)), Some(Disconnect::WebSocketProtocol));
    }

    #[test]
    fn bytes_are_text_exactly_if_they_are_utf8(bytes in prop::collection::vec(any::<u8>(), 0..40), cut in 1usize..9) {
        let verdict = look(&frame(TEXT_END, &bytes, 0), &[cut]).map_err(|refusal| refusal.reason);
        let expected = if std::str::from_utf8(&bytes).is_ok() { Ok(()) } else { Err(Disconnect::NotUtf8) };
        prop_assert_eq!(verdict, expected);
    }

    #[test]
    fn any_bytes_are_passed_or_refused(stream in prop::collection::vec(any::<u8>(), 0..200), cut in 1usize..20) {
        if let Err(refusal) = look(&stream, &[cut]) {
            prop_assert!(refusal.lawful_bytes <= stream.len());
        }
    }
}

#[test]
fn more_fragments_than_the_bound_are_refused_even_if_they_are_empty() {
    let fragments = |count: usize| [frame(0x01, b"", 0), frame(0x00, b"", 0).repeat(count - 1)].concat();
    assert_eq!(reason(&fragments(8)), None);
    assert_eq!(reason(&fragments(9)), Some(Disconnect::TooManyFragments));
}

#[test]
fn a_new_message_counts_from_the_beginning() {
    let message = [frame(0x02, &[0; 200], 0), frame(0x80, &[0; 100], 0)].concat();
    assert_eq!(reason(&message.repeat(3)), None);
}

#[test]
fn a_wrong_byte_of_text_is_refused_before_its_frame_is_complete() {
    let whole = frame(TEXT_END, b"ab\xffcdefgh", 0);
    assert_eq!(reason(&whole[..9]), Some(Disconnect::NotUtf8));
}

#[test]
fn a_character_that_never_ends_is_refused_with_its_message() {
    assert_eq!(reason(&frame(TEXT_END, "é".as_bytes().split_at(1).0, 0)), Some(Disconnect::NotUtf8));
}
