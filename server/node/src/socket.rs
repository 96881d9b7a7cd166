//! The actix-ws driver of `session`: one task and one writer a socket, which pulls from its cursors when the socket
//! takes more; nothing in the fan-out ever waits for a socket.

pub(crate) mod connection;
pub(crate) mod guard;
pub(crate) mod options;
pub(crate) mod walk;
