//! The account of one connection: what of its bytes was publications, and to whom they went.

use evidence::egress::{Range, Tally};
use protocol::MemberId;
use session::Run;
use std::collections::VecDeque;

/// Follows what is given to be written and what was. The sum of what it tells is exact when the connection has ended.
#[derive(Debug)]
pub(super) struct Account {
    tally: Tally,
    /// Bytes that the tally was told.
    told: u64,
    /// Where the frames end that were given to be written, among the bytes of the connection; too early by the heads and
    /// TLS records since it took all it was given.
    given: u64,
    /// Publications in frames that are not all written, with the place in `given` where their frame ends.
    pending: VecDeque<(u64, Run)>,
}

impl Account {
    pub(super) const fn new(tally: Tally) -> Self {
        Self { tally, told: 0, given: 0, pending: VecDeque::new() }
    }

    /// From here on the bytes are this member's.
    pub(super) fn identify(&mut self, member: &MemberId, written: u64) {
        self.tell(written);
        self.tally.identify(member.clone());
    }

    /// A frame was given to be written, with these publications in it; they are told when it was. It begins at `begins`,
    /// if all before it is written, and else behind the frame before it.
    pub(super) fn give(&mut self, bytes: usize, runs: impl IntoIterator<Item = Run>, begins: Option<u64>) {
        if let Some(written) = begins {
            // Of one channel they become one range: a connection that takes what it is given keeps little.
            self.note_written(written);
        }
        let place = begins.unwrap_or(0).max(self.given);
        self.given = place.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
        self.pending.extend(runs.into_iter().map(|run| (self.given, run)));
    }

    /// Tells what was written since it was told last. Of a connection that stalls, a frame that seems written may lack
    /// some bytes of its end: as many as TLS added since.
    pub(super) fn tell(&mut self, written: u64) {
        self.note_written(written);
        if self.pending.is_empty() {
            // An idle connection holds no memory for what it was given.
            self.pending = VecDeque::new();
        }
        let pending: u64 = self.pending.iter().map(|(_, run)| bytes_of(run)).sum();
        let other = written.saturating_sub(self.told.saturating_add(pending));
        if other > 0 {
            self.told = self.told.saturating_add(other);
            self.tally.other(other);
        }
        self.tally.drain();
    }

    /// Publications whose frames are written go to the tally.
    fn note_written(&mut self, written: u64) {
        while let Some((_, run)) = self.pending.pop_front_if(|(end, _)| *end <= written) {
            self.told = self.told.saturating_add(bytes_of(&run));
            self.tally.delivered_run(Range {
                bytes: bytes_of(&run),
                channel: run.channel,
                first: run.first,
                last: run.last,
                publications: run.publications,
                is_coarse: false,
            });
        }
    }

    /// The connection has ended: what is not written never will be.
    pub(super) fn end(&mut self, written: u64) {
        // Once for what arrived, once for what remains of a frame that was cut.
        self.tell(written);
        self.pending = VecDeque::new();
        self.tell(written);
    }
}

fn bytes_of(run: &Run) -> u64 {
    run.bytes.try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::egress::{Batch, Bounds, Ledger, Take, Totals, Window};
    use protocol::{ChannelName, Offset, Timestamp};
    use std::sync::Arc;

    fn run(bytes: usize) -> Vec<Run> {
        let (channel, first) = (ChannelName::bulletins_all(), Offset::new(1));
        vec![Run { channel, first, last: first, publications: 1, bytes }]
    }

    /// Publications and bytes that are told of a connection.
    fn told(follow: impl FnOnce(&mut Account)) -> (u64, u64) {
        let at = Timestamp::from_millis(0);
        let ledger = Arc::new(Ledger::new(Bounds::default(), at));
        follow(&mut Account::new(Tally::new(Arc::clone(&ledger))));
        let mut totals = Totals::default();
        for line in ledger.take(at, Take::Everything).iter().flat_map(Batch::lines) {
            totals.read(line.to_text().trim_end().as_bytes(), &Window::default());
        }
        let total = totals.accounts.values().next().unwrap();
        (total.publications, total.bytes)
    }

    #[test]
    fn a_frame_that_was_written_after_a_handshake_is_told_once() {
        let followed = |account: &mut Account| {
            account.tell(5_000);
            account.give(110, run(100), Some(5_000));
            account.tell(5_132);
            account.end(5_132);
        };
        assert_eq!(told(followed), (1, 5_132));
    }

    #[test]
    fn a_frame_of_which_nothing_was_written_is_not_told_whatever_came_before_it() {
        let followed = |account: &mut Account| {
            account.tell(5_000);
            account.give(110, run(100), Some(5_000));
            account.tell(5_000);
            account.end(5_000);
        };
        assert_eq!(told(followed), (0, 5_000));
    }

    #[test]
    fn a_frame_behind_one_that_waits_is_told_when_both_were_written() {
        for (written, publications) in [(5_000, 0), (5_110, 1), (5_219, 1), (5_220, 2)] {
            let followed = |account: &mut Account| {
                account.tell(5_000);
                account.give(110, run(100), Some(5_000));
                account.give(110, run(100), None);
                account.end(written);
            };
            assert_eq!(told(followed), (publications, written));
        }
    }
}
