//! Who asks on the ops listener: whoever may open the socket's file, or an admin on this machine.

use crate::assembly::Node;
use crate::http::credentials::admin;
use crate::http::problem::Problem;
use actix_web::HttpRequest;
use actix_web::dev::Extensions;
use actix_web::rt::net::{TcpStream, UnixStream};
use evidence::incident::{Name, Who};
use std::any::Any;

/// How a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// Over the Unix socket; the user, if the kernel says.
    Socket { uid: Option<u32> },
    /// Over TCP.
    Network { is_loopback: bool },
}

/// Remembers how a connection came.
pub(super) fn remember(stream: &dyn Any, data: &mut Extensions) {
    if let Some(stream) = stream.downcast_ref::<UnixStream>() {
        data.insert(Caller::Socket { uid: stream.peer_cred().ok().map(|credentials| credentials.uid()) });
    } else if let Some(stream) = stream.downcast_ref::<TcpStream>() {
        let is_loopback = stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
        data.insert(Caller::Network { is_loopback });
    }
}

/// Whoever may read what names people, and order; `name` is how they call themselves.
pub(super) fn operator(request: &HttpRequest, node: &Node, name: Option<Name>) -> Result<Who, Problem> {
    match request.conn_data::<Caller>() {
        Some(Caller::Socket { uid }) => Ok(Who { uid: *uid, member: None, name }),
        Some(Caller::Network { is_loopback: true }) => {
            let principal = admin(request, node)?;
            Ok(Who { uid: None, member: Some(principal.member), name })
        }
        Some(Caller::Network { is_loopback: false }) | None => Err(Problem::Forbidden),
    }
}
