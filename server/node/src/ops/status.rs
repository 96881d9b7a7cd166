//! How the node fares, in figures: as one answer, and as one line a second for whoever watches.

use crate::assembly::Node;
use crate::clock;
use crate::incident::{OpenRecord, figures};
use crate::metrics::classes::Account;
use crate::metrics::label::Label;
use admission::Criticality;
use campaign::Demand;
use evidence::incident::{Figures, Flow};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::Serialize;
use session::Now;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

/// How often it is told.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Everything, without a name.
#[derive(Debug, Clone, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and has its name in what is sent"
)]
pub(crate) struct Status {
    at: Timestamp,
    version: &'static str,
    posture: &'static str,
    since: Timestamp,
    trigger: &'static str,
    /// Until when an operator's order holds.
    ordered_until: Option<Timestamp>,
    nodes: usize,
    hears_the_store: bool,
    pressure: f64,
    memory_share: f64,
    descriptors_share: f64,
    /// Open connections.
    connections: BTreeMap<String, u64>,
    /// What came each second, by class.
    per_second: BTreeMap<&'static str, Rates>,
    publishes_per_second: f64,
    deliveries_per_second: f64,
    behind: Behind,
    incident: Option<OpenRecord>,
    incident_is_failing: bool,
    is_draining: bool,
    /// Whether organisers are organisers without a passkey.
    passkeys_are_optional: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Rates {
    offered: f64,
    admitted: f64,
    delayed: f64,
    refused: f64,
}

/// How far readers are behind.
#[derive(Debug, Clone, Copy, Serialize)]
struct Behind {
    readers: u64,
    publications: u64,
    oldest_seconds: f64,
}

/// What two looks at the figures, some time apart, amount to.
#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    figures: Figures,
    before: Figures,
    /// Between both.
    time: Duration,
}

/// What is told, for as many as look.
#[derive(Debug)]
pub(crate) struct Board {
    seen: Mutex<Option<Seen>>,
    line: watch::Sender<Arc<str>>,
    /// Held by the task that tells.
    teller: Mutex<Weak<()>>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self { seen: Mutex::new(None), line: watch::Sender::default(), teller: Mutex::default() }
    }

    /// Tells once a second, on this thread, unless somebody does. A thread that is replaced takes its task along.
    pub(super) fn tell_from_here(self: &Arc<Self>, node: &Arc<Node>) {
        let mut teller = self.teller.lock();
        if teller.strong_count() > 0 {
            return;
        }
        let token = Arc::new(());
        *teller = Arc::downgrade(&token);
        let (board, node) = (Arc::downgrade(self), Arc::downgrade(node));
        actix_web::rt::spawn(async move {
            let mut interval = tokio::time::interval(TELL_EVERY);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while Arc::strong_count(&token) > 0 {
                interval.tick().await;
                let (Some(board), Some(node)) = (board.upgrade(), node.upgrade()) else { return };
                board.tell(&node, clock::now());
            }
        });
    }

    fn tell(&self, node: &Node, now: Now) {
        let figures = figures(node);
        let mut seen = self.seen.lock();
        let before = seen.as_ref().map_or((now.instant, figures), |seen| (seen.at, seen.figures));
        let time = now.instant.saturating_duration_since(before.0);
        *seen = Some(Seen { at: now.instant, figures, before: before.1, time });
        drop(seen);
        if self.line.receiver_count() > 0
            && let Ok(line) = serde_json::to_string(&self.status(node))
        {
            self.line.send_replace(line.into());
        }
    }

    /// The lines from now on; whoever is slow sees the latest.
    pub(super) fn lines(&self) -> watch::Receiver<Arc<str>> {
        let mut lines = self.line.subscribe();
        lines.mark_unchanged();
        lines
    }

    /// How the node fares.
    pub(super) fn status(&self, node: &Node) -> Status {
        let posture = node.posture.snapshot();
        let lag = node.metrics.lag.now();
        let incidents = node.incidents.standing();
        let connections = Account::ALL
            .iter()
            .map(|account| (account.value().into_owned(), node.metrics.connections.open(*account)));
        let seen = *self.seen.lock();
        let rate = |count: fn(&Figures) -> u64| seen.map_or(0.0, |seen| seen.rate(count));
        Status {
            at: clock::wall(),
            version: env!("CARGO_PKG_VERSION"),
            posture: posture.posture.as_str(),
            since: posture.since,
            trigger: posture.trigger.as_str(),
            ordered_until: posture.order.map(|order| order.until),
            nodes: posture.nodes,
            hears_the_store: posture.hears_the_store,
            pressure: posture.signs.pressure,
            memory_share: posture.signs.memory_share,
            descriptors_share: posture.signs.descriptors_share,
            connections: connections.collect(),
            per_second: seen.map(|seen| seen.rates()).unwrap_or_default(),
            publishes_per_second: rate(|figures| figures.acked),
            deliveries_per_second: rate(|figures| figures.delivered),
            behind: Behind {
                readers: lag.readers,
                publications: lag.publications,
                oldest_seconds: lag.oldest.as_secs_f64(),
            },
            incident: incidents.open,
            incident_is_failing: incidents.is_failing,
            is_draining: node.lifecycle.is_draining(),
            passkeys_are_optional: node.demand == Demand::Optional,
        }
    }
}

impl Seen {
    fn rate(&self, count: impl Fn(&Figures) -> u64) -> f64 {
        per_second(count(&self.figures).saturating_sub(count(&self.before)), self.time)
    }

    /// Of classes of which there was ever anything.
    fn rates(&self) -> BTreeMap<&'static str, Rates> {
        let flows = self.figures.classes.iter().zip(&self.before.classes);
        let all = Criticality::ALL.into_iter().zip(flows);
        let known = all.filter(|(_, (now, _))| **now != Flow::default());
        let rates = known.map(|(class, (now, before))| {
            let rate = |now: u64, before: u64| per_second(now.saturating_sub(before), self.time);
            let rates = Rates {
                offered: rate(now.offered, before.offered),
                admitted: rate(now.admitted, before.admitted),
                delayed: rate(now.delayed, before.delayed),
                refused: rate(now.refused, before.refused),
            };
            (class.as_str(), rates)
        });
        rates.collect()
    }
}

/// To a tenth. Nothing is a rate over no time.
fn per_second(count: u64, time: Duration) -> f64 {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let tenths = count.saturating_mul(10_000).checked_div(millis).unwrap_or_default();
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_over_the_time_that_passed() {
        for (count, millis, expected) in [(0, 1_000, 0.0), (30, 1_000, 30.0), (30, 1_500, 20.0), (5, 0, 0.0)]
        {
            let rate = per_second(count, Duration::from_millis(millis));
            assert!((rate - expected).abs() < 1e-9, "{count} in {millis} ms: {rate}");
        }
        assert!(per_second(u64::MAX, Duration::from_millis(1)) > 1e8);
    }
}
