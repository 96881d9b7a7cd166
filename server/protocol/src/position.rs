//! Places in a channel's history.

use crate::ids::InvalidId;
use crate::limits::EPOCH_MAX_BYTES;
use arcstr::ArcStr;
use std::fmt;

/// One life of a history: a fresh unguessable id, never a counter. 1 to 32 of `A–Z a–z 0–9 _ -`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Epoch(ArcStr);

/// The number of a publication in its channel: 1, 2, 3… without holes; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset(u64);

/// An offset in one epoch. It has no order: two epochs are not comparable, and only the
/// history's lineage says how a position of one stands towards another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StreamPosition {
    /// Which life of the history.
    pub epoch: Epoch,
    /// Which publication in it.
    pub offset: Offset,
}

impl Epoch {
    /// Reads an epoch, or says that it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if text.is_empty() || text.len() > EPOCH_MAX_BYTES || !text.bytes().all(allowed) {
            return Err(InvalidId);
        }
        Ok(Self(text.into()))
    }

    /// An epoch that no history ever has: what a client's text stands for that cannot be an epoch at all.
    pub fn foreign() -> Self {
        Self("-".into())
    }

    /// The epoch as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Epoch({})", self.0)
    }
}

impl serde::Serialize for Epoch {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Offset {
    /// Before the first publication.
    pub const ZERO: Self = Self(0);

    /// The offset with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The next offset. Saturates, which no history of ours lives long enough to see.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The offset before, or zero.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl serde::Serialize for Offset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_short_and_plain() {
        for text in ["", "a:b", "a b", &"a".repeat(33)] {
            assert!(Epoch::parse(text).is_err(), "{text:?}");
        }
    }
}
