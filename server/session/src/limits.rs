//! Bounds of one conversation, besides those of the wire.

use protocol::limits::{Limit, PAGE_MAX_BYTES, PAGE_MAX_PUBLICATIONS};

protocol::limits! {
    /// Most commands that wait behind `connect`; SDKs send none before its answer. More close the connection with 3013.
    pub(crate) const HELD_MAX_COMMANDS: usize = 32 => counted;
    /// Most bytes of replies that may wait; a client that asks on without reading is closed with 3013.
    pub(crate) const OUTBOX_MAX_BYTES: usize = 112 * 1024 => counted;
    /// Replies carry pages while no more bytes than this wait with them: requests for history wait, and what was missed
    /// follows as pushes.
    pub(crate) const OUTBOX_PAGE_MAX_BYTES: usize = 96 * 1024 => unseen;
}

/// What a publication takes in a reply besides its payload: its place, its sender, the names around them.
pub(crate) const PUBLICATION_OVERHEAD_BYTES: usize = 160;
/// What a page takes in a reply, at most.
pub(crate) const PAGE_REPLY_MAX_BYTES: usize =
    PAGE_MAX_BYTES + PAGE_MAX_PUBLICATIONS * PUBLICATION_OVERHEAD_BYTES;

/// All of them, described.
pub const ALL: &[Limit] = LIMITS;
