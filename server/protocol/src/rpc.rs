//! The methods that Holdfast offers through the protocol's `rpc`.
//!
//! Plain `publish` returns nothing in this protocol, so our apps call `publish` by rpc and learn the position.

pub mod receipts;

use crate::channel::ChannelName;
use crate::command::{Request, RpcRequest};
use crate::json::object;
use crate::lane::Lane;
use crate::payload::Payload;
use crate::position::StreamPosition;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;

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
    /// How soon it is to have its place while others wait, too; normal if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<Lane>,
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

/// A message has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// How sure.
    pub status: PublishStatus,
    /// Where.
    pub position: StreamPosition,
    /// The lane that it took, which is not the one that was asked for if that had no room left for its sender.
    pub lane: Lane,
    /// How many messages of its sender may wait for an answer.
    pub credit: u32,
}

/// A message was not taken, and nothing of it was stored; the same may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// How long to wait before that.
    pub retry_after: Duration,
    /// How many messages of its sender may wait for an answer, if that is known where it was refused.
    pub credit: Option<u32>,
}

/// The answer of `publish` to a message that has its place.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublishAnswer<'a> {
    /// How sure.
    pub status: PublishStatus,
    /// In which epoch.
    #[serde(borrow)]
    pub epoch: std::borrow::Cow<'a, str>,
    /// At which offset.
    pub offset: u64,
    /// By which lane; nodes that know none say nothing.
    #[serde(default)]
    pub lane: Option<Lane>,
    /// How many messages of the sender may wait for an answer.
    #[serde(default)]
    pub credit: Option<u32>,
}

/// The answer of `publish` to a message that is to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterAnswer {
    status: LaterStatus,
    /// How many messages of the sender may wait for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<u32>,
    /// After so many milliseconds.
    pub retry_after_ms: u64,
}

/// Tells one answer from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LaterStatus {
    Later,
}

/// Makes the answer of `publish`.
pub fn publish_answer(placed: &Placed) -> Option<Payload> {
    let Placed { status, position, lane, credit } = placed;
    let epoch = position.epoch.as_str().into();
    let answer = PublishAnswer {
        status: *status,
        epoch,
        offset: position.offset.get(),
        lane: Some(*lane),
        credit: Some(*credit),
    };
    Payload::from_value(&answer).ok()
}

/// Makes the answer of `publish` to what is refused for now. What is left of a millisecond counts as one, so that
/// whoever keeps to it does not come too early.
pub fn later_answer(later: Later) -> Option<Payload> {
    let whole = later.retry_after.as_nanos().div_ceil(1_000_000);
    let retry_after_ms = u64::try_from(whole).unwrap_or(u64::MAX);
    Payload::from_value(&LaterAnswer { status: LaterStatus::Later, credit: later.credit, retry_after_ms })
        .ok()
}

/// What a client sends to publish; nothing if the data is not JSON text.
pub fn publish_request(channel: &str, idempotency_key: &str, data: &str) -> Option<Request> {
    let argument = PublishArgument {
        channel: channel.into(),
        idempotency_key: Some(idempotency_key.into()),
        lane: None,
        data: serde_json::from_str(data).ok()?,
    };
    let data = serde_json::to_string(&argument).ok()?;
    Some(Request::Rpc(RpcRequest { method: PUBLISH.to_owned(), data: Some(data) }))
}

/// Reads the answer of `publish`, as a client does.
pub fn read_publish_answer(text: &str) -> Option<PublishAnswer<'_>> {
    serde_json::from_str(object(text)?).ok()
}

/// Reads the answer of `publish` to what is to be sent again, as a client does.
pub fn read_later_answer(text: &str) -> Option<LaterAnswer> {
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
        let placed = Placed { status: PublishStatus::Ok, position, lane: Lane::Urgent, credit: 64 };
        let answer = publish_answer(&placed).unwrap();
        let read = read_publish_answer(answer.as_str()).unwrap();
        assert_eq!((read.status, &*read.epoch, read.offset), (PublishStatus::Ok, "e", 3));
        assert_eq!((read.lane, read.credit), (Some(Lane::Urgent), Some(64)));
        assert!(read_publish_answer(r#"{"status":"ok","epoch":"e","offset":3}"#).is_some());
        assert!(read_later_answer(answer.as_str()).is_none());
        assert!(read_publish_answer("[]").is_none());
    }

    #[test]
    fn an_answer_that_says_later_is_not_read_as_one_that_says_where() {
        let later = Later { retry_after: Duration::from_micros(1_000_001), credit: Some(4) };
        let answer = later_answer(later).unwrap();
        assert_eq!(answer.as_str(), r#"{"status":"later","credit":4,"retry_after_ms":1001}"#);
        assert!(read_publish_answer(answer.as_str()).is_none());
        let read = read_later_answer(answer.as_str()).unwrap();
        assert_eq!((read.credit, read.retry_after_ms), (Some(4), 1_001));
        let unknown = later_answer(Later { credit: None, ..later }).unwrap();
        assert_eq!(read_later_answer(unknown.as_str()).unwrap().credit, None);
        for text in [r#"{"status":"ok","retry_after_ms":1}"#, r#"{"status":"later"}"#, "[]", "null"] {
            assert!(read_later_answer(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_argument_with_a_lane_that_there_is_not_is_refused() {
        let lane = |lane: &str| {
            let text = format!(r#"{{"channel":"a","lane":{lane},"data":{{}}}}"#);
            publish_argument(&text).map(|argument| argument.lane)
        };
        for text in ["\"fast\"", "\"URGENT\"", "\"\"", "0", "true", "[]", "{}"] {
            assert_eq!(lane(text), None, "{text}");
        }
        assert_eq!(lane("\"urgent\""), Some(Some(Lane::Urgent)));
        assert_eq!(lane("\"bulk\""), Some(Some(Lane::Bulk)));
        assert_eq!(lane("null"), Some(None));
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
