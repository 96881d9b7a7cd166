//! A client that reads when it wants: a WebSocket over a plain socket, with a receive buffer of its choice.

use crate::node::TestNode;
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct RawClient {
    pub(crate) socket: TcpStream,
    /// Bytes that were read and not yet taken apart.
    buffer: VecDeque<u8>,
    messages: VecDeque<Value>,
    /// All that ever came, with the head of the upgrade.
    pub(crate) taken_bytes: u64,
}

/// The other side ended it: the close code, if there was one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended(pub(crate) Option<u16>);

impl RawClient {
    /// Upgrades and connects. The kernel takes `receive_bytes` (twice that) for a client that does not read.
    pub(crate) fn connect(node: &TestNode, token: &str, receive_bytes: usize) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(receive_bytes).unwrap();
        socket.connect(&node.address.into()).unwrap();
        let mut socket = TcpStream::from(socket);
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
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
        let taken_bytes = u64::try_from(head.len()).unwrap();
        let mut client = Self { socket, buffer: VecDeque::new(), messages: VecDeque::new(), taken_bytes };
        client.send(&json!({"id": 1, "connect": {"token": token}}));
        assert!(client.next().unwrap()["connect"].is_object());
        client
    }

    pub(crate) fn subscribe(&mut self, channel: &str) {
        self.send(&json!({"id": 2, "subscribe": {"channel": channel}}));
        while self.next().unwrap()["subscribe"].is_null() {}
    }

    /// A text frame, masked with zeros.
    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let mut frame = vec![0x81, 0x80 | 0x7e];
        frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        // Whether it went is seen when the answer is read.
        drop(self.socket.write_all(&frame));
    }

    /// The next message; pings are answered.
    pub(crate) fn next(&mut self) -> Result<Value, Ended> {
        loop {
            match self.messages.pop_front() {
                Some(message) if message == json!({}) => self.send(&json!({})),
                Some(message) => return Ok(message),
                None => self.take_frame()?,
            }
        }
    }

    /// Reads as many bytes as are there, `max` at most; answers how many, 0 for none in time.
    pub(crate) fn read_some(&mut self, max: usize, patience: Duration) -> Result<usize, Ended> {
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let mut bytes = vec![0; max];
        match self.socket.read(&mut bytes) {
            Ok(0) => Err(Ended(None)),
            Ok(count) => {
                self.buffer.extend(&bytes[..count]);
                self.taken_bytes += u64::try_from(count).unwrap();
                Ok(count)
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(0),
            Err(_) => Err(Ended(None)),
        }
    }

    /// Reads until the other side closes.
    pub(crate) fn until_end(&mut self) {
        loop {
            assert_ne!(self.read_some(64 * 1024, PATIENCE).unwrap_or(usize::MAX), 0, "it does not end");
            if let Ok(0) = self.socket.peek(&mut [0]) {
                return;
            }
        }
    }

    fn need(&mut self, count: usize) -> Result<Vec<u8>, Ended> {
        while self.buffer.len() < count {
            assert_ne!(self.read_some(64 * 1024, PATIENCE)?, 0, "nothing came");
        }
        Ok(self.buffer.drain(..count).collect())
    }

    fn take_frame(&mut self) -> Result<(), Ended> {
        let header = self.need(2)?;
        let length = match header[1] {
            126 => u64::from(u16::from_be_bytes(self.need(2)?.try_into().unwrap())),
            127 => u64::from_be_bytes(self.need(8)?.try_into().unwrap()),
            short => u64::from(short),
        };
        let payload = self.need(usize::try_from(length).unwrap())?;
        match header[0] {
            0x81 => {
                let text = std::str::from_utf8(&payload).unwrap();
                self.messages
                    .extend(text.split('\n').map(|line| serde_json::from_str::<Value>(line).unwrap()));
                Ok(())
            }
            0x88 => Err(Ended(payload.first_chunk().map(|code| u16::from_be_bytes(*code)))),
            first => panic!("an unexpected frame {first:#x}"),
        }
    }
}
