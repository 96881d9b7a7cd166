//! How far readers are behind, by class and the worst of them. Each worker looks at its own readers and reports what
//! it found; a scrape joins the latest reports of all.

use crate::metrics::classes::Account;
use crate::metrics::label::{Book, Each, Label};
use parking_lot::Mutex;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use std::borrow::Cow;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How many of the worst readers are told apart.
const WORST_MAX: usize = Rank::ALL.len();

/// One reader that is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Behind {
    /// Whose reader it is.
    pub(crate) account: Account,
    /// How long the oldest publication that it has not been given has waited.
    pub(crate) age: Duration,
    /// How many publications it has not been given.
    pub(crate) publications: u64,
    /// Their bytes, as far as they are known.
    pub(crate) bytes: u64,
}

/// What was found among some readers.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Lag {
    classes: Vec<OfClass>,
    /// Longest behind first; at most [`WORST_MAX`].
    worst: Vec<(Duration, u64)>,
}

/// All readers that are behind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LagNow {
    pub(crate) readers: u64,
    /// What they have not been given.
    pub(crate) publications: u64,
    /// How long the oldest of it has waited.
    pub(crate) oldest: Duration,
}

/// All readers of a class that are behind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OfClass {
    account: Account,
    readers: u64,
    publications: u64,
    bytes: u64,
    oldest: Duration,
}

impl Lag {
    /// Takes in a reader that is behind. Readers that are not need not be mentioned.
    pub(crate) fn note(&mut self, behind: Behind) {
        let Behind { account, age, publications, bytes } = behind;
        self.add(OfClass { account, readers: 1, publications, bytes, oldest: age });
        self.rank(age, publications);
    }

    fn merge(&mut self, other: &Self) {
        for class in &other.classes {
            self.add(class.clone());
        }
        for (age, publications) in &other.worst {
            self.rank(*age, *publications);
        }
    }

    fn add(&mut self, more: OfClass) {
        match self.classes.iter_mut().find(|class| class.account == more.account) {
            None => self.classes.push(more),
            Some(class) => {
                class.readers = class.readers.saturating_add(more.readers);
                class.publications = class.publications.saturating_add(more.publications);
                class.bytes = class.bytes.saturating_add(more.bytes);
                class.oldest = class.oldest.max(more.oldest);
            }
        }
    }

    fn rank(&mut self, age: Duration, publications: u64) {
        let place = self.worst.partition_point(|known| *known >= (age, publications));
        if place < WORST_MAX {
            self.worst.insert(place, (age, publications));
            self.worst.truncate(WORST_MAX);
        }
    }
}

/// The gauges, and the latest report of each worker.
#[derive(Debug)]
pub(crate) struct LagGauges {
    reports: Mutex<Vec<Weak<Mutex<Lag>>>>,
    readers: Each<Account, Gauge<u64, AtomicU64>>,
    publications: Each<Account, Gauge<u64, AtomicU64>>,
    bytes: Each<Account, Gauge<u64, AtomicU64>>,
    oldest: Each<Account, Gauge<f64, AtomicU64>>,
    worst_age: Each<Rank, Gauge<f64, AtomicU64>>,
    worst_publications: Each<Rank, Gauge<u64, AtomicU64>>,
}

/// A worker's reports; dropping it takes them out of the gauges.
#[derive(Debug)]
pub(crate) struct Reporter(Arc<Mutex<Lag>>);

impl Reporter {
    /// Replaces what this worker said before.
    pub(crate) fn observe_lag(&self, lag: Lag) {
        *self.0.lock() = lag;
    }
}

impl LagGauges {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            reports: Mutex::default(),
            readers: book.each("readers_behind", "Readers that have not been given everything", None),
            publications: book.each("publications_behind", "Publications that readers have not been given", None),
            bytes: book.each(
                "behind",
                "Bytes of publications that readers have not been given",
                Some(Unit::Bytes),
            ),
            oldest: book.each(
                "behind_oldest_age",
                "How long the oldest publication that a reader has not been given has waited",
                Some(Unit::Seconds),
            ),
            worst_age: book.each(
                "worst_lag_age",
                "How long the oldest publication has waited for each of the ten readers that are furthest behind",
                Some(Unit::Seconds),
            ),
            worst_publications: book.each(
                "worst_lag_publications",
                "Publications that each of the ten readers that are furthest behind has not been given",
                None,
            ),
        }
    }

    /// For one worker.
    pub(crate) fn reporter(&self) -> Reporter {
        let report = Arc::default();
        let mut reports = self.reports.lock();
        reports.retain(|known| known.strong_count() > 0);
        reports.push(Arc::downgrade(&report));
        Reporter(report)
    }

    /// What the workers said last, all together.
    fn joined(&self) -> Lag {
        let mut all = Lag::default();
        for report in self.reports.lock().iter().filter_map(Weak::upgrade) {
            all.merge(&report.lock());
        }
        all
    }

    /// How far all readers together are behind.
    pub(crate) fn now(&self) -> LagNow {
        self.joined().classes.iter().fold(LagNow::default(), |now, class| LagNow {
            readers: now.readers.saturating_add(class.readers),
            publications: now.publications.saturating_add(class.publications),
            oldest: now.oldest.max(class.oldest),
        })
    }

    /// Sets the gauges to what the workers said last.
    pub(crate) fn sample(&self) {
        let all = self.joined();
        for account in Account::ALL {
            let class = all.classes.iter().find(|class| class.account == *account);
            set(self.readers.of(*account), class.map_or(0, |class| class.readers));
            set(self.publications.of(*account), class.map_or(0, |class| class.publications));
            set(self.bytes.of(*account), class.map_or(0, |class| class.bytes));
            set(self.oldest.of(*account), class.map_or(0.0, |class| class.oldest.as_secs_f64()));
        }
        let worst = all.worst.into_iter().map(Some).chain(std::iter::repeat(None));
        for (rank, worst) in Rank::ALL.iter().zip(worst) {
            let (age, publications) = worst.unwrap_or_default();
            set(self.worst_age.of(*rank), age.as_secs_f64());
            set(self.worst_publications.of(*rank), publications);
        }
    }
}

fn set<N>(gauge: Option<&Gauge<N, AtomicU64>>, value: N)
where
    AtomicU64: prometheus_client::metrics::gauge::Atomic<N>,
{
    if let Some(gauge) = gauge {
        gauge.set(value);
    }
}

/// A place among the worst; the first is furthest behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank(u8);

impl Label for Rank {
    const NAME: &'static str = "rank";
    const ALL: &'static [Self] =
        &[Self(1), Self(2), Self(3), Self(4), Self(5), Self(6), Self(7), Self(8), Self(9), Self(10)];

    fn value(self) -> Cow<'static, str> {
        self.0.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;

    fn gauges() -> LagGauges {
        LagGauges::new(&mut Book(&mut Registry::default()))
    }

    fn behind(account: Account, seconds: u64, publications: u64) -> Behind {
        Behind { account, age: Duration::from_secs(seconds), publications, bytes: 10 * publications }
    }

    #[test]
    fn reports_of_all_workers_are_joined_and_a_new_one_replaces_the_old() {
        let gauges = gauges();
        let [one, two] = [gauges.reporter(), gauges.reporter()];
        let report = |behind: &[Behind]| {
            let mut lag = Lag::default();
            for behind in behind {
                lag.note(*behind);
            }
            lag
        };
        one.observe_lag(report(&[behind(Account::Activist, 9, 100)]));
        one.observe_lag(report(&[behind(Account::Activist, 2, 3), behind(Account::Organiser, 1, 1)]));
        two.observe_lag(report(&[behind(Account::Activist, 5, 4)]));
        gauges.sample();
        assert_eq!(gauges.readers.of(Account::Activist).unwrap().get(), 2);
        assert_eq!(gauges.publications.of(Account::Activist).unwrap().get(), 7);
        assert_eq!(gauges.bytes.of(Account::Activist).unwrap().get(), 70);
        assert!((gauges.oldest.of(Account::Activist).unwrap().get() - 5.0).abs() < f64::EPSILON);
        let worst: Vec<u64> =
            Rank::ALL.iter().map(|rank| gauges.worst_publications.of(*rank).unwrap().get()).collect();
        assert_eq!(worst, [4, 3, 1, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_worker_that_went_away_is_behind_no_more() {
        let gauges = gauges();
        let gone = gauges.reporter();
        let mut lag = Lag::default();
        lag.note(behind(Account::Stranger, 1, 1));
        gone.observe_lag(lag);
        drop(gone);
        gauges.sample();
        assert_eq!(gauges.readers.of(Account::Stranger).unwrap().get(), 0);
    }

    #[test]
    fn only_the_ten_that_wait_longest_are_kept() {
        let mut lag = Lag::default();
        for n in [5, 1, 12, 7, 3, 9, 11, 2, 8, 4, 10, 6] {
            lag.note(behind(Account::Activist, n, n));
        }
        let kept: Vec<u64> = lag.worst.iter().map(|(_, publications)| *publications).collect();
        assert_eq!(kept, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    }
}
