//! What people write into a record, and who they are: bounded, and hidden in logs.

use protocol::limits::Limit;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, UNIX_EPOCH};

protocol::limits! {
    /// Longest text that an operator writes into the record of an incident; a longer one is refused.
    pub const INCIDENT_TEXT_MAX_BYTES: usize = 4_096 => unseen;
    /// Longest name of an operator or a node in such a record; a longer one is refused.
    pub const INCIDENT_NAME_MAX_BYTES: usize = 64 => unseen;
}

/// The bounds of texts, described.
pub const TEXT: &[Limit] = LIMITS;

/// The last second that has a four-digit year.
const LAST_SECOND: u64 = 253_402_300_799;

/// An instant of UTC as people read it, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    let since = Duration::from_secs(at.as_secs().min(LAST_SECOND));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}

/// Words of an operator: some lines, without anything that steers a terminal.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text(String);

/// The name of an operator or a node: one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Name(String);

/// A text that cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but spaces.
    #[error("is empty")]
    Empty,
    /// More than so many bytes.
    #[error("is longer than {0} bytes")]
    TooLong(usize),
    /// Characters that no one sees.
    #[error("has control characters")]
    Control,
}

fn check(text: &str, max_bytes: usize, may_have: impl Fn(char) -> bool) -> Result<String, InvalidText> {
    let text = text.trim();
    if text.is_empty() {
        return Err(InvalidText::Empty);
    }
    if text.len() > max_bytes {
        return Err(InvalidText::TooLong(max_bytes));
    }
    if text.chars().any(|character| character.is_control() && !may_have(character)) {
        return Err(InvalidText::Control);
    }
    Ok(text.to_owned())
}

impl FromStr for Text {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        check(text, INCIDENT_TEXT_MAX_BYTES, |character| matches!(character, '\n' | '\t')).map(Self)
    }
}

impl FromStr for Name {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        check(text, INCIDENT_NAME_MAX_BYTES, |_| false).map(Self)
    }
}

impl Text {
    /// What stands where somebody said nothing.
    pub fn nothing() -> Self {
        Self("—".to_owned())
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Who did something: what the system knows of them, and what they say of themselves.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// The user of the machine, as the kernel says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The member, as their token says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The name that they gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
}

impl Who {
    /// Somebody of whom a token says who they are.
    pub const fn member(member: MemberId) -> Self {
        Self { uid: None, member: Some(member), name: None }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map(|name| name.as_str().to_owned());
        let uid = self.uid.map(|uid| format!("uid {uid}"));
        let member = self.member.as_ref().map(|member| format!("member {}", member.as_str()));
        let known: Vec<String> = name.into_iter().chain(uid).chain(member).collect();
        if known.is_empty() { f.write_str("unknown") } else { f.write_str(&known.join(", ")) }
    }
}

impl fmt::Debug for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Who(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_endless_or_steers_a_terminal_is_refused() {
        assert_eq!("  \n".parse::<Text>(), Err(InvalidText::Empty));
        assert_eq!("\u{1b}[2J".parse::<Text>(), Err(InvalidText::Control));
        let long = "é".repeat(INCIDENT_TEXT_MAX_BYTES / 2);
        assert!(long.parse::<Text>().is_ok());
        assert_eq!(format!("{long}é").parse::<Text>(), Err(InvalidText::TooLong(INCIDENT_TEXT_MAX_BYTES)));
        assert_eq!("two\nlines".parse::<Text>().unwrap().as_str(), "two\nlines");
        assert_eq!("two\nlines".parse::<Name>(), Err(InvalidText::Control));
        assert!(serde_json::from_str::<Text>("\"\\u0000\"").is_err());
    }

    #[test]
    fn debug_output_names_nobody_and_says_nothing() {
        let who = Who { uid: Some(7), member: MemberId::parse("m_secret").ok(), name: "Ada".parse().ok() };
        let text: Text = "because Ada said so".parse().unwrap();
        let said = format!("{who:?} {text:?} {:?}", who.name);
        assert!(!said.contains("secret") && !said.contains("Ada"), "{said}");
        assert_eq!(who.to_string(), "Ada, uid 7, member m_secret");
        assert_eq!(Who::default().to_string(), "unknown");
    }
}
