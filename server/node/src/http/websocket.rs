//! The upgrade of `/connection/websocket`.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, check_origin};
use crate::http::problem::Problem;
use crate::socket::connection::{Socket, serve};
use crate::socket::guard::Guarded;
use crate::socket::walk::ThisWorker;
use actix_web::http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use protocol::Encoding;
use protocol::limits::FRAME_MAX_BYTES;
use session::{Session, Setup};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// What a client may ask for (protocol reference §5).
const SUBPROTOCOLS: &[&str] = &[Encoding::Json.subprotocol(), Encoding::Protobuf.subprotocol()];

/// `GET /connection/websocket`.
pub(crate) async fn upgrade(
    request: HttpRequest,
    node: web::Data<Node>,
    worker: ThisWorker,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    check_origin(&request, &node, Credential::Cookie)?;
    let verdict = Rc::new(Cell::new(None));
    let max_bytes = u64::try_from(FRAME_MAX_BYTES).unwrap_or(u64::MAX);
    let guarded = Guarded::new(body.into_inner(), max_bytes, Rc::clone(&verdict));
    let mut guarded: dev::Payload = dev::Payload::Stream { payload: Box::pin(guarded) };
    let body = web::Payload::from_request(&request, &mut guarded).await?;
    let (response, writer, messages) = actix_ws::handle_with_protocols(&request, body, SUBPROTOCOLS)?;
    let encoding = encoding(&request, &response);
    let messages = messages
        .max_frame_size(FRAME_MAX_BYTES)
        .aggregate_continuations()
        .max_continuation_size(FRAME_MAX_BYTES);
    let client = clock::fresh_client().map_err(|_| Problem::Internal)?;
    let setup = Setup {
        first_ping: node.first_ping(&client),
        client,
        encoding,
        tokens: Arc::clone(&node.tokens),
        timing: node.timing,
        version: concat!("holdfast ", env!("CARGO_PKG_VERSION")),
    };
    let session = Session::new(setup, clock::now());
    let node = node.into_inner();
    let ThisWorker(worker) = worker;
    actix_web::rt::spawn(serve(Socket { node, worker, messages, writer, verdict, session, encoding }));
    Ok(response)
}

/// The encoding of a connection: the subprotocol that was agreed on, else what the query asks for, else JSON.
fn encoding(request: &HttpRequest, response: &HttpResponse) -> Encoding {
    let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL).map(HeaderValue::as_bytes);
    let asked = |pair: &str| matches!(pair, "cf_protocol=protobuf" | "format=protobuf");
    let by_subprotocol = agreed == Some(Encoding::Protobuf.subprotocol().as_bytes());
    let by_query = agreed.is_none() && request.query_string().split('&').any(asked);
    if by_subprotocol || by_query { Encoding::Protobuf } else { Encoding::Json }
}
