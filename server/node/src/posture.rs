//! How hard pressed the service is, as this node knows it: a task looks at the node once a second, another tells the
//! other nodes through the store and hears of them. Each node decides alone, and can do so without the store; the
//! posture of the deployment is the hardest of any node, unless an operator says otherwise.
//!
//! Things to note:
//! * [`ServicePosture::now`] costs one atomic read, so whoever gives something up may ask each time.
//! * **Operators** order a posture with [`ServicePosture::override_with`]. An order always ends by itself. It holds at
//!   this node at once, and at the others within [`SHARE_EVERY`] once the store has it.
//! * **Changes** come out of [`ServicePosture::changes`], for the record of an incident; who is slow to take them is
//!   told how many it missed.

mod announcing;
mod machine_memory;
mod order;
mod sharing;
mod signs;
mod standing;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use machine_memory::memory_max;
pub(crate) use order::{Order, OrderRefused, Reach};
pub(crate) use view::PostureView;

use crate::assembly::Node;
use crate::clock;
use admission::{Posture, Signs, Trigger};
use parking_lot::Mutex;
use protocol::Timestamp;
use session::Now;
use signs::SignsOfNode;
use standing::Standing;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use storage::records::posture::Statement;
use storage::{History, Records};
use tokio::sync::{Notify, broadcast};
use tokio::time::MissedTickBehavior;

protocol::limits! {
    /// Changes of posture that wait for whoever takes them; who is further behind is told how many it missed.
    const CHANGES_WAITING_MAX: usize = 64 => unseen;
    /// Longest order of an operator for one posture; a longer one is refused, so that nobody forgets it.
    pub(crate) const ORDER_TTL_MAX: Duration = Duration::from_hours(24) => unseen;
    /// How long an order lasts if nothing else is said.
    pub(crate) const ORDER_TTL: Duration = Duration::from_mins(30) => unseen;
    /// Longest name of who gives an order, and longest reason; longer ones are refused.
    pub(crate) const ORDER_WORDS_MAX_BYTES: usize = 500 => unseen;
}

/// How often signs are looked at: one window of the machine.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often the other nodes are heard.
const SHARE_EVERY: Duration = Duration::from_secs(2);

/// What a node's signs are measured against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ceilings {
    /// How long what is ready may wait for its turn on a worker.
    pub(crate) delay_target: Duration,
    pub(crate) memory_max: u64,
    pub(crate) descriptors_max: u64,
}

/// A change of posture, or the beginning or end of an order that left it as it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) at: Timestamp,
    pub(crate) from: Posture,
    pub(crate) to: Posture,
    pub(crate) trigger: Trigger,
    /// The figure behind a sign, seconds of quiet for [`Trigger::Calm`], else 0.
    pub(crate) value: f64,
    /// The order that holds now.
    pub(crate) order: Option<Order>,
}

impl Change {
    /// What there was before anything changed.
    const fn beginning(at: Timestamp) -> Self {
        let (from, to) = (Posture::Normal, Posture::Normal);
        Self { at, from, to, trigger: Trigger::Calm, value: 0.0, order: None }
    }
}

/// The posture of the service, for all threads of a node.
pub(crate) struct ServicePosture {
    /// This process among those of the deployment; says nothing of where it runs.
    id: String,
    ceilings: Ceilings,
    now: AtomicU8,
    standing: Mutex<Standing>,
    changes: broadcast::Sender<Change>,
    /// Changes so far, by what they were for.
    counts: [AtomicU64; Trigger::ALL.len()],
    /// Something changed that others are to hear of.
    news: Notify,
    records: Arc<dyn Records>,
    history: Arc<dyn History>,
    /// Whether other nodes may be on the same store.
    has_peers: bool,
    /// After this time the last word on `service:status` is said again, before it is forgotten.
    announce_again_after: Duration,
}

impl ServicePosture {
    pub(crate) fn new(setup: Setup, records: Arc<dyn Records>, history: Arc<dyn History>, now: Now) -> Self {
        Self {
            id: setup.id,
            ceilings: setup.ceilings,
            now: AtomicU8::new(Posture::Normal.number()),
            standing: Mutex::new(Standing::new(setup.hold, now)),
            changes: broadcast::Sender::new(CHANGES_WAITING_MAX),
            counts: Default::default(),
            news: Notify::new(),
            records,
            history,
            has_peers: setup.has_peers,
            announce_again_after: setup.announce_again_after,
        }
    }

    /// The posture of the deployment. One atomic read.
    pub(crate) fn now(&self) -> Posture {
        Posture::from_number(self.now.load(Ordering::Relaxed))
    }

    /// Changes from now on, for the record of an incident.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Everything that is known, for operators.
    pub(crate) fn snapshot(&self) -> PostureView {
        PostureView::of(&self.standing.lock(), clock::now())
    }

    /// What an admin says on the status page.
    pub(crate) fn statement(&self) -> Option<Statement> {
        self.standing.lock().statement().cloned()
    }

    /// How often the posture changed, by what for.
    pub(crate) fn count(&self, trigger: Trigger) -> u64 {
        let place = Trigger::ALL.iter().position(|known| *known == trigger);
        let count = place.and_then(|place| self.counts.get(place));
        count.map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(crate) const fn delay_target(&self) -> Duration {
        self.ceilings.delay_target
    }

    pub(crate) const fn memory_max(&self) -> u64 {
        self.ceilings.memory_max
    }

    pub(crate) const fn descriptors_max(&self) -> u64 {
        self.ceilings.descriptors_max
    }

    /// A second is over.
    pub(crate) fn observe(&self, signs: &Signs, now: Now) {
        let change = self.standing.lock().observe(signs, now);
        self.tell(change);
    }

    /// Makes a change known within this node.
    fn tell(&self, change: Option<Change>) {
        let Some(change) = change else { return };
        self.now.store(change.to.number(), Ordering::Relaxed);
        if change.from != change.to {
            let place = Trigger::ALL.iter().position(|known| *known == change.trigger);
            if let Some(count) = place.and_then(|place| self.counts.get(place)) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            tracing::warn!(
                from = change.from.as_str(),
                to = change.to.as_str(),
                trigger = change.trigger.as_str(),
                value = change.value,
                "the posture changed"
            );
        }
        // Nobody has to take them.
        drop(self.changes.send(change));
        self.news.notify_one();
    }
}

/// What a node's posture starts with.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) id: String,
    pub(crate) ceilings: Ceilings,
    /// How long elevated is kept after an attack.
    pub(crate) hold: Duration,
    pub(crate) has_peers: bool,
    pub(crate) announce_again_after: Duration,
}

/// Looks at the node once a second, for as long as it serves.
pub(crate) async fn watch_for_ever(node: Arc<Node>) {
    let mut signs = SignsOfNode::default();
    let mut interval = tokio::time::interval(WATCH_EVERY);
    // A window that was missed showed nothing.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let seen = signs.gather(&node);
        node.posture.observe(&seen, clock::now());
    }
}

/// Tells the others and hears them, for as long as the node serves.
pub(crate) async fn share_for_ever(node: Arc<Node>) {
    let mut interval = tokio::time::interval(SHARE_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            () = node.posture.news.notified() => {}
        }
        node.posture.share(clock::now()).await;
    }
}

impl fmt::Debug for ServicePosture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServicePosture").field("now", &self.now()).finish_non_exhaustive()
    }
}
