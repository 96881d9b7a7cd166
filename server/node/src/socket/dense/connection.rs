//! One connection of a worker: what a readiness, an answer, a time or news does to it. Its turns are short and never wait.

use crate::assembly::Node;
use crate::lifecycle::Drain;
use crate::listener::workers::Hold;
use crate::seats::Seat;
use crate::socket::connection::{SOCKET_DRAIN_PATIENCE, WRITE_MAX_BYTES, last_frame};
use crate::socket::dense::farewell::{Farewell, Leaves};
use crate::socket::dense::plain::{PlainSocket, Took};
use crate::socket::frames;
use crate::socket::messages::{End, Heard, Messages, YIELD_EVERY};
use crate::socket::walk::Worker;
use crate::socket::work::{Answering, Ground, Work};
use bytes::{Bytes, BytesMut};
use protocol::{ClientId, Disconnect, Encoding};
use session::{Answer, Effect, Now, Output, Session};
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Bytes that a connection is read, and given, in one turn; then others have theirs.
const TURN_MAX_BYTES: usize = 64 * 1024;

/// What all connections of a worker use in their turns.
pub(super) struct Scratch {
    pub(super) input: Box<[u8]>,
    pub(super) output: Output,
    pub(super) joined: BytesMut,
    pub(super) effects: VecDeque<Effect>,
    pub(super) answers: Vec<Answer>,
}

/// A connection's turn.
pub(super) struct Turn<'a> {
    pub(super) node: &'a Arc<Node>,
    pub(super) worker: &'a Worker,
    pub(super) scratch: &'a mut Scratch,
    pub(super) now: Now,
    pub(super) begin: &'a mut dyn FnMut(Answering),
}

/// What happened to a connection.
#[derive(Debug)]
pub(super) enum Event {
    /// What it asked for was answered.
    Answer(Answer),
    /// It has its turn again, because there was more than fits into one, or because it has to look up.
    Again,
    /// A time came that it waited for.
    Deadline,
    /// The node goes away by this plan.
    Drain(Drain),
    /// There is something new in a channel that it reads.
    News,
    /// The kernel has something for it, or takes something.
    Ready { readable: bool, is_read_closed: bool, writable: bool },
}

/// What becomes of a connection after its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// It is over.
    Gone,
    /// It wants another turn when others had theirs.
    Again,
    Rests,
}

/// A connection without a task.
pub(super) struct Connection {
    socket: PlainSocket,
    /// What reads it, while it says something.
    messages: Option<Box<Messages>>,
    session: Session,
    work: Work,
    client: ClientId,
    encoding: Encoding,
    seldom: Option<Box<Seldom>>,
    /// Answers that are on their way.
    answering: u32,
    /// Its turn was over before it was done.
    has_more: bool,
    /// The node waits for it to end, and the worker counts it.
    _running: (TaskTrackerToken, Hold),
}

/// What few connections have at a time.
#[derive(Debug, Default)]
struct Seldom {
    /// What the kernel did not take of what was given.
    unsent: Bytes,
    /// The latest WebSocket ping that was not answered; RFC 6455 §5.5.3 asks for no more.
    ping: Option<Bytes>,
    close_at: Option<Instant>,
    drain_until: Option<Instant>,
    farewell: Option<Farewell>,
}

impl Seldom {
    const fn is_over(&self) -> bool {
        let Self { unsent, ping, close_at, drain_until, farewell } = self;
        unsent.is_empty()
            && ping.is_none()
            && close_at.is_none()
            && drain_until.is_none()
            && farewell.is_none()
    }
}

/// What a connection begins with.
pub(super) struct Parts {
    pub(super) socket: PlainSocket,
    pub(super) session: Session,
    pub(super) work: Work,
    pub(super) client: ClientId,
    pub(super) encoding: Encoding,
    pub(super) running: (TaskTrackerToken, Hold),
}

impl Connection {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { socket, session, work, client, encoding, running } = parts;
        Self {
            socket,
            messages: None,
            session,
            work,
            client,
            encoding,
            seldom: None,
            answering: 0,
            has_more: false,
            _running: running,
        }
    }

    /// Answers the upgrade, and takes what came behind it.
    pub(super) fn begin(&mut self, response: Bytes, early: &[u8]) {
        self.send(response);
        self.feed(early);
    }

    pub(super) fn socket(&mut self) -> &mut PlainSocket {
        &mut self.socket
    }

    /// Whether it has to leave its seat.
    pub(super) fn is_unseated(&self) -> bool {
        !self.is_leaving() && self.work.seat().is_some_and(|seat| seat.reason().is_some())
    }

    /// When it wants a turn.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let seldom = self.seldom.as_deref();
        if let Some(farewell) = seldom.and_then(|seldom| seldom.farewell.as_ref()) {
            return Some(farewell.until());
        }
        let draining = seldom.and_then(|seldom| seldom.drain_until.or(seldom.close_at));
        self.session.next_deadline().into_iter().chain(draining).chain(self.work.next_look()).min()
    }

    /// Whether it may want its turn sooner than it wanted it before news came.
    pub(super) fn is_behind(&self) -> bool {
        self.is_leaving() || self.work.next_look().is_some()
    }

    fn is_leaving(&self) -> bool {
        self.seldom.as_ref().is_some_and(|seldom| seldom.farewell.is_some())
    }

    fn drain_until(&self) -> Option<Instant> {
        self.seldom.as_ref().and_then(|seldom| seldom.drain_until)
    }

    fn seldom(&mut self) -> &mut Seldom {
        self.seldom.get_or_insert_default()
    }

    /// Takes what happened, as far as one turn goes.
    pub(super) fn take(&mut self, event: Event, turn: &mut Turn<'_>) -> After {
        self.has_more = false;
        if matches!(event, Event::News) && self.takes_news(turn) {
            return if self.has_more { After::Again } else { After::Rests };
        }
        if let Event::Ready { readable, is_read_closed, writable } = event {
            self.socket.told(readable, is_read_closed);
            if writable {
                self.flush();
            }
        }
        if !self.is_leaving()
            && let Some(end) = self.converse(event, turn)
        {
            self.end(end, turn);
        }
        if self.is_leaving() && self.leave(turn.now.instant, &mut turn.scratch.input) {
            return After::Gone;
        }
        self.seldom.take_if(|seldom| seldom.is_over());
        if self.has_more { After::Again } else { After::Rests }
    }

    /// The usual turn: gives what is new, and nothing else comes of it. Answers whether that was all.
    fn takes_news(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.is_leaving() || self.has_unsent() {
            // Who leaves, or is behind, has turns of other kinds.
            return true;
        }
        self.write(turn);
        turn.scratch.effects.is_empty() && !self.has_unsent() && !self.socket.is_gone() && !self.is_behind()
    }

    /// One turn of the conversation; answers why it ends, if it does.
    fn converse(&mut self, event: Event, turn: &mut Turn<'_>) -> Option<End> {
        let now = turn.now;
        match event {
            Event::Answer(answer) => {
                self.answering = self.answering.saturating_sub(1);
                for answer in self.work.with_those_behind(answer) {
                    self.session.handle_answer(answer, now, &mut turn.scratch.effects);
                }
            }
            Event::Deadline => self.session.handle_deadline(now, &mut turn.scratch.effects),
            Event::Drain(plan) => {
                let close_at = plan.closes_at(&self.client);
                self.seldom().close_at = Some(close_at);
            }
            Event::Again | Event::News | Event::Ready { .. } => {}
        }
        if self.socket.is_gone() {
            turn.scratch.effects.clear();
            return Some(End::Gone);
        }
        let unseated = self.work.seat().and_then(Seat::reason);
        if let Some(reason) = unseated.or_else(|| self.settle(turn)) {
            turn.scratch.effects.clear();
            return Some(End::For(reason));
        }
        if let Some(end) = self.listen(turn) {
            return Some(end);
        }
        self.drain(now.instant).or_else(|| self.socket.is_gone().then_some(End::Gone))
    }

    /// Whether the node's going away ends it now.
    fn drain(&mut self, now: Instant) -> Option<End> {
        let is_idle = self.answering == 0 && self.work.has_said_all() && !self.has_unsent();
        let seldom = self.seldom.as_mut()?;
        if seldom.drain_until.is_none() && seldom.close_at.is_some_and(|at| at <= now) {
            seldom.drain_until = Some(now + SOCKET_DRAIN_PATIENCE);
        }
        let ends = seldom.drain_until.is_some_and(|until| is_idle || until <= now);
        ends.then_some(End::For(Disconnect::Shutdown))
    }

    /// Hears what is there, a message at a time.
    fn listen(&mut self, turn: &mut Turn<'_>) -> Option<End> {
        let (mut messages, mut bytes) = (0, 0);
        // Pongs come this way, so a socket is read however slowly it takes what it is given.
        while self.drain_until().is_none() {
            while let Some(heard) = self.next_message() {
                match heard {
                    Heard::Ended(end) => return Some(end),
                    Heard::Ping(bytes) => self.seldom().ping = Some(bytes),
                    Heard::Frame(bytes) => {
                        let ground = ground(turn, &self.socket);
                        self.work.heard(ground, bytes.len());
                        self.session.handle_frame(&bytes, turn.now, &mut turn.scratch.effects);
                        self.work.sit(ground, &self.session);
                    }
                }
                if let Some(reason) = self.settle(turn) {
                    turn.scratch.effects.clear();
                    return Some(End::For(reason));
                }
                messages += 1;
                if messages >= YIELD_EVERY {
                    self.has_more = true;
                    return None;
                }
            }
            if !self.socket.is_readable() {
                return None;
            }
            if bytes >= TURN_MAX_BYTES {
                self.has_more = true;
                return None;
            }
            match self.socket.read(&mut turn.scratch.input) {
                Took::Bytes(some) => {
                    bytes += some;
                    self.feed(turn.scratch.input.get(..some).unwrap_or_default());
                }
                Took::Nothing => {}
                Took::End => return Some(End::Gone),
            }
        }
        None
    }

    fn feed(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let encoding = self.encoding;
            self.messages.get_or_insert_with(|| Box::new(Messages::new(encoding))).feed(bytes);
        }
    }

    fn next_message(&mut self) -> Option<Heard> {
        let messages = self.messages.as_mut()?;
        let heard = messages.next();
        if heard.is_none() && messages.is_at_rest() {
            self.messages = None;
        }
        heard
    }

    /// Performs what the conversation wants and writes what it has; answers why it ends, if it does.
    fn settle(&mut self, turn: &mut Turn<'_>) -> Option<Disconnect> {
        let mut ends = self.perform(turn);
        if ends.is_none() {
            for answer in self.work.take_refused() {
                self.session.handle_answer(answer, turn.now, &mut turn.scratch.effects);
            }
            self.write(turn);
            // What was answered at once is written in another turn: a reader of a long history has no more of a turn than
            // others have.
            self.has_more |= !turn.scratch.effects.is_empty();
            ends = self.perform(turn);
        }
        let waiting_bytes = self.waiting_bytes();
        let ground = ground(turn, &self.socket);
        self.work.look_at_lag(ground, &mut self.session, waiting_bytes, turn.now.instant);
        ends
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Option<Disconnect> {
        loop {
            let waiting_bytes = self.waiting_bytes();
            let (answering, begin) = (&mut self.answering, &mut turn.begin);
            let ground = Ground { node: turn.node, worker: turn.worker, wire: self.socket.wire() };
            let Scratch { effects, answers, .. } = &mut *turn.scratch;
            let ends = self.work.perform(ground, effects, waiting_bytes, |mut future| {
                // Most know their answer at once, and need no task to wait for it.
                match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(answer) => answers.push(answer),
                    Poll::Pending => {
                        *answering = answering.saturating_add(1);
                        begin(future);
                    }
                }
            });
            if ends.is_some() || answers.is_empty() {
                answers.clear();
                return ends;
            }
            for answer in answers.drain(..) {
                for answer in self.work.with_those_behind(answer) {
                    self.session.handle_answer(answer, turn.now, effects);
                }
            }
        }
    }

    /// Writes what there is, as long as the kernel takes it.
    fn write(&mut self, turn: &mut Turn<'_>) {
        let mut given = 0;
        while !self.has_unsent() && !self.socket.is_gone() {
            if given >= TURN_MAX_BYTES {
                self.has_more = true;
                return;
            }
            if let Some(payload) = self.seldom.as_mut().and_then(|seldom| seldom.ping.take()) {
                let pong = frames::pong(&payload);
                self.work.gives_control(ground(turn, &self.socket), pong.len());
                self.send(pong);
                continue;
            }
            let at = ground(turn, &self.socket);
            let Scratch { output, joined, effects, .. } = &mut *turn.scratch;
            self.session.take_output(WRITE_MAX_BYTES, turn.now, effects, output);
            let has_more = output.has_more;
            given += match output.frames.as_slice() {
                [] => return,
                [one] => {
                    let message = one.message().clone();
                    self.work.gives(at, output, message.len());
                    self.send(message)
                }
                many => {
                    joined.clear();
                    self.encoding.join_into(many, joined);
                    self.work.gives(at, output, joined.len());
                    self.send_some(joined)
                }
            };
            if !has_more {
                return;
            }
        }
    }

    /// Gives bytes to be written, behind what waits; answers how many.
    fn send(&mut self, mut bytes: Bytes) -> usize {
        let given = bytes.len();
        if self.has_unsent() {
            let seldom = self.seldom();
            seldom.unsent = [&*seldom.unsent, &*bytes].concat().into();
        } else {
            let taken = self.socket.write(&bytes);
            if taken < given {
                self.seldom().unsent = bytes.split_off(taken);
            }
        }
        given
    }

    /// The same with what is not kept elsewhere; nothing waits before it.
    fn send_some(&mut self, bytes: &[u8]) -> usize {
        let taken = self.socket.write(bytes);
        if let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            self.seldom().unsent = Bytes::copy_from_slice(rest);
        }
        bytes.len()
    }

    fn flush(&mut self) {
        if let Some(seldom) = self.seldom.as_mut().filter(|seldom| !seldom.unsent.is_empty()) {
            let unsent = std::mem::take(&mut seldom.unsent);
            self.send(unsent);
        }
    }

    fn has_unsent(&self) -> bool {
        self.waiting_bytes() > 0
    }

    fn waiting_bytes(&self) -> u64 {
        let unsent = self.seldom.as_ref().map_or(0, |seldom| seldom.unsent.len());
        unsent.try_into().unwrap_or(u64::MAX)
    }

    /// The conversation is over: tells its peer why, if there is one.
    fn end(&mut self, end: End, turn: &Turn<'_>) {
        self.work.end(ground(turn, &self.socket), &end);
        self.session = Session::Ended;
        let awaits_close = matches!(end, End::For(_));
        match last_frame(end) {
            Some(frame) => {
                self.send(frame);
            }
            None => self.socket.is_lost(),
        }
        let farewell = Farewell::new(awaits_close, turn.now.instant);
        let unsent = self.seldom.take().map(|seldom| seldom.unsent).unwrap_or_default();
        self.seldom = Some(Box::new(Seldom { unsent, farewell: Some(farewell), ..Seldom::default() }));
    }

    /// Passes over what still comes until the peer has closed its side; answers whether the connection is over.
    fn leave(&mut self, now: Instant, room: &mut [u8]) -> bool {
        let Some(mut farewell) = self.seldom().farewell.take() else { return false };
        let mut bytes = 0;
        while farewell.awaits_close() {
            if self.hears_close() {
                farewell.heard_close();
                break;
            }
            if !self.socket.is_readable() {
                break;
            }
            if bytes >= TURN_MAX_BYTES {
                self.has_more = true;
                break;
            }
            match self.socket.read(room) {
                Took::Bytes(some) => {
                    bytes += some;
                    self.feed(room.get(..some).unwrap_or_default());
                }
                Took::Nothing => {}
                Took::End => farewell.heard_close(),
            }
        }
        let leaves = if self.socket.is_gone() { Leaves::Now } else { farewell.look(now, !self.has_unsent()) };
        self.seldom().farewell = Some(farewell);
        match leaves {
            Leaves::Later => false,
            Leaves::Now => true,
            Leaves::Cut => {
                self.socket.wire().cut();
                true
            }
        }
    }

    /// Whether the peer closes. Behind a fault nothing is heard any more, so the end is waited for.
    fn hears_close(&mut self) -> bool {
        while !self.messages.as_ref().is_some_and(|messages| messages.is_refused()) {
            match self.next_message() {
                Some(Heard::Ended(End::ByPeer(_))) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }
}

/// What a connection stands on in its turn.
fn ground<'s, 'a: 's>(turn: &Turn<'a>, socket: &'s PlainSocket) -> Ground<'s> {
    Ground { node: turn.node, worker: turn.worker, wire: socket.wire() }
}
