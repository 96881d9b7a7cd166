//! What the committer is asked, and how each kind of question is answered.

use crate::trim::{Removed, Step};
use protocol::Timestamp;
use storage::{Change, CommitError, Draft, PublishError, Published, Unavailable, Write};
use tokio::sync::oneshot;

/// Where an answer goes.
pub(crate) type Answer<T> = oneshot::Sender<T>;

/// One thing to do in a transaction.
pub(crate) enum Job {
    Commit { writes: Vec<Write>, now: Timestamp, answer: Answer<Result<(), CommitError>> },
    Publish { draft: Draft, answer: Answer<Result<Published, PublishError>> },
    Trim { step: Step, now: Timestamp, answer: Answer<Result<Removed, Unavailable>> },
}

/// What is known of a transaction that did not come to a good end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was stored.
    Nothing,
    /// All of it may be stored, or nothing.
    Unknown,
}

impl Job {
    /// The time that it carries.
    pub(crate) const fn at(&self) -> Timestamp {
        match self {
            Self::Commit { now, .. } | Self::Trim { now, .. } => *now,
            Self::Publish { draft, .. } => draft.at,
        }
    }

    /// About how much it adds to a transaction.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Commit { writes, .. } => writes
                .iter()
                .map(|write| match &write.change {
                    Change::Delete => 0,
                    Change::Put { data, .. } => data.len(),
                })
                .sum(),
            Self::Publish { draft, .. } => draft.data.as_str().len(),
            Self::Trim { .. } => 0,
        }
    }

    /// Answers that it was not done.
    pub(crate) fn refuse(self) {
        match self {
            Self::Commit { answer, .. } => give(answer, Err(CommitError::Unavailable)),
            Self::Publish { answer, .. } => give(answer, Err(PublishError::Unavailable)),
            Self::Trim { answer, .. } => give(answer, Err(Unavailable)),
        }
    }
}

/// A job whose outcome is decided and waits for the disk.
pub(crate) enum Staged {
    Commit(Answer<Result<(), CommitError>>, Result<(), CommitError>),
    Publish(Answer<Result<Published, PublishError>>, Result<Published, PublishError>),
    Trim(Answer<Result<Removed, Unavailable>>, Result<Removed, Unavailable>),
}

impl Staged {
    /// Whether the disk has anything to do for it.
    pub(crate) const fn changes_something(&self) -> bool {
        match self {
            Self::Commit(_, outcome) => outcome.is_ok(),
            Self::Publish(_, outcome) => matches!(outcome, Ok(Published::Stored(_))),
            Self::Trim(_, removed) => matches!(removed, Ok(Removed { things: 1.., .. })),
        }
    }

    /// Answers what was decided.
    pub(crate) fn confirm(self) {
        match self {
            Self::Commit(answer, outcome) => give(answer, outcome),
            Self::Publish(answer, outcome) => give(answer, outcome),
            Self::Trim(answer, removed) => give(answer, removed),
        }
    }

    /// Answers that the disk failed.
    pub(crate) fn fail(self, failure: Failure) {
        match self {
            Self::Commit(answer, _) => give(
                answer,
                Err(match failure {
                    Failure::Nothing => CommitError::Unavailable,
                    Failure::Unknown => CommitError::Unknown,
                }),
            ),
            Self::Publish(answer, _) => give(
                answer,
                Err(match failure {
                    Failure::Nothing => PublishError::Unavailable,
                    Failure::Unknown => PublishError::Unknown,
                }),
            ),
            Self::Trim(answer, _) => give(answer, Err(Unavailable)),
        }
    }
}

/// Who asked may have gone; what was decided stays.
fn give<T>(answer: Answer<T>, outcome: T) {
    drop(answer.send(outcome));
}
