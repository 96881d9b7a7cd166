//! What a node counts about itself: named `holdfast_…`, in base units, of classes and never of people.
//!
//! What happens often is counted where it happens, with an atomic addition; what is known anyway is looked up when
//! somebody asks ([`Metrics::encode`]).

pub(crate) mod admission;
mod audit;
pub(crate) mod classes;
pub(crate) mod connections;
mod deferred;
mod egress;
pub(crate) mod event_loop;
pub(crate) mod feed;
mod felt;
mod incident;
pub(crate) mod label;
pub(crate) mod lag;
mod limits;
mod notices;
pub(crate) mod passkeys;
mod posture;
pub(crate) mod publishing;
mod push;
mod roll;
mod sampled;
pub(crate) mod store;
mod tls;
pub(crate) mod traffic;

use crate::assembly::Node;
use admission::{AdmissionFigures, FanOutAge};
use audit::AuditFigures;
use classes::Ended;
use connections::{Connections, OpenConnection};
use deferred::DeferredFigures;
use egress::EgressFigures;
use event_loop::EventLoops;
use feed::FeedCounters;
use felt::FeltFigures;
use incident::IncidentFigures;
use label::Book;
use lag::LagGauges;
use limits::LimitCounters;
use notices::NoticeFigures;
use passkeys::PasskeyCounters;
use posture::PostureFigures;
use prometheus_client::encoding::text;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use protocol::limits::Limit;
use protocol::{Encoding, ErrorCode, Request};
use publishing::Publishing;
use push::PushFigures;
use roll::RollFigures;
use sampled::Sampled;
use session::Watch;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use store::StoreOperations;
use tls::TlsFigures;
use traffic::Traffic;

/// What is to be known when the first metric is registered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// Whether the store is a Redis, which decides on what there is to tell.
    pub(crate) on_redis: bool,
    /// Worker threads.
    pub(crate) workers: usize,
    /// Most descriptors that the process may open.
    pub(crate) descriptors_max: u64,
    /// Most connections of each worker.
    pub(crate) connections_per_worker_max: usize,
    /// When the process began to start.
    pub(crate) started: Instant,
}

/// All metrics of a node.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) connections: Arc<Connections>,
    pub(crate) traffic: Traffic,
    pub(crate) lag: LagGauges,
    limits: LimitCounters,
    pub(crate) store: StoreOperations,
    pub(crate) feed: FeedCounters,
    pub(crate) deferred: DeferredFigures,
    pub(crate) publishing: Publishing,
    pub(crate) push: PushFigures,
    pub(crate) event_loops: Arc<EventLoops>,
    pub(crate) admission: AdmissionFigures,
    pub(crate) fan_out: Arc<FanOutAge>,
    egress: EgressFigures,
    incident: IncidentFigures,
    audit: AuditFigures,
    notices: NoticeFigures,
    pub(crate) passkeys: PasskeyCounters,
    roll: RollFigures,
    pub(crate) tls: TlsFigures,
    posture: PostureFigures,
    felt: FeltFigures,
    sampled: Sampled,
}

impl Metrics {
    pub(crate) fn new(setup: &Setup) -> Self {
        let mut registry = Registry::with_prefix("holdfast");
        let mut book = Book(&mut registry);
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        book.register("build", "Which Holdfast this is", None, Info::new(version));
        Self {
            connections: Arc::new(Connections::new(&mut book)),
            traffic: Traffic::new(&mut book),
            lag: LagGauges::new(&mut book),
            limits: LimitCounters::new(&mut book, crate::limits::all()),
            store: StoreOperations::new(&mut book),
            feed: FeedCounters::new(&mut book),
            deferred: DeferredFigures::new(&mut book),
            publishing: Publishing::new(&mut book),
            push: PushFigures::new(&mut book),
            event_loops: Arc::new(EventLoops::new(&mut book, setup.workers)),
            admission: AdmissionFigures::new(&mut book),
            fan_out: Arc::default(),
            egress: EgressFigures::new(&mut book),
            incident: IncidentFigures::new(&mut book),
            audit: AuditFigures::new(&mut book),
            notices: NoticeFigures::new(&mut book),
            passkeys: PasskeyCounters::new(&mut book),
            roll: RollFigures::new(&mut book),
            tls: TlsFigures::new(&mut book),
            posture: PostureFigures::new(&mut book),
            felt: FeltFigures::new(&mut book),
            sampled: Sampled::new(&mut book, setup),
            registry,
        }
    }

    /// A connection was opened; it counts as open until what is answered is dropped.
    pub(crate) fn connection_opened(&self, encoding: Encoding) -> OpenConnection {
        self.connections.opened(encoding)
    }

    /// A connection ended.
    pub(crate) fn ended(&self, how: Ended) {
        self.connections.ended(how);
    }

    /// Somebody reached a bound; see [`protocol::limits::reached`] and its like beside other bounds.
    pub(crate) fn limit_reached(&self, limit: Limit) {
        self.limits.reached(limit);
    }

    /// All metrics of a node as `OpenMetrics` text. Reads the system, so it is for threads that serve no people.
    pub(crate) fn encode(&self, node: &Node) -> Result<String, fmt::Error> {
        self.lag.sample();
        self.egress.sample(node);
        self.incident.sample(node);
        self.audit.sample(node);
        self.notices.sample(node);
        self.roll.sample(node);
        self.tls.sample(node);
        self.posture.sample(node);
        self.felt.sample(node);
        self.publishing.sample(node);
        self.push.sample(node);
        self.sampled.sample(node);
        self.text()
    }

    fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Watch for Metrics {
    fn command(&self, request: &Request) {
        self.connections.command(request);
    }

    fn refused(&self, code: ErrorCode) {
        self.connections.error_reply(code);
    }

    fn limit_reached(&self, limit: Limit) {
        self.limits.reached(limit);
    }
}

#[cfg(test)]
pub(crate) mod tests;
