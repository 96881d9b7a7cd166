//! What members feel, by region. Regions are the campaign's own words, and there are few of them.

use super::sampled::copy;
use crate::assembly::Node;
use crate::clock;
use crate::felt::Times;
use crate::metrics::label::Book;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

type Labels = Vec<(&'static str, String)>;
/// What all regions together are called.
const EVERYWHERE: &str = "all";

/// What is looked up for each scrape.
#[derive(Debug)]
pub(crate) struct FeltFigures {
    times: Family<Labels, Gauge<f64, AtomicU64>>,
    slow_lately: Family<Labels, Gauge<u64, AtomicU64>>,
    slow: Counter,
}

impl FeltFigures {
    pub(crate) fn new(book: &mut Book<'_>) -> Self {
        let figures = Self {
            times: Family::default(),
            slow_lately: Family::default(),
            slow: book.one("slow_reports", "Times that a member said that it is slow", None),
        };
        book.register(
            "felt",
            "How long messages took to members' screens in the last five minutes, as their devices tell",
            Some(Unit::Seconds),
            figures.times.clone(),
        );
        book.register(
            "slow_reports_lately",
            "Times that a member said so in the last five minutes",
            None,
            figures.slow_lately.clone(),
        );
        figures
    }

    pub(crate) fn sample(&self, node: &Node) {
        let felt = node.feelings.everywhere(clock::now().instant);
        copy(&self.slow, node.feelings.slow_ever());
        // Regions from which nothing comes any more are told of no more.
        self.times.clear();
        self.slow_lately.clear();
        self.region(EVERYWHERE, felt.times, felt.slow_reports);
        for (region, there) in felt.regions {
            self.region(&region, there.times, there.slow_reports);
        }
    }

    fn region(&self, region: &str, times: Option<Times>, slow_reports: u64) {
        let label = ("region", region.to_owned());
        self.slow_lately.get_or_create_owned(&vec![label.clone()]).set(slow_reports);
        let Some(times) = times else { return };
        for (quantile, millis) in [("0.5", times.p50_ms), ("0.99", times.p99_ms)] {
            let labels = vec![label.clone(), ("quantile", quantile.to_owned())];
            self.times.get_or_create_owned(&labels).set(Duration::from_millis(millis).as_secs_f64());
        }
    }
}
