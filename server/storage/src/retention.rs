//! How long channels keep what was said: by age, never by count, so that a flood of accepted messages cannot push
//! out what an absent member has not read.

use crate::records::RecordKind;
use protocol::{ChannelKind, ChannelName};
use std::collections::BTreeMap;
use std::time::Duration;

/// Ages by kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Bulletins, teams and inboxes.
    pub messages: Duration,
    /// `service:status` and `service:organisers`.
    pub service: Duration,
}

/// What one sweep removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trimmed {
    /// Publications of bulletins, teams and inboxes.
    pub messages: u64,
    /// Publications of the service's own channels.
    pub service: u64,
    /// Records whose time was over. Empty where the store forgets them by itself.
    pub records: BTreeMap<RecordKind, u64>,
}

/// Which of the ages a channel has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// [`Retention::messages`].
    Messages,
    /// [`Retention::service`].
    Service,
}

impl Trimmed {
    /// Adds publications of a channel of this age.
    pub const fn add(&mut self, age: Age, publications: u64) {
        let sum = match age {
            Age::Messages => &mut self.messages,
            Age::Service => &mut self.service,
        };
        *sum = sum.saturating_add(publications);
    }

    /// All publications.
    pub const fn publications(&self) -> u64 {
        self.messages.saturating_add(self.service)
    }
}

impl Age {
    /// That of a channel.
    pub fn of(channel: &ChannelName) -> Self {
        match channel.kind() {
            Some(ChannelKind::ServiceOrganisers | ChannelKind::ServiceStatus) => Self::Service,
            Some(
                ChannelKind::BulletinsAll
                | ChannelKind::BulletinsRegion(_)
                | ChannelKind::Inbox(_)
                | ChannelKind::Team(_),
            )
            | None => Self::Messages,
        }
    }
}

impl Retention {
    /// How long this channel keeps a publication.
    pub fn of(&self, channel: &ChannelName) -> Duration {
        match Age::of(channel) {
            Age::Messages => self.messages,
            Age::Service => self.service,
        }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { messages: Duration::from_hours(90 * 24), service: Duration::from_hours(24) }
    }
}
