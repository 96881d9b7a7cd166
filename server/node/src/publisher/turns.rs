//! Turns at the store. So many messages are with it as fill its groups; the rest waits in a queue that is fair, because
//! what the store holds already it serves first come, first served.

use admission::FairQueue;
use admission::fair_queue::{NoRoom, Room};
use parking_lot::Mutex;
use protocol::{Lane, MemberId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::timeout;

protocol::limits! {
    /// Most messages of a node that are with its store at once; further ones wait for their turn, fairly.
    pub(crate) const WITH_STORE_MAX_MESSAGES: usize = 256 => shown "holdfast_publishes_with_store";
    /// Bytes of messages with the store after which further ones wait for their turn.
    pub(crate) const WITH_STORE_MAX_BYTES: usize = 512 * 1024 => shown "holdfast_publishes_with_store";
    /// Longest that a message waits for its turn; then its sender is told when to come again. SDKs give up a second later.
    pub(crate) const TURN_PATIENCE: Duration = Duration::from_secs(4) => shown "holdfast_publishes_refused";
}

/// Who is at the store, and who waits.
#[derive(Debug)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug)]
struct State {
    queue: FairQueue<MemberId, Waiting>,
    /// Since when each message that is with the store has waited, by a number of its own.
    with_store: BTreeMap<u64, Instant>,
    bytes: usize,
    next: u64,
}

/// A message that waits for its turn.
struct Waiting {
    grant: oneshot::Sender<Turn>,
    bytes: usize,
}

/// Why a message has no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// No more may wait.
    NoRoom(NoRoom),
    /// It waited for so long that its sender should hear of it.
    NotInTime,
}

/// A message's turn, until it is dropped.
pub(crate) struct Turn {
    /// Nothing once it is over.
    turns: Option<Arc<Turns>>,
    number: u64,
    bytes: usize,
}

/// What waits, as metrics tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queued {
    /// By lane: how many messages, and how long the one that waits longest has waited.
    pub(crate) lanes: [(Lane, usize, Duration); Lane::ALL.len()],
    /// How many are with the store.
    pub(crate) with_store: usize,
}

impl Turns {
    pub(super) fn new() -> Self {
        let queue = FairQueue::new(Room::default());
        Self(Mutex::new(State { queue, with_store: BTreeMap::new(), bytes: 0, next: 0 }))
    }

    /// Waits for a turn. Whoever no longer waits for it loses nothing but the turn.
    pub(super) async fn take(
        self: &Arc<Self>,
        lane: Lane,
        author: MemberId,
        bytes: usize,
        now: Instant,
    ) -> Result<Turn, NoTurn> {
        let granted = {
            let mut state = self.0.lock();
            if state.queue.is_empty() && state.has_room() {
                return Ok(self.turn(state.begin(bytes, now), bytes));
            }
            let (grant, granted) = oneshot::channel();
            let waiting = Waiting { grant, bytes };
            state
                .queue
                .push(lane, author, bytes, waiting, now)
                .map_err(|(reason, _)| NoTurn::NoRoom(reason))?;
            granted
        };
        // Nobody lets go of a grant but the queue when it gives it.
        timeout(TURN_PATIENCE, granted).await.ok().and_then(Result::ok).ok_or(NoTurn::NotInTime)
    }

    /// Since when the message has waited that has waited longest.
    pub(super) fn oldest(&self) -> Option<Instant> {
        let state = self.0.lock();
        let with_store = state.with_store.values().copied();
        // Only some hundreds are with the store, and not in the order in which they came.
        with_store.chain(Lane::ALL.into_iter().filter_map(|lane| state.queue.oldest(lane))).min()
    }

    pub(super) fn queued(&self, now: Instant) -> Queued {
        let state = self.0.lock();
        let age = |lane| {
            state.queue.oldest(lane).map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
        };
        Queued {
            lanes: Lane::ALL.map(|lane| (lane, state.queue.waiting(lane), age(lane))),
            with_store: state.with_store.len(),
        }
    }

    fn turn(self: &Arc<Self>, number: u64, bytes: usize) -> Turn {
        Turn { turns: Some(Arc::clone(self)), number, bytes }
    }

    /// Gives turns while there is room at the store. Not from within a lock, and not by recursion: whoever is given a turn
    /// may be gone, and the next, too.
    fn give_turns(self: &Arc<Self>) {
        loop {
            let granted = self.0.lock().next_turn();
            let Some((waiting, number)) = granted else { return };
            if let Err(unwanted) = waiting.grant.send(self.turn(number, waiting.bytes)) {
                unwanted.end();
            }
        }
    }
}

impl State {
    fn has_room(&self) -> bool {
        self.with_store.len() < WITH_STORE_MAX_MESSAGES && self.bytes < WITH_STORE_MAX_BYTES
    }

    fn begin(&mut self, bytes: usize, since: Instant) -> u64 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.with_store.insert(number, since);
        self.bytes = self.bytes.saturating_add(bytes);
        number
    }

    fn end(&mut self, number: u64, bytes: usize) {
        self.with_store.remove(&number);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Whose turn it is, passing over those who are gone.
    fn next_turn(&mut self) -> Option<(Waiting, u64)> {
        while self.has_room() {
            let next = self.queue.pop()?;
            if !next.item.grant.is_closed() {
                let number = self.begin(next.item.bytes, next.since);
                return Some((next.item, number));
            }
        }
        None
    }
}

impl Turn {
    /// Ends it; answers where it was.
    fn end(mut self) {
        if let Some(turns) = self.turns.take() {
            turns.0.lock().end(self.number, self.bytes);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.0.lock().end(self.number, self.bytes);
            turns.give_turns();
        }
    }
}
