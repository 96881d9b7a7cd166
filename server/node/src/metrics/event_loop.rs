//! How late a worker's timer fires: how long whatever is ready waits for its turn on that thread.
//!
//! The least lag of a short window is what stands: a burst passes within the window, a queue that never empties does
//! not. The most lag of the last seconds is what a person may have felt.

use parking_lot::Mutex;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::clock;
use crate::metrics::label::Book;

/// How long the timer sleeps.
const PROBE_EVERY: Duration = Duration::from_millis(10);
/// The window of which the least lag counts.
const STANDING_WINDOW: Duration = Duration::from_millis(100);
/// The most lag is that of the last one to two of these, so that scrapes this far apart miss none.
const PEAK_WINDOW: Duration = Duration::from_secs(15);

/// The decision: what a series of lags amounts to.
#[derive(Debug)]
struct Probe {
    standing_since: Instant,
    least: Option<Duration>,
    standing: Duration,
    peak_since: Instant,
    peak: Duration,
    peak_before: Duration,
}

impl Probe {
    const fn new(now: Instant) -> Self {
        Self {
            standing_since: now,
            least: None,
            standing: Duration::ZERO,
            peak_since: now,
            peak: Duration::ZERO,
            peak_before: Duration::ZERO,
        }
    }

    /// The timer fired so much too late. Answers what stood in a window, when one is over.
    fn note(&mut self, late: Duration, now: Instant) -> Option<Duration> {
        if now.duration_since(self.peak_since) >= PEAK_WINDOW {
            self.peak_before = std::mem::take(&mut self.peak);
            self.peak_since = now;
        }
        self.peak = self.peak.max(late);
        self.least = Some(self.least.map_or(late, |least| least.min(late)));
        let is_over = now.duration_since(self.standing_since) >= STANDING_WINDOW;
        is_over.then(|| {
            self.standing = self.least.take().unwrap_or_default();
            self.standing_since = now;
            self.standing
        })
    }

    fn most(&self) -> Duration {
        self.peak.max(self.peak_before)
    }
}

type PerWorker = Family<Vec<(&'static str, String)>, Gauge<f64, AtomicU64>>;

/// The lag of every worker.
#[derive(Debug)]
pub(crate) struct EventLoops {
    standing: PerWorker,
    most: PerWorker,
    /// Which numbers of workers are in use.
    taken: Mutex<Vec<bool>>,
    /// What stands on each worker.
    lately: Vec<Lately>,
    origin: Instant,
}

/// What stands on one worker, in microseconds.
#[derive(Debug, Default)]
struct Lately {
    standing: AtomicU64,
    /// When the timer is to fire next, since the origin; 0 if there is no worker.
    due: AtomicU64,
}

impl Lately {
    /// What stood in the last window, or for how long the timer has been due by now, if that is more: a worker that is
    /// stuck says nothing at all.
    fn standing(&self, now: u64) -> Duration {
        let due = self.due.load(Ordering::Relaxed);
        let stuck = Duration::from_micros(if due == 0 { 0 } else { now.saturating_sub(due) });
        let standing = Duration::from_micros(self.standing.load(Ordering::Relaxed));
        standing.max(if stuck > STANDING_WINDOW { stuck } else { Duration::ZERO })
    }
}

/// One worker's gauges; dropping it frees its number for the worker that takes its place.
#[derive(Debug)]
struct Slot {
    loops: Arc<EventLoops>,
    number: usize,
    standing: Gauge<f64, AtomicU64>,
    most: Gauge<f64, AtomicU64>,
}

impl EventLoops {
    pub(crate) fn new(book: &mut Book<'_>, workers: usize) -> Self {
        let loops = Self {
            standing: Family::default(),
            most: Family::default(),
            taken: Mutex::new(vec![false; workers]),
            lately: std::iter::repeat_with(Lately::default).take(workers).collect(),
            origin: clock::now().instant,
        };
        book.register(
            "event_loop_standing_lag",
            "How late a worker's timer fired at least within the last 100 ms: what waits there all the time",
            Some(Unit::Seconds),
            loops.standing.clone(),
        );
        book.register(
            "event_loop_most_lag",
            "How late a worker's timer fired at most within the last 15 to 30 s",
            Some(Unit::Seconds),
            loops.most.clone(),
        );
        loops
    }

    /// Watches the worker on whose thread it runs, for as long as that lives.
    pub(crate) async fn watch(self: Arc<Self>) {
        let Some(slot) = self.claim() else { return };
        let mut probe = Probe::new(clock::now().instant);
        loop {
            let due = clock::now().instant + PROBE_EVERY;
            slot.loops.note_due(slot.number, due);
            tokio::time::sleep_until(due.into()).await;
            let now = clock::now().instant;
            if let Some(stood) = probe.note(now.saturating_duration_since(due), now) {
                slot.loops.note_standing(slot.number, stood);
            }
            slot.standing.set(probe.standing.as_secs_f64());
            slot.most.set(probe.most().as_secs_f64());
        }
    }

    /// What stands on the worker on which most does.
    pub(crate) fn worst_standing(&self, now: Instant) -> Duration {
        let now = micros(now.saturating_duration_since(self.origin));
        self.lately.iter().map(|lately| lately.standing(now)).max().unwrap_or_default()
    }

    fn note_due(&self, worker: usize, due: Instant) {
        if let Some(lately) = self.lately.get(worker) {
            lately.due.store(micros(due.saturating_duration_since(self.origin)), Ordering::Relaxed);
        }
    }

    fn note_standing(&self, worker: usize, stood: Duration) {
        if let Some(lately) = self.lately.get(worker) {
            lately.standing.store(micros(stood), Ordering::Relaxed);
        }
    }

    /// A number that no worker has; there are as many as workers.
    fn claim(self: Arc<Self>) -> Option<Slot> {
        let number = {
            let mut taken = self.taken.lock();
            let number = taken.iter().position(|taken| !taken)?;
            *taken.get_mut(number)? = true;
            number
        };
        let labels = labels(number);
        let (standing, most) =
            (self.standing.get_or_create_owned(&labels), self.most.get_or_create_owned(&labels));
        Some(Slot { number, standing, most, loops: self })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn labels(number: usize) -> Vec<(&'static str, String)> {
    vec![("worker", number.to_string())]
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.loops.standing.remove(&labels(self.number));
        self.loops.most.remove(&labels(self.number));
        if let Some(lately) = self.loops.lately.get(self.number) {
            lately.due.store(0, Ordering::Relaxed);
            lately.standing.store(0, Ordering::Relaxed);
        }
        if let Some(taken) = self.loops.taken.lock().get_mut(self.number) {
            *taken = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;

    const MS: Duration = Duration::from_millis(1);

    fn probed(lags_ms: &[u32]) -> Probe {
        let start = clock::now().instant;
        let mut probe = Probe::new(start);
        for (n, lag) in (1..).zip(lags_ms) {
            probe.note(*lag * MS, start + n * PROBE_EVERY);
        }
        probe
    }

    #[test]
    fn a_burst_does_not_stand_but_is_remembered_as_the_most() {
        let probe = probed(&[0, 0, 80, 70, 60, 50, 0, 0, 0, 0]);
        assert_eq!((probe.standing, probe.most()), (Duration::ZERO, 80 * MS));
    }

    #[test]
    fn what_never_goes_below_five_milliseconds_stands_at_five() {
        assert_eq!(probed(&[9, 9, 9, 9, 5, 9, 9, 9, 9, 9]).standing, 5 * MS);
    }

    #[test]
    fn the_most_is_forgotten_after_two_windows() {
        let start = clock::now().instant;
        let mut probe = Probe::new(start);
        probe.note(80 * MS, start);
        probe.note(MS, start + PEAK_WINDOW);
        assert_eq!(probe.most(), 80 * MS);
        probe.note(MS, start + 2 * PEAK_WINDOW);
        assert_eq!(probe.most(), MS);
    }

    #[test]
    fn the_worst_worker_counts_and_a_stuck_one_by_how_long() {
        let loops = EventLoops::new(&mut Book(&mut Registry::default()), 3);
        let now = loops.origin + 10 * STANDING_WINDOW;
        assert_eq!(loops.worst_standing(now), Duration::ZERO);
        loops.note_standing(1, 20 * MS);
        loops.note_standing(2, 15 * MS);
        assert_eq!(loops.worst_standing(now), 20 * MS);
        loops.note_due(2, now);
        assert_eq!(loops.worst_standing(now + STANDING_WINDOW), 20 * MS);
        assert_eq!(loops.worst_standing(now + 4 * STANDING_WINDOW), 4 * STANDING_WINDOW);
    }

    #[test]
    fn a_worker_that_is_replaced_leaves_its_number() {
        let loops = Arc::new(EventLoops::new(&mut Book(&mut Registry::default()), 2));
        let [one, two] = [Arc::clone(&loops).claim().unwrap(), Arc::clone(&loops).claim().unwrap()];
        assert_eq!((one.number, two.number), (0, 1));
        assert!(Arc::clone(&loops).claim().is_none());
        drop(one);
        assert_eq!(Arc::clone(&loops).claim().unwrap().number, 0);
    }
}
