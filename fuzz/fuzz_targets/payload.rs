//! A payload: one JSON text within the bound, that passes through both encodings untouched and breaks no frame.
#![no_main]

use holdfast_fuzz::json_grammar;
use holdfast_fuzz::written::{Heard, hear_json, hear_protobuf};
use libfuzzer_sys::fuzz_target;
use protocol::limits::{NESTING_MAX_LEVELS, PAYLOAD_MAX_BYTES};
use protocol::{ChannelName, Encoding, InvalidPayload, Offset, Payload, Publication, Push, Timestamp, rpc};
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let shape = json_grammar::shape(bytes).filter(|shape| shape.count == 1);
    let is_small = bytes.len() <= PAYLOAD_MAX_BYTES;
    let regular = shape.is_some_and(|shape| shape.depth <= NESTING_MAX_LEVELS && !shape.name_twice);
    let taken = Payload::from_client(bytes);
    assert_eq!(taken.is_ok(), is_small && regular, "regular JSON within the bound alone is taken");
    assert_eq!(taken == Err(InvalidPayload::TooLarge), !is_small);
    let Ok(data) = Payload::parse(bytes) else {
        return assert!(!is_small || shape.is_none(), "JSON is read");
    };
    assert!(is_small && shape.is_some());
    let one_line: Vec<u8> = bytes.iter().map(|b| if b"\r\n".contains(b) { b' ' } else { *b }).collect();
    assert_eq!(data.as_str().as_bytes(), one_line.trim_ascii(), "only raw line breaks change");
    assert_eq!(Payload::parse(data.as_str().as_bytes()).as_ref(), Ok(&data));
    drop(rpc::id_inside(&data));
    drop(rpc::publish_argument(data.as_str()));

    let publication =
        Publication { data, info: None, offset: Offset::new(7), key: None, time: Timestamp::default() };
    let expected = publication.data.as_str().to_owned();
    let push = Push::Publication(ChannelName::bulletins_all(), Arc::new(publication));
    let frames = vec![Encoding::Json.encode_push(&push); 2];
    for line in Encoding::Json.join(&frames).split(|b| *b == b'\n') {
        is_pushed(hear_json(line), &expected);
    }
    let frames = vec![Encoding::Protobuf.encode_push(&push); 2];
    let joined = Encoding::Protobuf.join(&frames);
    let mut rest = &*joined;
    is_pushed(hear_protobuf(&mut rest), &expected);
    is_pushed(hear_protobuf(&mut rest), &expected);
    assert!(rest.is_empty());
});

fn is_pushed(heard: Heard, expected: &str) {
    let Heard::Publication(channel, (offset, data)) = heard else { panic!("a publication") };
    assert_eq!((&*channel, offset, &*data), ("bulletins:all", 7, expected));
}
