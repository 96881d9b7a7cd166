//! What one connection sent since it last told the ledger.

use super::ledger::Ledger;
use super::range::{Range, Rest};
use crate::account::Account;
use protocol::limits::Limit;
use protocol::{ChannelName, MemberId, Offset};
use std::fmt;
use std::sync::Arc;

protocol::limits! {
    /// Most ranges that a connection holds between two drains; a further one widens the range of its channel, or
    /// counts among the other bytes if its channel has none.
    pub const TALLY_RANGES_MAX: usize = 32 => shown "holdfast_egress_coarsened_ranges";
}

/// The bounds of a tally, described.
pub const TALLY: &[Limit] = LIMITS;
/// Ranges for which a connection that is given something now and then keeps memory; an idle one keeps none.
const RANGES_KEPT: usize = 2;

/// One connection's account. The connection owns it and adds to it at every write; whatever it holds when it is
/// dropped still reaches the ledger.
pub struct Tally {
    ledger: Arc<Ledger>,
    account: Account,
    ranges: Vec<Range>,
    /// Where the latest publication went; nearly always the next one belongs there too.
    recent: usize,
    rest: Rest,
}

impl Tally {
    /// For a connection of which nobody knows yet whose it is.
    pub const fn new(ledger: Arc<Ledger>) -> Self {
        Self {
            ledger,
            account: Account::Strangers,
            ranges: Vec::new(),
            recent: 0,
            rest: Rest { publications: 0, bytes: 0 },
        }
    }

    /// From here on the bytes are this member's; those before stay the stranger's.
    pub fn identify(&mut self, member: MemberId) {
        self.drain();
        self.account = Account::Member(member);
    }

    /// A publication was written to the socket: these bytes of it, without the frame around it.
    pub fn delivered(&mut self, channel: &ChannelName, offset: Offset, bytes: u64) {
        let is_taken =
            self.ranges.get_mut(self.recent).is_some_and(|range| range.extend(channel, offset, bytes));
        if !is_taken {
            self.delivered_elsewhere(Range::of(channel, offset, bytes));
        }
    }

    /// Publications of one channel, one right after the other, were written to the socket.
    pub fn delivered_run(&mut self, run: Range) {
        let is_taken = self.ranges.get_mut(self.recent).is_some_and(|range| range.join(&run));
        if !is_taken {
            self.delivered_elsewhere(run);
        }
    }

    /// Anything else was written: replies, pings, frames and heads, closing.
    pub fn other(&mut self, bytes: u64) {
        self.rest.bytes = self.rest.bytes.saturating_add(bytes);
    }

    /// Tells the ledger, and begins anew. Cheap when there is nothing to tell.
    pub fn drain(&mut self) {
        let is_idle = self.ranges.is_empty();
        if !is_idle || !self.rest.is_nothing() {
            self.ledger.add(&self.account, self.ranges.drain(..), std::mem::take(&mut self.rest));
        }
        // No publication since the last time, at which nothing but a ping may have been told.
        self.ranges.shrink_to(if is_idle { 0 } else { RANGES_KEPT });
        self.recent = 0;
    }

    #[cold]
    fn delivered_elsewhere(&mut self, run: Range) {
        if let Some(index) = self.ranges.iter_mut().position(|range| range.join(&run)) {
            self.recent = index;
        } else if self.ranges.len() < TALLY_RANGES_MAX {
            self.recent = self.ranges.len();
            self.ranges.push(run);
        } else if let Some(range) = self.ranges.iter_mut().find(|range| range.channel == run.channel) {
            range.widen(&run);
        } else {
            self.rest.add(Rest { publications: run.publications, bytes: run.bytes });
        }
    }
}

#[cfg(test)]
impl Tally {
    /// For how many ranges it has memory.
    pub(super) const fn room(&self) -> usize {
        self.ranges.capacity()
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.drain();
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally")
            .field("ranges", &self.ranges)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}
