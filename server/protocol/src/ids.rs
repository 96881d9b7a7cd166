//! Identifiers: each is a type of its own, parsed once at the edge.

use crate::limits::{IDEMPOTENCY_KEY_MAX_BYTES, MEMBER_ID_MAX_BYTES};
use arcstr::ArcStr;
use std::fmt;

/// Why a text is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is empty, too long, or has a character that it may not have")]
pub struct InvalidId;

/// A member's id: random, says nothing about the person. 1 to 64 of `A–Z a–z 0–9 . _ - @`, but not `-` alone, which
/// stands for nobody wherever accounts are told apart.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(ArcStr);

/// The device on which a member is signed in. The alphabet and length of a member's id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(ArcStr);

/// One connection's id, as the protocol's `client`; made by the server, unguessable.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientId(ArcStr);

/// What makes a repeated publish harmless: the same key in the same channel by the same sender is the
/// same message. 1 to 128 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(ArcStr);

impl MemberId {
    /// Reads an id, or says that it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        word(text).map(Self)
    }
}

impl DeviceId {
    /// Reads an id, or says that it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        word(text).map(Self)
    }
}

/// A text of the small alphabet.
fn word(text: &str) -> Result<ArcStr, InvalidId> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@');
    if matches!(text, "" | "-") || text.len() > MEMBER_ID_MAX_BYTES || !text.bytes().all(allowed) {
        return Err(InvalidId);
    }
    Ok(text.into())
}

impl ClientId {
    /// Takes an id that the server made.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }
}

impl IdempotencyKey {
    /// Reads a key, or says that it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.is_empty()
            || text.len() > IDEMPOTENCY_KEY_MAX_BYTES
            || !text.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(InvalidId);
        }
        Ok(Self(text.into()))
    }
}

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        // Identifiers point at people; debug output must not.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

text_id!(MemberId);
text_id!(DeviceId);
text_id!(ClientId);
text_id!(IdempotencyKey);

impl<'de> serde::Deserialize<'de> for DeviceId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> serde::Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> serde::Deserialize<'de> for MemberId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_id_has_a_small_alphabet_and_a_length() {
        assert!(MemberId::parse("m_Az09.-@").is_ok());
        for text in ["", "-", "a b", "a#b", "a:b", "a\n", "ü", &"a".repeat(65)] {
            assert_eq!(MemberId::parse(text), Err(InvalidId), "{text:?}");
        }
    }

    #[test]
    fn an_idempotency_key_is_visible_ascii() {
        assert!(IdempotencyKey::parse("0b7e/x+y=").is_ok());
        for text in ["", "a b", "a\u{7f}", "é", &"a".repeat(129)] {
            assert_eq!(IdempotencyKey::parse(text), Err(InvalidId), "{text:?}");
        }
    }
}
