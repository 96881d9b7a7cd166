//! A message with its place.

use crate::ids::{ClientId, IdempotencyKey, MemberId};
use crate::payload::Payload;
use crate::position::Offset;
use crate::timestamp::Timestamp;
use serde::Serialize;

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
    /// What its sender calls it; nothing if that is not known. It is for stores, to which a node may have to bring what they
    /// lost, and goes to no reader.
    #[serde(skip)]
    pub key: Option<IdempotencyKey>,
}
