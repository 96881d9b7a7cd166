//! A connection below HTTP: how many bytes left, and to whom, whether a write waits, and a way to cut it. The server that
//! owns the socket gives nobody else a hold of it.

use crate::diagnostics::{Diagnostics, Ends};
use crate::listener::account::Account;
use crate::listener::watchdog::{Phase, Sight, Verdict, Watchdog};
use crate::socket::dense::{Key, Sockets};
use crate::socket::walk::Stay;
use admission::Prefix;
use evidence::egress::Tally;
use protocol::MemberId;
use session::{Progress, Run};
use std::cell::{Cell, OnceCell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

protocol::limits! {
    /// Most bytes that are read of a connection without making a request: a head, a body and their framing. With more it is
    /// cut.
    const REQUEST_MAX_BYTES: usize = 64 * 1024 => unseen;
}

/// What is known of a connection; shared by its transport, its requests and its conversation.
#[derive(Debug)]
pub(crate) struct Wire {
    ends: Option<Ends>,
    written: Cell<u64>,
    write_waits: Cell<bool>,
    /// A read was put off until the write that waits is done, or the request that is handled.
    read_waits: Cell<bool>,
    phase: Cell<Phase>,
    /// While it may be kept waiting too long.
    watchdog: RefCell<Option<Box<Watchdog>>>,
    cut: Cell<bool>,
    has_gone: Cell<bool>,
    /// Who serves the connection, and is to know when it is cut.
    server: RefCell<Server>,
    /// Rung when it has gone, if somebody waits for that.
    gone: OnceCell<Box<Notify>>,
    account: RefCell<Account>,
    /// Its stay among those of whom it is not known whose they are.
    stay: RefCell<Option<Box<Stay>>>,
    /// A request was handled.
    has_asked: Cell<bool>,
    /// Bytes that were read and have made no request so far.
    unhandled: Cell<usize>,
}

/// Who serves a connection.
#[derive(Debug, Default)]
enum Server {
    #[default]
    Nobody,
    Sockets(Weak<Sockets>, Key),
    Task(Waker),
}

/// A connection's hold on its wire: when it is dropped, the connection has gone.
#[derive(Debug)]
pub(crate) struct Life(Rc<Wire>);

impl Life {
    pub(super) fn new(wire: Wire) -> Self {
        Self(Rc::new(wire))
    }

    pub(crate) const fn wire(&self) -> &Rc<Wire> {
        &self.0
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.has_gone();
    }
}

impl Wire {
    pub(super) fn new(ends: Option<Ends>, tally: Tally) -> Self {
        Self {
            ends,
            written: Cell::new(0),
            write_waits: Cell::new(false),
            read_waits: Cell::new(false),
            phase: Cell::new(Phase::Requests),
            watchdog: RefCell::default(),
            cut: Cell::new(false),
            has_gone: Cell::new(false),
            server: RefCell::default(),
            gone: OnceCell::new(),
            account: RefCell::new(Account::new(tally)),
            stay: RefCell::default(),
            has_asked: Cell::new(false),
            unhandled: Cell::new(0),
        }
    }

    /// Where it comes from.
    pub(crate) fn prefix(&self) -> Prefix {
        Prefix::of(self.ends.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ends| ends.peer().ip()))
    }

    /// Whether this is its first request; asked once a request.
    pub(crate) fn is_first_request(&self) -> bool {
        !self.has_asked.replace(true)
    }

    /// It is not known whose it is; while that is so, it may have to go for others.
    pub(crate) fn stays(&self, stay: Stay) {
        self.stay.replace(Some(Box::new(stay)));
    }

    /// It is known whose it is.
    pub(crate) fn is_known(&self) {
        if let Some(stay) = self.stay.take() {
            stay.proves();
        }
    }

    /// From here on the bytes are this member's.
    pub(crate) fn identify(&self, member: &MemberId) {
        self.is_known();
        self.account.borrow_mut().identify(member, self.written());
    }

    /// A frame was given to be written, with these publications in it.
    pub(crate) fn give(&self, bytes: usize, runs: impl IntoIterator<Item = Run>) {
        // The server writes what it takes as soon as it takes it, or a write waits.
        let begins = (!self.write_waits()).then(|| self.written());
        self.account.borrow_mut().give(bytes, runs, begins);
    }

    /// Tells the ledger what was written since it was told last.
    pub(crate) fn tell(&self) {
        self.account.borrow_mut().tell(self.written());
    }

    /// What the connection is for now.
    pub(crate) const fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// The connection is for something else from here on. The last answer stays the last.
    pub(crate) fn enter(&self, phase: Phase) {
        self.unhandled.set(0);
        if self.phase() != Phase::LastAnswer {
            self.phase.set(phase);
            self.resume_read();
        }
    }

    /// Bytes that the kernel took for the peer.
    pub(crate) const fn written(&self) -> u64 {
        self.written.get()
    }

    /// What the peer's TCP acknowledged; nothing if the kernel does not say.
    pub(crate) fn progress(&self, diagnostics: &Diagnostics) -> Option<Progress> {
        let outstanding = u64::from(diagnostics.send_queue(self.ends?)?);
        Some(Progress { acknowledged: self.written().saturating_sub(outstanding), outstanding })
    }

    /// Something was read of requests: too much without one ends the connection.
    pub(super) fn count_read(&self, bytes: usize) {
        self.unhandled.set(self.unhandled.get().saturating_add(bytes));
        if self.unhandled.get() > REQUEST_MAX_BYTES {
            self.cut();
        }
    }

    /// Some of a body was taken whose sender may send more than a request has.
    pub(crate) fn body_taken(&self) {
        self.unhandled.set(0);
    }

    /// Ends the connection at once; what the peer did not take is not kept for it.
    pub(crate) fn cut(&self) {
        self.cut.set(true);
        self.wake();
    }

    fn resume_read(&self) {
        if self.read_waits.take() {
            self.wake();
        }
    }

    fn wake(&self) {
        match &*self.server.borrow() {
            Server::Nobody => {}
            Server::Sockets(sockets, key) => {
                if let Some(sockets) = sockets.upgrade() {
                    sockets.look_up(*key);
                }
            }
            Server::Task(task) => task.wake_by_ref(),
        }
    }

    /// Ends when the connection has ended.
    pub(crate) async fn gone(&self) {
        if self.has_gone.get() {
            return;
        }
        self.gone.get_or_init(Box::default).notified().await;
    }

    /// Cuts the connection if it has kept us waiting too long.
    pub(crate) fn sweep(&self, now: Instant, stall_timeout: Duration, diagnostics: &Diagnostics) {
        let written = self.written();
        let sight = Sight { phase: self.phase(), written, write_waits: self.write_waits.get() };
        if sight.is_patient() {
            self.watchdog.take();
            return;
        }
        let mut watchdog = self.watchdog.take().unwrap_or_default();
        let acknowledged = || self.progress(diagnostics).map_or(written, |seen| seen.acknowledged);
        if watchdog.look(now, sight, stall_timeout, acknowledged) == Verdict::Cut {
            self.cut();
        }
        self.watchdog.replace(Some(watchdog));
    }

    /// Whether something waits that the peer does not take.
    pub(super) const fn write_waits(&self) -> bool {
        self.write_waits.get()
    }

    /// A read is put off until the write that waits is done, or the request that is handled.
    pub(super) fn put_off_read(&self) {
        self.read_waits.set(true);
    }

    /// Whether it was ended from this side, at once.
    pub(crate) const fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub(super) fn served_by(&self, context: &Context<'_>) {
        let mut server = self.server.borrow_mut();
        match &mut *server {
            Server::Task(known) => known.clone_from(context.waker()),
            Server::Nobody | Server::Sockets(..) => *server = Server::Task(context.waker().clone()),
        }
    }

    /// It is one of these from here on.
    pub(crate) fn is_served_by(&self, sockets: Weak<Sockets>, key: Key) {
        self.server.replace(Server::Sockets(sockets, key));
    }

    /// A write was tried: the kernel took so many bytes, or none for now.
    pub(crate) fn count_written(&self, taken: Option<usize>) {
        self.write_waits.set(taken.is_none());
        if taken.is_some() {
            self.resume_read();
        }
        let bytes = taken.unwrap_or(0).try_into().unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(bytes));
    }

    fn has_gone(&self) {
        self.account.borrow_mut().end(self.written());
        self.stay.take();
        self.has_gone.set(true);
        if let Some(gone) = self.gone.get() {
            gone.notify_one();
        }
    }
}
