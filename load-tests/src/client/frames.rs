//! WebSocket frames, as a client writes and reads them (RFC 6455 §5).

use std::io::Cursor;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Largest message of a server that is read.
pub(crate) const MESSAGE_MAX_BYTES: usize = 4 * 1_024 * 1_024;

/// What a frame brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// The other side says why it ends; 1005 if it does not (RFC 6455 §7.1.5).
    Close(u16),
    /// A message, or a part of one.
    Data { payload: &'a [u8], last: bool },
    /// To be answered with the same payload.
    Ping(&'a [u8]),
    /// Nothing to do.
    Pong,
}

/// Not what RFC 6455 allows, or too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server broke the WebSocket protocol")]
pub(crate) struct Unframed;

/// The first frame of these bytes and where it ends; nothing if it is not whole.
pub(crate) fn read(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, Unframed> {
    let mut cursor = Cursor::new(bytes);
    let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Unframed)? else {
        return Ok(None);
    };
    let length = usize::try_from(length).ok().filter(|length| *length <= MESSAGE_MAX_BYTES);
    let length = length.ok_or(Unframed)?;
    let begin = usize::try_from(cursor.position()).map_err(|_| Unframed)?;
    let Some(payload) = bytes.get(begin..begin.saturating_add(length)) else {
        return Ok(None);
    };
    if header.mask.is_some() || header.rsv1 || header.rsv2 || header.rsv3 {
        return Err(Unframed);
    }
    let frame = match header.opcode {
        OpCode::Control(Control::Close) => Frame::Close(close_code(payload)),
        OpCode::Control(Control::Ping) => Frame::Ping(payload),
        OpCode::Control(Control::Pong) => Frame::Pong,
        OpCode::Data(Data::Text | Data::Binary | Data::Continue) => {
            Frame::Data { payload, last: header.is_final }
        }
        OpCode::Control(Control::Reserved(_)) | OpCode::Data(Data::Reserved(_)) => return Err(Unframed),
    };
    Ok(Some((frame, begin + length)))
}

fn close_code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}

/// Appends a whole message, masked with this key (RFC 6455 §5.3).
pub(crate) fn write(out: &mut Vec<u8>, opcode: OpCode, payload: &[u8], mask: [u8; 4]) {
    let header =
        FrameHeader { is_final: true, rsv1: false, rsv2: false, rsv3: false, opcode, mask: Some(mask) };
    let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
    // Writing to a vector does not fail.
    let _done = header.format(length, out);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a server writes it.
    fn served(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first, u8::try_from(payload.len()).unwrap()];
        bytes.extend_from_slice(payload);
        bytes
    }

    #[test]
    fn frames_are_read_one_by_one_and_only_when_they_are_whole() {
        let bytes = [served(0x81, b"one"), served(0x82, b"two")].concat();
        let (frame, end) = read(&bytes).unwrap().unwrap();
        assert_eq!((frame, end), (Frame::Data { payload: b"one", last: true }, 5));
        assert_eq!(read(&bytes[end..]).unwrap().unwrap().0, Frame::Data { payload: b"two", last: true });
        for cut in 0..5 {
            assert_eq!(read(&bytes[..cut]).unwrap(), None);
        }
        assert_eq!(read(&served(0x01, b"o")).unwrap().unwrap().0, Frame::Data { payload: b"o", last: false });
    }

    #[test]
    fn control_frames_say_what_they_are() {
        assert_eq!(read(&served(0x88, &[0x0b, 0xb9, b'x'])).unwrap().unwrap().0, Frame::Close(3001));
        assert_eq!(read(&served(0x88, &[])).unwrap().unwrap().0, Frame::Close(1005));
        assert_eq!(read(&served(0x89, b"p")).unwrap().unwrap().0, Frame::Ping(b"p"));
        assert_eq!(read(&served(0x8a, b"")).unwrap().unwrap().0, Frame::Pong);
    }

    #[test]
    fn what_no_server_may_send_is_refused() {
        assert_eq!(read(&[0x83, 0]), Err(Unframed));
        assert_eq!(read(&[0xc1, 0]), Err(Unframed));
        assert_eq!(read(&[0x81, 0x80, 0, 0, 0, 0]), Err(Unframed), "masked");
        let mut huge = vec![0x82, 127];
        huge.extend_from_slice(&u64::MAX.to_be_bytes());
        assert_eq!(read(&huge), Err(Unframed));
    }

    #[test]
    fn what_is_written_is_masked_and_whole() {
        let mut out = Vec::new();
        write(&mut out, OpCode::Data(Data::Text), b"abc", [1, 2, 3, 4]);
        assert_eq!(out, [0x81, 0x83, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2, b'c' ^ 3]);
    }
}
