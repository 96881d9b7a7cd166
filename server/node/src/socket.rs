//! The drivers of `session`: one for sockets that the HTTP server owns, on actix, a task a socket; one for those that are
//! taken over from it, `dense`, without. Each conversation is asked for what it has when its socket takes more; nothing in
//! the fan-out ever waits for a socket.

pub(crate) mod connection;
pub(crate) mod dense;
mod frames;
pub(crate) mod inbound;
mod messages;
pub(crate) mod meter;
mod orders;
pub(crate) mod outlet;
mod readers;
pub(crate) mod socket_id;
pub(crate) mod walk;
mod work;
