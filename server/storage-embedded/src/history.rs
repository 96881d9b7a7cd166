//! The logs as callers see them.

use crate::job::Job;
use crate::trim::{self, Removed, STEP_MAX_REMOVALS, Step};
use crate::{EmbeddedStore, NoAnswer, finish, log};
use async_trait::async_trait;
use protocol::{ChannelName, Offset, StreamPosition, Timestamp};
use std::sync::{Arc, atomic::Ordering};
use storage::{
    Age, Draft, Durability, Feed, History, Page, PageLimit, PublishError, Published, Replay, Retention,
    Since, Trimmed, Unavailable,
};

impl EmbeddedStore {
    /// Repeats a step until it finds nothing more; answers what went.
    async fn remove_all(&self, step: Step, now: Timestamp) -> Result<Removed, Unavailable> {
        let mut total = Removed::default();
        loop {
            let step = step.clone();
            let removed = self.ask(|answer| Job::Trim { step, now, answer }).await??;
            let is_last = removed.things < STEP_MAX_REMOVALS;
            total.add(removed);
            if is_last {
                return Ok(total);
            }
        }
    }
}

#[async_trait]
impl History for EmbeddedStore {
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError> {
        let answered = self.ask(|answer| Job::Publish { draft, answer }).await;
        answered.unwrap_or_else(|reason| {
            Err(match reason {
                NoAnswer::Lost => PublishError::Unknown,
                NoAnswer::NotTaken => PublishError::Unavailable,
            })
        })
    }

    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        self.shared.top(channel).await
    }

    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        let (channel, since) = (channel.clone(), since.clone());
        self.shared.read(move |snapshot| log::replay(snapshot, &channel, &since, limit)).await
    }

    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        let channel = channel.clone();
        self.shared.read(move |snapshot| log::latest(snapshot, &channel, before, limit)).await
    }

    fn feed(&self) -> Option<Feed> {
        self.feed.lock().take()
    }

    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        if !self.is_open() {
            return Err(Unavailable);
        }
        self.shared.followed.lock().insert(channel.clone());
        Ok(())
    }

    async fn unfollow(&self, channel: &ChannelName) {
        self.shared.followed.lock().remove(channel);
    }

    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable> {
        // First what always asks the committer: after a failure this is what lets it try again.
        self.remove_all(Step::Keys, now).await?;
        let records = self.remove_all(Step::Records, now).await?.records;
        let retention = *retention;
        let overdue = self.shared.read(move |snapshot| trim::overdue(snapshot, &retention, now)).await?;
        let mut trimmed = Trimmed { records, ..Trimmed::default() };
        for age in [Age::Messages, Age::Service] {
            let logs: Arc<[_]> =
                overdue.iter().filter(|(channel, _)| Age::of(channel) == age).cloned().collect();
            if !logs.is_empty() {
                let removed = self.remove_all(Step::Logs(logs), now).await?;
                trimmed.add(age, u64::try_from(removed.things).unwrap_or(u64::MAX));
            }
        }
        Ok(trimmed)
    }

    fn durability(&self) -> Durability {
        Durability::Synced
    }

    async fn check(&self) -> Result<(), Unavailable> {
        if !self.shared.is_taking.load(Ordering::Acquire) {
            return Err(Unavailable);
        }
        self.shared.read(|_| Ok(())).await
    }

    async fn close(&self) {
        drop(self.jobs.lock().take());
        self.alone.close();
        // Held while waiting, so that a second call returns no earlier than the first.
        let mut committer = self.committer.lock().await;
        if let Some(committer) = committer.take() {
            let shared = Arc::clone(&self.shared);
            let finished = tokio::task::spawn_blocking(move || finish(committer, &shared)).await;
            if finished.is_err() {
                tracing::error!("the store could not be closed");
            }
        }
    }
}
