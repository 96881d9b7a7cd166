//! What the nodes of a deployment ask each other: JSON with one name, so that nodes of two versions understand what
//! they both know. What a node does not understand it does not answer.

use bytes::Bytes;
use protocol::ChannelName;
use serde::{Deserialize, Serialize};
use storage::{Question, Questions};

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
}

impl Asked {
    pub(crate) fn to_bytes(&self) -> Bytes {
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

/// Answers the other nodes until the store is closed.
pub(crate) async fn answer(mut questions: Questions, respond: impl Fn(Asked) -> Vec<u8>) {
    while let Some(question) = questions.next().await {
        answer_one(question, &respond);
    }
}

fn answer_one(question: Question, respond: impl Fn(Asked) -> Vec<u8>) {
    let Ok(asked) = serde_json::from_slice(question.content()) else {
        tracing::debug!("another node asks what this one does not understand; it gets no answer");
        return;
    };
    if let Err(error) = question.answer(respond(asked).into()) {
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
        let newer = br#"{"readers":{"channel":"teams:red","deadline":3}}"#;
        assert!(serde_json::from_slice::<Asked>(newer).is_ok());
    }

    #[test]
    fn the_longest_channel_name_fits_into_a_question() {
        let channel = ChannelName::parse(&"a".repeat(255)).unwrap();
        assert!(Asked::Readers { channel }.to_bytes().len() < QUESTION_MAX_BYTES);
    }
}
