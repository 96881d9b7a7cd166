//! Connections whose first request is an upgrade in good order never come to the HTTP server: their sockets are taken
//! over. Whatever else there is to say to a request, that server says.

use crate::assembly::Node;
use crate::config::Transport;
use crate::http::head::{Follows, judge};
use crate::http::websocket::{self, PATH};
use crate::listener::stream::Stream;
use crate::listener::watchdog::Phase;
use crate::listener::workers::Hold;
use crate::socket::dense::{Newcomer, PlainSocket, Sockets};
use actix_http::body::BodySize;
use actix_http::h1::{Codec, Message};
use actix_http::{Request, ServiceConfig};
use bytes::{Bytes, BytesMut};
use std::rc::Rc;
use std::sync::Arc;
use tokio_util::codec::{Decoder, Encoder};

/// Takes a connection over if it can be; gives it back if not.
pub(super) fn take_over(
    stream: Stream,
    hold: Hold,
    node: &Arc<Node>,
    sockets: &Rc<Sockets>,
    config: &ServiceConfig,
) -> Option<(Stream, Hold)> {
    if node.transport != Transport::Dense || !stream.is_plain() {
        return Some((stream, hold));
    }
    let mut early = stream.unread_bytes().clone();
    let mut codec = Codec::new(config.clone());
    let Some(request) = upgrade(&mut codec, &mut early) else { return Some((stream, hold)) };
    let Ok(mut agreed) = websocket::agree(request.head(), node) else { return Some((stream, hold)) };
    let Ok(response) = agreed.response.message_body(()) else { return Some((stream, hold)) };
    let Some(response) = head_of(&mut codec, response) else { return Some((stream, hold)) };
    let Ok((client, session)) = websocket::converse(request.head().headers(), node, agreed.encoding) else {
        return Some((stream, hold));
    };
    // From here on it is nobody else's; if the system does not give it away it is closed.
    let (socket, life) = stream.into_plain()?.into_parts().ok()?;
    life.wire().enter(Phase::Upgraded);
    let socket = PlainSocket::new(socket, life);
    let encoding = agreed.encoding;
    sockets.adopt(Newcomer { socket, session, client, encoding, response, early, hold });
    None
}

/// The request, if it is an upgrade to a conversation and nothing is wrong with it; what came behind it stays in `bytes`.
/// Read as the HTTP server would read it.
fn upgrade(codec: &mut Codec, bytes: &mut BytesMut) -> Option<Request> {
    let Ok(Some(Message::Item(request))) = codec.decode(bytes) else { return None };
    let is_ours = request.path() == PATH && judge(request.head()) == Ok(Follows::Frames);
    is_ours.then_some(request)
}

/// The answer as the HTTP server would write it.
fn head_of(codec: &mut Codec, response: actix_http::Response<()>) -> Option<Bytes> {
    let mut bytes = BytesMut::new();
    codec.encode(Message::Item((response, BodySize::Stream)), &mut bytes).ok()?;
    Some(bytes.freeze())
}
