//! Frames of WebSocket's own (RFC 6455 §5.5): what carries no message of the protocol.

use actix_http::ws::{CloseReason, Codec, Message, OpCode, Parser};
use bytes::{Bytes, BytesMut};
use tokio_util::codec::Encoder;

/// The header of a frame without a mask.
const HEADER_MAX_BYTES: usize = 10;

/// The answer to a WebSocket ping.
pub(super) fn pong(payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len().saturating_add(HEADER_MAX_BYTES));
    Parser::write_message(&mut frame, payload, OpCode::Pong, true, false);
    frame.freeze()
}

/// The last frame.
pub(super) fn close(reason: Option<CloseReason>) -> Bytes {
    let mut frame = BytesMut::new();
    // Only continuations can be refused here.
    drop(Codec::new().encode(Message::Close(reason), &mut frame));
    frame.freeze()
}
