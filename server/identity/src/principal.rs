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

    /// Whether the member runs or speaks for the campaign.
    pub fn is_organiser(&self) -> bool {
        self.has(Role::Sender) || self.has(Role::Approver) || self.has(Role::Admin)
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("roles", &self.roles).finish_non_exhaustive()
    }
}
