//! The connections of one worker, and what gives them their turns.

use crate::assembly::Node;
use crate::clock;
use crate::listener::workers::Hold;
use crate::socket::dense::alarms::{Alarms, Due, Tick};
use crate::socket::dense::connection::{After, Connection, Event, Parts, Scratch, Turn};
use crate::socket::dense::plain::PlainSocket;
use crate::socket::socket_id::{Place, SocketId};
use crate::socket::walk::Worker;
use crate::socket::work::{Answering, Work};
use bytes::{Bytes, BytesMut};
use mio::{Events, Poll, Registry, Token};
use protocol::{ClientId, Encoding};
use session::{Now, Output, Session};
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::Result;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

protocol::limits! {
    /// Bytes that a worker reads at once of a connection; one buffer for all of them.
    pub(crate) const READ_MAX_BYTES: usize = 16 * 1024 => unseen;
}

/// Between two looks for those who have to leave their seats: who has others leave again and again, by opening connections
/// without end, does not have a worker do nothing else.
const SEATS_LOOKED_AT_EVERY: Duration = Duration::from_millis(100);

/// Sockets of which the kernel tells at once.
const EVENTS_MAX: usize = 1_024;
/// After so many turns the worker's other tasks have theirs.
const YIELD_EVERY: usize = 64;

/// A connection's number; one that is gone is never taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(super) index: u32,
    pub(super) generation: u32,
}

/// One that comes: its upgrade is agreed on, and not answered yet.
pub(crate) struct Newcomer {
    pub(crate) socket: PlainSocket,
    pub(crate) session: Session,
    pub(crate) client: ClientId,
    pub(crate) encoding: Encoding,
    /// The answer to the upgrade.
    pub(crate) response: Bytes,
    /// What the client sent behind its request without waiting for that.
    pub(crate) early: BytesMut,
    pub(crate) hold: Hold,
}

/// A place in the worker's table.
struct Berth {
    generation: u32,
    /// Nothing while it has its turn.
    connection: Option<Box<Connection>>,
    /// When it is to have its turn at the latest.
    alarm: Option<Tick>,
}

/// All of a worker's dense connections.
pub(crate) struct Sockets {
    node: Arc<Node>,
    worker: Rc<Worker>,
    registry: Registry,
    berths: RefCell<Slab<Berth>>,
    next_generation: Cell<u32>,
    alarms: RefCell<Alarms>,
    /// Rung at an alarm before all others.
    alarmed: Notify,
    /// Those that want another turn.
    again: RefCell<VecDeque<Key>>,
    wanted: Notify,
    scratch: RefCell<Scratch>,
}

impl Sockets {
    /// An empty table, and what serves it as long as the worker lives.
    pub(crate) fn begin(node: &Arc<Node>, worker: &Rc<Worker>) -> Result<Rc<Self>> {
        let poll = Poll::new()?;
        let sockets = Rc::new(Self {
            node: Arc::clone(node),
            worker: Rc::clone(worker),
            registry: poll.registry().try_clone()?,
            berths: RefCell::default(),
            next_generation: Cell::new(0),
            alarms: RefCell::new(Alarms::new(clock::now().instant)),
            alarmed: Notify::new(),
            again: RefCell::default(),
            wanted: Notify::new(),
            scratch: RefCell::new(Scratch {
                input: vec![0; READ_MAX_BYTES].into(),
                output: Output::default(),
                joined: BytesMut::new(),
                effects: VecDeque::new(),
                answers: Vec::new(),
            }),
        });
        #[expect(deprecated, reason = "what replaces it is unsafe to call; a poll keeps its descriptor")]
        let poll = AsyncFd::with_interest(poll, tokio::io::Interest::READABLE)?;
        actix_web::rt::spawn(Rc::clone(&sockets).watch(poll));
        actix_web::rt::spawn(Rc::clone(&sockets).wake_in_time());
        actix_web::rt::spawn(Rc::clone(&sockets).go_on());
        actix_web::rt::spawn(Rc::clone(&sockets).clear_seats());
        actix_web::rt::spawn(Rc::clone(&sockets).drain());
        Ok(sockets)
    }

    /// Takes a connection over. If the kernel does not watch it, it is gone.
    pub(crate) fn adopt(self: &Rc<Self>, newcomer: Newcomer) {
        let Newcomer { socket, session, client, encoding, response, early, hold } = newcomer;
        let wire = Rc::clone(socket.wire());
        let running = (self.node.lifecycle.running(), hold);
        let key = self.vacant();
        let work = Work::new(&self.node, SocketId::at(Place::Dense(key.index)), encoding);
        let mut connection =
            Box::new(Connection::new(Parts { socket, session, work, client, encoding, running }));
        let token = Token(usize::try_from(key.index).unwrap_or(usize::MAX));
        if let Err(error) = connection.socket().register(&self.registry, token) {
            tracing::warn!(%error, "a connection cannot be watched and is dropped");
            return;
        }
        wire.is_served_by(Rc::downgrade(self), key);
        connection.begin(response, &early);
        let berth = Berth { generation: key.generation, connection: Some(connection), alarm: None };
        self.berths.borrow_mut().insert(berth);
        self.turn(key, Event::Again);
        if let Some(plan) = self.node.lifecycle.plan() {
            self.turn(key, Event::Drain(plan));
        }
    }

    /// The number of whoever comes next.
    fn vacant(&self) -> Key {
        let generation = self.next_generation.get();
        self.next_generation.set(generation.wrapping_add(1));
        let index = u32::try_from(self.berths.borrow().vacant_key()).unwrap_or(u32::MAX);
        Key { index, generation }
    }

    /// There is something new in a channel that the connection at this place reads.
    pub(crate) fn news(self: &Rc<Self>, place: u32, now: Now) {
        if let Some(key) = self.key_at(place) {
            self.turn_at(key, Event::News, now);
        }
    }

    /// The connection has to look up: it was cut.
    pub(crate) fn look_up(&self, key: Key) {
        self.again.borrow_mut().push_back(key);
        self.wanted.notify_one();
    }

    fn turn(self: &Rc<Self>, key: Key, event: Event) {
        self.turn_at(key, event, clock::now());
    }

    fn turn_at(self: &Rc<Self>, key: Key, event: Event, now: Now) {
        let Some(mut connection) = self.take(key) else { return };
        let is_news = matches!(event, Event::News);
        let mut scratch = self.scratch.borrow_mut();
        let mut begin = |answering: Answering| self.begin_answer(key, answering);
        let after = connection.take(
            event,
            &mut Turn {
                node: &self.node,
                worker: &self.worker,
                scratch: &mut scratch,
                now,
                begin: &mut begin,
            },
        );
        drop(scratch);
        if after == After::Gone {
            self.remove(key);
            return;
        }
        let deadline = if is_news && !connection.is_behind() { None } else { connection.next_deadline() };
        self.give_back(key, connection, deadline);
        if after == After::Again {
            self.look_up(key);
        }
    }

    fn take(&self, key: Key) -> Option<Box<Connection>> {
        let mut berths = self.berths.borrow_mut();
        berths.get_mut(index(key)).filter(|berth| berth.generation == key.generation)?.connection.take()
    }

    /// Puts a connection back, which wants its turn at `deadline` or when it wanted it before.
    fn give_back(&self, key: Key, connection: Box<Connection>, deadline: Option<Instant>) {
        let mut berths = self.berths.borrow_mut();
        let Some(berth) = berths.get_mut(index(key)) else { return };
        berth.connection = Some(connection);
        let Some(deadline) = deadline else { return };
        let mut alarms = self.alarms.borrow_mut();
        let tick = alarms.tick(deadline);
        // One that rings too early is set anew then: most times move on and on.
        if berth.alarm.is_none_or(|known| tick < known) {
            berth.alarm = Some(tick);
            if alarms.set(key, tick) {
                self.alarmed.notify_one();
            }
        }
    }

    fn remove(&self, key: Key) {
        let _gone = self.berths.borrow_mut().try_remove(index(key));
    }

    fn begin_answer(self: &Rc<Self>, key: Key, answering: Answering) {
        let sockets = Rc::downgrade(self);
        actix_web::rt::spawn(async move {
            let answer = answering.await;
            if let Some(sockets) = sockets.upgrade() {
                sockets.turn(key, Event::Answer(answer));
            }
        });
    }

    /// Gives those a turn of whom the kernel tells.
    async fn watch(self: Rc<Self>, mut poll: AsyncFd<Poll>) {
        let mut events = Events::with_capacity(EVENTS_MAX);
        loop {
            let Ok(mut ready) = poll.readable_mut().await else { return };
            let polled = ready.get_inner_mut().poll(&mut events, Some(Duration::ZERO));
            if let Err(error) = polled
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "a worker is told of its sockets no more");
                return;
            }
            if events.is_empty() {
                ready.clear_ready();
            }
            for (number, event) in events.iter().enumerate() {
                if let Some(key) = u32::try_from(event.token().0).ok().and_then(|place| self.key_at(place)) {
                    self.turn(
                        key,
                        Event::Ready {
                            readable: event.is_readable(),
                            is_read_closed: event.is_read_closed() || event.is_error(),
                            writable: event.is_writable(),
                        },
                    );
                }
                if number % YIELD_EVERY == YIELD_EVERY - 1 {
                    tokio::task::yield_now().await;
                }
            }
            tokio::task::yield_now().await;
        }
    }

    fn key_at(&self, place: u32) -> Option<Key> {
        let generation = self.berths.borrow().get(usize::try_from(place).ok()?)?.generation;
        Some(Key { index: place, generation })
    }

    /// Gives those a turn whose time has come.
    async fn wake_in_time(self: Rc<Self>) {
        loop {
            let next = self.alarms.borrow().next();
            let sooner = self.alarmed.notified();
            match next {
                Some(at) => {
                    let _either = tokio::time::timeout_at(at.into(), sooner).await;
                }
                None => sooner.await,
            }
            while let Some(due) = self.take_due() {
                for some in due.keys.chunks(YIELD_EVERY) {
                    for key in some.iter().filter(|key| self.is_woken(**key, due.tick)) {
                        self.turn(*key, Event::Deadline);
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    fn take_due(&self) -> Option<Due> {
        self.alarms.borrow_mut().take_due(clock::now().instant)
    }

    /// Whether a tick is the one that a connection waits for; then it waits for it no more.
    fn is_woken(&self, key: Key, tick: Tick) -> bool {
        let mut berths = self.berths.borrow_mut();
        let berth = berths.get_mut(index(key)).filter(|berth| berth.generation == key.generation);
        berth.is_some_and(|berth| berth.alarm.take_if(|known| *known == tick).is_some())
    }

    /// Gives those another turn who had more than fits into one.
    async fn go_on(self: Rc<Self>) {
        loop {
            self.wanted.notified().await;
            let some = std::mem::take(&mut *self.again.borrow_mut());
            for (number, key) in some.into_iter().enumerate() {
                self.turn(key, Event::Again);
                if number % YIELD_EVERY == YIELD_EVERY - 1 {
                    tokio::task::yield_now().await;
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// Gives those a turn who have to leave their seats.
    async fn clear_seats(self: Rc<Self>) {
        let mut changes = self.node.seats.changes();
        while changes.changed().await.is_ok() {
            let unseated: Vec<Key> = self.keys(Connection::is_unseated);
            for some in unseated.chunks(YIELD_EVERY) {
                for key in some {
                    self.turn(*key, Event::Again);
                }
                tokio::task::yield_now().await;
            }
            tokio::time::sleep(SEATS_LOOKED_AT_EVERY).await;
        }
    }

    /// Tells all when the node goes away.
    async fn drain(self: Rc<Self>) {
        self.node.lifecycle.drained().await;
        let Some(plan) = self.node.lifecycle.plan() else { return };
        let all = self.keys(|_| true);
        for some in all.chunks(YIELD_EVERY) {
            for key in some {
                self.turn(*key, Event::Drain(plan));
            }
            tokio::task::yield_now().await;
        }
    }

    fn keys(&self, which: impl Fn(&Connection) -> bool) -> Vec<Key> {
        let berths = self.berths.borrow();
        let some = berths.iter().filter(|(_, berth)| berth.connection.as_deref().is_some_and(&which));
        some.filter_map(|(index, berth)| {
            Some(Key { index: u32::try_from(index).ok()?, generation: berth.generation })
        })
        .collect()
    }
}

fn index(key: Key) -> usize {
    usize::try_from(key.index).unwrap_or(usize::MAX)
}
