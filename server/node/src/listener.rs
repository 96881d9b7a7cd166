//! The main listener: accepted sockets, made to be counted and cut, go through actix's HTTP/1.1 to the application.

mod account;
pub(crate) mod diagnostics;
pub(crate) mod options;
pub(crate) mod pace;
mod stream;
pub(crate) mod transport;
pub(crate) mod watchdog;
pub(crate) mod wire;

use crate::assembly::Node;
use crate::config::Config;
use crate::socket::outlet::PIECE_MAX_BYTES;
use crate::socket::walk::Worker;
use crate::{clock, http};
use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use anyhow::Context;
use evidence::egress::Tally;
use pace::Pace;
use parking_lot::Mutex;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;
use transport::Transport;

protocol::limits! {
    /// How long a request that is under way may take when the node stops; then it is dropped.
    const HTTP_SHUTDOWN_SECONDS: u64 = 5 => unseen;
    /// How long a client may take for the head of a request; then it gets 408.
    const HEAD_TIMEOUT: Duration = Duration::from_secs(5) => unseen;
}

/// The server, with at most so many connections a worker; further ones wait in the backlog.
pub(crate) fn serve(
    config: &Config,
    listener: TcpListener,
    connections_max: usize,
    node: &Arc<Node>,
) -> anyhow::Result<Server> {
    let node = Arc::clone(node);
    let data = web::Data::from(Arc::clone(&node));
    let pace = Arc::new(Mutex::new(Pace::new(config.accept_rate, clock::now().instant)));
    let builder = Server::build()
        .workers(config.workers)
        .max_concurrent_connections(connections_max)
        .shutdown_timeout(HTTP_SHUTDOWN_SECONDS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let server = builder
        .listen("main", listener, move || {
            let stopping = stopping.clone();
            let worker = Worker::new(data.metrics.lag.reporter());
            actix_web::rt::spawn(Rc::clone(&worker).walk());
            actix_web::rt::spawn(Arc::clone(&data.metrics.event_loops).watch());
            actix_web::rt::spawn(Rc::clone(&worker).sweep_wires(data.timing.stall_timeout));
            let app = App::new()
                .app_data(data.clone())
                .app_data(Rc::clone(&worker))
                .configure(http::routes)
                .into_factory();
            let http = HttpService::build()
                .client_request_timeout(HEAD_TIMEOUT)
                .client_disconnect_timeout(Duration::ZERO)
                .h1_write_buffer_size(PIECE_MAX_BYTES)
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .on_connect_ext(|stream: &Stream, data| {
                    data.insert(Rc::clone(stream.wire()));
                })
                .h1(map_config(app, |()| AppConfig::default()));
            let (pace, node) = (Arc::clone(&pace), Arc::clone(&node));
            fn_service(move |socket: TcpStream| {
                let (worker, node) = (Rc::clone(&worker), Arc::clone(&node));
                let turn = pace.lock().turn(clock::now().instant);
                async move {
                    if let Some(turn) = turn {
                        tokio::time::sleep_until(turn.into()).await;
                    }
                    let peer = socket.peer_addr().ok();
                    let transport = Transport::new(socket, Tally::new(node.egress.ledger()));
                    worker.add_wire(transport.wire());
                    Ok::<_, DispatchError>((encrypted(transport, &node).await?, peer))
                }
            })
            .and_then(http)
        })
        .context("cannot serve on the listener")?;
    Ok(server.run())
}

/// The stream after its handshake, if this node speaks TLS.
async fn encrypted(transport: Transport, node: &Node) -> Result<Stream, DispatchError> {
    let Some(tls) = &node.tls else {
        return Ok(Stream::Plain(transport));
    };
    match tls.accept(transport).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
        Err(error) => {
            node.metrics.tls.handshake_failed(error);
            Err(DispatchError::Io(std::io::Error::other(error)))
        }
    }
}
