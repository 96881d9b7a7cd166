//! The Protobuf form: one frame holds messages, each behind its length as a varint; ping and pong are empty messages.
//! Field numbers are those of centrifugal/protocol `definitions/client.proto`.

pub mod client;
mod wire;

use crate::command::{
    Command, ConnectRequest, HistoryRequest, PublishRequest, Request, RpcRequest, SubRefreshRequest,
    SubscribeRequest, Token, rejects_unrecovered,
};
use crate::decode_error::DecodeError;
use crate::encoded_frame::{EncodedFrame, Kind};
use crate::limits::COMMANDS_PER_FRAME_MAX;
use crate::payload::Payload;
use crate::publication::Publication;
use crate::push::Push;
use crate::reply::{Reply, ReplyBody, SubscribeResult};
use crate::shape;
use prost::Message;

/// The longest varint of a length.
const LENGTH_MAX_BYTES: usize = 10;

/// Reads the commands of one frame, in order. All or none: a frame with a broken part is refused whole.
pub fn decode_commands(mut frame: &[u8]) -> Result<Vec<Command>, DecodeError> {
    let mut commands = Vec::new();
    while !frame.is_empty() {
        if commands.len() == COMMANDS_PER_FRAME_MAX {
            return Err(DecodeError::TooMany);
        }
        let command =
            wire::Command::decode_length_delimited(&mut frame).map_err(|_| DecodeError::Malformed)?;
        commands.push(command.into());
    }
    if commands.is_empty() { Err(DecodeError::Malformed) } else { Ok(commands) }
}

/// The argument of an rpc, which is JSON text.
fn argument(data: Vec<u8>) -> Option<String> {
    String::from_utf8(data).ok().filter(|text| shape::of_argument(text).is_ok())
}

/// Encodes an answer.
pub fn encode_reply(reply: &Reply) -> EncodedFrame {
    encode(&wire::Reply::from(reply))
}

/// Encodes a push.
pub fn encode_push(push: &Push) -> EncodedFrame {
    match push {
        Push::Ping => PING.clone(),
        Push::Publication(..) | Push::Subscribe(..) | Push::Unsubscribe(..) => {
            encode(&wire::Reply { push: Some(push.into()), ..wire::Reply::default() })
        }
    }
}

/// The empty message: a length of zero.
static PING: EncodedFrame = EncodedFrame::constant(b"\x82\x01\0");

fn encode(message: &impl Message) -> EncodedFrame {
    EncodedFrame::new(Kind::Binary, |out| {
        out.reserve_exact(message.encoded_len().saturating_add(LENGTH_MAX_BYTES));
        // A vector grows as it must: there is no error.
        message.encode_length_delimited(out).unwrap_or_default();
    })
}

/// The first request that is present counts, in the order of the protocol's field numbers.
impl From<wire::Command> for Command {
    fn from(wire: wire::Command) -> Self {
        let request = if let Some(connect) = wire.connect {
            let subs = connect.subs.into_iter().map(|(channel, sub)| (channel, sub.into())).collect();
            Request::Connect(ConnectRequest { token: Token(connect.token), subs })
        } else if let Some(subscribe) = wire.subscribe {
            Request::Subscribe(subscribe.into())
        } else if let Some(unsubscribe) = wire.unsubscribe {
            Request::Unsubscribe(unsubscribe.channel)
        } else if let Some(publish) = wire.publish {
            let data = Payload::from_client(&publish.data).ok();
            Request::Publish(PublishRequest { channel: publish.channel, data })
        } else if let Some(presence) = wire.presence {
            Request::Presence(presence.channel)
        } else if let Some(stats) = wire.presence_stats {
            Request::PresenceStats(stats.channel)
        } else if let Some(history) = wire.history {
            Request::History(HistoryRequest {
                channel: history.channel,
                limit: history.limit,
                since: history.since.map(|since| (since.epoch, since.offset)),
                reverse: history.reverse,
            })
        } else if wire.send.is_some() {
            Request::Send
        } else if let Some(rpc) = wire.rpc {
            Request::Rpc(RpcRequest { method: rpc.method, data: argument(rpc.data) })
        } else if let Some(refresh) = wire.refresh {
            Request::Refresh(Token(refresh.token))
        } else if let Some(sub_refresh) = wire.sub_refresh {
            Request::SubRefresh(SubRefreshRequest {
                channel: sub_refresh.channel,
                token: Token(sub_refresh.token),
            })
        } else if wire.id == 0 {
            Request::Pong
        } else {
            Request::Unknown
        };
        Self { id: wire.id, request }
    }
}

impl From<wire::SubscribeRequest> for SubscribeRequest {
    fn from(wire: wire::SubscribeRequest) -> Self {
        Self {
            channel: wire.channel,
            token: Token(wire.token),
            recover: wire.recover,
            epoch: wire.epoch,
            offset: wire.offset,
            reject_unrecovered: rejects_unrecovered(wire.flag),
        }
    }
}

impl From<&Reply> for wire::Reply {
    fn from(reply: &Reply) -> Self {
        let mut wire = Self { id: reply.id, ..Self::default() };
        match &reply.body {
            Ok(ReplyBody::Connect(result)) => {
                wire.connect = Some(wire::ConnectResult {
                    client: result.client.as_str().to_owned(),
                    version: result.version.to_owned(),
                    expires: result.expires,
                    ttl: result.ttl,
                    subs: result.subs.iter().map(|(channel, sub)| (channel.clone(), sub.into())).collect(),
                    ping: result.ping,
                    pong: result.pong,
                });
            }
            Ok(ReplyBody::History(result)) => {
                wire.history = Some(wire::HistoryResult {
                    publications: publications(&result.publications),
                    epoch: result.epoch.as_str().to_owned(),
                    offset: result.offset.get(),
                });
            }
            Ok(ReplyBody::PresenceStats(stats)) => {
                wire.presence_stats = Some(wire::PresenceStatsResult {
                    num_clients: stats.num_clients,
                    num_users: stats.num_users,
                });
            }
            Ok(ReplyBody::Publish) => wire.publish = Some(wire::Empty {}),
            Ok(ReplyBody::Refresh(result)) => {
                wire.refresh = Some(wire::RefreshResult {
                    client: result.client.as_str().to_owned(),
                    version: result.version.to_owned(),
                    expires: result.expires,
                    ttl: result.ttl,
                });
            }
            Ok(ReplyBody::Rpc(data)) => {
                wire.rpc = Some(wire::RpcResult { data: data.as_str().as_bytes().to_vec() });
            }
            Ok(ReplyBody::SubRefresh(result)) => {
                wire.sub_refresh = Some(wire::SubRefreshResult { expires: result.expires, ttl: result.ttl });
            }
            Ok(ReplyBody::Subscribe(result)) => wire.subscribe = Some(result.into()),
            Ok(ReplyBody::Unsubscribe) => wire.unsubscribe = Some(wire::Empty {}),
            Err(code) => {
                wire.error = Some(wire::Error {
                    code: code.code(),
                    message: code.message().to_owned(),
                    temporary: code.is_temporary(),
                });
            }
        }
        wire
    }
}

impl From<&SubscribeResult> for wire::SubscribeResult {
    fn from(result: &SubscribeResult) -> Self {
        Self {
            expires: result.expires,
            ttl: result.ttl,
            recoverable: result.recoverable,
            epoch: result.epoch.as_str().to_owned(),
            publications: publications(&result.publications),
            recovered: result.recovered,
            offset: result.offset.get(),
            positioned: result.positioned,
            data: serde_json::to_vec(&result.data).unwrap_or_default(),
            was_recovering: result.was_recovering,
        }
    }
}

fn publications<'a>(
    all: impl IntoIterator<Item = &'a std::sync::Arc<Publication>>,
) -> Vec<wire::Publication> {
    all.into_iter().map(|publication| (&**publication).into()).collect()
}

impl From<&Publication> for wire::Publication {
    fn from(publication: &Publication) -> Self {
        Self {
            data: publication.data.as_str().as_bytes().to_vec(),
            info: publication.info.as_ref().map(|info| wire::ClientInfo {
                user: info.user.as_str().to_owned(),
                client: info.client.as_str().to_owned(),
            }),
            offset: publication.offset.get(),
            time: i64::try_from(publication.time.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

impl From<&Push> for wire::Push {
    fn from(push: &Push) -> Self {
        match push {
            Push::Ping => Self::default(),
            Push::Publication(channel, publication) => Self {
                channel: channel.as_str().to_owned(),
                publication: Some((&**publication).into()),
                ..Self::default()
            },
            Push::Subscribe(channel, epoch, offset) => Self {
                channel: channel.as_str().to_owned(),
                subscribe: Some(wire::Subscribe {
                    recoverable: true,
                    epoch: epoch.as_str().to_owned(),
                    offset: offset.get(),
                    positioned: true,
                }),
                ..Self::default()
            },
            Push::Unsubscribe(channel, why) => Self {
                channel: channel.as_str().to_owned(),
                unsubscribe: Some(wire::Unsubscribe { code: why.code(), reason: why.reason().to_owned() }),
                ..Self::default()
            },
        }
    }
}

#[cfg(test)]
mod tests;
