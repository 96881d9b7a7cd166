//! One connection of a worker: what a readiness, an answer, a time or news does to it. Its turns are short and never wait.

use crate::lifecycle::Drain;
use crate::listener::wire::Wire;
use crate::listener::workers::Hold;
use crate::socket::connection::{SOCKET_DRAIN_PATIENCE, WRITE_MAX_BYTES, last_words};
use crate::socket::dense::farewell::{Farewell, Leaves};
use crate::socket::dense::plain::{PlainSocket, Took};
use crate::socket::frames;
use crate::socket::messages::{End, Heard, Messages, YIELD_EVERY};
use crate::socket::work::{Answering, Ground, Work};
use bytes::{Bytes, BytesMut};
use protocol::{ClientId, Disconnect, Encoding};
use session::{Answer, Effect, Now, Output, Session};
use std::collections::VecDeque;
use std::rc::Rc;
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
}

/// A connection's turn.
pub(super) struct Turn<'a> {
    pub(super) ground: Ground<'a>,
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
    messages: Messages,
    session: Session,
    work: Work,
    client: ClientId,
    encoding: Encoding,
    /// What the kernel did not take of what was given.
    unsent: Bytes,
    /// The latest WebSocket ping that was not answered; RFC 6455 §5.5.3 asks for no more.
    ping: Option<Bytes>,
    /// Answers that are on their way.
    answering: u32,
    /// The kernel may have bytes for it.
    is_readable: bool,
    /// The peer has closed its side: what is left is read to its end.
    is_read_closed: bool,
    /// A write failed: nobody is there.
    is_broken: bool,
    has_more: bool,
    close_at: Option<Instant>,
    drain_until: Option<Instant>,
    farewell: Option<Farewell>,
    /// The node waits for it to end, and the worker counts it.
    _running: (TaskTrackerToken, Hold),
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
            messages: Messages::new(encoding),
            session,
            work,
            client,
            encoding,
            unsent: Bytes::new(),
            ping: None,
            answering: 0,
            is_readable: true,
            is_read_closed: false,
            is_broken: false,
            has_more: false,
            close_at: None,
            drain_until: None,
            farewell: None,
            _running: running,
        }
    }

    /// Answers the upgrade, and takes what came behind it.
    pub(super) fn begin(&mut self, response: Bytes, early: &[u8]) {
        self.send(response);
        self.messages.feed(early);
    }

    pub(super) fn socket(&mut self) -> &mut PlainSocket {
        &mut self.socket
    }

    pub(super) fn wire(&self) -> &Rc<Wire> {
        self.socket.wire()
    }

    /// Whether it has to leave its seat.
    pub(super) fn is_unseated(&self) -> bool {
        self.farewell.is_none() && self.work.seat().is_some_and(|seat| seat.reason().is_some())
    }

    /// When it wants a turn.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        if let Some(farewell) = &self.farewell {
            return Some(farewell.until());
        }
        let draining = self.drain_until.or(self.close_at);
        self.session.next_deadline().into_iter().chain(draining).chain(self.work.meter.next_look()).min()
    }

    /// Whether it may want its turn sooner than it wanted it before news came.
    pub(super) fn is_behind(&self) -> bool {
        self.farewell.is_some() || self.work.meter.next_look().is_some()
    }

    /// Takes what happened, as far as one turn goes.
    pub(super) fn take(&mut self, event: Event, turn: &mut Turn<'_>) -> After {
        self.has_more = false;
        if matches!(event, Event::News) && self.takes_news(turn) {
            return if self.has_more { After::Again } else { After::Rests };
        }
        if let Event::Ready { readable, is_read_closed, .. } = event {
            self.is_readable |= readable;
            self.is_read_closed |= is_read_closed;
        }
        if matches!(event, Event::Ready { writable: true, .. }) {
            self.flush();
        }
        if self.farewell.is_none()
            && let Some(end) = self.converse(event, turn)
        {
            self.end(end, turn);
        }
        if self.farewell.is_some() && self.leave(turn.now.instant, &mut turn.scratch.input) {
            return After::Gone;
        }
        if self.has_more { After::Again } else { After::Rests }
    }

    /// The usual turn: gives what is new, and nothing else comes of it. Answers whether that was all.
    fn takes_news(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.farewell.is_some() || !self.unsent.is_empty() {
            // Who leaves, or is behind, has turns of other kinds.
            return true;
        }
        self.write(turn);
        turn.scratch.effects.is_empty() && self.unsent.is_empty() && !self.is_broken && !self.is_behind()
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
            Event::Drain(plan) => self.close_at = Some(plan.closes_at(&self.client)),
            Event::Again | Event::News | Event::Ready { .. } => {}
        }
        if self.is_gone() {
            return Some(End::Gone);
        }
        if let Some(reason) = self.work.seat().and_then(|seat| seat.reason()) {
            return Some(End::For(reason));
        }
        if let Some(reason) = self.settle(turn) {
            return Some(End::For(reason));
        }
        if let Some(end) = self.listen(turn) {
            return Some(end);
        }
        if self.drain_until.is_none() && self.close_at.is_some_and(|at| at <= now.instant) {
            self.drain_until = Some(now.instant + SOCKET_DRAIN_PATIENCE);
        }
        if self.drain_until.is_some_and(|until| self.is_idle() || until <= now.instant) {
            return Some(End::For(Disconnect::Shutdown));
        }
        self.is_gone().then_some(End::Gone)
    }

    fn is_gone(&self) -> bool {
        self.is_broken || self.wire().is_cut()
    }

    /// Hears what is there, a message at a time.
    fn listen(&mut self, turn: &mut Turn<'_>) -> Option<End> {
        let (mut messages, mut bytes) = (0, 0);
        // Pongs come this way, so a socket is read however slowly it takes what it is given.
        while self.drain_until.is_none() {
            while let Some(heard) = self.messages.next() {
                match heard {
                    Heard::Ended(end) => return Some(end),
                    Heard::Ping(bytes) => self.ping = Some(bytes),
                    Heard::Frame(bytes) => {
                        self.work.meter.heard(bytes.len());
                        self.session.handle_frame(&bytes, turn.now, &mut turn.scratch.effects);
                        self.work.sit(turn.ground.node, &self.session);
                    }
                }
                if let Some(reason) = self.settle(turn) {
                    return Some(End::For(reason));
                }
                messages += 1;
                if messages >= YIELD_EVERY {
                    self.has_more = true;
                    return None;
                }
            }
            if !self.is_readable {
                return None;
            }
            if bytes >= TURN_MAX_BYTES {
                self.has_more = true;
                return None;
            }
            match self.read(&mut turn.scratch.input) {
                Took::Bytes(some) => {
                    bytes += some;
                    self.messages.feed(turn.scratch.input.get(..some).unwrap_or_default());
                }
                Took::Nothing => {}
                Took::End => return Some(End::Gone),
            }
        }
        None
    }

    fn read(&mut self, room: &mut [u8]) -> Took {
        let took = self.socket.read(room);
        self.is_readable = match took {
            // Less than there was room for: all that was there. The kernel tells when there is more.
            Took::Bytes(some) => some == room.len() || self.is_read_closed,
            Took::Nothing | Took::End => false,
        };
        took
    }

    /// Performs what the conversation wants and writes what it has; answers why it ends, if it does.
    fn settle(&mut self, turn: &mut Turn<'_>) -> Option<Disconnect> {
        let mut ends = self.perform(turn);
        if ends.is_none() {
            for answer in self.work.take_refused() {
                self.session.handle_answer(answer, turn.now, &mut turn.scratch.effects);
            }
            self.write(turn);
            ends = self.perform(turn);
        }
        if ends.is_some() {
            // They were of a conversation that is over.
            turn.scratch.effects.clear();
        }
        let waiting_bytes = self.waiting_bytes();
        self.work.meter.look_at_lag(&mut self.session, waiting_bytes, turn.now.instant);
        ends
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Option<Disconnect> {
        let waiting_bytes = self.waiting_bytes();
        let answering = &mut self.answering;
        let begin = &mut turn.begin;
        self.work.perform(turn.ground, &mut turn.scratch.effects, waiting_bytes, |future| {
            *answering = answering.saturating_add(1);
            begin(future);
        })
    }

    /// Writes what there is, as long as the kernel takes it.
    fn write(&mut self, turn: &mut Turn<'_>) {
        let mut given = 0;
        while self.unsent.is_empty() && !self.is_broken {
            if given >= TURN_MAX_BYTES {
                self.has_more = true;
                return;
            }
            if let Some(payload) = self.ping.take() {
                let pong = frames::pong(&payload);
                self.work.meter.gave_control(pong.len());
                self.send(pong);
                continue;
            }
            let Scratch { output, joined, effects, .. } = &mut *turn.scratch;
            output.clear();
            self.session.take_output(WRITE_MAX_BYTES, turn.now, effects, output);
            let bytes = match output.frames.as_slice() {
                [] => return,
                [one] => {
                    let message = one.message().clone();
                    self.work.meter.gave(output, message.len());
                    self.send(message)
                }
                many => {
                    joined.clear();
                    self.encoding.join_into(many, joined);
                    self.work.meter.gave(output, joined.len());
                    self.send_some(joined)
                }
            };
            given += bytes;
            if !turn.scratch.output.has_more && self.ping.is_none() {
                return;
            }
        }
    }

    /// Gives bytes to be written, behind what waits; answers how many.
    fn send(&mut self, mut bytes: Bytes) -> usize {
        let given = bytes.len();
        if self.unsent.is_empty() {
            let taken = self.try_write(&bytes);
            self.unsent = bytes.split_off(taken.min(bytes.len()));
        } else {
            self.unsent = [&*self.unsent, &*bytes].concat().into();
        }
        given
    }

    /// The same with what is not kept elsewhere; nothing waits before it.
    fn send_some(&mut self, bytes: &[u8]) -> usize {
        let taken = self.try_write(bytes);
        match bytes.get(taken..) {
            Some(rest) if !rest.is_empty() => self.unsent = Bytes::copy_from_slice(rest),
            Some(_) | None => {}
        }
        bytes.len()
    }

    fn flush(&mut self) {
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            self.send(unsent);
        }
    }

    fn try_write(&mut self, bytes: &[u8]) -> usize {
        match self.socket.write(bytes) {
            Ok(taken) => taken,
            Err(_) => {
                // Nobody is there to take the rest.
                self.is_broken = true;
                bytes.len()
            }
        }
    }

    fn waiting_bytes(&self) -> u64 {
        self.unsent.len().try_into().unwrap_or(u64::MAX)
    }

    /// Whether nothing is on its way.
    fn is_idle(&self) -> bool {
        self.answering == 0 && self.work.has_said_all() && self.unsent.is_empty()
    }

    /// The conversation is over: tells its peer why, if there is one.
    fn end(&mut self, end: End, turn: &Turn<'_>) {
        self.work.end(turn.ground.worker, &end);
        self.session = Session::Ended;
        self.ping = None;
        let awaits_close = matches!(end, End::For(_));
        match last_words(end) {
            Some(reason) => {
                self.send(frames::close(reason));
            }
            None => self.is_broken = true,
        }
        self.farewell = Some(Farewell::new(awaits_close, turn.now.instant));
    }

    /// Passes over what still comes until the peer has closed its side; answers whether the connection is over.
    fn leave(&mut self, now: Instant, room: &mut [u8]) -> bool {
        let Some(mut farewell) = self.farewell.take() else { return false };
        let mut bytes = 0;
        while farewell.awaits_close() {
            if self.hears_close() {
                farewell.heard_close();
                break;
            }
            if !self.is_readable {
                break;
            }
            if bytes >= TURN_MAX_BYTES {
                self.has_more = true;
                break;
            }
            match self.read(room) {
                Took::Bytes(some) => {
                    bytes += some;
                    self.messages.feed(room.get(..some).unwrap_or_default());
                }
                Took::Nothing => {}
                Took::End => farewell.heard_close(),
            }
        }
        let leaves = if self.is_gone() { Leaves::Now } else { farewell.look(now, self.unsent.is_empty()) };
        self.farewell = Some(farewell);
        match leaves {
            Leaves::Later => false,
            Leaves::Now => true,
            Leaves::Cut => {
                self.wire().cut();
                true
            }
        }
    }

    /// Whether the peer closes. Behind a fault nothing is heard any more, so the end is waited for.
    fn hears_close(&mut self) -> bool {
        while !self.messages.is_refused() {
            match self.messages.next() {
                Some(Heard::Ended(End::ByPeer(_))) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }
}
