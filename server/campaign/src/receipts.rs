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

/// The receipts of one bulletin.
#[derive(Clone, PartialEq, Default)]
pub struct Receipts {
    /// Whom it is for, as it was when it went.
    accepted: RoaringBitmap,
    written: RoaringBitmap,
    received: RoaringBitmap,
    acknowledged: RoaringBitmap,
    /// Which chunks have something that is not kept yet.
    changed: BTreeSet<ChunkKey>,
}

impl Receipts {
    /// None yet, of a bulletin for these.
    pub fn of(audience: RoaringBitmap) -> Self {
        let changed = chunk::highs(&audience).map(|high| ChunkKey { stage: Stage::Accepted, high }).collect();
        Self { accepted: audience, changed, ..Self::default() }
    }

    /// Takes a receipt. Answers whether it said anything new. Who is not in the audience (came later, reads more) is
    /// counted where they got it, but was never to be reached.
    pub fn take(&mut self, member: MemberNumber, stage: Stage) -> bool {
        let MemberNumber(number) = member;
        let high = chunk::high(number);
        let mut is_new = false;
        for told in [Stage::Written, Stage::Received, Stage::Acknowledged] {
            if told <= stage && self.set_mut(told).insert(number) {
                self.changed.insert(ChunkKey { stage: told, high });
                is_new = true;
            }
        }
        is_new
    }

    /// Takes what another node kept of the same bulletin. What comes from the store is no change to be kept.
    pub fn unite(&mut self, chunk: &Chunk) {
        *self.set_mut(chunk.key().stage) |= chunk.members();
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
        Chunk::of(self.set(key.stage), key)
    }

    /// A chunk was kept as it was said. What was taken since is still to be kept.
    pub fn kept(&mut self, kept: &Chunk) {
        if self.chunk(kept.key()).members().is_subset(kept.members()) {
            self.changed.remove(&kept.key());
        }
    }

    /// How many reached a stage.
    pub fn count(&self, stage: Stage) -> u64 {
        self.set(stage).len()
    }

    /// Whom it was for when it went.
    pub const fn audience(&self) -> &RoaringBitmap {
        &self.accepted
    }

    /// Who of the audience did not reach a stage: whom to follow up.
    pub fn missing(&self, stage: Stage) -> RoaringBitmap {
        &self.accepted - self.set(stage)
    }

    /// How many reached each stage, in all and by region, as members are in them now.
    pub fn counts(&self, index: &Index) -> Counts {
        Counts::new(|stage| {
            let set = self.set(stage);
            (set.len(), index.by_region(set))
        })
    }

    /// Bytes that the sets take in memory and on disk, about.
    pub fn size(&self) -> usize {
        Stage::ALL.into_iter().map(|stage| self.set(stage).serialized_size()).sum()
    }

    const fn set(&self, stage: Stage) -> &RoaringBitmap {
        match stage {
            Stage::Accepted => &self.accepted,
            Stage::Written => &self.written,
            Stage::Received => &self.received,
            Stage::Acknowledged => &self.acknowledged,
        }
    }

    const fn set_mut(&mut self, stage: Stage) -> &mut RoaringBitmap {
        match stage {
            Stage::Accepted => &mut self.accepted,
            Stage::Written => &mut self.written,
            Stage::Received => &mut self.received,
            Stage::Acknowledged => &mut self.acknowledged,
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
