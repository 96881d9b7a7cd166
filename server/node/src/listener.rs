//! The main listener: accepted sockets, made to be counted and cut, go past the front; those that ask for a conversation are
//! taken over, the others go through actix's HTTP/1.1 to the application.

mod account;
pub(crate) mod front;
pub(crate) mod head;
pub(crate) mod options;
pub(crate) mod pace;
mod stream;
pub(crate) mod syn_filter;
mod takeover;
pub(crate) mod transport;
pub(crate) mod watchdog;
pub(crate) mod wire;
pub(crate) mod workers;

use crate::assembly::Node;
use crate::config::Config;
use crate::socket::dense::Sockets;
use crate::socket::outlet::PIECE_MAX_BYTES;
use crate::socket::walk::Worker;
use crate::{clock, http};
use actix_http::{HttpService, ServiceConfig};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, map_config};
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};
use anyhow::Context;
use evidence::egress::Tally;
use pace::Paces;
use parking_lot::Mutex;
use socket2::SockRef;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;
use transport::Transport;
use workers::{Comer, Hold, Shared, Workers};

protocol::limits! {
    /// How long a request that is under way may take when the node stops; then it is dropped.
    pub(crate) const HTTP_SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5) => unseen;
    /// Connections that the kernel keeps until they are accepted; a system may allow fewer (`net.core.somaxconn`). When there
    /// are more, newcomers try again after a second, and then after ever longer.
    pub(crate) const BACKLOG_MAX: u32 = 4_096 => shown "holdfast_backlog_connections";
    /// Fewest connections that the kernel keeps while strangers are turned away: then as many as are accepted within five
    /// delay targets, so that nobody waits behind those who will be refused.
    pub(crate) const BACKLOG_MIN: u32 = 128 => shown "holdfast_backlog_connections";
    /// Of the connections that a worker may hold, one in so many may be of those of whom it is not known whose they are; when
    /// there are more, the oldest of the prefix that has most is cut.
    const ANTEROOM_SHARE: usize = 2 => shown "holdfast_anteroom_evicted";
    /// How long a client may take for the head of a further request; then it gets 408.
    const HEAD_TIMEOUT: Duration = Duration::from_secs(5) => unseen;
}

/// The workers, with at most so many connections each; further ones wait in the backlog.
pub(crate) fn serve(
    config: &Config,
    listener: &TcpListener,
    connections_max: usize,
    node: &Arc<Node>,
) -> anyhow::Result<Workers> {
    let backlog = i32::try_from(BACKLOG_MAX).unwrap_or(i32::MAX);
    SockRef::from(listener).listen(backlog).context("cannot listen")?;
    listener.set_nonblocking(true).context("cannot listen")?;
    let paces = Arc::new(Paces::new(config.accept_rate, clock::now().instant));
    let listeners: Vec<TcpListener> = (0..config.workers)
        .map(|_| listener.try_clone())
        .collect::<Result<_, _>>()
        .context("cannot give each worker the listener")?;
    let listeners = Mutex::new(listeners);
    Ok(Workers::start(config.workers, |shared| {
        let (node, paces) = (Arc::clone(node), Arc::clone(&paces));
        let listener = listeners.lock().pop();
        move || {
            if let Some(listener) = listener {
                actix_web::rt::spawn(work(listener, connections_max, shared, node, paces));
            }
        }
    }))
}

/// What one worker does.
async fn work(
    listener: TcpListener,
    connections_max: usize,
    shared: Shared,
    node: Arc<Node>,
    paces: Arc<Paces>,
) {
    let worker = Worker::new(&node.metrics, connections_max / ANTEROOM_SHARE);
    let sockets = match Sockets::begin(&node, &worker) {
        Ok(sockets) => sockets,
        Err(error) => {
            tracing::error!(%error, "a worker cannot watch its sockets");
            return;
        }
    };
    actix_web::rt::spawn(Rc::clone(&worker).walk(Rc::clone(&sockets)));
    actix_web::rt::spawn(Arc::clone(&node.metrics.event_loops).watch());
    actix_web::rt::spawn(Rc::clone(&worker).sweep_wires(node.timing.stall_timeout));
    let app = App::new()
        .app_data(web::Data::from(Arc::clone(&node)))
        .app_data(Rc::clone(&worker))
        .configure(http::routes)
        .into_factory();
    let stopping = shared.stopping.clone();
    let http = HttpService::build()
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(Duration::ZERO)
        .h1_write_buffer_size(PIECE_MAX_BYTES)
        .graceful_shutdown_signal(move || stopping.clone().cancelled_owned())
        .on_connect_ext(|stream: &Stream, data| {
            data.insert(Rc::clone(stream.wire()));
        })
        .h1(map_config(app, |()| AppConfig::default()));
    let Ok(http) = http.new_service(()).await else { return };
    let http = Rc::new(http);
    let codec = ServiceConfig::default();
    let turns_away = |comer: Comer| node.gate.turns_away(comer.prefix, comer.at);
    let make_room = || worker.make_room();
    let serve = |socket: TcpStream, comer: Comer, hold: Hold| {
        let (worker, node, paces, http) =
            (Rc::clone(&worker), Arc::clone(&node), Arc::clone(&paces), Rc::clone(&http));
        let (sockets, codec) = (Rc::clone(&sockets), codec.clone());
        async move {
            let transport = Transport::new(socket, Tally::new(node.egress.ledger()));
            worker.add_wire(transport.wire(), node.gate.is_known(comer.prefix, comer.at));
            let often = node.gate.arrives(comer.prefix, comer.at);
            let Some(mut stream) = encrypted(transport, &node).await else { return };
            if !front::pass(&mut stream, often, &node, &paces).await {
                return;
            }
            // What does not have its place among the sockets is the HTTP server's.
            if let Some((stream, hold)) = takeover::take_over(stream, hold, &node, &sockets, &codec) {
                // How it ended is counted where it is known.
                drop(http.call((stream, Some(comer.peer))).await);
                drop(hold);
            }
        }
    };
    if let Err(error) = workers::accept(listener, connections_max, shared, turns_away, make_room, serve).await
    {
        tracing::error!(%error, "a worker can accept nobody any more");
    }
}

/// The stream after its handshake, if this node speaks TLS; nothing if that failed.
async fn encrypted(transport: Transport, node: &Node) -> Option<Stream> {
    let Some(tls) = &node.tls else {
        return Some(Stream::plain(transport));
    };
    match tls.accept(transport).await {
        Ok(stream) => Some(Stream::tls(stream)),
        Err(error) => {
            node.metrics.tls.handshake_failed(error);
            None
        }
    }
}
