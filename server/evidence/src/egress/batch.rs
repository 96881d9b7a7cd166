//! What was taken out of a ledger, and how it is worded: one line for all accounts that got the same.

use super::line::{LINE_ACCOUNTS_MAX, Line};
use super::range::{Range, Rest};
use crate::account::Account;
use protocol::{ChannelName, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// From when until when bytes were told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Period {
    since: Timestamp,
    until: Timestamp,
}

/// Everything that one write has to say. It can be worded again, should the write fail.
#[derive(Default)]
pub struct Batch {
    ranges: Period,
    exact: HashMap<Range, Vec<Account>>,
    spans: HashMap<(Account, ChannelName), Range>,
    others: Period,
    rests: HashMap<Account, Rest>,
    unattributed: Rest,
}

impl Period {
    /// A clock that was put back makes it short, never negative.
    pub(super) fn between(since: Timestamp, until: Timestamp) -> Self {
        Self { since: since.min(until), until }
    }
}

impl Batch {
    pub(super) fn of_ranges(
        ranges: Period,
        exact: HashMap<Range, Vec<Account>>,
        spans: HashMap<(Account, ChannelName), Range>,
    ) -> Self {
        Self { ranges, exact, spans, ..Self::default() }
    }

    pub(super) fn add_rests(&mut self, others: Period, rests: HashMap<Account, Rest>, unattributed: Rest) {
        self.others = others;
        self.rests = rests;
        self.unattributed = unattributed;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exact.is_empty()
            && self.spans.is_empty()
            && self.rests.is_empty()
            && self.unattributed.is_nothing()
    }

    /// The lines. A line has at most [`LINE_ACCOUNTS_MAX`] accounts; more make more lines.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        let exact = self.exact.iter().flat_map(|(range, accounts)| {
            accounts.chunks(LINE_ACCOUNTS_MAX).map(|accounts| self.range_line(range, accounts.to_vec()))
        });
        let spans =
            self.spans.iter().map(|((account, _), range)| self.range_line(range, vec![account.clone()]));
        let mut equal: BTreeMap<Rest, Vec<Account>> = BTreeMap::new();
        for (account, rest) in &self.rests {
            equal.entry(*rest).or_default().push(account.clone());
        }
        let rests = equal.into_iter().flat_map(|(rest, accounts)| {
            let lines =
                accounts.chunks(LINE_ACCOUNTS_MAX).map(|accounts| self.rest_line(rest, accounts.to_vec()));
            lines.collect::<Vec<_>>()
        });
        exact.chain(spans).chain(rests).chain(self.unattributed_line())
    }

    fn range_line(&self, range: &Range, accounts: Vec<Account>) -> Line {
        Line::Range {
            since: self.ranges.since,
            until: self.ranges.until,
            channel: range.channel.clone(),
            first: range.first.get(),
            last: range.last.get(),
            publications: range.publications,
            bytes: range.bytes,
            is_coarse: range.is_coarse,
            accounts,
        }
    }

    fn rest_line(&self, rest: Rest, accounts: Vec<Account>) -> Line {
        let Period { since, until } = self.others;
        Line::Other { since, until, publications: rest.publications, bytes: rest.bytes, accounts }
    }

    fn unattributed_line(&self) -> Option<Line> {
        let Period { since, until } = self.others;
        let Rest { publications, bytes } = self.unattributed;
        (!self.unattributed.is_nothing()).then_some(Line::Unattributed { since, until, publications, bytes })
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("exact", &self.exact.len())
            .field("spans", &self.spans.len())
            .field("rests", &self.rests.len())
            .field("unattributed", &self.unattributed)
            .finish_non_exhaustive()
    }
}
