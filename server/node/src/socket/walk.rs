//! Wake-ups: one a worker and channel from the fan-out, then the worker walks its own sockets.

use crate::clock;
use crate::diagnostics::Diagnostics;
use crate::http::problem::Problem;
use crate::listener::wire::Wire;
use crate::metrics::Metrics;
use crate::metrics::lag::{Behind, Lag, Reporter};
use crate::socket::dense::Sockets;
use crate::socket::readers::Readers;
use crate::socket::socket_id::{Place, SocketId};
use actix_web::{FromRequest, HttpRequest, dev};
use admission::{Anteroom, Guest};
use hub::Bell;
use parking_lot::Mutex;
use protocol::ChannelName;
use slab::Slab;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::future::{Ready, ready};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;

/// After so many sockets a walk lets others run.
const YIELD_EVERY: usize = 64;
/// How often connections are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// At each of so many looks a connection tells its account: what it sent in between is told together.
const TELL_EVERY_LOOKS: u32 = 5;

/// The sockets of one worker thread, by the channels they read.
#[derive(Debug)]
pub(crate) struct Worker {
    bell: Arc<WorkerBell>,
    readers: RefCell<Readers>,
    /// Sockets with a task of their own.
    tasks: RefCell<Slab<Rc<Notify>>>,
    diagnostics: Diagnostics,
    wires: RefCell<Vec<Weak<Wire>>>,
    /// Connections that are behind.
    behind: RefCell<HashMap<SocketId, Behind>>,
    reporter: Reporter,
    /// Connections of which it is not known whose they are.
    anteroom: RefCell<Anteroom<Weak<Wire>>>,
    metrics: Arc<Metrics>,
}

/// A connection's stay in the anteroom, until it is dropped.
#[derive(Debug)]
pub(crate) struct Stay {
    worker: Rc<Worker>,
    guest: Guest,
    /// It came from where nobody showed a ticket lately.
    is_from_unknown: bool,
}

impl Stay {
    /// It ends because it is known whose the connection is.
    pub(crate) fn proves(self) {
        if self.is_from_unknown {
            self.worker.metrics.admission.proved();
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.worker.anteroom.borrow_mut().leave(self.guest);
        self.worker.metrics.admission.left();
    }
}

/// The note that the fan-out leaves for a worker.
#[derive(Debug, Default)]
struct WorkerBell {
    /// Channels with news, and since when the oldest wait.
    news: Mutex<(HashSet<ChannelName>, Option<Instant>)>,
    wake: Notify,
}

impl Bell for WorkerBell {
    fn ring(&self, channel: &ChannelName) {
        let mut waiting = self.news.lock();
        let (news, since) = &mut *waiting;
        let first = news.is_empty();
        if first {
            *since = Some(clock::now().instant);
        }
        if !news.contains(channel) {
            news.insert(channel.clone());
        }
        drop(waiting);
        if first {
            self.wake.notify_one();
        }
    }
}

impl Worker {
    /// A worker with room for so many connections of which it is not known whose they are.
    pub(crate) fn new(metrics: &Arc<Metrics>, anteroom_max: usize) -> Rc<Self> {
        Rc::new(Self {
            bell: Arc::default(),
            readers: RefCell::default(),
            tasks: RefCell::default(),
            diagnostics: Diagnostics::open(),
            wires: RefCell::default(),
            behind: RefCell::default(),
            reporter: metrics.lag.reporter(),
            anteroom: RefCell::new(Anteroom::new(anteroom_max)),
            metrics: Arc::clone(metrics),
        })
    }

    /// The worker's line to the kernel.
    pub(crate) const fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// A connection was accepted, perhaps from where somebody is known; nobody knows whose it is. If there are too many of
    /// those, another one is cut.
    pub(crate) fn add_wire(self: &Rc<Self>, wire: &Rc<Wire>, is_from_known: bool) {
        self.wires.borrow_mut().push(Rc::downgrade(wire));
        let (guest, evicted) = self.anteroom.borrow_mut().enter(wire.prefix(), Rc::downgrade(wire));
        let is_from_unknown = !is_from_known;
        wire.stays(Stay { worker: Rc::clone(self), guest, is_from_unknown });
        self.metrics.admission.entered(is_from_unknown, evicted.is_some());
        if let Some(evicted) = evicted.and_then(|evicted| evicted.upgrade()) {
            evicted.cut();
        }
    }

    /// There is hardly room for another connection: one of those of which it is not known whose they are is cut.
    pub(crate) fn make_room(&self) {
        let evicted = self.anteroom.borrow_mut().evict();
        if let Some(evicted) = evicted.and_then(|evicted| evicted.upgrade()) {
            self.metrics.admission.evicted();
            evicted.cut();
        }
    }

    /// A connection is so far behind.
    pub(crate) fn behind(&self, id: SocketId, behind: Behind) {
        self.behind.borrow_mut().insert(id, behind);
    }

    /// A connection is no longer behind.
    pub(crate) fn caught_up(&self, id: SocketId) {
        self.behind.borrow_mut().remove(&id);
    }

    /// Tells the account of each connection every few seconds, says which are behind, and cuts those whose peers take nothing, for as long as the
    /// worker lives.
    pub(crate) async fn sweep_wires(self: Rc<Self>, stall_timeout: Duration) {
        let mut interval = tokio::time::interval(SWEEP_EVERY);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for look in (0..TELL_EVERY_LOOKS).cycle() {
            let now = interval.tick().await.into_std();
            let wires = std::mem::take(&mut *self.wires.borrow_mut());
            for some in wires.chunks(YIELD_EVERY) {
                for wire in some.iter().filter_map(Weak::upgrade) {
                    if look == 0 {
                        wire.tell();
                    }
                    wire.sweep(now, stall_timeout, &self.diagnostics);
                }
                tokio::task::yield_now().await;
            }
            // Behind those that came meanwhile.
            let still_there = wires.into_iter().filter(|wire| wire.strong_count() > 0);
            self.wires.borrow_mut().extend(still_there);
            let mut lag = Lag::default();
            self.behind.borrow().values().for_each(|behind| lag.note(*behind));
            self.reporter.observe_lag(lag);
        }
    }

    /// The bell for the hub.
    pub(crate) fn bell(&self) -> Arc<dyn Bell> {
        self.bell.clone()
    }

    /// A number for a socket with a task, which is woken so.
    pub(super) fn enroll(&self, wake: &Rc<Notify>) -> SocketId {
        let place = self.tasks.borrow_mut().insert(Rc::clone(wake));
        SocketId::at(Place::Task(u32::try_from(place).unwrap_or(u32::MAX)))
    }

    /// The socket has ended.
    pub(super) fn dismiss(&self, id: SocketId) {
        if let Place::Task(place) = id.place() {
            self.tasks.borrow_mut().try_remove(usize::try_from(place).unwrap_or(usize::MAX));
        }
    }

    /// The socket wants to be woken when the channel has news.
    pub(super) fn add(&self, channel: &ChannelName, id: SocketId) {
        self.readers.borrow_mut().add(channel, id);
    }

    /// The socket no longer reads the channel.
    pub(super) fn remove(&self, channel: &ChannelName, id: SocketId) {
        self.readers.borrow_mut().remove(channel, id);
    }

    /// Gives the sockets of channels with news their turn, for as long as the worker lives.
    pub(crate) async fn walk(self: Rc<Self>, dense: Rc<Sockets>) {
        loop {
            self.bell.wake.notified().await;
            let (news, since) = std::mem::take(&mut *self.bell.news.lock());
            for channel in news {
                let mut readers = self.readers.borrow().of(&channel).peekable();
                while readers.peek().is_some() {
                    let now = clock::now();
                    for reader in readers.by_ref().take(YIELD_EVERY) {
                        match reader.place() {
                            Place::Dense(place) => dense.news(place, now),
                            Place::Task(place) => self.wake(place),
                        }
                    }
                    tokio::task::yield_now().await;
                }
            }
            // Those that were woken have had their turn before this task has its next.
            if let Some(since) = since {
                self.metrics.fan_out.note(clock::now().instant.saturating_duration_since(since));
            }
        }
    }

    fn wake(&self, place: u32) {
        if let Some(wake) = self.tasks.borrow().get(usize::try_from(place).unwrap_or(usize::MAX)) {
            wake.notify_one();
        }
    }
}

/// The worker whose thread handles a request.
#[derive(Debug)]
pub(crate) struct ThisWorker(pub(crate) Rc<Worker>);

impl FromRequest for ThisWorker {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(request.app_data::<Rc<Worker>>().map(|worker| Self(Rc::clone(worker))).ok_or(Problem::Internal))
    }
}
