//! The one thread that writes: everything that waits goes into one transaction, with one fsync.
//!
//! It commits whenever it is idle. Under load the queue fills while a commit is under way, and the next commit takes
//! it all; so the group grows by itself and no timer delays anyone.
//!
//! After any error the transaction's jobs are answered with what is known, the file is closed and opened again, and
//! the next transaction begins a new life of the log in itself: a disk that goes on refusing uses up no epochs.

#[cfg(test)]
mod tests;

use crate::error::Failed;
use crate::job::{Failure, Job, Staged};
use crate::kept::{self, NO_CEILING};
use crate::lives::{self, Life};
use crate::log::{self, Appended};
use crate::open::Reopen;
use crate::shared::Shared;
use crate::tables::Writing;
use crate::{records, trim};
use protocol::{ChannelName, Lane, Publication, StreamPosition, Timestamp};
use redb::{Durability, WriteTransaction};
use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;
use storage::history::EpochSource;
use storage::{CommitError, Draft, FeedEvent, FeedSender, PublishError, Published, Unavailable};
use tokio::sync::mpsc;

protocol::limits! {
    /// Most jobs that wait for the committer; beyond it their senders wait.
    pub const QUEUE_MAX_JOBS: usize = 1_024 => shown "holdfast_committer_waiting_jobs";
    /// Most jobs in one transaction; the rest waits for the next.
    pub const BATCH_MAX_JOBS: usize = 1_024 => shown "holdfast_committer_jobs";
    /// Bytes of payload after which a transaction takes no further job.
    pub const BATCH_MAX_BYTES: usize = 256 * 1024 => shown "holdfast_committer_jobs";
    /// How long after a failed try the committer refuses before it tries again, by the times of the jobs.
    pub const REOPEN_PAUSE: Duration = Duration::from_secs(5) => shown "holdfast_committer_taking";
}

/// The thread's state.
pub(crate) struct Committer {
    jobs: mpsc::Receiver<Job>,
    shared: Arc<Shared>,
    feed: FeedSender,
    fresh_epoch: EpochSource,
    reopen: Reopen,
    state: State,
}

enum State {
    /// The last commit failed. The first try after it is free; after that a pause lies between tries.
    Failed { last_try: Option<Timestamp> },
    /// Commits go well, under this life.
    Well(Life),
}

/// A publication to announce once it is on the disk.
struct News {
    channel: ChannelName,
    publication: Arc<Publication>,
    lane: Lane,
}

/// A transaction's jobs with their outcomes.
struct Batch {
    life: Life,
    news: Vec<News>,
    staged: Vec<Staged>,
    is_life_new: bool,
    /// Bytes of messages that are kept once it is committed.
    kept: u64,
    kept_max_bytes: u64,
}

/// A transaction that did not come to its end, and who is to be told.
struct Undone {
    error: Failed,
    failure: Failure,
    staged: Vec<Staged>,
    /// Jobs that the transaction did not come to.
    rest: Vec<Job>,
}

impl Committer {
    pub(crate) const fn new(
        jobs: mpsc::Receiver<Job>,
        shared: Arc<Shared>,
        feed: FeedSender,
        fresh_epoch: EpochSource,
        reopen: Reopen,
        life: Life,
    ) -> Self {
        Self { jobs, shared, feed, fresh_epoch, reopen, state: State::Well(life) }
    }

    /// Serves until the store is closed and its queue is empty. Should it panic, the queue goes with it: whoever
    /// waits for an answer learns that there is none, and later jobs are not taken.
    pub(crate) fn run(mut self) {
        let _not_taking_afterwards = NotTaking(Arc::clone(&self.shared));
        while let Some(first) = self.jobs.blocking_recv() {
            let jobs = self.gather(first);
            self.serve(jobs);
        }
    }

    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut bytes = first.bytes();
        let mut jobs = vec![first];
        while jobs.len() < BATCH_MAX_JOBS && bytes < BATCH_MAX_BYTES {
            let Ok(job) = self.jobs.try_recv() else { break };
            bytes += job.bytes();
            jobs.push(job);
        }
        jobs
    }

    fn serve(&mut self, jobs: Vec<Job>) {
        let at = jobs.first().map_or_else(Timestamp::default, Job::at);
        if self.is_pausing(at) || !self.ensure_open() {
            self.note_failure(at);
            jobs.into_iter().for_each(Job::refuse);
            return;
        }
        match self.write(jobs) {
            Ok(life) => self.state = State::Well(life),
            Err(undone) => {
                self.shared.commits.failures.fetch_add(1, Ordering::Relaxed);
                let Undone { error, .. } = &undone;
                tracing::error!(%error, "the store could not commit; opening its file again");
                self.shared.release();
                self.note_failure(at);
                self.ensure_open();
                // Some of it may be in the log, and nobody was told.
                self.feed.interrupt();
                // Only now, so that whoever asks next finds the file open.
                undone.answer();
            }
        }
    }

    /// Whether the last try was too short a time ago. A clock that went back does not prolong the pause.
    fn is_pausing(&self, at: Timestamp) -> bool {
        match self.state {
            State::Failed { last_try: Some(last_try) } => last_try <= at && at < last_try.after(REOPEN_PAUSE),
            State::Failed { last_try: None } | State::Well(_) => false,
        }
    }

    fn note_failure(&mut self, at: Timestamp) {
        let last_try = match self.state {
            State::Failed { .. } if self.is_pausing(at) => return,
            State::Failed { .. } => Some(at),
            State::Well(_) => None,
        };
        self.state = State::Failed { last_try };
    }

    fn ensure_open(&mut self) -> bool {
        let mut database = self.shared.database.write();
        if database.is_none() {
            match (self.reopen)() {
                Ok(opened) => *database = Some(opened),
                Err(error) => tracing::error!(%error, "the store's file could not be opened again"),
            }
        }
        database.is_some()
    }

    fn write(&self, jobs: Vec<Job>) -> Result<Life, Undone> {
        let database = self.shared.database.read();
        let begun = match database.as_ref() {
            Some(database) => begin(database),
            None => Err(Failed::Damaged("the file is not open")),
        };
        let transaction = match begun {
            Ok(transaction) => transaction,
            Err(error) => return Err(Undone::nothing(error, Vec::new(), jobs)),
        };
        let batch = self.stage(&transaction, jobs)?;
        let committed = if batch.changes_something() {
            transaction.commit().map_err(Failed::from).inspect(|()| self.count(&batch))
        } else {
            transaction.abort().map_err(Failed::from)
        };
        match committed {
            Ok(()) => Ok(self.confirm(batch)),
            Err(error) => {
                Err(Undone { error, failure: Failure::Unknown, staged: batch.staged, rest: Vec::new() })
            }
        }
    }

    /// Decides all jobs within a transaction. An error undoes the transaction: nothing of it was stored.
    fn stage(&self, transaction: &WriteTransaction, jobs: Vec<Job>) -> Result<Batch, Undone> {
        let mut tables = match Writing::open(transaction) {
            Ok(tables) => tables,
            Err(error) => return Err(Undone::nothing(error, Vec::new(), jobs)),
        };
        let (life, is_life_new) = match &self.state {
            State::Failed { .. } => match lives::begin(&mut tables, (self.fresh_epoch)()) {
                Ok(life) => (life, true),
                Err(error) => return Err(Undone::nothing(error, Vec::new(), jobs)),
            },
            State::Well(life) => (life.clone(), false),
        };
        let kept = match kept::total(&tables) {
            Ok(kept) => kept,
            Err(error) => return Err(Undone::nothing(error, Vec::new(), jobs)),
        };
        let mut batch = Batch {
            life,
            news: Vec::new(),
            staged: Vec::with_capacity(jobs.len()),
            is_life_new,
            kept,
            kept_max_bytes: self.shared.kept_max_bytes,
        };
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            if let Err(error) = batch.decide(&mut tables, job) {
                return Err(Undone::nothing(error, batch.staged, jobs.collect()));
            }
        }
        match batch.note_kept(&mut tables, kept) {
            Ok(()) => Ok(batch),
            Err(error) => Err(Undone::nothing(error, batch.staged, Vec::new())),
        }
    }

    fn count(&self, batch: &Batch) {
        let jobs = u64::try_from(batch.staged.len()).unwrap_or(u64::MAX);
        self.shared.commits.transactions.fetch_add(1, Ordering::Relaxed);
        self.shared.commits.jobs.fetch_add(jobs, Ordering::Relaxed);
    }

    /// Announces, in the order of the log, and answers.
    fn confirm(&self, batch: Batch) -> Life {
        self.shared.is_taking.store(true, Ordering::Release);
        self.shared.kept.store(batch.kept, Ordering::Relaxed);
        if batch.is_life_new {
            // Every channel has another epoch now, also those in which nothing was said.
            self.feed.interrupt();
        }
        let followed = self.shared.followed.lock();
        for News { channel, publication, lane } in batch.news {
            if followed.contains(&channel) {
                self.feed.offer(FeedEvent::Published {
                    channel,
                    epoch: batch.life.epoch.clone(),
                    publication,
                    lane,
                });
            }
        }
        drop(followed);
        batch.staged.into_iter().for_each(Staged::confirm);
        batch.life
    }
}

impl Batch {
    /// Decides one job. On an error it is part of the batch too, to be answered with the rest.
    fn decide(&mut self, tables: &mut Writing<'_>, job: Job) -> Result<(), Failed> {
        let (staged, end) = match job {
            Job::Commit { writes, now, answer } => {
                let outcome = records::commit(tables, &writes, now);
                let (outcome, end) = or_refusal(outcome, Err(CommitError::Unavailable));
                (Staged::Commit(answer, outcome), end)
            }
            Job::Publish { draft, answer } => {
                let outcome = self.publish(tables, draft);
                let (outcome, end) = or_refusal(outcome, Err(PublishError::Unavailable));
                (Staged::Publish(answer, outcome), end)
            }
            Job::Trim { step, now, answer } => {
                let outcome = trim::remove(tables, &step, now).map(|removed| {
                    self.kept = self.kept.saturating_sub(removed.kept_bytes);
                    Ok(removed)
                });
                let (outcome, end) = or_refusal(outcome, Err(Unavailable));
                (Staged::Trim(answer, outcome), end)
            }
        };
        self.staged.push(staged);
        end
    }

    fn publish(
        &mut self,
        tables: &mut Writing<'_>,
        draft: Draft,
    ) -> Result<Result<Published, PublishError>, Failed> {
        // What the service itself says is little, and must be said above all when there is no room.
        let room = match draft.sender {
            Some(_) => self.kept_max_bytes.saturating_sub(self.kept),
            None => NO_CEILING,
        };
        Ok(match log::append(tables, &draft, &self.life, room)? {
            Appended::Duplicate(position) => Ok(Published::Duplicate(position)),
            Appended::KeyReused => Err(PublishError::KeyReused),
            Appended::NoRoom => Err(PublishError::NoRoom),
            Appended::Stored(publication, bytes) => {
                self.kept = self.kept.saturating_add(bytes);
                let position = StreamPosition { epoch: self.life.epoch.clone(), offset: publication.offset };
                let Draft { channel, lane, .. } = draft;
                self.news.push(News { channel, publication, lane });
                Ok(Published::Stored(position))
            }
        })
    }

    fn note_kept(&self, tables: &mut Writing<'_>, before: u64) -> Result<(), Failed> {
        if self.kept == before { Ok(()) } else { kept::note(tables, self.kept) }
    }

    /// Repeats and refusals need no disk: what they refer to is there already.
    fn changes_something(&self) -> bool {
        self.is_life_new || self.staged.iter().any(Staged::changes_something)
    }
}

fn or_refusal<T>(outcome: Result<T, Failed>, refusal: T) -> (T, Result<(), Failed>) {
    match outcome {
        Ok(outcome) => (outcome, Ok(())),
        Err(error) => (refusal, Err(error)),
    }
}

impl Undone {
    const fn nothing(error: Failed, staged: Vec<Staged>, rest: Vec<Job>) -> Self {
        Self { error, failure: Failure::Nothing, staged, rest }
    }

    fn answer(self) {
        for staged in self.staged {
            staged.fail(self.failure);
        }
        self.rest.into_iter().for_each(Job::refuse);
    }
}

fn begin(database: &redb::Database) -> Result<WriteTransaction, Failed> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    Ok(transaction)
}

/// Says that nothing is taken any more, also when the thread ends by a panic.
struct NotTaking(Arc<Shared>);

impl Drop for NotTaking {
    fn drop(&mut self) {
        self.0.is_taking.store(false, Ordering::Release);
    }
}
