//! The storage port with a watch in hand: counts what is asked of any store and how it is answered, and otherwise
//! passes everything through. A question whose asker goes away before the answer is not counted.

use crate::clock;
use crate::metrics::Metrics;
use crate::metrics::store::{Operation, Outcome};
use async_trait::async_trait;
use protocol::{ChannelName, Epoch, Offset, Publication, StreamPosition, Timestamp};
use std::sync::Arc;
use storage::{
    CommitError, Draft, Durability, Feed, History, Page, PageLimit, PublishError, Published, RecordId,
    RecordKey, RecordKind, Records, Repair, Replay, Retention, Since, Trimmed, Unavailable, Versioned, Write,
};

/// A measured log.
#[derive(Debug)]
pub(crate) struct MeasuredHistory {
    inner: Arc<dyn History>,
    metrics: Arc<Metrics>,
}

/// Measured records.
#[derive(Debug)]
pub(crate) struct MeasuredRecords {
    inner: Arc<dyn Records>,
    metrics: Arc<Metrics>,
}

impl MeasuredHistory {
    pub(crate) fn new(inner: Arc<dyn History>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }
}

impl MeasuredRecords {
    pub(crate) fn new(inner: Arc<dyn Records>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }
}

async fn measured<T>(
    metrics: &Metrics,
    operation: Operation,
    asked: impl Future<Output = T>,
    outcome: impl FnOnce(&T) -> Outcome,
) -> T {
    let begun = clock::now().instant;
    let answer = asked.await;
    let took = clock::now().instant.saturating_duration_since(begun);
    metrics.store.answered(operation, outcome(&answer), took);
    answer
}

const fn published(answer: &Result<Published, PublishError>) -> Outcome {
    match answer {
        Ok(Published::Stored(_)) => Outcome::Done,
        Ok(Published::Duplicate(_)) => Outcome::Duplicate,
        Err(PublishError::KeyReused) => Outcome::Refused,
        Err(PublishError::NoRoom) => Outcome::NoRoom,
        Err(PublishError::Unavailable) => Outcome::Unavailable,
        Err(PublishError::Unknown) => Outcome::Unknown,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "outcomes are looked at before they are handed on")]
const fn committed(answer: &Result<(), CommitError>) -> Outcome {
    match answer {
        Ok(()) => Outcome::Done,
        Err(CommitError::Conflict | CommitError::TooLarge) => Outcome::Refused,
        Err(CommitError::Unavailable) => Outcome::Unavailable,
        Err(CommitError::Unknown) => Outcome::Unknown,
    }
}

const fn replayed(answer: &Result<Replay, Unavailable>) -> Outcome {
    match answer {
        Ok(Replay::Complete(_)) => Outcome::Done,
        Ok(Replay::Gap { .. }) => Outcome::Refused,
        Err(Unavailable) => Outcome::Unavailable,
    }
}

const fn repaired(answer: &Result<Repair, Unavailable>) -> Outcome {
    match answer {
        Ok(Repair { is_whole: true, .. }) => Outcome::Done,
        Ok(Repair { is_whole: false, .. }) => Outcome::Refused,
        Err(Unavailable) => Outcome::Unavailable,
    }
}

const fn read<T>(answer: &Result<T, Unavailable>) -> Outcome {
    match answer {
        Ok(_) => Outcome::Done,
        Err(Unavailable) => Outcome::Unavailable,
    }
}

#[async_trait]
impl History for MeasuredHistory {
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError> {
        measured(&self.metrics, Operation::Publish, self.inner.publish(draft), published).await
    }

    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        measured(&self.metrics, Operation::Top, self.inner.top(channel), read).await
    }

    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        measured(&self.metrics, Operation::Replay, self.inner.replay(channel, since, limit), replayed).await
    }

    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        measured(&self.metrics, Operation::Latest, self.inner.latest(channel, before, limit), read).await
    }

    async fn repair(
        &self,
        channel: &ChannelName,
        epoch: &Epoch,
        seen: &[Arc<Publication>],
    ) -> Result<Repair, Unavailable> {
        measured(&self.metrics, Operation::Repair, self.inner.repair(channel, epoch, seen), repaired).await
    }

    fn feed(&self) -> Option<Feed> {
        self.inner.feed()
    }

    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        measured(&self.metrics, Operation::Follow, self.inner.follow(channel), read).await
    }

    async fn unfollow(&self, channel: &ChannelName) {
        self.inner.unfollow(channel).await;
    }

    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable> {
        measured(&self.metrics, Operation::Trim, self.inner.trim(retention, now), read).await
    }

    fn durability(&self) -> Durability {
        self.inner.durability()
    }

    async fn check(&self) -> Result<(), Unavailable> {
        self.inner.check().await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

#[async_trait]
impl Records for MeasuredRecords {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        measured(&self.metrics, Operation::RecordGet, self.inner.get(key, now), read).await
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        measured(&self.metrics, Operation::RecordCommit, self.inner.commit(writes, now), committed).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        measured(&self.metrics, Operation::RecordScan, self.inner.scan(kind, after, limit, now), read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::tests::metrics;
    use protocol::{Epoch, IdempotencyKey, Lane, Payload};
    use storage::memory::MemoryStore;
    use storage::{Change, Expect};

    fn store() -> Arc<MemoryStore> {
        Arc::new(MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap())))
    }

    fn draft(key: &str, says: &str) -> Draft {
        Draft {
            channel: ChannelName::bulletins_all(),
            data: Payload::from_value(&says).unwrap(),
            sender: None,
            key: IdempotencyKey::parse(key).unwrap(),
            at: Timestamp::from_millis(1),
            lane: Lane::Normal,
        }
    }

    #[tokio::test]
    async fn every_outcome_of_a_publish_is_counted_as_what_it_was() {
        let metrics = metrics();
        let history = MeasuredHistory::new(store(), Arc::clone(&metrics));
        history.publish(draft("a", "one")).await.unwrap();
        history.publish(draft("b", "two")).await.unwrap();
        history.publish(draft("a", "one")).await.unwrap();
        assert_eq!(history.publish(draft("a", "other")).await, Err(PublishError::KeyReused));
        history.close().await;
        assert_eq!(history.publish(draft("c", "late")).await, Err(PublishError::Unavailable));
        let count = |outcome| metrics.store.count(Operation::Publish, outcome);
        assert_eq!(
            [Outcome::Done, Outcome::Duplicate, Outcome::Refused, Outcome::Unavailable, Outcome::Unknown]
                .map(count),
            [2, 1, 1, 1, 0]
        );
    }

    #[tokio::test]
    async fn a_commit_that_lost_a_race_is_refused_and_one_that_was_made_is_done() {
        let metrics = metrics();
        let records = MeasuredRecords::new(store(), Arc::clone(&metrics));
        let now = Timestamp::from_millis(1);
        let write = || {
            vec![Write {
                key: RecordKey { kind: RecordKind::Member, id: RecordId::parse("m").unwrap() },
                expect: Expect::Absent,
                change: Change::Put { data: vec![1], expires_at: None },
            }]
        };
        records.commit(write(), now).await.unwrap();
        assert_eq!(records.commit(write(), now).await, Err(CommitError::Conflict));
        let count = |outcome| metrics.store.count(Operation::RecordCommit, outcome);
        assert_eq!([Outcome::Done, Outcome::Refused].map(count), [1, 1]);
    }
}
