//! The driver of `session` on actix: one task a socket, which pulls from its cursors when the socket takes more; nothing
//! in the fan-out ever waits for a socket.

pub(crate) mod connection;
pub(crate) mod inbound;
pub(crate) mod meter;
mod orders;
pub(crate) mod outlet;
pub(crate) mod walk;
