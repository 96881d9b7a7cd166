//! Becoming and ceasing to be a reader.

use super::Identified;
use super::renewing::ttl;
use crate::Handled;
use crate::clock::Now;
use crate::effect::{Attempt, Effect, Joined, Start};
use crate::outbox::page_reply_bytes;
use crate::output::Run;
use crate::subscription::{Grant, Reader, Request, Side, Source, State, Subscription};
use hub::Cursor;
use identity::may_read;
use protocol::command::SubscribeRequest;
use protocol::limits::{SUBSCRIPTIONS_PER_CONNECTION_MAX, reached};
use protocol::push::Unsubscribed;
use protocol::reply::{SubscribeData, SubscribeResult};
use protocol::{
    ChannelName, Disconnect, Epoch, ErrorCode, InvalidChannel, Offset, Page, Publication, Push, Reply,
    ReplyBody, Since, StreamPosition,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

impl Identified {
    /// What the token lists and the member may read, the service's status, and for organisers what the server tells them:
    /// subscribed without being asked.
    pub(super) fn subscribe_server_side(
        &mut self,
        positions: &BTreeMap<String, SubscribeRequest>,
        effects: &mut VecDeque<Effect>,
    ) {
        let mut channels = self.principal.channels.clone();
        channels.push(ChannelName::service_status());
        if self.principal.is_organiser() {
            channels.push(ChannelName::service_organisers());
        }
        channels.truncate(SUBSCRIPTIONS_PER_CONNECTION_MAX);
        for channel in channels {
            if self.subscriptions.contains(&channel) || self.refuses_reading(&channel).is_some() {
                continue;
            }
            let request = positions.get(channel.as_str()).cloned().unwrap_or_default();
            self.in_flight = self.in_flight.saturating_add(1);
            self.join(channel, 0, &request, Side::Server, None, effects);
            if let Some(connecting) = &mut self.connecting {
                connecting.waiting = connecting.waiting.saturating_add(1);
            }
        }
    }

    pub(super) fn subscribe(
        &mut self,
        id: u32,
        request: &SubscribeRequest,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) -> Handled<()> {
        let channel = match ChannelName::parse(&request.channel) {
            Ok(channel) => channel,
            Err(InvalidChannel::Empty) => return Err(Disconnect::BadRequest),
            Err(InvalidChannel::Character | InvalidChannel::TooLong) => {
                self.refuse(id, ErrorCode::BadRequest);
                return Ok(());
            }
        };
        let granted = if self.subscriptions.contains(&channel) {
            Err(ErrorCode::AlreadySubscribed)
        } else if self.subscriptions.len() >= SUBSCRIPTIONS_PER_CONNECTION_MAX {
            self.common.watch.limit_reached(reached::SUBSCRIPTIONS_PER_CONNECTION_MAX);
            Err(ErrorCode::LimitExceeded)
        } else if channel.kind().is_none() {
            Err(ErrorCode::UnknownChannel)
        } else if request.token.0.is_empty() || !opens_to_tokens(&channel) {
            self.refuses_reading(&channel).map_or(Ok(None), Err)
        } else {
            self.grant(&request.token, &channel, now)?.map(Some)
        };
        match granted.and_then(|grant| self.begin_request().map(|()| grant)) {
            Err(code) => self.refuse(id, code),
            Ok(grant) => self.join(channel, id, request, Side::Client, grant, effects),
        }
        Ok(())
    }

    /// Why this member may not read a channel, if so.
    pub(super) fn refuses_reading(&self, channel: &ChannelName) -> Option<ErrorCode> {
        match channel.kind() {
            None => Some(ErrorCode::UnknownChannel),
            Some(kind) if may_read(&self.principal, channel, &kind) => None,
            Some(_) if self.subscriptions.get(channel).is_some_and(|sub| sub.grant.is_some()) => None,
            Some(_) => Some(ErrorCode::PermissionDenied),
        }
    }

    fn join(
        &mut self,
        channel: ChannelName,
        id: u32,
        request: &SubscribeRequest,
        side: Side,
        grant: Option<Grant>,
        effects: &mut VecDeque<Effect>,
    ) {
        let attempt = self.attempt();
        // A server-side subscription is made whatever became of its past: there is no reply of its own to refuse it in.
        let reject_unrecovered = request.reject_unrecovered && side == Side::Client;
        let asked = Request { id, recover: request.recover, reject_unrecovered };
        let state = State::Joining(asked);
        let grant = grant.map(Box::new);
        self.subscriptions.insert(channel.clone(), Subscription { attempt, side, grant, state });
        effects.push_back(Effect::Join { attempt, channel, since: since(request) });
    }

    pub(super) fn unsubscribe(&mut self, id: u32, channel: &str, effects: &mut VecDeque<Effect>) {
        // Unsubscribing from what is not subscribed succeeds: the client has what it wants.
        if let Ok(channel) = ChannelName::parse(channel)
            && let Some(sub) = self.subscriptions.remove(&channel)
        {
            if let State::Joining(request) = sub.state
                && sub.side == Side::Client
            {
                // Each request has its answer, also one that is given up.
                self.refuse(request.id, ErrorCode::NotAvailable);
            }
            effects.push_back(Effect::Leave(channel));
        }
        self.reply(id, Ok(ReplyBody::Unsubscribe));
    }

    /// Ends a subscription from our side and says so.
    pub(super) fn end_subscription(
        &mut self,
        channel: &ChannelName,
        why: Unsubscribed,
        effects: &mut VecDeque<Effect>,
    ) {
        if self.subscriptions.remove(channel).is_some() {
            self.outbox.push(&Push::Unsubscribe(channel.clone(), why), &*self.common.watch);
            effects.push_back(Effect::Leave(channel.clone()));
        }
    }

    /// A join was answered: the subscription stands, or not.
    pub(super) fn joined(
        &mut self,
        attempt: Attempt,
        result: Result<Joined, ErrorCode>,
        now: Now,
        effects: &mut VecDeque<Effect>,
    ) {
        let Some((channel, side, grant, request)) =
            self.subscriptions.iter().find_map(|(channel, sub)| match &sub.state {
                State::Joining(request) if sub.attempt == attempt => {
                    Some((channel.clone(), sub.side, sub.grant.clone(), *request))
                }
                State::Joining(_) | State::Reading(_) => None,
            })
        else {
            return;
        };
        let result = result.and_then(|joined| match &joined.start {
            Start::Lost(_) if request.reject_unrecovered => Err(ErrorCode::UnrecoverablePosition),
            Start::Live(_) | Start::Lost(_) | Start::Recovered(_) => Ok(joined),
        });
        let outcome = result.map(|joined| {
            let (result, reader) = self.begin_reading(joined, request);
            let (expires, ttl) =
                (grant.is_some(), grant.as_ref().map_or(0, |grant| ttl(grant.expires_at, now)));
            // The name that all readers share, in the place of one's own.
            let name = reader.membership.name().clone();
            for known in self.principal.channels.iter_mut().filter(|known| **known == name) {
                known.clone_from(&name);
            }
            let state = State::Reading(reader);
            self.subscriptions.insert(name, Subscription { attempt, side, grant, state });
            SubscribeResult { expires, ttl, ..result }
        });
        if outcome.is_err() {
            self.subscriptions.remove(&channel);
            effects.push_back(Effect::Leave(channel.clone()));
        }
        match side {
            Side::Client => {
                let page =
                    outcome.as_ref().ok().and_then(|result| Run::of_page(&channel, &result.publications));
                let reply = Reply { id: request.id, body: outcome.map(ReplyBody::Subscribe) };
                self.outbox.reply_with_pages(&reply, page.into_iter().collect(), &*self.common.watch);
            }
            Side::Server => {
                if let Some(connecting) = &mut self.connecting {
                    connecting.waiting = connecting.waiting.saturating_sub(1);
                    match outcome {
                        Ok(result) => {
                            let bytes = page_reply_bytes(&result.publications);
                            connecting.pages.extend(Run::of_page(&channel, &result.publications));
                            connecting.page_bytes = connecting.page_bytes.saturating_add(bytes);
                            connecting.subs.insert(channel.as_str().to_owned(), result);
                        }
                        Err(_) => connecting.failed = true,
                    }
                }
            }
        }
    }

    /// The reply to a subscription and the reader that goes on where it ends.
    fn begin_reading(&self, joined: Joined, request: Request) -> (SubscribeResult, Reader) {
        let (page, recovered) = match joined.start {
            Start::Live(top) | Start::Lost(top) => (Page { publications: Vec::new(), top }, false),
            Start::Recovered(page) => (page, true),
        };
        let Page { mut publications, top } = page;
        // Where the client is: what it said, except that who asked for everything begins where the kept begins.
        let before = publications.first().map_or(top.offset, |first| first.offset.previous());
        let mut read_to = publications.last().map_or(top.offset, |last| last.offset);
        if !self.has_room_for_page(&publications) {
            // The reader begins before the page, and reads it later.
            read_to = before;
            publications.clear();
        }
        let epoch = top.epoch;
        let cursor = Cursor::after(&StreamPosition { epoch: epoch.clone(), offset: read_to });
        let result = SubscribeResult {
            expires: false,
            ttl: 0,
            recoverable: true,
            epoch,
            publications,
            recovered,
            offset: before,
            positioned: true,
            data: SubscribeData { top: top.offset },
            was_recovering: request.recover,
        };
        (result, Reader { membership: joined.membership, cursor, source: Source::Ring, behind_since: None })
    }

    /// Whether a page fits into what waits already, in the outbox and in the answer to `connect`.
    fn has_room_for_page(&self, publications: &[Arc<Publication>]) -> bool {
        let connecting = self.connecting.as_ref().map_or(0, |connecting| connecting.page_bytes);
        self.outbox.has_room_for(page_reply_bytes(publications).saturating_add(connecting))
    }
}

fn opens_to_tokens(channel: &ChannelName) -> bool {
    channel.kind().is_some_and(|kind| kind.opens_to_tokens())
}

/// What a client has, as it said it.
fn since(request: &SubscribeRequest) -> Option<Since> {
    request.recover.then(|| match (request.epoch.as_str(), request.offset) {
        ("", 0) => Since::Start,
        (epoch, offset) => since_position(epoch, offset),
    })
}

/// A position as a client said it: an empty epoch matches any, and one that cannot be ours is as unknown as others.
pub(super) fn since_position(epoch: &str, offset: u64) -> Since {
    let offset = Offset::new(offset);
    if epoch.is_empty() {
        return Since::Offset(offset);
    }
    let epoch = Epoch::parse(epoch).unwrap_or_else(|_| Epoch::foreign());
    Since::Position(StreamPosition { epoch, offset })
}
