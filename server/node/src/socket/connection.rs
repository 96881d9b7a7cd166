//! One socket: feeds its conversation, performs its effects, writes its output.

use crate::assembly::Node;
use crate::socket::walk::{SocketId, Worker};
use crate::{clock, publisher, recovery};
use actix_web::web::Bytes;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Closed, ProtocolError};
use bytestring::ByteString;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use protocol::{Disconnect, Encoding, ErrorCode, PageLimit, Since};
use session::{Answer, Effect, PublishOrder, Session};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// About how much is given to the socket at once; a reply with a page may be larger. actix-ws queues up to 32 writes
/// besides the kernel's buffers.
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
    /// Why the guard refused a frame, if it did.
    pub(crate) verdict: Rc<Cell<Option<Disconnect>>>,
    pub(crate) session: Session,
    /// What the upgrade agreed on.
    pub(crate) encoding: Encoding,
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
    /// The latest WebSocket ping that was not answered; RFC 6455 §5.5.3 asks for no more.
    ping: Option<Bytes>,
    writer: actix_ws::Session,
    encoding: Encoding,
    channels: Vec<protocol::ChannelName>,
}

/// Serves a socket until it ends, and lets its peer know why.
pub(crate) async fn serve(socket: Socket) {
    let Socket { node, worker, messages, writer, verdict, session, encoding } = socket;
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
        ping: None,
        writer,
        encoding,
        channels: Vec::new(),
    };
    let (work, end) = converse(work, session, messages, &verdict).await;
    for channel in &work.channels {
        work.worker.remove(channel, work.id);
    }
    // Others may share a page that is read here: whoever no longer polls it must let go of it.
    drop(work.answers);
    // A peer that does not take the close has its connection dropped with the writer.
    drop(tokio::time::timeout(CLOSE_PATIENCE, say_goodbye(work.writer, end)).await);
    drop(running);
}

/// How a connection ended.
enum End {
    /// The peer closed it; RFC 6455 §5.5.1 wants its code back.
    ByPeer(Option<CloseReason>),
    /// We close it.
    For(Disconnect),
    /// It is gone; there is nobody to tell.
    Gone,
}

async fn say_goodbye(writer: actix_ws::Session, end: End) -> Result<(), Closed> {
    let reason = match end {
        End::ByPeer(reason) => reason.map(|reason| CloseReason { code: reason.code, description: None }),
        End::For(reason) => Some(CloseReason {
            code: CloseCode::from(reason.close_code()),
            description: Some(reason.reason().into()),
        }),
        End::Gone => return Ok(()),
    };
    writer.close(reason).await
}

/// Runs the conversation to its end.
async fn converse(
    mut work: Work,
    mut session: Session,
    mut messages: AggregatedMessageStream,
    verdict: &Cell<Option<Disconnect>>,
) -> (Work, End) {
    let mut effects = VecDeque::new();
    let mut drain_until: Option<Instant> = None;
    let lifecycle = work.node.lifecycle.clone();
    loop {
        if let Some(reason) = work.perform(&mut effects) {
            return (work, End::For(reason));
        }
        work.write(&mut session, &mut effects);
        if let Some(reason) = work.perform(&mut effects) {
            return (work, End::For(reason));
        }
        let drained = drain_until.is_some_and(|until| work.is_idle() || until <= clock::now().instant);
        if drained {
            return (work, End::For(Disconnect::Shutdown));
        }
        let deadline = session.next_deadline().into_iter().chain(drain_until).min();
        tokio::select! {
            // Pongs come this way, so a socket is read however slowly it takes what it is given. In no fixed order
            // with the rest: who sends without end does not put off deadlines, answers or the drain.
            message = messages.next(), if drain_until.is_none() => {
                match heard(message, work.encoding, verdict) {
                    Heard::Ended(end) => return (work, end),
                    Heard::Nothing => {}
                    Heard::Ping(bytes) => work.ping = Some(bytes),
                    Heard::Frame(bytes) => session.handle_frame(&bytes, clock::now(), &mut effects),
                }
            }
            Some(answer) = work.answers.next() => {
                for answer in work.order(answer) {
                    session.handle_answer(answer, clock::now(), &mut effects);
                }
            }
            Some(written) = written(&mut work.writing) => {
                work.writing = None;
                if written.is_err() {
                    return (work, End::Gone);
                }
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
    Ended(End),
    Nothing,
    Frame(Bytes),
    Ping(Bytes),
}

fn heard(
    message: Option<Result<AggregatedMessage, ProtocolError>>,
    encoding: Encoding,
    verdict: &Cell<Option<Disconnect>>,
) -> Heard {
    if let Some(reason) = verdict.get() {
        return Heard::Ended(End::For(reason));
    }
    match message {
        Some(Ok(AggregatedMessage::Text(text))) if encoding == Encoding::Json => {
            Heard::Frame(text.into_bytes())
        }
        Some(Ok(AggregatedMessage::Binary(bytes))) if encoding == Encoding::Protobuf => Heard::Frame(bytes),
        Some(Ok(AggregatedMessage::Text(_) | AggregatedMessage::Binary(_))) => {
            Heard::Ended(End::For(Disconnect::UnsupportedData))
        }
        Some(Ok(AggregatedMessage::Ping(bytes))) => Heard::Ping(bytes),
        Some(Ok(AggregatedMessage::Pong(_))) => Heard::Nothing,
        Some(Ok(AggregatedMessage::Close(reason))) => Heard::Ended(End::ByPeer(reason)),
        Some(Err(error)) => Heard::Ended(End::For(broken(&error))),
        None => Heard::Ended(End::Gone),
    }
}

/// How the WebSocket layer's errors end a connection.
fn broken(error: &ProtocolError) -> Disconnect {
    match error {
        ProtocolError::Overflow => Disconnect::FrameTooLarge,
        // The aggregating stream reports a text that is not UTF-8 as an I/O error of this kind. (Reserved bits, which
        // the parser reports so too, do not pass the guard.)
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
                Effect::Join { attempt, channel, since } => {
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
                Effect::ReadPage { attempt, channel, since } => self.answers.push(Box::pin(async move {
                    let since = Since::Position(since);
                    let result = node.pages.replay(&channel, &since, PageLimit::MAX).await;
                    Answer::Page { attempt, result: result.map_err(|_| ()) }
                })),
            }
        }
        self.publish_next();
        None
    }

    /// An answer, and with a message that could not be stored those of its sender that came behind it: were they
    /// stored, the retry of the first would come after them.
    fn order(&mut self, answer: Answer) -> Vec<Answer> {
        let mut answers = vec![answer];
        if let Some(Answer::Published { result, .. }) = answers.first() {
            self.publishing = false;
            if *result == Err(ErrorCode::TooManyRequests) {
                let behind = self.orders.drain(..);
                answers.extend(behind.map(|order| Answer::Published {
                    id: order.id,
                    via: order.via,
                    result: Err(ErrorCode::TooManyRequests),
                }));
            }
        }
        answers
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
        if let Some(bytes) = self.ping.take() {
            let mut writer = self.writer.clone();
            self.writing = Some(Box::pin(async move { writer.pong(&bytes).await }));
            return;
        }
        let frames = session.take_output(WRITE_MAX_BYTES, clock::now(), effects);
        if frames.is_empty() {
            return;
        }
        let joined = self.encoding.join(&frames);
        let mut writer = self.writer.clone();
        self.writing = match self.encoding {
            Encoding::Protobuf => Some(Box::pin(async move { writer.binary(joined).await })),
            // What is encoded is JSON text; should it not be, the peer misses nothing that it could read.
            Encoding::Json => ByteString::try_from(joined)
                .ok()
                .map(|text| -> Writing { Box::pin(async move { writer.text(text).await }) }),
        };
    }

    /// Whether nothing is on its way.
    fn is_idle(&self) -> bool {
        self.answers.is_empty() && self.orders.is_empty() && self.writing.is_none()
    }
}
