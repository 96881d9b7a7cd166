//! What a member may do, as it stands in tokens, records and answers.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One of a member's roles; a member may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads, acknowledges, answers; posts in own teams.
    Activist,
    /// Runs the platform: members, invites.
    Admin,
    /// Gives the second yes.
    Approver,
    /// Reads only.
    Observer,
    /// Posts bulletins.
    Sender,
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of activist, observer, sender, approver, admin")]
pub struct UnknownRole;

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [Self::Activist, Self::Admin, Self::Approver, Self::Observer, Self::Sender];

    /// The role's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activist => "activist",
            Self::Admin => "admin",
            Self::Approver => "approver",
            Self::Observer => "observer",
            Self::Sender => "sender",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
