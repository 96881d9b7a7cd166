//! What few conversations have at a time: queues, turns and pauses. Idle ones have no memory for them.

use super::publishing::HistoryOrder;
use protocol::ChannelName;
use std::collections::VecDeque;
use std::time::Instant;

/// Made when something is put in, and gone when nothing is left.
#[derive(Debug, Default)]
pub(super) struct Pending(Option<Box<Queues>>);

/// What waits for its turn.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// The channel to begin with at the next read, so that a busy one does not starve the others.
    pub(super) turn: Option<ChannelName>,
    /// Channels whose readers want a page of the log, in the order in which they asked.
    pub(super) lagging: VecDeque<ChannelName>,
    /// `history` requests that wait for their turn: one page at a time a connection.
    pub(super) histories: VecDeque<HistoryOrder>,
    /// The channel of the one that has its turn.
    pub(super) reading_history: Option<ChannelName>,
    /// The bytes of orders that are not answered yet, by their commands, in the order in which they were given.
    pub(super) order_bytes: VecDeque<(u32, usize)>,
    /// Until when no message is taken, because one was refused for now.
    pub(super) posts_refused_until: Option<Instant>,
}

impl Pending {
    pub(super) fn get(&self) -> Option<&Queues> {
        self.0.as_deref()
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut Queues> {
        self.0.as_deref_mut()
    }

    /// To put something in.
    pub(super) fn make(&mut self) -> &mut Queues {
        self.0.get_or_insert_default()
    }

    /// Gives the memory back if nothing waits.
    pub(super) fn tidy(&mut self, now: Instant) {
        self.0.take_if(|queues| queues.is_over(now));
    }
}

impl Queues {
    fn is_over(&self, now: Instant) -> bool {
        self.turn.is_none()
            && self.lagging.is_empty()
            && self.histories.is_empty()
            && self.reading_history.is_none()
            && self.order_bytes.is_empty()
            && self.posts_refused_until.is_none_or(|until| until <= now)
    }
}
