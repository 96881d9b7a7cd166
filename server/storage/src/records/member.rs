//! A member: as little as possible. No phone number, no e-mail.

use protocol::{MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// Who someone is to the campaign.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Random; says nothing.
    pub id: MemberId,
    /// What they want to be called, if anything.
    #[serde(default)]
    pub name: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whose bulletins they read.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Where they read and post.
    #[serde(default)]
    pub teams: Vec<String>,
    /// When they joined.
    pub joined_at: Timestamp,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Member(…)")
    }
}
