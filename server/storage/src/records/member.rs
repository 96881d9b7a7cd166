//! A member: as little as possible. No phone number, no e-mail. What is personal is sealed under a key that is a record
//! of its own, so that erasing the key erases it wherever a copy of the record may be.

use protocol::{DeviceId, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};

protocol::limits! {
    /// Most devices on which a member is signed in; one more signs the oldest out.
    pub const MEMBER_DEVICES_MAX: usize = 16 => unseen;
}

/// How far somebody belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Has come in, and may what the roles say.
    #[default]
    Active,
    /// Is known to the campaign, and has not come in yet.
    Invited,
    /// Left by themselves: is sent nothing, counted nowhere and signed in nowhere, until their record goes.
    Left,
    /// Has come, and may nothing until an admin agrees.
    Waiting,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Invited, Self::Left, Self::Waiting];
}

/// Who someone is to the campaign.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Random; says nothing.
    pub id: MemberId,
    /// How far they belong.
    #[serde(default)]
    pub standing: Standing,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whose bulletins they read.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Where they read and post.
    #[serde(default)]
    pub teams: Vec<String>,
    /// When they joined, or were invited by name.
    pub joined_at: Timestamp,
    /// When they left, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at: Option<Timestamp>,
    /// How often this was edited, so that nobody undoes an edit that they have not seen.
    #[serde(default)]
    pub revision: u64,
    /// How often what they may do was changed: tokens of an older generation say too much.
    #[serde(default)]
    pub generation: u64,
    /// Where they are signed in, the oldest first.
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    /// A small number of their own for sets of members, never given again; nothing, as long as they are not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// What is personal, sealed; nothing, if nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<String>,
}

/// The key under which a member's personal data is sealed; useless without the deployment's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberKey {
    /// A secret's text.
    pub key: String,
}

impl Member {
    /// Adds a device; answers the one that has to go for it, if there are too many.
    pub fn signed_in(&mut self, device: DeviceId) -> Option<DeviceId> {
        let oldest = (self.devices.len() >= MEMBER_DEVICES_MAX).then(|| self.devices.remove(0));
        self.devices.push(device);
        oldest
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Member(…)")
    }
}

impl std::fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemberKey(…)")
    }
}
