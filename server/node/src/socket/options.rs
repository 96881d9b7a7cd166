//! Socket options, set on every accepted connection before it is served.

use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::any::Any;
use std::time::Duration;

/// Bytes that the kernel holds for a peer that does not read; it doubles the figure for its own bookkeeping.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// Bytes that may be unsent before the socket counts as full, so that what waits stays ours to order.
const UNSENT_LOW_WATER_BYTES: u32 = 16 * 1024;
/// A peer that acknowledges nothing for so long is gone (RFC 5482); it loses its connection, not its place.
const USER_TIMEOUT: Duration = Duration::from_mins(1);

/// Called by the HTTP server for each connection. An option that a kernel lacks costs efficiency, not correctness.
pub(crate) fn on_connect(connection: &dyn Any) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else {
        return;
    };
    let socket = SockRef::from(stream);
    let set = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(USER_TIMEOUT)))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER_BYTES))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_LOW_WATER_BYTES));
    if let Err(error) = set {
        tracing::debug!(%error, "a socket option could not be set");
    }
}
