//! One reader's subscription to one channel: it outlives connections.

use crate::clock::Micros;
use crate::ledger::{Statement, Track};
use crate::pacing::backoff;
use crate::scenario::{INBOXES_FIRST, Since};
use crate::tally::Tally;
use protocol::command::{SubscribeRequest, Token};
use protocol::message::Subscribed;

/// A subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// The number of its channel among all.
    pub(crate) channel: u32,
    state: State,
    from_oldest: bool,
    attempts: u8,
    /// In which epoch it counts, by its number among those that the process has met.
    epoch: u32,
    /// Since when it stood for the first time.
    first: Micros,
    /// Since when it stands.
    since: Micros,
    /// When it stood before, from and to.
    before: (Micros, Micros),
    pub(crate) track: Track,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was never made.
    New,
    /// It stands, or stood on a connection that is gone.
    Begun,
    /// It was refused for now; to be asked for again.
    Held { until: Micros, begun: bool },
}

impl Subscription {
    pub(crate) fn new(channel: u32, since: Since) -> Self {
        Self {
            channel,
            state: State::New,
            from_oldest: since == Since::Start,
            attempts: 0,
            epoch: 0,
            first: Micros(u64::MAX),
            since: Micros(u64::MAX),
            before: (Micros(u64::MAX), Micros(0)),
            track: Track::default(),
        }
    }

    /// What to ask for; it is asked for from now on.
    pub(crate) fn request(&mut self, channel: String, epochs: &[String]) -> SubscribeRequest {
        let begun = match self.state {
            State::New => false,
            State::Begun => true,
            State::Held { begun, .. } => begun,
        };
        self.state = if begun { State::Begun } else { State::New };
        let epoch = usize::try_from(self.epoch).ok().and_then(|number| epochs.get(number));
        SubscribeRequest {
            channel,
            token: Token::default(),
            recover: begun || self.from_oldest,
            epoch: epoch.filter(|_| begun).cloned().unwrap_or_default(),
            offset: self.track.position(),
            reject_unrecovered: false,
        }
    }

    /// The server says that it stands.
    pub(crate) fn stands(&mut self, subscribed: &Subscribed<'_>, now: Micros, tally: &mut Tally) {
        self.epoch = tally.epoch(&subscribed.epoch);
        if self.is_counted() {
            tally.meet(self.channel, &subscribed.epoch);
        }
        if self.state == State::New {
            self.first = now;
            self.track.begin(subscribed.offset);
        } else if !subscribed.recovered {
            self.track.reset(subscribed.offset);
            tally.counts.resets += 1;
        }
        self.state = State::Begun;
        self.attempts = 0;
        self.since = now;
    }

    /// It was refused for now.
    pub(crate) fn retry_at(&mut self, now: Micros, random: &mut fastrand::Rng) {
        let until = now.after(backoff(self.attempts.into(), random));
        self.attempts = self.attempts.saturating_add(1);
        self.state = State::Held { until, begun: self.state == State::Begun };
    }

    /// When to ask again.
    pub(crate) const fn retry_due(&self) -> Option<Micros> {
        match self.state {
            State::Held { until, .. } => Some(until),
            State::Begun | State::New => None,
        }
    }

    /// It stands no longer: what is due from now on is late.
    pub(crate) fn interrupted(&mut self, now: Micros) {
        if self.since <= now {
            self.before = (self.since, now);
        }
        self.since = Micros(u64::MAX);
        if let State::Held { begun, .. } = self.state {
            self.state = if begun { State::Begun } else { State::New };
        }
    }

    /// Whether it stood at that time. Who was there and was cut before a message came has waited for it all the same.
    pub(crate) fn stood_at(&self, time: Micros) -> bool {
        let (from, to) = self.before;
        time >= self.since || (time >= from && time < to)
    }

    /// Since when it has been reading.
    pub(crate) const fn first_stood(&self) -> Micros {
        self.first
    }

    /// Whether its channel is compared with its log: nobody posts to inboxes here.
    pub(crate) const fn is_counted(&self) -> bool {
        self.channel < INBOXES_FIRST
    }

    /// How far it came.
    pub(crate) fn statement(&self) -> Statement {
        self.track.statement(self.channel, self.from_oldest)
    }

    /// Whether it ever stood.
    pub(crate) const fn has_begun(&self) -> bool {
        matches!(self.state, State::Begun | State::Held { begun: true, .. })
    }
}
