//! One channel in this node: its ring, once it is anchored in the log, and the workers that have readers of it.

use crate::ring::{Cursor, Entry, Life, Ring};
use parking_lot::Mutex;
use protocol::{ChannelName, Epoch, Offset, Publication, StreamPosition};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Wakes a worker's readers of one channel. Called with the channel's lock held: it must only leave a note.
pub trait Bell: Send + Sync + std::fmt::Debug {
    /// There is something new in the channel.
    fn ring(&self, channel: &ChannelName);
}

/// One channel of a node.
#[derive(Debug)]
pub struct Channel {
    name: ChannelName,
    /// Which ring it has, and the newest offset in it, for readers that only want to know whether there is something new.
    /// Written with the lock held, before the bell is rung: who is woken sees it.
    life: AtomicU32,
    top: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    ring: Option<Ring>,
    /// The newest offset that was announced before the ring was anchored.
    announced: Option<(Epoch, Offset)>,
    workers: Vec<Worker>,
}

#[derive(Debug)]
struct Worker {
    bell: Arc<dyn Bell>,
    readers: usize,
}

/// Which of a channel's bells wakes a reader: where it is in memory, and nothing else is there as long as the channel has
/// it, which it has as long as it has a reader whom it wakes. To every reader a whole pointer to it would be twice as much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BellId(usize);

impl BellId {
    fn of(bell: &Arc<dyn Bell>) -> Self {
        Self(Arc::as_ptr(bell).cast::<()>().addr())
    }
}

/// What became of a publication that the feed announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It follows the top: readers are woken, now or when they are told.
    Appended,
    /// Something between the top and it is missing: read the log after the top.
    Gap,
    /// It belongs to another life of the log: ask the log whether the top is still part of it.
    NewEpoch,
    /// The channel has no ring yet; noted for when it gets one.
    NotAnchored,
    /// It is here already.
    Old,
}

/// When readers are woken for what is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    AtOnce,
    /// By [`Channel::tell`], or with what comes after it. Who reads meanwhile finds it.
    Later,
}

/// What anchoring a ring showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Something newer was announced meanwhile: compare with the log.
    Behind,
    /// The ring ends where the log ends.
    Current,
}

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing more now.
    CaughtUp,
    /// The ring has more than was taken.
    More,
    /// What comes next is no longer here: read the log.
    Lagged,
    /// The log began another life: compare positions again.
    NewEpoch,
}

impl Channel {
    pub(crate) fn new(name: ChannelName) -> Self {
        Self { name, life: AtomicU32::new(0), top: AtomicU64::new(0), state: Mutex::default() }
    }

    /// The channel's name.
    pub const fn name(&self) -> &ChannelName {
        &self.name
    }

    /// The newest position, if the channel is anchored.
    pub fn top(&self) -> Option<StreamPosition> {
        self.state.lock().ring.as_ref().map(Ring::top)
    }

    /// All that its ring holds, oldest first, and the epoch of it; nothing if it has none.
    pub fn held(&self) -> Option<(Epoch, Vec<Arc<Publication>>)> {
        let state = self.state.lock();
        state.ring.as_ref().map(|ring| (ring.epoch().clone(), ring.publications().cloned().collect()))
    }

    /// Whether it has a ring.
    pub fn is_anchored(&self) -> bool {
        self.state.lock().ring.is_some()
    }

    /// How many readers the channel has in this node.
    pub fn readers(&self) -> usize {
        self.state.lock().workers.iter().map(|worker| worker.readers).sum()
    }

    /// Whether there may be something for a reader at `cursor`. Takes no lock; whoever was woken for news is told so.
    pub fn has_news(&self, cursor: &Cursor) -> bool {
        self.life() != cursor.life || self.top.load(Ordering::Acquire) >= cursor.next.get()
    }

    /// Reads what comes at `cursor` and moves it on: about `max_bytes` as frames, at least one entry. Where there is
    /// nothing new, no lock is taken.
    pub fn read(&self, cursor: &mut Cursor, max_bytes: usize, out: &mut Vec<Arc<Entry>>) -> Next {
        if !self.has_news(cursor) {
            return Next::CaughtUp;
        }
        let state = self.state.lock();
        // Without a ring nothing can be said yet; anchoring rings the bell.
        let Some(ring) = &state.ring else {
            return Next::CaughtUp;
        };
        // Compared once in the life of a ring, which has one epoch.
        if cursor.life != self.life() {
            if cursor.epoch() != ring.epoch() {
                return Next::NewEpoch;
            }
            cursor.life = self.life();
        }
        if cursor.next < ring.oldest() {
            return Next::Lagged;
        }
        ring.take(cursor, max_bytes, out);
        if cursor.next > ring.newest() { Next::CaughtUp } else { Next::More }
    }

    pub(crate) fn add_reader(&self, bell: &Arc<dyn Bell>) -> BellId {
        let id = BellId::of(bell);
        let mut state = self.state.lock();
        if let Some(worker) = state.workers.iter_mut().find(|worker| BellId::of(&worker.bell) == id) {
            worker.readers = worker.readers.saturating_add(1);
        } else {
            // Most channels are inboxes, with readers of one worker.
            state.workers.reserve_exact(1);
            state.workers.push(Worker { bell: Arc::clone(bell), readers: 1 });
        }
        id
    }

    pub(crate) fn remove_reader(&self, bell: BellId) {
        let mut state = self.state.lock();
        if let Some(worker) = state.workers.iter_mut().find(|worker| BellId::of(&worker.bell) == bell) {
            worker.readers = worker.readers.saturating_sub(1);
        }
        state.workers.retain(|worker| worker.readers > 0);
    }

    /// Appends what follows the top; answers its cost if it did.
    pub(crate) fn deliver(
        &self,
        epoch: &Epoch,
        publication: &Arc<Publication>,
        telling: Telling,
    ) -> (Delivery, Option<usize>) {
        let mut state = self.state.lock();
        let Some(ring) = &mut state.ring else {
            let newer = state
                .announced
                .as_ref()
                .is_none_or(|(known, offset)| known != epoch || *offset < publication.offset);
            if newer {
                state.announced = Some((epoch.clone(), publication.offset));
            }
            return (Delivery::NotAnchored, None);
        };
        if ring.epoch() != epoch {
            return (Delivery::NewEpoch, None);
        }
        let next = ring.newest().next();
        if publication.offset < next {
            return (Delivery::Old, None);
        }
        if publication.offset > next {
            return (Delivery::Gap, None);
        }
        let cost = ring.push(Arc::clone(publication));
        self.top.store(publication.offset.get(), Ordering::Release);
        match telling {
            Telling::AtOnce => state.wake(&self.name),
            Telling::Later => {}
        }
        (Delivery::Appended, Some(cost))
    }

    /// Wakes its readers.
    pub(crate) fn tell(&self) {
        self.state.lock().wake(&self.name);
    }

    /// Gives the channel an empty ring that goes on after `top`; answers what the former ring gave back, in bytes
    /// and entries.
    pub(crate) fn anchor(&self, top: StreamPosition) -> (Anchor, usize, usize) {
        let mut state = self.state.lock();
        let behind =
            state.announced.take().is_some_and(|(epoch, offset)| epoch != top.epoch || offset > top.offset);
        let (bytes, entries) = self.replace_ring(&mut state, top);
        (if behind { Anchor::Behind } else { Anchor::Current }, bytes, entries)
    }

    /// The same for a channel that has a ring; nothing if it has none.
    pub(crate) fn anchor_again(&self, top: StreamPosition) -> Option<(usize, usize)> {
        let mut state = self.state.lock();
        state.ring.is_some().then(|| self.replace_ring(&mut state, top))
    }

    fn replace_ring(&self, state: &mut State, top: StreamPosition) -> (usize, usize) {
        let offset = top.offset.get();
        let former = state.ring.replace(Ring::anchored_at(top));
        self.begin_life(offset);
        state.wake(&self.name);
        former.map_or((0, 0), |ring| (ring.cost(), ring.len()))
    }

    /// Takes the ring away; answers what it gave back.
    pub(crate) fn release(&self) -> (usize, usize) {
        let mut state = self.state.lock();
        let former = state.ring.take();
        self.begin_life(0);
        former.map_or((0, 0), |ring| (ring.cost(), ring.len()))
    }

    fn life(&self) -> Life {
        Life(self.life.load(Ordering::Acquire))
    }

    /// The lock is held.
    fn begin_life(&self, top: u64) {
        self.top.store(top, Ordering::Release);
        self.life.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn evict(&self, offset: Offset) -> Option<usize> {
        self.state.lock().ring.as_mut()?.evict(offset)
    }

    pub(crate) fn holds(&self, offset: Offset) -> bool {
        self.state.lock().ring.as_ref().is_some_and(|ring| ring.holds(offset))
    }
}

impl State {
    fn wake(&self, name: &ChannelName) {
        for worker in &self.workers {
            worker.bell.ring(name);
        }
    }
}
