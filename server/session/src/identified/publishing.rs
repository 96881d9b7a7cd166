//! Saying something, and asking for history.

use super::Identified;
use super::subscribing::since_position;
use crate::effect::{Effect, HistoryQuery, NotPlaced, PublishOrder, Via};
use crate::limits::PAGE_REPLY_MAX_BYTES;
use crate::output::Run;
use identity::may_post;
use protocol::command::{HistoryRequest, PublishRequest, RpcRequest};
use protocol::limits::{PAGE_MAX_PUBLICATIONS, REQUESTS_PAUSE_SECONDS};
use protocol::reply::HistoryResult;
use protocol::rpc::{self, Later, Placed, PublishArgument};
use protocol::{ChannelName, ErrorCode, IdempotencyKey, Lane, Payload, Reply, ReplyBody, Since};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most bytes of payload of one connection that wait to be stored; more are told when to come again.
const ORDERS_MAX_BYTES: usize = 2 * 1024 * 1024;
/// How long messages are refused after one was refused for now.
const PAUSE: Duration = Duration::from_secs(REQUESTS_PAUSE_SECONDS);

impl Identified {
    pub(super) fn publish(
        &mut self,
        id: u32,
        request: PublishRequest,
        now: Instant,
        effects: &mut VecDeque<Effect>,
    ) {
        let order = match (ChannelName::parse(&request.channel), request.data) {
            (Ok(channel), Some(data)) => {
                let key = rpc::id_inside(&data).and_then(|id| IdempotencyKey::parse(&id).ok());
                self.order(id, Via::Publish, channel, data, key, Lane::Normal)
            }
            (Err(_), _) | (_, None) => Err(ErrorCode::BadRequest),
        };
        self.place(id, Via::Publish, order, now, effects);
    }

    pub(super) fn rpc(
        &mut self,
        id: u32,
        request: &RpcRequest,
        now: Instant,
        effects: &mut VecDeque<Effect>,
    ) {
        if request.method != rpc::PUBLISH {
            self.refuse(id, ErrorCode::MethodNotFound);
            return;
        }
        let order = request
            .data
            .as_ref()
            .and_then(|data| rpc::publish_argument(data))
            .ok_or(ErrorCode::BadRequest)
            .and_then(|argument| self.order_by_rpc(id, &argument));
        self.place(id, Via::Rpc, order, now, effects);
    }

    fn order_by_rpc(&self, id: u32, argument: &PublishArgument<'_>) -> Result<PublishOrder, ErrorCode> {
        let channel = rpc::channel_of(argument).ok_or(ErrorCode::BadRequest)?;
        // Its shape was looked at with the argument's.
        let data = Payload::parse(argument.data.get().as_bytes()).map_err(|_| ErrorCode::BadRequest)?;
        let key = match &argument.idempotency_key {
            Some(key) => Some(IdempotencyKey::parse(key).map_err(|_| ErrorCode::BadRequest)?),
            None => rpc::id_inside(&data).and_then(|id| IdempotencyKey::parse(&id).ok()),
        };
        self.order(id, Via::Rpc, channel, data, key, argument.lane.unwrap_or_default())
    }

    fn order(
        &self,
        id: u32,
        via: Via,
        channel: ChannelName,
        data: Payload,
        key: Option<IdempotencyKey>,
        lane: Lane,
    ) -> Result<PublishOrder, ErrorCode> {
        let kind = channel.kind().ok_or(ErrorCode::UnknownChannel)?;
        let may_ask = lane != Lane::Urgent || self.principal.is_organiser();
        let may_alone = self.common.hands.may_post_alone(&kind, lane);
        if !may_ask || !may_alone || !may_post(&self.principal, &kind) {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(PublishOrder { id, via, channel, data, key, sender: self.me(), lane })
    }

    fn place(
        &mut self,
        id: u32,
        via: Via,
        order: Result<PublishOrder, ErrorCode>,
        now: Instant,
        effects: &mut VecDeque<Effect>,
    ) {
        let bytes = |order: &PublishOrder| order.data.as_str().len();
        let placed = order.map_err(NotPlaced::Never).and_then(|order| {
            if let Some(pause) = self.pause(now) {
                return Err(self.later(pause));
            }
            // Their client is asking for a newer right to post; until it has one, it keeps the message.
            if now >= self.posts_until + self.common.timing.expiry_grace {
                self.refuse_posts(now);
                return Err(self.later(PAUSE));
            }
            let orders = self.pending.get().into_iter().flat_map(|queues| &queues.order_bytes);
            let waiting: usize = orders.map(|(_, bytes)| bytes).sum();
            let has_room = waiting.saturating_add(bytes(&order)) <= ORDERS_MAX_BYTES;
            if !has_room || self.begin_request().is_err() {
                self.refuse_posts(now);
                return Err(self.later(PAUSE));
            }
            Ok(order)
        });
        match placed {
            Ok(order) => {
                self.pending.make().order_bytes.push_back((id, bytes(&order)));
                effects.push_back(Effect::Publish(order));
            }
            Err(reason) => self.say_not_placed(id, via, reason),
        }
    }

    /// A message is refused for now, and so are those that its sender said behind it before they heard of that: were they
    /// taken, the retry of the first would come after them.
    fn refuse_posts(&mut self, now: Instant) {
        self.pending.make().posts_refused_until = Some(now + PAUSE);
    }

    /// For how much longer no message is taken.
    fn pause(&self, now: Instant) -> Option<Duration> {
        let left = self.pending.get()?.posts_refused_until?.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    const fn later(&self, retry_after: Duration) -> NotPlaced {
        NotPlaced::Later(Later { retry_after, credit: self.credit })
    }

    pub(super) fn published(&mut self, id: u32, via: Via, result: Result<Placed, NotPlaced>, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        // Answers come in the order of the orders, but for those that there was no credit for.
        if let Some(queues) = self.pending.get_mut()
            && let Some(place) = queues.order_bytes.iter().position(|(of, _)| *of == id)
        {
            queues.order_bytes.remove(place);
        }
        match result {
            Ok(placed) => {
                self.credit = Some(placed.credit);
                let body = match via {
                    Via::Publish => Ok(ReplyBody::Publish),
                    Via::Rpc => rpc::publish_answer(&placed).map(ReplyBody::Rpc).ok_or(ErrorCode::Internal),
                };
                self.reply(id, body);
            }
            Err(NotPlaced::Later(later)) => {
                self.refuse_posts(now);
                self.credit = later.credit.or(self.credit);
                // Who came earlier would be refused once more.
                self.say_not_placed(id, via, self.later(later.retry_after.max(PAUSE)));
            }
            Err(NotPlaced::Unknown) => {
                self.refuse_posts(now);
                self.say_not_placed(id, via, NotPlaced::Unknown);
            }
            Err(never @ NotPlaced::Never(_)) => self.say_not_placed(id, via, never),
        }
    }

    /// The protocol's own `publish` has one word for all that may be sent again.
    fn say_not_placed(&mut self, id: u32, via: Via, reason: NotPlaced) {
        let body = match (reason, via) {
            (NotPlaced::Later(later), Via::Rpc) => {
                rpc::later_answer(later).map(ReplyBody::Rpc).ok_or(ErrorCode::Internal)
            }
            (NotPlaced::Later(_), Via::Publish) | (NotPlaced::Unknown, _) => Err(ErrorCode::TooManyRequests),
            (NotPlaced::Never(code), _) => Err(code),
        };
        self.reply(id, body);
    }

    pub(super) fn history(&mut self, id: u32, request: &HistoryRequest, effects: &mut VecDeque<Effect>) {
        let asked = ChannelName::parse(&request.channel).map_err(|_| ErrorCode::BadRequest);
        let asked = asked.and_then(|channel| match self.refuses_reading(&channel) {
            Some(code) => Err(code),
            None => self.begin_request().map(|()| channel),
        });
        match asked {
            Ok(channel) => {
                self.pending.make().histories.push_back(HistoryOrder { id, channel, query: query(request) });
                self.read_next_history(effects);
            }
            Err(code) => self.refuse(id, code),
        }
    }

    /// Reads the page of the next `history` request, if none is being read and there is room for its answer.
    pub(super) fn read_next_history(&mut self, effects: &mut VecDeque<Effect>) {
        let is_reading = self.pending.get().is_some_and(|queues| queues.reading_history.is_some());
        if is_reading || !self.outbox.has_room_for(PAGE_REPLY_MAX_BYTES) {
            return;
        }
        while let Some(queues) = self.pending.get_mut()
            && let Some(HistoryOrder { id, channel, query }) = queues.histories.pop_front()
        {
            // A newer token may have taken the right away while the request waited.
            if let Some(code) = self.refuses_reading(&channel) {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.refuse(id, code);
                continue;
            }
            self.pending.make().reading_history = Some(channel.clone());
            effects.push_back(Effect::ReadHistory { id, channel, query });
            return;
        }
    }

    pub(super) fn history_read(
        &mut self,
        id: u32,
        result: Result<HistoryResult, ErrorCode>,
        effects: &mut VecDeque<Effect>,
    ) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let channel = self.pending.get_mut().and_then(|queues| queues.reading_history.take());
        let page = result
            .as_ref()
            .ok()
            .zip(channel)
            .and_then(|(page, channel)| Run::of_page(&channel, &page.publications));
        let reply = Reply { id, body: result.map(ReplyBody::History) };
        self.outbox.reply_with_pages(&reply, page.into_iter().collect(), &*self.common.watch);
        self.read_next_history(effects);
    }
}

/// A `history` request that waits for its turn.
#[derive(Debug)]
pub(super) struct HistoryOrder {
    id: u32,
    channel: ChannelName,
    query: HistoryQuery,
}

fn query(request: &HistoryRequest) -> HistoryQuery {
    let limit = match request.limit {
        0 => return HistoryQuery::Position,
        // A negative limit asks for as much as the server allows.
        limit => {
            usize::try_from(limit).map_or(PAGE_MAX_PUBLICATIONS, |limit| limit.min(PAGE_MAX_PUBLICATIONS))
        }
    };
    let since = request.since.as_ref().map(|(epoch, offset)| since_position(epoch, *offset));
    if request.reverse {
        HistoryQuery::Backward { before: since, limit }
    } else {
        HistoryQuery::Forward { since: since.unwrap_or(Since::Start), limit }
    }
}
