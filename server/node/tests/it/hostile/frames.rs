//! Frames that RFC 6455 does not allow, or that are larger than we take.

use super::raw::{
    BINARY, CLOSE, FIN, LONG, MEDIUM, PING, PONG, Peer, Said, TEXT, code_after, frame, header, text,
};
use crate::node::{Start, token};
use serde_json::json;

const FRAME_MAX_BYTES: usize = 64 * 1_024;

#[test]
fn what_breaks_the_framing_is_closed_with_1002() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let mut cases: Vec<(String, Vec<u8>)> = Vec::new();
    cases.push(("no mask".into(), vec![TEXT, 2, b'{', b'}']));
    cases.push(("no mask on a ping".into(), vec![PING, 0]));
    for bit in [0x40, 0x20, 0x10] {
        cases.push((format!("reserved bit {bit:#x}"), frame(TEXT | bit, b"{}")));
        cases.push((format!("reserved bit {bit:#x} on a ping"), frame(PING | bit, b"")));
    }
    for opcode in (0x3..=0x7).chain(0xb..=0xf) {
        cases.push((format!("opcode {opcode:#x}"), frame(FIN | opcode, b"")));
        cases.push((format!("opcode {opcode:#x} with a payload"), frame(FIN | opcode, b"{}")));
    }
    for control in [CLOSE, PING, PONG] {
        cases.push((format!("{control:#x} of 126 bytes"), frame(control, &[0x03; 126])));
        cases.push((format!("{control:#x} in fragments"), frame(control & !FIN, b"")));
    }
    cases.push(("a continuation of nothing".into(), frame(FIN, b"{}")));
    cases.push(("a continuation of nothing that goes on".into(), frame(0, b"{}")));
    let inside = [frame(TEXT & !FIN, b"{"), text("{}")].concat();
    cases.push(("a message inside another".into(), inside));
    let inside = [frame(TEXT & !FIN, b"{"), frame(BINARY & !FIN, b"{")].concat();
    cases.push(("a fragment of a message inside another".into(), inside));
    cases.push(("a close of one byte".into(), frame(CLOSE, &[0x03])));
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, u16::MAX] {
        cases.push((format!("a close with {code}"), frame(CLOSE, &code.to_be_bytes())));
    }
    for (name, bytes) in cases {
        assert_eq!(code_after(node.address, &bytes), Some(1002), "{name}");
    }
}

#[test]
fn a_frame_that_declares_too_much_is_refused_before_it_is_sent() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let over = u64::try_from(FRAME_MAX_BYTES).unwrap() + 1;
    for length in [over, 4_000_000_000, 1 << 32, 1 << 63, u64::MAX] {
        assert_eq!(code_after(node.address, &header(TEXT, length)), Some(1009), "{length}");
    }
    let fragments = [frame(TEXT & !FIN, &vec![b' '; FRAME_MAX_BYTES]), header(FIN, 1)].concat();
    assert_eq!(code_after(node.address, &fragments), Some(1009), "together");
}

#[test]
fn a_frame_that_just_fits_is_read_in_one_piece_and_in_64() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let token = token(data.path(), &["--sub", "m_1"]);
    let mut connect = json!({"id": 1, "connect": {"token": token}}).to_string().into_bytes();
    connect.resize(FRAME_MAX_BYTES, b' ');
    let pieces: Vec<&[u8]> = connect.chunks(FRAME_MAX_BYTES / 64).collect();
    let fragment = |(at, piece): (usize, &&[u8])| {
        let first = if at == 0 { TEXT & !FIN } else { 0 };
        frame(if at == 63 { first | FIN } else { first }, piece)
    };
    let in_fragments: Vec<u8> = pieces.iter().enumerate().flat_map(fragment).collect();
    for bytes in [frame(TEXT, &connect), in_fragments] {
        let mut peer = Peer::upgraded(node.address);
        peer.send(&bytes);
        let said = peer.said();
        assert!(matches!(&said, Said::Message(message) if message.get("connect").is_some()), "{said:?}");
    }
}

#[test]
fn a_length_in_a_longer_form_than_it_needs_is_read() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let two = [&[PING, 0x80 | MEDIUM, 0, 2, 0, 0, 0, 0][..], b"hi"].concat();
    let eight = [&[PING, 0x80 | LONG, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0][..], b"ho"].concat();
    let mut peer = Peer::upgraded(node.address);
    for (bytes, pong) in [(two, b"hi"), (eight, b"ho")] {
        peer.send(&bytes);
        peer.hear_a_pong();
        assert_eq!(peer.pongs.last().unwrap(), pong);
    }
}

#[test]
fn a_text_that_is_not_utf_8_is_closed_with_1007() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for bytes in
        [&b"\xff"[..], b"{}\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xfe\xff\x00{"]
    {
        assert_eq!(code_after(node.address, &frame(TEXT, bytes)), Some(1007), "{bytes:x?}");
    }
    let across = [frame(TEXT & !FIN, b"{}\xc3"), frame(FIN, b"\x28")].concat();
    assert_eq!(code_after(node.address, &across), Some(1007), "across fragments");
}

#[test]
fn data_of_the_other_kind_is_closed_with_1003() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    assert_eq!(code_after(node.address, &frame(BINARY, b"{}")), Some(1003));
    let mut protobuf = Peer::connect(node.address);
    let head = super::raw::UPGRADE.replace("websocket HTTP", "websocket?cf_protocol=protobuf HTTP");
    protobuf.send(&[head.as_bytes(), b"\r\n", &text("{}")].concat());
    let answer = protobuf.rest();
    assert!(answer.windows(4).any(|some| some == [CLOSE, some[1], 0x03, 0xeb]), "{answer:x?}");
}

#[test]
fn a_close_is_answered_with_its_own_code_and_nothing_after_it() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for code in [1000, 1001, 1012, 3000, 4999u16] {
        let mut peer = Peer::upgraded(node.address);
        peer.send(&[frame(CLOSE, &code.to_be_bytes()), text("nonsense"), frame(PING, b"")].concat());
        assert_eq!(peer.rest(), [&[CLOSE, 2][..], &code.to_be_bytes()].concat());
    }
    let mut peer = Peer::upgraded(node.address);
    peer.send(&frame(CLOSE, &[]));
    assert_eq!(peer.rest(), [CLOSE, 0]);
}

#[test]
fn a_message_in_more_than_64_fragments_is_closed_with_1008() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for piece in [&b" "[..], b""] {
        let fragments = [frame(TEXT & !FIN, piece), frame(0, piece).repeat(1_000)].concat();
        assert_eq!(code_after(node.address, &fragments), Some(1008), "of {} bytes", piece.len());
        let between = [frame(0, piece), frame(PING, b"")].concat().repeat(1_000);
        let with_pings = [frame(TEXT & !FIN, piece), between].concat();
        assert_eq!(code_after(node.address, &with_pings), Some(1008), "of {} bytes, with pings", piece.len());
    }
}

#[test]
fn what_cannot_become_utf_8_is_refused_before_the_rest_of_it_comes() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let fragment = frame(TEXT & !FIN, b"{}\xff");
    assert_eq!(code_after(node.address, &fragment), Some(1007), "in a fragment");
    let across = [frame(TEXT & !FIN, b"\xe2\x82"), frame(0, b"\x28")].concat();
    assert_eq!(code_after(node.address, &across), Some(1007), "across two fragments of more");
    let part = [header(TEXT, 1_000), b"{}\xff".to_vec()].concat();
    assert_eq!(code_after(node.address, &part), Some(1007), "in a part of a frame");
}

#[test]
fn a_message_in_front_of_a_broken_frame_is_answered_before_the_close() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let token = token(data.path(), &["--sub", "m_1"]);
    let question = text(r#"{"id":2,"rpc":{"method":"x"}}"#);
    for (broken, code) in [
        (frame(TEXT | 0x40, b"{}"), 1002),
        (frame(FIN | 0x3, b"{}"), 1002),
        (vec![TEXT, 2, b'{', b'}'], 1002),
        (frame(FIN, b"{}"), 1002),
        (frame(CLOSE, &[0x03]), 1002),
        (header(TEXT, 1 << 40), 1009),
        (frame(TEXT, b"\xff"), 1007),
        (frame(BINARY, b"{}"), 1003),
        (text("nonsense"), 3501),
    ] {
        let mut peer = Peer::identified(node.address, &token);
        peer.send(&[&question[..], &broken].concat());
        let said = peer.answered();
        assert!(matches!(&said, Said::Message(message) if message["id"] == json!(2)), "{code}: {said:?}");
        assert_eq!(peer.close_code(), Some(code));
    }
}
