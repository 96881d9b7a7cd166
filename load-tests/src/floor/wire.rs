//! The server's end of the WebSocket: the answer to the upgrade, and frames (RFC 6455 §4.2, §5).

use protocol::Push;
use protocol::limits::FRAME_MAX_BYTES;
use protocol::reply::Reply;
use std::io::Cursor;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Most headers of a request, and most bytes of its head; with more the connection ends.
const HEADERS_MAX: usize = 64;
const HEAD_MAX_BYTES: usize = 16 * 1_024;
const PATH: &str = "/connection/websocket";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What a client's frame brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// It ends the conversation.
    Close,
    /// A whole message; those in pieces are not taken.
    Message(&'a [u8]),
    /// To be answered with the same payload.
    Ping(&'a [u8]),
    /// Nothing to do.
    Pong,
}

/// What RFC 6455 or this server does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what the client sent is not taken")]
pub(super) struct NotTaken;

/// A request that is whole: where it ends, and what to answer; without an agreement the connection ends behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Upgrade {
    pub(super) end: usize,
    pub(super) answer: String,
    pub(super) is_agreed: bool,
}

/// Reads a request; nothing if it is not whole.
pub(super) fn upgrade(bytes: &[u8]) -> Result<Option<Upgrade>, NotTaken> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(end) = request.parse(bytes).map_err(|_| NotTaken)? else {
        return if bytes.len() > HEAD_MAX_BYTES { Err(NotTaken) } else { Ok(None) };
    };
    let header = |name: &str| request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    let path = request.path.and_then(|path| path.split('?').next());
    let key = header("sec-websocket-key").filter(|_| path == Some(PATH));
    let Some(key) = key else {
        return Ok(Some(Upgrade { end, answer: NOT_FOUND.to_owned(), is_agreed: false }));
    };
    let json = protocol::Encoding::Json.subprotocol();
    let offered = header("sec-websocket-protocol").is_some_and(|header| {
        header.value.split(|byte| *byte == b',').any(|one| one.trim_ascii() == json.as_bytes())
    });
    let chosen = if offered { format!("Sec-WebSocket-Protocol: {json}\r\n") } else { String::new() };
    let accept = derive_accept_key(key.value);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{chosen}\r\n"
    );
    Ok(Some(Upgrade { end, answer, is_agreed: true }))
}

/// The first frame of these bytes, unmasked in its place, and where it ends; nothing if it is not whole.
pub(super) fn read(bytes: &mut [u8]) -> Result<Option<(Frame<'_>, usize)>, NotTaken> {
    let mut cursor = Cursor::new(&*bytes);
    let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| NotTaken)? else {
        return Ok(None);
    };
    let begin = usize::try_from(cursor.position()).map_err(|_| NotTaken)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= FRAME_MAX_BYTES).ok_or(NotTaken)?;
    let (Some(mask), true) = (header.mask, header.is_final) else { return Err(NotTaken) };
    let end = begin + length;
    let Some(payload) = bytes.get_mut(begin..end) else { return Ok(None) };
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    let frame = match header.opcode {
        OpCode::Control(Control::Close) => Frame::Close,
        OpCode::Control(Control::Ping) => Frame::Ping(payload),
        OpCode::Control(Control::Pong) => Frame::Pong,
        OpCode::Data(Data::Text) => Frame::Message(payload),
        OpCode::Control(Control::Reserved(_))
        | OpCode::Data(Data::Binary | Data::Continue | Data::Reserved(_)) => return Err(NotTaken),
    };
    Ok(Some((frame, end)))
}

/// The frame of an answer.
pub(super) fn reply(reply: &Reply) -> Vec<u8> {
    frame(OpCode::Data(Data::Text), protocol::Encoding::Json.encode_reply(reply).bytes())
}

/// The frame of a push.
pub(super) fn push(push: &Push) -> Vec<u8> {
    frame(OpCode::Data(Data::Text), protocol::Encoding::Json.encode_push(push).bytes())
}

/// The frame that answers a ping.
pub(super) fn pong(payload: &[u8]) -> Vec<u8> {
    frame(OpCode::Control(Control::Pong), payload)
}

/// Header and payload in one buffer, so that a frame is one `send`.
fn frame(opcode: OpCode, payload: &[u8]) -> Vec<u8> {
    let header = FrameHeader { opcode, mask: None, ..FrameHeader::default() };
    let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
    let mut bytes = Vec::with_capacity(header.len(length) + payload.len());
    // Writing to a vector does not fail.
    let _done = header.format(length, &mut bytes);
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::frames;

    fn sent(opcode: OpCode, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        frames::write(&mut bytes, opcode, payload, [9, 8, 7, 6]);
        bytes
    }

    const TEXT: OpCode = OpCode::Data(Data::Text);

    #[test]
    fn what_a_client_writes_is_read_one_by_one_and_only_when_it_is_whole() {
        let mut bytes = [sent(TEXT, b"hello"), sent(OpCode::Control(Control::Ping), b"?")].concat();
        for cut in 0..11 {
            assert_eq!(read(&mut bytes.clone()[..cut]), Ok(None));
        }
        assert_eq!(read(&mut bytes), Ok(Some((Frame::Message(b"hello"), 11))));
        assert_eq!(read(&mut bytes[11..]), Ok(Some((Frame::Ping(b"?"), 7))));
    }

    #[test]
    fn what_no_client_may_send_is_not_taken() {
        assert_eq!(read(&mut [0x81, 1, b'a']), Err(NotTaken), "not masked");
        let mut part = sent(TEXT, b"a");
        part[0] = 0x01;
        assert_eq!(read(&mut part), Err(NotTaken), "a message in pieces");
        assert_eq!(read(&mut sent(OpCode::Data(Data::Binary), b"a")), Err(NotTaken));
        assert_eq!(read(&mut sent(TEXT, &vec![0; FRAME_MAX_BYTES + 1])), Err(NotTaken));
    }

    #[test]
    fn what_is_written_is_what_a_client_reads() {
        for length in [2, 300, 70_000] {
            let payload = vec![b'a'; length];
            let bytes = frame(TEXT, &payload);
            let read = frames::read(&bytes).unwrap().unwrap();
            assert_eq!(read, (frames::Frame::Data { payload: &payload, last: true }, bytes.len()));
        }
    }

    #[test]
    fn an_upgrade_is_agreed_to_at_its_path_alone() {
        let ask = |path: &str| {
            format!(
                "GET {path} HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Sec-WebSocket-Protocol: centrifuge-json\r\n\r\n"
            )
        };
        let request = ask("/connection/websocket?a=b");
        let agreed = upgrade(request.as_bytes()).unwrap().unwrap();
        assert!(agreed.is_agreed && agreed.end == request.len());
        assert!(agreed.answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        assert!(agreed.answer.contains("Sec-WebSocket-Protocol: centrifuge-json\r\n"));
        assert!(!upgrade(ask("/metrics").as_bytes()).unwrap().unwrap().is_agreed);
        assert_eq!(upgrade(&request.as_bytes()[..30]), Ok(None));
        let endless = format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(HEAD_MAX_BYTES));
        assert_eq!(upgrade(endless.as_bytes()), Err(NotTaken));
        assert_eq!(upgrade(b"SSH-2.0\x00"), Err(NotTaken));
    }
}
