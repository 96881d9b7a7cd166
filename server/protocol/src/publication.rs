//! A message with its place, and the frame that carries it.

use crate::ids::{ClientId, MemberId};
use crate::payload::Payload;
use crate::position::Offset;
use crate::timestamp::Timestamp;
use bytes::Bytes;
use serde::Serialize;
use std::fmt;

/// Who published: the protocol's `ClientInfo`, of which both fields are always present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientInfo {
    /// The member.
    pub user: MemberId,
    /// The connection.
    pub client: ClientId,
}

/// A message with its place in its channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Publication {
    /// What was said.
    pub data: Payload,
    /// Who said it; nothing if the server did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub info: Option<ClientInfo>,
    /// Its number in the channel.
    pub offset: Offset,
    /// When it was accepted, by the server's clock; for people, never for order.
    pub time: Timestamp,
}

/// One message of the protocol, encoded once and shared by everyone who gets it.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodedFrame(Bytes);

impl EncodedFrame {
    /// Takes encoded bytes.
    pub const fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The encoded bytes.
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Their number.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for EncodedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedFrame({} bytes)", self.len())
    }
}
