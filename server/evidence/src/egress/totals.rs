//! The sum of lines: how much left, and to whom.

use super::line::Line;
use super::range::Rest;
use crate::account::Account;
use protocol::{ChannelName, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which lines count.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// This account's alone.
    pub account: Option<Account>,
    /// Lines that end at or after this.
    pub since: Option<Timestamp>,
    /// Lines that begin before this.
    pub until: Option<Timestamp>,
}

/// What one account got.
#[derive(Clone, PartialEq, Eq)]
pub struct Total {
    /// All of its bytes.
    pub bytes: u64,
    /// Those of them that are no publication: replies, framing, HTTP.
    pub other_bytes: u64,
    /// Deliveries of publications.
    pub publications: u64,
    /// Of which channels.
    pub channels: BTreeSet<ChannelName>,
    /// The beginning of the first line that counts.
    pub first: Timestamp,
    /// The end of the last.
    pub last: Timestamp,
    /// Whether some lines give outer offsets only, or publications without their channel.
    pub is_coarse: bool,
}

/// What all lines say together.
#[derive(Debug, Default)]
pub struct Totals {
    /// Per account.
    pub accounts: BTreeMap<Account, Total>,
    /// Of accounts that the lines do not name.
    pub unattributed: Rest,
    /// Lines that are torn or damaged.
    pub unreadable_lines: u64,
    /// When lives began that have not ended in these lines: they go on, or broke off and may lack their last seconds.
    pub open_lives: BTreeSet<Timestamp>,
}

impl Window {
    fn has(&self, since: Timestamp, until: Timestamp) -> bool {
        self.since.is_none_or(|start| until >= start) && self.until.is_none_or(|end| since < end)
    }
}

impl Totals {
    /// Counts a line of text.
    pub fn read(&mut self, text: &[u8], window: &Window) {
        match Line::from_text(text) {
            Some(line) => self.add(line, window),
            None => self.count_unreadable(),
        }
    }

    /// Counts a line that cannot be read.
    pub fn count_unreadable(&mut self) {
        self.unreadable_lines = self.unreadable_lines.saturating_add(1);
    }

    fn add(&mut self, line: Line, window: &Window) {
        match line {
            Line::Begin { at, .. } => drop(self.open_lives.insert(at)),
            Line::End { began, .. } => drop(self.open_lives.remove(&began)),
            Line::Range { since, until, channel, publications, bytes, is_coarse, accounts, .. } => {
                for account in chosen(accounts, window, since, until) {
                    let total = self.total(account, since, until);
                    total.bytes = total.bytes.saturating_add(bytes);
                    total.publications = total.publications.saturating_add(publications);
                    total.is_coarse |= is_coarse;
                    if !total.channels.contains(&channel) {
                        total.channels.insert(channel.clone());
                    }
                }
            }
            Line::Other { since, until, publications, bytes, accounts } => {
                for account in chosen(accounts, window, since, until) {
                    let total = self.total(account, since, until);
                    total.bytes = total.bytes.saturating_add(bytes);
                    total.publications = total.publications.saturating_add(publications);
                    if publications == 0 {
                        total.other_bytes = total.other_bytes.saturating_add(bytes);
                    } else {
                        total.is_coarse = true;
                    }
                }
            }
            Line::Unattributed { since, until, publications, bytes } => {
                if window.has(since, until) {
                    self.unattributed.add(Rest { publications, bytes });
                }
            }
        }
    }

    fn total(&mut self, account: Account, since: Timestamp, until: Timestamp) -> &mut Total {
        let total = self.accounts.entry(account).or_insert(Total {
            bytes: 0,
            other_bytes: 0,
            publications: 0,
            channels: BTreeSet::new(),
            first: since,
            last: until,
            is_coarse: false,
        });
        total.first = total.first.min(since);
        total.last = total.last.max(until);
        total
    }
}

fn chosen(
    accounts: Vec<Account>,
    window: &Window,
    since: Timestamp,
    until: Timestamp,
) -> impl Iterator<Item = Account> {
    let is_in = window.has(since, until);
    let only = window.account.as_ref();
    accounts.into_iter().filter(move |account| is_in && only.is_none_or(|only| only == account))
}

impl fmt::Debug for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Total")
            .field("bytes", &self.bytes)
            .field("publications", &self.publications)
            .finish_non_exhaustive()
    }
}
