//! What a member and the organisers write to each other, about one bulletin or in general: who wrote when, who sees to it,
//! and whether it is done. Nobody else reads it. The texts themselves are kept beside it, each sealed.

pub mod id;
pub mod words;

pub use id::{About, ConversationId, InvalidConversationId};
pub use words::{InvalidWords, Words};

use protocol::{IdempotencyKey, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

protocol::limits! {
    /// Most characters of what is written at once in a conversation; a longer text is refused with 400.
    pub const WORDS_MAX_CHARS: usize = 2_000 => unseen;
    /// Most conversations of one member that are open at once; a reply that would open one more is refused with 409 until
    /// organisers close one. A complaint may always be made.
    pub const CONVERSATIONS_OPEN_MAX: usize = 20 => counted;
    /// Most texts of one conversation that are kept; for one more the oldest goes.
    pub const CONVERSATION_TEXTS_MAX: usize = 100 => unseen;
    /// Most replies in a row that nobody answered, in one conversation; one more is refused with 409 until somebody
    /// answers it or closes it.
    pub const REPLIES_UNANSWERED_MAX: u32 = 20 => counted;
    /// How long what is written in a conversation is kept; a conversation goes with the last of it.
    pub const WORDS_KEPT_FOR: Duration = Duration::from_hours(24 * 180) => unseen;
    /// How soon the law wants a complaint to be acknowledged.
    pub const COMPLAINT_ACKNOWLEDGED_WITHIN: Duration = Duration::from_hours(24 * 30) => unseen;
}

/// Whether organisers have something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is done, until the member writes again.
    Closed,
    /// They have.
    #[default]
    Open,
}

/// Who wrote something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The member whose conversation it is: a reply.
    Member,
    /// An organiser: an answer.
    Organiser(MemberId),
}

/// That something was written; its text is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// 1, 2, 3… in the order in which it was taken.
    pub number: u32,
    /// The writer's own id of it: the same again is the same text.
    pub key: IdempotencyKey,
    /// Who wrote it.
    pub by: Writer,
    /// When. Not before what was written before.
    pub at: Timestamp,
}

/// What is to become of a conversation, besides what is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handling {
    /// An organiser sees to it; nobody, if none is named.
    Assign(Option<MemberId>),
    /// It is done, or not.
    Set(State),
}

/// Why something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The id belongs to another text.
    #[error("this id belongs to another text")]
    KeyReused,
    /// It is a complaint that nobody has answered.
    #[error("a complaint is answered before it is closed")]
    ComplaintUnanswered,
    /// [`CONVERSATIONS_OPEN_MAX`] are.
    #[error("{CONVERSATIONS_OPEN_MAX} conversations are open")]
    TooManyOpen,
    /// [`REPLIES_UNANSWERED_MAX`] are.
    #[error("{REPLIES_UNANSWERED_MAX} replies wait for an answer")]
    TooManyUnanswered,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    id: ConversationId,
    state: State,
    assignee: Option<MemberId>,
    /// How often it was changed, writing included, so that nobody closes what they have not read.
    revision: u64,
    /// Replies in a row.
    unanswered: u32,
    written: Vec<Written>,
}

impl Conversation {
    /// One in which nothing is written yet.
    pub const fn begin(id: ConversationId) -> Self {
        let state = State::Closed;
        Self { id, state, assignee: None, revision: 0, unanswered: 0, written: Vec::new() }
    }

    /// The member writes: it is open, whatever it was.
    pub fn reply(mut self, key: IdempotencyKey, now: Timestamp) -> Result<Self, Refused> {
        if self.unanswered >= REPLIES_UNANSWERED_MAX {
            return Err(Refused::TooManyUnanswered);
        }
        self.unanswered = self.unanswered.saturating_add(1);
        self.state = State::Open;
        Ok(self.with(key, Writer::Member, now))
    }

    /// An organiser writes. Whether it is done is another question.
    #[must_use]
    pub fn answer(mut self, by: MemberId, key: IdempotencyKey, now: Timestamp) -> Self {
        self.unanswered = 0;
        self.with(key, Writer::Organiser(by), now)
    }

    fn with(mut self, key: IdempotencyKey, by: Writer, now: Timestamp) -> Self {
        let (number, at) = match self.written.last() {
            Some(last) => (last.number.saturating_add(1), last.at.max(now)),
            None => (1, now),
        };
        if self.written.len() >= CONVERSATION_TEXTS_MAX {
            self.written.remove(0);
        }
        self.written.push(Written { number, key, by, at });
        self.revised()
    }

    /// What becomes of it; nothing, if it is so already.
    pub fn handled(mut self, handling: &Handling) -> Result<Option<Self>, Refused> {
        match handling {
            Handling::Set(State::Closed) if self.acknowledge_by().is_some() => {
                return Err(Refused::ComplaintUnanswered);
            }
            Handling::Assign(to) if self.assignee != *to => self.assignee.clone_from(to),
            Handling::Set(state) if self.state != *state => {
                self.state = *state;
                if *state == State::Closed {
                    self.unanswered = 0;
                }
            }
            Handling::Assign(_) | Handling::Set(_) => return Ok(None),
        }
        Ok(Some(self.revised()))
    }

    const fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }

    /// Without what was written so long ago that it is kept no more.
    #[must_use]
    pub fn as_of(mut self, now: Timestamp) -> Self {
        self.written.retain(|written| written.ends() > now);
        self
    }

    /// Which it is.
    pub const fn id(&self) -> &ConversationId {
        &self.id
    }

    /// Whether organisers have something to do.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Which organiser sees to it, if one does.
    pub const fn assignee(&self) -> Option<&MemberId> {
        self.assignee.as_ref()
    }

    /// How often it was changed.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// How many replies wait for an answer.
    pub const fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// Until when an organiser has to answer: for a complaint, as long as nobody has answered what came first since the
    /// last answer.
    pub fn acknowledge_by(&self) -> Option<Timestamp> {
        if !self.id.is_complaint() {
            return None;
        }
        let of_member = |written: &&Written| written.by == Writer::Member;
        let first = self.written.iter().rev().take_while(of_member).last()?;
        Some(first.at.after(COMPLAINT_ACKNOWLEDGED_WITHIN))
    }

    /// What is written and kept, the oldest first.
    pub fn written(&self) -> &[Written] {
        &self.written
    }

    /// What somebody wrote under this id, if they did.
    pub fn written_as(&self, key: &IdempotencyKey, by: &Writer) -> Option<&Written> {
        self.written.iter().find(|written| written.key == *key && written.by == *by)
    }

    /// When it goes.
    pub fn ends(&self) -> Timestamp {
        self.written.last().map_or_else(Timestamp::default, Written::ends)
    }
}

impl Written {
    /// When its text goes.
    pub fn ends(&self) -> Timestamp {
        self.at.after(WORDS_KEPT_FOR)
    }
}

#[cfg(test)]
mod tests;
