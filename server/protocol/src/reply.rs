//! What the server answers.

use crate::error_code::ErrorCode;
use crate::ids::ClientId;
use crate::payload::Payload;
use crate::position::{Epoch, Offset};
use crate::publication::Publication;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// The answer to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The command's id.
    pub id: u32,
    /// The result, or why there is none.
    pub body: Result<ReplyBody, ErrorCode>,
}

/// The result of each kind of request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyBody {
    /// To `connect`.
    Connect(Box<ConnectResult>),
    /// To `history`.
    History(HistoryResult),
    /// To `presence_stats`.
    PresenceStats(PresenceStats),
    /// To `publish`: the message is on stable storage.
    Publish,
    /// To `refresh`.
    Refresh(RefreshResult),
    /// To `rpc`.
    Rpc(Payload),
    /// To `sub_refresh`.
    SubRefresh(SubRefreshResult),
    /// To `subscribe`.
    Subscribe(SubscribeResult),
    /// To `unsubscribe`.
    Unsubscribe,
}

/// The connection stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectResult {
    /// This connection's id.
    pub client: ClientId,
    /// The server's name and version.
    pub version: &'static str,
    /// Whether the connection ends with its token.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until then.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub ttl: u32,
    /// Server-side subscriptions that were made.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subs: BTreeMap<String, SubscribeResult>,
    /// Seconds between pings.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub ping: u32,
    /// Whether the client must answer pings.
    #[serde(skip_serializing_if = "is_false")]
    pub pong: bool,
}

/// The token was renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefreshResult {
    /// This connection's id.
    pub client: ClientId,
    /// The server's name and version.
    pub version: &'static str,
    /// Whether the connection ends with its token.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until then.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub ttl: u32,
}

/// The token of a subscription was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SubRefreshResult {
    /// Whether the subscription ends with its token.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until then.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub ttl: u32,
}

/// How many read a channel; both are always present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PresenceStats {
    /// Connections.
    pub num_clients: u32,
    /// Members.
    pub num_users: u32,
}

/// The subscription stands.
#[expect(clippy::struct_excessive_bools, reason = "the protocol's shape")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscribeResult {
    /// Whether the subscription ends with a token of its own.
    #[serde(skip_serializing_if = "is_false")]
    pub expires: bool,
    /// Seconds until then.
    #[serde(skip_serializing_if = "is_zero_u32")]
    pub ttl: u32,
    /// The client may come back with a position.
    #[serde(skip_serializing_if = "is_false")]
    pub recoverable: bool,
    /// The epoch in which offsets count from now on.
    pub epoch: Epoch,
    /// What was missed, oldest first: at most one page; the rest follows as pushes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publications: Vec<Arc<Publication>>,
    /// Nothing of what was missed is gone.
    #[serde(skip_serializing_if = "is_false")]
    pub recovered: bool,
    /// The request's offset if recovered, else the top.
    #[serde(skip_serializing_if = "is_zero_offset")]
    pub offset: Offset,
    /// Offsets are checked on the way.
    #[serde(skip_serializing_if = "is_false")]
    pub positioned: bool,
    /// The top at this moment, `{"top": n}`, so that a screen can say "n of m".
    pub data: SubscribeData,
    /// The client asked for recovery.
    #[serde(skip_serializing_if = "is_false")]
    pub was_recovering: bool,
}

/// What travels in [`SubscribeResult::data`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SubscribeData {
    /// The newest offset when the subscription was made.
    pub top: Offset,
}

/// A page of history; all three are always present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryResult {
    /// The page.
    pub publications: Vec<Arc<Publication>>,
    /// The current epoch.
    pub epoch: Epoch,
    /// The top.
    pub offset: Offset,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero_u32(value: &u32) -> bool {
    *value == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero_offset(value: &Offset) -> bool {
    *value == Offset::ZERO
}
