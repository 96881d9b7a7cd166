//! Pages of the log for readers that come back or fell behind. Many who want the same page cost one read, and a
//! bounded number of reads is with the store at once.
//!
//! A read has no task of its own: one of those who wait for it polls it, and when that one goes away, the next goes on
//! where it stopped. So a read lasts as long as somebody waits for it, on whatever thread.

mod held;

use crate::clock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use held::Held;
use hub::Replayed;
use parking_lot::Mutex;
use protocol::{ChannelName, GapReason, PageLimit, Replay, Since};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;
use std::{fmt, future::Future};
use storage::{History, Unavailable};
use tokio::sync::{OnceCell, Semaphore};

protocol::limits! {
    /// Most pages that a node reads from the store at once; further reads wait in the order in which they were asked for.
    pub(crate) const PAGES_IN_FLIGHT_MAX: usize = 32 => shown "holdfast_pages_waiting";
    /// How long a page may be given to others after it was read, as long as somebody still writes it: what retention or an
    /// erasure removes meanwhile is given for no longer.
    const HELD_MAX_AGE: Duration = Duration::from_secs(5) => shown "holdfast_pages_shared";
}

/// What became of pages since the start, and what is with the store now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageStatistics {
    /// Reads of the store that came to an end.
    pub(crate) read: u64,
    /// Pages that somebody got from a read that another had begun, or from another who has it.
    pub(crate) shared: u64,
    /// Reads that are with the store.
    pub(crate) in_flight: usize,
    /// Reads that wait because [`PAGES_IN_FLIGHT_MAX`] are with the store.
    pub(crate) waiting: usize,
}

#[derive(Debug, Default)]
struct Counts {
    read: AtomicU64,
    shared: AtomicU64,
}

/// Reads pages for readers, together where they want the same.
pub(crate) struct Pages {
    history: Arc<dyn History>,
    slots: Arc<Semaphore>,
    underway: Arc<Mutex<Underway>>,
    held: Mutex<Held>,
    counts: Arc<Counts>,
}

/// A page as it is asked for; equal ones share a read.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Wanted {
    channel: ChannelName,
    since: Since,
    limit: PageLimit,
}

type Answer = Result<Arc<Replayed>, Unavailable>;

/// The reads that somebody waits for, at most one a page. They are numbered in the order in which they began.
#[derive(Default)]
struct Underway {
    newest: u64,
    reads: HashMap<Wanted, (u64, Weak<Read>)>,
}

/// One read, owned by those who wait for it.
struct Read {
    number: u64,
    answer: OnceCell<Answer>,
    /// Locked by whoever the cell lets fill it, so never waited for.
    work: tokio::sync::Mutex<BoxFuture<'static, Answer>>,
}

/// A read's entry among those underway; part of its work, so that it goes when that is done, dropped or broken.
struct Entry {
    wanted: Wanted,
    number: u64,
    underway: Arc<Mutex<Underway>>,
}

impl Pages {
    pub(crate) fn new(history: Arc<dyn History>) -> Self {
        let slots = Arc::new(Semaphore::new(PAGES_IN_FLIGHT_MAX));
        Self { history, slots, underway: Arc::default(), held: Mutex::default(), counts: Arc::default() }
    }

    /// See [`PageStatistics`].
    pub(crate) fn statistics(&self) -> PageStatistics {
        let underway = self.underway.lock().reads.len();
        let in_flight = PAGES_IN_FLIGHT_MAX.saturating_sub(self.slots.available_permits());
        PageStatistics {
            read: self.counts.read.load(Ordering::Relaxed),
            shared: self.counts.shared.load(Ordering::Relaxed),
            in_flight,
            waiting: underway.saturating_sub(in_flight),
        }
    }

    /// Reads forward what came after `since`, one page, as [`History::replay`] does. Who asks while the same page is
    /// being read gets that page, or that error. Who asks while somebody still writes one that does not reach the log's end
    /// gets that: it says what it would say if it was read now. Nothing else is kept for later.
    pub(crate) async fn replay(&self, channel: &ChannelName, since: &Since, limit: PageLimit) -> Answer {
        let wanted = Wanted { channel: channel.clone(), since: since.clone(), limit };
        let now = clock::now().instant;
        if let Some(held) = self.held.lock().get(&wanted, now) {
            self.counts.shared.fetch_add(1, Ordering::Relaxed);
            return Ok(held);
        }
        let answer = self.read(&wanted).await;
        if let Ok(page) = &answer {
            self.held.lock().note(wanted, page, now);
        }
        answer
    }

    async fn read(&self, wanted: &Wanted) -> Answer {
        let newest_before = self.underway.lock().newest;
        // At most twice: the second read is younger than the question.
        loop {
            let read = self.join(wanted);
            let answer = read.answer().await;
            if read.number > newest_before || !depends_on_when(&answer) {
                return answer;
            }
        }
    }

    /// The read of a page that is underway, or a new one.
    fn join(&self, wanted: &Wanted) -> Arc<Read> {
        let mut underway = self.underway.lock();
        if let Some(read) = underway.reads.get(wanted).and_then(|(_, read)| read.upgrade()) {
            self.counts.shared.fetch_add(1, Ordering::Relaxed);
            return read;
        }
        underway.newest += 1;
        let number = underway.newest;
        let read = Arc::new(Read {
            number,
            answer: OnceCell::new(),
            work: tokio::sync::Mutex::new(Box::pin(self.work(wanted.clone(), number))),
        });
        let entry = (number, Arc::downgrade(&read));
        underway.reads.insert(wanted.clone(), entry);
        read
    }

    /// What a read does. A panic is an answer too: else those who wait would resume what cannot be resumed.
    fn work(&self, wanted: Wanted, number: u64) -> impl Future<Output = Answer> + Send + use<> {
        let (history, slots) = (Arc::clone(&self.history), Arc::clone(&self.slots));
        let counts = Arc::clone(&self.counts);
        let entry = Entry { wanted, number, underway: Arc::clone(&self.underway) };
        let work = async move {
            let Wanted { channel, since, limit } = &entry.wanted;
            let _slot = slots.acquire().await.map_err(|_| Unavailable)?;
            let answer = history.replay(channel, since, *limit).await;
            counts.read.fetch_add(1, Ordering::Relaxed);
            answer.map(|replay| Arc::new(replay.into()))
        };
        AssertUnwindSafe(work).catch_unwind().map(|outcome| {
            outcome.unwrap_or_else(|_| {
                tracing::error!("a page could not be read: the store panicked");
                Err(Unavailable)
            })
        })
    }
}

/// Whether a page that began to be read before it was asked for may be a wrong answer. Others are at worst short, and
/// the reader reads on; but what was beyond the log then may be part of it now, and nobody shall hear of a gap that
/// is none.
fn depends_on_when(answer: &Answer) -> bool {
    let is_beyond = |replay: &Replay| matches!(replay, Replay::Gap { reason: GapReason::Beyond, .. });
    answer.as_ref().is_ok_and(|replayed| is_beyond(replayed.replay()))
}

impl Read {
    /// Waits for the answer, and sees to the work if nobody else does.
    async fn answer(&self) -> Answer {
        let work = async || self.work.lock().await.as_mut().await;
        self.answer.get_or_init(work).await.clone()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut underway = self.underway.lock();
        // If everybody went away, another read of the page may have begun before this one was dropped.
        if let Some((number, _)) = underway.reads.get(&self.wanted)
            && *number == self.number
        {
            underway.reads.remove(&self.wanted);
        }
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
