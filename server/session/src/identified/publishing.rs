//! Saying something, and asking for history.

use super::Identified;
use super::subscribing::since_position;
use crate::effect::{Effect, HistoryQuery, PublishOrder, Via};
use identity::{may_post, may_read};
use protocol::command::{HistoryRequest, PublishRequest, RpcRequest};
use protocol::limits::PAGE_MAX_PUBLICATIONS;
use protocol::rpc::{self, PublishArgument, PublishStatus};
use protocol::{ChannelName, ErrorCode, IdempotencyKey, Offset, Payload, ReplyBody, Since, StreamPosition};
use std::collections::VecDeque;

impl Identified {
    pub(super) fn publish(&mut self, id: u32, request: PublishRequest, effects: &mut VecDeque<Effect>) {
        let order = match (ChannelName::parse(&request.channel), request.data) {
            (Ok(channel), Some(data)) => {
                let key = rpc::id_inside(&data).and_then(|id| IdempotencyKey::parse(&id).ok());
                self.order(id, Via::Publish, channel, data, key)
            }
            (Err(_), _) | (_, None) => Err(ErrorCode::BadRequest),
        };
        self.place(id, order, effects);
    }

    pub(super) fn rpc(&mut self, id: u32, request: &RpcRequest, effects: &mut VecDeque<Effect>) {
        if request.method != rpc::PUBLISH {
            self.refuse(id, ErrorCode::MethodNotFound);
            return;
        }
        let order = request
            .data
            .as_ref()
            .and_then(|data| serde_json::from_str::<PublishArgument<'_>>(data.as_str()).ok())
            .ok_or(ErrorCode::BadRequest)
            .and_then(|argument| self.order_by_rpc(id, &argument));
        self.place(id, order, effects);
    }

    fn order_by_rpc(&self, id: u32, argument: &PublishArgument<'_>) -> Result<PublishOrder, ErrorCode> {
        let channel = rpc::channel_of(argument).ok_or(ErrorCode::BadRequest)?;
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
        Ok(PublishOrder {
            id,
            via,
            channel,
            data,
            key,
            sender: self.me(),
        })
    }

    fn place(&mut self, id: u32, order: Result<PublishOrder, ErrorCode>, effects: &mut VecDeque<Effect>) {
        match order.and_then(|order| self.begin_request().map(|()| order)) {
            Ok(order) => effects.push_back(Effect::Publish(order)),
            Err(code) => self.refuse(id, code),
        }
    }

    pub(super) fn published(
        &mut self,
        id: u32,
        via: Via,
        result: Result<(PublishStatus, StreamPosition), ErrorCode>,
    ) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let body = result.and_then(|(status, position)| match via {
            Via::Publish => Ok(ReplyBody::Publish),
            Via::Rpc => rpc::publish_answer(status, &position)
                .map(ReplyBody::Rpc)
                .ok_or(ErrorCode::Internal),
        });
        self.reply(id, body);
    }

    pub(super) fn history(&mut self, id: u32, request: &HistoryRequest, effects: &mut VecDeque<Effect>) {
        let asked = ChannelName::parse(&request.channel)
            .map_err(|_| ErrorCode::BadRequest)
            .and_then(|channel| {
                let kind = channel.kind().ok_or(ErrorCode::UnknownChannel)?;
                if !may_read(&self.principal, &channel, &kind) {
                    return Err(ErrorCode::PermissionDenied);
                }
                if !self.outbox.has_room_for(1) {
                    return Err(ErrorCode::TooManyRequests);
                }
                self.begin_request()?;
                Ok(channel)
            });
        match asked {
            Ok(channel) => effects.push_back(Effect::ReadHistory {
                id,
                channel,
                query: query(request),
            }),
            Err(code) => self.refuse(id, code),
        }
    }
}

fn query(request: &HistoryRequest) -> HistoryQuery {
    let limit = match request.limit {
        0 => return HistoryQuery::Position,
        // A negative limit asks for as much as the server allows.
        limit => {
            usize::try_from(limit).map_or(PAGE_MAX_PUBLICATIONS, |limit| limit.min(PAGE_MAX_PUBLICATIONS))
        }
    };
    let since = request.since.as_ref();
    if request.reverse {
        return HistoryQuery::Backward {
            before: since.map(|(_, offset)| Offset::new(*offset)),
            limit,
        };
    }
    let since = since.map_or(Since::Start, |(epoch, offset)| since_position(epoch, *offset));
    HistoryQuery::Forward { since, limit }
}
