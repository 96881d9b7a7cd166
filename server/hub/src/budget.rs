//! One byte budget for the rings of a node: over it, the oldest publication of all goes first, whichever channel it
//! is in. A reader that still wants it reads the log.

use crate::channel::Channel;
use protocol::Offset;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

/// What rings hold. Its owner's lock is taken before any channel's, and held while a ring changes, so that the count
/// and the rings agree.
#[derive(Debug)]
pub(crate) struct Budget {
    max_bytes: usize,
    bytes: usize,
    entries: usize,
    evicted: u64,
    /// Every entry that was pushed, in order. Entries of a ring that was cleared stay until they are reached.
    order: VecDeque<(Weak<Channel>, Offset)>,
}

impl Budget {
    pub(crate) const fn new(max_bytes: usize) -> Self {
        Self { max_bytes, bytes: 0, entries: 0, evicted: 0, order: VecDeque::new() }
    }

    /// Bytes that rings hold now.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that rings may hold.
    pub(crate) const fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Entries that rings hold now.
    pub(crate) const fn entries(&self) -> usize {
        self.entries
    }

    /// Entries that went because the budget was reached.
    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Counts a pushed entry and evicts until the budget is met.
    pub(crate) fn pushed(&mut self, channel: &Arc<Channel>, offset: Offset, cost: usize) {
        self.bytes = self.bytes.saturating_add(cost);
        self.entries = self.entries.saturating_add(1);
        self.order.push_back((Arc::downgrade(channel), offset));
        while self.bytes > self.max_bytes {
            let Some((channel, offset)) = self.order.pop_front() else {
                break;
            };
            if let Some(freed) = channel.upgrade().and_then(|channel| channel.evict(offset)) {
                self.bytes = self.bytes.saturating_sub(freed);
                self.entries = self.entries.saturating_sub(1);
                self.evicted = self.evicted.saturating_add(1);
            }
        }
    }

    /// Counts what a cleared ring gave back, and forgets its places once they are the most.
    pub(crate) fn cleared(&mut self, bytes: usize, entries: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
        self.entries = self.entries.saturating_sub(entries);
        if self.order.len() > self.entries.saturating_mul(2).saturating_add(1_024) {
            self.order
                .retain(|(channel, offset)| channel.upgrade().is_some_and(|channel| channel.holds(*offset)));
        }
    }
}
