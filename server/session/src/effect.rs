//! What a conversation wants done, and how it learns what came of it.

use hub::{Membership, Replayed};
use protocol::reply::{HistoryResult, PresenceStats};
use protocol::rpc::receipts::Receipts;
use protocol::rpc::{Later, Placed};
use protocol::{
    ChannelName, ClientInfo, Disconnect, ErrorCode, IdempotencyKey, Lane, Page, Payload, Since,
    StreamPosition,
};
use std::sync::Arc;
use std::time::Duration;

/// One try to read a channel; an answer to an older one is recognised and passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt(pub(crate) u32);

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Close the socket; nothing follows.
    Close(Disconnect),
    /// Count who reads a channel, on all nodes. Answer: [`Answer::ReadersCounted`].
    CountReaders {
        /// The command.
        id: u32,
        /// Which channel.
        channel: ChannelName,
    },
    /// Say what the peer's TCP has acknowledged. Answer: [`Answer::Looked`].
    Look,
    /// Become a reader of a channel, and find where to begin. Answer: [`Answer::Joined`].
    Join {
        /// For the answer.
        attempt: Attempt,
        /// Which channel.
        channel: ChannelName,
        /// What the client has already, if it wants what it missed.
        since: Option<Since>,
    },
    /// No longer a reader of this channel.
    Leave(ChannelName),
    /// Store a message. Orders of one conversation are stored in the order they are given. Answer:
    /// [`Answer::Published`].
    Publish(PublishOrder),
    /// Read a page for a `history` request. Answer: [`Answer::History`].
    ReadHistory {
        /// The command.
        id: u32,
        /// Which channel.
        channel: ChannelName,
        /// Which page.
        query: HistoryQuery,
    },
    /// Read the page of the log that comes after a position. Answer: [`Answer::Page`].
    ReadPage {
        /// For the answer.
        attempt: Attempt,
        /// Which channel.
        channel: ChannelName,
        /// After what.
        since: StreamPosition,
    },
    /// Keep receipts. Answer: [`Answer::ReceiptsTaken`].
    TakeReceipts {
        /// The command.
        id: u32,
        /// Of which bulletins.
        receipts: Receipts,
    },
}

/// How a publish was asked for, which decides how it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The protocol's own `publish`: an empty result.
    Publish,
    /// Our rpc: the position.
    Rpc,
}

/// A message to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishOrder {
    /// The command.
    pub id: u32,
    /// How it was asked for.
    pub via: Via,
    /// Where to.
    pub channel: ChannelName,
    /// What to say.
    pub data: Payload,
    /// The client's key, if it gave one.
    pub key: Option<IdempotencyKey>,
    /// Who says it.
    pub sender: ClientInfo,
    /// How soon it is to have its place; whoever asks for it may ask for it.
    pub lane: Lane,
}

/// Why a message has no place; each asks for something else of its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPlaced {
    /// Nothing was stored; the same may be sent again.
    Later(Later),
    /// It will never have one.
    Never(ErrorCode),
    /// It may have one or not; the same key again settles it.
    Unknown,
}

/// Which page of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryQuery {
    /// Newest first, from before a place (from the top without one).
    Backward {
        /// Before what.
        before: Option<Since>,
        /// At most so many.
        limit: usize,
    },
    /// Oldest first.
    Forward {
        /// After what.
        since: Since,
        /// At most so many.
        limit: usize,
    },
    /// The top alone.
    Position,
}

/// What came of an effect.
#[derive(Debug)]
pub enum Answer {
    /// Of [`Effect::ReadHistory`].
    History {
        /// The command.
        id: u32,
        /// The page.
        result: Result<HistoryResult, ErrorCode>,
    },
    /// Of [`Effect::Join`].
    Joined {
        /// Which try.
        attempt: Attempt,
        /// Where to begin.
        result: Result<Joined, ErrorCode>,
    },
    /// Of [`Effect::Look`]; nothing if it cannot be known here.
    Looked(Option<Progress>),
    /// Of [`Effect::ReadPage`]; an error if the store cannot be read now.
    Page {
        /// Which try.
        attempt: Attempt,
        /// The page.
        result: Result<Arc<Replayed>, ()>,
    },
    /// Of [`Effect::Publish`].
    Published {
        /// The command.
        id: u32,
        /// How it was asked for.
        via: Via,
        /// The place of the message.
        result: Result<Placed, NotPlaced>,
    },
    /// Of [`Effect::CountReaders`].
    ReadersCounted {
        /// The command.
        id: u32,
        /// How many.
        result: Result<PresenceStats, ErrorCode>,
    },
    /// Of [`Effect::TakeReceipts`].
    ReceiptsTaken {
        /// The command.
        id: u32,
        /// Whether they are kept.
        result: Result<(), NotTaken>,
    },
}

/// Why receipts are not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// They are to be sent again, with those that come meanwhile.
    Later(Duration),
    /// Not all of them are of bulletins.
    Never,
}

/// How far what was given to the socket has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that the peer's TCP has acknowledged since the connection began.
    pub acknowledged: u64,
    /// Bytes that were given to the socket and are not acknowledged.
    pub outstanding: u64,
}

/// A reader's place in a channel and where it begins.
#[derive(Debug)]
pub struct Joined {
    /// The place.
    pub membership: Membership,
    /// The beginning.
    pub start: Start,
}

/// Where reading begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// At the top; nothing was asked for.
    Live(StreamPosition),
    /// What was asked for cannot be continued: at the top.
    Lost(StreamPosition),
    /// Right after what the client has; the page may end before the top.
    Recovered(Page),
}
