//! Plays a script: the client's frames, a node that performs effects as ours does, a store, a feed and time.

use super::client::{Asked, Client};
use super::log::Log;
use super::script::{Ask, Channel, Data, EpochSaid, From, Grant, How, STEPS_MAX, Script, Step, Token};
use crate::keys::{NOW, TOKENS};
use crate::written::{self, hear_json, hear_protobuf};
use hub::{Bell, Delivery, Hub};
use identity::{Claims, Hands};
use protocol::command::{
    ConnectRequest, HistoryRequest, PublishRequest, RpcRequest, SubRefreshRequest, SubscribeRequest,
    Token as TokenText,
};
use protocol::limits::{
    PAGE_MAX_BYTES, PAYLOAD_MAX_BYTES, REQUESTS_IN_FLIGHT_MAX, SUBSCRIPTIONS_PER_CONNECTION_MAX,
};
use protocol::reply::{HistoryResult, PresenceStats};
use protocol::rpc::{Later, Placed, PublishStatus};
use protocol::{
    ChannelName, ClientId, Command, Disconnect, Encoding, Epoch, ErrorCode, MemberId, Page, Payload,
    Publication, Replay, Request, Role, Since, StreamPosition,
};
use session::{
    Answer, Common, Effect, Joined, NotPlaced, NotTaken, Now, Output, Progress, PublishOrder, Session, Setup,
    Start, Timing, Unwatched,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Little, so that rings lag.
const RING_MAX_BYTES: usize = 16 * 1024;
/// What a ring counts of what the wire adds to a publication.
const COUNTED_OVERHEAD_BYTES: usize = 160;
/// What the wire adds to a publication: names, ids and numbers.
const PUSH_OVERHEAD_BYTES: usize = 512;
/// Most bytes of payload of one connection that wait to be stored, as the conversation bounds them.
const ORDERS_MAX_BYTES: usize = 2 * 1024 * 1024;
/// The largest single message: a page beside one publication, and what the wire adds to 300 of them in 129 channels.
const MESSAGE_MAX_BYTES: usize = PAGE_MAX_BYTES + PAYLOAD_MAX_BYTES + 429 * PUSH_OVERHEAD_BYTES;
/// Rounds in which everything settles.
const ROUNDS_MAX: usize = 2_000;

#[derive(Debug)]
struct Silent;

impl Bell for Silent {
    fn ring(&self, _: &ChannelName) {}
}

pub(super) struct World {
    session: Session,
    output: Output,
    encoding: Encoding,
    hub: Hub,
    bell: Arc<dyn Bell>,
    logs: BTreeMap<String, Log>,
    feed: VecDeque<(ChannelName, Epoch, Arc<Publication>)>,
    behind: BTreeSet<ChannelName>,
    effects: VecDeque<Effect>,
    /// Effects that wait to be performed, without orders.
    waiting: Vec<Effect>,
    orders: VecDeque<PublishOrder>,
    /// Answers that are on their way.
    ready: Vec<Answer>,
    client: Client,
    next_id: u32,
    next_epoch: u32,
    start: Instant,
    elapsed: Duration,
    /// What the peer's TCP says.
    acknowledged: Option<u64>,
    ended: bool,
}

impl World {
    pub(super) fn new(script: &Script) -> Self {
        let encoding = if script.protobuf { Encoding::Protobuf } else { Encoding::Json };
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let setup = Setup {
            client: ClientId::new("c1"),
            encoding,
            ticket: None,
            first_ping: Duration::from_secs(20),
            common: Arc::new(Common {
                door: Arc::new(TOKENS.clone()),
                hands: Hands::One,
                timing: Timing::default(),
                version: "fuzz",
                watch: Arc::new(Unwatched),
            }),
        };
        Self {
            session: Session::new(setup, Now { instant: start, wall: NOW }),
            output: Output::default(),
            encoding,
            hub: Hub::new(RING_MAX_BYTES),
            bell: Arc::new(Silent),
            logs: BTreeMap::new(),
            feed: VecDeque::new(),
            behind: BTreeSet::new(),
            effects: VecDeque::new(),
            waiting: Vec::new(),
            orders: VecDeque::new(),
            ready: Vec::new(),
            client: Client::default(),
            next_id: 1,
            next_epoch: 1,
            start,
            elapsed: Duration::ZERO,
            acknowledged: None,
            ended: false,
        }
    }

    pub(super) fn play(mut self, script: &Script) {
        for step in script.steps.iter().take(STEPS_MAX) {
            self.step(step);
            self.check();
        }
        self.settle();
    }

    fn now(&self) -> Now {
        Now { instant: self.start + self.elapsed, wall: NOW.after(self.elapsed) }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Acknowledge(bytes) => {
                self.acknowledged = bytes.map(|more| self.acknowledged.unwrap_or(0) + u64::from(more));
            }
            Step::AnswerAll => self.answer_all(),
            Step::Ask(asks) => self.ask(asks),
            Step::AskOften(ask, times) => (0..*times).for_each(|_| self.ask(std::slice::from_ref(ask))),
            Step::BeginEpoch(channel, lost) => {
                let epoch = self.fresh_epoch();
                if let Some(log) = self.log(*channel) {
                    log.begin_epoch(epoch, usize::from(*lost % 8));
                }
            }
            Step::Compare(channel) => {
                if let Ok(name) = ChannelName::parse(&channel.name()) {
                    self.compare(&name);
                }
            }
            Step::End => self.session.end(Disconnect::Shutdown, &mut self.effects),
            Step::Feed(channel) => self.feed(&channel.name(), true),
            Step::FeedLoses(channel) => self.feed(&channel.name(), false),
            Step::Frame(bytes) => self.frame(bytes),
            Step::Give(which) => {
                if let Some(which) = usize::from(*which).checked_rem(self.ready.len()) {
                    self.give(which);
                }
            }
            Step::Perform(which, how) => {
                let all = self.waiting.len() + usize::from(!self.orders.is_empty());
                if let Some(which) = usize::from(*which).checked_rem(all) {
                    self.perform(which, *how);
                }
            }
            Step::Publish(channel, size) => {
                if let Ok(name) = ChannelName::parse(&channel.name()) {
                    // With its quotes within the bound of a payload.
                    let size = usize::from(*size).min(PAYLOAD_MAX_BYTES - 2);
                    self.publish(&name, payload(&"x".repeat(size)));
                }
            }
            Step::Take(bytes) => {
                self.take(usize::from(*bytes));
            }
            Step::Trim(channel, count) => {
                if let Some(log) = self.log(*channel) {
                    log.trim(usize::from(*count % 16));
                }
            }
            Step::Wait(tenths) => self.wait(Duration::from_millis(u64::from(*tenths) * 100)),
        }
    }

    /// What holds after every step.
    fn check(&mut self) {
        while let Some(effect) = self.effects.pop_front() {
            assert!(!self.ended, "nothing comes after the end");
            match effect {
                Effect::Close(_) => {
                    self.ended = true;
                    assert!(self.effects.is_empty(), "a close is the last effect");
                }
                Effect::Leave(_) => {}
                Effect::Publish(order) => {
                    assert!(["m_1", "m_2"].contains(&order.sender.user.as_str()));
                    assert!(order.data.as_str().len() <= PAYLOAD_MAX_BYTES);
                    self.orders.push_back(order);
                }
                Effect::CountReaders { .. }
                | Effect::Join { .. }
                | Effect::Look
                | Effect::ReadHistory { .. }
                | Effect::ReadPage { .. }
                | Effect::TakeReceipts { .. } => self.waiting.push(effect),
            }
        }
        let unasked = |effect: &&Effect| matches!(effect, Effect::ReadPage { .. } | Effect::Look);
        let asked = self.waiting.len() - self.waiting.iter().filter(unasked).count() + self.orders.len();
        assert!(asked <= REQUESTS_IN_FLIGHT_MAX + SUBSCRIPTIONS_PER_CONNECTION_MAX + 1);
        let bytes: usize = self.orders.iter().map(|order| order.data.as_str().len()).sum();
        assert!(bytes <= ORDERS_MAX_BYTES);
        assert!(self.hub.ring_bytes() <= RING_MAX_BYTES, "rings are within their budget");
        assert_eq!(matches!(self.session, Session::Ended), self.ended, "who ends says so");
        assert_eq!(self.session.next_deadline().is_none(), self.ended, "there is a deadline until the end");
    }

    fn ask(&mut self, asks: &[Ask]) {
        let mut frame = Vec::new();
        let mut sent = Vec::new();
        for ask in asks {
            let (ask, id) = match ask {
                Ask::WithoutId(ask) => (&**ask, 0),
                Ask::Pong => (ask, 0),
                _ => {
                    self.next_id += 1;
                    (ask, self.next_id)
                }
            };
            let (request, asked) = self.request(ask);
            let command = Command { id, request };
            match (self.encoding, written::json(&command)) {
                (Encoding::Json, Some(text)) => frame.extend(text.into_bytes().into_iter().chain([b'\n'])),
                (Encoding::Json, None) => continue,
                (Encoding::Protobuf, _) => frame.extend(written::protobuf(&command)),
            }
            if id != 0 && command.request != Request::Pong {
                sent.push((id, asked));
            }
        }
        for (id, asked) in sent {
            self.client.sent(id, asked);
        }
        let now = self.now();
        self.session.handle_frame(&frame, now, &mut self.effects);
    }

    /// A frame of anything. What it asks is not followed; that it breaks nothing is.
    fn frame(&mut self, bytes: &[u8]) {
        let commands = self.encoding.decode_commands(bytes).unwrap_or_default();
        self.client.confused |= commands.iter().any(|command| command.request != Request::Pong);
        let now = self.now();
        self.session.handle_frame(bytes, now, &mut self.effects);
    }

    fn request(&mut self, ask: &Ask) -> (Request, Asked) {
        let other = |request| (request, Asked::Other);
        match ask {
            Ask::Connect(token, positions) => {
                let subs = positions.iter().map(|(channel, from)| {
                    let channel = channel.name();
                    let request = self.subscribe_request(&channel, Some(from), Grant::Without);
                    (channel, request)
                });
                let request = ConnectRequest { token: token_text(*token), subs: subs.collect() };
                (Request::Connect(request), Asked::Connect(*token))
            }
            Ask::History { channel, limit, since, reverse } => {
                let channel = channel.name();
                let since = since.as_ref().map(|from| self.place(&channel, from));
                let request = HistoryRequest { channel, limit: i32::from(*limit), since, reverse: *reverse };
                other(Request::History(request))
            }
            Ask::Pong => other(Request::Pong),
            Ask::Presence(channel) => other(Request::Presence(channel.name())),
            Ask::PresenceStats(channel) => other(Request::PresenceStats(channel.name())),
            Ask::Publish(channel, data) => {
                let data = data_of(data).and_then(|data| Payload::parse(data.as_bytes()).ok());
                other(Request::Publish(PublishRequest { channel: channel.name(), data }))
            }
            Ask::Refresh(token) => (Request::Refresh(token_text(*token)), Asked::Refresh(*token)),
            Ask::Rpc { channel, key, data } => {
                let data = data_of(data).unwrap_or_default();
                let key = key.map(|key| format!(r#","idempotency_key":"k{key}""#)).unwrap_or_default();
                let data = Some(format!(r#"{{"channel":"{}"{key},"data":{data}}}"#, channel.name()));
                other(Request::Rpc(RpcRequest { method: "publish".into(), data }))
            }
            Ask::RpcElse(method, data) => {
                other(Request::Rpc(RpcRequest { method: method.clone(), data: Some(data.clone()) }))
            }
            Ask::Send => other(Request::Send),
            Ask::SubRefresh(channel, grant) => {
                let channel = channel.name();
                let token = grant_text(*grant, &channel);
                other(Request::SubRefresh(SubRefreshRequest { channel, token }))
            }
            Ask::Subscribe(channel, grant, from) => self.subscribe(*channel, *grant, from.as_ref(), false),
            Ask::SubscribeOrRefuse(channel, from) => {
                self.subscribe(*channel, Grant::Without, Some(from), true)
            }
            Ask::Unknown => other(Request::Unknown),
            Ask::Unsubscribe(channel) => {
                (Request::Unsubscribe(channel.name()), Asked::Unsubscribe(channel.name()))
            }
            Ask::WithoutId(ask) => self.request(ask),
        }
    }

    fn subscribe(
        &self,
        channel: Channel,
        grant: Grant,
        from: Option<&From>,
        refuse: bool,
    ) -> (Request, Asked) {
        let channel = channel.name();
        let mut request = self.subscribe_request(&channel, from, grant);
        request.reject_unrecovered = refuse;
        let offset = Some(request.offset).filter(|offset| *offset > 0 || !request.epoch.is_empty());
        let granted = grant != Grant::Without;
        let asked = Asked::Subscribe { channel, granted, recover: from.is_some(), offset };
        (Request::Subscribe(request), asked)
    }

    fn subscribe_request(&self, channel: &str, from: Option<&From>, grant: Grant) -> SubscribeRequest {
        let (epoch, offset) = from.map(|from| self.place(channel, from)).unwrap_or_default();
        let token = grant_text(grant, channel);
        let (channel, recover) = (channel.to_owned(), from.is_some());
        SubscribeRequest { channel, token, recover, epoch, offset, reject_unrecovered: false }
    }

    fn place(&self, channel: &str, from: &From) -> (String, u64) {
        let epochs = || self.logs.get(channel).into_iter().flat_map(Log::epochs).map(ToString::to_string);
        let epoch = match &from.epoch {
            EpochSaid::Any => String::new(),
            EpochSaid::Current => epochs().next_back().unwrap_or_default(),
            EpochSaid::Former(n) => epochs().nth(usize::from(*n)).unwrap_or_default(),
            EpochSaid::Foreign => "foreign".into(),
            EpochSaid::Text(text) => text.clone(),
        };
        (epoch, if from.offset == u8::MAX { u64::MAX } else { from.offset.into() })
    }

    /// Performs an effect as a node does; its answer is then on its way.
    fn perform(&mut self, which: usize, how: How) {
        if which >= self.waiting.len() {
            return self.store_next(how);
        }
        let limit = if let How::WellInPages(most) = how { usize::from(most).max(1) } else { 300 };
        let answer = match self.waiting.remove(which) {
            Effect::Join { attempt, channel, since } => {
                let result = if how == How::Failed {
                    Err(ErrorCode::Internal)
                } else {
                    Ok(self.join(&channel, since.as_ref(), limit))
                };
                Answer::Joined { attempt, result }
            }
            Effect::ReadHistory { id, channel, .. } => {
                let log = self.log_of(&channel);
                let page = log.replay(&Since::Start, limit);
                let result = match page {
                    Replay::Complete(Page { publications, top }) if how != How::Failed => {
                        Ok(HistoryResult { publications, epoch: top.epoch, offset: top.offset })
                    }
                    Replay::Complete(_) | Replay::Gap { .. } => Err(ErrorCode::UnrecoverablePosition),
                };
                Answer::History { id, result }
            }
            Effect::ReadPage { attempt, channel, since } => {
                let replay = self.log_of(&channel).replay(&Since::Position(since), limit);
                Answer::Page {
                    attempt,
                    result: if how == How::Failed { Err(()) } else { Ok(Arc::new(replay.into())) },
                }
            }
            Effect::CountReaders { id, .. } => {
                let failed = how == How::Failed;
                let stats = PresenceStats { num_clients: 2, num_users: 1 };
                Answer::ReadersCounted {
                    id,
                    result: if failed { Err(ErrorCode::Internal) } else { Ok(stats) },
                }
            }
            Effect::Look => Answer::Looked(
                self.acknowledged
                    .map(|acknowledged| Progress { acknowledged, outstanding: acknowledged % 3 }),
            ),
            Effect::TakeReceipts { id, .. } => {
                let later = NotTaken::Later(Duration::from_secs(2));
                Answer::ReceiptsTaken { id, result: if how == How::Failed { Err(later) } else { Ok(()) } }
            }
            effect => unreachable!("{effect:?} does not wait"),
        };
        self.ready.push(answer);
    }

    fn answer_all(&mut self) {
        while !self.waiting.is_empty() || !self.orders.is_empty() {
            self.perform(0, How::Well);
        }
        while !self.ready.is_empty() {
            self.give(0);
            self.check();
        }
    }

    /// Orders are stored in the order they were given.
    fn store_next(&mut self, how: How) {
        let Some(order) = self.orders.pop_front() else { return };
        let result = if how == How::Failed {
            Err(NotPlaced::Later(Later { retry_after: Duration::from_secs(1), credit: Some(64) }))
        } else {
            let position = self.publish(&order.channel, order.data);
            Ok(Placed { status: PublishStatus::Ok, position, lane: order.lane, credit: 64 })
        };
        self.ready.push(Answer::Published { id: order.id, via: order.via, result });
    }

    fn join(&mut self, channel: &ChannelName, since: Option<&Since>, limit: usize) -> Joined {
        let membership = self.hub.join(channel, &self.bell);
        let end = self.log_of(channel).top();
        if membership.top().is_none() {
            self.hub.anchor(channel, end);
            self.behind.insert(channel.clone());
        }
        let top = membership.top().expect("an anchored ring");
        let start = match since.map(|since| self.log_of(channel).replay(since, limit)) {
            None => Start::Live(top),
            Some(Replay::Gap { top, .. }) => Start::Lost(top),
            Some(Replay::Complete(page)) => Start::Recovered(page),
        };
        let (Start::Live(place) | Start::Lost(place) | Start::Recovered(Page { top: place, .. })) = &start;
        if membership.top().is_none_or(|ring| ring.epoch != place.epoch) {
            self.behind.insert(channel.clone());
        }
        Joined { membership, start }
    }

    /// An answer arrives; those of orders in their order.
    fn give(&mut self, which: usize) {
        let is_order = |answer: &Answer| matches!(answer, Answer::Published { .. });
        let which = if is_order(&self.ready[which]) {
            self.ready.iter().position(is_order).expect("there is one")
        } else {
            which
        };
        let answer = self.ready.remove(which);
        let now = self.now();
        self.session.handle_answer(answer, now, &mut self.effects);
    }

    fn publish(&mut self, channel: &ChannelName, data: Payload) -> StreamPosition {
        let log = self.log_of(channel);
        let publication = log.append(data);
        let top = log.top();
        self.feed.push_back((channel.clone(), top.epoch.clone(), publication));
        top
    }

    /// The next news of a channel arrives, or is lost.
    fn feed(&mut self, channel: &str, arrives: bool) {
        let Some(at) = self.feed.iter().position(|(name, ..)| name.as_str() == channel) else { return };
        let Some((channel, epoch, publication)) = self.feed.remove(at) else { return };
        let delivery = arrives.then(|| self.hub.deliver(&channel, &epoch, &publication));
        match delivery {
            Some(Delivery::Appended | Delivery::NotAnchored | Delivery::Old) => {}
            None | Some(Delivery::Gap | Delivery::NewEpoch) => {
                self.behind.insert(channel);
            }
        }
    }

    /// Brings a ring to where the log is, as the feed pump does.
    fn compare(&mut self, channel: &ChannelName) {
        while let Some(top) = self.hub.channel(channel).and_then(|channel| channel.top()) {
            match self.log_of(channel).replay(&Since::Position(top.clone()), 300) {
                Replay::Gap { top, .. } => {
                    self.hub.anchor(channel, top);
                    return;
                }
                Replay::Complete(page) => {
                    if page.top.epoch != top.epoch {
                        let position = StreamPosition { epoch: page.top.epoch.clone(), offset: top.offset };
                        self.hub.anchor(channel, position);
                    }
                    for publication in &page.publications {
                        self.hub.deliver(channel, &page.top.epoch, publication);
                    }
                    if page.publications.last().is_none_or(|last| last.offset >= page.top.offset) {
                        return;
                    }
                }
            }
        }
    }

    /// Takes output and lets the client hear it; answers whether there was any.
    fn take(&mut self, max_bytes: usize) -> bool {
        let now = self.now();
        self.session.take_output(max_bytes, now, &mut self.effects, &mut self.output);
        let output = &self.output;
        let frames = &output.frames;
        assert!(!self.ended || frames.is_empty(), "nothing comes after the end");
        let bytes: usize = frames.iter().map(protocol::EncodedFrame::len).sum();
        let of_publications: usize = output.runs.iter().map(|run| run.bytes).sum();
        let accounted = of_publications + output.reply_bytes + output.control_bytes;
        assert_eq!((bytes, bytes), (output.bytes(), accounted), "every byte is accounted for, once");
        // A ring counts payloads and what frames usually have besides: names that are longer come on top.
        let longer = frames.len() * (PUSH_OVERHEAD_BYTES - COUNTED_OVERHEAD_BYTES);
        let most = max_bytes.saturating_add(longer + MESSAGE_MAX_BYTES);
        assert!(bytes <= most, "{bytes} bytes where {max_bytes} were asked for");
        let joined = self.encoding.join(frames);
        let mut heard = Vec::new();
        match self.encoding {
            Encoding::Json if joined.is_empty() => {}
            Encoding::Json => heard.extend(joined.split(|b| *b == b'\n').map(hear_json)),
            Encoding::Protobuf => {
                let mut rest = &*joined;
                while !rest.is_empty() {
                    heard.push(hear_protobuf(&mut rest));
                }
            }
        }
        assert_eq!(heard.len(), frames.len(), "a frame holds what was joined");
        for heard in heard {
            self.client.hear(heard, &self.logs);
        }
        !frames.is_empty()
    }

    /// Time passes; what was due is done, once.
    fn wait(&mut self, duration: Duration) {
        self.elapsed += duration;
        let now = self.now();
        // A look, a ping and a try may be due at once.
        for _ in 0..3 {
            if self.session.next_deadline().is_some_and(|at| at <= now.instant) {
                self.session.handle_deadline(now, &mut self.effects);
            }
        }
        assert!(self.session.next_deadline().is_none_or(|at| at > now.instant), "what was due is done");
    }

    /// The store answers, the feed is heard, the socket takes everything and the client answers pings.
    fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..ROUNDS_MAX {
            let mut busy = !self.waiting.is_empty() || !self.orders.is_empty() || !self.ready.is_empty();
            self.answer_all();
            while let Some((channel, ..)) = self.feed.front() {
                let channel = channel.as_str().to_owned();
                self.feed(&channel, true);
            }
            for channel in self.hub.anchored() {
                self.compare(&channel);
            }
            busy |= self.take(64 * 1024);
            while self.client.pings > 0 && !self.ended {
                self.client.pings -= 1;
                self.ask(&[Ask::Pong]);
            }
            self.check();
            self.wait(Duration::from_millis(500));
            self.check();
            quiet = if busy { 0 } else { quiet + 1 };
            if self.ended {
                assert!(!self.take(usize::MAX), "nothing comes after the end");
                return;
            }
            if quiet > 4 {
                return self.client.has_all(&self.logs);
            }
        }
        panic!("it never settles");
    }

    fn fresh_epoch(&mut self) -> Epoch {
        self.next_epoch += 1;
        Epoch::parse(&format!("e{}", self.next_epoch)).expect("an epoch")
    }

    fn log(&mut self, channel: Channel) -> Option<&mut Log> {
        ChannelName::parse(&channel.name()).ok().map(|name| self.log_of(&name))
    }

    fn log_of(&mut self, channel: &ChannelName) -> &mut Log {
        let epoch = self.fresh_epoch();
        self.logs.entry(channel.as_str().to_owned()).or_insert_with(|| {
            let mut log = Log::new(epoch);
            for n in 1..=3 {
                log.append(payload(&format!("before {n}")));
            }
            log
        })
    }
}

fn payload(text: &str) -> Payload {
    Payload::from_value(&text).expect("a payload")
}

fn data_of(data: &Data) -> Option<String> {
    match data {
        Data::Nothing => None,
        Data::NoJson => Some("{".into()),
        Data::Small(n) => Some(format!(r#"{{"id":"s{n}"}}"#)),
        Data::Text(text) => serde_json::to_string(text).ok(),
        Data::Long(n) => Some(format!("\"{}\"", "y".repeat(usize::from(*n)))),
    }
}

/// A token with which the first member may read a channel.
fn grant_text(grant: Grant, channel: &str) -> TokenText {
    let begun = Duration::from_mins(if grant == Grant::Expired { 60 } else { 0 });
    let ttl = Duration::from_mins(if grant == Grant::GoodForLonger { 9 } else { 2 });
    let channel = if grant == Grant::Elsewhere { "teams:elsewhere" } else { channel };
    match (grant, ChannelName::parse(channel)) {
        (Grant::Without, _) => TokenText::default(),
        (Grant::OfAnotherKind, _) => token_text(Token::Sender),
        (_, Err(_)) => TokenText("garbage".into()),
        (_, Ok(channel)) => {
            let member = MemberId::parse("m_1").expect("an id");
            let token = TOKENS.subscriptions().mint(&member, &channel, NOW.before(begun), ttl);
            TokenText(token.expect("a token"))
        }
    }
}

fn token_text(token: Token) -> TokenText {
    static MINTED: LazyLock<[String; 6]> = LazyLock::new(|| {
        let name = |name: &str| ChannelName::parse(name).expect("a name");
        let mint = |member: &str, claims: &Claims, begun: Duration, ttl: u64| {
            let member = MemberId::parse(member).expect("an id");
            TOKENS.mint(&member, claims, NOW.before(begun), Duration::from_mins(ttl)).expect("a token")
        };
        let sender = Claims {
            roles: vec![Role::Sender],
            regions: vec!["north".into()],
            teams: ["leaflets".into()].into_iter().chain((0..=255).map(|n| format!("t{n}"))).collect(),
            channels: vec![name("bulletins:all"), name("teams:leaflets")],
            ..Claims::default()
        };
        let crowded =
            Claims { channels: (0..200).map(|n| name(&format!("teams:t{n}"))).collect(), ..sender.clone() };
        let activist = Claims {
            roles: vec![Role::Activist],
            regions: vec!["north".into()],
            channels: vec![name("inbox#m_1")],
            ..Claims::default()
        };
        let now = Duration::ZERO;
        [
            mint("m_1", &sender, now, 10),
            mint("m_1", &sender, now, 20),
            mint("m_1", &activist, now, 10),
            mint("m_1", &crowded, now, 10),
            mint("m_2", &sender, now, 10),
            mint("m_1", &sender, Duration::from_hours(1), 10),
        ]
    });
    let [sender, longer, activist, crowded, other, expired] = &*MINTED;
    TokenText(match token {
        Token::Sender => sender.clone(),
        Token::Longer => longer.clone(),
        Token::Activist => activist.clone(),
        Token::Crowded => crowded.clone(),
        Token::Other => other.clone(),
        Token::Expired => expired.clone(),
        Token::Garbage => "garbage".into(),
        Token::Empty => String::new(),
    })
}
