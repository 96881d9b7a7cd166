//! An invitation: capped and expiring. Its id is the hash of the secret in the link.

use protocol::{MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};

/// What an invitation gives, to how many, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Roles of whoever joins.
    pub roles: Vec<Role>,
    /// Regions of whoever joins.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Teams of whoever joins.
    #[serde(default)]
    pub teams: Vec<String>,
    /// How many may join.
    pub max_uses: u32,
    /// How many have.
    pub uses: u32,
    /// Until when, exclusive.
    pub expires_at: Timestamp,
    /// Whether an admin took it back.
    #[serde(default)]
    pub revoked: bool,
    /// Whether it makes the first admin; only one such invite ever works.
    #[serde(default)]
    pub first_admin: bool,
    /// Whether whoever comes in by it waits until an admin agrees.
    #[serde(default)]
    pub needs_approval: bool,
    /// Who comes in by it, if it is for one person alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// Which admin made it, if one did and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<MemberId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Why an invitation lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteRefusal {
    /// Its time is over.
    #[error("this invite has expired")]
    Expired,
    /// An admin took it back.
    #[error("this invite was withdrawn")]
    Revoked,
    /// As many as may have joined.
    #[error("this invite has been used as often as it may be")]
    UsedUp,
}

impl Invite {
    /// The invitation after one more use, or why there is none.
    pub fn used(mut self, now: Timestamp) -> Result<Self, InviteRefusal> {
        if self.revoked {
            return Err(InviteRefusal::Revoked);
        }
        if now >= self.expires_at {
            return Err(InviteRefusal::Expired);
        }
        if self.uses >= self.max_uses {
            return Err(InviteRefusal::UsedUp);
        }
        self.uses = self.uses.saturating_add(1);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite() -> Invite {
        Invite {
            roles: vec![Role::Activist],
            regions: vec![],
            teams: vec![],
            max_uses: 2,
            uses: 0,
            expires_at: Timestamp::from_millis(100),
            revoked: false,
            first_admin: false,
            needs_approval: false,
            member: None,
            made_by: None,
            created_at: Timestamp::default(),
        }
    }

    #[test]
    fn an_invite_lets_in_as_many_as_it_says() {
        let now = Timestamp::from_millis(99);
        let twice = invite().used(now).and_then(|invite| invite.used(now)).unwrap();
        assert_eq!(twice.used(now), Err(InviteRefusal::UsedUp));
    }

    #[test]
    fn an_expired_or_withdrawn_invite_lets_nobody_in() {
        assert_eq!(invite().used(Timestamp::from_millis(100)), Err(InviteRefusal::Expired));
        let withdrawn = Invite { revoked: true, ..invite() };
        assert_eq!(withdrawn.used(Timestamp::default()), Err(InviteRefusal::Revoked));
    }
}
