//! One byte budget for the rings of a node: over it, the oldest publication of all goes first, whichever channel it
//! is in. A reader that still wants it reads the log.

use crate::channel::Channel;
use parking_lot::Mutex;
use protocol::Offset;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

#[derive(Debug)]
pub(crate) struct Budget {
    max_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: usize,
    /// Every entry that was pushed, in order. Entries of a ring that was cleared stay until they are reached.
    order: VecDeque<(Weak<Channel>, Offset)>,
    live: usize,
}

impl Budget {
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            state: Mutex::new(State::default()),
        }
    }

    /// Bytes that rings hold now.
    pub(crate) fn bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// Counts a pushed entry and evicts until the budget is met. The caller holds no channel's lock.
    pub(crate) fn pushed(&self, channel: &Arc<Channel>, offset: Offset, cost: usize) {
        let mut state = self.state.lock();
        state.bytes = state.bytes.saturating_add(cost);
        state.live = state.live.saturating_add(1);
        state.order.push_back((Arc::downgrade(channel), offset));
        while state.bytes > self.max_bytes {
            let Some((channel, offset)) = state.order.pop_front() else {
                break;
            };
            if let Some(freed) = channel.upgrade().and_then(|channel| channel.evict(offset)) {
                state.bytes = state.bytes.saturating_sub(freed);
                state.live = state.live.saturating_sub(1);
            }
        }
    }

    /// Counts what a cleared ring gave back, and forgets its places once they are the most.
    pub(crate) fn cleared(&self, bytes: usize, entries: usize) {
        let mut state = self.state.lock();
        state.bytes = state.bytes.saturating_sub(bytes);
        state.live = state.live.saturating_sub(entries);
        if state.order.len() > state.live.saturating_mul(2).saturating_add(1_024) {
            state
                .order
                .retain(|(channel, offset)| channel.upgrade().is_some_and(|channel| channel.holds(*offset)));
        }
    }
}
