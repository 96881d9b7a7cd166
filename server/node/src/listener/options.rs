//! Socket options, set on every connection before it is served.

use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::os::fd::AsFd;
use std::time::Duration;

protocol::limits! {
    /// Bytes that the kernel holds for a peer that does not read; it doubles the figure for its own bookkeeping.
    pub(crate) const SEND_BUFFER_BYTES: usize = 64 * 1024 => unseen;
    /// Bytes that may be unsent before the socket counts as full, so that what waits stays ours to order.
    pub(crate) const UNSENT_LOW_WATER_BYTES: u32 = 16 * 1024 => unseen;
}

/// Sets what every connection has. An option that a kernel lacks costs efficiency, not correctness.
///
/// There is no `TCP_USER_TIMEOUT`: it also ends connections whose peer takes little at a time, because its clock starts
/// with the first window probe and bytes that arrive do not stop it. Who takes nothing is cut by the sweep and by the
/// conversation's own look at what was acknowledged.
pub(super) fn set(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let set = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER_BYTES))
        .and_then(|()| socket.set_tcp_notsent_lowat(UNSENT_LOW_WATER_BYTES));
    if let Err(error) = set {
        tracing::debug!(%error, "a socket option could not be set");
    }
}

/// Has a connection end with a reset: what the peer did not take is not kept for it by the kernel.
pub(crate) fn forget_unsent(stream: &impl AsFd) {
    // The connection ends either way.
    drop(SockRef::from(stream).set_linger(Some(Duration::ZERO)));
}
