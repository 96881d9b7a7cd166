//! The methods that Holdfast offers through the protocol's `rpc`.
//!
//! Plain `publish` returns nothing in this protocol, so our apps call `publish` by rpc and learn the position.

use crate::channel::ChannelName;
use crate::command::{Request, RpcRequest};
use crate::json::object;
use crate::payload::Payload;
use crate::position::StreamPosition;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The name of the method below.
pub const PUBLISH: &str = "publish";

/// The argument of `publish`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PublishArgument<'a> {
    /// Where to.
    #[serde(borrow)]
    pub channel: std::borrow::Cow<'a, str>,
    /// The key that makes a retry harmless; without one, a string `id` inside the data serves.
    #[serde(borrow, default)]
    pub idempotency_key: Option<std::borrow::Cow<'a, str>>,
    /// What to say.
    #[serde(borrow)]
    pub data: &'a RawValue,
}

/// How sure the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishStatus {
    /// In the store's memory; the operator chose a store that may lose its last second.
    Accepted,
    /// On stable storage.
    Ok,
}

/// The answer of `publish`: the message has its place.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishAnswer<'a> {
    /// How sure.
    pub status: PublishStatus,
    /// In which epoch.
    #[serde(borrow)]
    pub epoch: std::borrow::Cow<'a, str>,
    /// At which offset.
    pub offset: u64,
}

/// Makes the answer of `publish`.
pub fn publish_answer(status: PublishStatus, position: &StreamPosition) -> Option<Payload> {
    let epoch = position.epoch.as_str().into();
    let answer = PublishAnswer { status, epoch, offset: position.offset.get() };
    Payload::from_value(&answer).ok()
}

/// What a client sends to publish; nothing if the data is not JSON text.
pub fn publish_request(channel: &str, idempotency_key: &str, data: &str) -> Option<Request> {
    let argument = PublishArgument {
        channel: channel.into(),
        idempotency_key: Some(idempotency_key.into()),
        data: serde_json::from_str(data).ok()?,
    };
    let data = serde_json::to_string(&argument).ok()?;
    Some(Request::Rpc(RpcRequest { method: PUBLISH.to_owned(), data: Some(data) }))
}

/// Reads the answer of `publish`, as a client does.
pub fn read_publish_answer(text: &str) -> Option<PublishAnswer<'_>> {
    serde_json::from_str(object(text)?).ok()
}

/// The `id` inside a payload, if there is one.
#[derive(Deserialize)]
struct WithId<'a> {
    #[serde(borrow, default)]
    id: Option<std::borrow::Cow<'a, str>>,
}

/// Reads a string `id` from an object; anything else has none.
pub fn id_inside(payload: &Payload) -> Option<String> {
    let with_id: WithId<'_> = serde_json::from_str(object(payload.as_str())?).ok()?;
    with_id.id.map(std::borrow::Cow::into_owned)
}

/// Reads the argument of `publish`, which is JSON text.
pub fn publish_argument(text: &str) -> Option<PublishArgument<'_>> {
    serde_json::from_str(object(text)?).ok()
}

/// Reads the channel as written; a name that is none gets error 107.
pub fn channel_of(argument: &PublishArgument<'_>) -> Option<ChannelName> {
    ChannelName::parse(&argument.channel).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::{Epoch, Offset};

    #[test]
    fn an_id_inside_is_found_only_as_a_string_in_an_object() {
        let id = |text: &str| id_inside(&Payload::parse(text.as_bytes()).unwrap());
        assert_eq!(id(r#"{"id":"a","x":[1]}"#), Some("a".to_owned()));
        for text in [r#"{"id":1}"#, r#"{"x":1}"#, "[]", r#"["yes"]"#, "\"id\"", "null"] {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn a_client_asks_and_reads_what_the_server_reads_and_answers() {
        let Some(Request::Rpc(rpc)) = publish_request("teams:a", "k1", r#"{"id": "k1"}"#) else {
            panic!("a call")
        };
        let text = rpc.data.unwrap();
        let argument = publish_argument(&text).unwrap();
        assert_eq!((&*argument.channel, argument.idempotency_key.as_deref()), ("teams:a", Some("k1")));
        assert_eq!((rpc.method.as_str(), argument.data.get()), (PUBLISH, r#"{"id": "k1"}"#));
        assert!(publish_request("teams:a", "k1", "{").is_none());

        let position = StreamPosition { epoch: Epoch::parse("e").unwrap(), offset: Offset::new(3) };
        let answer = publish_answer(PublishStatus::Ok, &position).unwrap();
        let read = read_publish_answer(answer.as_str()).unwrap();
        assert_eq!((read.status, &*read.epoch, read.offset), (PublishStatus::Ok, "e", 3));
        assert!(read_publish_answer("[]").is_none());
    }

    #[test]
    fn an_argument_with_a_field_that_we_do_not_know_is_refused() {
        let reads = |text: &str| publish_argument(text).is_some();
        assert!(reads(r#"{"channel":"a","data":{}}"#));
        assert!(!reads(r#"{"channel":"a","data":{},"idempotency-key":"k"}"#));
        assert!(!reads(r#"{"channel":"a"}"#));
        assert!(!reads(r#"["a",null,{}]"#));
    }
}
