//! One socket: feeds its conversation, performs its effects, writes its output.

use crate::assembly::Node;
use crate::listener::wire::Wire;
use crate::presence::{self, PresenceGuard};
use crate::recovery::Reach;
use crate::seats::Seat;
use crate::socket::inbound::{End, Heard, Inbound};
use crate::socket::meter::Meter;
use crate::socket::orders::Orders;
use crate::socket::outlet::Outlet;
use crate::socket::walk::{SocketId, Worker};
use crate::{clock, recovery};
use actix_http::ws::{CloseCode, CloseReason};
use actix_web::web::Bytes;
use futures_util::StreamExt;
use futures_util::future::{LocalBoxFuture, ready};
use futures_util::stream::FuturesUnordered;
use protocol::{
    ChannelName, ClientId, DeviceId, Disconnect, Encoding, ErrorCode, MemberId, PageLimit, Since,
};
use session::{Answer, Effect, NotTaken, Output, Progress, Session};
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

/// The work of a socket beside reading: answers that are on their way, and what is given to be written.
struct Work {
    node: Arc<Node>,
    worker: Rc<Worker>,
    id: SocketId,
    wake: Rc<Notify>,
    wire: Rc<Wire>,
    outlet: Outlet,
    answers: FuturesUnordered<LocalBoxFuture<'static, Answer>>,
    orders: Orders,
    /// The latest WebSocket ping that was not answered; RFC 6455 §5.5.3 asks for no more.
    ping: Option<Bytes>,
    encoding: Encoding,
    /// What it reads or is about to; whoever reads it is counted as long as the guard is here.
    channels: Vec<(ChannelName, Option<PresenceGuard>)>,
    /// The connection's place among those of its device, once it is known whose it is.
    seat: Option<Seat>,
    meter: Meter,
    /// Whose it is, once that is known.
    member: Option<MemberId>,
}

/// Serves a socket until it ends, and lets its peer know why.
pub(crate) async fn serve(socket: Socket) {
    let Socket { node, worker, client, wire, mut inbound, outlet, session, encoding } = socket;
    let running = node.lifecycle.running();
    let id = worker.fresh_id();
    let meter = Meter::new(&node.metrics, &worker, id, &wire, encoding);
    let orders = Orders::new(Arc::clone(&node.publisher));
    let work = Work {
        id,
        node,
        worker,
        wake: Rc::new(Notify::new()),
        wire,
        outlet,
        answers: FuturesUnordered::new(),
        orders,
        ping: None,
        encoding,
        channels: Vec::new(),
        seat: None,
        meter,
        member: None,
    };
    let (work, end) = converse(work, session, &client, &mut inbound).await;
    for (channel, _) in work.channels {
        work.worker.remove(&channel, work.id);
    }
    work.meter.ended(&end);
    drop(work.meter);
    // Others may share a page that is read here: whoever no longer polls it must let go of it.
    drop(work.answers);
    say_goodbye(work.outlet, inbound, end).await;
    if tokio::time::timeout(CLOSE_PATIENCE, work.wire.gone()).await.is_err() {
        work.wire.cut();
    }
    drop(running);
}

/// Closes from this side. A peer that was told why gets time to read it: were the socket closed while something of
/// the peer's is unread, TCP would throw away what is on its way there.
async fn say_goodbye(outlet: Outlet, mut inbound: Inbound, end: End) {
    match end {
        End::ByPeer(reason) => {
            outlet.put_close(reason.map(|reason| CloseReason { code: reason.code, description: None }));
        }
        End::For(reason) => {
            outlet.put_close(Some(CloseReason {
                code: CloseCode::from(reason.close_code()),
                description: Some(reason.reason().into()),
            }));
            // What comes too late is passed over.
            drop(tokio::time::timeout(CLOSE_PATIENCE, inbound.closed()).await);
        }
        End::Gone => {}
    }
}

/// Runs the conversation to its end.
async fn converse(
    mut work: Work,
    mut session: Session,
    client: &ClientId,
    inbound: &mut Inbound,
) -> (Work, End) {
    let mut effects = VecDeque::new();
    // A node that drains closes each connection at its own time; the connection is served until then.
    let mut close_at: Option<Instant> = None;
    let mut drain_until: Option<Instant> = None;
    let lifecycle = work.node.lifecycle.clone();
    let mut draining = std::pin::pin!(lifecycle.drained());
    loop {
        if let Some(reason) = work.perform(&mut effects) {
            return (work, End::For(reason));
        }
        for answer in work.orders.take_refused() {
            session.handle_answer(answer, clock::now(), &mut effects);
        }
        work.write(&mut session, &mut effects);
        if let Some(reason) = work.perform(&mut effects) {
            return (work, End::For(reason));
        }
        work.meter.look_at_lag(&mut session, work.outlet.waiting_bytes(), clock::now().instant);
        let drained = drain_until.is_some_and(|until| work.is_idle() || until <= clock::now().instant);
        if drained {
            return (work, End::For(Disconnect::Shutdown));
        }
        if drain_until.is_none() && close_at.is_some_and(|at| at <= clock::now().instant) {
            drain_until = Some(clock::now().instant + SOCKET_DRAIN_PATIENCE);
            continue;
        }
        let deadline = session
            .next_deadline()
            .into_iter()
            .chain(drain_until.or(close_at))
            .chain(work.meter.next_look())
            .min();
        tokio::select! {
            // Pongs come this way, so a socket is read however slowly it takes what it is given. In no fixed order
            // with the rest: who sends without end does not put off deadlines, answers or the drain.
            heard = inbound.next(), if drain_until.is_none() => match heard {
                Heard::Ended(end) => return (work, end),
                Heard::Ping(bytes) => work.ping = Some(bytes),
                Heard::Frame(bytes) => {
                    work.meter.heard(bytes.len());
                    session.handle_frame(&bytes, clock::now(), &mut effects);
                    work.sit(&session);
                }
            },
            reason = taken(work.seat.as_ref()) => return (work, End::For(reason)),
            Some(answer) = work.answers.next() => {
                for answer in work.orders.with_those_behind(answer) {
                    session.handle_answer(answer, clock::now(), &mut effects);
                }
            }
            () = work.outlet.emptied(), if !work.outlet.is_empty() => {}
            () = work.wake.notified() => {}
            () = until(deadline) => session.handle_deadline(clock::now(), &mut effects),
            () = &mut draining, if close_at.is_none() => {
                close_at = lifecycle.plan().map(|plan| plan.closes_at(client));
            }
        }
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

impl Work {
    /// Performs what the conversation wants; answers why it ends, if it does.
    fn perform(&mut self, effects: &mut VecDeque<Effect>) -> Option<Disconnect> {
        while let Some(effect) = effects.pop_front() {
            let node = Arc::clone(&self.node);
            match effect {
                Effect::Close(reason) => return Some(reason),
                Effect::CountReaders { id, channel } => self.answers.push(Box::pin(async move {
                    let result = presence::stats(&node, &channel).await;
                    Answer::ReadersCounted { id, result }
                })),
                Effect::Join { attempt, channel, since } => {
                    self.worker.add(&channel, self.id, &self.wake);
                    // A session that joins has been told for whom.
                    let guard = self.member.as_ref().map(|member| node.presence.enter(&channel, member));
                    self.channels.push((channel.clone(), guard));
                    let (bell, reach) = (self.worker.bell(), self.reach());
                    self.answers.push(Box::pin(async move {
                        let result = recovery::join(&node, &channel, since, &bell, reach).await;
                        Answer::Joined { attempt, result }
                    }));
                }
                Effect::Leave(channel) => {
                    self.worker.remove(&channel, self.id);
                    self.channels.retain(|(known, _)| *known != channel);
                }
                Effect::Look => {
                    let seen = self.progress();
                    self.answers.push(Box::pin(ready(Answer::Looked(seen))));
                }
                Effect::Publish(order) => self.orders.take(order),
                Effect::ReadHistory { id, .. } if self.reach() == Reach::Ring => {
                    let result = Err(ErrorCode::TooManyRequests);
                    self.answers.push(Box::pin(ready(Answer::History { id, result })));
                }
                Effect::ReadHistory { id, channel, query } => self.answers.push(Box::pin(async move {
                    let result = recovery::read_history(&node, &channel, query).await;
                    Answer::History { id, result }
                })),
                Effect::ReadPage { attempt, .. } if self.reach() == Reach::Ring => {
                    // It asks again in a moment.
                    self.answers.push(Box::pin(ready(Answer::Page { attempt, result: Err(()) })));
                }
                Effect::ReadPage { attempt, channel, since } => self.answers.push(Box::pin(async move {
                    let since = Since::Position(since);
                    let result = node.pages.replay(&channel, &since, PageLimit::MAX).await;
                    Answer::Page { attempt, result: result.map_err(|_| ()) }
                })),
                Effect::TakeReceipts { id, receipts } => {
                    let member = self.member.clone();
                    self.answers.push(Box::pin(async move {
                        let result = match &member {
                            Some(member) => node.receipts.take(&node, member, &receipts).await,
                            None => Err(NotTaken::Never),
                        };
                        Answer::ReceiptsTaken { id, result }
                    }));
                }
            }
        }
        if let Some(publishing) = self.orders.next() {
            self.answers.push(Box::pin(publishing));
        }
        None
    }

    /// How far back it may read now.
    fn reach(&self) -> Reach {
        match &self.member {
            Some(member) if self.node.egress.is_over_budget(member) => Reach::Ring,
            Some(_) | None => Reach::Log,
        }
    }

    /// Takes a seat as soon as it is known for whom.
    fn sit(&mut self, session: &Session) {
        if self.seat.is_none()
            && let Some(principal) = session.principal()
        {
            let device = principal.device.as_ref().map_or(principal.member.as_str(), DeviceId::as_str);
            let seat = self.node.seats.sit(device, &principal.member, principal.generation);
            // Withdrawn between the look at the ticket and the seat: nobody else would see it.
            if self.node.gate.revocations().covers(principal).is_some() {
                seat.leave();
            }
            self.seat = Some(seat);
            self.meter.identified(principal);
            self.member = Some(principal.member.clone());
        }
    }

    /// What the peer's TCP acknowledged, and what it did not.
    fn progress(&self) -> Option<Progress> {
        let mut seen = self.wire.progress(self.worker.diagnostics())?;
        seen.outstanding = seen.outstanding.saturating_add(self.outlet.waiting_bytes());
        Some(seen)
    }

    /// Gives the socket what there is, if it took what it was given before.
    fn write(&mut self, session: &mut Session, effects: &mut VecDeque<Effect>) {
        if !self.outlet.is_empty() {
            return;
        }
        if let Some(bytes) = self.ping.take() {
            let bytes = self.outlet.put_pong(&bytes);
            self.meter.gave_control(bytes);
            return;
        }
        let mut output = Output::default();
        session.take_output(WRITE_MAX_BYTES, clock::now(), effects, &mut output);
        if output.frames.is_empty() {
            return;
        }
        let bytes = self.outlet.put(&self.encoding.join(&output.frames), self.encoding);
        self.meter.gave(output, bytes);
    }

    /// Whether nothing is on its way.
    fn is_idle(&self) -> bool {
        self.answers.is_empty() && self.orders.is_empty() && self.outlet.is_empty()
    }
}
