//! A payload: one JSON text within the bound, that passes through both encodings untouched and breaks no frame.
#![no_main]

use holdfast_fuzz::json_grammar;
use holdfast_fuzz::written::{Heard, hear_json, hear_protobuf};
use libfuzzer_sys::fuzz_target;
use protocol::limits::PAYLOAD_MAX_BYTES;
use protocol::{ChannelName, Encoding, InvalidPayload, Offset, Payload, Publication, Push, Timestamp, rpc};
use std::sync::Arc;

fuzz_target!(|bytes: &[u8]| {
    let is_json = json_grammar::count(bytes) == Some(1);
    let data = match Payload::parse(bytes) {
        Ok(data) => data,
        Err(InvalidPayload::TooLarge) => return assert!(bytes.len() > PAYLOAD_MAX_BYTES),
        Err(InvalidPayload::NotJson) => return assert!(!is_json, "JSON is taken"),
    };
    assert!(is_json && bytes.len() <= PAYLOAD_MAX_BYTES, "JSON within the bound alone is taken");
    let one_line: Vec<u8> = bytes.iter().map(|b| if b"\r\n".contains(b) { b' ' } else { *b }).collect();
    assert_eq!(data.as_str().as_bytes(), one_line.trim_ascii(), "only raw line breaks change");
    assert_eq!(Payload::parse(data.as_str().as_bytes()).as_ref(), Ok(&data));
    drop(rpc::id_inside(&data));
    drop(rpc::publish_argument(data.as_str()));

    let publication = Publication { data, info: None, offset: Offset::new(7), time: Timestamp::default() };
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
