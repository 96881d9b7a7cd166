//! What the nodes of a deployment ask each other: JSON with one name, so that nodes of two versions understand what
//! they both know. What a node does not understand it does not answer.

use crate::http::incidents::files::File;
use bytes::Bytes;
use evidence::incident::{IncidentId, Name};
use protocol::{ChannelName, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use storage::{Question, Questions};
use tokio::sync::Semaphore;

/// A question of one node to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asked {
    /// Who reads a channel there? The answer is a [`Sample`](crate::presence::Sample).
    Readers {
        /// Which channel.
        channel: ChannelName,
    },
    /// Who waits there? The answer is what the node [tells](admission::WaitingRoom::tell).
    Room,
    /// How does that node fare? The answer is for [`lookout`](crate::lookout) to read.
    Watch,
    /// Which incidents does it have records of? The answer is a list of [rows](crate::incident::Row).
    Incidents,
    /// What does a record of it say? The answer is a page of JSON, or null.
    Incident {
        /// Which.
        id: IncidentId,
        /// Whose, if it is said.
        of: Option<Name>,
        /// Lines after this one.
        after: u64,
        /// At most so many.
        size: usize,
    },
    /// What is made of it for others? The answer is a part of a file, or null.
    IncidentFile {
        /// Which.
        id: IncidentId,
        /// Whose, if it is said.
        of: Option<Name>,
        /// What.
        file: File,
        /// When somebody asked for it; the same for all its parts.
        made_at: Timestamp,
        /// From which byte on.
        from: usize,
    },
}

impl Asked {
    pub(crate) fn to_bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

protocol::limits! {
    /// Questions of other nodes for which files are read at once; who asks a further one gets no answer.
    const PEERS_READS_MAX: usize = 2 => unseen;
}

/// How a question is answered.
pub(crate) enum Answering {
    /// Here and now.
    Now(Vec<u8>),
    /// On a thread that may wait for files.
    Reading(Box<dyn FnOnce() -> Vec<u8> + Send>),
}

impl From<Vec<u8>> for Answering {
    fn from(answer: Vec<u8>) -> Self {
        Self::Now(answer)
    }
}

/// Answers the other nodes until the store is closed.
pub(crate) async fn answer<A: Into<Answering>>(mut questions: Questions, respond: impl Fn(Asked) -> A) {
    let places = Arc::new(Semaphore::new(PEERS_READS_MAX));
    while let Some(question) = questions.next().await {
        let Ok(asked) = serde_json::from_slice(question.content()) else {
            tracing::debug!("another node asks what this one does not understand; it gets no answer");
            continue;
        };
        match respond(asked).into() {
            Answering::Now(answer) => give(question, answer),
            Answering::Reading(read) => {
                if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                    // Nobody waits for it: its asker has a patience of its own.
                    drop(tokio::task::spawn_blocking(move || {
                        give(question, read());
                        drop(place);
                    }));
                }
            }
        }
    }
}

fn give(question: Question, answer: Vec<u8>) {
    if let Err(error) = question.answer(answer.into()) {
        tracing::warn!(%error, "another node gets no answer");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::peers::QUESTION_MAX_BYTES;

    #[test]
    fn a_question_has_a_form_that_stays() {
        let channel = ChannelName::team("red").unwrap();
        let bytes = Asked::Readers { channel: channel.clone() }.to_bytes();
        assert_eq!(bytes, r#"{"readers":{"channel":"teams:red"}}"#);
        assert_eq!(serde_json::from_slice::<Asked>(&bytes).unwrap(), Asked::Readers { channel });
        assert_eq!(Asked::Room.to_bytes(), r#""room""#);
        assert_eq!(Asked::Watch.to_bytes(), r#""watch""#);
        assert_eq!(Asked::Incidents.to_bytes(), r#""incidents""#);
        let newer = br#"{"readers":{"channel":"teams:red","deadline":3}}"#;
        assert!(serde_json::from_slice::<Asked>(newer).is_ok());
    }

    #[test]
    fn the_longest_channel_name_fits_into_a_question() {
        let channel = ChannelName::parse(&"a".repeat(255)).unwrap();
        assert!(Asked::Readers { channel }.to_bytes().len() < QUESTION_MAX_BYTES);
    }
}
