//! The JSON form: one frame holds messages separated by line breaks; `bytes` fields are embedded JSON; empty
//! values are left out; ping and pong are `{}`.

pub mod client;

use crate::command::{
    Command, ConnectRequest, HistoryRequest, PublishRequest, Request, RpcRequest, SubRefreshRequest,
    SubscribeRequest, Token, rejects_unrecovered,
};
use crate::decode_error::DecodeError;
use crate::encoded_frame::{EncodedFrame, Kind};
use crate::limits::COMMANDS_PER_FRAME_MAX;
use crate::payload::Payload;
use crate::push::Push;
use crate::reply::{Reply, ReplyBody};
use crate::shape;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Between two messages of one frame.
pub const SEPARATOR: u8 = b'\n';

/// Reads the commands of one frame, in order. All or none: a frame with a broken part is refused whole.
pub fn decode_commands(frame: &[u8]) -> Result<Vec<Command>, DecodeError> {
    let mut commands = Vec::new();
    for message in serde_json::Deserializer::from_slice(frame).into_iter::<&RawValue>() {
        if commands.len() == COMMANDS_PER_FRAME_MAX {
            return Err(DecodeError::TooMany);
        }
        let text = message.map_err(|_| DecodeError::Malformed)?.get();
        let shape = shape::of_command(text).map_err(|_| DecodeError::Malformed)?;
        let mut command: CommandJson<'_> = object(text)
            .and_then(|object| serde_json::from_str(object).ok())
            .ok_or(DecodeError::Malformed)?;
        if shape.payload.is_err() {
            command.drop_payload();
        }
        commands.push(command.into());
    }
    if commands.is_empty() { Err(DecodeError::Malformed) } else { Ok(commands) }
}

/// The text, if it is an object. Derived decoders also take an array for a struct, field by field, which is never
/// what a client means.
pub(crate) fn object(text: &str) -> Option<&str> {
    text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{').then_some(text)
}

/// Encodes an answer.
pub fn encode_reply(reply: &Reply) -> EncodedFrame {
    encode(&ReplyJson(reply))
}

/// Encodes a push.
pub fn encode_push(push: &Push) -> EncodedFrame {
    match push {
        Push::Ping => PING.clone(),
        Push::Publication(..) | Push::Subscribe(..) | Push::Unsubscribe(..) => encode(&PushJson(push)),
    }
}

/// The empty message, `{}`.
static PING: EncodedFrame = EncodedFrame::constant(b"\x81\x02{}");

/// Our own types have string keys and finite numbers, so serialising them to memory cannot fail; should it ever,
/// the client gets an empty message (a ping), which breaks nothing.
fn encode<T: Serialize>(message: &T) -> EncodedFrame {
    let mut failed = false;
    let frame = EncodedFrame::new(Kind::Text, |out| failed = serde_json::to_writer(out, message).is_err());
    if failed { PING.clone() } else { frame }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
struct CommandJson<'a> {
    #[serde(default)]
    id: u32,
    connect: Option<ConnectJson>,
    subscribe: Option<SubscribeJson>,
    unsubscribe: Option<ChannelJson>,
    publish: Option<PublishJson<'a>>,
    presence: Option<ChannelJson>,
    presence_stats: Option<ChannelJson>,
    history: Option<HistoryJson>,
    send: Option<serde::de::IgnoredAny>,
    rpc: Option<RpcJson<'a>>,
    refresh: Option<RefreshJson>,
    sub_refresh: Option<SubRefreshJson>,
}

impl CommandJson<'_> {
    /// Leaves out a payload of a shape that is not taken.
    fn drop_payload(&mut self) {
        if let Some(publish) = &mut self.publish {
            publish.data = None;
        }
        if let Some(rpc) = &mut self.rpc {
            rpc.data = None;
        }
    }
}

#[derive(Deserialize)]
struct ConnectJson {
    #[serde(default)]
    token: String,
    subs: Option<BTreeMap<String, SubscribeJson>>,
}

#[derive(Deserialize)]
struct SubscribeJson {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    recover: bool,
    #[serde(default)]
    epoch: String,
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    flag: i64,
}

#[derive(Deserialize)]
struct ChannelJson {
    #[serde(default)]
    channel: String,
}

#[derive(Deserialize)]
struct PublishJson<'a> {
    #[serde(default)]
    channel: String,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

/// `null` is a value, not an absence.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&'a RawValue>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct HistoryJson {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    limit: i32,
    since: Option<SinceJson>,
    #[serde(default)]
    reverse: bool,
}

#[derive(Deserialize)]
struct SinceJson {
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    epoch: String,
}

#[derive(Deserialize)]
struct RpcJson<'a> {
    #[serde(default)]
    method: String,
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RefreshJson {
    #[serde(default)]
    token: String,
}

#[derive(Deserialize)]
struct SubRefreshJson {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    token: String,
}

fn payload(raw: Option<&RawValue>) -> Option<Payload> {
    raw.and_then(|raw| Payload::parse(raw.get().as_bytes()).ok())
}

impl From<SubscribeJson> for SubscribeRequest {
    fn from(json: SubscribeJson) -> Self {
        Self {
            channel: json.channel,
            token: Token(json.token),
            recover: json.recover,
            epoch: json.epoch,
            offset: json.offset,
            reject_unrecovered: rejects_unrecovered(json.flag),
        }
    }
}

/// The first request that is present counts, in the order of the protocol's field numbers.
impl From<CommandJson<'_>> for Command {
    fn from(json: CommandJson<'_>) -> Self {
        let request = if let Some(connect) = json.connect {
            let subs = connect.subs.unwrap_or_default();
            Request::Connect(ConnectRequest {
                token: Token(connect.token),
                subs: subs.into_iter().map(|(channel, sub)| (channel, sub.into())).collect(),
            })
        } else if let Some(subscribe) = json.subscribe {
            Request::Subscribe(subscribe.into())
        } else if let Some(unsubscribe) = json.unsubscribe {
            Request::Unsubscribe(unsubscribe.channel)
        } else if let Some(publish) = json.publish {
            Request::Publish(PublishRequest { channel: publish.channel, data: payload(publish.data) })
        } else if let Some(presence) = json.presence {
            Request::Presence(presence.channel)
        } else if let Some(stats) = json.presence_stats {
            Request::PresenceStats(stats.channel)
        } else if let Some(history) = json.history {
            Request::History(HistoryRequest {
                channel: history.channel,
                limit: history.limit,
                since: history.since.map(|since| (since.epoch, since.offset)),
                reverse: history.reverse,
            })
        } else if json.send.is_some() {
            Request::Send
        } else if let Some(rpc) = json.rpc {
            Request::Rpc(RpcRequest { method: rpc.method, data: rpc.data.map(|data| data.get().to_owned()) })
        } else if let Some(refresh) = json.refresh {
            Request::Refresh(Token(refresh.token))
        } else if let Some(sub_refresh) = json.sub_refresh {
            Request::SubRefresh(SubRefreshRequest {
                channel: sub_refresh.channel,
                token: Token(sub_refresh.token),
            })
        } else if json.id == 0 {
            Request::Pong
        } else {
            Request::Unknown
        };
        Self { id: json.id, request }
    }
}

struct ReplyJson<'a>(&'a Reply);

impl Serialize for ReplyJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let empty = BTreeMap::<&str, ()>::new();
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("id", &self.0.id)?;
        match &self.0.body {
            Ok(ReplyBody::Connect(result)) => map.serialize_entry("connect", result)?,
            Ok(ReplyBody::History(result)) => map.serialize_entry("history", result)?,
            Ok(ReplyBody::PresenceStats(stats)) => map.serialize_entry("presence_stats", stats)?,
            Ok(ReplyBody::Publish) => map.serialize_entry("publish", &empty)?,
            Ok(ReplyBody::Refresh(result)) => map.serialize_entry("refresh", result)?,
            Ok(ReplyBody::Rpc(data)) => map.serialize_entry("rpc", &One("data", data))?,
            Ok(ReplyBody::SubRefresh(result)) => map.serialize_entry("sub_refresh", result)?,
            Ok(ReplyBody::Subscribe(result)) => map.serialize_entry("subscribe", result)?,
            Ok(ReplyBody::Unsubscribe) => map.serialize_entry("unsubscribe", &empty)?,
            Err(code) => {
                let error =
                    ErrorJson { code: code.code(), message: code.message(), temporary: code.is_temporary() };
                map.serialize_entry("error", &error)?;
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct ErrorJson {
    code: u32,
    message: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    temporary: bool,
}

struct PushJson<'a>(&'a Push);

impl Serialize for PushJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct UnsubscribeJson {
            code: u32,
            reason: &'static str,
        }
        #[derive(Serialize)]
        struct SubscribePushJson<'a> {
            recoverable: bool,
            epoch: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            offset: Option<u64>,
            positioned: bool,
        }
        match self.0 {
            Push::Ping => serializer.serialize_map(Some(0))?.end(),
            Push::Publication(channel, publication) => {
                One("push", Named { channel: channel.as_str(), kind: "pub", body: publication })
                    .serialize(serializer)
            }
            Push::Subscribe(channel, epoch, offset) => {
                let body = SubscribePushJson {
                    recoverable: true,
                    epoch: epoch.as_str(),
                    offset: Some(offset.get()).filter(|offset| *offset > 0),
                    positioned: true,
                };
                One("push", Named { channel: channel.as_str(), kind: "subscribe", body })
                    .serialize(serializer)
            }
            Push::Unsubscribe(channel, why) => {
                let body = UnsubscribeJson { code: why.code(), reason: why.reason() };
                One("push", Named { channel: channel.as_str(), kind: "unsubscribe", body })
                    .serialize(serializer)
            }
        }
    }
}

/// An object with one field.
struct One<T>(&'static str, T);

impl<T: Serialize> Serialize for One<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, &self.1)?;
        map.end()
    }
}

/// A push of some kind in a channel.
struct Named<'a, T> {
    channel: &'a str,
    kind: &'static str,
    body: T,
}

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("channel", self.channel)?;
        map.serialize_entry(self.kind, &self.body)?;
        map.end()
    }
}

#[cfg(test)]
mod tests;
