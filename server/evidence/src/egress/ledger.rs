//! What a node's connections told, until it is written: exact while it fits, coarser where it does not.

use super::batch::{Batch, Period};
use super::budget::{BUDGET_ACCOUNTS_MAX, Exceeded, Spending};
use super::range::{Range, Rest};
use crate::account::Account;
use parking_lot::Mutex;
use protocol::limits::Limit;
use protocol::{ChannelName, MemberId, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::time::Duration;

/// How long other bytes are gathered. They are many, small and say little; ranges are told at every take.
const REST_EVERY: Duration = Duration::from_mins(1);

/// How much a ledger holds. Beyond each bound the next, coarser place is used; the last one has no bound and is a
/// number.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Different ranges, each with the accounts that got just that.
    pub ranges: usize,
    /// Accounts in all of these together. Beyond either: one range an account and channel, marked coarse.
    pub attributions: usize,
    /// Such coarse ranges. Beyond: publications count among the other bytes of their account.
    pub spans: usize,
    /// Accounts with other bytes. Beyond: bytes of nobody in particular.
    pub accounts: usize,
}

protocol::limits! {
    /// Most different ranges that a node holds; further ones become one coarse range an account and channel.
    pub const LEDGER_RANGES_MAX: usize = 65_536 => shown "holdfast_egress_coarsened_ranges";
    /// Most accounts that all of these ranges have together; beyond it ranges become coarse, too.
    pub const LEDGER_ATTRIBUTIONS_MAX: usize = 1_000_000 => shown "holdfast_egress_coarsened_ranges";
    /// Most coarse ranges that a node holds; beyond it publications count among the other bytes of their account.
    pub const LEDGER_COARSE_RANGES_MAX: usize = 131_072 => shown "holdfast_egress_coarsened_ranges";
    /// Most accounts whose other bytes a node holds; those of further ones are written as nobody's in particular.
    pub const LEDGER_ACCOUNTS_MAX: usize = 1_000_000 => shown "holdfast_egress_unattributed_bytes";
}

/// The bounds of a ledger, described.
pub const LEDGER: &[Limit] = LIMITS;

impl Default for Bounds {
    fn default() -> Self {
        Self {
            ranges: LEDGER_RANGES_MAX,
            attributions: LEDGER_ATTRIBUTIONS_MAX,
            spans: LEDGER_COARSE_RANGES_MAX,
            accounts: LEDGER_ACCOUNTS_MAX,
        }
    }
}

/// How much of a ledger is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The ranges, and once a minute the other bytes.
    Due,
    /// All of it.
    Everything,
}

/// What metrics may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Bytes that were told since the start.
    pub accounted_bytes: u64,
    /// Different ranges that wait to be written.
    pub held_ranges: usize,
    /// Ranges since the start that did not fit exactly, here or in their connection.
    pub coarsened_ranges: u64,
    /// Bytes since the start of which it is not told whose they were.
    pub unattributed_bytes: u64,
    /// Accounts that got more than their budget in the hour that runs.
    pub over_budget: usize,
}

/// One for a node; its connections tell it from all threads, and wait for each other at most for a few entries.
pub struct Ledger {
    bounds: Bounds,
    held: Mutex<Held>,
}

struct Held {
    exact: HashMap<Range, Vec<Account>>,
    attributions: usize,
    spans: HashMap<(Account, ChannelName), Range>,
    rests: HashMap<Account, Rest>,
    unattributed: Rest,
    ranges_since: Timestamp,
    rests_since: Timestamp,
    figures: Figures,
    spending: Spending,
}

impl Ledger {
    /// An empty one, without a budget.
    pub fn new(bounds: Bounds, now: Timestamp) -> Self {
        Self::with_budget(bounds, None, now)
    }

    /// An empty one, in which an account may get so many bytes within an hour.
    pub fn with_budget(bounds: Bounds, budget: Option<u64>, now: Timestamp) -> Self {
        let held = Held {
            exact: HashMap::new(),
            attributions: 0,
            spans: HashMap::new(),
            rests: HashMap::new(),
            unattributed: Rest::default(),
            ranges_since: now,
            rests_since: now,
            figures: Figures::default(),
            spending: Spending::new(budget, BUDGET_ACCOUNTS_MAX, now),
        };
        Self { bounds, held: Mutex::new(held) }
    }

    /// Takes what a tally holds.
    pub(super) fn add(&self, account: &Account, ranges: impl Iterator<Item = Range>, rest: Rest) {
        let mut held = self.held.lock();
        let mut bytes = rest.bytes;
        for range in ranges {
            bytes = bytes.saturating_add(range.bytes);
            held.figures.told(range.bytes, u64::from(range.is_coarse));
            held.add_range(account, range, self.bounds);
        }
        if !rest.is_nothing() {
            held.figures.told(rest.bytes, rest.publications);
            held.add_rest(account, rest, self.bounds);
        }
        held.spending.add(account, bytes);
    }

    /// Whether an account got more than its budget in the hour that runs.
    pub fn is_over_budget(&self, member: &MemberId) -> bool {
        self.held.lock().spending.is_over(member)
    }

    /// The accounts that went over their budget since this was asked last.
    pub fn take_exceeded(&self) -> Vec<Exceeded> {
        self.held.lock().spending.take_exceeded()
    }

    /// Takes out what is to be written; nothing if there is nothing. Holds the lock for a moment, whatever it holds.
    pub fn take(&self, now: Timestamp, take: Take) -> Option<Batch> {
        let mut held = self.held.lock();
        let spent = held.spending.turn_to(now);
        let ranges = Period::between(held.ranges_since, now);
        held.ranges_since = now;
        held.attributions = 0;
        let mut batch =
            Batch::of_ranges(ranges, std::mem::take(&mut held.exact), std::mem::take(&mut held.spans));
        // A clock that was put back must not make them wait.
        let is_due = held.rests_since.until(now) >= REST_EVERY || now < held.rests_since;
        if is_due || take == Take::Everything {
            let rests = Period::between(held.rests_since, now);
            held.rests_since = now;
            batch.add_rests(rests, std::mem::take(&mut held.rests), std::mem::take(&mut held.unattributed));
        }
        drop(held);
        drop(spent);
        (!batch.is_empty()).then_some(batch)
    }

    /// What metrics may say.
    pub fn figures(&self) -> Figures {
        let held = self.held.lock();
        let (held_ranges, over_budget) = (held.exact.len() + held.spans.len(), held.spending.over());
        Figures { held_ranges, over_budget, ..held.figures }
    }
}

impl Figures {
    fn told(&mut self, bytes: u64, coarse: u64) {
        self.accounted_bytes = self.accounted_bytes.saturating_add(bytes);
        self.coarsened_ranges = self.coarsened_ranges.saturating_add(coarse);
    }
}

impl Held {
    fn add_range(&mut self, account: &Account, range: Range, bounds: Bounds) {
        if self.attributions < bounds.attributions {
            let has_room = self.exact.len() < bounds.ranges;
            match self.exact.entry(range.clone()) {
                Entry::Occupied(entry) => {
                    entry.into_mut().push(account.clone());
                    self.attributions += 1;
                    return;
                }
                Entry::Vacant(entry) if has_room => {
                    entry.insert(vec![account.clone()]);
                    self.attributions += 1;
                    return;
                }
                Entry::Vacant(_) => {}
            }
        }
        self.figures.told(0, u64::from(!range.is_coarse));
        let has_room = self.spans.len() < bounds.spans;
        match self.spans.entry((account.clone(), range.channel.clone())) {
            Entry::Occupied(mut entry) => entry.get_mut().widen(&range),
            Entry::Vacant(entry) if has_room => drop(entry.insert(range)),
            Entry::Vacant(_) => {
                self.add_rest(account, Rest { publications: range.publications, bytes: range.bytes }, bounds);
            }
        }
    }

    fn add_rest(&mut self, account: &Account, rest: Rest, bounds: Bounds) {
        if let Some(known) = self.rests.get_mut(account) {
            known.add(rest);
        } else if self.rests.len() < bounds.accounts {
            self.rests.insert(account.clone(), rest);
        } else {
            self.unattributed.add(rest);
            self.figures.unattributed_bytes = self.figures.unattributed_bytes.saturating_add(rest.bytes);
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("bounds", &self.bounds)
            .field("figures", &self.figures())
            .finish_non_exhaustive()
    }
}
