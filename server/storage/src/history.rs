//! The log of each channel: publications numbered 1, 2, 3… within an epoch. It is the truth.

use crate::feed::Feed;
use crate::retention::{Retention, Trimmed};
use async_trait::async_trait;
use protocol::{
    ChannelName, ClientInfo, Epoch, IdempotencyKey, Lane, Offset, Payload, Publication, StreamPosition,
    Timestamp,
};
pub use protocol::{GapReason, Page, PageLimit, Replay, Since};
use std::{fmt, sync::Arc, time::Duration};

protocol::limits! {
    /// How long a repeated publish is recognised: the longest life of an outbox. A later repeat is another message.
    pub const IDEMPOTENCY_WINDOW: Duration = Duration::from_hours(72) => unseen;
    /// Most epochs that a history remembers; a client with an older one starts again and is told so.
    pub const LINEAGE_MAX_EPOCHS: usize = 128 => shown "holdfast_store_operations";
}

/// A message without a place.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Where to.
    pub channel: ChannelName,
    /// What to say.
    pub data: Payload,
    /// Who says it; nothing if the server does.
    pub sender: Option<ClientInfo>,
    /// The same key by the same sender in the same channel is the same message.
    pub key: IdempotencyKey,
    /// When it was taken.
    pub at: Timestamp,
    /// In which lane it goes: told with its announcement, and not kept.
    pub lane: Lane,
}

/// The two good outcomes of a publish. Either way the message is in the log, once, at that position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It was there already; the repeat changed nothing.
    Duplicate(StreamPosition),
    /// It has its place now.
    Stored(StreamPosition),
}

impl Published {
    /// Where the message is.
    pub const fn position(&self) -> &StreamPosition {
        match self {
            Self::Duplicate(position) | Self::Stored(position) => position,
        }
    }
}

/// Why a publish was not answered with a place; each asks for something else of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The key belongs to another message: this one is not stored and never will be under this key.
    #[error("the idempotency key belongs to another message")]
    KeyReused,
    /// The store keeps as much as it may, and evicts nothing: nothing was stored; try again when retention made room.
    #[error("the store has no room for a message")]
    NoRoom,
    /// Nothing was stored; try again later.
    #[error("the store cannot take a message now")]
    Unavailable,
    /// It may be stored or not; the same key again settles it.
    #[error("the store did not say whether it took the message")]
    Unknown,
}

/// The store cannot be read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be read now")]
pub struct Unavailable;

/// What came of offering a store what a node had seen stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repair {
    /// How many messages the store had lost and has again.
    pub again: u64,
    /// Whether it has all of them. If not, another node may have what comes before the others: offer them again.
    pub is_whole: bool,
}

/// What an answered publish can survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: the answer waited for the disk.
    Synced,
    /// A crash of the store's process, but a power cut may take about the last second.
    Relaxed,
    /// Nothing: the store keeps memory only.
    Volatile,
}

/// The log of every channel. A channel begins to exist with its first use.
#[async_trait]
pub trait History: Send + Sync + fmt::Debug {
    /// Appends a draft once, whatever the number of tries, and answers when it is stored for good.
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError>;

    /// The position of the newest publication (offset 0 in an empty channel).
    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable>;

    /// Reads forward what came after `since`, one page.
    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable>;

    /// Reads backward from before `before` (from the top without it), one page, newest first.
    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable>;

    /// Offers what this node saw stored in `epoch`, in its order, because the log seems to lack some of it. A message is
    /// recognised by its key: what is there stays, and what is lacking gets its place again as long as nothing else has it,
    /// or else a place at the end; what is older than half of [`IDEMPOTENCY_WINDOW`] is passed over, for it may be there without
    /// its key. A store whose only writer is this process loses nothing while that lives.
    async fn repair(
        &self,
        channel: &ChannelName,
        epoch: &Epoch,
        seen: &[Arc<Publication>],
    ) -> Result<Repair, Unavailable> {
        let (_, _, _) = (channel, epoch, seen);
        Ok(Repair { again: 0, is_whole: true })
    }

    /// What is new in followed channels. Taken once; a second call answers nothing.
    fn feed(&self) -> Option<Feed>;

    /// Asks that the feed carry a channel. When this returns, whatever is stored later is announced, or the feed
    /// says that it was interrupted.
    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable>;

    /// Ends [`History::follow`].
    async fn unfollow(&self, channel: &ChannelName);

    /// Removes what is older than its kind of channel keeps, counted from `now`, and forgotten idempotency keys.
    /// Answers what went; of a sweep that failed nobody knows.
    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable>;

    /// What an answered publish can survive.
    fn durability(&self) -> Durability;

    /// Whether the store answers; asked by readiness checks.
    async fn check(&self) -> Result<(), Unavailable>;

    /// Commits what was accepted and stops. Later calls are `Unavailable`.
    async fn close(&self);
}

/// Makes fresh epochs: unguessable, 128 bits or more as text. A function so that tests can seed it.
pub type EpochSource = Arc<dyn Fn() -> Epoch + Send + Sync>;
