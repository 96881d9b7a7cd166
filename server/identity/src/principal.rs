//! Who a connection or a request speaks for.

use protocol::{ChannelName, DeviceId, MemberId, Role, Timestamp};
use std::fmt;

/// A member as a token describes them.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub member: MemberId,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whose bulletins they read.
    pub regions: Vec<String>,
    /// Where they read and post.
    pub teams: Vec<String>,
    /// Server-side subscriptions that the token asks for; a right to read them, too.
    pub channels: Vec<ChannelName>,
    /// The device that the token was made for, if it was made for one.
    pub device: Option<DeviceId>,
    /// Whether a passkey or a key of that device guards what they may: the device is looked up whenever they come back.
    pub is_guarded: bool,
    /// Until when they may do what takes a passkey that was shown a moment ago, if they may.
    pub stepped_up_until: Option<Timestamp>,
    /// How often what they may do had been changed when the token was made: of an older one, it says too much.
    pub generation: u64,
    /// Until when they may post: shortly after that it was last asked who they are.
    pub posts_until: Timestamp,
    /// When the token ends; until then they may read.
    pub expires_at: Timestamp,
}

impl Principal {
    /// Whether the member has this role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The same, with no more rights than an activist's: of organisers' roles none is left.
    #[must_use]
    pub fn without_organising(mut self) -> Self {
        self.roles = without_organising(&self.roles);
        self.stepped_up_until = None;
        self
    }

    /// Gives back memory that is kept for more: what a token says is held as long as a connection.
    pub fn shrink_to_fit(&mut self) {
        self.roles.shrink_to_fit();
        self.regions.shrink_to_fit();
        self.teams.shrink_to_fit();
        self.channels.shrink_to_fit();
    }

    /// Whether the member runs or speaks for the campaign.
    pub fn is_organiser(&self) -> bool {
        self.has(Role::Sender) || self.has(Role::Approver) || self.has(Role::Admin)
    }
}

/// Roles without those of organisers. An observer reads and posts nowhere, and stays one; who would be nothing is an
/// activist.
pub fn without_organising(roles: &[Role]) -> Vec<Role> {
    let rest: Vec<Role> =
        roles.iter().copied().filter(|role| matches!(role, Role::Activist | Role::Observer)).collect();
    if rest.is_empty() { vec![Role::Activist] } else { rest }
}

/// Whether one of these roles is an organiser's.
pub fn has_organising(roles: &[Role]) -> bool {
    roles.iter().any(|role| matches!(role, Role::Sender | Role::Approver | Role::Admin))
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("roles", &self.roles).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_roles_only_what_an_activist_or_observer_has_is_left() {
        use Role::{Activist, Admin, Approver, Observer, Sender};
        for (roles, left) in [
            (vec![Admin, Approver, Sender], vec![Activist]),
            (vec![Activist, Admin], vec![Activist]),
            (vec![Observer, Sender], vec![Observer]),
            (vec![Observer], vec![Observer]),
        ] {
            assert_eq!(without_organising(&roles), left, "{roles:?}");
            assert!(!has_organising(&without_organising(&roles)));
        }
    }
}
