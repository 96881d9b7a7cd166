//! Where a chain ends: signed, so that whoever keeps it elsewhere can show later that nothing before it was changed.

use super::retention::Class;
use crate::chain::{Chain, Hash};
use protocol::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;

/// The length of a chain's id.
const CHAIN_ID_BYTES: usize = 22;

/// Which chain: random, made when it begins. 22 of `A–Z a–z 0–9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ChainId(String);

/// A text that is no id of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a chain is 22 of A-Z a-z 0-9 _ -")]
pub struct InvalidChainId;

/// The end of a chain at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which chain.
    pub chain: ChainId,
    /// How many lines it had, from its first on.
    pub lines: u64,
    /// The hash of the last of them.
    pub hash: Hash,
    /// When that was.
    pub at: Timestamp,
}

/// A head with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// What is signed.
    #[serde(flatten)]
    pub head: Head,
    /// Over [`Head::words`], as base64url.
    pub signature: String,
}

/// What `retention.removed` says of lines of the audit: what is gone, so that the lines after it still have an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// That it is the audit; older versions did not say so.
    #[serde(default = "audit")]
    pub class: Class,
    /// Of which chain.
    pub chain: ChainId,
    /// The file.
    pub file: String,
    /// Lines in it.
    pub count: u64,
    /// The number of the last line that is gone, and its hash; nothing if neither could be read any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<LastGone>,
}

const fn audit() -> Class {
    Class::Audit
}

/// See [`Removed::last`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGone {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The end of a chain.
    pub const fn of(id: ChainId, chain: Chain, at: Timestamp) -> Self {
        Self { chain: id, lines: chain.lines(), hash: chain.head(), at }
    }

    /// The words that are signed: each part on a line of its own.
    pub fn words(&self) -> String {
        let Self { chain, lines, hash, at } = self;
        format!("head 1\n{chain}\n{lines}\n{hash}\n{}\n", at.as_millis())
    }
}

impl ChainId {
    /// The id as text; fit for the name of a folder.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChainId {
    type Err = InvalidChainId;

    fn from_str(text: &str) -> Result<Self, InvalidChainId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.len() != CHAIN_ID_BYTES || !text.bytes().all(allowed) {
            return Err(InvalidChainId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ChainId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_signed_with_each_of_its_parts() {
        let id: ChainId = "abcdefghijklmnopqrstuv".parse().unwrap();
        let head = Head::of(id, Chain::at(7, Hash::of(b"x")), Timestamp::from_millis(5));
        assert_eq!(
            head.words(),
            "head 1\nabcdefghijklmnopqrstuv\n7\n2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n5\n"
        );
        let signed = SignedHead { head, signature: "s".to_owned() };
        let words = serde_json::to_string(&signed).unwrap();
        assert_eq!(serde_json::from_str::<SignedHead>(&words).unwrap(), signed);
    }

    #[test]
    fn no_other_text_is_the_id_of_a_chain() {
        for text in
            ["", "..", "short", "abcdefghijklmnopqrstu/", "abcdefghijklmnopqrstuvw", "é23456789012345678901"]
        {
            assert_eq!(text.parse::<ChainId>(), Err(InvalidChainId), "{text:?}");
        }
    }
}
