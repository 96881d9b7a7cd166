//! Commands that make no sense, in frames that are in order. Each ends the connection with its code, or is answered
//! with an error, or is harmless; the server goes on in every case.

use super::raw::{Peer, Said, frame, text};
use crate::node::{Start, TestNode, token};
use serde_json::json;
use std::path::Path;

/// What comes of a command with the id 2.
#[derive(Debug, PartialEq)]
enum Comes {
    Close(u16),
    Error(u64),
    Result,
}
use Comes::{Close, Error, Result};

/// What comes of a member's frame: the end, or the answer to its command 2.
fn comes_of(node: &TestNode, token: &str, bytes: &[u8]) -> Comes {
    let mut peer = Peer::identified(node.address, token);
    peer.send(bytes);
    comes(&mut peer)
}

fn comes(peer: &mut Peer) -> Comes {
    match peer.answered() {
        Said::Closed(code) => Close(code.unwrap()),
        Said::Message(message) => {
            assert_eq!(message["id"], json!(2), "{message}");
            message["error"]["code"].as_u64().map_or(Result, Error)
        }
    }
}

fn start(data: &Path) -> (TestNode, String) {
    let node = Start::embedded(data).run();
    (node, token(data, &["--sub", "m_1", "--teams", "street"]))
}

#[test]
fn before_connect_nothing_else_is_heard() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let connect = json!({"id": 1, "connect": {"token": token}});
    let without_id = json!({"connect": {"token": token}});
    for (text_of_frame, code) in [
        (json!({"id": 1, "subscribe": {"channel": "bulletins:all"}}).to_string(), 3501),
        (json!({"id": 1, "publish": {"channel": "teams:street", "data": 1}}).to_string(), 3501),
        (json!({"id": 1, "rpc": {"method": "publish"}}).to_string(), 3501),
        (json!({"id": 1, "refresh": {"token": token}}).to_string(), 3501),
        (json!({"send": {}}).to_string(), 3501),
        ("{}".into(), 3501),
        (without_id.to_string(), 3501),
        (json!({"id": 1, "connect": {}}).to_string(), 3501),
        (json!({"id": 1, "connect": {"token": ""}}).to_string(), 3501),
        (json!({"id": 1, "connect": {"token": 7}}).to_string(), 3501),
        (json!({"id": 1, "connect": {"token": "nonsense"}}).to_string(), 3500),
        // A frame is read as a whole before any of it is done.
        (format!("{connect}\n{{\"id\":2,"), 3501),
    ] {
        let mut peer = Peer::upgraded(node.address);
        peer.send(&text(&text_of_frame));
        assert_eq!(peer.said(), Said::Closed(Some(code)), "{text_of_frame}");
    }
}

#[test]
fn a_command_that_makes_no_sense_has_its_code() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let second_connect = json!({"id": 2, "connect": {"token": token}}).to_string();
    let long = json!({"id": 2, "subscribe": {"channel": "a".repeat(256)}}).to_string();
    for (command, expected) in [
        (r#"{"id":2,"nonsense":{}}"#, Close(3501)),
        (r#"{"nonsense":{}}"#, Close(3501)),
        (r#"{"id":2}"#, Close(3501)),
        (second_connect.as_str(), Close(3501)),
        (r#"{"subscribe":{"channel":"bulletins:all"}}"#, Close(3501)),
        (r#"{"rpc":{"method":"publish"}}"#, Close(3501)),
        (r#"{"send":{}}"#, Close(3508)),
        // An answer to a ping that was not sent.
        ("{}", Close(3501)),
        (r#"{"id":2,"refresh":{}}"#, Close(3501)),
        (r#"{"id":2,"refresh":{"token":"nonsense"}}"#, Close(3500)),
        (r#"{"id":2,"subscribe":{"channel":""}}"#, Close(3501)),
        (r#"{"id":2,"subscribe":{"channel":"nonsense"}}"#, Error(102)),
        (long.as_str(), Error(107)),
        (r#"{"id":2,"subscribe":{"channel":"inbox#*"}}"#, Error(107)),
        (r#"{"id":2,"subscribe":{"channel":"a\r\nSET x y"}}"#, Error(107)),
        (r#"{"id":2,"subscribe":{"channel":"{slot}"}}"#, Error(107)),
        (r#"{"id":2,"subscribe":{"channel":"\u001b[2J"}}"#, Error(107)),
        (r#"{"id":2,"subscribe":{"channel":"inbox#m_2"}}"#, Error(103)),
        (r#"{"id":2,"subscribe":{"channel":"teams:other"}}"#, Error(103)),
        (r#"{"id":2,"publish":{"channel":"bulletins:all","data":1}}"#, Error(103)),
        (r#"{"id":2,"publish":{"channel":"service:status","data":1}}"#, Error(103)),
        (r#"{"id":2,"publish":{"channel":"teams:street"}}"#, Error(107)),
        (r#"{"id":2,"rpc":{"method":"__proto__"}}"#, Error(104)),
        (r#"{"id":2,"rpc":{"method":"publish","data":[]}}"#, Error(107)),
        (
            r#"{"id":2,"rpc":{"method":"publish","data":{"channel":"teams:street","data":1,"x":1}}}"#,
            Error(107),
        ),
        (r#"{"id":2,"presence":{"channel":"teams:street"}}"#, Error(108)),
        // Of two requests the first in the protocol's order counts.
        (r#"{"id":2,"rpc":{"method":"nonsense"},"subscribe":{"channel":"teams:other"}}"#, Error(103)),
    ] {
        assert_eq!(comes_of(&node, &token, &text(command)), expected, "{command}");
    }
}

#[test]
fn what_is_no_command_is_closed_with_3501() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        r#"{"id":2,"rpc":{"method":"x"}}"#.encode_utf16().flat_map(bytes).collect()
    };
    let good = r#"{"id":2,"rpc":{"method":"x"}}"#;
    let mut cases: Vec<Vec<u8>> = [
        "[]",
        "\"x\"",
        "1",
        "null",
        "nonsense",
        "{",
        "}",
        "{]",
        "{'id':2}",
        "{\"id\":NaN}",
        "// {}",
        r#"{"id":2,"rpc":{"method":"x"},}"#,
        r#"{"id":2,"rpc":{"method""#,
        r#"[2,{"method":"x"}]"#,
        r#"{"ID":2,"RPC":{"method":"x"}}"#,
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    cases.push(format!("{good}garbage").into_bytes());
    cases.push(format!("{good}\0").into_bytes());
    cases.push(format!("{good},{good}").into_bytes());
    cases.push(format!("\u{feff}{good}").into_bytes());
    cases.push(utf_16(u16::to_le_bytes));
    cases.push(utf_16(u16::to_be_bytes));
    cases.push("{\"id\":2,\"rpc\":{\"method\":\"a\0b\"}}".as_bytes().to_vec());
    for bytes in cases {
        let comes = comes_of(&node, &token, &frame(super::raw::TEXT, &bytes));
        assert_eq!(comes, Close(3501), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn numbers_that_do_not_fit_are_closed_with_3501_and_those_that_just_fit_are_not() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    for id in ["4294967296", "-1", "-0.0", "2.0", "2e0", "1e400", "\"2\"", "null", "[2]", "02"] {
        let command = format!(r#"{{"id":{id},"rpc":{{"method":"x"}}}}"#);
        assert_eq!(comes_of(&node, &token, &text(&command)), Close(3501), "{command}");
    }
    for offset in ["18446744073709551616", "-1", "1.5", "1e400", "\"1\""] {
        let command = format!(r#"{{"id":2,"subscribe":{{"channel":"teams:street","offset":{offset}}}}}"#);
        assert_eq!(comes_of(&node, &token, &text(&command)), Close(3501), "{command}");
    }
    for limit in ["2147483648", "-2147483649", "1.0"] {
        let command = format!(r#"{{"id":2,"history":{{"channel":"teams:street","limit":{limit}}}}}"#);
        assert_eq!(comes_of(&node, &token, &text(&command)), Close(3501), "{command}");
    }
    for fits in [
        r#"{"id":2,"subscribe":{"channel":"teams:street","recover":true,"offset":18446744073709551615}}"#,
        r#"{"id":2,"history":{"channel":"teams:street","limit":-2147483648}}"#,
        r#"{"id":2,"history":{"channel":"teams:street","limit":2147483647}}"#,
    ] {
        assert_eq!(comes_of(&node, &token, &text(fits)), Result, "{fits}");
    }
    let mut peer = Peer::identified(node.address, &token);
    peer.send(&text(r#"{"id":4294967295,"rpc":{"method":"x"}}"#));
    let Said::Message(reply) = peer.answered() else { panic!("closed") };
    assert_eq!(reply["id"], json!(u32::MAX));
}

#[test]
fn half_letters_and_nuls_reach_no_name() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    for (command, expected) in [
        (r#"{"id":2,"subscribe":{"channel":"\ud800"}}"#, Close(3501)),
        (r#"{"id":2,"rpc":{"method":"\udc00"}}"#, Close(3501)),
        (r#"{"id":2,"rpc":{"method":"\u0000"}}"#, Error(104)),
        (r#"{"id":2,"subscribe":{"channel":"a\u0000b"}}"#, Error(107)),
        (r#"{"id":2,"rpc":{"method":"publish","data":{"channel":"\ud800","data":1}}}"#, Error(107)),
        (r#"{"id":2,"rpc":{"method":"publish","data":{"channel":"a\u0000","data":1}}}"#, Error(107)),
    ] {
        assert_eq!(comes_of(&node, &token, &text(command)), expected, "{command}");
    }
}

#[test]
fn a_name_that_stands_twice_in_a_command_is_closed_with_3501_and_in_an_argument_answered_with_107() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    for (command, expected) in [
        (r#"{"id":2,"id":3,"rpc":{"method":"x"}}"#, Close(3501)),
        (r#"{"id":2,"rpc":{"method":"x"},"rpc":{"method":"y"}}"#, Close(3501)),
        (r#"{"id":2,"rpc":{"method":"x","method":"y"}}"#, Close(3501)),
        (r#"{"id":2,"subscribe":{"channel":"teams:street","channel":"inbox#m_2"}}"#, Close(3501)),
        (r#"{"id":2,"subscribe":{"channel":"teams:street","\u0063hannel":"inbox#m_2"}}"#, Close(3501)),
        (
            r#"{"id":2,"rpc":{"method":"publish","data":{"channel":"teams:street","channel":"bulletins:all","data":1}}}"#,
            Error(107),
        ),
    ] {
        assert_eq!(comes_of(&node, &token, &text(command)), expected, "{command}");
    }
}

#[test]
fn depth_ends_where_the_frame_ends() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let hundred_thousand = format!(r#"{{"id":2,"rpc":{{"method":"publish","data":{}}}}}"#, deep(100_000));
    assert_eq!(comes_of(&node, &token, &text(&hundred_thousand)), Close(1009));
    let open = r#"{"id":2,"rpc":"#.repeat(4_000);
    for text_of_frame in ["[".repeat(64 * 1_024), deep(32 * 1_024), open, r#"{"x":"#.repeat(10_000)] {
        assert_eq!(comes_of(&node, &token, &text(&text_of_frame)), Close(3501));
    }
    let in_an_argument = format!(r#"{{"id":2,"rpc":{{"method":"publish","data":{}}}}}"#, deep(30_000));
    assert_eq!(comes_of(&node, &token, &text(&in_an_argument)), Error(107));
}

#[test]
fn a_frame_takes_256_commands_and_not_one_more() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let commands = |count: usize| {
        let one = |id: usize| json!({"id": id, "rpc": {"method": "x"}}).to_string();
        (0..count).map(|at| one(at + 2)).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(comes_of(&node, &token, &text(&commands(257))), Close(3501));
    let mut peer = Peer::identified(node.address, &token);
    peer.send(&text(&commands(256)));
    for id in 0..256u64 {
        let Said::Message(reply) = peer.answered() else { panic!("closed at {id}") };
        assert_eq!((&reply["id"], &reply["error"]["code"]), (&json!(id + 2), &json!(104)));
    }
}

#[test]
fn a_frame_without_commands_is_closed_with_3501_and_blanks_around_commands_are_harmless() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    for empty in ["", "\n", "\n\n \t\r\n"] {
        assert_eq!(comes_of(&node, &token, &text(empty)), Close(3501), "{empty:?}");
    }
    let mut peer = Peer::identified(node.address, &token);
    peer.send(&text(
        "\r\n{\"id\":3,\"rpc\":{\"method\":\"x\"}}\r\n \n{\"id\":2,\"rpc\":{\"method\":\"x\"}}\n",
    ));
    let Said::Message(reply) = peer.answered() else { panic!("closed") };
    assert_eq!(reply["id"], json!(3));
    assert_eq!(comes(&mut peer), Error(104));
}

#[test]
fn a_field_that_nobody_knows_is_passed_over() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let command = r#"{"__proto__":{"id":9},"constructor":1,"id":2,"rpc":{"method":"x","later":true}}"#;
    assert_eq!(comes_of(&node, &token, &text(command)), Error(104));
}

#[test]
fn a_name_that_stands_twice_anywhere_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    for (command, expected) in [
        (r#"{"id":2,"x":1,"x":2,"rpc":{"method":"x"}}"#, Close(3501)),
        (r#"{"id":2,"rpc":{"method":"x","later":1,"later":2}}"#, Close(3501)),
        (r#"{"id":2,"publish":{"channel":"teams:street","data":{"id":"a","id":"b"}}}"#, Error(107)),
        (r#"{"id":2,"publish":{"channel":"teams:street","data":[{"a":{"b":1,"\u0062":2}}]}}"#, Error(107)),
        (
            r#"{"id":2,"rpc":{"method":"publish","data":{"channel":"teams:street","data":{"a":1,"a":1}}}}"#,
            Error(107),
        ),
    ] {
        assert_eq!(comes_of(&node, &token, &text(command)), expected, "{command}");
    }
    let subs = r#"{"bulletins:all":{"offset":1},"bulletins:all":{"offset":2}}"#;
    let mut peer = Peer::upgraded(node.address);
    peer.send(&text(&format!(r#"{{"id":1,"connect":{{"token":"{token}","subs":{subs}}}}}"#)));
    assert_eq!(peer.said(), Said::Closed(Some(3501)), "the same subscription twice");
}

#[test]
fn what_is_nested_deeper_than_64_levels_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let (node, token) = start(data.path());
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let publish = |data: &str| format!(r#"{{"id":2,"publish":{{"channel":"teams:street","data":{data}}}}}"#);
    assert_eq!(comes_of(&node, &token, &text(&publish(&nested(60)))), Result);
    for levels in [70, 16_000] {
        assert_eq!(comes_of(&node, &token, &text(&publish(&nested(levels)))), Error(107), "{levels}");
        let unknown = format!(r#"{{"id":2,"later":{},"rpc":{{"method":"x"}}}}"#, nested(levels));
        assert_eq!(comes_of(&node, &token, &text(&unknown)), Close(3501), "{levels} in the command");
    }
}
