//! Who reads what, what was said, and what is said to whom: everything but the sockets.

use super::lies::{Delivery, Liar, altered};
use super::log::Log;
use super::wire;
use protocol::command::{HistoryRequest, PublishRequest, RpcRequest, SubscribeRequest};
use protocol::push::Unsubscribed;
use protocol::reply::{ConnectResult, HistoryResult, Reply, ReplyBody, SubscribeData, SubscribeResult};
use protocol::rpc::{self, Placed, PublishStatus};
use protocol::{
    ChannelName, ClientId, Command, Epoch, ErrorCode, IdempotencyKey, Offset, PageLimit, Payload,
    Publication, Push, Request, StreamPosition, Timestamp,
};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// Most channels; a request for another gets error 106.
const CHANNELS_MAX: usize = 65_536;
/// Seconds between the pings that are announced.
const PING_SECONDS: u32 = 25;

/// A connection, by its place in the server's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Seat(pub(super) u32);

/// A channel, by its place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place(pub(super) usize);

/// Takes frames for seats.
pub(super) type Out<'a> = &'a mut dyn FnMut(Seat, &[u8]);

/// All channels and readers.
#[derive(Debug)]
pub(super) struct Room {
    epoch: Epoch,
    channels: Vec<Channel>,
    places: HashMap<ChannelName, Place>,
    seats: HashMap<Seat, Reading>,
    liar: Option<Liar>,
}

#[derive(Debug)]
struct Channel {
    name: ChannelName,
    log: Log,
    /// Those who get what is said now.
    readers: Vec<Seat>,
}

/// What a seat reads.
#[derive(Debug, Default)]
struct Reading {
    channels: HashSet<Place>,
    /// Channels in which it is not at the top, and how far it has come; it is no reader of them until it is there.
    behind: VecDeque<(Place, Offset)>,
}

impl Room {
    pub(super) fn new(epoch: Epoch, liar: Option<Liar>) -> Self {
        Self { epoch, channels: Vec::new(), places: HashMap::new(), seats: HashMap::new(), liar }
    }

    /// Does what is asked, and says so.
    pub(super) fn hear(&mut self, from: Seat, command: Command, now: Timestamp, out: Out<'_>) {
        let body = match command.request {
            Request::Pong | Request::Send => return,
            Request::Connect(_) => Ok(connected(from)),
            Request::Subscribe(request) => self.subscribe(from, &request).map(ReplyBody::Subscribe),
            Request::Unsubscribe(channel) => {
                self.unsubscribe(from, &channel);
                Ok(ReplyBody::Unsubscribe)
            }
            Request::History(request) => self.history(&request).map(ReplyBody::History),
            Request::Publish(request) => self.publish(request, now, out),
            Request::Rpc(request) => self.call(&request, now, out),
            Request::Presence(_)
            | Request::PresenceStats(_)
            | Request::Refresh(_)
            | Request::SubRefresh(_)
            | Request::Unknown => Err(ErrorCode::NotAvailable),
        };
        out(from, &wire::reply(&Reply { id: command.id, body }));
    }

    /// Whether a seat is to get more of what it missed.
    pub(super) fn is_behind(&self, seat: Seat) -> bool {
        self.seats.get(&seat).is_some_and(|reading| !reading.behind.is_empty())
    }

    /// Pushes the next page of what a seat missed, of one channel after the other.
    pub(super) fn catch_up(&mut self, seat: Seat, out: Out<'_>) {
        let Some(reading) = self.seats.get_mut(&seat) else { return };
        let Some((place, after)) = reading.behind.pop_front() else { return };
        let Some(channel) = self.channels.get_mut(place.0) else { return };
        if !channel.log.continues(after) {
            reading.channels.remove(&place);
            out(seat, &wire::push(&Push::Unsubscribe(channel.name.clone(), Unsubscribed::InsufficientState)));
            return;
        }
        let page = channel.log.page(after, PageLimit::MAX);
        let after = page.last().map_or(after, |last| last.offset);
        let pushes = page.into_iter().map(|one| wire::push(&Push::Publication(channel.name.clone(), one)));
        out(seat, &pushes.collect::<Vec<_>>().concat());
        if after == channel.log.top() {
            channel.readers.push(seat);
        } else {
            reading.behind.push_back((place, after));
        }
    }

    /// The connection is gone.
    pub(super) fn left(&mut self, seat: Seat) {
        let Some(reading) = self.seats.remove(&seat) else { return };
        for place in reading.channels {
            self.leave(seat, place);
        }
    }

    fn leave(&mut self, seat: Seat, place: Place) {
        if let Some(channel) = self.channels.get_mut(place.0)
            && let Some(at) = channel.readers.iter().position(|reader| *reader == seat)
        {
            channel.readers.swap_remove(at);
        }
        if let Some(liar) = &mut self.liar {
            liar.left(place, seat);
        }
    }

    /// A channel by its name; it is there from now on.
    fn open(&mut self, name: &str) -> Result<(Place, &mut Channel), ErrorCode> {
        let name = ChannelName::parse(name).map_err(|_| ErrorCode::UnknownChannel)?;
        let place = match self.places.get(&name) {
            Some(place) => *place,
            None if self.channels.len() >= CHANNELS_MAX => return Err(ErrorCode::LimitExceeded),
            None => {
                let place = Place(self.channels.len());
                self.places.insert(name.clone(), place);
                self.channels.push(Channel { name, log: Log::default(), readers: Vec::new() });
                place
            }
        };
        let channel = self.channels.get_mut(place.0).ok_or(ErrorCode::Internal)?;
        Ok((place, channel))
    }

    /// From where a reader goes on, by what it has; nothing if that cannot be continued.
    fn since(epoch: &Epoch, log: &Log, said: &str, offset: u64) -> Option<Offset> {
        match (said, offset) {
            ("", 0) => Some(log.base()),
            (said, offset) => Some(Offset::new(offset))
                .filter(|offset| (said.is_empty() || said == epoch.as_str()) && log.continues(*offset)),
        }
    }

    fn subscribe(&mut self, seat: Seat, request: &SubscribeRequest) -> Result<SubscribeResult, ErrorCode> {
        let epoch = self.epoch.clone();
        let (place, channel) = self.open(&request.channel)?;
        let (base, top) = (channel.log.base(), channel.log.top());
        let since = Self::since(&epoch, &channel.log, &request.epoch, request.offset);
        let recovered = since.filter(|_| request.recover);
        if request.recover && request.reject_unrecovered && recovered.is_none() {
            return Err(ErrorCode::UnrecoverablePosition);
        }
        let reading = self.seats.entry(seat).or_default();
        if !reading.channels.insert(place) {
            return Err(ErrorCode::AlreadySubscribed);
        }

        // What is told, and behind what is read; of a liar they differ.
        let mut offset = recovered.unwrap_or(top);
        let mut after = offset;
        if let Some(liar) = &mut self.liar {
            if !request.recover {
                offset = liar.joins(place, seat, top);
            } else if base < after && after < top {
                after = liar.recovers(offset);
            }
        }
        let channel = self.channels.get_mut(place.0).ok_or(ErrorCode::Internal)?;
        let publications = channel.log.page(after, PageLimit::MAX);
        let read_to = publications.last().map_or(after, |last| last.offset);
        if read_to < top {
            reading.behind.push_back((place, read_to));
        } else {
            channel.readers.push(seat);
        }
        Ok(SubscribeResult {
            expires: false,
            ttl: 0,
            recoverable: true,
            epoch,
            publications,
            recovered: recovered.is_some(),
            offset,
            positioned: true,
            data: SubscribeData { top: top.max(offset) },
            was_recovering: request.recover,
        })
    }

    fn unsubscribe(&mut self, seat: Seat, channel: &str) {
        let place = ChannelName::parse(channel).ok().and_then(|name| self.places.get(&name).copied());
        if let Some(place) = place
            && let Some(reading) = self.seats.get_mut(&seat)
            && reading.channels.remove(&place)
        {
            reading.behind.retain(|(behind, _)| *behind != place);
            self.leave(seat, place);
        }
    }

    fn history(&mut self, request: &HistoryRequest) -> Result<HistoryResult, ErrorCode> {
        if request.reverse {
            return Err(ErrorCode::NotAvailable);
        }
        let epoch = self.epoch.clone();
        let (_, channel) = self.open(&request.channel)?;
        let (said, offset) = request.since.as_ref().map_or(("", 0), |(said, offset)| (said, *offset));
        let after =
            Self::since(&epoch, &channel.log, said, offset).ok_or(ErrorCode::UnrecoverablePosition)?;
        // A negative limit asks for as much as there may be.
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let mut publications = channel.log.page(after, PageLimit::publications(limit));
        let top = channel.log.top();
        if let Some(liar) = &self.liar {
            liar.tells(&mut publications);
        }
        Ok(HistoryResult { publications, epoch, offset: top })
    }

    fn publish(
        &mut self,
        request: PublishRequest,
        now: Timestamp,
        out: Out<'_>,
    ) -> Result<ReplyBody, ErrorCode> {
        let data = request.data.ok_or(ErrorCode::BadRequest)?;
        self.say(&request.channel, data, None, now, out).map(|_| ReplyBody::Publish)
    }

    fn call(&mut self, request: &RpcRequest, now: Timestamp, out: Out<'_>) -> Result<ReplyBody, ErrorCode> {
        if request.method != rpc::PUBLISH {
            return Err(ErrorCode::NotAvailable);
        }
        let argument = request.data.as_deref().and_then(rpc::publish_argument);
        let argument = argument.ok_or(ErrorCode::BadRequest)?;
        let data = Payload::parse(argument.data.get().as_bytes()).map_err(|_| ErrorCode::BadRequest)?;
        let key = argument.idempotency_key.as_deref();
        let position = self.say(&argument.channel, data, key, now, out)?;
        let lane = argument.lane.unwrap_or_default();
        // It gives as much as anybody asks for.
        let placed = Placed { status: PublishStatus::Ok, position, lane, credit: u32::MAX };
        rpc::publish_answer(&placed).map(ReplyBody::Rpc).ok_or(ErrorCode::Internal)
    }

    /// Says something in a channel, once for each key: under the one that was given, or the `id` inside.
    fn say(
        &mut self,
        channel: &str,
        data: Payload,
        key: Option<&str>,
        now: Timestamp,
        out: Out<'_>,
    ) -> Result<StreamPosition, ErrorCode> {
        let epoch = self.liar.as_ref().map_or_else(|| self.epoch.clone(), |liar| liar.answers(&self.epoch));
        let key = match key {
            Some(key) => Some(IdempotencyKey::parse(key).map_err(|_| ErrorCode::BadRequest)?),
            None => rpc::id_inside(&data).and_then(|id| IdempotencyKey::parse(&id).ok()),
        };
        let (place, channel) = self.open(channel)?;
        if let Some(offset) = key.as_ref().and_then(|key| channel.log.place(key)) {
            return Ok(StreamPosition { epoch, offset });
        }
        let offset = channel.log.top().next();
        if self.liar.as_mut().is_some_and(Liar::forgets) {
            return Ok(StreamPosition { epoch, offset });
        }
        let channel = self.channels.get_mut(place.0).ok_or(ErrorCode::Internal)?;
        let publication = channel.log.append(data, key, now);
        self.deliver(place, &publication, out);
        Ok(StreamPosition { epoch, offset })
    }

    /// The hot path: one frame, and everyone who reads.
    fn deliver(&mut self, place: Place, publication: &Arc<Publication>, out: Out<'_>) {
        let Some(channel) = self.channels.get(place.0) else { return };
        let push = |publication| wire::push(&Push::Publication(channel.name.clone(), publication));
        let frame = push(Arc::clone(publication));
        let Some(liar) = &mut self.liar else {
            for reader in &channel.readers {
                out(*reader, &frame);
            }
            return;
        };
        let altered = || {
            let data = altered(&publication.data)?;
            Some(push(Arc::new(Publication { data, ..Publication::clone(publication) })))
        };
        // Of the channels after this one first, and then of those before it.
        let (before, after) = self.channels.split_at(place.0);
        let readers = after.iter().skip(1).chain(before).flat_map(|other| &other.readers);
        let stranger = || readers.clone().find(|reader| !channel.readers.contains(reader)).copied();
        for (number, reader) in channel.readers.iter().enumerate() {
            let delivery = Delivery {
                channel: place,
                to: *reader,
                is_first: number == 0,
                offset: publication.offset,
                frame: &frame,
                altered: &altered,
                stranger: &stranger,
            };
            liar.deliver(&delivery, out);
        }
    }
}

fn connected(seat: Seat) -> ReplyBody {
    ReplyBody::Connect(Box::new(ConnectResult {
        client: ClientId::new(&format!("floor-{}", seat.0)),
        version: "floor",
        expires: false,
        ttl: 0,
        subs: std::collections::BTreeMap::new(),
        ping: PING_SECONDS,
        pong: true,
    }))
}

#[cfg(test)]
mod tests;
