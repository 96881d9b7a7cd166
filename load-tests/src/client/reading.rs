//! The reading of a log, page by page, by a client that reads the channel anyway.

use crate::clock::Micros;
use crate::ledger::{LogEntry, ReadLog};
use crate::mark::{Mark, epoch_number, hash_of};
use protocol::command::{HistoryRequest, Request};
use protocol::message::HistoryPage;
use std::collections::VecDeque;
use std::time::Duration;

/// What a server that has no time wants.
const HOLD: Duration = Duration::from_millis(1_100);

/// Channels that are to be read to their end, and what was read of the first.
#[derive(Debug)]
pub(super) struct Reading {
    channels: VecDeque<u32>,
    epoch: String,
    read: ReadLog,
    /// When to go on after a refusal.
    hold_until: Option<Micros>,
}

impl Reading {
    pub(super) fn new(channels: Vec<u32>) -> Self {
        Self { channels: channels.into(), epoch: String::new(), read: ReadLog::default(), hold_until: None }
    }

    /// When to ask again for a page that was refused for now.
    pub(super) const fn hold_until(&self) -> Option<Micros> {
        self.hold_until
    }

    /// A page was refused for now.
    pub(super) fn hold(&mut self, now: Micros) {
        self.hold_until = Some(now.after(HOLD));
    }

    /// What to ask for next; nothing if all is read.
    pub(super) fn request(&mut self, name: impl Fn(u32) -> String) -> Option<Request> {
        self.hold_until = None;
        let channel = self.channels.front()?;
        let after = self.read.entries.last().map_or(0, |entry| entry.offset);
        Some(Request::History(HistoryRequest {
            channel: name(*channel),
            limit: -1,
            since: Some((self.epoch.clone(), after)),
            reverse: false,
        }))
    }

    /// The log of a channel cannot be read: goes on with the next.
    pub(super) fn give_up(&mut self) {
        self.channels.pop_front();
        self.read = ReadLog::default();
        self.epoch.clear();
    }

    /// Its connection is gone; on the next it asks at once.
    pub(super) const fn interrupted(&mut self) {
        self.hold_until = None;
    }

    /// Takes a page; answers a channel and its log if that was its last.
    pub(super) fn take(&mut self, page: &HistoryPage<'_>, run: u32) -> Option<(u32, ReadLog)> {
        self.epoch = page.epoch.to_string();
        let epoch = epoch_number(&page.epoch);
        if self.read.epochs.last() != Some(&epoch) {
            self.read.epochs.push(epoch);
        }
        self.read.top = page.top;
        self.read.entries.extend(page.publications.iter().map(|publication| LogEntry {
            offset: publication.offset,
            hash: hash_of(&publication.data),
            due: Mark::read(&publication.data).filter(|mark| mark.run == run).map(|mark| mark.due),
        }));
        let at_top = self.read.entries.last().is_some_and(|last| last.offset >= page.top);
        if !at_top && !page.publications.is_empty() {
            return None;
        }
        self.epoch.clear();
        Some((self.channels.pop_front()?, std::mem::take(&mut self.read)))
    }
}
