//! Publications of one channel that went to one account, as one entry.

use protocol::{ChannelName, Offset};
use std::fmt;

/// A run of publications. Two accounts that got the same have equal ranges.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Range {
    /// Which channel.
    pub channel: ChannelName,
    /// The lowest offset.
    pub first: Offset,
    /// The highest offset.
    pub last: Offset,
    /// How many deliveries; a publication that was delivered twice counts twice.
    pub publications: u64,
    /// Their exact bytes.
    pub bytes: u64,
    /// Whether not every offset between the two need have been delivered, or not just once: a bound was reached.
    pub is_coarse: bool,
}

/// Bytes of no range: replies, framing, HTTP. Of publications only where a bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Rest {
    /// Publications among the bytes, whose channels are not told any more.
    pub publications: u64,
    /// The exact bytes.
    pub bytes: u64,
}

impl Range {
    /// One publication.
    pub fn of(channel: &ChannelName, offset: Offset, bytes: u64) -> Self {
        Self {
            channel: channel.clone(),
            first: offset,
            last: offset,
            publications: 1,
            bytes,
            is_coarse: false,
        }
    }

    /// Takes a run that comes right after; says whether it was that one.
    pub(super) fn join(&mut self, next: &Self) -> bool {
        let is_next = next.first == self.last.next() && next.channel == self.channel;
        if is_next {
            self.last = next.last;
            self.publications = self.publications.saturating_add(next.publications);
            self.bytes = self.bytes.saturating_add(next.bytes);
            self.is_coarse |= next.is_coarse;
        }
        is_next
    }

    /// Takes the publication that comes right after; says whether it was that one.
    pub(super) fn extend(&mut self, channel: &ChannelName, offset: Offset, bytes: u64) -> bool {
        let is_next = offset == self.last.next() && *channel == self.channel;
        if is_next {
            self.last = offset;
            self.publications = self.publications.saturating_add(1);
            self.bytes = self.bytes.saturating_add(bytes);
        }
        is_next
    }

    /// Joins another range of the same channel.
    pub(super) fn widen(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.publications = self.publications.saturating_add(other.publications);
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.is_coarse = true;
    }
}

impl Rest {
    /// Whether there is nothing to tell.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.publications = self.publications.saturating_add(other.publications);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// Without the channel's name, which may be whose inbox it is, in all but its own hiding form.
impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channel, first, last, publications, bytes, is_coarse } = self;
        let coarse = if *is_coarse { ", coarse" } else { "" };
        write!(f, "{channel:?} {first}..={last}: {publications} in {bytes} bytes{coarse}")
    }
}
