//! How long channels keep what was said: by age, never by count, so that a flood of accepted messages cannot push
//! out what an absent member has not read.

use protocol::{ChannelKind, ChannelName};
use std::time::Duration;

/// Ages by kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Bulletins, teams and inboxes.
    pub messages: Duration,
    /// `service:status`.
    pub service: Duration,
}

impl Retention {
    /// How long this channel keeps a publication.
    pub fn of(&self, channel: &ChannelName) -> Duration {
        match channel.kind() {
            Some(ChannelKind::ServiceStatus) => self.service,
            Some(
                ChannelKind::BulletinsAll
                | ChannelKind::BulletinsRegion(_)
                | ChannelKind::Inbox(_)
                | ChannelKind::Team(_),
            )
            | None => self.messages,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { messages: Duration::from_hours(90 * 24), service: Duration::from_hours(24) }
    }
}
