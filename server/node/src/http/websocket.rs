//! The upgrade of `/connection/websocket`.

use crate::assembly::Node;
use crate::clock;
use crate::gate::Gate;
use crate::gate::caller::Caller;
use crate::http::credentials::{Credential, check_origin, shows};
use crate::http::problem::Problem;
use crate::listener::watchdog::Phase;
use crate::listener::wire::Wire;
use crate::metrics::Metrics;
use crate::socket::connection::{Socket, serve};
use crate::socket::inbound::Inbound;
use crate::socket::outlet::outlet;
use crate::socket::walk::ThisWorker;
use actix_web::body::BodyStream;
use actix_web::http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use protocol::Encoding;
use session::{Session, Setup};
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
    let wire = request.conn_data::<Rc<Wire>>().map(Rc::clone).ok_or(Problem::Internal)?;
    // The handshake alone: frames go through our own halves.
    let (response, _, _) = actix_ws::handle_with_protocols(
        &request,
        web::Payload::from_request(&request, &mut dev::Payload::None).await?,
        SUBPROTOCOLS,
    )?;
    let encoding = encoding(&request, &response);
    let (outlet, outlet_body) = outlet();
    let response = response.set_body(BodyStream::new(outlet_body)).map_into_boxed_body();
    let inbound = Inbound::new(body.into_inner(), encoding);
    let ticket = match node.gate.caller(shows(&request).ticket, clock::wall()) {
        Caller::Member(principal) => Some(principal),
        Caller::Former | Caller::Unknown => None,
    };
    let client = clock::fresh_client().map_err(|_| Problem::Internal)?;
    let timing = node.timing_now();
    let setup = Setup {
        first_ping: Node::first_ping(&client, &timing),
        client: client.clone(),
        encoding,
        door: Arc::<Gate>::clone(&node.gate),
        ticket,
        hands: node.hands,
        timing,
        watch: Arc::<Metrics>::clone(&node.metrics),
        version: concat!("holdfast ", env!("CARGO_PKG_VERSION")),
    };
    let session = Session::new(setup, clock::now());
    // Not sooner: after a refusal the connection is for requests still, with their deadlines.
    wire.enter(Phase::Upgraded);
    let node = node.into_inner();
    let ThisWorker(worker) = worker;
    actix_web::rt::spawn(serve(Socket { node, worker, client, wire, inbound, outlet, session, encoding }));
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
