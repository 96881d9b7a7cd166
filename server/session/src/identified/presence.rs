//! How many are there.

use super::Identified;
use crate::effect::Effect;
use protocol::reply::PresenceStats;
use protocol::{ChannelName, ErrorCode, ReplyBody};
use std::collections::VecDeque;

impl Identified {
    /// Who may read a channel may know how many do.
    pub(super) fn presence_stats(&mut self, id: u32, channel: &str, effects: &mut VecDeque<Effect>) {
        let asked = ChannelName::parse(channel).map_err(|_| ErrorCode::BadRequest);
        let asked = asked.and_then(|channel| match self.refuses_reading(&channel) {
            Some(code) => Err(code),
            None => self.begin_request().map(|()| channel),
        });
        match asked {
            Ok(channel) => effects.push_back(Effect::CountReaders { id, channel }),
            Err(code) => self.refuse(id, code),
        }
    }

    pub(super) fn readers_counted(&mut self, id: u32, result: Result<PresenceStats, ErrorCode>) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.reply(id, result.map(ReplyBody::PresenceStats));
    }
}
