//! The upgrade of `/connection/websocket`: what it takes, and what a conversation begins with. Of connections that are taken
//! over, the same is asked before there is an HTTP server.

use crate::assembly::Node;
use crate::clock;
use crate::gate::caller::Caller;
use crate::http::credentials::{Credential, check_origin, check_origin_in, shows_in};
use crate::http::problem::Problem;
use crate::listener::watchdog::Phase;
use crate::listener::wire::Wire;
use crate::socket::connection::{Socket, serve};
use crate::socket::inbound::Inbound;
use crate::socket::outlet::outlet;
use crate::socket::walk::ThisWorker;
use actix_http::{RequestHead, ResponseBuilder, ws};
use actix_web::body::BodyStream;
use actix_web::http::Uri;
use actix_web::http::header::{HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use protocol::{ClientId, Encoding};
use session::{Session, Setup};
use std::rc::Rc;

/// Where conversations are.
pub(crate) const PATH: &str = "/connection/websocket";
/// What a client may ask for (protocol reference §5).
const ENCODINGS: [Encoding; 2] = [Encoding::Json, Encoding::Protobuf];

/// What an upgrade agreed on.
pub(crate) struct Agreed {
    pub(crate) encoding: Encoding,
    pub(crate) response: ResponseBuilder,
}

/// There is no upgrade; the HTTP server knows what to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

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
        &ENCODINGS.map(Encoding::subprotocol),
    )?;
    let agreed = response.headers().get(SEC_WEBSOCKET_PROTOCOL).map(HeaderValue::as_bytes);
    let by_subprotocol =
        ENCODINGS.into_iter().find(|encoding| agreed == Some(encoding.subprotocol().as_bytes()));
    let encoding = by_subprotocol.unwrap_or_else(|| by_query(&request.head().uri));
    let (client, session) = converse(request.headers(), &node, encoding)?;
    let (outlet, outlet_body) = outlet();
    let response = response.set_body(BodyStream::new(outlet_body)).map_into_boxed_body();
    let inbound = Inbound::new(body.into_inner(), encoding);
    // Not sooner: after a refusal the connection is for requests still, with their deadlines.
    wire.enter(Phase::Upgraded);
    let node = node.into_inner();
    let ThisWorker(worker) = worker;
    actix_web::rt::spawn(serve(Socket { node, worker, client, wire, inbound, outlet, session, encoding }));
    Ok(response)
}

/// Whether a request gets its upgrade, and to what.
pub(crate) fn agree(head: &RequestHead, node: &Node) -> Result<Agreed, Refused> {
    check_origin_in(head.headers(), node, Credential::Cookie).map_err(|_| Refused)?;
    let mut response = ws::handshake(head).map_err(|_| Refused)?;
    let by_subprotocol = subprotocol(head.headers());
    if let Some(encoding) = by_subprotocol {
        response.insert_header((SEC_WEBSOCKET_PROTOCOL, encoding.subprotocol()));
    }
    Ok(Agreed { encoding: by_subprotocol.unwrap_or_else(|| by_query(&head.uri)), response })
}

/// The encoding that the address asks for.
fn by_query(uri: &Uri) -> Encoding {
    let asked = |pair: &str| matches!(pair, "cf_protocol=protobuf" | "format=protobuf");
    let is_asked = uri.query().is_some_and(|query| query.split('&').any(asked));
    if is_asked { Encoding::Protobuf } else { Encoding::Json }
}

/// The first of what a client offers that this node speaks (RFC 6455 §4.2.2).
fn subprotocol(headers: &HeaderMap) -> Option<Encoding> {
    let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).filter_map(|header| header.to_str().ok());
    let mut offered = offers.flat_map(|header| header.split(',')).map(str::trim);
    offered.find_map(|name| ENCODINGS.into_iter().find(|encoding| encoding.subprotocol() == name))
}

/// A conversation that begins now, with whoever the request's ticket says.
pub(crate) fn converse(
    headers: &HeaderMap,
    node: &Node,
    encoding: Encoding,
) -> Result<(ClientId, Session), Problem> {
    let ticket = match node.gate.caller(shows_in(headers).ticket, clock::wall()) {
        Caller::Member(principal) => Some(principal),
        Caller::Former | Caller::Unknown => None,
    };
    let client = clock::fresh_client().map_err(|_| Problem::Internal)?;
    let common = node.common_now();
    let first_ping = Node::first_ping(&client, &common.timing);
    let setup = Setup { client: client.clone(), encoding, ticket, first_ping, common };
    Ok((client, Session::new(setup, clock::now())))
}
