//! Reading conversations: the inbox, one's own, and what is written in one.

use super::places::{
    InboxEntry, KeptText, conversation_key, conversation_of, entry_prefix, text_key, text_prefix,
};
use crate::conversation::{Conversation, ConversationId, State, Written};
use crate::kept::{self, Kept};
use crate::members::FILTER_LOOKS_MAX;
use crate::page::PAGE_MAX;
use crate::people::People;
use crate::{Away, Cursor, Page};
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use storage::{RecordId, RecordKind};

/// Which conversations of the inbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those in this state.
    pub state: State,
    /// Those to which these see.
    pub assigned: Assigned,
    /// Those of this kind; any, if none is named.
    pub about: Option<Kind>,
}

/// What kind of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It has to be answered.
    Complaint,
    /// Anything else.
    #[default]
    Reply,
}

impl Kind {
    /// The kind of a conversation.
    pub const fn of(id: &ConversationId) -> Self {
        if id.is_complaint() { Self::Complaint } else { Self::Reply }
    }
}

/// Who sees to a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Assigned {
    /// Anybody or nobody.
    #[default]
    Any,
    /// Nobody yet.
    Nobody,
    /// This organiser.
    To(MemberId),
}

/// A conversation with what is written in it, or some of that.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The conversation.
    pub conversation: Conversation,
    /// Texts, the oldest first.
    pub texts: Vec<Text>,
}

/// What somebody wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// Who, and when.
    pub written: Written,
    /// What.
    pub words: String,
}

impl Assigned {
    fn takes(&self, assignee: Option<&MemberId>) -> bool {
        match self {
            Self::Any => true,
            Self::Nobody => assignee.is_none(),
            Self::To(member) => assignee == Some(member),
        }
    }
}

/// What people write to each other is nobody else's.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} texts)", self.texts.len())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl People {
    /// A page of the inbox, the latest written first, each with the last text of it. A page may be short although there are
    /// more: where it goes on says so. What is written in meanwhile comes to the front, and may be on two pages or none.
    pub async fn inbox(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        size: usize,
        now: Timestamp,
    ) -> Result<Page<Opened>, Away> {
        let prefix = entry_prefix(filter.state);
        let mut after = after.map(|cursor| cursor.id().clone());
        let (mut items, mut looks) = (Vec::new(), 0);
        loop {
            let limit = size.saturating_sub(items.len()).max(1);
            let kind = RecordKind::InboxEntry;
            let (found, next) =
                kept::beginning_with(&*self.records, kind, prefix, after.as_ref(), limit, now).await?;
            looks += limit;
            for (id, record) in found {
                let entry: InboxEntry = kept::read(&record.data)?;
                if filter.assigned.takes(entry.assignee.as_ref())
                    && let Some(id) = conversation_of(&id)
                    && filter.about.is_none_or(|kind| kind == Kind::of(&id))
                    // Whatever became of it since.
                    && let Some(kept) = self.conversation(&id, now).await?
                {
                    items.push(self.with_last(kept.value, now).await?);
                }
            }
            let is_done = next.is_none() || items.len() >= size || looks >= FILTER_LOOKS_MAX;
            after = next;
            if is_done {
                return Ok(Page { items, next: after.map(Cursor::after) });
            }
        }
    }

    /// One conversation with all that is kept of it.
    pub async fn opened_conversation(
        &self,
        id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<Opened>, Away> {
        match self.conversation(id, now).await? {
            Some(kept) => Ok(Some(self.with_all(kept.value, now).await?)),
            None => Ok(None),
        }
    }

    /// A page of the conversations of one member, each with the last text of it.
    pub async fn conversations_of(
        &self,
        member: &MemberId,
        after: Option<&Cursor>,
        size: usize,
        now: Timestamp,
    ) -> Result<Page<Opened>, Away> {
        let (found, next) = self.kept_conversations(member, after.map(Cursor::id), size, now).await?;
        let mut items = Vec::with_capacity(found.len());
        for kept in found {
            items.push(self.with_last(kept.value, now).await?);
        }
        Ok(Page { items, next: next.map(Cursor::after) })
    }

    /// Some conversations of one member as they are kept, and where to go on.
    pub(super) async fn kept_conversations(
        &self,
        member: &MemberId,
        after: Option<&RecordId>,
        size: usize,
        now: Timestamp,
    ) -> Result<(Vec<Kept<Conversation>>, Option<RecordId>), Away> {
        let (kind, prefix) = (RecordKind::Conversation, ConversationId::prefix(member));
        let (found, next) = kept::beginning_with(&*self.records, kind, &prefix, after, size, now).await?;
        let read = |data: &[u8]| kept::read::<Conversation>(data).map(|value| value.as_of(now));
        let found = found
            .iter()
            .map(|(_, record)| Ok(Kept { value: read(&record.data)?, version: record.version }))
            .collect::<Result<_, Away>>()?;
        Ok((found, next))
    }

    /// How many conversations of a member are open.
    pub(super) async fn open_conversations(&self, member: &MemberId, now: Timestamp) -> Result<usize, Away> {
        let (mut open, mut after) = (0, None);
        loop {
            let (found, next) = self.kept_conversations(member, after.as_ref(), PAGE_MAX, now).await?;
            open += found.iter().filter(|kept| kept.value.state() == State::Open).count();
            after = next;
            if after.is_none() {
                return Ok(open);
            }
        }
    }

    /// A conversation as it is kept.
    pub(super) async fn conversation(
        &self,
        id: &ConversationId,
        now: Timestamp,
    ) -> Result<Option<Kept<Conversation>>, Away> {
        let kept = kept::get::<Conversation>(&*self.records, &conversation_key(id)?, now).await?;
        Ok(kept.map(|Kept { value, version }| Kept { value: value.as_of(now), version }))
    }

    /// One text, if it is kept and its member's key is.
    pub(super) async fn text_of(
        &self,
        id: &ConversationId,
        number: u32,
        now: Timestamp,
    ) -> Result<Option<String>, Away> {
        let key = text_key(id, number)?;
        let kept = kept::get::<KeptText>(&*self.records, &key, now).await?;
        let (Some(kept), Some(secret)) = (kept, self.key(id.member(), now).await?) else {
            return Ok(None);
        };
        self.open_text(&secret, key.id.as_str(), &kept.value.sealed).map(Some)
    }

    async fn with_last(&self, conversation: Conversation, now: Timestamp) -> Result<Opened, Away> {
        let mut texts = Vec::new();
        if let Some(written) = conversation.written().last()
            && let Some(words) = self.text_of(conversation.id(), written.number, now).await?
        {
            texts.push(Text { written: written.clone(), words });
        }
        Ok(Opened { conversation, texts })
    }

    async fn with_all(&self, conversation: Conversation, now: Timestamp) -> Result<Opened, Away> {
        let (id, written) = (conversation.id(), conversation.written());
        let (Some(first), Some(secret)) = (written.first(), self.key(id.member(), now).await?) else {
            return Ok(Opened { conversation, texts: Vec::new() });
        };
        let (kind, prefix) = (RecordKind::ConversationText, text_prefix(id));
        let before = text_key(id, first.number.saturating_sub(1))?.id;
        let (found, _) =
            kept::beginning_with(&*self.records, kind, &prefix, Some(&before), written.len(), now).await?;
        let mut sealed = BTreeMap::new();
        for (place, record) in found {
            sealed.insert(place, kept::read::<KeptText>(&record.data)?.sealed);
        }
        let mut texts = Vec::with_capacity(written.len());
        for written in written {
            let place = text_key(id, written.number)?.id;
            if let Some(sealed) = sealed.get(&place) {
                let words = self.open_text(&secret, place.as_str(), sealed)?;
                texts.push(Text { written: written.clone(), words });
            }
        }
        Ok(Opened { conversation, texts })
    }
}
