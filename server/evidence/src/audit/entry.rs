//! One thing that was done.

use super::action::Action;
use crate::chain::Hash;
use protocol::MemberId;
use protocol::limits::Limit;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::fmt;
use std::str::FromStr;

protocol::limits! {
    /// Longest JSON of what was before or after, in an entry of the audit; of a longer one the entry has the length and the
    /// SHA-256.
    pub const AUDIT_STATE_MAX_BYTES: usize = 8 * 1024 => unseen;
    /// Longest id of what an entry of the audit is about; nothing that we make ids for has a longer one.
    const AUDIT_SUBJECT_MAX_BYTES: usize = 128 => unseen;
}

/// The bounds of entries, described.
pub const AUDIT: &[Limit] = LIMITS;

/// Who did it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A member, as a token said.
    Member(MemberId),
    /// Whoever may open the operators' socket; the user of the machine, if the kernel says.
    Operator(Option<u32>),
    /// The service by itself.
    System,
}

/// About whom or what: an id. 1 to 128 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Subject(String);

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 128 visible ASCII characters")]
pub struct InvalidSubject;

/// How something was before or after: a small JSON value.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct State(Value);

/// An entry. When, its number and its hash are the line's ([`crate::chain::Sealed`]).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Who did it.
    pub who: Actor,
    /// What they did.
    pub action: Action,
    /// About whom or what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Subject>,
    /// How that was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// How it is now, or what came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
}

impl Entry {
    /// Somebody did something.
    pub const fn new(who: Actor, action: Action) -> Self {
        Self { who, action, about: None, before: None, after: None }
    }

    /// The service did something by itself.
    pub const fn system(action: Action) -> Self {
        Self::new(Actor::System, action)
    }

    /// About whom or what. A text that is no id is left out, as nobody could look it up.
    #[must_use]
    pub fn about(mut self, id: &str) -> Self {
        self.about = id.parse().ok();
        self
    }

    /// How it was.
    #[must_use]
    pub fn before(mut self, state: &impl Serialize) -> Self {
        self.before = Some(State::of(state));
        self
    }

    /// How it is now.
    #[must_use]
    pub fn after(mut self, state: &impl Serialize) -> Self {
        self.after = Some(State::of(state));
        self
    }
}

impl State {
    /// A value as it is kept. One that is too large is kept as its length and hash.
    pub fn of(value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        let text = value.to_string();
        if text.len() <= AUDIT_STATE_MAX_BYTES {
            return Self(value);
        }
        Self(json!({ "bytes": text.len(), "sha256": Hash::of(text.as_bytes()) }))
    }

    /// The value, read as something.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.0).ok()
    }
}

impl Subject {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Subject {
    type Err = InvalidSubject;

    fn from_str(text: &str) -> Result<Self, InvalidSubject> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > AUDIT_SUBJECT_MAX_BYTES || !is_visible {
            return Err(InvalidSubject);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member(_) => "Member(…)",
            Self::Operator(_) => "Operator(…)",
            Self::System => "System",
        })
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(…)")
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("State(…)")
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("who", &self.who).field("action", &self.action).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Actor {
        Actor::Member(MemberId::parse("m_ana").unwrap())
    }

    #[test]
    fn an_entry_reads_as_it_was_agreed() {
        let entries = [
            Entry::new(ana(), Action::MemberEdited)
                .about("m_ben")
                .before(&json!({"roles": ["activist"]}))
                .after(&json!({"roles": ["activist", "sender"]})),
            Entry::new(Actor::Operator(Some(1_000)), Action::PostureOrdered),
            Entry::new(Actor::Operator(None), Action::StatementCleared),
            Entry::system(Action::AuditEnded),
        ];
        let words = entries.each_ref().map(|entry| serde_json::to_string(entry).unwrap());
        assert_eq!(
            words,
            [
                r#"{"who":{"member":"m_ana"},"action":"member.edited","about":"m_ben","before":{"roles":["activist"]},"after":{"roles":["activist","sender"]}}"#,
                r#"{"who":{"operator":1000},"action":"posture.ordered"}"#,
                r#"{"who":{"operator":null},"action":"statement.cleared"}"#,
                r#"{"who":"system","action":"audit.ended"}"#,
            ]
        );
        for (entry, words) in entries.iter().zip(words) {
            assert_eq!(serde_json::from_str::<Entry>(&words).unwrap(), *entry);
        }
    }

    #[test]
    fn a_state_that_is_too_large_is_kept_as_its_hash() {
        let fits = "x".repeat(AUDIT_STATE_MAX_BYTES - 2);
        assert_eq!(State::of(&fits).read::<String>(), Some(fits.clone()));
        let kept = State::of(&format!("{fits}x")).0;
        assert_eq!(kept["bytes"], AUDIT_STATE_MAX_BYTES + 1);
        assert_eq!(kept["sha256"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn the_largest_entry_is_a_line() {
        let state = "\u{1}".repeat(AUDIT_STATE_MAX_BYTES / 6 - 1);
        let entry = Entry::new(ana(), Action::MemberEdited)
            .about(&"x".repeat(AUDIT_SUBJECT_MAX_BYTES))
            .before(&state)
            .after(&state);
        let line = crate::chain::Chain::default().seal(protocol::Timestamp::from_millis(u64::MAX), &entry);
        assert!(line.len() > AUDIT_STATE_MAX_BYTES && line.len() < crate::chain::LINE_MAX_BYTES);
        let read = crate::chain::Sealed::<Entry>::read(line.trim_end().as_bytes()).unwrap();
        assert_eq!(read.entry, Some(entry));
    }

    #[test]
    fn what_nobody_could_look_up_is_no_subject() {
        for text in ["", "two words", "line\nbreak", "é", &"x".repeat(AUDIT_SUBJECT_MAX_BYTES + 1)] {
            assert_eq!(text.parse::<Subject>(), Err(InvalidSubject), "{text:?}");
            assert_eq!(Entry::system(Action::ExportMade).about(text).about, None);
        }
    }

    #[test]
    fn debug_output_names_nobody_and_shows_no_state() {
        let entry = Entry::new(ana(), Action::MemberEdited).about("m_secret").before(&json!("secret"));
        let said = format!("{entry:?} {:?} {:?}", entry.about, entry.before);
        assert!(!said.contains("secret") && !said.contains("ana"), "{said}");
    }
}
