//! The ops listener: health, readiness and metrics for whoever runs the node, and orders from whoever may give them. It
//! has accept queues and a worker of its own, so that it answers while the other threads are flooded, and while the
//! node drains. What needs no password says nothing of people.

mod caller;
mod control;
mod listen;
mod live;
mod pressure;
mod socket;
mod status;

pub(crate) use control::{OrderRequest, StatementRequest, WordsRequest};
pub(crate) use listen::OpsListen;
pub(crate) use socket::{OpsSocket, usual_path};

pub(crate) use control::LIMITS as CONTROL;
pub(crate) use live::LIMITS as LIVE;

use crate::assembly::Node;
use crate::http::health;
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::rt::task::JoinHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use live::Gallery;
use socket::BoundSocket;
use status::Board;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

protocol::limits! {
    /// Most connections to the ops listener at once; further ones wait in its backlog.
    const OPS_CONNECTIONS_MAX: usize = 32 => unseen;
    /// Longest that a client of the ops listener takes for the head of a request; a slower one gets 408.
    const OPS_HEAD_PATIENCE: Duration = Duration::from_secs(2) => unseen;
}

/// The kind of text that metrics are.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long an answer that is under way may take when the listener stops.
const SHUTDOWN_SECS: u64 = 1;

/// Where operators will be answered.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: Option<TcpListener>,
    socket: Option<BoundSocket>,
}

/// The running listener.
#[derive(Debug)]
pub(crate) struct Ops {
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    gallery: Gallery,
    /// Its file goes with it.
    _socket: Option<BoundSocket>,
}

/// Takes the address and the socket, before anything is started. The data folder is not there yet if it is new.
pub(crate) fn bind(listen: OpsListen) -> anyhow::Result<Bound> {
    let OpsListen::At(address) = listen else {
        return Ok(Bound { listener: None, socket: None });
    };
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen for operators on {address} (is another process using the port? Each node of a machine \
             needs its own --ops-listen, or --ops-listen off)"
        )
    })?;
    Ok(Bound { listener: Some(listener), socket: None })
}

impl Bound {
    /// Takes the path of the socket, which may be in the data folder.
    pub(crate) fn with_socket(self, socket: &OpsSocket) -> anyhow::Result<Self> {
        Ok(Self { socket: socket::bind(socket)?, ..self })
    }
}

impl Ops {
    /// Answers operators from now on, if they are answered anywhere.
    pub(crate) fn start(bound: Bound, node: &Arc<Node>) -> anyhow::Result<Option<Self>> {
        let Bound { listener, socket } = bound;
        if let Some(listener) = &listener {
            say_where(listener.local_addr()?);
        }
        if let Some(socket) = &socket {
            tracing::info!(socket = %socket.path.display(), "whoever may open the socket may order: holdfast status");
        }
        if listener.is_none() && socket.is_none() {
            return Ok(None);
        }
        let gallery = Gallery::new();
        let server = server(listener, socket.as_ref(), node, &gallery)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        Ok(Some(Self { handle, serving, gallery, _socket: socket }))
    }

    /// Lets go of the address, after the answers that are under way.
    pub(crate) async fn stop(self) {
        self.gallery.close();
        self.handle.stop(true).await;
        if !matches!(self.serving.await, Ok(Ok(()))) {
            tracing::warn!("the ops listener ended badly");
        }
    }
}

fn say_where(address: SocketAddr) {
    tracing::info!(%address, "operators are answered on http://{address}: /metrics /health /ready /status /live /pressure");
    if !address.ip().is_loopback() {
        tracing::warn!(
            "whoever reaches {address} reads how this node fares, without a password: keep it inside a private network"
        );
    }
}

fn server(
    listener: Option<TcpListener>,
    socket: Option<&BoundSocket>,
    node: &Arc<Node>,
    gallery: &Gallery,
) -> anyhow::Result<Server> {
    let board = Arc::new(Board::new());
    let (data, gallery, node) =
        (web::Data::from(Arc::clone(node)), web::Data::new(gallery.clone()), Arc::clone(node));
    let app = move || {
        // On the worker's own thread, which is not flooded.
        board.tell_from_here(&node);
        App::new()
            .app_data(data.clone())
            .app_data(gallery.clone())
            .app_data(web::Data::from(Arc::clone(&board)))
            .configure(routes)
    };
    let mut server = HttpServer::new(app)
        .workers(1)
        .max_connections(OPS_CONNECTIONS_MAX)
        .client_request_timeout(OPS_HEAD_PATIENCE)
        // So that idle connections keep nobody out, and no node from stopping.
        .keep_alive(KeepAlive::Disabled)
        .shutdown_timeout(SHUTDOWN_SECS)
        .on_connect(caller::remember)
        .disable_signals();
    let about = "cannot serve on the listener for operators";
    if let Some(listener) = listener {
        server = server.listen(listener).context(about)?;
    }
    if let Some(socket) = socket {
        server = server.listen_uds(socket.listener.try_clone().context(about)?).context(about)?;
    }
    Ok(server.run())
}

fn routes(service: &mut ServiceConfig) {
    service
        .route("/metrics", web::get().to(metrics))
        .route("/health", web::get().to(health::health))
        .route("/ready", web::get().to(health::ready))
        .route("/status", web::get().to(control::figures))
        .route("/live", web::get().to(live::live))
        .route("/pressure", web::get().to(pressure::series))
        .route("/posture", web::get().to(control::show))
        .route("/posture", web::put().to(control::order))
        .route("/posture", web::delete().to(control::clear))
        .route("/statement", web::put().to(control::say))
        .route("/statement", web::delete().to(control::all_clear))
        .route("/incidents", web::get().to(control::list_incidents))
        .route("/incidents/{id}/notes", web::post().to(control::note))
        .route("/incidents/{id}/{file}", web::get().to(control::export));
}

/// `GET /metrics`: everything, as `OpenMetrics` text.
async fn metrics(node: web::Data<Node>) -> HttpResponse {
    match node.metrics.encode(&node) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, OPEN_METRICS))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
