//! What one connection has to say: stored one after the other, so that its messages keep their order, also when one of
//! them is refused for now.

use crate::publisher::{Credit, Publisher};
use protocol::rpc::Later;
use session::{Answer, NotPlaced, PublishOrder};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Messages on their way to the store.
pub(super) struct Orders {
    publisher: Arc<Publisher>,
    waiting: VecDeque<(PublishOrder, Credit)>,
    is_publishing: bool,
    /// What there was no credit for, until the conversation has heard of it.
    refused: Vec<Answer>,
}

impl Orders {
    pub(super) const fn new(publisher: Arc<Publisher>) -> Self {
        Self { publisher, waiting: VecDeque::new(), is_publishing: false, refused: Vec::new() }
    }

    /// Whether nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.refused.is_empty()
    }

    /// Whether nothing is on its way, not even at the store.
    pub(super) fn is_at_rest(&self) -> bool {
        self.is_empty() && !self.is_publishing
    }

    /// Takes a message behind the others, if its author has credit. Without it, nothing behind it is taken either, until
    /// the conversation knows and sees to that itself.
    pub(super) fn take(&mut self, order: PublishOrder) {
        let refusal = match self.refused.last() {
            Some(Answer::Published { result: Err(reason), .. }) => Some(*reason),
            Some(_) | None => match self.publisher.credit(&order) {
                Ok(credit) => {
                    self.waiting.push_back((order, credit));
                    return;
                }
                Err(later) => Some(NotPlaced::Later(later)),
            },
        };
        if let Some(reason) = refusal {
            self.refused.push(refusal_of(&order, reason));
        }
    }

    /// What the conversation has to hear at once.
    pub(super) fn take_refused(&mut self) -> Vec<Answer> {
        std::mem::take(&mut self.refused)
    }

    /// Begins to store the next message if no other is on its way.
    pub(super) fn next(&mut self) -> Option<impl Future<Output = Answer> + use<>> {
        if self.is_publishing {
            return None;
        }
        let (order, credit) = self.waiting.pop_front()?;
        self.is_publishing = true;
        let publisher = Arc::clone(&self.publisher);
        Some(async move {
            let (id, via) = (order.id, order.via);
            let result = publisher.publish(order).await;
            drop(credit);
            Answer::Published { id, via, result }
        })
    }

    /// An answer, and with a message that was refused for now those that came behind it: were they stored, the retry of
    /// the first would come after them.
    pub(super) fn with_those_behind(&mut self, answer: Answer) -> Vec<Answer> {
        let mut answers = vec![answer];
        if let Some(Answer::Published { result, .. }) = answers.first() {
            self.is_publishing = false;
            let reason = match result {
                Err(NotPlaced::Later(later)) => Some(*later),
                // Of these nothing was stored, whatever became of the first.
                Err(NotPlaced::Unknown) => Some(Later { retry_after: Duration::ZERO, credit: None }),
                Err(NotPlaced::Never(_)) | Ok(_) => None,
            };
            if let Some(later) = reason {
                let behind = self.waiting.drain(..);
                answers.extend(behind.map(|(order, _)| refusal_of(&order, NotPlaced::Later(later))));
            }
        }
        answers
    }
}

const fn refusal_of(order: &PublishOrder, reason: NotPlaced) -> Answer {
    Answer::Published { id: order.id, via: order.via, result: Err(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publisher::tests::{busy, close_store, order, publisher};
    use futures_util::{FutureExt, poll};
    use protocol::Lane;

    fn ids(answers: &[Answer]) -> Vec<u32> {
        let id = |answer: &Answer| {
            let Answer::Published { id, result: Err(NotPlaced::Later(_)), .. } = answer else {
                panic!("{answer:?}")
            };
            *id
        };
        answers.iter().map(id).collect()
    }

    #[tokio::test]
    async fn behind_a_message_without_credit_nothing_is_taken_until_that_was_heard() {
        let publisher = publisher();
        let mut orders = Orders::new(Arc::clone(&publisher));
        let elsewhere: Vec<_> =
            (0..63).map(|id| publisher.credit(&order(id, "ada", Lane::Normal)).unwrap()).collect();
        orders.take(order(1, "ada", Lane::Normal));
        orders.take(order(2, "ada", Lane::Normal));
        drop(elsewhere);
        orders.take(order(3, "ada", Lane::Normal));
        assert!(!orders.is_empty());
        assert_eq!(ids(&orders.take_refused()), [2, 3]);
        orders.take(order(4, "ada", Lane::Normal));
        assert!(orders.take_refused().is_empty());
        assert_eq!(orders.waiting.len(), 2, "what was taken before is not touched");
    }

    #[tokio::test]
    async fn a_message_that_is_refused_takes_those_behind_it_along_and_gives_their_credit_back() {
        let publisher = publisher();
        let mut orders = Orders::new(Arc::clone(&publisher));
        close_store(&publisher).await;
        for id in 0..64 {
            orders.take(order(id, "ada", Lane::Normal));
        }
        let answer = orders.next().unwrap().await;
        assert!(orders.next().is_none(), "one at a time");
        let answers = orders.with_those_behind(answer);
        assert_eq!(ids(&answers), (0..64).collect::<Vec<_>>());
        assert_eq!(publisher.unanswered_bytes(), 0);
        assert!(orders.is_empty() && orders.next().is_none());
    }

    #[tokio::test]
    async fn messages_of_a_connection_are_stored_one_after_the_other() {
        let publisher = publisher();
        let mut orders = Orders::new(Arc::clone(&publisher));
        for id in 0..3 {
            orders.take(order(id, "ada", if id == 2 { Lane::Urgent } else { Lane::Normal }));
        }
        let at_store = busy(&publisher).await;
        let mut first = orders.next().unwrap().boxed();
        assert!(poll!(&mut first).is_pending());
        assert!(orders.next().is_none(), "whatever its lane, it keeps its place");
        drop(at_store);
        let mut publishing = Some(first);
        let mut offsets = Vec::new();
        while let Some(publication) = publishing {
            let answers = orders.with_those_behind(publication.await);
            let [Answer::Published { id, result: Ok(placed), .. }] = answers.as_slice() else {
                panic!("stored")
            };
            offsets.push((*id, placed.position.offset.get()));
            publishing = orders.next().map(FutureExt::boxed);
        }
        assert_eq!(offsets, [(0, 1), (1, 2), (2, 3)]);
    }
}
