//! The frame guard beside the codec that reads behind it: what passes is never more than the bounds, however it is cut;
//! what is refused is at fault; what comes before it is whole.
#![no_main]

use actix_codec::Decoder;
use actix_http::ws::{Codec, Frame, Item, ProtocolError};
use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use protocol::Disconnect;
use protocol::frame_guard::{FrameGuard, MessageBounds};

/// Small, so that they are reached.
const BOUNDS: MessageBounds = MessageBounds { max_bytes: 300, max_fragments: 4 };
const CONTINUATION: u8 = 0;
/// Two bytes, a length of eight, a mask of four.
const HEADER_MAX: usize = 14;

// The first three bytes say how the stream is cut.
fuzz_target!(|input: &[u8]| {
    let Some((cuts, mut stream)) = input.split_first_chunk::<3>() else { return };
    let mut guard = FrameGuard::new(BOUNDS);
    let mut reader = Reader::default();
    for cut in cuts.iter().cycle() {
        if stream.is_empty() {
            return;
        }
        let (chunk, rest) = stream.split_at(stream.len().min(usize::from(*cut).max(1)));
        stream = rest;
        match guard.look(chunk) {
            Ok(()) => {
                if reader.read(chunk).is_err() {
                    return;
                }
            }
            Err(refusal) => {
                let (lawful, fault) = chunk.split_at(refusal.lawful_bytes);
                if reader.read(lawful).is_ok() {
                    reader.buffer.extend_from_slice(fault);
                    assert!(reader.is_at_fault(refusal.reason), "{refusal:?}");
                }
                return;
            }
        }
    }
});

/// The codec that reads what passed, and the message that it is in.
struct Reader {
    codec: Codec,
    buffer: BytesMut,
    message: Vec<u8>,
    fragments: u32,
    is_text: bool,
}

impl Default for Reader {
    fn default() -> Self {
        let most = usize::try_from(BOUNDS.max_bytes).expect("small");
        let codec = Codec::new().max_size(most);
        Self { codec, buffer: BytesMut::new(), message: Vec::new(), fragments: 0, is_text: false }
    }
}

impl Reader {
    /// Reads all frames that are whole. An error is one that the guard leaves to the codec.
    fn read(&mut self, bytes: &[u8]) -> Result<(), ProtocolError> {
        self.buffer.extend_from_slice(bytes);
        loop {
            let waiting = self.buffer.len();
            let Some(frame) = self.codec.decode(&mut self.buffer).inspect_err(|error| {
                // The codec says so before the mask is here, which the guard waits for.
                let header_only = waiting < HEADER_MAX;
                assert!(
                    header_only || !matches!(error, ProtocolError::Overflow),
                    "too much is refused unread"
                );
            })?
            else {
                break;
            };
            match frame {
                Frame::Text(bytes) => self.part(&bytes, Some(true), true),
                Frame::Binary(bytes) => self.part(&bytes, Some(false), true),
                Frame::Continuation(Item::FirstText(bytes)) => self.part(&bytes, Some(true), false),
                Frame::Continuation(Item::FirstBinary(bytes)) => self.part(&bytes, Some(false), false),
                Frame::Continuation(Item::Continue(bytes)) => self.part(&bytes, None, false),
                Frame::Continuation(Item::Last(bytes)) => self.part(&bytes, None, true),
                Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_) => {}
            }
        }
        let most = usize::try_from(BOUNDS.max_bytes).expect("small") + HEADER_MAX;
        assert!(self.buffer.len() < most, "no more than a frame is ever buffered");
        Ok(())
    }

    fn part(&mut self, bytes: &[u8], begins: Option<bool>, ends: bool) {
        if let Some(is_text) = begins {
            (self.message, self.fragments, self.is_text) = (Vec::new(), 0, is_text);
        }
        self.message.extend_from_slice(bytes);
        self.fragments += 1;
        assert!(self.message.len() as u64 <= BOUNDS.max_bytes && self.fragments <= BOUNDS.max_fragments);
        if ends {
            assert!(!self.is_text || std::str::from_utf8(&self.message).is_ok(), "text is UTF-8");
            (self.message, self.fragments, self.is_text) = (Vec::new(), 0, false);
        }
    }

    /// Whether the frame in the buffer breaks the rule that it is refused for (RFC 6455 §5.2).
    fn is_at_fault(&self, reason: Disconnect) -> bool {
        let (first, second) = (self.buffer[0], self.buffer[1]);
        let (header, length) = match second & 0x7f {
            126 => (4, u64::from(u16::from_be_bytes([self.buffer[2], self.buffer[3]]))),
            127 => (10, u64::from_be_bytes(self.buffer[2..10].try_into().expect("eight bytes"))),
            short => (2, u64::from(short)),
        };
        let is_control = first & 0x08 != 0;
        let continues = first & 0x0f == CONTINUATION;
        let (before, fragments) = if continues { (&*self.message, self.fragments) } else { (&[][..], 0) };
        match reason {
            Disconnect::WebSocketProtocol => first & 0x70 != 0,
            Disconnect::FrameTooLarge => {
                let before = if is_control { 0 } else { before.len() as u64 };
                before.saturating_add(length) > BOUNDS.max_bytes
            }
            Disconnect::TooManyFragments => !is_control && fragments + 1 > BOUNDS.max_fragments,
            Disconnect::NotUtf8 => {
                let (mask, at) = if second & 0x80 == 0 {
                    ([0; 4], header)
                } else {
                    (self.buffer[header..header + 4].try_into().expect("four bytes"), header + 4)
                };
                let payload =
                    self.buffer[at..].iter().take(usize::try_from(length).expect("within the bound"));
                let plain = payload.zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
                let text: Vec<u8> = before.iter().copied().chain(plain).collect();
                let whole = first & 0x80 != 0 && self.buffer.len() as u64 - at as u64 >= length;
                let is_text = if continues { self.is_text } else { first & 0x0f == 1 };
                is_text && std::str::from_utf8(&text).is_err_and(|error| whole || error.error_len().is_some())
            }
            _ => false,
        }
    }
}
