//! What a connection does beside its bytes, the same whichever driver carries them: performs what its conversation wants,
//! and holds what goes when it ends.

use crate::assembly::Node;
use crate::listener::wire::Wire;
use crate::presence::{self, Attendance};
use crate::recovery::{self, Reach};
use crate::seats::Seat;
use crate::socket::messages::End;
use crate::socket::meter::Meter;
use crate::socket::orders::Orders;
use crate::socket::socket_id::SocketId;
use crate::socket::walk::Worker;
use futures_util::future::{LocalBoxFuture, ready};
use protocol::{Disconnect, Encoding, ErrorCode, MemberId, PageLimit, Since};
use session::{Answer, Effect, NotTaken, Output, Progress, Session};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// What a connection stands on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) node: &'a Arc<Node>,
    pub(super) worker: &'a Worker,
    /// Its own wire; the rest is shared by all of its worker.
    pub(super) wire: &'a Wire,
}

/// An answer that is on its way.
pub(super) type Answering = LocalBoxFuture<'static, Answer>;

/// The work of a connection.
pub(super) struct Work {
    id: SocketId,
    /// What it has to say, while there is something.
    orders: Option<Box<Orders>>,
    /// What it reads or is about to; it is counted as a reader as long as that is here.
    channels: Attendance,
    /// The connection's place among those of its device, once it is known whose it is.
    seat: Option<Seat>,
    meter: Meter,
    /// Whose it is, once that is known.
    member: Option<MemberId>,
}

impl Work {
    pub(super) fn new(node: &Node, id: SocketId, encoding: Encoding) -> Self {
        Self {
            id,
            orders: None,
            channels: node.presence.attend(),
            seat: None,
            meter: Meter::new(&node.metrics, encoding),
            member: None,
        }
    }

    /// Performs what the conversation wants, and begins what is answered later; answers why it ends, if it does.
    /// `waiting_bytes` were given to be written and are not with the kernel.
    pub(super) fn perform(
        &mut self,
        ground: Ground<'_>,
        effects: &mut VecDeque<Effect>,
        waiting_bytes: u64,
        mut begin: impl FnMut(Answering),
    ) -> Option<Disconnect> {
        while let Some(effect) = effects.pop_front() {
            let node = Arc::clone(ground.node);
            match effect {
                Effect::Close(reason) => return Some(reason),
                Effect::CountReaders { id, channel } => begin(Box::pin(async move {
                    let result = presence::stats(&node, &channel).await;
                    Answer::ReadersCounted { id, result }
                })),
                Effect::Join { attempt, channel, since } => {
                    ground.worker.add(&channel, self.id);
                    self.channels.enter(&channel);
                    let (bell, reach) = (ground.worker.bell(), self.reach(&node));
                    begin(Box::pin(async move {
                        let result = recovery::join(&node, &channel, since, &bell, reach).await;
                        Answer::Joined { attempt, result }
                    }));
                }
                Effect::Leave(channel) => {
                    ground.worker.remove(&channel, self.id);
                    self.channels.leave(&channel);
                }
                Effect::Look => {
                    let seen = progress(ground, waiting_bytes);
                    begin(Box::pin(ready(Answer::Looked(seen))));
                }
                Effect::Publish(order) => {
                    let publisher = &ground.node.publisher;
                    let orders =
                        self.orders.get_or_insert_with(|| Box::new(Orders::new(Arc::clone(publisher))));
                    orders.take(order);
                }
                Effect::ReadHistory { id, .. } if self.reach(&node) == Reach::Ring => {
                    let result = Err(ErrorCode::TooManyRequests);
                    begin(Box::pin(ready(Answer::History { id, result })));
                }
                Effect::ReadHistory { id, channel, query } => begin(Box::pin(async move {
                    let result = recovery::read_history(&node, &channel, query).await;
                    Answer::History { id, result }
                })),
                Effect::ReadPage { attempt, .. } if self.reach(&node) == Reach::Ring => {
                    // It asks again in a moment.
                    begin(Box::pin(ready(Answer::Page { attempt, result: Err(()) })));
                }
                Effect::ReadPage { attempt, channel, since } => begin(Box::pin(async move {
                    let since = Since::Position(since);
                    let result = node.pages.replay(&channel, &since, PageLimit::MAX).await;
                    Answer::Page { attempt, result: result.map_err(|_| ()) }
                })),
                Effect::TakeReceipts { id, receipts } => {
                    let member = self.member.clone();
                    begin(Box::pin(async move {
                        let result = match &member {
                            Some(member) => node.receipts.take(&node, member, &receipts).await,
                            None => Err(NotTaken::Never),
                        };
                        Answer::ReceiptsTaken { id, result }
                    }));
                }
            }
        }
        if let Some(publishing) = self.orders.as_mut().and_then(|orders| orders.next()) {
            begin(Box::pin(publishing));
        }
        None
    }

    /// What the conversation has to hear at once.
    pub(super) fn take_refused(&mut self) -> Vec<Answer> {
        self.orders.as_mut().map(|orders| orders.take_refused()).unwrap_or_default()
    }

    /// An answer, and those that it takes along.
    pub(super) fn with_those_behind(&mut self, answer: Answer) -> Vec<Answer> {
        let Some(orders) = &mut self.orders else { return vec![answer] };
        let answers = orders.with_those_behind(answer);
        if orders.is_at_rest() {
            self.orders = None;
        }
        answers
    }

    /// How far back it may read now.
    fn reach(&self, node: &Node) -> Reach {
        match &self.member {
            Some(member) if node.egress.is_over_budget(member) => Reach::Ring,
            Some(_) | None => Reach::Log,
        }
    }

    /// Takes a seat as soon as it is known for whom.
    pub(super) fn sit(&mut self, ground: Ground<'_>, session: &Session) {
        if self.seat.is_none()
            && let Some(principal) = session.principal()
        {
            let node = ground.node;
            let seat = node.seats.sit(principal.device.as_ref(), &principal.member, principal.generation);
            // Withdrawn between the look at the ticket and the seat: nobody else would see it.
            if node.gate.revocations().covers(principal).is_some() {
                seat.leave();
            }
            self.seat = Some(seat);
            self.meter.identified(principal, ground.wire);
            node.presence.identify(&mut self.channels, &principal.member);
            self.member = Some(principal.member.clone());
        }
    }

    /// Its seat, once it has one.
    pub(super) const fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    /// Bytes of a message came.
    pub(super) fn heard(&self, ground: Ground<'_>, bytes: usize) {
        self.meter.heard(&ground.node.metrics, bytes);
    }

    /// A frame of so many bytes is about to be written, with this in it.
    pub(super) fn gives(&self, ground: Ground<'_>, output: &mut Output, bytes: usize) {
        self.meter.gave(&ground.node.metrics, ground.wire, output, bytes);
    }

    /// The same of a frame that carries no message.
    pub(super) fn gives_control(&self, ground: Ground<'_>, bytes: usize) {
        self.meter.gave_control(&ground.node.metrics, ground.wire, bytes);
    }

    /// Notes how far the connection is behind.
    pub(super) fn look_at_lag(
        &mut self,
        ground: Ground<'_>,
        session: &mut Session,
        waiting_bytes: u64,
        now: Instant,
    ) {
        self.meter.look_at_lag((ground.worker, self.id), session, waiting_bytes, now);
    }

    /// When to look again how far it is behind; never, if it is not.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.meter.next_look()
    }

    /// Whether nothing it has to say is on its way to the store.
    pub(super) fn has_said_all(&self) -> bool {
        self.orders.as_ref().is_none_or(|orders| orders.is_empty())
    }

    /// The conversation is over: nobody wakes it any more, and its place is free.
    pub(super) fn end(&mut self, ground: Ground<'_>, end: &End) {
        for channel in self.channels.drain() {
            ground.worker.remove(&channel, self.id);
        }
        self.seat = None;
        self.orders = None;
        self.meter.ended(&ground.node.metrics, ground.wire, (ground.worker, self.id), end);
    }
}

/// What the peer's TCP acknowledged, and what it did not.
fn progress(ground: Ground<'_>, waiting_bytes: u64) -> Option<Progress> {
    let mut seen = ground.wire.progress(ground.worker.diagnostics())?;
    seen.outstanding = seen.outstanding.saturating_add(waiting_bytes);
    Some(seen)
}
