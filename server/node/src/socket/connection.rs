//! One socket: feeds its conversation, performs its effects, writes its output.

use crate::assembly::Node;
use crate::socket::walk::{SocketId, Worker};
use crate::{clock, publisher, recovery};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, ProtocolError};
use bytestring::ByteString;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use protocol::{Disconnect, PageLimit, Since, json};
use session::{Answer, Effect, PublishOrder, Session};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// About how much is given to the socket at once. actix-ws queues up to 32 writes, so this times 32 is what a reader
/// that stopped costs here, besides the kernel's buffers.
const WRITE_MAX_BYTES: usize = 8 * 1024;
/// How long the last frame, the close, may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
/// How long a draining socket may take to be answered what it asked.
const DRAIN_PATIENCE: Duration = Duration::from_secs(3);

/// What a socket consists of.
pub(crate) struct Socket {
    pub(crate) node: Arc<Node>,
    pub(crate) worker: Rc<Worker>,
    pub(crate) messages: AggregatedMessageStream,
    pub(crate) writer: actix_ws::Session,
    /// Whether the guard refused a frame.
    pub(crate) frame_too_large: Rc<Cell<bool>>,
    pub(crate) session: Session,
}

type Writing = LocalBoxFuture<'static, Result<(), Closed>>;

/// The work of a socket beside reading: answers that are on their way, and the one write that is.
struct Work {
    node: Arc<Node>,
    worker: Rc<Worker>,
    id: SocketId,
    wake: Rc<Notify>,
    answers: FuturesUnordered<LocalBoxFuture<'static, Answer>>,
    /// Stored one after the other, so that one sender's messages keep their order.
    orders: VecDeque<PublishOrder>,
    publishing: bool,
    writing: Option<Writing>,
    writer: actix_ws::Session,
    channels: Vec<protocol::ChannelName>,
}

/// Serves a socket until it ends, and lets its peer know why.
pub(crate) async fn serve(socket: Socket) {
    let Socket {
        node,
        worker,
        messages,
        writer,
        frame_too_large,
        session,
    } = socket;
    let running = node.lifecycle.running();
    let work = Work {
        id: worker.fresh_id(),
        node,
        worker,
        wake: Rc::new(Notify::new()),
        answers: FuturesUnordered::new(),
        orders: VecDeque::new(),
        publishing: false,
        writing: None,
        writer,
        channels: Vec::new(),
    };
    let (work, reason) = converse(work, session, messages, &frame_too_large).await;
    for channel in &work.channels {
        work.worker.remove(channel, work.id);
    }
    if let Some(reason) = reason {
        let close = CloseReason {
            code: CloseCode::Other(reason.close_code()),
            description: Some(reason.reason().into()),
        };
        // A peer that does not take the close has its connection dropped with the writer.
        drop(tokio::time::timeout(CLOSE_PATIENCE, work.writer.close(Some(close))).await);
    }
    drop(running);
}

/// Runs the conversation to its end; answers why it ended, or nothing if the peer ended it.
async fn converse(
    mut work: Work,
    mut session: Session,
    mut messages: AggregatedMessageStream,
    frame_too_large: &Cell<bool>,
) -> (Work, Option<Disconnect>) {
    let mut effects = VecDeque::new();
    let mut drain_until: Option<Instant> = None;
    let lifecycle = work.node.lifecycle.clone();
    loop {
        if let Some(reason) = work.perform(&mut effects) {
            return (work, Some(reason));
        }
        work.write(&mut session, &mut effects);
        if let Some(reason) = work.perform(&mut effects) {
            return (work, Some(reason));
        }
        let drained = drain_until.is_some_and(|until| work.is_idle() || until <= clock::now().instant);
        if drained {
            return (work, Some(Disconnect::Shutdown));
        }
        let deadline = session.next_deadline().into_iter().chain(drain_until).min();
        tokio::select! {
            biased;
            // Pongs come this way, so a socket is read however slowly it takes what it is given.
            message = messages.next(), if drain_until.is_none() => {
                match heard(message, frame_too_large) {
                    Heard::Ended(reason) => return (work, reason),
                    Heard::Nothing => {}
                    Heard::Ping(bytes) => work.pong(bytes),
                    Heard::Text(text) => session.handle_frame(&text, clock::now(), &mut effects),
                }
            }
            Some(answer) = work.answers.next() => {
                work.publishing &= !matches!(answer, Answer::Published { .. });
                session.handle_answer(answer, clock::now(), &mut effects);
            }
            Some(written) = written(&mut work.writing) => {
                work.writing = None;
                if written.is_err() {
                    return (work, None);
                }
                session.written();
            }
            () = work.wake.notified() => {}
            () = until(deadline) => session.handle_deadline(clock::now(), &mut effects),
            () = lifecycle.drained(), if drain_until.is_none() => {
                drain_until = Some(clock::now().instant + DRAIN_PATIENCE);
            }
        }
    }
}

enum Heard {
    /// The conversation is over: for this reason, or because the peer went.
    Ended(Option<Disconnect>),
    Nothing,
    Ping(actix_web::web::Bytes),
    Text(ByteString),
}

fn heard(message: Option<Result<AggregatedMessage, ProtocolError>>, frame_too_large: &Cell<bool>) -> Heard {
    if frame_too_large.get() {
        return Heard::Ended(Some(Disconnect::FrameTooLarge));
    }
    match message {
        Some(Ok(AggregatedMessage::Text(text))) => Heard::Text(text),
        Some(Ok(AggregatedMessage::Binary(_))) => Heard::Ended(Some(Disconnect::UnsupportedData)),
        Some(Ok(AggregatedMessage::Ping(bytes))) => Heard::Ping(bytes),
        Some(Ok(AggregatedMessage::Pong(_))) => Heard::Nothing,
        Some(Ok(AggregatedMessage::Close(_))) | None => Heard::Ended(None),
        Some(Err(error)) => Heard::Ended(Some(broken(&error))),
    }
}

/// How the WebSocket layer's errors end a connection.
fn broken(error: &ProtocolError) -> Disconnect {
    match error {
        ProtocolError::Overflow => Disconnect::FrameTooLarge,
        // The aggregating stream reports a text that is not UTF-8 as an I/O error of this kind.
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Disconnect::NotUtf8,
        ProtocolError::BadOpCode
        | ProtocolError::ContinuationFragment(_)
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::InvalidLength(_)
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::Io(_)
        | ProtocolError::MaskedFrame
        | ProtocolError::UnmaskedFrame => Disconnect::WebSocketProtocol,
    }
}

/// The result of the write that is on its way; never, if there is none.
async fn written(writing: &mut Option<Writing>) -> Option<Result<(), Closed>> {
    match writing {
        Some(writing) => Some(writing.await),
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
                Effect::Join {
                    attempt,
                    channel,
                    since,
                } => {
                    self.worker.add(&channel, self.id, &self.wake);
                    self.channels.push(channel.clone());
                    let bell = self.worker.bell();
                    self.answers.push(Box::pin(async move {
                        let result = recovery::join(&node, &channel, since, &bell).await;
                        Answer::Joined { attempt, result }
                    }));
                }
                Effect::Leave(channel) => {
                    self.worker.remove(&channel, self.id);
                    self.channels.retain(|known| *known != channel);
                }
                Effect::Publish(order) => self.orders.push_back(order),
                Effect::ReadHistory { id, channel, query } => self.answers.push(Box::pin(async move {
                    let result = recovery::read_history(&node, &channel, query).await;
                    Answer::History { id, result }
                })),
                Effect::ReadPage {
                    attempt,
                    channel,
                    since,
                } => self.answers.push(Box::pin(async move {
                    let since = Since::Position(since);
                    let result = node.store.history.replay(&channel, &since, PageLimit::MAX).await;
                    Answer::Page {
                        attempt,
                        result: result.map_err(|_| ()),
                    }
                })),
            }
        }
        self.publish_next();
        None
    }

    fn publish_next(&mut self) {
        if self.publishing {
            return;
        }
        let Some(order) = self.orders.pop_front() else {
            return;
        };
        self.publishing = true;
        let node = Arc::clone(&self.node);
        self.answers.push(Box::pin(async move {
            let (id, via) = (order.id, order.via);
            let result = publisher::publish(&*node.store.history, order).await;
            Answer::Published { id, via, result }
        }));
    }

    /// Gives the socket what there is, if it took what it was given before.
    fn write(&mut self, session: &mut Session, effects: &mut VecDeque<Effect>) {
        if self.writing.is_some() {
            return;
        }
        let frames = session.take_output(WRITE_MAX_BYTES, clock::now(), effects);
        if frames.is_empty() {
            return;
        }
        // Everything that is encoded is JSON text; should it not be, the peer misses nothing that it could read.
        let Ok(text) = ByteString::try_from(json::join(&frames)) else {
            return;
        };
        let mut writer = self.writer.clone();
        self.writing = Some(Box::pin(async move { writer.text(text).await }));
    }

    /// Answers a WebSocket ping, behind the write that is on its way.
    fn pong(&mut self, bytes: actix_web::web::Bytes) {
        let mut writer = self.writer.clone();
        let before = self.writing.take();
        self.writing = Some(Box::pin(async move {
            if let Some(before) = before {
                before.await?;
            }
            writer.pong(&bytes).await
        }));
    }

    /// Whether nothing is on its way.
    fn is_idle(&self) -> bool {
        self.answers.is_empty() && self.orders.is_empty() && self.writing.is_none()
    }
}
