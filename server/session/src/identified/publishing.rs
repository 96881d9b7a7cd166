//! Saying something, and asking for history.

use super::Identified;
use super::subscribing::since_position;
use crate::effect::{Effect, HistoryQuery, PublishOrder, Via};
use crate::limits::PAGE_REPLY_MAX_BYTES;
use crate::output::Run;
use identity::may_post;
use protocol::command::{HistoryRequest, PublishRequest, RpcRequest};
use protocol::limits::{PAGE_MAX_PUBLICATIONS, REQUESTS_PAUSE_SECONDS};
use protocol::reply::HistoryResult;
use protocol::rpc::{self, PublishArgument, PublishStatus};
use protocol::{ChannelName, ErrorCode, IdempotencyKey, Payload, Reply, ReplyBody, Since, StreamPosition};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Most bytes of payload of one connection that wait to be stored; more get error 111.
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
                self.order(id, Via::Publish, channel, data, key)
            }
            (Err(_), _) | (_, None) => Err(ErrorCode::BadRequest),
        };
        self.place(id, order, now, effects);
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
        self.place(id, order, now, effects);
    }

    fn order_by_rpc(&self, id: u32, argument: &PublishArgument<'_>) -> Result<PublishOrder, ErrorCode> {
        let channel = rpc::channel_of(argument).ok_or(ErrorCode::BadRequest)?;
        // Its shape was looked at with the argument's.
        let data = Payload::parse(argument.data.get().as_bytes()).map_err(|_| ErrorCode::BadRequest)?;
        let key = match &argument.idempotency_key {
            Some(key) => Some(IdempotencyKey::parse(key).map_err(|_| ErrorCode::BadRequest)?),
            None => rpc::id_inside(&data).and_then(|id| IdempotencyKey::parse(&id).ok()),
        };
        self.order(id, Via::Rpc, channel, data, key)
    }

    fn order(
        &self,
        id: u32,
        via: Via,
        channel: ChannelName,
        data: Payload,
        key: Option<IdempotencyKey>,
    ) -> Result<PublishOrder, ErrorCode> {
        let kind = channel.kind().ok_or(ErrorCode::UnknownChannel)?;
        if !may_post(&self.principal, &kind) {
            return Err(ErrorCode::PermissionDenied);
        }
        Ok(PublishOrder { id, via, channel, data, key, sender: self.me() })
    }

    fn place(
        &mut self,
        id: u32,
        order: Result<PublishOrder, ErrorCode>,
        now: Instant,
        effects: &mut VecDeque<Effect>,
    ) {
        let bytes = |order: &PublishOrder| order.data.as_str().len();
        let placed = order.and_then(|order| {
            if self.posts_refused_until.is_some_and(|until| now < until) {
                return Err(ErrorCode::TooManyRequests);
            }
            let waiting: usize = self.order_bytes.iter().sum();
            if waiting.saturating_add(bytes(&order)) > ORDERS_MAX_BYTES {
                return Err(self.refuse_posts(now));
            }
            self.begin_request().map(|()| order).map_err(|_| self.refuse_posts(now))
        });
        match placed {
            Ok(order) => {
                self.order_bytes.push_back(bytes(&order));
                effects.push_back(Effect::Publish(order));
            }
            Err(code) => self.refuse(id, code),
        }
    }

    /// A message is refused for now, and so are those that its sender said behind it before they heard of that: were they
    /// taken, the retry of the first would come after them.
    fn refuse_posts(&mut self, now: Instant) -> ErrorCode {
        self.posts_refused_until = Some(now + PAUSE);
        ErrorCode::TooManyRequests
    }

    pub(super) fn published(
        &mut self,
        id: u32,
        via: Via,
        result: Result<(PublishStatus, StreamPosition), ErrorCode>,
        now: Instant,
    ) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.order_bytes.pop_front();
        if result == Err(ErrorCode::TooManyRequests) {
            self.refuse_posts(now);
        }
        let body = result.and_then(|(status, position)| match via {
            Via::Publish => Ok(ReplyBody::Publish),
            Via::Rpc => rpc::publish_answer(status, &position).map(ReplyBody::Rpc).ok_or(ErrorCode::Internal),
        });
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
                self.histories.push_back(HistoryOrder { id, channel, query: query(request) });
                self.read_next_history(effects);
            }
            Err(code) => self.refuse(id, code),
        }
    }

    /// Reads the page of the next `history` request, if none is being read and there is room for its answer.
    pub(super) fn read_next_history(&mut self, effects: &mut VecDeque<Effect>) {
        if self.reading_history.is_some() || !self.outbox.has_room_for(PAGE_REPLY_MAX_BYTES) {
            return;
        }
        while let Some(HistoryOrder { id, channel, query }) = self.histories.pop_front() {
            // A newer token may have taken the right away while the request waited.
            if let Some(code) = self.refuses_reading(&channel) {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.refuse(id, code);
                continue;
            }
            self.reading_history = Some(channel.clone());
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
        let channel = self.reading_history.take();
        let page = result
            .as_ref()
            .ok()
            .zip(channel)
            .and_then(|(page, channel)| Run::of_page(&channel, &page.publications));
        let reply = Reply { id, body: result.map(ReplyBody::History) };
        self.outbox.reply_with_pages(&reply, page.into_iter().collect());
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
