//! A JSON frame: what is accepted is JSON, one object a command, within the bound, and Protobuf says the same.
#![no_main]

use holdfast_fuzz::json_grammar;
use holdfast_fuzz::written::{as_both_can_say, json, protobuf};
use libfuzzer_sys::fuzz_target;
use protocol::Encoding::{Json, Protobuf};
use protocol::limits::COMMANDS_PER_FRAME_MAX;

fuzz_target!(|frame: &[u8]| {
    let Ok(commands) = Json.decode_commands(frame) else { return };
    assert!((1..=COMMANDS_PER_FRAME_MAX).contains(&commands.len()));
    let shape = json_grammar::shape(frame).expect("what is accepted is JSON");
    assert_eq!(shape.count, commands.len());
    for command in commands {
        let in_json = json(&command).expect("what came as JSON can be said in JSON");
        assert_eq!(Json.decode_commands(in_json.as_bytes()).as_deref(), Ok(&[command.clone()][..]));
        let both = as_both_can_say(command);
        let read = Protobuf.decode_commands(&protobuf(&both)).expect("what is written can be read");
        let [read] = read.try_into().expect("one command");
        assert_eq!(as_both_can_say(read), both);
    }
});
