//! One socket that the HTTP server owns: a task that feeds its conversation, performs its effects, writes its output.

use crate::assembly::Node;
use crate::clock;
use crate::listener::wire::Wire;
use crate::seats::Seat;
use crate::socket::frames;
use crate::socket::inbound::Inbound;
use crate::socket::messages::{End, Heard};
use crate::socket::outlet::Outlet;
use crate::socket::walk::Worker;
use crate::socket::work::{Answering, Ground, Work};
use actix_http::ws::{CloseCode, CloseReason};
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use protocol::{ClientId, Disconnect, Encoding};
use session::{Effect, Output, Session};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

protocol::limits! {
    /// About how much is given to a socket at once; a reply with a page may be larger.
    pub(super) const WRITE_MAX_BYTES: usize = 16 * 1024 => unseen;
    /// How long a peer may take to answer our close, and then to take what is left; then the connection is cut.
    pub(super) const CLOSE_PATIENCE: Duration = Duration::from_secs(1) => shown "holdfast_connections_closed";
    /// How long a socket of a draining node may take to be answered what it asked; then it is closed all the same.
    pub(super) const SOCKET_DRAIN_PATIENCE: Duration = Duration::from_secs(3) => shown "holdfast_draining";
}

/// What a socket consists of.
pub(crate) struct Socket {
    pub(crate) node: Arc<Node>,
    pub(crate) worker: Rc<Worker>,
    pub(crate) client: ClientId,
    pub(crate) wire: Rc<Wire>,
    pub(crate) inbound: Inbound,
    pub(crate) outlet: Outlet,
    pub(crate) session: Session,
    /// What the upgrade agreed on.
    pub(crate) encoding: Encoding,
}

/// A conversation and what it is about to write.
struct Conversation {
    node: Arc<Node>,
    worker: Rc<Worker>,
    wire: Rc<Wire>,
    wake: Rc<Notify>,
    outlet: Outlet,
    answers: FuturesUnordered<Answering>,
    work: Work,
    /// The latest WebSocket ping that was not answered; RFC 6455 §5.5.3 asks for no more.
    ping: Option<Bytes>,
    encoding: Encoding,
}

/// Serves a socket until it ends, and lets its peer know why.
pub(crate) async fn serve(socket: Socket) {
    let Socket { node, worker, client, wire, mut inbound, outlet, session, encoding } = socket;
    let running = node.lifecycle.running();
    let wake = Rc::new(Notify::new());
    let id = worker.enroll(&wake);
    let work = Work::new(&node, id, encoding);
    let mut conversation = Conversation {
        node,
        worker,
        wire: Rc::clone(&wire),
        wake,
        outlet,
        answers: FuturesUnordered::new(),
        work,
        ping: None,
        encoding,
    };
    let end = conversation.run(session, &client, &mut inbound).await;
    let Conversation { mut work, node, worker, outlet, answers, .. } = conversation;
    work.end(Ground { node: &node, worker: &worker, wire: &wire }, &end);
    drop(work);
    worker.dismiss(id);
    // Others may share a page that is read here: whoever no longer polls it must let go of it.
    drop(answers);
    say_goodbye(outlet, inbound, end).await;
    if tokio::time::timeout(CLOSE_PATIENCE, wire.gone()).await.is_err() {
        wire.cut();
    }
    drop(running);
}

/// Closes from this side. A peer that was told why gets time to read it: were the socket closed while something of
/// the peer's is unread, TCP would throw away what is on its way there.
async fn say_goodbye(outlet: Outlet, mut inbound: Inbound, end: End) {
    let awaits_close = matches!(end, End::For(_));
    if let Some(frame) = last_frame(end) {
        outlet.put_close(frame);
    }
    if awaits_close {
        // What comes too late is passed over.
        drop(tokio::time::timeout(CLOSE_PATIENCE, inbound.closed()).await);
    }
}

/// What a peer is told at the end, if there is anybody to tell.
pub(super) fn last_frame(end: End) -> Option<Bytes> {
    match end {
        // RFC 6455 §5.5.1: its own code, back.
        End::ByPeer(reason) => {
            Some(frames::close(reason.map(|reason| CloseReason { code: reason.code, description: None })))
        }
        End::For(reason) => Some(frames::close(Some(CloseReason {
            code: CloseCode::from(reason.close_code()),
            description: Some(reason.reason().into()),
        }))),
        End::Gone => None,
    }
}

/// Why the connection has to leave its seat; never, if it has none.
async fn taken(seat: Option<&Seat>) -> Disconnect {
    match seat {
        Some(seat) => seat.taken().await,
        None => std::future::pending().await,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl Conversation {
    /// Runs the conversation to its end.
    async fn run(&mut self, mut session: Session, client: &ClientId, inbound: &mut Inbound) -> End {
        let mut effects = VecDeque::new();
        // A node that drains closes each connection at its own time; the connection is served until then.
        let mut close_at: Option<Instant> = None;
        let mut drain_until: Option<Instant> = None;
        let lifecycle = self.node.lifecycle.clone();
        let mut draining = std::pin::pin!(lifecycle.drained());
        loop {
            if let Some(reason) = self.perform(&mut effects) {
                return End::For(reason);
            }
            for answer in self.work.take_refused() {
                session.handle_answer(answer, clock::now(), &mut effects);
            }
            self.write(&mut session, &mut effects);
            if let Some(reason) = self.perform(&mut effects) {
                return End::For(reason);
            }
            let (waiting_bytes, now) = (self.outlet.waiting_bytes(), clock::now().instant);
            let ground = Ground { node: &self.node, worker: &self.worker, wire: &self.wire };
            self.work.look_at_lag(ground, &mut session, waiting_bytes, now);
            let drained = drain_until.is_some_and(|until| self.is_idle() || until <= clock::now().instant);
            if drained {
                return End::For(Disconnect::Shutdown);
            }
            if drain_until.is_none() && close_at.is_some_and(|at| at <= clock::now().instant) {
                drain_until = Some(clock::now().instant + SOCKET_DRAIN_PATIENCE);
                continue;
            }
            let deadline = session
                .next_deadline()
                .into_iter()
                .chain(drain_until.or(close_at))
                .chain(self.work.next_look())
                .min();
            tokio::select! {
                // Pongs come this way, so a socket is read however slowly it takes what it is given. In no fixed order
                // with the rest: who sends without end does not put off deadlines, answers or the drain.
                heard = inbound.next(), if drain_until.is_none() => match heard {
                    Heard::Ended(end) => return end,
                    Heard::Ping(bytes) => self.ping = Some(bytes),
                    Heard::Frame(bytes) => {
                        let ground = Ground { node: &self.node, worker: &self.worker, wire: &self.wire };
                        self.work.heard(ground, bytes.len());
                        session.handle_frame(&bytes, clock::now(), &mut effects);
                        self.work.sit(ground, &session);
                    }
                },
                reason = taken(self.work.seat()) => return End::For(reason),
                Some(answer) = self.answers.next() => {
                    for answer in self.work.with_those_behind(answer) {
                        session.handle_answer(answer, clock::now(), &mut effects);
                    }
                }
                () = self.outlet.emptied(), if !self.outlet.is_empty() => {}
                () = self.wake.notified() => {}
                () = until(deadline) => session.handle_deadline(clock::now(), &mut effects),
                () = &mut draining, if close_at.is_none() => {
                    close_at = lifecycle.plan().map(|plan| plan.closes_at(client));
                }
            }
        }
    }

    fn perform(&mut self, effects: &mut VecDeque<Effect>) -> Option<Disconnect> {
        let ground = Ground { node: &self.node, worker: &self.worker, wire: &self.wire };
        let waiting_bytes = self.outlet.waiting_bytes();
        self.work.perform(ground, effects, waiting_bytes, |answering| self.answers.push(answering))
    }

    /// Gives the socket what there is, if it took what it was given before.
    fn write(&mut self, session: &mut Session, effects: &mut VecDeque<Effect>) {
        if !self.outlet.is_empty() {
            return;
        }
        let ground = Ground { node: &self.node, worker: &self.worker, wire: &self.wire };
        if let Some(bytes) = self.ping.take() {
            let bytes = self.outlet.put_pong(&bytes);
            self.work.gives_control(ground, bytes);
            return;
        }
        let mut output = Output::default();
        session.take_output(WRITE_MAX_BYTES, clock::now(), effects, &mut output);
        if output.frames.is_empty() {
            return;
        }
        let bytes = self.outlet.put(&output.frames, self.encoding);
        self.work.gives(ground, &mut output, bytes);
    }

    /// Whether nothing is on its way.
    fn is_idle(&self) -> bool {
        self.answers.is_empty() && self.work.has_said_all() && self.outlet.is_empty()
    }
}
