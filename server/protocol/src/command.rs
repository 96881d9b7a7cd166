//! What a client asks.

use crate::payload::Payload;
use std::collections::BTreeMap;

/// One message of a client. `id` is 0 where no answer is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The client's number for the answer.
    pub id: u32,
    /// What is asked.
    pub request: Request,
}

/// What is asked. Channel names and tokens are as the client wrote them: the session parses them, because what
/// is wrong with them decides between an error and a close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Who I am; must come first, once.
    Connect(ConnectRequest),
    /// A page of a channel's history.
    History(HistoryRequest),
    /// The empty message: the answer to the server's ping.
    Pong,
    /// Who is there.
    Presence(String),
    /// How many are there.
    PresenceStats(String),
    /// A message for a channel.
    Publish(PublishRequest),
    /// A newer token.
    Refresh(Token),
    /// A call of a method of the server.
    Rpc(RpcRequest),
    /// A message for the server itself, without an answer.
    Send,
    /// A newer token for one channel.
    SubRefresh(SubRefreshRequest),
    /// I want to read a channel.
    Subscribe(SubscribeRequest),
    /// A request of no kind that we know.
    Unknown,
    /// I no longer want to read a channel.
    Unsubscribe(String),
}

/// A token as it came; debug output hides it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Token(pub String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "Token(none)" } else { "Token(…)" })
    }
}

/// The first request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectRequest {
    /// The access token.
    pub token: Token,
    /// Positions of server-side subscriptions that the client had, by channel.
    pub subs: BTreeMap<String, SubscribeRequest>,
}

/// A wish to read a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscribeRequest {
    /// Which channel.
    pub channel: String,
    /// A token that gives the right to read the channel; empty if the member reads it by right of their own.
    pub token: Token,
    /// Whether what was missed since `epoch` and `offset` is wanted.
    pub recover: bool,
    /// The epoch that the client knows; empty matches any.
    pub epoch: String,
    /// The last offset that the client has.
    pub offset: u64,
    /// Whether a position that cannot be continued is to be refused, instead of beginning at the top.
    pub reject_unrecovered: bool,
}

/// The bit of `flag` in a subscribe request that stands for [`SubscribeRequest::reject_unrecovered`].
const FLAG_REJECT_UNRECOVERED: i64 = 0b10;

/// What the bits of `flag` in a subscribe request ask for; those that we do not know ask for nothing.
pub(crate) const fn rejects_unrecovered(flag: i64) -> bool {
    flag & FLAG_REJECT_UNRECOVERED != 0
}

/// The flag of a subscribe request that asks for this.
pub(crate) const fn rejecting_unrecovered(wanted: bool) -> i64 {
    if wanted { FLAG_REJECT_UNRECOVERED } else { 0 }
}

/// A newer token for a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubRefreshRequest {
    /// Of which channel.
    pub channel: String,
    /// The token.
    pub token: Token,
}

/// A message for a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishRequest {
    /// Which channel.
    pub channel: String,
    /// What to say; nothing if it was no valid payload.
    pub data: Option<Payload>,
}

/// A page of history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryRequest {
    /// Which channel.
    pub channel: String,
    /// How many publications: 0 asks for the position alone, a negative number for as many as are allowed.
    pub limit: i32,
    /// Read from after this position (before it, if reversed).
    pub since: Option<(String, u64)>,
    /// Newest first.
    pub reverse: bool,
}

/// A call of a method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcRequest {
    /// Its name.
    pub method: String,
    /// Its argument, JSON text; the frame's bound is its bound. Nothing if there was none that can be read.
    pub data: Option<String>,
}
