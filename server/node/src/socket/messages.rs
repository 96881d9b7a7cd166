//! Messages out of the bytes of a connection: through the guard, frames out of those, messages out of frames, one at a
//! time and in order, so that everything before a fault is heard before it. Knows no socket: both drivers feed it.

use crate::metrics::classes::Ended;
use actix_http::ws::{CloseReason, Codec, Frame, Item, ProtocolError};
use actix_web::web::{Bytes, BytesMut};
use protocol::limits::{FRAGMENTS_PER_MESSAGE_MAX, FRAME_MAX_BYTES};
use protocol::{Disconnect, Encoding, FrameGuard, MessageBounds};
use tokio_util::codec::Decoder;

/// After so many messages that were there already, others get their turn.
pub(super) const YIELD_EVERY: u32 = 64;

/// Reads what one client sends.
#[derive(Debug)]
pub(super) struct Messages {
    guard: FrameGuard,
    /// Why nothing more is read, once that is so.
    refused: Option<Disconnect>,
    codec: Codec,
    buffer: BytesMut,
    /// The fragments of a message that is not complete.
    message: BytesMut,
    /// Whether those are text.
    is_text: bool,
    encoding: Encoding,
}

/// What was heard.
#[derive(Debug)]
pub(super) enum Heard {
    /// Nothing follows.
    Ended(End),
    /// A message in the connection's encoding.
    Frame(Bytes),
    /// A WebSocket ping.
    Ping(Bytes),
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// The peer closed it; RFC 6455 §5.5.1 wants its code back.
    ByPeer(Option<CloseReason>),
    /// We close it.
    For(Disconnect),
    /// It is gone; there is nobody to tell.
    Gone,
}

impl End {
    /// As metrics know it.
    pub(super) const fn counted(&self) -> Ended {
        match self {
            Self::ByPeer(_) => Ended::ByPeer,
            Self::For(reason) => Ended::ByUs(*reason),
            Self::Gone => Ended::Gone,
        }
    }
}

impl Messages {
    pub(super) fn new(encoding: Encoding) -> Self {
        let bounds = MessageBounds {
            max_bytes: u64::try_from(FRAME_MAX_BYTES).unwrap_or(u64::MAX),
            max_fragments: FRAGMENTS_PER_MESSAGE_MAX,
        };
        Self {
            guard: FrameGuard::new(bounds),
            refused: None,
            codec: Codec::new().max_size(FRAME_MAX_BYTES),
            buffer: BytesMut::new(),
            message: BytesMut::new(),
            is_text: false,
            encoding,
        }
    }

    /// Takes bytes of the connection. What comes behind a fault is passed over.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.refused.is_some() {
            return;
        }
        let mut lawful = bytes;
        if let Err(refusal) = self.guard.look(bytes) {
            self.refused = Some(refusal.reason);
            lawful = bytes.get(..refusal.lawful_bytes).unwrap_or(bytes);
        }
        self.buffer.extend_from_slice(lawful);
    }

    /// The next message of what was fed, if there is one.
    pub(super) fn next(&mut self) -> Option<Heard> {
        while let Some(frame) = self.codec.decode(&mut self.buffer).transpose() {
            match frame.map_err(|error| broken(&error)).and_then(|frame| self.take(frame)) {
                Ok(Some(heard)) => return Some(heard),
                Ok(None) => {}
                Err(reason) => {
                    self.refused = Some(reason);
                    self.buffer = BytesMut::new();
                }
            }
        }
        if self.buffer.is_empty() {
            // An idle connection holds no memory for what it once said.
            self.buffer = BytesMut::new();
        }
        self.refused.map(|reason| Heard::Ended(End::For(reason)))
    }

    /// Whether it is in the middle of nothing: a new one would read on as well.
    pub(super) fn is_at_rest(&self) -> bool {
        self.refused.is_none() && self.buffer.is_empty() && self.guard.is_between_messages()
    }

    /// Whether a fault was found, so that nothing more is heard.
    pub(super) const fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Makes a message of a frame, if it completes one.
    fn take(&mut self, frame: Frame) -> Result<Option<Heard>, Disconnect> {
        match frame {
            Frame::Text(bytes) => self.message(bytes, true).map(Some),
            Frame::Binary(bytes) => self.message(bytes, false).map(Some),
            Frame::Continuation(Item::FirstText(bytes)) => Ok(self.begin(&bytes, true)),
            Frame::Continuation(Item::FirstBinary(bytes)) => Ok(self.begin(&bytes, false)),
            Frame::Continuation(Item::Continue(bytes)) => {
                self.message.extend_from_slice(&bytes);
                Ok(None)
            }
            Frame::Continuation(Item::Last(bytes)) => {
                self.message.extend_from_slice(&bytes);
                let message = std::mem::take(&mut self.message).freeze();
                self.message(message, self.is_text).map(Some)
            }
            Frame::Ping(bytes) => Ok(Some(Heard::Ping(bytes))),
            Frame::Pong(_) => Ok(None),
            Frame::Close(reason) => Ok(Some(Heard::Ended(End::ByPeer(reason)))),
        }
    }

    fn begin(&mut self, bytes: &Bytes, is_text: bool) -> Option<Heard> {
        self.message = BytesMut::from(&**bytes);
        self.is_text = is_text;
        None
    }

    fn message(&self, bytes: Bytes, is_text: bool) -> Result<Heard, Disconnect> {
        let is_expected = is_text == (self.encoding == Encoding::Json);
        if is_expected { Ok(Heard::Frame(bytes)) } else { Err(Disconnect::UnsupportedData) }
    }
}

/// How the parser's errors end a connection. Reserved bits, which it reports as an I/O error, do not pass the guard; a
/// close whose reason is not UTF-8 is one.
fn broken(error: &ProtocolError) -> Disconnect {
    match error {
        ProtocolError::Overflow => Disconnect::FrameTooLarge,
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Disconnect::NotUtf8,
        ProtocolError::BadOpCode
        | ProtocolError::ContinuationFragment(_)
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::InvalidLength(_)
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::Io(_)
        | ProtocolError::MaskedFrame
        | ProtocolError::UnmaskedFrame => Disconnect::WebSocketProtocol,
    }
}
