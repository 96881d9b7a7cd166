//! A stretch of a set as a record has it.

use super::Reached;
use roaring::RoaringBitmap;
use std::fmt;

protocol::limits! {
    /// Largest chunk of receipts: 65,536 members as bits, and what says so. A larger record is none.
    pub const CHUNK_MAX_BYTES: usize = 9 * 1024 => unseen;
}

/// Which stretch of which set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChunkKey {
    /// How the members in it were reached.
    pub of: Reached,
    /// The upper half of their numbers.
    pub high: u16,
}

/// What is no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of receipts is damaged")]
pub struct InvalidChunk;

/// The members of a set whose numbers have one upper half.
#[derive(Clone, PartialEq)]
pub struct Chunk {
    key: ChunkKey,
    members: RoaringBitmap,
}

/// The upper half of a number.
pub(super) fn high(number: u32) -> u16 {
    u16::try_from(number >> 16).unwrap_or(u16::MAX)
}

/// The upper halves of the numbers of a set.
pub(super) fn highs(set: &RoaringBitmap) -> impl Iterator<Item = u16> + '_ {
    let mut next = set.min();
    std::iter::from_fn(move || {
        let high = high(next?);
        next = u32::from(high)
            .checked_add(1)
            .and_then(|after| after.checked_shl(16).filter(|first| *first != 0))
            .and_then(|first| set.range(first..).next());
        Some(high)
    })
}

impl ChunkKey {
    /// The end of the id of its record: `acknowledged.0003`.
    pub fn suffix(self) -> String {
        format!("{}.{:04x}", self.of.as_str(), self.high)
    }

    /// Reads the end of an id.
    pub fn parse(suffix: &str) -> Option<Self> {
        let (of, high) = suffix.split_once('.')?;
        let of = Reached::ALL.into_iter().find(|known| known.as_str() == of)?;
        let is_written_so = high.len() == 4 && !high.starts_with('+');
        let high = u16::from_str_radix(high, 16).ok()?;
        is_written_so.then_some(Self { of, high })
    }
}

impl Chunk {
    /// That stretch of a set.
    pub(super) fn of(set: &RoaringBitmap, key: ChunkKey) -> Self {
        let first = u32::from(key.high) << 16;
        let mut members = RoaringBitmap::new();
        // Whoever is asked for next is greater than whoever was before, so none is refused.
        members.extend(set.range(first..=first | 0xffff));
        Self { key, members }
    }

    /// Which it is.
    pub const fn key(&self) -> ChunkKey {
        self.key
    }

    /// Who is in it.
    pub const fn members(&self) -> &RoaringBitmap {
        &self.members
    }

    /// All of both, if both are the same stretch.
    #[must_use]
    pub fn united(mut self, other: &Self) -> Self {
        if self.key == other.key {
            self.members |= &other.members;
        }
        self
    }

    /// The bytes of its record: the portable format of Roaring bitmaps, which other languages read, too.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut packed = self.members.clone();
        packed.optimize();
        let mut bytes = Vec::with_capacity(packed.serialized_size());
        // Memory takes whatever is written to it.
        let written = packed.serialize_into(&mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    /// Reads a record's bytes.
    pub fn from_bytes(key: ChunkKey, bytes: &[u8]) -> Result<Self, InvalidChunk> {
        if bytes.len() > CHUNK_MAX_BYTES {
            return Err(InvalidChunk);
        }
        let members = RoaringBitmap::deserialize_from(bytes).map_err(|_| InvalidChunk)?;
        let ends = [members.min(), members.max()];
        let is_here = ends.into_iter().flatten().all(|number| high(number) == key.high);
        if is_here { Ok(Self { key, members }) } else { Err(InvalidChunk) }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({:?}, {} members)", self.key, self.members.len())
    }
}
