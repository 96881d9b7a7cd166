//! What a member wants their phone to show, and when: a choice of each device.

use super::quiet::Quiet;
use protocol::ChannelName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

protocol::limits! {
    /// Most channels that a device mutes; a choice with more is refused with 400.
    pub const MUTED_MAX: usize = 128 => unseen;
}

/// The languages that notifications speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// English.
    #[default]
    En,
    /// Welsh.
    Cy,
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Cy];

    /// Its tag (RFC 5646).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Cy => "cy",
        }
    }
}

/// How much a locked screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shows {
    /// That there is something: no sender, no region, no title.
    #[default]
    Nothing,
    /// The title of the bulletin, too.
    Title,
}

/// What a device is to be sent.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// In which language.
    pub language: Tongue,
    /// How much of it.
    #[serde(default)]
    pub shows: Shows,
    /// When nothing is shown; it is shown afterwards.
    #[serde(default)]
    pub quiet: Option<Quiet>,
    /// Whether what is urgent is shown then all the same.
    #[serde(default)]
    pub urgent_breaks_quiet: bool,
    /// Of which channels nothing is shown.
    #[serde(default)]
    pub muted: BTreeSet<ChannelName>,
}

impl Choice {
    /// Whether it names no more than it may.
    pub fn is_within_bounds(&self) -> bool {
        self.muted.len() <= MUTED_MAX
    }
}

/// When somebody sleeps is theirs.
impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice(…)")
    }
}
