//! What a node knows of postures and what follows from it: its own, what the others told, what an operator ordered.
//! Decides only; who asks brings the time.

use super::{Change, Order};
use admission::{Agreed, Posture, PostureMachine, Signs, Transition, Trigger, agreed};
use protocol::Timestamp;
use session::Now;
use std::time::{Duration, Instant};
use storage::records::posture::{Announced, NodePosture, Override, POSTURE_FRESH_FOR, Postures, Statement};

/// How often a node tells the others although nothing changed.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// A store that has not answered for so long is said to be away.
const AWAY_AFTER: Duration = Duration::from_secs(6);

/// What one node knows.
#[derive(Debug)]
pub(super) struct Standing {
    machine: PostureMachine,
    signs: Signs,
    own_since: Timestamp,
    told: Option<(Posture, Instant)>,
    known: Postures,
    read_at: Option<Instant>,
    agreed: Agreed,
    order: Option<Order>,
    last: Change,
    /// How often an order was given or taken back here: what was read before knows nothing of it.
    orders_given: u64,
    /// Whether the store still has to hear of the last one.
    order_waits: bool,
}

impl Standing {
    pub(super) fn new(hold: Duration, now: Now) -> Self {
        Self {
            machine: PostureMachine::new(hold, now.instant),
            signs: Signs::default(),
            own_since: now.wall,
            told: None,
            known: Postures::default(),
            read_at: None,
            agreed: agreed(Posture::Normal, [], None),
            order: None,
            last: Change::beginning(now.wall),
            orders_given: 0,
            order_waits: false,
        }
    }

    /// A second is over.
    pub(super) fn observe(&mut self, signs: &Signs, now: Now) -> Option<Change> {
        self.signs = *signs;
        let own = self.machine.observe(signs, now.instant);
        if own.is_some() {
            self.own_since = now.wall;
        }
        self.settle(own, now)
    }

    /// The store told what it has, which was asked for when so many orders had been given here.
    pub(super) fn heard(&mut self, mut postures: Postures, orders_given: u64, now: Now) -> Option<Change> {
        if self.order_waits || orders_given != self.orders_given {
            postures.forced = self.known.forced.take();
        }
        self.known = postures;
        self.read_at = Some(now.instant);
        self.settle(None, now)
    }

    /// An operator at this node orders a posture, or takes an order back.
    pub(super) fn order(&mut self, forced: Option<Override>, now: Now) -> Option<Change> {
        self.known.forced = forced;
        self.orders_given = self.orders_given.wrapping_add(1);
        self.order_waits = true;
        self.settle(None, now)
    }

    /// The order that the store has still to hear of, and its number.
    pub(super) fn waiting_order(&self) -> Option<(Option<Override>, u64)> {
        self.order_waits.then(|| (self.known.forced.clone(), self.orders_given))
    }

    /// The store has heard of an order.
    pub(super) fn order_is_stored(&mut self, number: u64) {
        self.order_waits = self.order_waits && number != self.orders_given;
    }

    /// The number of orders that were given here.
    pub(super) const fn orders_given(&self) -> u64 {
        self.orders_given
    }

    /// What the others are to be told now, if anything.
    pub(super) fn take_news(&mut self, now: Now) -> Option<NodePosture> {
        let own = self.machine.posture();
        let is_known = self
            .told
            .is_some_and(|(told, at)| told == own && now.instant.saturating_duration_since(at) < TELL_EVERY);
        if is_known {
            return None;
        }
        self.told = Some((own, now.instant));
        Some(NodePosture { posture: own.as_str().to_owned(), since: self.own_since })
    }

    /// Telling them did not succeed.
    pub(super) fn not_told(&mut self) {
        self.told = None;
    }

    /// An admin said something at this node.
    pub(super) fn said(&mut self, statement: Statement) {
        self.known.statement = Some(statement);
    }

    /// What follows from all that is known.
    fn settle(&mut self, own: Option<Transition>, now: Now) -> Option<Change> {
        let order = self.known.forced.as_ref().and_then(|forced| Order::of(forced, now.wall));
        let forced = order.as_ref().map(|order| order.posture);
        let before = self.agreed;
        self.agreed = agreed(self.machine.posture(), self.peers(now.instant), forced);
        let is_ordered = order != self.order;
        self.order = order;
        if self.agreed.posture == before.posture && !is_ordered {
            return None;
        }
        let trigger = self.agreed.trigger_since(before).or(own.map(|own| own.trigger));
        let change = Change {
            at: now.wall,
            from: before.posture,
            to: self.agreed.posture,
            trigger: trigger.unwrap_or(Trigger::Calm),
            value: own.filter(|own| Some(own.trigger) == trigger).map_or(0.0, |own| own.value),
            order: self.order.clone(),
        };
        if change.from != change.to {
            self.last = change.clone();
        }
        Some(change)
    }

    /// What others told, for as long as it counts. Also while the store is away, which takes longer to fall silent than
    /// the nodes.
    fn peers(&self, now: Instant) -> Vec<Posture> {
        let is_fresh = self.read_at.is_some_and(|at| now.saturating_duration_since(at) < POSTURE_FRESH_FOR);
        let words = self.known.peers.iter().filter(|_| is_fresh);
        words.filter_map(|peer| Posture::parse(&peer.posture)).collect()
    }

    pub(super) const fn posture(&self) -> Posture {
        self.agreed.posture
    }

    pub(super) const fn own(&self) -> Posture {
        self.machine.posture()
    }

    pub(super) const fn signs(&self) -> &Signs {
        &self.signs
    }

    /// The last change of the deployment's posture.
    pub(super) const fn last(&self) -> &Change {
        &self.last
    }

    pub(super) const fn current_order(&self) -> Option<&Order> {
        self.order.as_ref()
    }

    pub(super) const fn statement(&self) -> Option<&Statement> {
        self.known.statement.as_ref()
    }

    pub(super) const fn announced(&self) -> Option<&(u64, Announced)> {
        self.known.announced.as_ref()
    }

    /// Nodes that this one knows of, itself among them.
    pub(super) fn nodes(&self, now: Instant) -> usize {
        self.peers(now).len().saturating_add(1)
    }

    /// Whether the store has answered lately.
    pub(super) fn hears_the_store(&self, now: Instant) -> bool {
        self.read_at.is_some_and(|at| now.saturating_duration_since(at) < AWAY_AFTER)
    }
}
