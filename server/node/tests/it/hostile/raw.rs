//! A peer that writes what it likes, byte by byte, and sees every byte that comes back.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

pub(super) const TEXT: u8 = 0x81;
pub(super) const BINARY: u8 = 0x82;
pub(super) const CLOSE: u8 = 0x88;
pub(super) const PING: u8 = 0x89;
pub(super) const PONG: u8 = 0x8a;
/// Without this bit a frame is not the last of its message.
pub(super) const FIN: u8 = 0x80;
/// In the place of a length: it follows in two bytes, or in eight.
pub(super) const MEDIUM: u8 = 0x7e;
pub(super) const LONG: u8 = 0x7f;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The head of a good upgrade, without the empty line that ends it.
pub(super) const UPGRADE: &str = "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A frame as a client sends it, in the shortest form, masked with zeros.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(first, u64::try_from(payload.len()).unwrap());
    bytes.extend(payload);
    bytes
}

/// The header of such a frame.
pub(super) fn header(first: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < MEDIUM => bytes.push(0x80 | short),
        (_, Ok(medium)) => {
            bytes.push(0x80 | MEDIUM);
            bytes.extend(medium.to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | LONG);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes
}

/// A text frame.
pub(super) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

pub(super) struct Peer {
    socket: TcpStream,
    waiting: VecDeque<Value>,
    pub(super) pongs: Vec<Vec<u8>>,
}

/// What a WebSocket's server said.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Message(Value),
    /// The connection is over: the close code, if there was one.
    Closed(Option<u16>),
}

impl Peer {
    /// A connection on which nothing was said.
    pub(super) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut peer = Self { socket, waiting: VecDeque::new(), pongs: Vec::new() };
        peer.have_patience(PATIENCE);
        peer
    }

    /// A WebSocket on which nothing was said.
    pub(super) fn upgraded(address: SocketAddr) -> Self {
        let mut peer = Self::connect(address);
        peer.send(format!("{UPGRADE}\r\n").as_bytes());
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            peer.socket.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        peer
    }

    /// A member's WebSocket, connected.
    pub(super) fn identified(address: SocketAddr, token: &str) -> Self {
        let mut peer = Self::upgraded(address);
        peer.send(&text(&json!({"id": 1, "connect": {"token": token}}).to_string()));
        let said = peer.said();
        assert!(matches!(&said, Said::Message(message) if message.get("connect").is_some()), "{said:?}");
        peer
    }

    /// The next message that is no push, or the end.
    pub(super) fn answered(&mut self) -> Said {
        loop {
            match self.said() {
                Said::Message(message) if message.get("push").is_some() => {}
                said @ (Said::Message(_) | Said::Closed(_)) => return said,
            }
        }
    }

    /// How long it waits for a byte, or to get rid of one, before it fails.
    pub(super) fn have_patience(&mut self, patience: Duration) {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        self.socket.set_write_timeout(Some(patience)).unwrap();
    }

    /// Writes; being cut off meanwhile is what an attacker expects.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        if let Err(error) = self.socket.write_all(bytes) {
            let cut_off = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
            assert!(cut_off.contains(&error.kind()), "{error}");
        }
    }

    /// Writes as much as is taken within its patience.
    pub(super) fn send_what_is_taken(&mut self, bytes: &[u8]) {
        drop(self.socket.write_all(bytes));
    }

    /// Says that nothing more comes.
    pub(super) fn finish(&mut self) {
        // The server may have closed the connection already.
        drop(self.socket.shutdown(Shutdown::Write));
    }

    /// Everything that comes until the other side closes, which it must.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.socket.read_to_end(&mut bytes) {
            Ok(_) => bytes,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => bytes,
            Err(error) => panic!("not closed: {error}; so far {}", String::from_utf8_lossy(&bytes)),
        }
    }

    /// The next message or the end. Pings are answered, other pushes are messages too.
    pub(super) fn said(&mut self) -> Said {
        loop {
            match self.waiting.pop_front() {
                Some(ping) if ping == json!({}) => self.send(&text("{}")),
                Some(message) => return Said::Message(message),
                None => match self.frame() {
                    Some((TEXT, bytes)) => {
                        let lines = std::str::from_utf8(&bytes).unwrap().split('\n');
                        self.waiting.extend(lines.map(|line| serde_json::from_str::<Value>(line).unwrap()));
                    }
                    Some((PONG, bytes)) => self.pongs.push(bytes),
                    Some((CLOSE, bytes)) => {
                        return Said::Closed(bytes.first_chunk().map(|code| u16::from_be_bytes(*code)));
                    }
                    Some((first, _)) => panic!("an unexpected frame {first:#x}"),
                    None => return Said::Closed(None),
                },
            }
        }
    }

    /// Waits for a pong.
    pub(super) fn hear_a_pong(&mut self) {
        match self.frame() {
            Some((PONG, bytes)) => self.pongs.push(bytes),
            other => panic!("no pong but {other:?}"),
        }
    }

    /// The close code with which the connection ends, whatever is said before.
    pub(super) fn close_code(&mut self) -> Option<u16> {
        loop {
            if let Said::Closed(code) = self.said() {
                return code;
            }
        }
    }

    /// The next frame: its first byte and its payload; nothing if the connection is over.
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let [first, length] = self.bytes(2)?.try_into().unwrap();
        let length = match length {
            MEDIUM => u64::from(u16::from_be_bytes(self.bytes(2)?.try_into().unwrap())),
            LONG => u64::from_be_bytes(self.bytes(8)?.try_into().unwrap()),
            short => u64::from(short),
        };
        Some((first, self.bytes(usize::try_from(length).unwrap())?))
    }

    fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        match self.socket.read_exact(&mut bytes) {
            Ok(()) => Some(bytes),
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
                None
            }
            Err(error) => panic!("nothing came: {error}"),
        }
    }
}

/// How a stranger's WebSocket ends after these bytes.
pub(super) fn code_after(address: SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut peer = Peer::upgraded(address);
    peer.send(bytes);
    peer.close_code()
}

/// The statuses of the HTTP answers in a stream.
pub(super) fn statuses(stream: &[u8]) -> Vec<u16> {
    let stream = String::from_utf8_lossy(stream);
    let starts = stream.split("HTTP/1.").skip(1);
    starts.filter_map(|answer| answer.get(2..5)?.parse().ok()).collect()
}

/// What is answered to bytes that must end the connection, sooner than an idle one ends by itself.
pub(super) fn refusal_of(address: SocketAddr, bytes: &[u8]) -> Vec<u16> {
    let mut peer = Peer::connect(address);
    peer.have_patience(Duration::from_secs(4));
    peer.send(bytes);
    statuses(&peer.rest())
}

/// What is answered to bytes after which nothing more comes.
pub(super) fn answers_to(address: SocketAddr, bytes: &[u8]) -> Vec<u16> {
    let mut peer = Peer::connect(address);
    peer.send(bytes);
    peer.finish();
    statuses(&peer.rest())
}
