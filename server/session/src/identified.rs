//! A conversation with someone.

mod pending;
mod presence;
mod publishing;
mod reading;
mod receipts;
mod renewing;
mod subscribing;

use crate::clock::Now;
use crate::effect::{Answer, Attempt, Effect};
use crate::heartbeat::{Due, Heartbeat};
use crate::limits::{self, HELD_MAX_COMMANDS};
use crate::outbox::Outbox;
use crate::output::Run;
use crate::rate::{RequestRate, Verdict};
use crate::subscription::{Source, State, Subscription};
use crate::subscriptions::Subscriptions;
use crate::{Common, Handled, Lag, Setup};
use identity::Principal;
use pending::Pending;
use protocol::command::SubscribeRequest;
use protocol::limits::{REQUESTS_IN_FLIGHT_MAX, reached};
use protocol::reply::{ConnectResult, SubscribeResult};
use protocol::rpc::receipts::RECEIPTS;
use protocol::{
    ClientId, ClientInfo, Command, Disconnect, Encoding, ErrorCode, Push, Reply, ReplyBody, Request,
};
use renewing::{expiry, renewal};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Knows who is there, what they read, and what they wait for.
#[derive(Debug)]
pub struct Identified {
    client: ClientId,
    common: Arc<Common>,
    principal: Principal,
    heartbeat: Heartbeat,
    rate: RequestRate,
    outbox: Outbox,
    subscriptions: Subscriptions,
    pending: Pending,
    next_attempt: u32,
    in_flight: usize,
    /// How many messages may be unanswered, as was heard last.
    credit: Option<u32>,
    connecting: Option<Box<Connecting>>,
    /// When the connection's token ends, on the clock of deadlines.
    expires: Instant,
    /// Until when it may post.
    posts_until: Instant,
}

/// `connect` is answered when all server-side subscriptions stand.
#[derive(Debug)]
struct Connecting {
    id: u32,
    waiting: usize,
    subs: BTreeMap<String, SubscribeResult>,
    /// The publications in `subs`.
    pages: Vec<Run>,
    /// What they take: it counts like what waits in the outbox.
    page_bytes: usize,
    failed: bool,
    /// Commands that came before the answer; they keep their order.
    held: VecDeque<Command>,
}

impl Identified {
    pub(crate) fn new(
        setup: Setup,
        mut principal: Principal,
        id: u32,
        positions: &BTreeMap<String, SubscribeRequest>,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<Self> {
        let Setup { client, encoding, first_ping, common, .. } = setup;
        let heartbeat = Heartbeat::new(now.instant, first_ping);
        principal.shrink_to_fit();
        let mut state = Self {
            heartbeat,
            rate: RequestRate::new(now.instant),
            outbox: Outbox::new(encoding),
            subscriptions: Subscriptions::default(),
            pending: Pending::default(),
            next_attempt: 1,
            in_flight: 0,
            credit: None,
            connecting: Some(Box::new(Connecting {
                id,
                waiting: 0,
                subs: BTreeMap::new(),
                pages: Vec::new(),
                page_bytes: 0,
                failed: false,
                held: VecDeque::new(),
            })),
            expires: expiry(principal.expires_at, now),
            posts_until: expiry(principal.posts_until, now),
            client,
            common,
            principal,
        };
        state.subscribe_server_side(positions, effects);
        state.answer_connect_if_ready(now, effects)?;
        Ok(state)
    }

    pub(crate) fn handle(
        &mut self,
        command: Command,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<()> {
        if let Some(connecting) = &mut self.connecting
            && command.request != Request::Pong
        {
            if connecting.held.len() >= HELD_MAX_COMMANDS {
                self.common.watch.limit_reached(limits::reached::HELD_MAX_COMMANDS);
                return Err(Disconnect::TooManyRequests);
            }
            connecting.held.push_back(command);
            return Ok(());
        }
        let id = command.id;
        if id == 0 && !matches!(command.request, Request::Pong | Request::Send) {
            return Err(Disconnect::BadRequest);
        }
        // What closes the connection needs no count, and pongs are bounded by pings.
        if !matches!(command.request, Request::Pong | Request::Send) {
            match self.rate.take(now.instant) {
                Verdict::Taken => {}
                Verdict::Refused => {
                    self.common.watch.limit_reached(reached::REQUESTS_BURST_MAX);
                    self.refuse(id, ErrorCode::TooManyRequests);
                    return self.keep_outbox_bounded();
                }
                Verdict::TooOften => {
                    self.common.watch.limit_reached(reached::REFUSALS_IN_A_ROW_MAX);
                    return Err(Disconnect::TooManyRequests);
                }
            }
        }
        match command.request {
            Request::Connect(_) | Request::Unknown => return Err(Disconnect::BadRequest),
            Request::History(request) => self.history(id, &request, effects),
            Request::Pong => self.heartbeat.pong().map_err(|_| Disconnect::BadRequest)?,
            Request::Presence(_) => self.refuse(id, ErrorCode::NotAvailable),
            Request::PresenceStats(channel) => self.presence_stats(id, &channel, effects),
            Request::Publish(request) => self.publish(id, request, now.instant, effects),
            Request::Refresh(token) => self.refresh(id, &token, now, effects)?,
            Request::Rpc(request) if request.method == RECEIPTS => self.receipts(id, &request, effects),
            Request::Rpc(request) => self.rpc(id, &request, now.instant, effects),
            Request::Send => return Err(Disconnect::NotAvailable),
            Request::SubRefresh(request) => self.sub_refresh(id, &request, now)?,
            Request::Subscribe(request) => self.subscribe(id, &request, now, effects)?,
            Request::Unsubscribe(channel) => self.unsubscribe(id, &channel, effects),
        }
        self.keep_outbox_bounded()
    }

    pub(crate) fn handle_answer(
        &mut self,
        answer: Answer,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<()> {
        match answer {
            Answer::History { id, result } => self.history_read(id, result, effects),
            Answer::Joined { attempt, result } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.joined(attempt, result, now, effects);
                self.answer_connect_if_ready(now, effects)?;
            }
            Answer::Looked(progress) => self
                .heartbeat
                .looked(progress, now.instant, &self.common.timing)
                .map_err(|_| Disconnect::NoPong)?,
            Answer::Page { attempt, result } => self.page(attempt, result, now, effects)?,
            Answer::Published { id, via, result } => self.published(id, via, result, now.instant),
            Answer::ReadersCounted { id, result } => self.readers_counted(id, result),
            Answer::ReceiptsTaken { id, result } => self.receipts_taken(id, result),
        }
        self.keep_outbox_bounded()
    }

    /// A client that asks on without reading is closed.
    const fn keep_outbox_bounded(&self) -> Handled<()> {
        if self.outbox.is_overfull() { Err(Disconnect::TooManyRequests) } else { Ok(()) }
    }

    pub(crate) fn handle_deadline(&mut self, now: Now, effects: &mut VecDeque<Effect>) -> Handled<()> {
        if now.instant >= self.expires + self.common.timing.expiry_grace {
            return Err(Disconnect::Expired);
        }
        match self.heartbeat.due(now.instant, &self.common.timing) {
            Due::Look => effects.push_back(Effect::Look),
            Due::Nothing => {}
            Due::Ping => self.outbox.push(&Push::Ping, &*self.common.watch),
        }
        self.end_expired_subscriptions(now, effects);
        self.retry_pages(now);
        Ok(())
    }

    pub(crate) const fn common(&self) -> &Arc<Common> {
        &self.common
    }

    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    pub(crate) fn is_catching_up(&self) -> bool {
        let mut readers = self.subscriptions.values().filter_map(Subscription::reader);
        readers.any(|reader| !matches!(reader.source, Source::Ring))
    }

    pub(crate) fn lag(&mut self, since: Instant, now: Instant) -> Lag {
        let mut lag = Lag::default();
        for sub in self.subscriptions.values_mut() {
            if let State::Reading(reader) = &mut sub.state {
                let one = reader.lag(since, now);
                lag.publications = lag.publications.saturating_add(one.publications);
                lag.age = lag.age.max(one.age);
            }
        }
        lag
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.outbox.encoding()
    }

    pub(crate) fn next_deadline(&self) -> Instant {
        let retries = self.subscriptions.values().filter_map(|sub| sub.reader()?.retry_at());
        let grace = self.common.timing.expiry_grace;
        let ends = self.subscriptions.values().filter_map(|sub| Some(sub.expires()? + grace));
        let expiry = self.expires + grace;
        retries.chain(ends).chain([self.heartbeat.next_deadline(), expiry]).min().unwrap_or(expiry)
    }

    /// Answers `connect` once nothing is waited for, and then does what was held back.
    fn answer_connect_if_ready(&mut self, now: Now, effects: &mut VecDeque<Effect>) -> Handled<()> {
        let Some(connecting) = self.connecting.take_if(|connecting| connecting.waiting == 0) else {
            return Ok(());
        };
        let connecting = *connecting;
        if connecting.failed {
            return Err(Disconnect::ServerError);
        }
        let result = ConnectResult {
            client: self.client.clone(),
            version: self.common.version,
            expires: true,
            ttl: renewal(&self.principal, now),
            subs: connecting.subs,
            ping: u32::try_from(self.common.timing.ping_interval.as_secs()).unwrap_or(u32::MAX),
            pong: true,
        };
        let reply = Reply { id: connecting.id, body: Ok(ReplyBody::Connect(Box::new(result))) };
        self.outbox.reply_with_pages(&reply, connecting.pages, &*self.common.watch);
        for command in connecting.held {
            self.handle(command, now, effects)?;
        }
        Ok(())
    }

    fn me(&self) -> ClientInfo {
        ClientInfo { user: self.principal.member.clone(), client: self.client.clone() }
    }

    fn attempt(&mut self) -> Attempt {
        let attempt = Attempt(self.next_attempt);
        self.next_attempt = self.next_attempt.wrapping_add(1);
        attempt
    }

    /// Counts a request that will be answered later, or says that there are too many.
    fn begin_request(&mut self) -> Result<(), ErrorCode> {
        if self.in_flight >= REQUESTS_IN_FLIGHT_MAX {
            self.common.watch.limit_reached(reached::REQUESTS_IN_FLIGHT_MAX);
            return Err(ErrorCode::TooManyRequests);
        }
        self.in_flight = self.in_flight.saturating_add(1);
        Ok(())
    }

    fn reply(&mut self, id: u32, body: Result<ReplyBody, ErrorCode>) {
        self.outbox.reply(&Reply { id, body }, &*self.common.watch);
    }

    fn refuse(&mut self, id: u32, code: ErrorCode) {
        self.reply(id, Err(code));
    }
}
