//! Who was let in, who waits and who was refused, and how hard pressed the node is.

use crate::metrics::label::{Book, Each, EachOfTwo, Label};
use admission::{Criticality, Level};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// What became of somebody who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Admitted,
    /// They got a place.
    Delayed,
    Refused,
}

impl Label for Outcome {
    const NAME: &'static str = "outcome";
    const ALL: &'static [Self] = &[Self::Admitted, Self::Delayed, Self::Refused];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Admitted => "admitted",
            Self::Delayed => "delayed",
            Self::Refused => "refused",
        }
        .into()
    }
}

impl Label for Criticality {
    const NAME: &'static str = "class";
    const ALL: &'static [Self] = &Self::ALL;

    fn value(self) -> Cow<'static, str> {
        self.as_str().into()
    }
}

/// Who turns connections away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The kernel drops the first packet.
    Kernel,
    /// The node accepts and closes.
    Node,
}

impl Label for By {
    const NAME: &'static str = "by";
    const ALL: &'static [Self] = &[Self::Kernel, Self::Node];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Kernel => "kernel",
            Self::Node => "node",
        }
        .into()
    }
}

/// What the gate counts and knows.
#[derive(Debug)]
pub(crate) struct AdmissionFigures {
    decisions: EachOfTwo<Criticality, Outcome, Counter>,
    pressure: Gauge<f64, AtomicU64>,
    threshold: Gauge,
    waiting: Each<Criticality, Gauge>,
    rate: Gauge<f64, AtomicU64>,
    turned_away: Each<By, Gauge<f64, AtomicU64>>,
    backlog: Gauge,
    backlog_wait: Gauge<f64, AtomicU64>,
    anteroom: Gauge,
    evicted: Counter,
    /// Connections from unknown networks that entered the anteroom, and those of them that turned out to be somebody's, since
    /// somebody took these.
    entered: AtomicU32,
    proved: AtomicU32,
}

impl AdmissionFigures {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        Self {
            decisions: book.each_of_two("admission", "Requests by class and by what became of them", None),
            pressure: book.one("pressure", "How long work waits, against how long it should: 1 is the target", None),
            threshold: book.one("admission_threshold", "The last of 768 levels that is let in as it comes", None),
            waiting: book.each("waiting", "People with a place in the waiting room, by class", None),
            rate: book.one("waiting_room_rate", "People that the waiting room lets in a second", None),
            turned_away: book.each(
                "turned_away_share",
                "The share of connections from unknown networks that is turned away unseen, and by whom",
                None,
            ),
            backlog: book.one("backlog_connections", "Connections that wait in the kernel to be accepted", None),
            backlog_wait: book.one(
                "backlog_wait",
                "How long a connection waits there, about",
                Some(Unit::Seconds),
            ),
            anteroom: book.one("anteroom_connections", "Connections of which it is not known whose they are", None),
            evicted: book.one(
                "anteroom_evicted",
                "Connections that had to go because too many were there of which it was not known whose they were",
                None,
            ),
            entered: AtomicU32::new(0),
            proved: AtomicU32::new(0),
        }
    }

    /// Somebody of a class asked, and this became of them.
    pub(crate) fn count(&self, class: Criticality, outcome: Outcome) {
        if let Some(counter) = self.decisions.of_both(class, outcome) {
            counter.inc();
        }
    }

    /// How many of a class this became of.
    pub(crate) fn counted(&self, class: Criticality, outcome: Outcome) -> u64 {
        self.decisions.of_both(class, outcome).map_or(0, Counter::get)
    }

    /// A connection entered the anteroom, and perhaps another had to go for it.
    pub(crate) fn entered(&self, is_from_unknown: bool, evicted: bool) {
        self.anteroom.inc();
        self.entered.fetch_add(is_from_unknown.into(), Ordering::Relaxed);
        if evicted {
            self.evicted.inc();
        }
    }

    /// A connection had to go, to make room.
    pub(crate) fn evicted(&self) {
        self.evicted.inc();
    }

    /// A connection from an unknown network turned out to be somebody's.
    pub(crate) fn proved(&self) {
        self.proved.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections from unknown networks that entered the anteroom, and those of them that turned out to be somebody's, since
    /// this was asked last.
    pub(crate) fn take_entered(&self) -> (u32, u32) {
        (self.entered.swap(0, Ordering::Relaxed), self.proved.swap(0, Ordering::Relaxed))
    }

    /// A connection left the anteroom.
    pub(crate) fn left(&self) {
        self.anteroom.dec();
    }

    /// These shares are turned away from now on.
    pub(crate) fn tell_turned_away(&self, by_kernel: f64, by_node: f64) {
        for (by, share) in [(By::Kernel, by_kernel), (By::Node, by_node)] {
            if let Some(gauge) = self.turned_away.of(by) {
                gauge.set(share);
            }
        }
    }

    /// So many connections wait in the kernel, for so long.
    pub(crate) fn tell_backlog(&self, waiting: u32, wait: Duration) {
        self.backlog.set(waiting.into());
        self.backlog_wait.set(wait.as_secs_f64());
    }

    pub(crate) fn tell(&self, pressure: f64, threshold: Level, waiting: &[(Criticality, u64)], rate: f64) {
        self.pressure.set(pressure);
        self.threshold.set(threshold.number().into());
        self.rate.set(rate);
        for (class, waiting) in waiting {
            if let Some(gauge) = self.waiting.of(*class) {
                gauge.set(i64::try_from(*waiting).unwrap_or(i64::MAX));
            }
        }
    }
}

/// How old news were when a worker had told all its sockets. The least of a short time counts: one bulletin to many
/// readers keeps a worker busy for a moment, news that are always old do not.
#[derive(Debug)]
pub(crate) struct FanOutAge {
    least: AtomicU64,
    walks: AtomicU32,
}

impl Default for FanOutAge {
    fn default() -> Self {
        Self { least: AtomicU64::new(u64::MAX), walks: AtomicU32::new(0) }
    }
}

impl FanOutAge {
    /// A worker has told all its sockets of news of this age.
    pub(crate) fn note(&self, age: Duration) {
        self.least.fetch_min(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.walks.fetch_add(1, Ordering::Relaxed);
    }

    /// The age that stands since this was asked last.
    pub(crate) fn standing(&self) -> Duration {
        let least = self.least.swap(u64::MAX, Ordering::Relaxed);
        let walks = self.walks.swap(0, Ordering::Relaxed);
        if walks < 2 { Duration::ZERO } else { Duration::from_nanos(least) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_walk_does_not_stand_and_slow_ones_in_a_row_do() {
        let age = FanOutAge::default();
        age.note(Duration::from_millis(300));
        assert_eq!(age.standing(), Duration::ZERO);
        for millis in [300, 200, 400] {
            age.note(Duration::from_millis(millis));
        }
        assert_eq!(age.standing(), Duration::from_millis(200));
        assert_eq!(age.standing(), Duration::ZERO);
    }
}
