//! Distributions of times: recorded in one process, handed over as bytes, added up in another.

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest time that is told apart, in microseconds: longer ones count as this.
const LONGEST_MICROS: u64 = 24 * 60 * 60 * 1_000_000;
/// Decimal digits that a value keeps.
const DIGITS: u8 = 3;

/// Kinds of latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// From when a client came until all its subscriptions stand.
    Join,
    /// From when a message was due to when a reader got it that had missed it.
    Late,
    /// From when a message was due to when a reader got it.
    Live,
    /// From when a message was due to its answer.
    Publish,
    /// From the end of a connection until all subscriptions stand again.
    Rejoin,
    /// From when a client first asked for a ticket until it had one.
    Wait,
}

impl Kind {
    /// The word of figures.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Late => "late",
            Self::Live => "live",
            Self::Publish => "publish",
            Self::Rejoin => "rejoin",
            Self::Wait => "wait",
        }
    }
}

/// Distributions by kind and class, and how late the generator was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latencies {
    of: BTreeMap<(Kind, usize), Times>,
    slip: Times,
}

/// One distribution, made when the first value comes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Option<Histogram<u64>>);

/// Distributions on their way between processes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Encoded {
    of: Vec<(Kind, usize, String)>,
    slip: Option<String>,
}

impl Times {
    /// Records a time.
    pub(crate) fn record(&mut self, micros: u64) {
        if let Some(histogram) = self.histogram() {
            histogram.saturating_record(micros.min(LONGEST_MICROS));
        }
    }

    /// Adds what another recorded.
    pub(crate) fn add(&mut self, other: &Self) {
        if let (Some(other), Some(histogram)) = (&other.0, self.histogram()) {
            // Both have the same bounds, so nothing can be out of range.
            let _added = histogram.add(other);
        }
    }

    fn histogram(&mut self) -> Option<&mut Histogram<u64>> {
        if self.0.is_none() {
            self.0 = Histogram::new_with_bounds(1, LONGEST_MICROS, DIGITS).ok();
        }
        self.0.as_mut()
    }

    /// How many.
    pub(crate) fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    /// A percentile, in milliseconds; nothing if nothing was recorded.
    pub(crate) fn percentile_ms(&self, percentile: f64) -> Option<f64> {
        let histogram = self.0.as_ref().filter(|histogram| !histogram.is_empty())?;
        Some(milliseconds(histogram.value_at_percentile(percentile)))
    }

    /// The highest, in milliseconds.
    pub(crate) fn max_ms(&self) -> Option<f64> {
        self.0
            .as_ref()
            .filter(|histogram| !histogram.is_empty())
            .map(|histogram| milliseconds(histogram.max()))
    }

    /// The mean, in milliseconds.
    pub(crate) fn mean_ms(&self) -> Option<f64> {
        self.0.as_ref().filter(|histogram| !histogram.is_empty()).map(|histogram| histogram.mean() / 1_000.0)
    }

    fn encoded(&self) -> Option<String> {
        let histogram = self.0.as_ref().filter(|histogram| !histogram.is_empty())?;
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(histogram, &mut bytes).ok()?;
        Some(BASE64_STANDARD.encode(bytes))
    }

    fn decoded(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        Some(Self(Some(Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?)))
    }
}

fn milliseconds(micros: u64) -> f64 {
    std::time::Duration::from_micros(micros).as_secs_f64() * 1_000.0
}

impl Latencies {
    /// Records a time of a class.
    pub(crate) fn record(&mut self, kind: Kind, class: usize, micros: u64) {
        self.of.entry((kind, class)).or_default().record(micros);
    }

    /// Records how late the generator was.
    pub(crate) fn slip(&mut self, micros: u64) {
        self.slip.record(micros);
    }

    /// Everything since the last time.
    pub(crate) fn take(&mut self) -> Encoded {
        let encoded = Encoded {
            of: self
                .of
                .iter()
                .filter_map(|((kind, class), times)| Some((*kind, *class, times.encoded()?)))
                .collect(),
            slip: self.slip.encoded(),
        };
        // Kept and emptied: making a histogram anew takes more.
        for times in self.of.values_mut().chain([&mut self.slip]) {
            if let Some(histogram) = &mut times.0 {
                histogram.reset();
            }
        }
        encoded
    }

    /// Adds what a process handed over; whether all of it could be read.
    pub(crate) fn add(&mut self, encoded: &Encoded) -> bool {
        let mut whole = true;
        for (kind, class, text) in &encoded.of {
            match Times::decoded(text) {
                Some(times) => self.of.entry((*kind, *class)).or_default().add(&times),
                None => whole = false,
            }
        }
        if let Some(text) = &encoded.slip {
            match Times::decoded(text) {
                Some(times) => self.slip.add(&times),
                None => whole = false,
            }
        }
        whole
    }

    /// Adds what another has.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, times) in &other.of {
            self.of.entry(*key).or_default().add(times);
        }
        self.slip.add(&other.slip);
    }

    /// Of one class.
    pub(crate) fn of(&self, kind: Kind, class: usize) -> Option<&Times> {
        self.of.get(&(kind, class))
    }

    /// Of all classes together.
    pub(crate) fn of_all(&self, kind: Kind) -> Times {
        self.of_some(kind, |_| true)
    }

    /// Of some classes together.
    pub(crate) fn of_some(&self, kind: Kind, counts: impl Fn(usize) -> bool) -> Times {
        let mut sum = Times::default();
        for (_, times) in self.of.iter().filter(|((of, class), _)| *of == kind && counts(*class)) {
            sum.add(times);
        }
        sum
    }

    /// How late the generator was.
    pub(crate) const fn slips(&self) -> &Times {
        &self.slip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_processes_recorded_adds_up() {
        let mut sum = Latencies::default();
        for process in 0..2 {
            let mut latencies = Latencies::default();
            for micros in 1..=1_000 {
                latencies.record(Kind::Live, process, micros * 1_000);
            }
            latencies.slip(5_000);
            assert!(sum.add(&latencies.take()));
            assert_eq!(latencies.take(), Encoded::default(), "handed over once");
        }
        let all = sum.of_all(Kind::Live);
        assert_eq!((all.count(), sum.of(Kind::Live, 1).unwrap().count()), (2_000, 1_000));
        let median = all.percentile_ms(50.0).unwrap();
        assert!((499.0..=502.0).contains(&median), "{median}");
        assert!((all.max_ms().unwrap() - 1_000.0).abs() < 1.0);
        assert_eq!(sum.slips().count(), 2);
        assert_eq!(sum.of_all(Kind::Late).percentile_ms(99.0), None);
    }

    #[test]
    fn a_time_beyond_the_longest_counts_as_the_longest() {
        let mut times = Times::default();
        times.record(u64::MAX);
        assert!(times.max_ms().unwrap() > 80_000_000.0);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let encoded = Encoded { of: vec![(Kind::Live, 0, "no".to_owned())], slip: None };
        assert!(!Latencies::default().add(&encoded));
    }
}
