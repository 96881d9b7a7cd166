//! A publication as stores keep it: protobuf, so that old and new versions read each other's logs.

use prost::Message;
use protocol::{ClientId, ClientInfo, MemberId, Offset, Payload, Publication, Timestamp};

use crate::history::Draft;

/// What is kept of a publication besides its place. New fields get new numbers; none is ever reused.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct StoredPublication {
    /// The payload, JSON.
    #[prost(bytes = "vec", tag = "1")]
    pub data: Vec<u8>,
    /// Milliseconds since 1970.
    #[prost(uint64, tag = "2")]
    pub time_ms: u64,
    /// The sender's member id; empty if the server said it.
    #[prost(string, tag = "3")]
    pub user: String,
    /// The sender's connection.
    #[prost(string, tag = "4")]
    pub client: String,
    /// The sender's idempotency key.
    #[prost(string, tag = "5")]
    pub key: String,
}

/// What a store holds is not a publication of ours: it was damaged or written by something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored publication cannot be read")]
pub struct Damaged;

impl StoredPublication {
    /// What to keep of a draft.
    pub fn of(draft: &Draft) -> Self {
        let (user, client) = draft
            .sender
            .as_ref()
            .map(|info| (info.user.as_str().to_owned(), info.client.as_str().to_owned()))
            .unwrap_or_default();
        Self {
            data: draft.data.as_str().as_bytes().to_vec(),
            time_ms: draft.at.as_millis(),
            user,
            client,
            key: draft.key.as_str().to_owned(),
        }
    }

    /// The bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Reads kept bytes back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damaged> {
        Self::decode(bytes).map_err(|_| Damaged)
    }

    /// The publication at its place.
    pub fn at(&self, offset: Offset) -> Result<Publication, Damaged> {
        let info = if self.user.is_empty() {
            None
        } else {
            let user = MemberId::parse(&self.user).map_err(|_| Damaged)?;
            Some(ClientInfo { user, client: ClientId::new(&self.client) })
        };
        Ok(Publication {
            data: Payload::parse(&self.data).map_err(|_| Damaged)?,
            info,
            offset,
            time: Timestamp::from_millis(self.time_ms),
        })
    }
}

/// What identifies a message to its sender: the scope of an idempotency key.
pub fn idempotency_scope(draft: &Draft) -> String {
    let sender = draft.sender.as_ref().map_or("", |info| info.user.as_str());
    format!("{sender}/{}", draft.key)
}
