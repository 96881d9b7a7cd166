//! The upgrade of `/connection/websocket`.

use crate::assembly::Node;
use crate::clock;
use crate::http::credentials::{Credential, check_origin};
use crate::http::problem::Problem;
use crate::socket::connection::{Socket, serve};
use crate::socket::guard::Guarded;
use crate::socket::walk::ThisWorker;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use protocol::limits::FRAME_MAX_BYTES;
use session::{Session, Setup};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// The subprotocol that our JSON form has (protocol reference §5); the protobuf one is not offered yet.
const SUBPROTOCOLS: &[&str] = &["centrifuge-json"];

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
    let mut guarded: dev::Payload = dev::Payload::Stream {
        payload: Box::pin(guarded),
    };
    let body = web::Payload::from_request(&request, &mut guarded).await?;
    let (response, writer, messages) = actix_ws::handle_with_protocols(&request, body, SUBPROTOCOLS)?;
    let messages = messages
        .max_frame_size(FRAME_MAX_BYTES)
        .aggregate_continuations()
        .max_continuation_size(FRAME_MAX_BYTES);
    let client = clock::fresh_client().map_err(|_| Problem::Internal)?;
    let setup = Setup {
        first_ping: node.first_ping(&client),
        client,
        tokens: Arc::clone(&node.tokens),
        timing: node.timing,
        version: concat!("holdfast ", env!("CARGO_PKG_VERSION")),
    };
    let session = Session::new(setup, clock::now());
    let node = node.into_inner();
    let ThisWorker(worker) = worker;
    actix_web::rt::spawn(serve(Socket {
        node,
        worker,
        messages,
        writer,
        verdict,
        session,
    }));
    Ok(response)
}
