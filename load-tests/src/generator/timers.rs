//! What is due when.

use crate::clock::Micros;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What becomes due for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// To ask again for what was refused for now.
    Again,
    /// A phone loses its network: the connection with this number.
    Lose(u32),
    /// To open a connection.
    Open,
    /// The next message of a phase.
    Post(usize),
    /// To read on, on the connection with this number.
    Read(u32),
}

/// All of a process: a few a client, since each kind is set once until it comes.
#[derive(Debug, Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Micros, usize, Timer)>>);

impl Timers {
    pub(super) fn set(&mut self, at: Micros, client: usize, timer: Timer) {
        self.0.push(Reverse((at, client, timer)));
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Option<Micros> {
        self.0.peek().map(|Reverse((at, _, _))| *at)
    }

    /// The next that is due.
    pub(super) fn take(&mut self, now: Micros) -> Option<(Micros, usize, Timer)> {
        if self.next()? > now {
            return None;
        }
        self.0.pop().map(|Reverse(due)| due)
    }
}
