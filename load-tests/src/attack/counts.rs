//! What an attack offered, and what became of it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts since they were last handed over; `open_max` is a level, of which the highest counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct AttackCounts {
    /// How often it was due to strike, and how often it did: a connection begun, a command given to its socket.
    pub(crate) due: u64,
    pub(crate) offered: u64,
    /// Strikes for which there was no connection or no room in one, which is the server's doing.
    pub(crate) held_back: u64,
    /// Strikes that this machine could not do.
    pub(crate) failed: u64,
    /// Connections that stood, and the most at once.
    pub(crate) opened: u64,
    pub(crate) open_max: u64,
    /// Connections that the server ended without a byte of an answer.
    pub(crate) cut: u64,
    /// How it ended others: by the code of its goodbye, 1006 without one.
    pub(crate) closed: BTreeMap<u16, u64>,
    /// Answers to requests by status; those that said when to come again.
    pub(crate) answered: BTreeMap<u16, u64>,
    pub(crate) retry_after: u64,
    /// Connections that were upgraded; those that were let in with what is worth nothing.
    pub(crate) upgraded: u64,
    pub(crate) let_in: u64,
    /// Commands by their answers.
    pub(crate) accepted: u64,
    pub(crate) refused_for_now: u64,
    pub(crate) refused: u64,
}

impl AttackCounts {
    /// Adds those of another interval.
    pub(crate) fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.offered += other.offered;
        self.held_back += other.held_back;
        self.failed += other.failed;
        self.opened += other.opened;
        self.open_max = self.open_max.max(other.open_max);
        self.cut += other.cut;
        self.retry_after += other.retry_after;
        self.upgraded += other.upgraded;
        self.let_in += other.let_in;
        self.accepted += other.accepted;
        self.refused_for_now += other.refused_for_now;
        self.refused += other.refused;
        for (code, count) in &other.closed {
            *self.closed.entry(*code).or_default() += count;
        }
        for (status, count) in &other.answered {
            *self.answered.entry(*status).or_default() += count;
        }
    }

    /// Answers with these statuses.
    pub(crate) fn answers(&self, statuses: impl std::ops::RangeBounds<u16>) -> u64 {
        self.answered.range(statuses).map(|(_, count)| count).sum()
    }

    /// What was struck or would have been, had the server let it: less is the attacker's own fault.
    pub(crate) const fn tried(&self) -> u64 {
        self.offered + self.held_back
    }

    /// How many strikes cost the server something: connections that stood, or commands that it answered on them.
    pub(crate) fn met(&self) -> u64 {
        self.opened.max(self.accepted + self.refused_for_now + self.refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_a_level_does_not() {
        let mut all = AttackCounts { open_max: 7, ..AttackCounts::default() };
        for status in [200, 401, 404, 503, 503] {
            let answered = BTreeMap::from([(status, 1)]);
            let closed = BTreeMap::from([(1006, 2)]);
            all.add(&AttackCounts {
                accepted: 2,
                offered: 1,
                held_back: 1,
                open_max: 3,
                answered,
                closed,
                ..AttackCounts::default()
            });
        }
        assert_eq!((all.open_max, all.tried(), all.met()), (7, 10, 10));
        assert_eq!((all.answers(200..300), all.answers(400..500), all.answers(503..504)), (1, 2, 2));
    }
}
