//! The client's end of the Protobuf form: commands written, messages read.

use super::{encode, wire};
use crate::command::{Command, Request, SubscribeRequest, rejecting_unrecovered};
use crate::decode_error::DecodeError;
use crate::encoded_frame::EncodedFrame;
use crate::message::{
    Answer, Connected, HistoryPage, Message as Heard, Pushed, Received, Refusal, Subscribed,
};
use prost::Message;

/// Reads the messages of one frame, in order. What lies before a fault has been handed over.
pub fn decode_messages(mut frame: &[u8], mut each: impl FnMut(Heard<'static>)) -> Result<(), DecodeError> {
    while !frame.is_empty() {
        let reply = wire::Reply::decode_length_delimited(&mut frame).map_err(|_| DecodeError::Malformed)?;
        each(heard(reply)?);
    }
    Ok(())
}

/// Encodes a command.
pub fn encode_command(command: &Command) -> EncodedFrame {
    encode(&wire::Command::from(command))
}

fn heard(reply: wire::Reply) -> Result<Heard<'static>, DecodeError> {
    if let Some(push) = reply.push {
        let pushed = if let Some(publication) = push.publication {
            Pushed::Publication(received(publication)?)
        } else if let Some(subscribe) = push.subscribe {
            Pushed::Subscribe(subscribe.epoch.into(), subscribe.offset)
        } else {
            push.unsubscribe.map_or(Pushed::Other, |unsubscribe| Pushed::Unsubscribe(unsubscribe.code))
        };
        return Ok(Heard::Push(push.channel.into(), pushed));
    }
    if let Some(error) = reply.error {
        return Ok(Heard::Reply(reply.id, Err(Refusal { code: error.code, temporary: error.temporary })));
    }
    let answer = if let Some(connect) = reply.connect {
        let subs = connect.subs.into_iter();
        let subs = subs.map(|(channel, sub)| Ok((channel.into(), subscribed(sub)?)));
        Answer::Connect(Connected {
            version: connect.version.into(),
            ping: connect.ping,
            subs: subs.collect::<Result<_, DecodeError>>()?,
        })
    } else if let Some(subscribe) = reply.subscribe {
        Answer::Subscribe(subscribed(subscribe)?)
    } else if let Some(history) = reply.history {
        Answer::History(HistoryPage {
            epoch: history.epoch.into(),
            top: history.offset,
            publications: all_received(history.publications)?,
        })
    } else if let Some(rpc) = reply.rpc {
        Answer::Rpc(text(rpc.data)?.into())
    } else if reply.id == 0 {
        return Ok(Heard::Ping);
    } else {
        Answer::Other
    };
    Ok(Heard::Reply(reply.id, Ok(answer)))
}

fn subscribed(wire: wire::SubscribeResult) -> Result<Subscribed<'static>, DecodeError> {
    Ok(Subscribed {
        epoch: wire.epoch.into(),
        offset: wire.offset,
        recovered: wire.recovered,
        publications: all_received(wire.publications)?,
    })
}

fn all_received(publications: Vec<wire::Publication>) -> Result<Vec<Received<'static>>, DecodeError> {
    publications.into_iter().map(received).collect()
}

fn received(publication: wire::Publication) -> Result<Received<'static>, DecodeError> {
    Ok(Received { offset: publication.offset, data: text(publication.data)?.into() })
}

fn text(bytes: Vec<u8>) -> Result<String, DecodeError> {
    String::from_utf8(bytes).map_err(|_| DecodeError::Malformed)
}

impl From<&SubscribeRequest> for wire::SubscribeRequest {
    fn from(request: &SubscribeRequest) -> Self {
        Self {
            channel: request.channel.clone(),
            token: request.token.0.clone(),
            recover: request.recover,
            epoch: request.epoch.clone(),
            offset: request.offset,
            flag: rejecting_unrecovered(request.reject_unrecovered),
        }
    }
}

impl From<&Command> for wire::Command {
    fn from(command: &Command) -> Self {
        let channel = |channel: &String| Some(wire::ChannelRequest { channel: channel.clone() });
        let mut wire = Self { id: command.id, ..Self::default() };
        match &command.request {
            Request::Connect(connect) => {
                let subs = connect.subs.iter().map(|(channel, sub)| (channel.clone(), sub.into()));
                wire.connect =
                    Some(wire::ConnectRequest { token: connect.token.0.clone(), subs: subs.collect() });
            }
            Request::History(history) => {
                wire.history = Some(wire::HistoryRequest {
                    channel: history.channel.clone(),
                    limit: history.limit,
                    since: history.since.as_ref().map(|(epoch, offset)| wire::StreamPosition {
                        offset: *offset,
                        epoch: epoch.clone(),
                    }),
                    reverse: history.reverse,
                });
            }
            Request::Pong | Request::Unknown => {}
            Request::Presence(name) => wire.presence = channel(name),
            Request::PresenceStats(name) => wire.presence_stats = channel(name),
            Request::Publish(publish) => {
                let data = publish.data.as_ref().map(|data| data.as_str().as_bytes().to_vec());
                wire.publish = Some(wire::PublishRequest {
                    channel: publish.channel.clone(),
                    data: data.unwrap_or_default(),
                });
            }
            Request::Refresh(token) => wire.refresh = Some(wire::RefreshRequest { token: token.0.clone() }),
            Request::Rpc(rpc) => {
                let data = rpc.data.clone().unwrap_or_default().into_bytes();
                wire.rpc = Some(wire::RpcRequest { data, method: rpc.method.clone() });
            }
            Request::Send => wire.send = Some(wire::Empty {}),
            Request::SubRefresh(refresh) => {
                wire.sub_refresh = Some(wire::SubRefreshRequest {
                    channel: refresh.channel.clone(),
                    token: refresh.token.0.clone(),
                });
            }
            Request::Subscribe(subscribe) => wire.subscribe = Some(subscribe.into()),
            Request::Unsubscribe(name) => wire.unsubscribe = channel(name),
        }
        wire
    }
}
