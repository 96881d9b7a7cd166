//! Which conversation: whose, and about what. There is one of each, so that whoever writes at once at two nodes writes in
//! the same one.

use crate::bulletin::BulletinId;
use protocol::MemberId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a conversation is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum About {
    /// A bulletin.
    Bulletin(BulletinId),
    /// What a member finds wrong with how the campaign treats them or what it knows of them: it has to be answered.
    Complaint,
    /// Whatever.
    General,
}

/// The id of a conversation: its member and what it is about.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConversationId {
    member: MemberId,
    about: About,
}

/// A text that is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such conversation")]
pub struct InvalidConversationId;

/// In no id of a member or a bulletin, and as it is in an address.
const BETWEEN: char = '~';
const COMPLAINT: &str = "complaint";
const GENERAL: &str = "general";

impl ConversationId {
    /// The one of a member about something.
    pub const fn new(member: MemberId, about: About) -> Self {
        Self { member, about }
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, InvalidConversationId> {
        let (member, about) = text.split_once(BETWEEN).ok_or(InvalidConversationId)?;
        let about = match about {
            COMPLAINT => About::Complaint,
            GENERAL => About::General,
            bulletin => About::Bulletin(BulletinId::parse(bulletin).map_err(|_| InvalidConversationId)?),
        };
        Ok(Self { member: MemberId::parse(member).map_err(|_| InvalidConversationId)?, about })
    }

    /// With what the ids of all conversations of a member begin, and those of nobody else's.
    pub fn prefix(member: &MemberId) -> String {
        format!("{member}{BETWEEN}")
    }

    /// Whose it is.
    pub const fn member(&self) -> &MemberId {
        &self.member
    }

    /// What it is about.
    pub const fn about(&self) -> &About {
        &self.about
    }

    /// The bulletin that it is about, if it is about one.
    pub const fn bulletin(&self) -> Option<&BulletinId> {
        match &self.about {
            About::Bulletin(bulletin) => Some(bulletin),
            About::Complaint | About::General => None,
        }
    }

    /// Whether it is a complaint.
    pub const fn is_complaint(&self) -> bool {
        matches!(self.about, About::Complaint)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = match &self.about {
            About::Bulletin(bulletin) => bulletin.as_str(),
            About::Complaint => COMPLAINT,
            About::General => GENERAL,
        };
        write!(f, "{}{BETWEEN}{about}", self.member)
    }
}

/// Ids point at people.
impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConversationId(…)")
    }
}

impl TryFrom<String> for ConversationId {
    type Error = InvalidConversationId;

    fn try_from(text: String) -> Result<Self, InvalidConversationId> {
        Self::parse(&text)
    }
}

impl From<ConversationId> for String {
    fn from(id: ConversationId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::Timestamp;

    proptest! {
        #[test]
        fn whatever_is_read_as_an_id_is_that_id(text in "[m~.a-f0-9]{0,8}(~general|~complaint|~b[0-9a-f]{31}|.{0,9})") {
            if let Ok(id) = ConversationId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn an_id_is_read_as_it_was_written_and_anything_else_is_none() {
        let member = || MemberId::parse("m_1.a@b-c").unwrap();
        let bulletin = BulletinId::new(Timestamp::from_millis(7), [1; 10]);
        for about in [About::General, About::Complaint, About::Bulletin(bulletin)] {
            let id = ConversationId::new(member(), about);
            let text = id.to_string();
            assert_eq!(ConversationId::parse(&text), Ok(id));
            assert!(text.starts_with(&ConversationId::prefix(&member())));
        }
        for text in ["", "~", "m_1", "m_1~", "~general", "m_1~b", "m_1~general~", "m 1~general"] {
            assert_eq!(ConversationId::parse(text), Err(InvalidConversationId), "{text:?}");
        }
    }

    #[test]
    fn debug_output_does_not_say_whose_it_is() {
        let id = ConversationId::new(MemberId::parse("m_secret").unwrap(), About::General);
        assert!(!format!("{id:?}").contains("secret"));
    }
}
