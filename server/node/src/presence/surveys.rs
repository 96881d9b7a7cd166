//! One survey of a channel at a time, and its result for everybody who asks within a second: however many ask, the
//! other nodes are asked once a second and channel at most.
//!
//! As with [`pages`](crate::pages), a survey has no task of its own: those who wait for it poll it, and if all of them
//! go away it ends.

use super::Readers;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use parking_lot::Mutex;
use protocol::ChannelName;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

protocol::limits! {
    /// How old the result of a survey may be, counted from the beginning of its survey; ten times as old while the
    /// posture is elevated.
    pub(super) const SURVEY_SHARED_FOR: Duration = Duration::from_secs(1) => unseen;
    /// Most results of surveys that are kept; at the bound the oldest is forgotten, and who asks for it surveys anew.
    pub(super) const SURVEY_RESULTS_MAX: usize = 4_096 => unseen;
}

type Survey = Shared<BoxFuture<'static, Readers>>;

/// What is known, and what is being found out.
#[derive(Clone, Default)]
pub(super) struct Surveys(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    newest: u64,
    channels: HashMap<ChannelName, Entry>,
    /// Finished surveys, in the order in which they ended.
    finished: VecDeque<(ChannelName, u64)>,
}

struct Entry {
    number: u64,
    began: Instant,
    state: State,
}

enum State {
    Finished(Readers),
    Underway(WeakShared<BoxFuture<'static, Readers>>),
}

/// A survey's entry; part of its work, so that it goes when that is dropped or broken.
struct Ticket {
    surveys: Surveys,
    channel: ChannelName,
    number: u64,
    is_finished: bool,
}

impl Surveys {
    /// The result that is younger than `shared_for`, or that of the survey underway, or else that of this one.
    pub(super) async fn join<F>(
        &self,
        channel: &ChannelName,
        now: Instant,
        shared_for: Duration,
        survey: impl FnOnce() -> F,
    ) -> Readers
    where
        F: Future<Output = Readers> + Send + 'static,
    {
        match self.find_or_begin(channel, now, shared_for, survey) {
            Ok(readers) => readers,
            Err(survey) => survey.await,
        }
    }

    /// The last result, however old it is.
    pub(super) fn known(&self, channel: &ChannelName) -> Option<Readers> {
        match self.0.lock().channels.get(channel)?.state {
            State::Finished(readers) => Some(readers),
            State::Underway(_) => None,
        }
    }

    fn find_or_begin<F>(
        &self,
        channel: &ChannelName,
        now: Instant,
        shared_for: Duration,
        survey: impl FnOnce() -> F,
    ) -> Result<Readers, Survey>
    where
        F: Future<Output = Readers> + Send + 'static,
    {
        let mut known = self.0.lock();
        known.forget_old(now, shared_for);
        if let Some(entry) = known.channels.get(channel) {
            match &entry.state {
                State::Finished(readers) if entry.is_fresh(now, shared_for) => return Ok(*readers),
                State::Underway(survey) if let Some(survey) = survey.upgrade() => return Err(survey),
                State::Finished(_) | State::Underway(_) => {}
            }
        }
        known.newest += 1;
        let number = known.newest;
        let mut ticket =
            Ticket { surveys: self.clone(), channel: channel.clone(), number, is_finished: false };
        let work = survey();
        let work = async move {
            let readers = work.await;
            ticket.finish(readers);
            readers
        };
        let survey = work.boxed().shared();
        if let Some(weak) = survey.downgrade() {
            let entry = Entry { number, began: now, state: State::Underway(weak) };
            known.channels.insert(channel.clone(), entry);
        }
        Err(survey)
    }
}

impl Entry {
    fn is_fresh(&self, now: Instant, shared_for: Duration) -> bool {
        now < self.began + shared_for
    }
}

impl Known {
    /// Lets go of results that are too old, except those that wait behind a fresh one for at most as long again.
    fn forget_old(&mut self, now: Instant, shared_for: Duration) {
        while let Some((channel, number)) = self.finished.front() {
            let entry = self.channels.get(channel).filter(|entry| entry.number == *number);
            if entry.is_some_and(|entry| entry.is_fresh(now, shared_for)) {
                return;
            }
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((channel, number)) = self.finished.pop_front() {
            self.forget(&channel, number);
        }
    }

    /// Forgets a survey, unless another of its channel has taken its place.
    fn forget(&mut self, channel: &ChannelName, number: u64) {
        if self.channels.get(channel).is_some_and(|entry| entry.number == number) {
            self.channels.remove(channel);
        }
    }
}

impl Ticket {
    fn finish(&mut self, readers: Readers) {
        self.is_finished = true;
        let mut known = self.surveys.0.lock();
        if known.finished.len() >= SURVEY_RESULTS_MAX {
            known.forget_first();
        }
        if let Some(entry) = known.channels.get_mut(&self.channel)
            && entry.number == self.number
        {
            entry.state = State::Finished(readers);
            known.finished.push_back((self.channel.clone(), self.number));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_finished {
            self.surveys.0.lock().forget(&self.channel, self.number);
        }
    }
}

#[cfg(test)]
impl Surveys {
    /// How many channels are known or underway.
    pub(super) fn kept(&self) -> usize {
        self.0.lock().channels.len()
    }
}
