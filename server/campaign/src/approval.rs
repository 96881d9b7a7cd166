//! Two people for what is urgent or for all: the one who writes is never the one who says yes.
//!
//! A bulletin goes with a [`Clearance`], and only this file makes them: because one person is enough for it, because
//! somebody who wrote none of it approved exactly what goes, or because somebody overrode the rule and said why.
//! Whoever changes a word is an author from then on, and what was approved before is approved no more.

use crate::audience::HeadCount;
use crate::bulletin::Content;
use crate::bulletin::content::Urgency;
use crate::markdown::is_readable;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

protocol::limits! {
    /// Longest reason for an override or for a no; a longer one is refused.
    pub const REASON_MAX_CHARS: usize = 500 => unseen;
    /// Most people who write at one bulletin; a further one is refused.
    pub const AUTHORS_MAX: usize = 16 => unseen;
}

/// How many it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Its author.
    OnePerson,
    /// Its author, and somebody who is none.
    TwoPeople,
}

/// How many a bulletin takes: two if it is urgent or for all hands, and for a correction as many as for what it corrects.
pub fn needs(content: &Content, count: Option<HeadCount>, corrected: Option<Needs>) -> Needs {
    let form = content.form();
    let is_grave = form.urgency == Urgency::Urgent || form.audience.is_all_hands(count);
    if is_grave || corrected == Some(Needs::TwoPeople) { Needs::TwoPeople } else { Needs::OnePerson }
}

/// Why somebody did something, in their own words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

/// A text that is no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reason is 1 to {REASON_MAX_CHARS} characters")]
pub struct InvalidReason;

impl Reason {
    /// Reads a reason.
    pub fn parse(text: &str) -> Result<Self, InvalidReason> {
        let text: String = text.trim().chars().filter(|c| *c == '\n' || is_readable(*c)).collect();
        let is_one = !text.trim().is_empty() && text.chars().count() <= REASON_MAX_CHARS;
        if is_one { Ok(Self(text)) } else { Err(InvalidReason) }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = InvalidReason;

    fn try_from(text: String) -> Result<Self, InvalidReason> {
        Self::parse(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

/// Who wrote at a bulletin: at least one, at most [`AUTHORS_MAX`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Authors(BTreeSet<MemberId>);

impl Authors {
    /// Its first author.
    pub fn first(author: MemberId) -> Self {
        Self([author].into())
    }

    /// One more, or nothing if there are too many.
    pub fn and(mut self, author: MemberId) -> Option<Self> {
        self.0.insert(author);
        (self.0.len() <= AUTHORS_MAX).then_some(self)
    }

    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter()
    }

    /// Whether a member wrote at it.
    pub fn include(&self, member: &MemberId) -> bool {
        self.0.contains(member)
    }
}

/// Why a bulletin may go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearance(How);

/// What a bulletin may go by.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Somebody else approved it.
    Approved {
        /// Who.
        by: MemberId,
        /// When.
        at: Timestamp,
    },
    /// One person is enough for it.
    OnePerson,
    /// Somebody overrode the rule.
    Overridden {
        /// Who.
        by: MemberId,
        /// When.
        at: Timestamp,
        /// Why.
        reason: Reason,
    },
}

/// An author approves nothing of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("whoever wrote at a bulletin cannot approve it")]
pub struct OwnBulletin;

impl Clearance {
    /// It takes one person.
    pub(crate) const fn by_author(needs: Needs) -> Option<Self> {
        match needs {
            Needs::OnePerson => Some(Self(How::OnePerson)),
            Needs::TwoPeople => None,
        }
    }

    /// Somebody says yes.
    pub(crate) fn by_approver(by: MemberId, authors: &Authors, at: Timestamp) -> Result<Self, OwnBulletin> {
        if authors.include(&by) { Err(OwnBulletin) } else { Ok(Self(How::Approved { by, at })) }
    }

    /// Somebody overrides the rule.
    pub(crate) const fn by_override(by: MemberId, reason: Reason, at: Timestamp) -> Self {
        Self(How::Overridden { by, at, reason })
    }

    /// By what it may go.
    pub const fn how(&self) -> &How {
        &self.0
    }

    /// Whether it holds for a bulletin of these authors that takes so many. What is read from a store is looked at again.
    pub fn holds(&self, needs: Needs, authors: &Authors) -> bool {
        match (&self.0, needs) {
            (How::OnePerson, needs) => needs == Needs::OnePerson,
            (How::Approved { by, .. }, _) => !authors.include(by),
            (How::Overridden { .. }, _) => true,
        }
    }
}

/// They name people, or are their words.
macro_rules! hidden {
    ($($kind:ident),+) => {
        $(impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        })+
    };
}
hidden!(Authors, Clearance, How, Reason);
