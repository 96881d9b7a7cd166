//! What members write to the organisers, and what becomes of it: one conversation for each member and bulletin, in an inbox
//! that all organisers share.
//!
//! Texts are sealed under the key of the member whose conversation it is, answers too, and the member's record is written
//! anew with each of them: so nobody writes into the inbox of somebody who is being erased, and of who is erased nothing
//! can be read.

mod forgetting;
mod places;
pub mod reading;

pub use reading::{Assigned, Filter, Kind, Opened, Text};

use crate::Away;
use crate::bulletin::{AnyBulletin, BulletinId};
use crate::bulletins;
use crate::conversation::{
    About, CONVERSATIONS_OPEN_MAX, Conversation, ConversationId, Handling, Refused, State, Words, Writer,
    Written,
};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, put_member};
use places::{put_conversation, put_text, text_key};
use protocol::{IdempotencyKey, MemberId, Role, Timestamp};
use storage::records::member::{Member, Standing};
use storage::{CommitError, Expect, Write};

/// Why nothing was written or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InboxError {
    /// The store did not answer; the same may be asked again.
    #[error(transparent)]
    Away(#[from] Away),
    /// There is no such bulletin, or it has not been sent.
    #[error("there is no such bulletin")]
    BulletinUnknown,
    /// Who is to see to it cannot.
    #[error("only an organiser sees to a conversation")]
    NoOrganiser,
    /// It is not taken.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It was changed since.
    #[error("the conversation was changed meanwhile")]
    Stale,
    /// There is none, or its member is gone.
    #[error("there is no such conversation")]
    Unknown,
}

/// A text to be written.
#[derive(Debug, Clone, Copy)]
struct Writing<'a> {
    id: &'a ConversationId,
    by: &'a Writer,
    key: &'a IdempotencyKey,
    words: &'a Words,
    /// What its writer saw, if that is to count.
    revision: Option<u64>,
}

impl People {
    /// A member writes to the organisers. The key is the caller's: the same again writes nothing, and answers the first.
    pub async fn reply(
        &self,
        member: &MemberId,
        about: About,
        key: &IdempotencyKey,
        words: &Words,
        now: Timestamp,
    ) -> Result<(Conversation, Written), InboxError> {
        let id = ConversationId::new(member.clone(), about);
        self.write(Writing { id: &id, by: &Writer::Member, key, words, revision: None }, now).await
    }

    /// An organiser answers, if nobody changed the conversation since `revision`. The same key again is the same answer.
    pub async fn answer(
        &self,
        id: &ConversationId,
        by: &MemberId,
        revision: Option<u64>,
        key: &IdempotencyKey,
        words: &Words,
        now: Timestamp,
    ) -> Result<(Conversation, Written), InboxError> {
        let by = Writer::Organiser(by.clone());
        self.write(Writing { id, by: &by, key, words, revision }, now).await
    }

    async fn write(
        &self,
        writing: Writing<'_>,
        now: Timestamp,
    ) -> Result<(Conversation, Written), InboxError> {
        for _ in 0..CONFLICTS_MAX {
            if let Some(done) = self.try_write(&writing, now).await? {
                return Ok(done);
            }
        }
        Err(Away.into())
    }

    /// One try; nothing if the records changed meanwhile.
    async fn try_write(
        &self,
        writing: &Writing<'_>,
        now: Timestamp,
    ) -> Result<Option<(Conversation, Written)>, InboxError> {
        let owner = self.member(writing.id.member(), now).await?.ok_or(InboxError::Unknown)?;
        let kept = self.conversation(writing.id, now).await?;
        if let Some(Kept { value, .. }) = &kept
            && let Some(written) = value.written_as(writing.key, writing.by)
        {
            self.is_the_same(writing, written, now).await?;
            return Ok(Some((value.clone(), written.clone())));
        }
        let (before, expect) = match kept {
            Some(Kept { value, version }) => (value, Expect::Version(version)),
            None => (self.begun(writing, now).await?, Expect::Absent),
        };
        if writing.revision.is_some_and(|revision| revision != before.revision()) {
            return Err(InboxError::Stale);
        }
        let after = match writing.by {
            Writer::Member => {
                self.may_open(&before, now).await?;
                before.clone().reply(writing.key.clone(), now)?
            }
            Writer::Organiser(by) => before.clone().answer(by.clone(), writing.key.clone(), now),
        };
        let Some(written) = after.written().last().cloned() else {
            return Err(Away.into());
        };
        let mut writes = put_conversation(&before, &after, expect)?;
        writes.extend(self.text(writing, &before, &after, &written, now).await?);
        writes.push(put_member(&owner.value, Expect::Version(owner.version))?);
        Ok(self.done(writes, now).await?.then_some((after, written)))
    }

    /// The writes that keep a text, and take away the one that it takes the place of.
    async fn text(
        &self,
        writing: &Writing<'_>,
        before: &Conversation,
        after: &Conversation,
        written: &Written,
        now: Timestamp,
    ) -> Result<Vec<Write>, Away> {
        let (key, fresh) = self.key_or_fresh(writing.id.member(), now).await?;
        let place = text_key(writing.id, written.number)?;
        let sealed = self.seal_text(&key, place.id.as_str(), writing.words.as_str())?;
        let mut writes = vec![put_text(place, sealed, written.ends())?];
        let (first, oldest) = (before.written().first(), after.written().first());
        if let Some(gone) = first.filter(|first| oldest.is_some_and(|oldest| oldest.number > first.number)) {
            writes.push(kept::delete(text_key(writing.id, gone.number)?));
        }
        writes.extend(fresh);
        Ok(writes)
    }

    /// Whether what is written again is what was written.
    async fn is_the_same(
        &self,
        writing: &Writing<'_>,
        written: &Written,
        now: Timestamp,
    ) -> Result<(), InboxError> {
        let text = self.text_of(writing.id, written.number, now).await?;
        if text.is_some_and(|text| text != writing.words.as_str()) {
            return Err(Refused::KeyReused.into());
        }
        Ok(())
    }

    /// A conversation that there was not; only its member begins it, and only about what was sent.
    async fn begun(&self, writing: &Writing<'_>, now: Timestamp) -> Result<Conversation, InboxError> {
        if *writing.by != Writer::Member {
            return Err(InboxError::Unknown);
        }
        if let Some(bulletin) = writing.id.bulletin() {
            self.is_sent(bulletin, now).await?;
        }
        Ok(Conversation::begin(writing.id.clone()))
    }

    async fn is_sent(&self, bulletin: &BulletinId, now: Timestamp) -> Result<(), InboxError> {
        let kept = kept::get::<AnyBulletin>(&*self.records, &bulletins::key_of(bulletin)?, now).await?;
        if kept.is_some_and(|kept| kept.value.has_gone()) { Ok(()) } else { Err(InboxError::BulletinUnknown) }
    }

    /// Whether one more may be open. Replies of one member go one after the other, so it is exact.
    async fn may_open(&self, conversation: &Conversation, now: Timestamp) -> Result<(), InboxError> {
        // There is one complaint of each member, and a right to it.
        if conversation.state() == State::Open || conversation.id().is_complaint() {
            return Ok(());
        }
        let open = self.open_conversations(conversation.id().member(), now).await?;
        if open >= CONVERSATIONS_OPEN_MAX { Err(Refused::TooManyOpen.into()) } else { Ok(()) }
    }

    /// Says who sees to a conversation or whether it is done, if nobody changed it since `revision`. What is so already is
    /// no change, whatever was seen.
    pub async fn handle(
        &self,
        id: &ConversationId,
        revision: Option<u64>,
        handling: &Handling,
        now: Timestamp,
    ) -> Result<Conversation, InboxError> {
        if let Handling::Assign(Some(to)) = handling {
            let member = self.member(to, now).await?;
            if !member.is_some_and(|member| is_organiser(&member.value)) {
                return Err(InboxError::NoOrganiser);
            }
        }
        for _ in 0..CONFLICTS_MAX {
            let Kept { value, version } = self.conversation(id, now).await?.ok_or(InboxError::Unknown)?;
            let Some(after) = value.clone().handled(handling)? else {
                return Ok(value);
            };
            if revision.is_some_and(|revision| revision != value.revision()) {
                return Err(InboxError::Stale);
            }
            if self.done(put_conversation(&value, &after, Expect::Version(version))?, now).await? {
                return Ok(after);
            }
        }
        Err(Away.into())
    }

    /// Commits; says no if something changed meanwhile.
    async fn done(&self, writes: Vec<Write>, now: Timestamp) -> Result<bool, Away> {
        match self.records.commit(writes, now).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                Err(error.into())
            }
        }
    }
}

fn is_organiser(member: &Member) -> bool {
    let speaks = |role: &Role| matches!(role, Role::Sender | Role::Approver | Role::Admin);
    member.standing == Standing::Active && member.roles.iter().any(speaks)
}
