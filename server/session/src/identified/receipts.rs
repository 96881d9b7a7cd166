//! What an app says that it has got.

use super::Identified;
use crate::effect::{Effect, NotTaken};
use protocol::command::RpcRequest;
use protocol::rpc::receipts::{Receipts, receipts_answer};
use protocol::rpc::{self, Later};
use protocol::{ErrorCode, ReplyBody};
use std::collections::VecDeque;

impl Identified {
    pub(super) fn receipts(&mut self, id: u32, request: &RpcRequest, effects: &mut VecDeque<Effect>) {
        let asked = request.data.as_deref().and_then(Receipts::read).ok_or(ErrorCode::BadRequest);
        let asked = asked.and_then(|receipts| self.begin_request().map(|()| receipts));
        match asked {
            Ok(receipts) => effects.push_back(Effect::TakeReceipts { id, receipts }),
            Err(code) => self.refuse(id, code),
        }
    }

    pub(super) fn receipts_taken(&mut self, id: u32, result: Result<(), NotTaken>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let answer = match result {
            Ok(()) => receipts_answer().ok_or(ErrorCode::Internal),
            Err(NotTaken::Later(retry_after)) => {
                rpc::later_answer(Later { retry_after, credit: None }).ok_or(ErrorCode::Internal)
            }
            Err(NotTaken::Never) => Err(ErrorCode::BadRequest),
        };
        self.reply(id, answer.map(ReplyBody::Rpc));
    }
}
