//! Taking a member's conversations out of the records, and out of the inbox, and them out of those to which they saw.

use super::places::{
    InboxEntry, conversation_key, conversation_of, entry_key, entry_prefix, put_conversation, text_key,
};
use crate::Away;
use crate::conversation::{Conversation, ConversationId, Handling, State};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::People;
use protocol::{MemberId, Timestamp};
use storage::{Expect, RecordKind, Write};

/// Conversations that are read at once.
const CONVERSATIONS_READ: usize = 16;
/// Places of the inbox that are read at once.
const ENTRIES_READ: usize = 256;
/// Texts that one commit takes away: fewer than it may, for there is more to it.
const TEXTS_PER_COMMIT: usize = 50;

impl People {
    /// Takes all conversations of a member away. While they write there are more: whoever erases them looks again.
    pub(crate) async fn forget_conversations(&self, member: &MemberId, now: Timestamp) -> Result<(), Away> {
        let (mut conflicts, mut after) = (0, None);
        loop {
            let found = self.kept_conversations(member, after.as_ref(), CONVERSATIONS_READ, now).await?;
            let (conversations, next) = found;
            let mut is_clear = true;
            for Kept { value, version } in conversations {
                is_clear &= self.forget(&value, version, now).await?;
            }
            if is_clear {
                after = next;
                if after.is_none() {
                    return Ok(());
                }
            } else {
                // Somebody changed one; the same again, from where this began.
                conflicts += 1;
                if conflicts >= CONFLICTS_MAX {
                    return Err(Away);
                }
            }
        }
    }

    /// Nobody sees any more to what this organiser saw to.
    pub(crate) async fn unassign_all_of(&self, organiser: &MemberId, now: Timestamp) -> Result<(), Away> {
        for state in [State::Open, State::Closed] {
            let (kind, prefix, mut after) = (RecordKind::InboxEntry, entry_prefix(state), None);
            loop {
                let (found, next) =
                    kept::beginning_with(&*self.records, kind, prefix, after.as_ref(), ENTRIES_READ, now)
                        .await?;
                for (id, record) in found {
                    let entry: InboxEntry = kept::read(&record.data)?;
                    if entry.assignee.as_ref() == Some(organiser)
                        && let Some(id) = conversation_of(&id)
                    {
                        self.unassign(&id, organiser, now).await?;
                    }
                }
                match next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(())
    }

    async fn unassign(&self, id: &ConversationId, organiser: &MemberId, now: Timestamp) -> Result<(), Away> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { value, version }) = self.conversation(id, now).await? else { return Ok(()) };
            if value.assignee() != Some(organiser) {
                // Somebody else sees to it by now.
                return Ok(());
            }
            // Nobody is refused to be nobody's.
            let Ok(Some(after)) = value.clone().handled(&Handling::Assign(None)) else { return Ok(()) };
            if self.done(put_conversation(&value, &after, Expect::Version(version))?, now).await? {
                return Ok(());
            }
        }
        Err(Away)
    }

    /// Takes one away; says no if it was changed meanwhile.
    async fn forget(&self, conversation: &Conversation, version: u64, now: Timestamp) -> Result<bool, Away> {
        let id = conversation.id();
        for some in conversation.written().chunks(TEXTS_PER_COMMIT) {
            let texts = some.iter().map(|written| Ok(kept::delete(text_key(id, written.number)?)));
            self.records.commit(texts.collect::<Result<_, Away>>()?, now).await?;
        }
        let gone = Write { expect: Expect::Version(version), ..kept::delete(conversation_key(id)?) };
        self.done(vec![gone, kept::delete(entry_key(conversation)?)], now).await
    }
}
