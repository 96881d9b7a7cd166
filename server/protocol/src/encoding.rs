//! The two forms of the protocol; a connection has one for its life.

use crate::command::Command;
use crate::decode_error::DecodeError;
use crate::encoded_frame::{self, EncodedFrame, Kind};
use crate::message::Message;
use crate::push::Push;
use crate::reply::Reply;
use crate::{json, protobuf};
use bytes::{BufMut, Bytes};

/// How messages are written on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Text frames of JSON, separated by line breaks.
    Json,
    /// Binary frames of Protobuf, each message behind its length.
    Protobuf,
}

impl Encoding {
    /// The WebSocket subprotocol that asks for it.
    pub const fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "centrifuge-json",
            Self::Protobuf => "centrifuge-protobuf",
        }
    }

    /// Reads the commands of one frame, all or none.
    pub fn decode_commands(self, frame: &[u8]) -> Result<Vec<Command>, DecodeError> {
        match self {
            Self::Json => json::decode_commands(frame),
            Self::Protobuf => protobuf::decode_commands(frame),
        }
    }

    /// Encodes an answer.
    pub fn encode_reply(self, reply: &Reply) -> EncodedFrame {
        match self {
            Self::Json => json::encode_reply(reply),
            Self::Protobuf => protobuf::encode_reply(reply),
        }
    }

    /// Encodes a push.
    pub fn encode_push(self, push: &Push) -> EncodedFrame {
        match self {
            Self::Json => json::encode_push(push),
            Self::Protobuf => protobuf::encode_push(push),
        }
    }

    /// Encodes a command, as a client does.
    pub fn encode_command(self, command: &Command) -> EncodedFrame {
        match self {
            Self::Json => json::client::encode_command(command),
            Self::Protobuf => protobuf::client::encode_command(command),
        }
    }

    /// Hands over the messages of one frame in order, as a client reads them; those before a fault, too.
    #[expect(clippy::redundant_closure, reason = "what owns everything is taken where what borrows is")]
    pub fn decode_messages<'a>(
        self,
        frame: &'a [u8],
        mut each: impl FnMut(Message<'a>),
    ) -> Result<(), DecodeError> {
        match self {
            Self::Json => json::client::decode_messages(frame, each),
            Self::Protobuf => protobuf::client::decode_messages(frame, |message| each(message)),
        }
    }

    /// Joins encoded messages into the payload of one WebSocket frame.
    pub fn join(self, messages: &[EncodedFrame]) -> Bytes {
        match messages {
            [] => Bytes::new(),
            [one] => one.payload(),
            many => {
                let parts: Vec<&[u8]> = many.iter().map(EncodedFrame::bytes).collect();
                parts.join(self.separator()).into()
            }
        }
    }

    /// Appends one WebSocket message with these messages in it, header and all; nothing if there are none.
    pub fn join_into(self, messages: &[EncodedFrame], out: &mut impl BufMut) {
        let (first, more) = match messages {
            [] => return,
            [one] => return out.put_slice(one.message()),
            [first, more @ ..] => (first, more),
        };
        let separator = self.separator();
        let bytes = more.iter().fold(first.len(), |bytes, message| {
            bytes.saturating_add(separator.len()).saturating_add(message.len())
        });
        encoded_frame::put_header(out, self.kind(), bytes);
        out.put_slice(first.bytes());
        for message in more {
            out.put_slice(separator);
            out.put_slice(message.bytes());
        }
    }

    /// Between two messages of one frame.
    const fn separator(self) -> &'static [u8] {
        match self {
            Self::Json => &[json::SEPARATOR],
            Self::Protobuf => &[],
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Json => Kind::Text,
            Self::Protobuf => Kind::Binary,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_messages_are_read_as_they_were_written() {
        let pongs = |encoding: Encoding| vec![encoding.encode_push(&Push::Ping); 3];
        for encoding in [Encoding::Json, Encoding::Protobuf] {
            let joined = encoding.join(&pongs(encoding));
            assert_eq!(encoding.decode_commands(&joined).unwrap().len(), 3, "{encoding:?}");
            assert!(encoding.join(&[]).is_empty());
        }
    }

    #[test]
    fn messages_are_joined_into_one_with_its_header() {
        for (encoding, first) in [(Encoding::Json, 0x81), (Encoding::Protobuf, 0x82)] {
            let mut out = Vec::new();
            encoding.join_into(&[], &mut out);
            assert!(out.is_empty());
            let ping = encoding.encode_push(&Push::Ping);
            encoding.join_into(std::slice::from_ref(&ping), &mut out);
            assert_eq!(out, **ping.message());
            out.clear();
            let many = vec![ping; 300];
            encoding.join_into(&many, &mut out);
            let joined = encoding.join(&many);
            let length = u16::try_from(joined.len()).unwrap().to_be_bytes();
            assert_eq!(out, [&[first, 126], &length[..], &joined].concat());
        }
    }
}
