//! Who got a bulletin, as sets of members' numbers: exact to a million, a few kilobytes each.
//!
//! A receipt says how far a bulletin came with one member. Stages follow each other, so that who acknowledged a bulletin
//! also received it, whatever was told before or is told later. Sets only grow, and two nodes' sets are united by taking
//! all of both: the order of receipts, repeats, and how long they were put off change nothing.
//!
//! Sets are kept in chunks of 65,536 members, so that no record is larger than [`CHUNK_MAX_BYTES`] and a receipt changes
//! one small record. When a bulletin expires, what is left of them is how many, in all and by region.

mod chunk;
mod counts;
pub mod kept;

pub use chunk::{CHUNK_MAX_BYTES, Chunk, ChunkKey, InvalidChunk};
pub use counts::{Counts, StageCounts};

use crate::audience::{Index, MemberNumber};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

pub(crate) use chunk::LIMITS;

/// How far a bulletin came with one member; each stage has those before it in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It is for them, and it is stored where they read.
    Accepted,
    /// It was written to a connection of theirs.
    Written,
    /// Their app has it.
    Received,
    /// They said that they have seen it.
    Acknowledged,
}

impl Stage {
    /// All, the first first.
    pub const ALL: [Self; 4] = [Self::Accepted, Self::Written, Self::Received, Self::Acknowledged];

    /// The stage's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Written => "written",
            Self::Received => "received",
            Self::Acknowledged => "acknowledged",
        }
    }
}

/// How a member was reached: a stage, or that a sleeping device of theirs was told. Notifications have no place among the
/// stages, as a bulletin is read without one, and one is sent without being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reached {
    /// So far.
    Stage(Stage),
    /// A push service took a notification for a device of theirs.
    Pushed,
    /// A device of theirs showed one.
    Shown,
}

impl Reached {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Stage(Stage::Accepted),
        Self::Stage(Stage::Written),
        Self::Stage(Stage::Received),
        Self::Stage(Stage::Acknowledged),
        Self::Pushed,
        Self::Shown,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stage(stage) => stage.as_str(),
            Self::Pushed => "pushed",
            Self::Shown => "shown",
        }
    }
}

impl From<Stage> for Reached {
    fn from(stage: Stage) -> Self {
        Self::Stage(stage)
    }
}

/// The receipts of one bulletin.
#[derive(Clone, PartialEq, Default)]
pub struct Receipts {
    /// Whom it is for, as it was when it went.
    accepted: RoaringBitmap,
    written: RoaringBitmap,
    received: RoaringBitmap,
    acknowledged: RoaringBitmap,
    pushed: RoaringBitmap,
    shown: RoaringBitmap,
    /// Which chunks have something that is not kept yet.
    changed: BTreeSet<ChunkKey>,
}

impl Receipts {
    /// None yet, of a bulletin for these.
    pub fn of(audience: RoaringBitmap) -> Self {
        let changed =
            chunk::highs(&audience).map(|high| ChunkKey { of: Stage::Accepted.into(), high }).collect();
        Self { accepted: audience, changed, ..Self::default() }
    }

    /// Takes a receipt. Answers whether it said anything new. Who is not in the audience (came later, reads more) is
    /// counted where they got it, but was never to be reached.
    pub fn take(&mut self, member: MemberNumber, reached: impl Into<Reached>) -> bool {
        let MemberNumber(number) = member;
        let high = chunk::high(number);
        let reached = reached.into();
        let is_told = |told: &Reached| match (told, reached) {
            (Reached::Stage(told), Reached::Stage(stage)) => *told > Stage::Accepted && *told <= stage,
            // What was shown was sent, whatever became of the push service's answer.
            (Reached::Pushed, Reached::Shown) => true,
            (told, reached) => *told == reached,
        };
        let mut is_new = false;
        for of in Reached::ALL.into_iter().filter(is_told) {
            if self.set_mut(of).insert(number) {
                self.changed.insert(ChunkKey { of, high });
                is_new = true;
            }
        }
        is_new
    }

    /// Takes what another node kept of the same bulletin. What comes from the store is no change to be kept.
    pub fn unite(&mut self, chunk: &Chunk) {
        *self.set_mut(chunk.key().of) |= chunk.members();
    }

    /// Whether anything is to be kept still.
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Which chunks are to be kept still.
    pub fn changes(&self) -> impl Iterator<Item = ChunkKey> + '_ {
        self.changed.iter().copied()
    }

    /// The chunk, as it is now.
    pub fn chunk(&self, key: ChunkKey) -> Chunk {
        Chunk::of(self.set(key.of), key)
    }

    /// A chunk was kept as it was said. What was taken since is still to be kept.
    pub fn kept(&mut self, kept: &Chunk) {
        if self.chunk(kept.key()).members().is_subset(kept.members()) {
            self.changed.remove(&kept.key());
        }
    }

    /// How many reached a stage.
    pub fn count(&self, reached: impl Into<Reached>) -> u64 {
        self.set(reached.into()).len()
    }

    /// Whom it was for when it went.
    pub const fn audience(&self) -> &RoaringBitmap {
        &self.accepted
    }

    /// Of whom a push service took a notification.
    pub const fn pushed(&self) -> &RoaringBitmap {
        &self.pushed
    }

    /// Who of the audience did not reach a stage: whom to follow up.
    pub fn missing(&self, stage: Stage) -> RoaringBitmap {
        &self.accepted - self.set(stage.into())
    }

    /// How many reached each stage, in all and by region, as members are in them now.
    pub fn counts(&self, index: &Index) -> Counts {
        Counts::new(|reached| {
            let set = self.set(reached);
            (set.len(), index.by_region(set))
        })
    }

    /// Bytes that the sets take in memory and on disk, about.
    pub fn size(&self) -> usize {
        Reached::ALL.into_iter().map(|reached| self.set(reached).serialized_size()).sum()
    }

    const fn set(&self, reached: Reached) -> &RoaringBitmap {
        match reached {
            Reached::Stage(Stage::Accepted) => &self.accepted,
            Reached::Stage(Stage::Written) => &self.written,
            Reached::Stage(Stage::Received) => &self.received,
            Reached::Stage(Stage::Acknowledged) => &self.acknowledged,
            Reached::Pushed => &self.pushed,
            Reached::Shown => &self.shown,
        }
    }

    const fn set_mut(&mut self, reached: Reached) -> &mut RoaringBitmap {
        match reached {
            Reached::Stage(Stage::Accepted) => &mut self.accepted,
            Reached::Stage(Stage::Written) => &mut self.written,
            Reached::Stage(Stage::Received) => &mut self.received,
            Reached::Stage(Stage::Acknowledged) => &mut self.acknowledged,
            Reached::Pushed => &mut self.pushed,
            Reached::Shown => &mut self.shown,
        }
    }
}

impl fmt::Debug for Receipts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receipts({} members)", self.accepted.len())
    }
}

#[cfg(test)]
mod tests;
