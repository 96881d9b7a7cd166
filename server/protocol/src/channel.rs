//! Channel names and what kind of channel a name stands for.

use crate::ids::MemberId;
use crate::limits::CHANNEL_NAME_MAX_BYTES;
use arcstr::ArcStr;
use std::fmt;

const BULLETINS_ALL: &str = "bulletins:all";
const SERVICE_ORGANISERS: &str = "service:organisers";
const SERVICE_STATUS: &str = "service:status";

/// Names that every connection holds: one text for all of them, and none counts who has it.
const SHARED: [ArcStr; 3] =
    [arcstr::literal!(BULLETINS_ALL), arcstr::literal!(SERVICE_ORGANISERS), arcstr::literal!(SERVICE_STATUS)];

/// The name of a channel: 1 to 255 bytes of `A–Z a–z 0–9 . _ : # @ -`.
///
/// The alphabet leaves out everything that means something to a store, a log or a shell
/// (braces, blanks, control characters, globs), so a name can be part of a key as it is.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelName(ArcStr);

/// Why a text is no channel name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChannel {
    /// No text at all; the protocol treats this as a bad request (close 3501).
    #[error("a channel name is empty")]
    Empty,
    /// More than [`CHANNEL_NAME_MAX_BYTES`].
    #[error("a channel name is longer than {CHANNEL_NAME_MAX_BYTES} bytes")]
    TooLong,
    /// A character outside the alphabet.
    #[error("a channel name has a character other than A-Z a-z 0-9 . _ : # @ -")]
    Character,
}

/// What a channel is for; decides who may read and post, and how long it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelKind {
    /// `bulletins:all`: every member reads, senders post.
    BulletinsAll,
    /// `bulletins:region.NAME`: members of the region read, senders post.
    BulletinsRegion(String),
    /// `inbox#MEMBER`: one member reads, organisers post.
    Inbox(MemberId),
    /// `service:organisers`: organisers read, only the server posts.
    ServiceOrganisers,
    /// `service:status`: everyone reads, only the server posts.
    ServiceStatus,
    /// `teams:NAME`: its members read and post.
    Team(String),
}

impl ChannelName {
    /// Reads a name, or says why it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidChannel> {
        if text.is_empty() {
            return Err(InvalidChannel::Empty);
        }
        if text.len() > CHANNEL_NAME_MAX_BYTES {
            return Err(InvalidChannel::TooLong);
        }
        let allowed =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'#' | b'@' | b'-');
        if text.bytes().all(allowed) { Ok(Self::of(text)) } else { Err(InvalidChannel::Character) }
    }

    fn of(text: &str) -> Self {
        Self(SHARED.into_iter().find(|shared| shared == text).unwrap_or_else(|| text.into()))
    }

    /// `bulletins:all`.
    pub fn bulletins_all() -> Self {
        Self::of(BULLETINS_ALL)
    }

    /// `service:organisers`.
    pub fn service_organisers() -> Self {
        Self::of(SERVICE_ORGANISERS)
    }

    /// `service:status`.
    pub fn service_status() -> Self {
        Self::of(SERVICE_STATUS)
    }

    /// The private channel of one member.
    pub fn inbox(member: &MemberId) -> Self {
        Self(format!("inbox#{member}").into())
    }

    /// The bulletins of one region, if its name fits a channel name.
    pub fn region(name: &str) -> Result<Self, InvalidChannel> {
        Self::parse(&format!("bulletins:region.{name}"))
    }

    /// The channel of one team, if its name fits a channel name.
    pub fn team(name: &str) -> Result<Self, InvalidChannel> {
        Self::parse(&format!("teams:{name}"))
    }

    /// The name as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the channel is for, or nothing if the campaign has no such channel (error 102).
    pub fn kind(&self) -> Option<ChannelKind> {
        let label = |text: &str| {
            let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
            (!text.is_empty() && text.bytes().all(fits)).then(|| text.to_owned())
        };
        match &*self.0 {
            BULLETINS_ALL => Some(ChannelKind::BulletinsAll),
            SERVICE_ORGANISERS => Some(ChannelKind::ServiceOrganisers),
            SERVICE_STATUS => Some(ChannelKind::ServiceStatus),
            name => {
                if let Some(region) = name.strip_prefix("bulletins:region.") {
                    label(region).map(ChannelKind::BulletinsRegion)
                } else if let Some(team) = name.strip_prefix("teams:") {
                    label(team).map(ChannelKind::Team)
                } else {
                    let member = name.strip_prefix("inbox#")?;
                    MemberId::parse(member).ok().map(ChannelKind::Inbox)
                }
            }
        }
    }
}

impl ChannelKind {
    /// Whether a token may open such a channel to somebody who could not read it by what they are.
    pub const fn opens_to_tokens(&self) -> bool {
        match self {
            Self::BulletinsAll
            | Self::BulletinsRegion(_)
            | Self::Inbox(_)
            | Self::ServiceStatus
            | Self::Team(_) => true,
            Self::ServiceOrganisers => false,
        }
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Inboxes carry a member's id: debug output shows their kind only.
impl fmt::Debug for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with("inbox#") { f.write_str("inbox#…") } else { f.write_str(&self.0) }
    }
}

impl serde::Serialize for ChannelName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for ChannelName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_campaign_channel_has_a_kind() {
        let kind = |text: &str| ChannelName::parse(text).unwrap().kind();
        assert_eq!(kind("bulletins:all"), Some(ChannelKind::BulletinsAll));
        assert_eq!(
            kind("bulletins:region.north-wales"),
            Some(ChannelKind::BulletinsRegion("north-wales".into()))
        );
        assert_eq!(kind("teams:leaflets"), Some(ChannelKind::Team("leaflets".into())));
        assert_eq!(kind("inbox#m_1"), Some(ChannelKind::Inbox(MemberId::parse("m_1").unwrap())));
        assert_eq!(kind("service:organisers"), Some(ChannelKind::ServiceOrganisers));
        assert_eq!(kind("service:status"), Some(ChannelKind::ServiceStatus));
    }

    #[test]
    fn other_names_are_names_without_a_kind() {
        for text in [
            "bulletins:",
            "bulletins:region.",
            "teams:",
            "teams:a:b",
            "inbox#",
            "inbox#a#b",
            "service:all",
            "else",
            "$x",
        ] {
            if let Ok(name) = ChannelName::parse(text) {
                assert_eq!(name.kind(), None, "{text}");
            }
        }
    }

    #[test]
    fn characters_that_mean_something_to_a_store_or_a_log_are_refused() {
        for text in ["a{b}", "a b", "a*", "a\n", "a\r\nSET x", "a\0", "é", "a/b", "a\"b", "\u{1b}[31m"] {
            assert_eq!(ChannelName::parse(text), Err(InvalidChannel::Character), "{text:?}");
        }
        assert_eq!(ChannelName::parse(""), Err(InvalidChannel::Empty));
        assert_eq!(ChannelName::parse(&"a".repeat(256)), Err(InvalidChannel::TooLong));
        assert!(ChannelName::parse(&"a".repeat(255)).is_ok());
    }

    #[test]
    fn names_that_every_connection_holds_are_one_text() {
        for name in
            [ChannelName::bulletins_all(), ChannelName::service_status(), ChannelName::service_organisers()]
        {
            let parsed = ChannelName::parse(name.as_str()).unwrap();
            assert_eq!(parsed.as_str().as_ptr(), name.as_str().as_ptr());
        }
    }

    #[test]
    fn debug_output_hides_whose_inbox_it_is() {
        let inbox = ChannelName::inbox(&MemberId::parse("m_secret").unwrap());
        assert!(!format!("{inbox:?}").contains("secret"));
    }
}
