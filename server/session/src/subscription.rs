//! One channel that a client reads, or is about to.

use crate::Lag;
use crate::clock::Now;
use crate::effect::Attempt;
use hub::{Cursor, Membership, Replayed};
use protocol::Timestamp;
use std::sync::Arc;
use std::time::Instant;

/// Who asked for a subscription, which decides how its end and a new epoch are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The client, with this command.
    Client,
    /// The token, or the server itself.
    Server,
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) attempt: Attempt,
    pub(crate) side: Side,
    /// What it stands on besides the connection's token.
    pub(crate) grant: Option<Box<Grant>>,
    pub(crate) state: State,
}

/// A right to read that a subscription token gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant {
    /// When the token ends.
    pub(crate) expires_at: Timestamp,
    /// The same on the clock of deadlines.
    pub(crate) ends: Instant,
}

#[derive(Debug)]
pub(crate) enum State {
    Joining(Request),
    Reading(Reader),
}

/// What the client asked for, kept for the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request {
    /// The command to answer; 0 for server-side subscriptions, which are answered with `connect`.
    pub(crate) id: u32,
    /// Whether recovery was asked for.
    pub(crate) recover: bool,
    /// Whether to be refused is asked for, where it cannot be had.
    pub(crate) reject_unrecovered: bool,
}

/// A reader in a channel.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) membership: Membership,
    pub(crate) cursor: Cursor,
    pub(crate) source: Source,
    /// Since when it has not been given everything, as far as that was looked at.
    pub(crate) behind_since: Option<Box<Instant>>,
}

/// Where a reader's next publication comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The channel's ring.
    Ring,
    /// The log. Few read it at a time, and all would have the room that it takes.
    Log(Box<FromLog>),
}

/// How far a reader of the log is.
#[derive(Debug)]
pub(crate) enum FromLog {
    /// A page, and how many of its publications were given.
    Page(Arc<Replayed>, usize),
    /// A page that was asked for.
    PageAsked,
    /// It could not be read; again at this time.
    RetryAt(Instant),
}

impl From<FromLog> for Source {
    fn from(log: FromLog) -> Self {
        Self::Log(Box::new(log))
    }
}

impl Reader {
    /// The time at which this reader wants to try again.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        match &self.source {
            Source::Log(log) => match **log {
                FromLog::RetryAt(at) => Some(at),
                FromLog::Page(..) | FromLog::PageAsked => None,
            },
            Source::Ring => None,
        }
    }

    /// Whether a page is on its way or being written: one at a time a connection, which bounds its memory.
    pub(crate) fn holds_page(&self) -> bool {
        match &self.source {
            Source::Log(log) => match **log {
                FromLog::Page(..) | FromLog::PageAsked => true,
                FromLog::RetryAt(_) => false,
            },
            Source::Ring => false,
        }
    }

    /// How many publications it has not been given, and for how long that has been so.
    pub(crate) fn lag(&mut self, since: Instant, now: Instant) -> Lag {
        let top = self.membership.top().filter(|top| top.epoch == *self.cursor.epoch());
        let publications =
            top.map_or(0, |top| top.offset.next().get().saturating_sub(self.cursor.next.get()));
        if publications == 0 {
            self.behind_since = None;
            return Lag::default();
        }
        let since = **self.behind_since.get_or_insert_with(|| Box::new(since));
        Lag { publications, age: now.saturating_duration_since(since) }
    }

    pub(crate) fn is_ready(&self, now: Now) -> bool {
        self.retry_at().is_none_or(|at| at <= now.instant)
    }
}

impl Subscription {
    pub(crate) const fn reader(&self) -> Option<&Reader> {
        match &self.state {
            State::Reading(reader) => Some(reader),
            State::Joining(_) => None,
        }
    }

    /// When the token ends on which it stands; one that is not answered yet waits for its answer first.
    pub(crate) fn expires(&self) -> Option<Instant> {
        self.reader().and(self.grant.as_ref()).map(|grant| grant.ends)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

    use super::*;

    /// Most bytes of each: a member has several subscriptions, and a node many members.
    const SUBSCRIPTION_MAX_BYTES: usize = 72;
    const READER_MAX_BYTES: usize = 56;
    const CURSOR_MAX_BYTES: usize = 24;
    const SOURCE_MAX_BYTES: usize = 8;
    const MEMBERSHIP_MAX_BYTES: usize = 16;

    #[test]
    fn what_each_subscription_takes_stays_small() {
        for (name, bytes, max_bytes) in [
            ("Subscription", size_of::<Subscription>(), SUBSCRIPTION_MAX_BYTES),
            ("Reader", size_of::<Reader>(), READER_MAX_BYTES),
            ("Cursor", size_of::<Cursor>(), CURSOR_MAX_BYTES),
            ("Source", size_of::<Source>(), SOURCE_MAX_BYTES),
            ("Membership", size_of::<Membership>(), MEMBERSHIP_MAX_BYTES),
        ] {
            println!("{name}: {bytes} bytes");
            assert!(bytes <= max_bytes, "{name}: {bytes} bytes, more than {max_bytes}");
        }
    }
}
