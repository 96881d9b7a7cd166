//! To whom bytes go: a member, or someone whom nobody knows yet.

use protocol::MemberId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The word that stands for strangers. No member can have it as an id.
const STRANGERS: &str = "-";

/// Whose bytes they are.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// All who did not say who they are, together.
    Strangers,
    /// One member, on all devices.
    Member(MemberId),
}

/// A text that names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account is a member id, or - for strangers")]
pub struct InvalidAccount;

impl Account {
    /// The account as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Strangers => STRANGERS,
            Self::Member(member) => member.as_str(),
        }
    }
}

impl FromStr for Account {
    type Err = InvalidAccount;

    fn from_str(text: &str) -> Result<Self, InvalidAccount> {
        if text == STRANGERS {
            return Ok(Self::Strangers);
        }
        MemberId::parse(text).map(Self::Member).map_err(|_| InvalidAccount)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strangers => f.write_str("Strangers"),
            Self::Member(_) => f.write_str("Member(…)"),
        }
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_is_taken_for_a_stranger() {
        assert!(MemberId::parse(STRANGERS).is_err());
        assert_eq!(STRANGERS.parse(), Ok(Account::Strangers));
        assert_eq!("m_1".parse::<Account>().unwrap().as_str(), "m_1");
        assert_eq!("not an id".parse::<Account>(), Err(InvalidAccount));
    }

    #[test]
    fn debug_output_names_nobody() {
        let account: Account = "m_secret".parse().unwrap();
        assert!(!format!("{account:?}").contains("secret"));
    }
}
