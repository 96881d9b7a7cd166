//! Coming back: from where a reader wants to go on, and what became of what it missed.

use crate::limits::{PAGE_MAX_BYTES, PAGE_MAX_PUBLICATIONS};
use crate::position::{Offset, StreamPosition};
use crate::publication::Publication;
use std::sync::Arc;

/// From where to read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Since {
    /// After this offset, in whatever epoch is current (the protocol's empty epoch).
    Offset(Offset),
    /// After this position.
    Position(StreamPosition),
    /// From the oldest that is kept; never a gap.
    Start,
}

/// How much one page may hold. One publication always fits, however large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PageLimit {
    /// Most publications.
    pub publications: usize,
    /// Most bytes of payload.
    pub bytes: usize,
}

impl PageLimit {
    /// The bounds of the wire.
    pub const MAX: Self = Self { publications: PAGE_MAX_PUBLICATIONS, bytes: PAGE_MAX_BYTES };

    /// At most so many publications, and no more than the wire allows.
    pub fn publications(count: usize) -> Self {
        Self { publications: count.min(PAGE_MAX_PUBLICATIONS), bytes: PAGE_MAX_BYTES }
    }
}

/// A stretch of a log, and where the log ended when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Consecutive publications: oldest first when read forward, newest first when read backward.
    pub publications: Vec<Arc<Publication>>,
    /// The end of the log.
    pub top: StreamPosition,
}

/// What became of what was missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// Nothing is gone: the page begins right after the position that was asked for (or at the oldest kept, for
    /// [`Since::Start`]). It may end before the top; ask again from its last offset.
    Complete(Page),
    /// Something is gone, or was never part of this history.
    Gap {
        /// Why.
        reason: GapReason,
        /// Where to go on.
        top: StreamPosition,
    },
}

/// Why a position cannot be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapReason {
    /// The position is beyond what survived of its epoch: that reality was lost.
    Beyond,
    /// Retention took what came next.
    Trimmed,
    /// No such epoch is known.
    UnknownEpoch,
}
