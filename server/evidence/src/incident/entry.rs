//! What a line of a timeline says.

use super::text::{Name, Text, Who};
use super::word;
use crate::chain::Hash;
use admission::{Criticality, Posture};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};

/// What `opened` says of the lines that follow.
pub const FORMAT_VERSION: u32 = 1;

/// One entry. A reader passes over kinds that it does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Entry {
    /// The record begins.
    Opened(Opened),
    /// A process goes on with the record of one before it.
    Resumed(Resumed),
    /// The posture changed.
    Posture(Changed),
    /// What was offered and what became of it since the last counts.
    Counts(Counts),
    /// Somebody set the posture by hand.
    Override(Override),
    /// That is over: its time came, or somebody took it back.
    OverrideEnded,
    /// Entries before this one could not be written and did not fit where they were held.
    Lapse(Lapse),
    /// What members were told.
    Statement(Note),
    /// Somebody outside was told.
    NoticeSent(NoticeSent),
    /// What an operator wants to be remembered.
    Note(Note),
    /// Where the flood came from is in a file beside, which goes earlier than the record.
    Indicators(Indicators),
    /// The record ends.
    Closed(Closed),
}

/// See [`Entry::Opened`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// [`FORMAT_VERSION`].
    pub version: u32,
    /// The node that writes it.
    pub node: Name,
    /// What opened it.
    pub by: Changed,
    /// Since when the posture had not been normal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressed_since: Option<Timestamp>,
}

/// See [`Entry::Resumed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// The node that goes on; nodes that share a folder may go on with each other's.
    pub node: Name,
    /// Bytes of a line that was being written when the process ended; they were cut off.
    pub torn_bytes: u64,
}

/// See [`Entry::Posture`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    /// The posture before.
    #[serde(with = "word::posture")]
    pub from: Posture,
    /// The posture now.
    #[serde(with = "word::posture")]
    pub to: Posture,
    /// What made it change.
    pub trigger: String,
    /// How much of that there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

/// What one class offered, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCounts {
    /// Which class.
    #[serde(with = "word::class")]
    pub class: Criticality,
    /// Requests to be served.
    pub offered: u64,
    /// Served at once.
    pub admitted: u64,
    /// Asked to wait.
    pub delayed: u64,
    /// Sent away.
    pub refused: u64,
}

/// See [`Entry::Counts`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Over how long.
    pub seconds: u64,
    /// Classes of which there was anything.
    pub classes: Vec<ClassCounts>,
    /// Messages that were accepted, and so are kept.
    pub acked: u64,
    /// Publications that were given to readers.
    pub delivered: u64,
    /// Publications that readers had not been given at the end of the time.
    pub pending: u64,
    /// Members who were delayed or refused, each as often as it happened.
    pub members_affected: u64,
}

/// See [`Entry::Override`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The posture that was asked for.
    #[serde(with = "word::posture")]
    pub to: Posture,
    /// Who, in words: it may have been at another node.
    pub who: Text,
    /// Why.
    pub why: Text,
    /// Until when.
    pub until: Timestamp,
}

/// See [`Entry::Lapse`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapse {
    /// How many.
    pub entries: u64,
}

impl Counts {
    /// Takes in the counts of the time after these.
    pub fn add(&mut self, later: &Self) {
        self.seconds = self.seconds.saturating_add(later.seconds);
        for one in &later.classes {
            match self.classes.iter_mut().find(|known| known.class == one.class) {
                None => self.classes.push(*one),
                Some(known) => {
                    known.offered = known.offered.saturating_add(one.offered);
                    known.admitted = known.admitted.saturating_add(one.admitted);
                    known.delayed = known.delayed.saturating_add(one.delayed);
                    known.refused = known.refused.saturating_add(one.refused);
                }
            }
        }
        self.acked = self.acked.saturating_add(later.acked);
        self.delivered = self.delivered.saturating_add(later.delivered);
        self.pending = later.pending;
        self.members_affected = self.members_affected.saturating_add(later.members_affected);
    }
}

/// Words of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who.
    pub who: Who,
    /// What they say.
    pub text: Text,
}

/// See [`Entry::NoticeSent`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSent {
    /// Who told them.
    pub who: Who,
    /// Whom: the regulator, the provider, the police, members.
    pub to: Name,
    /// What was said, or where it is kept.
    pub text: Text,
}

/// See [`Entry::Indicators`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicators {
    /// How many prefixes.
    pub prefixes: u64,
    /// The hash of the file, so that a copy can be shown to be it.
    pub file: Hash,
    /// When it is removed.
    pub until: Timestamp,
}

/// See [`Entry::Closed`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// For how long the posture had been normal.
    pub quiet_seconds: u64,
}

impl Entry {
    /// Whether nothing of the attack comes after it. Words of operators may: they learn more later.
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}
