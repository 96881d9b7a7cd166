//! One client's conversation, without its socket: bytes and time go in, bytes come out, and what happened is counted
//! in a [`crate::tally::Tally`]. It does what an SDK does: one frame for all subscriptions, positions that survive a connection, a
//! pause before it comes back.

mod admit;
pub(crate) mod frames;
mod outbox;
mod pushes;
mod reading;
mod step;
mod subscription;
pub(crate) mod upgrade;

pub(crate) use outbox::Outbox;
pub(crate) use pushes::Pushes;
pub(crate) use step::{Shared, Step};
pub(crate) use subscription::Subscription;

use crate::clock::Micros;
use crate::latency::Kind;
use crate::ledger::Acknowledged;
use crate::mark::{epoch_number, hash_of};
use crate::scenario::{Behaviour, Says};
use crate::tally::{RESET, SILENCE};
use admit::{Admit, Admitted};
use frames::Frame;
use protocol::command::{ConnectRequest, Request, SubscribeRequest, Token};
use protocol::message::{Answer, Connected, Message, Pushed, Refusal};
use protocol::rpc::{self, PublishStatus};
use protocol::{Command, Encoding};
use pushes::Came;
use reading::Reading;
use std::time::Duration;
use tungstenite::protocol::frame::coding::{Control, OpCode};
use upgrade::{Credential, NotUpgraded, Upgrade};

/// The id of `connect`.
const CONNECT_ID: u32 = 1;
/// The id of the first subscription; the others follow.
const SUBSCRIBE_ID: u32 = 2;
/// How long an SDK waits for the answer to `connect`.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// How long a client waits for the answer to its request for a ticket.
const ASK_PATIENCE: Duration = Duration::from_secs(10);
/// How long after a ping was due an SDK takes the connection for dead.
const PING_PATIENCE_SECONDS: u64 = 10;
/// Ids of reads of the log.
const AUDIT_ID: u32 = 1_000_000_001;
/// Where a server says how hard it is pressed.
const SERVICE_STATUS: &str = "service:status";
/// What senders are told of the campaign's work, unasked; it has no marks.
const SERVICE_ORGANISERS: &str = "service:organisers";
/// What a stranger shows that nobody signed: a token in form.
const FORGED_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJub2JvZHkiLCJleHAiOjk5OTk5OTk5OTl9.AAAA";

/// Where a conversation is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// No socket.
    Away,
    /// It has asked for a ticket.
    Asking,
    /// A socket that does not stand yet.
    Opening,
    /// The upgrade was asked for.
    Upgrading(Upgrade),
    /// `connect` was said, or will never be.
    Connecting,
    /// It is in; so many of its subscriptions do not stand.
    Joined { pending: u32 },
    /// The server does not want it back.
    Refused,
}

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Something that makes no sense, or a socket that fails.
    Broken,
    /// The server said goodbye with this code.
    Closed(u16),
    /// The upgrade or `connect` was refused for now.
    NotNow,
    /// `connect` was refused for good.
    Refused,
    /// Nothing was heard for too long.
    Silent,
    /// It was told to ask again, at this time if the server said when.
    Waits(Option<Micros>),
}

impl End {
    /// Whether the client leaves by itself: it was told to wait, or goes on over another connection.
    pub(crate) const fn is_own_wish(self) -> bool {
        matches!(self, Self::Waits(Some(_)))
    }

    /// A number for it, as counts of ends have it.
    pub(crate) const fn code(self) -> u16 {
        match self {
            Self::Broken | Self::NotNow | Self::Refused | Self::Waits(_) => RESET,
            Self::Closed(code) => code,
            Self::Silent => SILENCE,
        }
    }
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Its class, by number.
    pub(crate) class: usize,
    pub(crate) behaviour: Behaviour,
    token: Token,
    pub(crate) stage: Stage,
    /// Tries since it was in.
    pub(crate) attempts: u32,
    /// Since when it wants to be in: its arrival, or the end of its last connection.
    pub(crate) wants_since: Micros,
    was_ready: bool,
    subscriptions: Box<[Subscription]>,
    pub(crate) outbox: Option<Box<Outbox>>,
    reading: Option<Box<Reading>>,
    /// Its way to a ticket, if it takes one.
    admit: Option<Box<Admit>>,
    /// The host that it speaks to, by number.
    host: usize,
    /// Whether it asks what the server said of itself before it came.
    asks_status: bool,
    /// Seconds between two pings, as the server said.
    ping: u32,
}

impl Client {
    pub(crate) fn new(
        class: usize,
        behaviour: Behaviour,
        token: String,
        subscriptions: Vec<Subscription>,
        outbox: Option<Outbox>,
    ) -> Self {
        Self {
            class,
            behaviour,
            token: Token(token),
            stage: Stage::Away,
            attempts: 0,
            wants_since: Micros(0),
            was_ready: false,
            subscriptions: subscriptions.into(),
            outbox: outbox.map(Box::new),
            reading: None,
            admit: None,
            host: 0,
            asks_status: false,
            ping: 0,
        }
    }

    /// It asks what the server said of itself before it came: one client of a process is enough.
    pub(crate) const fn ask_status(&mut self) {
        self.asks_status = true;
    }

    /// It asks for a ticket before it connects, and comes back with it.
    pub(crate) fn take_tickets(&mut self) {
        self.admit = Some(Box::default());
    }

    /// It has a ticket from before, and connects with it.
    pub(crate) fn hold_ticket(&mut self, ticket: String) {
        self.admit = Some(Box::new(Admit::holding(ticket)));
    }

    /// Whether all its subscriptions stand.
    pub(crate) const fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Joined { pending: 0 })
    }

    /// Whether the server has taken it in, as a member.
    pub(crate) const fn is_in(&self) -> bool {
        matches!(self.stage, Stage::Joined { .. }) && !self.is_stranger()
    }

    /// Since when it has wanted to come back, if it is away.
    pub(crate) fn away_since(&self) -> Option<Micros> {
        (self.was_ready && !self.is_ready()).then_some(self.wants_since)
    }

    /// How long it hears nothing until it takes its connection for dead, as an SDK does (protocol reference, §6).
    pub(crate) fn patience(&self) -> Option<Duration> {
        match self.stage {
            Stage::Asking => Some(ASK_PATIENCE),
            Stage::Connecting if !self.is_stranger() => Some(CONNECT_PATIENCE),
            Stage::Joined { .. } if self.ping > 0 => {
                Some(Duration::from_secs(PING_PATIENCE_SECONDS + u64::from(self.ping)))
            }
            Stage::Away
            | Stage::Connecting
            | Stage::Joined { .. }
            | Stage::Opening
            | Stage::Refused
            | Stage::Upgrading(_) => None,
        }
    }

    /// Whether it is a stranger, of whom nothing is expected.
    pub(crate) const fn is_stranger(&self) -> bool {
        matches!(self.behaviour, Behaviour::Stranger(_))
    }

    /// Its ways through its channels.
    pub(crate) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    /// The socket stands: asks for a ticket, if it takes one and has none, else for the upgrade.
    pub(crate) fn opened(&mut self, host: usize, step: &mut Step<'_>) {
        self.host = host;
        match self.admit.as_mut().filter(|admit| admit.must_ask()) {
            None => self.upgrade(step),
            Some(admit) => {
                admit.ask(step.shared.host(host), &self.token.0, step.now, step.out);
                self.stage = Stage::Asking;
            }
        }
    }

    fn upgrade(&mut self, step: &mut Step<'_>) {
        let ticket = self.ticket().map_or(Credential::None, Credential::Bearer);
        let host = step.shared.host(self.host);
        self.stage = Stage::Upgrading(Upgrade::request(host, step.shared.encoding, ticket, step.out));
    }

    fn ticket(&self) -> Option<&str> {
        self.admit.as_ref()?.ticket()
    }

    /// The answer to its request for a ticket: goes on over the same connection if it can.
    fn hear_admission(&mut self, bytes: &[u8], step: &mut Step<'_>) -> Result<usize, End> {
        let Some(admit) = &mut self.admit else { return Err(End::Broken) };
        let read = admit.answer(bytes, step.now, step.shared.wall_zero_ms, self.class, step.tally);
        match read {
            Ok(None) => Ok(0),
            Ok(Some((Admitted::In { keeps: true }, end))) => {
                self.upgrade(step);
                Ok(end)
            }
            Ok(Some((Admitted::In { keeps: false }, _))) => Err(End::Waits(Some(step.now))),
            Ok(Some((Admitted::Waits { until }, _))) => Err(End::Waits(until)),
            Ok(Some((Admitted::Refused, _))) => Err(End::Refused),
            Err(_) => {
                step.tally.counts.unreadable += 1;
                Err(End::Broken)
            }
        }
    }

    /// Takes bytes: how many it is done with. Behind an error the connection is over.
    pub(crate) fn receive(
        &mut self,
        bytes: &[u8],
        whole: &mut Vec<u8>,
        step: &mut Step<'_>,
    ) -> Result<usize, End> {
        let mut done = 0;
        if matches!(self.stage, Stage::Asking) {
            return self.hear_admission(bytes, step);
        }
        if let Stage::Upgrading(upgrade) = &self.stage {
            match upgrade.answer(bytes) {
                Ok(None) => return Ok(0),
                Ok(Some(end)) => done = end,
                Err(why) => {
                    if let (NotUpgraded::Status(401 | 403), Some(admit)) = (why, &mut self.admit) {
                        admit.lose();
                    }
                    return Err(End::NotNow);
                }
            }
            self.say_hello(step);
        }
        while let Some((frame, end)) =
            frames::read(bytes.get(done..).unwrap_or_default()).map_err(|_| End::Broken)?
        {
            match frame {
                Frame::Close(code) => return Err(End::Closed(code)),
                Frame::Data { payload, last: true } if whole.is_empty() => self.hear(payload, step)?,
                Frame::Data { payload, last } => {
                    if whole.len() + payload.len() > frames::MESSAGE_MAX_BYTES {
                        return Err(End::Broken);
                    }
                    whole.extend_from_slice(payload);
                    if last {
                        let message = std::mem::take(whole);
                        self.hear(&message, step)?;
                    }
                }
                Frame::Ping(payload) => {
                    let mask = step.random.u32(..).to_be_bytes();
                    frames::write(step.out, OpCode::Control(Control::Pong), payload, mask);
                }
                Frame::Pong => {}
            }
            done += end;
        }
        Ok(done)
    }

    fn say_hello(&mut self, step: &mut Step<'_>) {
        self.stage = Stage::Connecting;
        let token = match self.behaviour {
            Behaviour::Stranger(Says::Nothing) => return,
            Behaviour::Stranger(Says::ForgedToken) => FORGED_TOKEN.to_owned(),
            Behaviour::Activist
            | Behaviour::FlappingPhone { .. }
            | Behaviour::Sender
            | Behaviour::SlowReader { .. } => self.ticket().unwrap_or(&self.token.0).to_owned(),
        };
        let since_start = SubscribeRequest { recover: true, ..SubscribeRequest::default() };
        let status = self.asks_status.then(|| (SERVICE_STATUS.to_owned(), since_start));
        let connect = ConnectRequest { token: Token(token), subs: status.into_iter().collect() };
        step.send(&[Command { id: CONNECT_ID, request: Request::Connect(connect) }]);
    }

    fn hear(&mut self, frame: &[u8], step: &mut Step<'_>) -> Result<(), End> {
        match step.shared.encoding {
            Encoding::Json => {
                frame.split(|byte| *byte == b'\n').try_for_each(|line| self.hear_line(line, step))
            }
            Encoding::Protobuf => self.decode(frame, step, false),
        }
    }

    /// A line of the JSON form: one message, or none.
    fn hear_line(&mut self, line: &[u8], step: &mut Step<'_>) -> Result<(), End> {
        let Some((channel, came)) = step.pushes.recall(line) else { return self.decode(line, step, true) };
        let class = self.class;
        match self.subscriptions.iter_mut().find(|own| own.channel == channel) {
            Some(subscription) => take(subscription, class, came, step),
            None => step.tally.counts.misdelivered += 1,
        }
        Ok(())
    }

    fn decode(&mut self, frame: &[u8], step: &mut Step<'_>, learns: bool) -> Result<(), End> {
        let mut end = Ok(());
        let encoding = step.shared.encoding;
        let decoded = encoding.decode_messages(frame, |message| {
            if learns {
                step.pushes.learn(frame, &message, |channel| step.shared.number(channel));
            }
            if end.is_ok() {
                end = self.on_message(message, step);
            }
        });
        end?;
        decoded.map_err(|_| End::Broken)
    }

    fn on_message(&mut self, message: Message<'_>, step: &mut Step<'_>) -> Result<(), End> {
        match message {
            Message::Ping => step.send(&[Command { id: 0, request: Request::Pong }]),
            Message::Push(channel, pushed) => self.on_push(&channel, pushed, step),
            Message::Reply(CONNECT_ID, Ok(Answer::Connect(connected))) => self.on_connected(&connected, step),
            // SDKs come back with the same token, or with another after 109.
            Message::Reply(CONNECT_ID, Err(refusal)) if refusal.temporary || refusal.code == 109 => {
                if let (109, Some(admit)) = (refusal.code, &mut self.admit) {
                    admit.lose();
                }
                return Err(End::NotNow);
            }
            Message::Reply(CONNECT_ID, _) => return Err(End::Refused),
            Message::Reply(id, answer) if id >= AUDIT_ID => self.on_page(answer, step),
            Message::Reply(id, answer) if Outbox::owns(id) => self.on_published(id, &answer, step),
            Message::Reply(id, answer) => self.on_subscribed(id.wrapping_sub(SUBSCRIBE_ID), answer, step),
        }
        Ok(())
    }

    fn on_connected(&mut self, connected: &Connected<'_>, step: &mut Step<'_>) {
        self.attempts = 0;
        self.ping = connected.ping;
        step.tally.heard_version(&connected.version);
        step.tally.counts.strangers_let_in += u64::from(self.is_stranger());
        if let Some(status) = connected.subs.get(SERVICE_STATUS)
            && let Some(newest) = status.publications.last()
        {
            step.tally.heard_posture(&newest.data);
        }
        let pending = u32::try_from(self.subscriptions.len()).unwrap_or(u32::MAX);
        self.stage = Stage::Joined { pending };
        if pending == 0 {
            self.became_ready(step);
        }
        let commands: Vec<Command> = (0..pending).filter_map(|number| self.subscribe(number, step)).collect();
        step.send(&commands);
        self.post(step);
        self.ask_for_page(step);
    }

    /// The command that asks for a subscription.
    fn subscribe(&mut self, number: u32, step: &Step<'_>) -> Option<Command> {
        let subscription = self.subscriptions.get_mut(usize::try_from(number).ok()?)?;
        let channel = step.shared.channel(subscription.channel).into_owned();
        let request = Request::Subscribe(subscription.request(channel, &step.tally.epochs));
        Some(Command { id: SUBSCRIBE_ID + number, request })
    }

    fn on_subscribed(&mut self, number: u32, answer: Result<Answer<'_>, Refusal>, step: &mut Step<'_>) {
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let class = self.class;
        let Some(subscription) = self.subscriptions.get_mut(place) else {
            step.tally.counts.unreadable += 1;
            return;
        };
        match answer {
            Ok(Answer::Subscribe(subscribed)) => {
                subscription.stands(&subscribed, step.now, step.tally);
                for publication in &subscribed.publications {
                    take(subscription, class, Came::read(publication), step);
                }
                if let Stage::Joined { pending } = &mut self.stage {
                    *pending = pending.saturating_sub(1);
                    if *pending == 0 {
                        self.became_ready(step);
                    }
                }
            }
            Err(refusal) if refusal.temporary || refusal.code == 109 => {
                subscription.retry_at(step.now, step.random);
            }
            Ok(_) | Err(_) => self.stage = Stage::Refused,
        }
    }

    fn became_ready(&mut self, step: &mut Step<'_>) {
        let kind = if self.was_ready { Kind::Rejoin } else { Kind::Join };
        if kind == Kind::Join {
            step.tally.latest.ready = Some(step.now);
        }
        step.tally.record(kind, self.class, step.now.since(self.wants_since));
        if self.was_ready {
            step.tally.returned(self.class, self.wants_since, step.now);
        }
        self.was_ready = true;
    }

    fn on_push(&mut self, channel: &str, pushed: Pushed<'_>, step: &mut Step<'_>) {
        if channel == SERVICE_ORGANISERS {
            return;
        }
        if channel == SERVICE_STATUS {
            if let Pushed::Publication(publication) = &pushed {
                step.tally.heard_posture(&publication.data);
            }
            return;
        }
        let class = self.class;
        let number = step.shared.number(channel);
        let place = self.subscriptions.iter().position(|own| Some(own.channel) == number);
        let Some((place, subscription)) =
            place.and_then(|place| Some((place, self.subscriptions.get_mut(place)?)))
        else {
            // A message of a channel that this client does not read.
            step.tally.counts.misdelivered += 1;
            return;
        };
        match pushed {
            Pushed::Publication(publication) => {
                take(subscription, class, Came::read(&publication), step);
            }
            // SDKs come back with their position at once.
            Pushed::Unsubscribe(code) if code >= 2500 => {
                if let Stage::Joined { pending } = &mut self.stage {
                    if *pending == 0 {
                        self.wants_since = step.now;
                    }
                    *pending += 1;
                }
                subscription.interrupted(step.now);
                let number = u32::try_from(place).unwrap_or(u32::MAX);
                let command = self.subscribe(number, step);
                step.send(command.as_slice());
            }
            Pushed::Unsubscribe(_) => self.stage = Stage::Refused,
            Pushed::Other | Pushed::Subscribe(..) => {}
        }
    }

    /// Asks again for subscriptions that were refused for now, and whose time has come.
    pub(crate) fn retry_subscriptions(&mut self, step: &mut Step<'_>) {
        if !matches!(self.stage, Stage::Joined { .. }) {
            return;
        }
        let is_due = |own: &Subscription| own.retry_due().is_some_and(|at| at <= step.now);
        let numbered = (0..).zip(&self.subscriptions);
        let due: Vec<u32> = numbered.filter(|(_, own)| is_due(own)).map(|(number, _)| number).collect();
        let commands: Vec<Command> =
            due.into_iter().filter_map(|number| self.subscribe(number, step)).collect();
        step.send(&commands);
    }

    /// When something that was refused for now is to be asked for again.
    pub(crate) fn again_at(&self) -> Option<Micros> {
        let subscriptions = self.subscriptions.iter().filter_map(Subscription::retry_due);
        let outbox = self.outbox.as_ref().and_then(|outbox| outbox.hold_until());
        subscriptions.chain(outbox).chain(self.audit_due()).min()
    }

    /// Takes what has become due, and sends what it may.
    pub(crate) fn post(&mut self, step: &mut Step<'_>) {
        let Some(outbox) = &mut self.outbox else { return };
        let due = outbox.take_due(step.shared.run, step.now);
        step.tally.offered(due.offered, due.left_out);
        if !matches!(self.stage, Stage::Joined { .. }) {
            return;
        }
        let mut commands = Vec::new();
        while let Some(sending) = outbox.next_to_send(step.now) {
            let payload = sending.mark.payload(step.shared.payload_bytes);
            let channel = step.shared.channel(sending.mark.channel);
            if let Some(request) = rpc::publish_request(&channel, &sending.mark.key(), &payload) {
                commands.push(Command { id: sending.id, request });
            }
            step.tally.counts.resent += u64::from(sending.again);
        }
        step.send(&commands);
    }

    fn on_published(&mut self, id: u32, answer: &Result<Answer<'_>, Refusal>, step: &mut Step<'_>) {
        let Some(outbox) = &mut self.outbox else { return };
        if let Ok(Answer::Rpc(text)) = answer
            && let Some(later) = rpc::read_later_answer(text)
        {
            outbox.refuse(id, Duration::from_millis(later.retry_after_ms), step.now);
            return self.post(step);
        }
        let answer = match answer {
            Ok(Answer::Rpc(text)) => rpc::read_publish_answer(text).ok_or(None),
            Err(refusal) => Err(Some(*refusal)),
            Ok(_) => Err(None),
        };
        match answer {
            Ok(answer) => {
                if let Some(mark) = outbox.done(id, step.now) {
                    step.tally.counts.accepted_only += u64::from(answer.status == PublishStatus::Accepted);
                    step.tally.record(Kind::Publish, self.class, step.now.since(mark.due));
                    step.tally.latest.acknowledged = Some(step.now);
                    step.tally.acknowledge(Acknowledged {
                        channel: mark.channel,
                        offset: answer.offset,
                        epoch: epoch_number(&answer.epoch),
                        hash: hash_of(&mark.payload(step.shared.payload_bytes)),
                        sender: mark.sender,
                        number: mark.number,
                    });
                }
            }
            Err(Some(refusal)) if refusal.temporary => outbox.refuse(id, Duration::ZERO, step.now),
            Err(Some(_)) => {
                step.tally.counts.refused_publishes += u64::from(outbox.done(id, step.now).is_some());
            }
            // Its outcome is unknown: it stays without an answer.
            Err(None) => step.tally.counts.unreadable += 1,
        }
        self.post(step);
    }

    /// Reads these channels' logs from their beginning: it asks when it is told to, or when it is in again.
    pub(crate) fn audit(&mut self, channels: Vec<u32>) {
        self.reading = Some(Box::new(Reading::new(channels)));
    }

    /// When to ask again for a page that was refused for now.
    pub(crate) fn audit_due(&self) -> Option<Micros> {
        self.reading.as_ref()?.hold_until()
    }

    /// Asks for the next page of the log that it reads.
    pub(crate) fn ask_for_page(&mut self, step: &mut Step<'_>) {
        if !matches!(self.stage, Stage::Joined { .. }) {
            return;
        }
        let reading = self.reading.as_mut();
        if let Some(request) =
            reading.and_then(|reading| reading.request(|number| step.shared.channel(number).into_owned()))
        {
            step.send(&[Command { id: AUDIT_ID, request }]);
        }
    }

    fn on_page(&mut self, answer: Result<Answer<'_>, Refusal>, step: &mut Step<'_>) {
        let Some(reading) = &mut self.reading else { return };
        match answer {
            Ok(Answer::History(page)) => {
                step.tally.logs.extend(reading.take(&page, step.shared.run));
                self.ask_for_page(step);
            }
            Err(refusal) if refusal.temporary => reading.hold(step.now),
            Ok(_) | Err(_) => {
                step.tally.counts.unreadable += 1;
                reading.give_up();
                self.ask_for_page(step);
            }
        }
    }

    /// It stays away by itself until then. Who was in wants to be in again from then on; who was not has waited all the
    /// time, and goes on waiting.
    pub(crate) fn rests(&mut self, now: Micros, until: Micros) {
        if self.wants_since == now {
            self.wants_since = until;
        }
    }

    /// The connection is over; answers whether it wants to come back.
    pub(crate) fn disconnected(&mut self, end: Option<End>, now: Micros) -> bool {
        if let Some(outbox) = &mut self.outbox {
            outbox.disconnected();
        }
        for subscription in &mut self.subscriptions {
            subscription.interrupted(now);
        }
        if let Some(reading) = &mut self.reading {
            reading.interrupted();
        }
        if self.is_ready() {
            self.wants_since = now;
        }
        let terminal = |code: u16| (3_500..4_000).contains(&code) || (4_500..5_000).contains(&code);
        let refused = matches!(self.stage, Stage::Refused)
            || match end {
                Some(End::Closed(code)) => terminal(code) && !self.is_stranger(),
                Some(End::Refused) => !self.is_stranger(),
                Some(End::Broken | End::NotNow | End::Silent | End::Waits(_)) | None => false,
            };
        self.stage = if refused { Stage::Refused } else { Stage::Away };
        !refused
    }
}

/// A publication reached a reader.
fn take(subscription: &mut Subscription, class: usize, came: Came, step: &mut Step<'_>) {
    let mark = came.mark.filter(|mark| mark.run == step.shared.run);
    if mark.is_some_and(|mark| mark.channel != subscription.channel) {
        step.tally.counts.misdelivered += 1;
    }
    let arrival = subscription.track.receive(came.offset, came.hash);
    step.tally.arrived(arrival);
    step.tally.latest.delivered = Some(step.now);
    if let Some(mark) = mark {
        // What was due before the reader was there is late however fast it came.
        let kind = if subscription.stood_at(mark.due) { Kind::Live } else { Kind::Late };
        step.tally.record(kind, class, step.now.since(mark.due));
        if kind == Kind::Live {
            step.tally.came_live(mark.due, step.now);
        }
        *step.tally.counts.good.entry(class).or_default() += 1;
    }
}

#[cfg(test)]
mod tests;
