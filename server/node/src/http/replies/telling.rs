//! Tells people in their own channels that something was written to them, without the words: those are sealed, and logs are
//! not. It is a hint: who misses it finds what was written where it is kept.
//!
//! An organiser to whom a conversation is assigned is told of a reply in words; that something changed, all organisers hear
//! in their channel ([`crate::notices`]).

use crate::assembly::Node;
use crate::clock;
use campaign::conversation::{Conversation, ConversationId, Written};
use protocol::{ChannelName, IdempotencyKey, Lane, MemberId, Payload};
use serde::Serialize;
use storage::Draft;

/// What a channel gets: a small bulletin, so that every screen can show it.
#[derive(Serialize)]
struct Hint<'a> {
    id: &'a str,
    kind: &'static str,
    conversation: &'a ConversationId,
    texts: Texts,
}

#[derive(Serialize, Clone, Copy)]
struct Texts {
    en: Text,
    cy: Text,
}

#[derive(Serialize, Clone, Copy)]
struct Text {
    title: &'static str,
    body: &'static str,
}

const ANSWERED: Texts = Texts {
    en: Text { title: "The organisers answered you", body: "Their answer is with your messages to them." },
    cy: Text { title: "Mae'r trefnwyr wedi eich ateb", body: "Mae eu hateb gyda'ch negeseuon atyn nhw." },
};

const REPLIED: Texts = Texts {
    en: Text {
        title: "A member wrote to you",
        body: "The reply is in the inbox, in a conversation of yours.",
    },
    cy: Text {
        title: "Mae aelod wedi ysgrifennu atoch",
        body: "Mae'r ateb yn y mewnflwch, mewn sgwrs sydd gennych chi.",
    },
};

/// Tells whoever sees to a conversation of a reply.
pub(super) async fn of_reply(node: &Node, conversation: &Conversation, written: &Written) {
    if let Some(assignee) = conversation.assignee() {
        tell(node, assignee, conversation.id(), written, REPLIED).await;
    }
}

/// Tells a member of an answer.
pub(super) async fn of_answer(node: &Node, conversation: &Conversation, written: &Written) {
    let id = conversation.id();
    tell(node, id.member(), id, written, ANSWERED).await;
}

async fn tell(node: &Node, to: &MemberId, conversation: &ConversationId, written: &Written, texts: Texts) {
    // The same for every try, so that a repeated request tells nobody twice.
    let id = format!("{conversation}~{}", written.number);
    let hint = Hint { id: &id, kind: "update", conversation, texts };
    let (Ok(data), Ok(key)) = (Payload::from_value(&hint), IdempotencyKey::parse(&id)) else {
        tracing::error!("a hint for an inbox could not be made");
        return;
    };
    let channel = ChannelName::inbox(to);
    let draft = Draft { channel, data, sender: None, key, at: clock::wall(), lane: Lane::Normal };
    if let Err(error) = node.store.history.publish(draft).await {
        tracing::warn!(%error, "nobody was told of something that was written to them");
    }
}
