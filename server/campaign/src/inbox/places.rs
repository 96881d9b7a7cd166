//! Where conversations, their texts and their places in the inbox are kept.

use crate::Away;
use crate::conversation::{Conversation, ConversationId, State};
use crate::kept;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{Expect, RecordId, RecordKey, RecordKind, Write};

/// What a place in the inbox says, so that a list can be filtered by it.
#[derive(Serialize, Deserialize)]
pub(super) struct InboxEntry {
    /// Who sees to it.
    pub(super) assignee: Option<MemberId>,
}

/// A text as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptText {
    pub(super) sealed: String,
}

/// Thirteen digits of milliseconds last until the year 2286.
const END_OF_TIME: u64 = 9_999_999_999_999;

pub(super) fn conversation_key(id: &ConversationId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Conversation, &id.to_string())
}

/// Where a text is; its record's id is also the place that it is sealed for.
pub(super) fn text_key(id: &ConversationId, number: u32) -> Result<RecordKey, Away> {
    kept::key(RecordKind::ConversationText, &format!("{}{number:010}", text_prefix(id)))
}

/// With what the ids of all texts of a conversation begin.
pub(super) fn text_prefix(id: &ConversationId) -> String {
    format!("{id}~")
}

pub(super) fn put_text(key: RecordKey, sealed: String, ends: Timestamp) -> Result<Write, Away> {
    kept::put(key, Expect::Absent, &KeptText { sealed }, Some(ends))
}

/// The writes that put a conversation in the place of what it was, in the inbox too.
pub(super) fn put_conversation(
    before: &Conversation,
    after: &Conversation,
    expect: Expect,
) -> Result<Vec<Write>, Away> {
    let ends = Some(after.ends());
    let (from, to) = (entry_key(before)?, entry_key(after)?);
    let entry = InboxEntry { assignee: after.assignee().cloned() };
    let mut writes = vec![kept::put(conversation_key(after.id())?, expect, after, ends)?];
    if from != to {
        writes.push(kept::delete(from));
    }
    writes.push(kept::put(to, Expect::Any, &entry, ends)?);
    Ok(writes)
}

/// A conversation's place in the inbox: by its state, and then the newest first.
pub(super) fn entry_key(conversation: &Conversation) -> Result<RecordKey, Away> {
    let at = conversation.written().last().map_or(0, |written| written.at.as_millis());
    let left = END_OF_TIME.saturating_sub(at);
    let id = format!("{}{left:013}.{}", entry_prefix(conversation.state()), conversation.id());
    kept::key(RecordKind::InboxEntry, &id)
}

/// With what the ids of all places of a state begin.
pub(super) const fn entry_prefix(state: State) -> &'static str {
    match state {
        State::Closed => "c.",
        State::Open => "o.",
    }
}

/// Whose place it is.
pub(super) fn conversation_of(entry: &RecordId) -> Option<ConversationId> {
    let id = entry.as_str().splitn(3, '.').nth(2)?;
    ConversationId::parse(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bulletin::BulletinId;
    use crate::conversation::About;
    use protocol::IdempotencyKey;
    use protocol::limits::MEMBER_ID_MAX_BYTES;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn conversation(member: &str, at: Timestamp) -> Conversation {
        let about = About::Bulletin(BulletinId::new(NOW, [7; 10]));
        let id = ConversationId::new(MemberId::parse(member).unwrap(), about);
        Conversation::begin(id).reply(IdempotencyKey::parse("k").unwrap(), at).unwrap()
    }

    #[test]
    fn the_longest_member_id_has_room_everywhere() {
        let longest = conversation(&"m".repeat(MEMBER_ID_MAX_BYTES), NOW);
        conversation_key(longest.id()).unwrap();
        text_key(longest.id(), u32::MAX).unwrap();
        let entry = entry_key(&longest).unwrap();
        assert_eq!(conversation_of(&entry.id), Some(longest.id().clone()));
    }

    #[test]
    fn the_newest_comes_first_and_a_dot_in_an_id_is_a_part_of_it() {
        let (old, new) =
            (conversation("m.1", NOW), conversation("z.2", Timestamp::from_millis(1_900_000_000_000)));
        assert!(entry_key(&new).unwrap() < entry_key(&old).unwrap());
        assert_eq!(conversation_of(&entry_key(&old).unwrap().id), Some(old.id().clone()));
    }
}
