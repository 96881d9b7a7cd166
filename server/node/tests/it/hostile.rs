//! What a stranger may send, byte by byte, and what must not come of it.

use crate::node::{Start, TestNode};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;

/// A frame as a client sends it, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 126);
    let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
    bytes.extend(payload);
    bytes
}

/// A WebSocket that has been upgraded and says nothing.
fn upgraded(node: &TestNode) -> TcpStream {
    let mut socket = TcpStream::connect(node.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(
        socket,
        "GET /connection/websocket HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        node.address
    )
    .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    socket
}

/// Everything that comes until the other side closes.
fn rest(socket: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match socket.read_to_end(&mut bytes) {
        Ok(_) => bytes,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => bytes,
        Err(error) => panic!("{error}"),
    }
}

fn is_alive(node: &TestNode) -> bool {
    let mut socket = TcpStream::connect(node.address).unwrap();
    socket.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    rest(&mut socket).starts_with(b"HTTP/1.1 200")
}

#[test]
fn a_flood_of_pings_from_a_stranger_who_does_not_read_harms_nobody() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let mut socket = upgraded(&node);
    socket.set_write_timeout(Some(Duration::from_secs(5))).unwrap();
    // The first fill what waits for this reader, the others come on top of it.
    let flood = [frame(PING, &[b'x'; 125]).repeat(20_000), frame(PING, b"").repeat(300_000)].concat();
    match socket.write_all(&flood) {
        Ok(()) => {}
        Err(error) => assert!(matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::WouldBlock | ErrorKind::TimedOut
        )),
    }
    assert!(is_alive(&node));
}

#[test]
fn a_close_is_answered_with_its_own_code() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for (payload, answer) in [(&[0x03, 0xe8][..], &[CLOSE, 2, 0x03, 0xe8][..]), (&[], &[CLOSE, 0])] {
        let mut socket = upgraded(&node);
        socket.write_all(&frame(CLOSE, payload)).unwrap();
        assert_eq!(rest(&mut socket), answer);
    }
}

#[test]
fn a_frame_that_declares_too_much_is_refused_before_it_is_sent() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let mut socket = upgraded(&node);
    let mut header = vec![0x81, 0xff];
    header.extend(4_000_000_000u64.to_be_bytes());
    header.extend([0; 4]);
    socket.write_all(&header).unwrap();
    let said = rest(&mut socket);
    assert_eq!(said[..4], [CLOSE, said[1], 0x03, 0xf1], "close 1009");
}
