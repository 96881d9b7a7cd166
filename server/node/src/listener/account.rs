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
    /// Bytes of frames that were given to be written.
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

    /// A frame was given to be written, with these publications in it. They are told when it was.
    pub(super) fn give(&mut self, bytes: usize, runs: Vec<Run>) {
        self.given = self.given.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
        self.pending.extend(runs.into_iter().map(|run| (self.given, run)));
    }

    /// Tells what was written since it was told last. Heads and TLS come on top of the frames, so a frame that seems
    /// written may lack some bytes of its end.
    pub(super) fn tell(&mut self, written: u64) {
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
        let pending: u64 = self.pending.iter().map(|(_, run)| bytes_of(run)).sum();
        let other = written.saturating_sub(self.told.saturating_add(pending));
        if other > 0 {
            self.told = self.told.saturating_add(other);
            self.tally.other(other);
        }
        self.tally.drain();
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
