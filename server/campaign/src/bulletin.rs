//! What organisers say to many: what it says, which way it goes, and what becomes of it.
//!
//! The shape is that of the Common Alerting Protocol 1.2: a kind (`msgType`), an urgency, a text per language (`info`),
//! an audience (`area`), references, an expiry. A correction or a withdrawal is a publication of its own that refers to the
//! first; the log keeps both, and screens show the newer in the place of the older.

pub mod content;
pub mod edge;
pub mod publication;
pub mod state;
pub mod statement;
mod story;

pub use content::{Content, ContentForm, InvalidContent, Kind, Language, Urgency};
pub use edge::{Action, AnyBulletin, Refused};
pub use state::Bulletin;
pub use statement::{NotSigned, Signed};

use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A bulletin's id. Ids of newer bulletins come before those of older ones, so that a list begins with the newest.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BulletinId(String);

/// A text that is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such bulletin")]
pub struct InvalidBulletinId;

/// Milliseconds that fit eleven hexadecimal digits: until the year 2527.
const END_OF_TIME: u64 = (1 << 44) - 1;
const ID_BYTES: usize = 1 + 11 + 20;

impl BulletinId {
    /// A fresh id, of the time and 80 random bits.
    pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
        let left = END_OF_TIME.saturating_sub(now.as_millis());
        let random: String = random.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect();
        Self(format!("b{left:011x}{random}"))
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidBulletinId> {
        let is_hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
        let is_one = text.len() == ID_BYTES && text.bytes().skip(1).all(is_hex) && text.starts_with('b');
        if is_one { Ok(Self(text.to_owned())) } else { Err(InvalidBulletinId) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0')
}

impl TryFrom<String> for BulletinId {
    type Error = InvalidBulletinId;

    fn try_from(text: String) -> Result<Self, InvalidBulletinId> {
        Self::parse(&text)
    }
}

impl From<BulletinId> for String {
    fn from(id: BulletinId) -> Self {
        id.0
    }
}

impl fmt::Debug for BulletinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_bulletin_comes_first_and_its_id_is_read_as_it_was_written() {
        let id = |ms| BulletinId::new(Timestamp::from_millis(ms), [0xab; 10]);
        assert!(id(1_800_000_000_001) < id(1_800_000_000_000));
        assert_eq!(BulletinId::parse(id(7).as_str()), Ok(id(7)));
        for text in ["", "b", "x", &id(7).as_str().to_uppercase(), &format!("{}0", id(7).as_str())] {
            assert_eq!(BulletinId::parse(text), Err(InvalidBulletinId));
        }
    }
}
