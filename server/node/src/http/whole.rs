//! A request is handled when all of it is there: a body that comes slowly, or not at all, holds no handler, and what
//! follows a request on its connection is never taken for its body or the other way round.

use crate::assembly::Node;
use crate::http::attachments::{self, ATTACHMENT_TIMEOUT};
use crate::http::bulletins::{self, BULLETIN_MAX_BYTES};
use crate::http::head::{Follows, judge};
use crate::http::imports::{self, IMPORT_MAX_BYTES, IMPORT_TIMEOUT};
use crate::http::problem::Problem;
use crate::http::trust;
use crate::listener::watchdog::Phase;
use crate::listener::wire::Wire;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::error::Error;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{HttpMessage, HttpRequest, ResponseError};
use campaign::attachments::{ATTACHMENT_MAX_BYTES, InvalidAttachment};
use futures_util::StreamExt;
use identity::trust::InvalidManifest;
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

protocol::limits! {
    /// Largest body of a request; larger ones get 400, if possible by their declared length.
    pub(crate) const BODY_MAX_BYTES: usize = 16 * 1024 => counted;
    /// How long a client may take for the body of a request; who takes longer gets 408 and loses the connection.
    pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(5) => counted;
}

/// The middleware around all routes.
pub(crate) async fn only_whole(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(wire) = request.conn_data::<Rc<Wire>>().map(Rc::clone) else {
        return handle(request, next).await;
    };
    if wire.phase() == Phase::LastAnswer {
        // It is not answered; the connection is closed once what went before has been read.
        return std::future::pending().await;
    }
    let asks_to_close = request.head().connection_type() == ConnectionType::Close;
    let hard_pressed =
        request.app_data::<Data<Node>>().is_some_and(|node| node.posture.now().keep_alive().is_none());
    let mut response = handle(request, next).await;
    if hard_pressed && let Ok(response) = &mut response {
        answer_for_the_last_time(response);
    }
    let answers_to_close = |response: &ServiceResponse<BoxBody>| {
        response.response().head().connection_type() == ConnectionType::Close
    };
    if asks_to_close || response.as_ref().is_ok_and(answers_to_close) {
        wire.enter(Phase::LastAnswer);
    }
    response
}

/// Keeps no connection for requests that may come; a conversation goes on.
fn answer_for_the_last_time(response: &mut ServiceResponse<BoxBody>) {
    let head = response.response_mut().head_mut();
    if head.connection_type() == ConnectionType::KeepAlive {
        head.set_connection_type(ConnectionType::Close);
    }
}

async fn handle(mut request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let length = match judge(request.head()) {
        Ok(Follows::Frames | Follows::Nothing) => return call(request, next).await,
        Ok(Follows::Body(length)) => length,
        Err(problem) => return Ok(refuse(request, problem)),
    };
    let bound = Bound::of(request.request());
    if length.is_some_and(|length| length > bound.bytes) {
        count(&request, bound.too_large);
        return Ok(refuse(request, bound.too_large));
    }
    // Counted by its own bound instead.
    let wire = request.conn_data::<Rc<Wire>>().map(Rc::clone).filter(|_| bound.bytes > BODY_MAX_BYTES);
    let mut body = request.take_payload();
    let gathered = tokio::time::timeout(bound.time, gather(&mut body, &bound, wire.as_deref())).await;
    match gathered.unwrap_or(Err(Problem::TooSlow)) {
        Ok(bytes) => {
            request.set_payload(bytes.into());
            call(request, next).await
        }
        Err(problem) => {
            count(&request, problem);
            request.set_payload(body);
            Ok(refuse(request, problem))
        }
    }
}

/// Has a request handled that is all there. How long that takes is not held against its client.
async fn call(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let wire = request.conn_data::<Rc<Wire>>().map(Rc::clone);
    if let Some(wire) = &wire {
        wire.enter(Phase::Handling);
    }
    let response = next.call(request).await;
    if let Some(wire) = wire.filter(|wire| wire.phase() == Phase::Handling) {
        wire.enter(Phase::Requests);
    }
    response
}

const TOO_LARGE: Problem = Problem::BadRequest("the body is larger than 16 KiB");
const ATTACHMENT_TOO_LARGE: Problem = Problem::Attachment(InvalidAttachment::TooLarge);
const BULLETIN_TOO_LARGE: Problem = Problem::BadRequest("the bulletin is larger than 40 KiB");
const MANIFEST_TOO_LARGE: Problem = Problem::BadManifest(InvalidManifest::TooLarge);
const LIST_TOO_LARGE: Problem = Problem::BadRequest("the list is larger than 16 MiB");

/// How large a body may be, and how long it may take.
struct Bound {
    bytes: usize,
    time: Duration,
    too_large: Problem,
}

impl Bound {
    fn of(request: &HttpRequest) -> Self {
        if imports::may_send_list(request) {
            Self { bytes: IMPORT_MAX_BYTES, time: IMPORT_TIMEOUT, too_large: LIST_TOO_LARGE }
        } else if attachments::may_attach(request) {
            Self { bytes: ATTACHMENT_MAX_BYTES, time: ATTACHMENT_TIMEOUT, too_large: ATTACHMENT_TOO_LARGE }
        } else if trust::may_replace(request) {
            Self { bytes: BULLETIN_MAX_BYTES, time: BODY_TIMEOUT, too_large: MANIFEST_TOO_LARGE }
        } else if bulletins::may_write(request) {
            Self { bytes: BULLETIN_MAX_BYTES, time: BODY_TIMEOUT, too_large: BULLETIN_TOO_LARGE }
        } else {
            Self { bytes: BODY_MAX_BYTES, time: BODY_TIMEOUT, too_large: TOO_LARGE }
        }
    }
}

async fn gather(body: &mut dev::Payload, bound: &Bound, wire: Option<&Wire>) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| Problem::BadRequest("the body is not framed as its head says"))?;
        if bytes.len().saturating_add(chunk.len()) > bound.bytes {
            return Err(bound.too_large);
        }
        bytes.extend_from_slice(&chunk);
        if let Some(wire) = wire {
            wire.body_taken();
        }
    }
    Ok(bytes.freeze())
}

/// Counts a bound that a request reached, if that is why it is refused.
fn count(request: &ServiceRequest, problem: Problem) {
    let limit = if problem == TOO_LARGE {
        reached::BODY_MAX_BYTES
    } else if problem == BULLETIN_TOO_LARGE || problem == MANIFEST_TOO_LARGE {
        bulletins::reached::BULLETIN_MAX_BYTES
    } else if problem == LIST_TOO_LARGE {
        imports::reached::IMPORT_MAX_BYTES
    } else if problem == Problem::TooSlow && request.path() == attachments::PATH {
        attachments::reached::ATTACHMENT_TIMEOUT
    } else if problem == Problem::TooSlow && request.path() == imports::PATH {
        imports::reached::IMPORT_TIMEOUT
    } else if problem == Problem::TooSlow {
        reached::BODY_TIMEOUT
    } else {
        return;
    };
    if let Some(node) = request.app_data::<Data<Node>>() {
        node.metrics.limit_reached(limit);
    }
}

/// Answers a request of which not all was read, as the last one of its connection.
fn refuse(mut request: ServiceRequest, problem: Problem) -> ServiceResponse<BoxBody> {
    let unread = request.take_payload();
    let refusal = problem.error_response().map_body(|head, words| {
        head.set_connection_type(ConnectionType::Close);
        let words = words.try_into_bytes().unwrap_or_default();
        BoxBody::new(LastWords { words, _unread: unread })
    });
    request.into_response(refusal)
}

/// A body that holds what was not read of the request until it is sent. The HTTP server closes the connection of a
/// request that someone still reads; one whose reader is gone it would read on, for as long as its chunks come.
struct LastWords {
    words: Bytes,
    _unread: dev::Payload,
}

impl MessageBody for LastWords {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.words.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let words = std::mem::take(&mut self.words);
        Poll::Ready((!words.is_empty()).then_some(Ok(words)))
    }
}
