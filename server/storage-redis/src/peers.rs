//! What nodes ask each other, over pub/sub on the feed's connection.
//!
//! Every node hears one name for questions and one of its own for answers. Redis says to how many it handed a
//! question, which is how many answers there can be: all who hear it except the asker. Whoever is frozen counts until
//! Redis drops its connection.
//!
//! A message is `NODE NUMBER`, a line break, and the content: whose message it is, and which question of the asker it
//! is or answers. Anything else on these names is passed over. After a loss both names are subscribed again with the
//! followed channels; what was asked meanwhile is not asked again.

use crate::feed::Line;
use crate::keys::Keys;
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use redis::{AsyncCommands, RedisResult};
use std::collections::{HashMap, HashSet};
use std::{sync::Arc, time::Duration};
use storage::peers::{
    ANSWER_MAX_BYTES, ANSWERS_MAX_BYTES, ASKS_IN_FLIGHT_MAX, AskError, Gathered, QUESTION_MAX_BYTES,
    QuestionSender,
};
use storage::{Peers, Question, Questions};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

protocol::limits! {
    /// Most answers of this node that wait for their turn on the connection; more are dropped, and their askers go without.
    const ANSWERS_WAITING_MAX: usize = 256 => unseen;
    /// Longest name of a node that is read; a message by a longer one is passed over.
    const NODE_NAME_MAX_BYTES: usize = 64 => unseen;
}

/// A node's side towards the others.
pub(crate) struct Switchboard {
    keys: Keys,
    me: Arc<str>,
    asks: Arc<Asks>,
    line: Line,
    questions: Mutex<Option<Questions>>,
    postman: JoinHandle<()>,
}

/// Where messages of other nodes are taken in. Questions end when all of these are gone.
#[derive(Clone)]
pub(crate) struct Ear {
    names: Arc<Names>,
    me: Arc<str>,
    asks: Arc<Asks>,
    questions: QuestionSender,
    outbox: mpsc::Sender<Letter>,
}

/// The two names that a node hears.
struct Names {
    questions: String,
    answers: String,
}

/// An answer on its way to its asker.
struct Letter {
    to: String,
    message: Vec<u8>,
}

/// What [`Ear::open`] makes besides the ear; [`Switchboard::start`] takes it.
pub(crate) struct Desk {
    keys: Keys,
    me: Arc<str>,
    asks: Arc<Asks>,
    questions: Questions,
    outgoing: mpsc::Receiver<Letter>,
}

/// The questions of this node that wait for answers.
#[derive(Default)]
struct Asks(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    newest: u64,
    asks: HashMap<u64, Ask>,
}

struct Ask {
    answered: HashSet<String>,
    answers: Vec<Bytes>,
    bytes: usize,
    /// Unknown until Redis has said it.
    expected: Option<usize>,
    settled: Arc<Notify>,
}

/// One question that waits, until this is dropped.
struct Asking {
    asks: Arc<Asks>,
    number: u64,
    settled: Arc<Notify>,
}

impl Ear {
    /// An ear for the node of this name, which nobody else may have.
    pub(crate) fn open(keys: &Keys, me: &str) -> (Self, Desk) {
        let (sender, questions) = storage::peers::questions();
        let (outbox, outgoing) = mpsc::channel(ANSWERS_WAITING_MAX);
        let names = Names { questions: keys.questions(), answers: keys.answers(me) };
        let ear =
            Self { names: Arc::new(names), me: me.into(), asks: Arc::default(), questions: sender, outbox };
        let (me, asks) = (Arc::clone(&ear.me), Arc::clone(&ear.asks));
        (ear, Desk { keys: keys.clone(), me, asks, questions, outgoing })
    }

    /// What a connection must subscribe to.
    pub(crate) fn names(&self) -> [&str; 2] {
        [&self.names.questions, &self.names.answers]
    }

    /// Whether a message of this name is for this ear.
    pub(crate) fn listens_to(&self, name: &[u8]) -> bool {
        name == self.names.questions.as_bytes() || name == self.names.answers.as_bytes()
    }

    /// Takes a message in. Never waits.
    pub(crate) fn hear(&self, name: &[u8], message: Vec<u8>) {
        let is_question = name == self.names.questions.as_bytes();
        let limit = if is_question { QUESTION_MAX_BYTES } else { ANSWER_MAX_BYTES };
        let Some(message) = Message::read(message).filter(|message| message.content.len() <= limit) else {
            tracing::debug!("something on the names of the nodes is no message of a node; it is passed over");
            return;
        };
        if !is_question {
            self.asks.answered(message);
        } else if message.node != *self.me {
            self.asked(message);
        }
    }

    fn asked(&self, message: Message) {
        let (me, outbox) = (Arc::clone(&self.me), self.outbox.clone());
        let Message { node: asker, number, content } = message;
        let question = Question::new(content, move |answer| {
            let letter = Letter { to: asker, message: written(&me, number, &answer) };
            if outbox.try_send(letter).is_err() {
                tracing::debug!("an answer to another node is dropped: too many wait to be sent");
            }
        });
        if !self.questions.offer(question) {
            tracing::debug!("a question of another node is dropped: too many wait to be answered");
        }
    }
}

impl Switchboard {
    /// Sends answers from the current runtime, over whatever connection the line has.
    pub(crate) fn start(desk: Desk, line: Line) -> Self {
        let Desk { keys, me, asks, questions, outgoing } = desk;
        let carrying = carry(outgoing, keys.clone(), line.clone());
        #[expect(
            clippy::disallowed_methods,
            reason = "ends with the store, in `close` or when it is dropped; nobody is owed an answer"
        )]
        let postman = tokio::spawn(carrying);
        Self { keys, me, asks, line, questions: Mutex::new(Some(questions)), postman }
    }

    pub(crate) fn close(&self) {
        self.postman.abort();
    }
}

impl Drop for Switchboard {
    fn drop(&mut self) {
        self.close();
    }
}

impl Switchboard {
    pub(crate) async fn ask(&self, question: &Bytes, patience: Duration) -> Result<Gathered, AskError> {
        if question.len() > QUESTION_MAX_BYTES {
            return Err(AskError::TooLarge);
        }
        let asking = self.asks.begin()?;
        let mut connection = self.line.connection().ok_or(AskError::Unavailable)?;
        let message = written(&self.me, asking.number, question);
        let gathering = async {
            let reached: usize = connection.publish(self.keys.questions(), message).await?;
            // The connection hears the questions too, or it could not hand this one out.
            asking.expect(reached.saturating_sub(1));
            asking.settled.notified().await;
            RedisResult::Ok(())
        };
        match timeout(patience, gathering).await {
            Ok(Err(_)) => Err(AskError::Unavailable),
            Ok(Ok(())) | Err(_) => asking.gathered().ok_or(AskError::Unavailable),
        }
    }

    pub(crate) fn questions(&self) -> Option<Questions> {
        self.questions.lock().take()
    }
}

/// Sends answers one after the other; what cannot be sent is dropped, for its asker will not wait.
async fn carry(mut outgoing: mpsc::Receiver<Letter>, keys: Keys, line: Line) {
    while let Some(Letter { to, message }) = outgoing.recv().await {
        let Some(mut connection) = line.connection() else {
            continue;
        };
        let sent: RedisResult<usize> = connection.publish(keys.answers(&to), message).await;
        if sent.is_err() {
            tracing::debug!("an answer to another node is lost: Redis did not take it");
        }
    }
}

impl Asks {
    fn begin(self: &Arc<Self>) -> Result<Asking, AskError> {
        let mut waiting = self.0.lock();
        if waiting.asks.len() >= ASKS_IN_FLIGHT_MAX {
            return Err(AskError::Busy);
        }
        waiting.newest = waiting.newest.wrapping_add(1);
        let number = waiting.newest;
        let settled = Arc::new(Notify::new());
        let ask = Ask {
            answered: HashSet::new(),
            answers: Vec::new(),
            bytes: 0,
            expected: None,
            settled: Arc::clone(&settled),
        };
        waiting.asks.insert(number, ask);
        Ok(Asking { asks: Arc::clone(self), number, settled })
    }

    /// Takes an answer, unless nobody waits for it any more or its node has answered already.
    fn answered(&self, message: Message) {
        if let Some(ask) = self.0.lock().asks.get_mut(&message.number)
            && ask.bytes < ANSWERS_MAX_BYTES
            && !ask.answered.contains(&message.node)
        {
            // With the name, so that empty answers count as well.
            ask.bytes += message.node.len() + message.content.len();
            ask.answered.insert(message.node);
            ask.answers.push(message.content);
            ask.settle();
        }
    }
}

impl Ask {
    /// Lets the asker go on if all have answered or no more will be taken.
    fn settle(&self) {
        let is_complete = self.expected.is_some_and(|expected| self.answers.len() >= expected);
        if is_complete || self.bytes >= ANSWERS_MAX_BYTES {
            self.settled.notify_one();
        }
    }
}

impl Asking {
    fn expect(&self, nodes: usize) {
        if let Some(ask) = self.asks.0.lock().asks.get_mut(&self.number) {
            ask.expected = Some(nodes);
            ask.settle();
        }
    }

    /// What came; nothing if nobody knows how many were asked.
    fn gathered(&self) -> Option<Gathered> {
        let mut waiting = self.asks.0.lock();
        let ask = waiting.asks.get_mut(&self.number)?;
        let expected = ask.expected?;
        Some(Gathered { answers: std::mem::take(&mut ask.answers), expected })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.asks.0.lock().asks.remove(&self.number);
    }
}

/// What one node says to another.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    node: String,
    number: u64,
    content: Bytes,
}

impl Message {
    fn read(message: Vec<u8>) -> Option<Self> {
        let line_end = message.iter().take(NODE_NAME_MAX_BYTES + 32).position(|byte| *byte == b'\n')?;
        let (head, _) = message.split_at_checked(line_end)?;
        let (node, number) = std::str::from_utf8(head).ok()?.split_once(' ')?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if node.is_empty() || node.len() > NODE_NAME_MAX_BYTES || !node.bytes().all(plain) {
            return None;
        }
        let (node, number) = (node.to_owned(), number.parse().ok()?);
        Some(Self { node, number, content: Bytes::from(message).slice(line_end + 1..) })
    }
}

fn written(node: &str, number: u64, content: &[u8]) -> Vec<u8> {
    let mut message = format!("{node} {number}\n").into_bytes();
    message.extend_from_slice(content);
    message
}

#[async_trait]
impl Peers for crate::RedisStore {
    async fn ask(&self, question: Bytes, patience: Duration) -> Result<Gathered, AskError> {
        self.switchboard.ask(&question, patience).await
    }

    fn questions(&self) -> Option<Questions> {
        self.switchboard.questions()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_whose_it_is_and_which() {
        let message = Message::read(written("node-1_a", 17, b"a\nb")).unwrap();
        assert_eq!((message.node.as_str(), message.number), ("node-1_a", 17));
        assert_eq!(message.content, "a\nb");
        assert_eq!(Message::read(written("n", 0, b"")).unwrap().content, "");
    }

    #[test]
    fn what_is_no_message_is_not_read_as_one() {
        let endless = vec![b'a'; 1024 * 1024];
        let long = written(&"n".repeat(NODE_NAME_MAX_BYTES + 1), 1, b"x");
        let overflow = b"node 18446744073709551616\nx".to_vec();
        let few = ["", "\n", "node", "node\n", "node x\n", "node -1\n", " 1\n", "no:de 1\n", "n\0 1\n"];
        let few = few.into_iter().map(|text| text.as_bytes().to_vec());
        for message in few.chain([b"\xff\xfe 1\n".to_vec(), endless, long, overflow]) {
            assert_eq!(Message::read(message), None);
        }
    }

    fn answer(number: u64, node: &str, content: &[u8]) -> Message {
        Message { node: node.to_owned(), number, content: Bytes::copy_from_slice(content) }
    }

    #[test]
    fn a_node_answers_once_and_only_what_is_asked() {
        let asks = Arc::new(Asks::default());
        let asking = asks.begin().unwrap();
        asking.expect(3);
        asks.answered(answer(asking.number, "a", b"1"));
        asks.answered(answer(asking.number, "a", b"2"));
        asks.answered(answer(asking.number + 1, "b", b"3"));
        asks.answered(answer(asking.number, "c", b"4"));
        let gathered = asking.gathered().unwrap();
        assert_eq!((gathered.answers, gathered.expected), (vec!["1".into(), "4".into()], 3));
        drop(asking);
        assert!(asks.0.lock().asks.is_empty());
    }

    #[tokio::test]
    async fn the_asker_goes_on_with_the_last_answer_whether_it_comes_before_or_after_their_number() {
        let asks = Arc::new(Asks::default());
        let asking = asks.begin().unwrap();
        asks.answered(answer(asking.number, "a", b"1"));
        asking.expect(1);
        asking.settled.notified().await;
        let asking = asks.begin().unwrap();
        asking.expect(1);
        asks.answered(answer(asking.number, "a", b"1"));
        asking.settled.notified().await;
    }

    #[tokio::test]
    async fn answers_beyond_the_bound_are_not_kept_and_not_waited_for() {
        let asks = Arc::new(Asks::default());
        let asking = asks.begin().unwrap();
        asking.expect(1_000);
        let content = vec![0; ANSWER_MAX_BYTES];
        for node in 0..20 {
            asks.answered(answer(asking.number, &node.to_string(), &content));
        }
        asking.settled.notified().await;
        assert_eq!(asking.gathered().unwrap().answers.len(), ANSWERS_MAX_BYTES / ANSWER_MAX_BYTES);
    }

    #[test]
    fn questions_beyond_the_bound_are_refused_until_one_is_through() {
        let asks = Arc::new(Asks::default());
        let mut waiting: Vec<_> = (0..ASKS_IN_FLIGHT_MAX).map(|_| asks.begin().unwrap()).collect();
        assert_eq!(asks.begin().err(), Some(AskError::Busy));
        waiting.pop();
        assert!(asks.begin().is_ok());
    }
}
