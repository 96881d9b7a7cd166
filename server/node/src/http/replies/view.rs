//! Conversations as they are shown: to their members without who answered, to organisers with it.

use crate::http::openapi::words::{
    BulletinIdText, ConversationIdText, ConversationKindWord, ConversationStateWord, CursorText,
    MemberIdText, Milliseconds, TextIdText,
};
use campaign::bulletin::BulletinId;
use campaign::conversation::{Conversation, ConversationId, State, Writer};
use campaign::inbox::{Kind, Opened, Text};
use protocol::{IdempotencyKey, MemberId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Who wrote a text, as everybody may know it.
#[derive(Serialize, ToSchema)]
#[schema(as = TextSide)]
#[serde(rename_all = "lowercase")]
enum Side {
    Member,
    Organiser,
}

impl Side {
    const fn of(writer: &Writer) -> Self {
        match writer {
            Writer::Member => Self::Member,
            Writer::Organiser(_) => Self::Organiser,
        }
    }
}

/// A text, as the member of its conversation sees it. Who of the organisers wrote it is theirs.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnText)]
struct OwnText {
    from: Side,
    text: String,
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    /// The id that its writer gave it, if that is who looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = TextIdText, required = false)]
    id: Option<IdempotencyKey>,
}

/// A conversation, as its member sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnConversation)]
pub(crate) struct OwnView {
    #[schema(value_type = ConversationIdText)]
    id: ConversationId,
    #[schema(value_type = ConversationKindWord)]
    about: Kind,
    #[schema(value_type = Option<BulletinIdText>)]
    bulletin: Option<BulletinId>,
    #[schema(value_type = ConversationStateWord)]
    state: State,
    /// Until when organisers acknowledge a complaint, as long as they have not answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    acknowledge_by_ms: Option<Timestamp>,
    /// How many texts there are.
    count: usize,
    texts: Vec<OwnText>,
}

/// A page of conversations of one member.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnConversationList)]
pub(crate) struct OwnList {
    pub(crate) conversations: Vec<OwnView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CursorText, required = false)]
    pub(crate) next: Option<String>,
}

/// A text, as organisers see it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationText)]
struct InboxText {
    from: Side,
    /// Which organiser, if one wrote it.
    #[schema(value_type = Option<MemberIdText>)]
    by: Option<MemberId>,
    text: String,
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    #[schema(value_type = TextIdText)]
    id: IdempotencyKey,
}

/// A conversation, as organisers see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(crate) struct InboxView {
    #[schema(value_type = ConversationIdText)]
    id: ConversationId,
    #[schema(value_type = MemberIdText)]
    member: MemberId,
    /// What its member wants to be called; for admins, who may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    name: Option<String>,
    #[schema(value_type = ConversationKindWord)]
    about: Kind,
    #[schema(value_type = Option<BulletinIdText>)]
    bulletin: Option<BulletinId>,
    #[schema(value_type = ConversationStateWord)]
    state: State,
    /// Until when a complaint has to be acknowledged, as long as no organiser has answered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    acknowledge_by_ms: Option<Timestamp>,
    #[schema(value_type = Option<MemberIdText>)]
    assignee: Option<MemberId>,
    /// Replies that wait for an answer.
    unanswered: u32,
    revision: u64,
    count: usize,
    texts: Vec<InboxText>,
}

/// A page of conversations.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationList)]
pub(crate) struct InboxList {
    pub(crate) conversations: Vec<InboxView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CursorText, required = false)]
    pub(crate) next: Option<String>,
}

impl OwnView {
    pub(crate) fn of(Opened { conversation, texts }: Opened) -> Self {
        let text = |Text { written, words }: Text| OwnText {
            from: Side::of(&written.by),
            text: words,
            at_ms: written.at,
            id: (written.by == Writer::Member).then_some(written.key),
        };
        let id = conversation.id();
        Self {
            id: id.clone(),
            about: Kind::of(id),
            bulletin: id.bulletin().cloned(),
            state: conversation.state(),
            acknowledge_by_ms: conversation.acknowledge_by(),
            count: conversation.written().len(),
            texts: texts.into_iter().map(text).collect(),
        }
    }
}

impl InboxView {
    pub(crate) fn of(Opened { conversation, texts }: Opened, name: Option<String>) -> Self {
        let text = |Text { written, words }: Text| InboxText {
            from: Side::of(&written.by),
            by: by(&written.by),
            text: words,
            at_ms: written.at,
            id: written.key,
        };
        let texts = texts.into_iter().map(text).collect();
        Self { texts, ..Self::without_texts(&conversation, name) }
    }

    /// What is said of a conversation that was changed.
    pub(crate) fn without_texts(conversation: &Conversation, name: Option<String>) -> Self {
        let id = conversation.id();
        Self {
            id: id.clone(),
            member: id.member().clone(),
            name,
            about: Kind::of(id),
            bulletin: id.bulletin().cloned(),
            state: conversation.state(),
            acknowledge_by_ms: conversation.acknowledge_by(),
            assignee: conversation.assignee().cloned(),
            unanswered: conversation.unanswered(),
            revision: conversation.revision(),
            count: conversation.written().len(),
            texts: Vec::new(),
        }
    }
}

fn by(writer: &Writer) -> Option<MemberId> {
    match writer {
        Writer::Member => None,
        Writer::Organiser(member) => Some(member.clone()),
    }
}
