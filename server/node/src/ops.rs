//! The ops listener: health, readiness and metrics for whoever runs the node, with an accept queue and a worker of
//! their own, so that it answers while the other threads are flooded, and while the node drains. It asks nobody who
//! they are and says nothing of people.

mod listen;

pub(crate) use listen::OpsListen;

use crate::assembly::Node;
use crate::http::health;
use actix_web::dev::{Server, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::rt::task::JoinHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use std::net::TcpListener;
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

/// The running listener.
#[derive(Debug)]
pub(crate) struct Ops {
    handle: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Takes the address, before anything is started.
pub(crate) fn bind(listen: OpsListen) -> anyhow::Result<Option<TcpListener>> {
    let OpsListen::At(address) = listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).with_context(|| {
        format!(
            "cannot listen for operators on {address} (is another process using the port? Each node of a machine \
             needs its own --ops-listen, or --ops-listen off)"
        )
    })?;
    Ok(Some(listener))
}

impl Ops {
    /// Answers operators from now on.
    pub(crate) fn start(listener: TcpListener, node: &Arc<Node>) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let server = server(listener, node)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        tracing::info!(%address, "operators are answered on http://{address}: /metrics /health /ready");
        if !address.ip().is_loopback() {
            tracing::warn!(
                "whoever reaches {address} reads how this node fares, without a password: keep it inside a private network"
            );
        }
        Ok(Self { handle, serving })
    }

    /// Lets go of the address, after the answers that are under way.
    pub(crate) async fn stop(self) {
        self.handle.stop(true).await;
        if !matches!(self.serving.await, Ok(Ok(()))) {
            tracing::warn!("the ops listener ended badly");
        }
    }
}

fn server(listener: TcpListener, node: &Arc<Node>) -> anyhow::Result<Server> {
    let data = web::Data::from(Arc::clone(node));
    let app = move || {
        App::new()
            .app_data(data.clone())
            .route("/metrics", web::get().to(metrics))
            .route("/health", web::get().to(health::health))
            .route("/ready", web::get().to(health::ready))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .max_connections(OPS_CONNECTIONS_MAX)
        .client_request_timeout(OPS_HEAD_PATIENCE)
        // So that idle connections keep nobody out, and no node from stopping.
        .keep_alive(KeepAlive::Disabled)
        .shutdown_timeout(SHUTDOWN_SECS)
        .disable_signals()
        .listen(listener)
        .context("cannot serve on the listener for operators")?;
    Ok(server.run())
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
