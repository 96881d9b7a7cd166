//! From the rings and the log to the socket: replies first, then each channel in its turn.

use super::Identified;
use crate::Handled;
use crate::Output;
use crate::clock::Now;
use crate::effect::{Attempt, Effect};
use crate::subscription::{FromLog, Reader, Side, Source, State};
use hub::{Next, Replayed};
use protocol::push::Unsubscribed;
use protocol::{ChannelName, Disconnect, Encoding, Page, Push, Replay};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a reader came to.
enum Step {
    /// It has given all it can now, or as much as fits.
    Done,
    /// It wants the page after its place: the ring no longer has it, or speaks of another epoch, and then only the log
    /// knows whether the place is still part of the history.
    WantsPage,
}

impl Identified {
    pub(crate) fn take_output(
        &mut self,
        max_bytes: usize,
        now: Now,
        effects: &mut VecDeque<Effect>,
        out: &mut Output,
    ) {
        self.outbox.take(max_bytes, out);
        // Replies of a subscription come before what it reads, so readers wait until replies are out.
        if self.outbox.is_empty() && self.connecting.is_none() {
            self.read_in_turn(max_bytes, now, out);
            // A push that a reader caused (the end of a subscription) is not kept waiting for news.
            self.outbox.take(max_bytes, out);
            self.grant_page(effects);
        }
        out.has_more |= !self.outbox.is_empty();
        self.read_next_history(effects);
        self.pending.tidy(now.instant);
        self.heartbeat.gave(out.bytes());
    }

    /// Reads all channels, beginning with the one whose turn it is.
    fn read_in_turn(&mut self, max_bytes: usize, now: Now, out: &mut Output) {
        let encoding = self.encoding();
        let turn = self.pending.get_mut().and_then(|queues| queues.turn.take());
        for (channel, sub) in self.subscriptions.iter_mut_from(turn.as_ref()) {
            if out.bytes() >= max_bytes {
                self.pending.make().turn = Some(channel.clone());
                out.has_more = true;
                break;
            }
            let State::Reading(reader) = &mut sub.state else {
                continue;
            };
            match read(reader, channel, encoding, max_bytes, now, out) {
                Step::Done => {}
                Step::WantsPage => {
                    // It gets its turn behind those that asked before.
                    let lagging = &mut self.pending.make().lagging;
                    if !lagging.contains(channel) {
                        lagging.push_back(channel.clone());
                    }
                }
            }
        }
    }

    /// One page at a time a connection, which bounds its memory: the next reader in line gets it.
    fn grant_page(&mut self, effects: &mut VecDeque<Effect>) {
        if self.pending.get().is_none_or(|queues| queues.lagging.is_empty()) {
            return;
        }
        if self.subscriptions.values().filter_map(|sub| sub.reader()).any(Reader::holds_page) {
            return;
        }
        while let Some(channel) = self.pending.get_mut().and_then(|queues| queues.lagging.pop_front()) {
            let Some(sub) = self.subscriptions.get_mut(&channel) else {
                continue;
            };
            let State::Reading(reader) = &mut sub.state else {
                continue;
            };
            if !matches!(reader.source, Source::Ring) {
                continue;
            }
            reader.source = FromLog::PageAsked.into();
            let since = reader.cursor.position();
            effects.push_back(Effect::ReadPage { attempt: sub.attempt, channel, since });
            return;
        }
    }

    /// Readers whose wait is over look at the ring again, which may have what they want by now.
    pub(super) fn retry_pages(&mut self, now: Now) {
        for sub in self.subscriptions.values_mut() {
            if let State::Reading(reader) = &mut sub.state
                && reader.retry_at().is_some_and(|at| at <= now.instant)
            {
                reader.source = Source::Ring;
            }
        }
    }

    /// A page was read, or could not be.
    pub(super) fn page(
        &mut self,
        attempt: Attempt,
        result: Result<Arc<Replayed>, ()>,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<()> {
        let Some((channel, sub)) = self.subscriptions.iter_mut().find(|(_, sub)| sub.attempt == attempt)
        else {
            return Ok(());
        };
        let (channel, side) = (channel.clone(), sub.side);
        let State::Reading(reader) = &mut sub.state else {
            return Ok(());
        };
        let again = now.instant + self.common.timing.page_retry;
        let Ok(replayed) = result else {
            reader.source = FromLog::RetryAt(again).into();
            return Ok(());
        };
        match (replayed.replay(), side) {
            (Replay::Complete(page), _) if page.top.epoch == *reader.cursor.epoch() => {
                reader.source = if page.publications.is_empty() {
                    // Ring and log speak of different epochs, and one of them will catch up. Ending the subscription
                    // now would have the client subscribe again and again until then.
                    FromLog::RetryAt(again).into()
                } else {
                    FromLog::Page(replayed, 0).into()
                };
            }
            // SDKs adopt a new epoch of a server-side subscription by this push; of their own, by subscribing again.
            (Replay::Complete(page), Side::Server) => {
                go_on_in_epoch(reader, page);
                let offset = reader.cursor.position().offset;
                let push = Push::Subscribe(channel, page.top.epoch.clone(), offset);
                self.outbox.push(&push, &*self.common.watch);
            }
            (Replay::Complete(_) | Replay::Gap { .. }, Side::Client) => {
                self.end_subscription(&channel, Unsubscribed::InsufficientState, effects);
            }
            (Replay::Gap { .. }, Side::Server) => return Err(Disconnect::InsufficientState),
        }
        Ok(())
    }
}

/// The place is the same, in another life of the log; what follows is read again from there.
fn go_on_in_epoch(reader: &mut Reader, page: &Page) {
    reader.cursor.go_on_in(page.top.epoch.clone());
    reader.source = Source::Ring;
}

/// Gives what a reader has not been given, of its page and then of the ring.
fn read(
    reader: &mut Reader,
    channel: &ChannelName,
    encoding: Encoding,
    max_bytes: usize,
    now: Now,
    out: &mut Output,
) -> Step {
    if !reader.is_ready(now) {
        return Step::Done;
    }
    read_page(reader, channel, encoding, max_bytes, out);
    let room = max_bytes.saturating_sub(out.bytes());
    if room == 0 || !matches!(reader.source, Source::Ring) {
        out.has_more |= room == 0;
        return Step::Done;
    }
    let Reader { membership, cursor, .. } = reader;
    match out.ring(channel, encoding, |entries| membership.read(cursor, room, entries)) {
        Next::CaughtUp => Step::Done,
        Next::More => {
            out.has_more = true;
            Step::Done
        }
        Next::Lagged | Next::NewEpoch => Step::WantsPage,
    }
}

/// Gives what a page still has, then turns to the ring.
fn read_page(
    reader: &mut Reader,
    channel: &ChannelName,
    encoding: Encoding,
    max_bytes: usize,
    out: &mut Output,
) {
    let Source::Log(log) = &mut reader.source else {
        return;
    };
    let FromLog::Page(page, given) = &mut **log else {
        return;
    };
    while out.bytes() < max_bytes {
        let Some((offset, frame)) = page.push(*given, channel, encoding) else {
            break;
        };
        *given = given.saturating_add(1);
        reader.cursor.next = offset.next();
        out.publication(channel, offset, frame);
    }
    if *given >= page.publications().len() {
        reader.source = Source::Ring;
    }
}
