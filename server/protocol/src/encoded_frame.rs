//! A message of the protocol as it leaves: encoded once, with the header of its WebSocket frame before it, and shared by
//! everyone who gets it.

use bytes::{Buf, BufMut, Bytes};
use std::fmt;

/// The longest header of a frame without a mask (RFC 6455 §5.2).
pub const HEADER_MAX_BYTES: usize = 10;

/// The only frame of its message.
const FINAL: u8 = 0x80;
/// The largest length that stands in the header's second byte itself.
const SHORT_MAX_BYTES: u8 = 125;
/// What stands there instead, before a length of two bytes and of eight.
const LENGTH_OF_2_BYTES: u8 = 126;
const LENGTH_OF_8_BYTES: u8 = 127;

/// What the payload of a WebSocket message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
}

/// One message of the protocol, encoded once and shared by everyone who gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedFrame {
    message: Bytes,
    header_bytes: u8,
}

impl EncodedFrame {
    /// Takes what `encode` writes.
    pub(crate) fn new(kind: Kind, encode: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut buffer = vec![0; HEADER_MAX_BYTES];
        encode(&mut buffer);
        let payload_bytes = buffer.len().saturating_sub(HEADER_MAX_BYTES);
        let header_bytes = header_bytes(payload_bytes);
        // The header ends where the payload begins.
        let unused = HEADER_MAX_BYTES.saturating_sub(usize::from(header_bytes));
        if let Some(mut header) = buffer.get_mut(unused..HEADER_MAX_BYTES) {
            put_header(&mut header, kind, payload_bytes);
        }
        // A ring keeps it for long: no more than it needs.
        let mut message = Bytes::from(buffer.into_boxed_slice());
        message.advance(unused);
        Self { message, header_bytes }
    }

    /// A message that is always the same, with its header of two bytes.
    pub(crate) const fn constant(message: &'static [u8]) -> Self {
        Self { message: Bytes::from_static(message), header_bytes: 2 }
    }

    /// The whole message as a server sends it: the header of one WebSocket frame without a mask, and the payload.
    pub const fn message(&self) -> &Bytes {
        &self.message
    }

    /// The encoded bytes: the payload alone.
    pub fn bytes(&self) -> &[u8] {
        self.message.get(usize::from(self.header_bytes)..).unwrap_or_default()
    }

    /// The same, shared.
    pub(crate) fn payload(&self) -> Bytes {
        self.message.slice(usize::from(self.header_bytes).min(self.message.len())..)
    }

    /// The number of bytes of the payload.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }
}

/// How long the header of a payload is.
const fn header_bytes(payload_bytes: usize) -> u8 {
    match payload_bytes {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    }
}

/// Writes the header of a message in one frame, without a mask.
pub(crate) fn put_header(out: &mut impl BufMut, kind: Kind, payload_bytes: usize) {
    out.put_u8(FINAL | kind.opcode());
    match (u8::try_from(payload_bytes), u16::try_from(payload_bytes)) {
        (Ok(length @ 0..=SHORT_MAX_BYTES), _) => out.put_u8(length),
        (_, Ok(length)) => {
            out.put_u8(LENGTH_OF_2_BYTES);
            out.put_u16(length);
        }
        (_, Err(_)) => {
            out.put_u8(LENGTH_OF_8_BYTES);
            out.put_u64(payload_bytes.try_into().unwrap_or(u64::MAX));
        }
    }
}

impl Kind {
    const fn opcode(self) -> u8 {
        match self {
            Self::Text => 0x1,
            Self::Binary => 0x2,
        }
    }
}

impl fmt::Debug for EncodedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedFrame({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: Kind, payload_bytes: usize) -> EncodedFrame {
        EncodedFrame::new(kind, |out| out.resize(out.len() + payload_bytes, b'x'))
    }

    #[test]
    fn the_header_says_the_kind_and_the_length() {
        for (payload, header) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let frame = frame(Kind::Text, payload);
            assert_eq!(frame.len(), payload);
            assert_eq!(frame.bytes(), vec![b'x'; payload]);
            assert_eq!(**frame.message(), [header, frame.bytes()].concat());
        }
        assert_eq!(frame(Kind::Binary, 1).message()[0], 0x82);
    }

    #[test]
    fn a_frame_is_shared_and_not_copied() {
        let frame = frame(Kind::Text, 300);
        assert_eq!(frame.clone().message().as_ptr(), frame.message().as_ptr());
        assert_eq!(frame.payload(), frame.bytes());
    }
}
