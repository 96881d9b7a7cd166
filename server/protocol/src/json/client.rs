//! The client's end of the JSON form: commands written, messages read.

use super::{SEPARATOR, encode};
use crate::command::{Command, Request, SubscribeRequest, rejecting_unrecovered};
use crate::decode_error::DecodeError;
use crate::encoded_frame::EncodedFrame;
use crate::message::{Answer, Connected, HistoryPage, Message, Pushed, Received, Refusal, Subscribed};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads the messages of one frame, in order. What lies before a fault has been handed over.
pub fn decode_messages<'a>(frame: &'a [u8], mut each: impl FnMut(Message<'a>)) -> Result<(), DecodeError> {
    for line in frame.split(|byte| *byte == SEPARATOR).filter(|line| !line.is_empty()) {
        let message: MessageJson<'a> = serde_json::from_slice(line).map_err(|_| DecodeError::Malformed)?;
        each(message.into());
    }
    Ok(())
}

/// Encodes a command.
pub fn encode_command(command: &Command) -> EncodedFrame {
    encode(&CommandOut::from(command))
}

/// Text that may have escapes: borrowed if it has none.
#[derive(Deserialize, Default, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct MessageJson<'a> {
    #[serde(default)]
    id: u32,
    #[serde(borrow)]
    push: Option<PushJson<'a>>,
    error: Option<RefusalJson>,
    #[serde(borrow)]
    connect: Option<ConnectedJson<'a>>,
    #[serde(borrow)]
    subscribe: Option<StretchJson<'a>>,
    #[serde(borrow)]
    history: Option<StretchJson<'a>>,
    #[serde(borrow)]
    rpc: Option<RpcJson<'a>>,
}

#[derive(Deserialize)]
struct PushJson<'a> {
    #[serde(borrow, default)]
    channel: Text<'a>,
    #[serde(borrow, rename = "pub")]
    publication: Option<ReceivedJson<'a>>,
    #[serde(borrow)]
    subscribe: Option<StretchJson<'a>>,
    unsubscribe: Option<UnsubscribeJson>,
}

#[derive(Deserialize)]
struct UnsubscribeJson {
    #[serde(default)]
    code: u32,
}

#[derive(Deserialize)]
struct RefusalJson {
    code: u32,
    #[serde(default)]
    temporary: bool,
}

#[derive(Deserialize)]
struct ConnectedJson<'a> {
    #[serde(borrow, default)]
    version: Text<'a>,
    #[serde(default)]
    ping: u32,
    #[serde(borrow, default)]
    subs: BTreeMap<Text<'a>, StretchJson<'a>>,
}

/// A subscription's beginning, a page of history, or a new epoch: all are a position with what follows it.
#[derive(Deserialize)]
struct StretchJson<'a> {
    #[serde(borrow, default)]
    epoch: Text<'a>,
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    recovered: bool,
    #[serde(borrow, default)]
    publications: Vec<ReceivedJson<'a>>,
}

#[derive(Deserialize)]
struct ReceivedJson<'a> {
    #[serde(default)]
    offset: u64,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct RpcJson<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

impl<'a> From<MessageJson<'a>> for Message<'a> {
    fn from(json: MessageJson<'a>) -> Self {
        if let Some(push) = json.push {
            let pushed = if let Some(publication) = push.publication {
                Pushed::Publication(publication.into())
            } else if let Some(subscribe) = push.subscribe {
                Pushed::Subscribe(subscribe.epoch.0, subscribe.offset)
            } else {
                push.unsubscribe.map_or(Pushed::Other, |unsubscribe| Pushed::Unsubscribe(unsubscribe.code))
            };
            return Message::Push(push.channel.0, pushed);
        }
        if let Some(error) = json.error {
            return Message::Reply(json.id, Err(Refusal { code: error.code, temporary: error.temporary }));
        }
        let answer = if let Some(connect) = json.connect {
            Answer::Connect(Connected {
                version: connect.version.0,
                ping: connect.ping,
                subs: connect.subs.into_iter().map(|(channel, sub)| (channel.0, sub.into())).collect(),
            })
        } else if let Some(subscribe) = json.subscribe {
            Answer::Subscribe(subscribe.into())
        } else if let Some(history) = json.history {
            Answer::History(HistoryPage {
                epoch: history.epoch.0,
                top: history.offset,
                publications: history.publications.into_iter().map(Received::from).collect(),
            })
        } else if let Some(rpc) = json.rpc {
            Answer::Rpc(rpc.data.map_or("null", RawValue::get).into())
        } else if json.id == 0 {
            return Message::Ping;
        } else {
            Answer::Other
        };
        Message::Reply(json.id, Ok(answer))
    }
}

impl<'a> From<StretchJson<'a>> for Subscribed<'a> {
    fn from(json: StretchJson<'a>) -> Self {
        Self {
            epoch: json.epoch.0,
            offset: json.offset,
            recovered: json.recovered,
            publications: json.publications.into_iter().map(Received::from).collect(),
        }
    }
}

impl<'a> From<ReceivedJson<'a>> for Received<'a> {
    fn from(json: ReceivedJson<'a>) -> Self {
        Self { offset: json.offset, data: json.data.get().into() }
    }
}

/// A command as it is written: its id, unless it is 0, and one request, unless it is a pong.
#[derive(Serialize, Default)]
struct CommandOut<'a> {
    #[serde(skip_serializing_if = "is_default")]
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect: Option<ConnectOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribe: Option<SubscribeOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<ChannelOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publish: Option<PublishOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence: Option<ChannelOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_stats: Option<ChannelOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<HistoryOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Empty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rpc: Option<RpcOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<TokenOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_refresh: Option<SubRefreshOut<'a>>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct ConnectOut<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    subs: BTreeMap<&'a str, SubscribeOut<'a>>,
}

#[derive(Serialize)]
struct SubscribeOut<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    token: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    recover: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    epoch: &'a str,
    #[serde(skip_serializing_if = "is_default")]
    offset: u64,
    #[serde(skip_serializing_if = "is_default")]
    flag: i64,
}

#[derive(Serialize)]
struct ChannelOut<'a> {
    channel: &'a str,
}

#[derive(Serialize)]
struct PublishOut<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a crate::Payload>,
}

#[derive(Serialize)]
struct HistoryOut<'a> {
    channel: &'a str,
    limit: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceOut<'a>>,
    #[serde(skip_serializing_if = "is_default")]
    reverse: bool,
}

#[derive(Serialize)]
struct SinceOut<'a> {
    offset: u64,
    epoch: &'a str,
}

#[derive(Serialize)]
struct RpcOut<'a> {
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct TokenOut<'a> {
    token: &'a str,
}

#[derive(Serialize)]
struct SubRefreshOut<'a> {
    channel: &'a str,
    token: &'a str,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl<'a> From<&'a SubscribeRequest> for SubscribeOut<'a> {
    fn from(request: &'a SubscribeRequest) -> Self {
        Self {
            channel: &request.channel,
            token: &request.token.0,
            recover: request.recover,
            epoch: &request.epoch,
            offset: request.offset,
            flag: rejecting_unrecovered(request.reject_unrecovered),
        }
    }
}

impl<'a> From<&'a Command> for CommandOut<'a> {
    fn from(command: &'a Command) -> Self {
        let mut out = Self { id: command.id, ..Self::default() };
        match &command.request {
            Request::Connect(connect) => {
                let subs = connect.subs.iter().map(|(channel, sub)| (channel.as_str(), sub.into()));
                out.connect = Some(ConnectOut { token: &connect.token.0, subs: subs.collect() });
            }
            Request::History(history) => {
                out.history = Some(HistoryOut {
                    channel: &history.channel,
                    limit: history.limit,
                    since: history.since.as_ref().map(|(epoch, offset)| SinceOut { offset: *offset, epoch }),
                    reverse: history.reverse,
                });
            }
            Request::Pong | Request::Unknown => {}
            Request::Presence(channel) => out.presence = Some(ChannelOut { channel }),
            Request::PresenceStats(channel) => out.presence_stats = Some(ChannelOut { channel }),
            Request::Publish(publish) => {
                out.publish = Some(PublishOut { channel: &publish.channel, data: publish.data.as_ref() });
            }
            Request::Refresh(token) => out.refresh = Some(TokenOut { token: &token.0 }),
            Request::Rpc(rpc) => {
                let data = rpc.data.as_deref().and_then(|text| serde_json::from_str(text).ok());
                out.rpc = Some(RpcOut { method: &rpc.method, data });
            }
            Request::Send => out.send = Some(Empty {}),
            Request::SubRefresh(refresh) => {
                out.sub_refresh = Some(SubRefreshOut { channel: &refresh.channel, token: &refresh.token.0 });
            }
            Request::Subscribe(subscribe) => out.subscribe = Some(subscribe.into()),
            Request::Unsubscribe(channel) => out.unsubscribe = Some(ChannelOut { channel }),
        }
        out
    }
}
