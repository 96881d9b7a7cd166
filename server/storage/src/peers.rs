//! What the nodes of a deployment ask each other. A question goes to every other node that listens at that moment;
//! the asker gathers answers until all have come or its patience is over.
//!
//! Things to note:
//! * **It is a question with a deadline, not a message.** Nothing is stored or tried again. A node that is slow, dead
//!   or just starting costs the asker its patience and its answer is missing, which [`Gathered::is_complete`] says.
//!   What must not be missed belongs into [`History`](crate::History) or [`Records`](crate::Records).
//! * Nodes that ask nothing pay nothing.
//! * Questions and answers are bytes whose meaning the nodes agree on. A node that does not understand a question
//!   drops it, which is no answer.

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use std::{fmt, time::Duration};
use tokio::sync::mpsc;

protocol::limits! {
    /// Largest question; a larger one is refused to its asker, and nobody hears it.
    pub const QUESTION_MAX_BYTES: usize = 4 * 1024 => unseen;
    /// Largest answer; a larger one is refused to the node that gives it, and its asker hears nothing.
    pub const ANSWER_MAX_BYTES: usize = 64 * 1024 => unseen;
    /// Most bytes of all answers to one question (the last may go beyond); at the bound its asker waits no longer and has what came before.
    pub const ANSWERS_MAX_BYTES: usize = 1024 * 1024 => unseen;
    /// Most questions that wait for a node to take them; more are dropped, and their askers miss its answer.
    pub const QUESTIONS_WAITING_MAX: usize = 256 => unseen;
    /// Most questions of one node that wait for answers; more are refused to their askers.
    pub const ASKS_IN_FLIGHT_MAX: usize = 64 => unseen;
}

/// The other nodes on the same store.
#[async_trait]
pub trait Peers: Send + Sync + fmt::Debug {
    /// Asks every other node, and answers as soon as all have, at the latest after `patience`. Who is not answered in
    /// time still has what came. Dropping it ends the wait, not the question.
    async fn ask(&self, question: Bytes, patience: Duration) -> Result<Gathered, AskError>;

    /// What others ask this node. Taken once; a second call answers nothing.
    fn questions(&self) -> Option<Questions>;
}

/// What came of a question.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Gathered {
    /// At most one of each node, in no order.
    pub answers: Vec<Bytes>,
    /// How many other nodes the question reached.
    pub expected: usize,
}

impl Gathered {
    /// Whether every node that was asked has answered.
    pub const fn is_complete(&self) -> bool {
        self.answers.len() == self.expected
    }
}

/// Answers may speak of people: debug output has only how many there are.
impl fmt::Debug for Gathered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered")
            .field("answers", &self.answers.len())
            .field("expected", &self.expected)
            .finish()
    }
}

/// Why nobody was asked, or nobody knows who was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// [`ASKS_IN_FLIGHT_MAX`] questions wait already; ask again when one is through.
    #[error("too many questions wait for answers")]
    Busy,
    /// More than [`QUESTION_MAX_BYTES`]: it never will be asked.
    #[error("the question is larger than {QUESTION_MAX_BYTES} bytes")]
    TooLarge,
    /// The way to the other nodes is lost; this node knows of itself alone.
    #[error("the other nodes cannot be reached now")]
    Unavailable,
}

/// The answer is larger than [`ANSWER_MAX_BYTES`] and was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer is larger than {ANSWER_MAX_BYTES} bytes")]
pub struct AnswerTooLarge;

/// A question of another node. Dropping it is no answer.
pub struct Question {
    content: Bytes,
    reply: Box<dyn FnOnce(Bytes) + Send>,
}

impl Question {
    /// A question, and the way back, which must not wait. The answer may come to nothing on it.
    pub fn new(content: Bytes, reply: impl FnOnce(Bytes) + Send + 'static) -> Self {
        Self { content, reply: Box::new(reply) }
    }

    /// What is asked.
    pub const fn content(&self) -> &Bytes {
        &self.content
    }

    /// Gives the answer. Nobody says whether the asker still waited for it.
    pub fn answer(self, answer: Bytes) -> Result<(), AnswerTooLarge> {
        if answer.len() > ANSWER_MAX_BYTES {
            return Err(AnswerTooLarge);
        }
        (self.reply)(answer);
        Ok(())
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}

/// The reading end of what others ask.
#[derive(Debug)]
pub struct Questions(mpsc::Receiver<Question>);

/// The writing end; never waits for the reader.
#[derive(Debug, Clone)]
pub struct QuestionSender(mpsc::Sender<Question>);

/// The two ends of a queue of questions.
pub fn questions() -> (QuestionSender, Questions) {
    let (sender, receiver) = mpsc::channel(QUESTIONS_WAITING_MAX);
    (QuestionSender(sender), Questions(receiver))
}

impl QuestionSender {
    /// Offers a question; says whether there was room for it.
    #[must_use]
    pub fn offer(&self, question: Question) -> bool {
        self.0.try_send(question).is_ok()
    }
}

impl Questions {
    /// The next question; nothing when the store is gone.
    pub async fn next(&mut self) -> Option<Question> {
        self.0.recv().await
    }
}

/// The peers of a store that serves one node alone: there are none.
#[derive(Debug)]
pub struct Alone {
    /// Nothing is ever asked; dropped when the store is closed, so that whoever listens hears the end.
    open: Mutex<Option<QuestionSender>>,
    questions: Mutex<Option<Questions>>,
}

impl Default for Alone {
    fn default() -> Self {
        let (sender, questions) = questions();
        Self { open: Mutex::new(Some(sender)), questions: Mutex::new(Some(questions)) }
    }
}

impl Alone {
    /// Ends [`Alone::questions`]; who asks later finds nobody to be reached.
    pub fn close(&self) {
        self.open.lock().take();
    }

    /// As [`Peers::ask`]; nobody is there, so it does not wait.
    pub fn ask(&self, question: &Bytes) -> Result<Gathered, AskError> {
        if question.len() > QUESTION_MAX_BYTES {
            return Err(AskError::TooLarge);
        }
        if self.open.lock().is_some() { Ok(Gathered::default()) } else { Err(AskError::Unavailable) }
    }

    /// As [`Peers::questions`]: none ever comes.
    pub fn questions(&self) -> Option<Questions> {
        self.questions.lock().take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_without_room_is_dropped_and_the_others_stay() {
        let (sender, mut questions) = questions();
        let question = || Question::new(Bytes::from_static(b"q"), drop);
        for _ in 0..QUESTIONS_WAITING_MAX {
            assert!(sender.offer(question()));
        }
        assert!(!sender.offer(question()));
        assert_eq!(questions.next().await.unwrap().content(), "q");
        assert!(sender.offer(question()));
    }

    #[test]
    fn an_answer_that_is_too_large_is_not_given() {
        let (given, answers) = std::sync::mpsc::channel();
        let question = || {
            let given = given.clone();
            Question::new(Bytes::new(), move |answer| given.send(answer.len()).unwrap())
        };
        assert_eq!(question().answer(Bytes::from(vec![0; ANSWER_MAX_BYTES + 1])), Err(AnswerTooLarge));
        assert_eq!(question().answer(Bytes::from(vec![0; ANSWER_MAX_BYTES])), Ok(()));
        drop(given);
        assert_eq!(answers.iter().collect::<Vec<_>>(), [ANSWER_MAX_BYTES]);
    }

    #[test]
    fn debug_output_shows_neither_questions_nor_answers() {
        let question = Question::new(Bytes::from_static(b"secret"), drop);
        let gathered = Gathered { answers: vec![Bytes::from_static(b"secret")], expected: 1 };
        assert!(!format!("{question:?} {gathered:?}").contains("secret"));
    }
}
