//! What no longer counts of the tickets and tokens that are under way. Kept for as long as those may live, and known at
//! every node.

use super::{RecordId, RecordKind};
use protocol::{DeviceId, MemberId};
use serde::{Deserialize, Serialize};

/// Before a member's id; a device's id has no such character.
const MEMBER: &str = "member:";

/// Of whom something no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// Everything of a device.
    Device(DeviceId),
    /// What was made for a member before their present generation.
    Member(MemberId),
}

/// What is kept with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// The first generation of a member that counts.
    #[serde(default)]
    pub counts_from: u64,
}

impl Revoked {
    /// Where it is kept.
    pub const KIND: RecordKind = RecordKind::Revocation;

    /// The id under which it is kept.
    pub fn id(&self) -> String {
        match self {
            Self::Device(device) => device.as_str().to_owned(),
            Self::Member(member) => format!("{MEMBER}{}", member.as_str()),
        }
    }

    /// Reads such an id.
    pub fn parse(id: &RecordId) -> Option<Self> {
        match id.as_str().strip_prefix(MEMBER) {
            Some(member) => MemberId::parse(member).ok().map(Self::Member),
            None => DeviceId::parse(id.as_str()).ok().map(Self::Device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_and_a_device_of_the_same_name_are_told_apart() {
        let member = Revoked::Member(MemberId::parse("same").unwrap());
        let device = Revoked::Device(DeviceId::parse("same").unwrap());
        assert_ne!(member.id(), device.id());
        for revoked in [member, device] {
            assert_eq!(RecordId::parse(&revoked.id()).as_ref().and_then(Revoked::parse), Some(revoked));
        }
    }
}
