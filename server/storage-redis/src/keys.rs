//! Every name in Redis, in one place.
//!
//! | name | holds |
//! |---|---|
//! | `P{CHANNEL}:meta` | hash: `epoch`, `fence` (whose epoch it is), `top`; `repair` (until when a server that came back lets nodes bring what it lacks) |
//! | `P{CHANNEL}:lineage` | list of `EPOCH FIRST-OFFSET`, oldest first |
//! | `P{CHANNEL}:log` | stream: id `OFFSET-0`, field `p` with the stored publication |
//! | `P{CHANNEL}:idem:SENDER/KEY` | fingerprint and offset of a message, for the idempotency window |
//! | `P{CHANNEL}:feed:DB` | pub/sub: `EPOCH OFFSET`, a line break, the stored publication |
//! | `Pchannels` | set of the channels that were ever used |
//! | `P{$records}:of:KIND:ID` | hash: `version`, `data`, `ends` |
//! | `P{$records}:index:KIND` | sorted set of ids |
//! | `P{$records}:version` | the greatest version given |
//! | `Ppeers:DB` | pub/sub: questions to all nodes, see `peers` |
//! | `Ppeers:DB:NODE` | pub/sub: answers to the questions of one node |
//! | `Pprobe` | pub/sub: nothing, when Redis is asked what it is |
//!
//! `P` is the prefix. Braces make a channel's keys share a slot; neither a prefix nor a channel name can have any,
//! and no channel is called `$records`. Sender and key come last, so whatever they contain changes no other name.
//! Pub/sub ignores databases, so its name carries the number of ours.

use protocol::ChannelName;
use std::sync::Arc;
use storage::{RecordKey, RecordKind};

/// Makes names.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    prefix: Arc<str>,
    database: i64,
}

impl Keys {
    /// Names that begin with `prefix`, unless it has characters that would change their meaning.
    pub(crate) fn new(prefix: &str, database: i64) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.' | b'_' | b'-');
        prefix.bytes().all(plain).then(|| Self { prefix: prefix.into(), database })
    }

    fn of(&self, channel: &ChannelName, part: &str) -> String {
        format!("{}{{{}}}:{part}", self.prefix, channel.as_str())
    }

    pub(crate) fn meta(&self, channel: &ChannelName) -> String {
        self.of(channel, "meta")
    }

    pub(crate) fn lineage(&self, channel: &ChannelName) -> String {
        self.of(channel, "lineage")
    }

    pub(crate) fn log(&self, channel: &ChannelName) -> String {
        self.of(channel, "log")
    }

    pub(crate) fn idempotency(&self, channel: &ChannelName, scope: &str) -> String {
        self.of(channel, &format!("idem:{scope}"))
    }

    pub(crate) fn channels(&self) -> String {
        format!("{}channels", self.prefix)
    }

    pub(crate) fn announcements(&self, channel: &ChannelName) -> String {
        self.of(channel, &format!("feed:{}", self.database))
    }

    /// Where all nodes of the deployment hear questions.
    pub(crate) fn questions(&self) -> String {
        format!("{}peers:{}", self.prefix, self.database)
    }

    /// Where one node hears answers.
    pub(crate) fn answers(&self, node: &str) -> String {
        format!("{}:{node}", self.questions())
    }

    /// A pub/sub name that nobody listens to.
    pub(crate) fn probe(&self) -> String {
        format!("{}probe", self.prefix)
    }

    /// Whose announcements have this name.
    pub(crate) fn announced(&self, name: &[u8]) -> Option<ChannelName> {
        let rest = std::str::from_utf8(name).ok()?.strip_prefix(&*self.prefix)?.strip_prefix('{')?;
        let (channel, part) = rest.split_once('}')?;
        (part == format!(":feed:{}", self.database)).then(|| ChannelName::parse(channel).ok()).flatten()
    }

    pub(crate) fn record(&self, key: &RecordKey) -> String {
        self.records(key.kind) + key.id.as_str()
    }

    /// What the keys of a kind's records begin with.
    pub(crate) fn records(&self, kind: RecordKind) -> String {
        format!("{}{{$records}}:of:{}:", self.prefix, kind.as_str())
    }

    pub(crate) fn index(&self, kind: RecordKind) -> String {
        format!("{}{{$records}}:index:{}", self.prefix, kind.as_str())
    }

    pub(crate) fn version(&self) -> String {
        format!("{}{{$records}}:version", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_finds_its_channel_again() {
        let keys = Keys::new("holdfast:", 2).unwrap();
        let channel = ChannelName::parse("bulletins:region.north").unwrap();
        let name = keys.announcements(&channel);
        assert_eq!(name, "holdfast:{bulletins:region.north}:feed:2");
        assert_eq!(keys.announced(name.as_bytes()), Some(channel));
    }

    #[test]
    fn an_announcement_of_another_deployment_is_not_ours() {
        let ours = Keys::new("holdfast:", 0).unwrap();
        let channel = ChannelName::bulletins_all();
        for other in [Keys::new("holdfast:", 1).unwrap(), Keys::new("other:", 0).unwrap()] {
            assert_eq!(ours.announced(other.announcements(&channel).as_bytes()), None);
        }
        assert_eq!(ours.announced(b"holdfast:{\xff}:feed:0"), None);
    }

    #[test]
    fn a_prefix_cannot_move_the_hash_tag() {
        for prefix in ["a{b}", "a b", "a*", "a\r\n", "é"] {
            assert!(Keys::new(prefix, 0).is_none(), "{prefix:?}");
        }
        assert!(Keys::new("", 0).is_some());
    }
}
