//! A Protobuf frame: what is accepted stays within the bound, survives being written again, and JSON says the same.
#![no_main]

use holdfast_fuzz::written::{as_both_can_say, json, protobuf};
use libfuzzer_sys::fuzz_target;
use protocol::Encoding::{Json, Protobuf};
use protocol::limits::COMMANDS_PER_FRAME_MAX;

fuzz_target!(|frame: &[u8]| {
    let Ok(commands) = Protobuf.decode_commands(frame) else { return };
    assert!((1..=COMMANDS_PER_FRAME_MAX).contains(&commands.len()));
    let again: Vec<u8> = commands.iter().flat_map(protobuf).collect();
    let read = Protobuf.decode_commands(&again).expect("what is written can be read");
    let both: Vec<_> = commands.into_iter().map(as_both_can_say).collect();
    assert_eq!(read.into_iter().map(as_both_can_say).collect::<Vec<_>>(), both);
    for command in both {
        if let Some(in_json) = json(&command) {
            assert_eq!(Json.decode_commands(in_json.as_bytes()), Ok(vec![command]));
        }
    }
});
