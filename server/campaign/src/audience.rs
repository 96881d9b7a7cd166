//! Whom a bulletin is for, and how many that are.

pub mod index;
pub mod numbers;
pub mod roll;

pub use index::{Index, MemberNumber, Traits};
pub use roll::{Partial, Roll};

use crate::bulletin::BulletinId;
use crate::receipts::Stage;
use protocol::{ChannelName, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

protocol::limits! {
    /// Longest name of a region or a team; a longer text is none.
    pub const AUDIENCE_LABEL_MAX_BYTES: usize = 64 => unseen;
    /// Most regions and teams that one bulletin is for; one for more is refused, and "everybody" is shorter.
    pub const PLACES_MAX: usize = 64 => unseen;
}

/// The name of a region or a team: what fits the name of a channel.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

/// A text that is no such name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of a region or team is 1 to {AUDIENCE_LABEL_MAX_BYTES} of A-Z a-z 0-9 . _ -")]
pub struct InvalidLabel;

impl Label {
    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidLabel> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let is_one = !text.is_empty() && text.len() <= AUDIENCE_LABEL_MAX_BYTES && text.bytes().all(fits);
        if is_one { Ok(Self(text.to_owned())) } else { Err(InvalidLabel) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Label {
    type Error = InvalidLabel;

    fn try_from(text: String) -> Result<Self, InvalidLabel> {
        Self::parse(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom a bulletin is for: members of any of these regions and teams who have any of these roles. No place named means
/// every place, no role named means every role.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    /// Regions, any of them.
    #[serde(default)]
    pub regions: BTreeSet<Label>,
    /// Teams, any of them.
    #[serde(default)]
    pub teams: BTreeSet<Label>,
    /// Roles, any of them.
    #[serde(default)]
    pub roles: BTreeSet<Role>,
    /// Of those, only whom another bulletin did not reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_reached: Option<NotReached>,
}

/// Those of a bulletin's audience with whom it did not come so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotReached {
    /// The bulletin.
    pub bulletin: BulletinId,
    /// How far.
    pub stage: Stage,
}

/// How many a bulletin is for, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadCount {
    /// The audience.
    pub audience: u64,
    /// All members.
    pub members: u64,
}

/// By which way a bulletin gets to its audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routes {
    /// One publication a channel; who reads two of them gets it twice, and a screen shows it once.
    Channels(Vec<ChannelName>),
    /// One publication a member, because no channel has just them.
    Inboxes,
}

impl Audience {
    /// Every member.
    pub fn everybody() -> Self {
        Self::default()
    }

    /// Whether it names nothing that would leave anybody out.
    pub fn is_everybody(&self) -> bool {
        self.regions.is_empty()
            && self.teams.is_empty()
            && self.roles.is_empty()
            && self.not_reached.is_none()
    }

    /// Whether it names no more than a bulletin may.
    pub fn is_within_bounds(&self) -> bool {
        self.regions.len().saturating_add(self.teams.len()) <= PLACES_MAX
    }

    /// Whether it is as good as everybody: half of the members or more, however they are named. Where nobody has counted,
    /// whatever is more than one place is.
    pub fn is_all_hands(&self, count: Option<HeadCount>) -> bool {
        if self.is_everybody() {
            return true;
        }
        match count {
            Some(HeadCount { audience, members }) => audience.saturating_mul(2) >= members,
            None => self.regions.len().saturating_add(self.teams.len()) != 1,
        }
    }

    /// By which way it is reached.
    pub fn routes(&self) -> Routes {
        if !self.roles.is_empty() || self.not_reached.is_some() {
            return Routes::Inboxes;
        }
        if self.is_everybody() {
            return Routes::Channels(vec![ChannelName::bulletins_all()]);
        }
        let regions = self.regions.iter().filter_map(|label| ChannelName::region(label.as_str()).ok());
        let teams = self.teams.iter().filter_map(|label| ChannelName::team(label.as_str()).ok());
        Routes::Channels(regions.chain(teams).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> BTreeSet<Label> {
        names.iter().map(|name| Label::parse(name).unwrap()).collect()
    }

    #[test]
    fn half_of_the_members_are_all_hands_however_they_are_named() {
        let two = Audience { regions: labels(&["north", "south"]), ..Audience::default() };
        let count = |audience| Some(HeadCount { audience, members: 100 });
        assert!(two.is_all_hands(count(50)));
        assert!(!two.is_all_hands(count(49)));
        assert!(Audience::everybody().is_all_hands(count(0)));
    }

    #[test]
    fn where_nobody_has_counted_more_than_one_place_is_all_hands() {
        let one = Audience { regions: labels(&["north"]), ..Audience::default() };
        let two = Audience { teams: labels(&["press"]), ..one.clone() };
        let roles = Audience { roles: [Role::Activist].into(), ..Audience::default() };
        assert_eq!([&one, &two, &roles].map(|audience| audience.is_all_hands(None)), [false, true, true]);
    }

    #[test]
    fn an_audience_by_place_is_reached_by_channels_and_one_by_role_by_inboxes() {
        let places =
            Audience { regions: labels(&["north"]), teams: labels(&["press"]), ..Audience::default() };
        let names = ["bulletins:region.north", "teams:press"].map(|name| ChannelName::parse(name).unwrap());
        assert_eq!(places.routes(), Routes::Channels(names.to_vec()));
        assert_eq!(Audience::everybody().routes(), Routes::Channels(vec![ChannelName::bulletins_all()]));
        let senders = Audience { roles: [Role::Sender].into(), ..places };
        assert_eq!(senders.routes(), Routes::Inboxes);
    }
}
