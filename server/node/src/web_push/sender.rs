//! What the lanes of the sending thread share: the client, which push services are left alone, and one pace.

use super::client::PushClient;
use crate::assembly::Node;
use crate::clock;
use campaign::web_push::Services;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

protocol::limits! {
    /// Notifications that a node hands to push services in a second; further ones wait.
    pub(crate) const PUSHES_PER_SECOND: u32 = 1_000 => shown "holdfast_push_oldest_seconds";
}

/// One thread that sends.
pub(super) struct Sender {
    pub(super) node: Arc<Node>,
    pub(super) client: PushClient,
    pub(super) services: RefCell<Services>,
    /// Of this life of the node: what an earlier one had hold of is not ours.
    pub(super) name: String,
    /// Rounds of urgent bulletins that are under way.
    urgent: Cell<u32>,
    next: Cell<Option<Instant>>,
}

impl Sender {
    pub(super) fn new(node: Arc<Node>, client: PushClient, name: String) -> Self {
        let (services, urgent, next) = (RefCell::default(), Cell::new(0), Cell::new(None));
        Self { node, client, services, name, urgent, next }
    }

    /// Waits until it is the next one's turn: so many a second, and no turns are saved up.
    pub(super) async fn turn(&self) {
        let now = clock::now().instant;
        let turn = self.next.get().map_or(now, |next| next.max(now));
        self.next.set(Some(turn + Duration::from_secs(1) / PUSHES_PER_SECOND));
        tokio::time::sleep_until(turn.into()).await;
    }

    /// Whether ordinary rounds step aside.
    pub(super) fn has_urgent(&self) -> bool {
        self.urgent.get() > 0
    }

    /// One more round, or one less, of an urgent bulletin is under way.
    pub(super) fn set_urgent(&self, is_under_way: bool) {
        let now = self.urgent.get();
        self.urgent.set(if is_under_way { now.saturating_add(1) } else { now.saturating_sub(1) });
    }
}
