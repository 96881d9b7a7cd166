//! Taking a member's conversations out of the records, and out of the inbox.

use super::places::{conversation_key, entry_key, text_key};
use crate::Away;
use crate::conversation::Conversation;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::People;
use protocol::{MemberId, Timestamp};
use storage::{Expect, Write};

/// Conversations that are read at once.
const CONVERSATIONS_READ: usize = 16;
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
