//! The messages of `client.proto` that the targets write and read.

use prost::Message;
use std::collections::BTreeMap;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Command {
    #[prost(uint32, tag = "1")]
    pub(super) id: u32,
    #[prost(message, optional, tag = "4")]
    pub(super) connect: Option<Connect>,
    #[prost(message, optional, tag = "5")]
    pub(super) subscribe: Option<Subscribe>,
    #[prost(message, optional, tag = "6")]
    pub(super) unsubscribe: Option<Channel>,
    #[prost(message, optional, tag = "7")]
    pub(super) publish: Option<Publish>,
    #[prost(message, optional, tag = "8")]
    pub(super) presence: Option<Channel>,
    #[prost(message, optional, tag = "9")]
    pub(super) presence_stats: Option<Channel>,
    #[prost(message, optional, tag = "10")]
    pub(super) history: Option<History>,
    #[prost(message, optional, tag = "12")]
    pub(super) send: Option<Empty>,
    #[prost(message, optional, tag = "13")]
    pub(super) rpc: Option<Rpc>,
    #[prost(message, optional, tag = "14")]
    pub(super) refresh: Option<Refresh>,
    #[prost(message, optional, tag = "15")]
    pub(super) sub_refresh: Option<SubRefresh>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Connect {
    #[prost(string, tag = "1")]
    pub(super) token: String,
    #[prost(btree_map = "string, message", tag = "3")]
    pub(super) subs: BTreeMap<String, Subscribe>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Subscribe {
    #[prost(string, tag = "1")]
    pub(super) channel: String,
    #[prost(string, tag = "2")]
    pub(super) token: String,
    #[prost(bool, tag = "3")]
    pub(super) recover: bool,
    #[prost(string, tag = "6")]
    pub(super) epoch: String,
    #[prost(uint64, tag = "7")]
    pub(super) offset: u64,
    #[prost(int64, tag = "14")]
    pub(super) flag: i64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct SubRefresh {
    #[prost(string, tag = "1")]
    pub(super) channel: String,
    #[prost(string, tag = "2")]
    pub(super) token: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Channel {
    #[prost(string, tag = "1")]
    pub(super) channel: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Publish {
    #[prost(string, tag = "1")]
    pub(super) channel: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) data: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct History {
    #[prost(string, tag = "1")]
    pub(super) channel: String,
    #[prost(int32, tag = "7")]
    pub(super) limit: i32,
    #[prost(message, optional, tag = "8")]
    pub(super) since: Option<Position>,
    #[prost(bool, tag = "9")]
    pub(super) reverse: bool,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Position {
    #[prost(uint64, tag = "1")]
    pub(super) offset: u64,
    #[prost(string, tag = "2")]
    pub(super) epoch: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Rpc {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) data: Vec<u8>,
    #[prost(string, tag = "2")]
    pub(super) method: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Refresh {
    #[prost(string, tag = "1")]
    pub(super) token: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Empty {}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Reply {
    #[prost(uint32, tag = "1")]
    pub(super) id: u32,
    #[prost(message, optional, tag = "2")]
    pub(super) error: Option<Error>,
    #[prost(message, optional, tag = "4")]
    pub(super) push: Option<Push>,
    #[prost(message, optional, tag = "5")]
    pub(super) connect: Option<Connected>,
    #[prost(message, optional, tag = "6")]
    pub(super) subscribe: Option<Subscription>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub(super) struct Error {
    #[prost(uint32, tag = "1")]
    pub(super) code: u32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Push {
    #[prost(string, tag = "2")]
    pub(super) channel: String,
    #[prost(message, optional, tag = "4")]
    pub(super) publication: Option<Publication>,
    #[prost(message, optional, tag = "7")]
    pub(super) unsubscribe: Option<Empty>,
    #[prost(message, optional, tag = "9")]
    pub(super) subscribe: Option<Place>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Publication {
    #[prost(bytes = "vec", tag = "4")]
    pub(super) data: Vec<u8>,
    #[prost(uint64, tag = "6")]
    pub(super) offset: u64,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Place {
    #[prost(string, tag = "4")]
    pub(super) epoch: String,
    #[prost(uint64, tag = "5")]
    pub(super) offset: u64,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Connected {
    #[prost(btree_map = "string, message", tag = "6")]
    pub(super) subs: BTreeMap<String, Subscription>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Subscription {
    #[prost(string, tag = "6")]
    pub(super) epoch: String,
    #[prost(message, repeated, tag = "7")]
    pub(super) publications: Vec<Publication>,
    #[prost(bool, tag = "8")]
    pub(super) recovered: bool,
    #[prost(uint64, tag = "9")]
    pub(super) offset: u64,
    #[prost(bool, tag = "12")]
    pub(super) was_recovering: bool,
}
