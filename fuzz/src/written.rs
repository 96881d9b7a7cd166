//! Commands as a client writes them and messages as a client reads them, in both encodings: after `client.proto`
//! and apart from the code under test.

use prost::Message;
use protocol::command::{SubRefreshRequest, SubscribeRequest, Token};
use protocol::{Command, Request};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The command in Protobuf, behind its length.
pub fn protobuf(command: &Command) -> Vec<u8> {
    let mut wire = wire::Command { id: command.id, ..wire::Command::default() };
    match &command.request {
        Request::Connect(connect) => {
            let subs = connect.subs.iter().map(|(name, sub)| (name.clone(), subscribe(sub))).collect();
            wire.connect = Some(wire::Connect { token: connect.token.0.clone(), subs });
        }
        Request::History(history) => {
            wire.history = Some(wire::History {
                channel: history.channel.clone(),
                limit: history.limit,
                since: history
                    .since
                    .as_ref()
                    .map(|(epoch, offset)| wire::Position { offset: *offset, epoch: epoch.clone() }),
                reverse: history.reverse,
            });
        }
        Request::Pong | Request::Unknown => {}
        Request::Presence(name) => wire.presence = Some(channel(name)),
        Request::PresenceStats(name) => wire.presence_stats = Some(channel(name)),
        Request::Publish(publish) => {
            let data = publish.data.as_ref().map(|data| data.as_str().into()).unwrap_or_default();
            wire.publish = Some(wire::Publish { channel: publish.channel.clone(), data });
        }
        Request::Refresh(token) => wire.refresh = Some(wire::Refresh { token: token.0.clone() }),
        Request::Rpc(rpc) => {
            let data = rpc.data.clone().unwrap_or_default().into();
            wire.rpc = Some(wire::Rpc { data, method: rpc.method.clone() });
        }
        Request::Send => wire.send = Some(wire::Empty {}),
        Request::SubRefresh(SubRefreshRequest { channel, token: Token(token) }) => {
            wire.sub_refresh = Some(wire::SubRefresh { channel: channel.clone(), token: token.clone() });
        }
        Request::Subscribe(request) => wire.subscribe = Some(subscribe(request)),
        Request::Unsubscribe(name) => wire.unsubscribe = Some(channel(name)),
    }
    wire.encode_length_delimited_to_vec()
}

/// The command in JSON; nothing if it carries what is no JSON, which only Protobuf can.
pub fn json(command: &Command) -> Option<String> {
    let mut message = Map::new();
    if command.id != 0 {
        message.insert("id".into(), command.id.into());
    }
    let named = |name: &str| json!({"channel": name});
    let (key, request) = match &command.request {
        Request::Connect(connect) => {
            let subs: Map<String, Value> =
                connect.subs.iter().map(|(name, sub)| (name.clone(), subscribe_json(sub))).collect();
            ("connect", json!({"token": connect.token.0, "subs": subs}))
        }
        Request::History(history) => {
            let since =
                history.since.as_ref().map(|(epoch, offset)| json!({"offset": offset, "epoch": epoch}));
            let (channel, limit, reverse) = (&history.channel, history.limit, history.reverse);
            ("history", json!({"channel": channel, "limit": limit, "since": since, "reverse": reverse}))
        }
        Request::Pong | Request::Unknown => return Some(Value::from(message).to_string()),
        Request::Presence(name) => ("presence", named(name)),
        Request::PresenceStats(name) => ("presence_stats", named(name)),
        Request::Publish(publish) => {
            let data = publish.data.as_ref().map(protocol::Payload::as_str);
            return with_data(command.id, "publish", ("channel", &publish.channel), data);
        }
        Request::Refresh(token) => ("refresh", json!({"token": token.0})),
        Request::Rpc(rpc) => {
            let data = rpc.data.as_deref().filter(|data| !data.is_empty());
            return with_data(command.id, "rpc", ("method", &rpc.method), data);
        }
        Request::Send => ("send", json!({})),
        Request::SubRefresh(SubRefreshRequest { channel, token: Token(token) }) => {
            ("sub_refresh", json!({"channel": channel, "token": token}))
        }
        Request::Subscribe(request) => ("subscribe", subscribe_json(request)),
        Request::Unsubscribe(name) => ("unsubscribe", named(name)),
    };
    message.insert(key.into(), request);
    Some(Value::from(message).to_string())
}

/// The command as both encodings can say it: Protobuf does not tell no data from none, nor JSON blanks around it.
pub fn as_both_can_say(mut command: Command) -> Command {
    if let Request::Rpc(rpc) = &mut command.request {
        let blank = [' ', '\t', '\n', '\r'];
        rpc.data =
            rpc.data.take().map(|data| data.trim_matches(blank).to_owned()).filter(|data| !data.is_empty());
    }
    command
}

/// Data as it stands, which a parsed value would not keep.
fn with_data(id: u32, kind: &str, (key, name): (&str, &str), data: Option<&str>) -> Option<String> {
    let name = Value::from(name);
    Some(match data {
        None => format!(r#"{{"id":{id},"{kind}":{{"{key}":{name}}}}}"#),
        Some(data) => {
            let data: &RawValue = serde_json::from_str(data).ok()?;
            format!(r#"{{"id":{id},"{kind}":{{"{key}":{name},"data":{data}}}}}"#)
        }
    })
}

fn channel(name: &str) -> wire::Channel {
    wire::Channel { channel: name.to_owned() }
}

fn subscribe(request: &SubscribeRequest) -> wire::Subscribe {
    let flag = flag(request);
    let SubscribeRequest { channel, token: Token(token), recover, epoch, offset, .. } = request.clone();
    wire::Subscribe { channel, token, recover, epoch, offset, flag }
}

fn subscribe_json(request: &SubscribeRequest) -> Value {
    let SubscribeRequest { channel, token: Token(token), recover, epoch, offset, .. } = request;
    let flag = flag(request);
    json!({"channel": channel, "token": token, "recover": recover, "epoch": epoch, "offset": offset, "flag": flag})
}

/// Bit 1 asks to be refused rather than to begin at the top; bit 0 is a wish for less text that no answer depends on.
fn flag(request: &SubscribeRequest) -> i64 {
    if request.reject_unrecovered { 0b11 } else { 0b01 }
}

/// What a client hears.
#[derive(Debug)]
pub enum Heard {
    /// Are you there?
    Ping,
    /// A publication in a channel.
    Publication(String, Said),
    /// An answer to this command.
    Reply(u32, Body),
    /// A server-side subscription goes on in this epoch, after this offset.
    Subscribed(String, String, u64),
    /// A subscription ended.
    Unsubscribed(String),
}

/// What an answer says, as far as it matters to a reader.
#[derive(Debug)]
pub enum Body {
    Connect(BTreeMap<String, Subscription>),
    Error(u32),
    Other,
    Subscribe(Subscription),
}

/// A publication: its offset and its data.
pub type Said = (u64, String);

#[derive(Debug)]
pub struct Subscription {
    pub epoch: String,
    pub offset: u64,
    pub publications: Vec<Said>,
    pub recovered: bool,
    pub was_recovering: bool,
}

/// Reads a Protobuf message from its bytes, behind its length.
pub fn hear_protobuf(frame: &mut &[u8]) -> Heard {
    let reply = wire::Reply::decode_length_delimited(frame).expect("a Protobuf reply");
    if let Some(push) = reply.push {
        return match (push.publication, push.subscribe, push.unsubscribe) {
            (Some(publication), None, None) => Heard::Publication(push.channel, said(publication)),
            (None, Some(place), None) => Heard::Subscribed(push.channel, place.epoch, place.offset),
            (None, None, Some(_)) => Heard::Unsubscribed(push.channel),
            _ => panic!("a push says one thing"),
        };
    }
    if reply.id == 0 && reply == wire::Reply::default() {
        return Heard::Ping;
    }
    let body = match (reply.error, reply.connect, reply.subscribe) {
        (Some(error), None, None) => Body::Error(error.code),
        (None, Some(connect), None) => {
            Body::Connect(connect.subs.into_iter().map(|(name, sub)| (name, subscription(sub))).collect())
        }
        (None, None, Some(sub)) => Body::Subscribe(subscription(sub)),
        (None, None, None) => Body::Other,
        _ => panic!("a reply says one thing"),
    };
    Heard::Reply(reply.id, body)
}

fn said(publication: wire::Publication) -> Said {
    (publication.offset, String::from_utf8(publication.data).expect("JSON is UTF-8"))
}

fn subscription(sub: wire::Subscription) -> Subscription {
    Subscription {
        epoch: sub.epoch,
        offset: sub.offset,
        publications: sub.publications.into_iter().map(said).collect(),
        recovered: sub.recovered,
        was_recovering: sub.was_recovering,
    }
}

/// Reads a JSON message.
pub fn hear_json(frame: &[u8]) -> Heard {
    let reply: json_form::Reply<'_> = serde_json::from_slice(frame).expect("a JSON reply");
    if let Some(push) = reply.push {
        let channel = push.channel.into_owned();
        return match (push.publication, push.subscribe, push.unsubscribe) {
            (Some(publication), None, None) => Heard::Publication(channel, publication.said()),
            (None, Some(place), None) => Heard::Subscribed(channel, place.epoch, place.offset),
            (None, None, Some(_)) => Heard::Unsubscribed(channel),
            _ => panic!("a push says one thing"),
        };
    }
    let Some(id) = reply.id else {
        assert_eq!(frame, b"{}");
        return Heard::Ping;
    };
    let body = match (reply.error, reply.connect, reply.subscribe) {
        (Some(error), None, None) => Body::Error(error.code),
        (None, Some(connect), None) => {
            Body::Connect(connect.subs.into_iter().map(|(name, sub)| (name, sub.plain())).collect())
        }
        (None, None, Some(sub)) => Body::Subscribe(sub.plain()),
        (None, None, None) => Body::Other,
        _ => panic!("a reply says one thing"),
    };
    Heard::Reply(id, body)
}

mod json_form {
    use serde::Deserialize;
    use serde_json::value::RawValue;
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    pub(super) struct Reply<'a> {
        pub(super) id: Option<u32>,
        pub(super) error: Option<Error>,
        #[serde(borrow)]
        pub(super) push: Option<Push<'a>>,
        #[serde(borrow)]
        pub(super) connect: Option<Connect<'a>>,
        #[serde(borrow)]
        pub(super) subscribe: Option<Subscription<'a>>,
    }

    #[derive(Deserialize)]
    pub(super) struct Error {
        pub(super) code: u32,
    }

    #[derive(Deserialize)]
    pub(super) struct Push<'a> {
        #[serde(borrow)]
        pub(super) channel: Cow<'a, str>,
        #[serde(borrow, rename = "pub")]
        pub(super) publication: Option<Publication<'a>>,
        pub(super) subscribe: Option<Place>,
        pub(super) unsubscribe: Option<Error>,
    }

    #[derive(Deserialize)]
    pub(super) struct Publication<'a> {
        #[serde(borrow)]
        data: &'a RawValue,
        offset: u64,
    }

    #[derive(Deserialize)]
    pub(super) struct Place {
        pub(super) epoch: String,
        #[serde(default)]
        pub(super) offset: u64,
    }

    #[derive(Deserialize)]
    pub(super) struct Connect<'a> {
        #[serde(borrow, default)]
        pub(super) subs: BTreeMap<String, Subscription<'a>>,
    }

    #[derive(Deserialize)]
    pub(super) struct Subscription<'a> {
        epoch: String,
        #[serde(default)]
        offset: u64,
        #[serde(borrow, default)]
        publications: Vec<Publication<'a>>,
        #[serde(default)]
        recovered: bool,
        #[serde(default)]
        was_recovering: bool,
    }

    impl Publication<'_> {
        pub(super) fn said(&self) -> super::Said {
            (self.offset, self.data.get().to_owned())
        }
    }

    impl Subscription<'_> {
        pub(super) fn plain(self) -> super::Subscription {
            super::Subscription {
                epoch: self.epoch,
                offset: self.offset,
                publications: self.publications.iter().map(Publication::said).collect(),
                recovered: self.recovered,
                was_recovering: self.was_recovering,
            }
        }
    }
}

mod wire;
