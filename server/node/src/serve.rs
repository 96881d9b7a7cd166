//! `holdfast serve`: from the configuration to a running node, and to its end.

use crate::assembly::Node;
use crate::audit::Audit;
use crate::config::Config;
use crate::descriptors::Descriptors;
use crate::egress::{Observer, Told};
use crate::feed_pump::{self, Comparer};
use crate::gate::{control, revocations, room};
use crate::http::incidents::elsewhere;
use crate::lifecycle::{Lifecycle, StopSignals};
use crate::metrics::{Metrics, Setup};
use crate::ops::{self, Ops};
use crate::peers::{Answering, Asked};
use crate::tls::Tls;
use crate::{
    bulletins, clock, incident, keys_file, listener, lookout, notices, peers, posture, receipts, retention,
    roll, status, store, telemetry, web_push,
};
use actix_web::rt::task::JoinHandle;
use anyhow::{Context, bail};
use evidence::audit::{Action, Entry};
use evidence::egress::Exceeded;
use qrcode::{QrCode, render::unicode::Dense1x2};
use serde_json::json;
use std::io::IsTerminal;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use storage::records::deployment::{KeysClaim, claim_keys};
use storage::{Feed, Retention};
use tokio::time::MissedTickBehavior;

/// How often channels that nobody reads are let go.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// A failure after the node began to serve; everything before it is the operator's to put right.
#[derive(Debug, thiserror::Error)]
#[error("the node failed while it served")]
pub(crate) struct ServingFailed;

/// Serves until it is asked to stop. An error other than [`ServingFailed`] means that nothing was started.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    telemetry::start(config.log_filter()?);
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!("cannot listen on {} (is another process using the port?)", config.listen)
    })?;
    let ops = ops::bind(config.ops_listen)?;
    let descriptors = Descriptors::raise();
    let connections_max = descriptors.connections_per_worker(config.workers)?;
    let metrics = Arc::new(metrics(&config, descriptors, connections_max));
    let tls = config.tls().map(|(cert, key)| Tls::load(cert, key)).transpose()?.map(Arc::new);
    actix_web::rt::System::new().block_on(async move {
        // From the beginning, so that a node that is asked to stop while it starts stops in order.
        let stop = StopSignals::catch().context("cannot catch signals")?;
        let lifecycle = Lifecycle::default();
        let (node, feed) = start(&config, &listener, lifecycle.clone(), metrics, tls).await?;
        let ops = Ops::start(ops.with_socket(&config.ops_socket)?, &node)?;
        let served =
            serve(&config, listener, connections_max, &node, feed, stop).await.context(ServingFailed);
        // Late, so that operators can watch the node to its end.
        if let (Ok(()), Some(ops)) = (&served, ops) {
            ops.stop().await;
        }
        node.sweeps.note_all(&node, clock::wall());
        // Last, so that it has what they ordered.
        node.audit.close().await;
        served
    })
}

/// Counts from zero, and what this process may use.
fn metrics(config: &Config, descriptors: Descriptors, connections_per_worker_max: usize) -> Metrics {
    Metrics::new(&Setup {
        on_redis: config.redis.is_some(),
        workers: config.workers,
        descriptors_max: descriptors.max(),
        connections_per_worker_max,
        started: clock::now().instant,
    })
}

/// Everything that can fail, before anything is served.
async fn start(
    config: &Config,
    listener: &TcpListener,
    lifecycle: Lifecycle,
    metrics: Arc<Metrics>,
    tls: Option<Arc<Tls>>,
) -> anyhow::Result<(Arc<Node>, Feed)> {
    let address = listener.local_addr()?;
    let store = store::open(config, &metrics).await?;
    let keys = keys_file::load_or_create(&config.keys)?;
    match claim_keys(&*store.records, &keys.fingerprint(), clock::wall()).await {
        Ok(KeysClaim::Match) => {}
        Ok(KeysClaim::Differ) => bail!(
            "the keys at {} are not those of this deployment: give --keys the file that its other nodes use, or that it began with",
            config.keys.display()
        ),
        Err(error) => bail!("the store does not let this node compare its keys: {error}"),
    }
    let feed = store.history.feed().context("the store's feed is taken")?;
    let node = Node::new(config, address, store, &keys, lifecycle, metrics, tls)?;
    Ok((Arc::new(node), feed))
}

async fn serve(
    config: &Config,
    listener: TcpListener,
    connections_max: usize,
    node: &Arc<Node>,
    feed: Feed,
    mut stop: StopSignals,
) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    room::restore(node).await;
    let workers = listener::serve(config, &listener, connections_max, node)?;
    // Also while it drains: the last bytes leave then.
    let observed = Arc::downgrade(node);
    node.egress.observe(Observer::new(move |line| {
        if let Some(node) = observed.upgrade() {
            node.receipts.written(&node, line);
        }
    }));
    let audit = Arc::clone(&node.audit);
    let flushing = actix_web::rt::spawn(Arc::clone(&node.egress).flush_for_ever(move |told| match told {
        Told::Exceeded(exceeded) => note_exceeded(&audit, &exceeded),
        Told::Removed(applied) => audit.note(applied.entry()),
    }));
    web_push::start(node);
    let mut pumping = start_background_work(config, node, feed, listener);
    let recording = incident::begin(node)?;
    // What holds for the deployment is known, and said, before anybody is served.
    node.posture.share(clock::now()).await;
    node.status.make(node);
    telemetry::print(&format!("ready {}://{address}", config.scheme()))?;
    tracing::info!(%address, workers = config.workers, "serving");
    welcome_first_admin(config, node).await;
    tokio::select! {
        () = stop.received() => {}
        () = workers.failed() => bail!("a worker ended by itself"),
        ended = &mut pumping => bail!("the store's feed ended by itself: {ended:?}"),
    }
    tracing::info!("draining");
    node.lifecycle.drain(config.drain_spread.0);
    tokio::select! {
        finished = node.lifecycle.finished() => if !finished {
            tracing::warn!("some connections did not close in time and are dropped");
        },
        () = stop.received() => tracing::warn!("asked to stop again: connections that are left are dropped"),
    }
    node.posture.leave().await;
    workers.stop(listener::HTTP_SHUTDOWN_PATIENCE).await;
    node.store.history.close().await;
    flushing.abort();
    node.egress.close().await;
    recording.abort();
    node.incidents.close().await;
    tracing::info!("stopped; everything that was accepted is stored");
    Ok(())
}

/// What a node does besides answering. The task that is returned brings what is new to its readers: a node without it
/// must not go on. It outlives the drain, so that publishes under way still reach their readers.
fn start_background_work(
    config: &Config,
    node: &Arc<Node>,
    feed: Feed,
    listener: TcpListener,
) -> JoinHandle<()> {
    let comparer = Comparer {
        hub: Arc::clone(&node.hub),
        history: Arc::clone(&node.store.history),
        behind: Arc::clone(&node.behind),
        metrics: Arc::clone(&node.metrics),
    };
    let retention = Retention { messages: config.retention_messages.0, service: config.retention_service.0 };
    if let Some(tls) = &node.tls {
        node.lifecycle.spawn_until_drained(Arc::clone(tls).follow_files());
    }
    if let Some(tokens) = &node.sign_on.tokens {
        node.lifecycle.spawn_until_drained(Arc::clone(tokens).follow());
    }
    node.lifecycle.spawn_until_drained(control::run(Arc::clone(node), listener));
    node.lifecycle.spawn_until_drained(room::share(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(revocations::follow(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(posture::watch_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(posture::share_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(lookout::look_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(status::make_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(roll::follow(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(bulletins::send_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(notices::tell_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(receipts::keep_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(sweep_for_ever(Arc::clone(node)));
    node.lifecycle.spawn_until_drained(retention::trim_for_ever(Arc::clone(node), retention));
    if let Some(questions) = node.store.peers.questions() {
        // Also while it drains: its readers are still there. Ends with the store.
        let node = Arc::clone(node);
        actix_web::rt::spawn(peers::answer(questions, move |asked| match asked {
            Asked::Readers { channel } => Answering::Now(node.presence.sample(&channel).to_bytes()),
            Asked::Room => Answering::Now(node.gate.tell_room()),
            Asked::Watch => Answering::Now(node.lookout.tell(&node)),
            Asked::Incidents => {
                let list = node.incidents.lister();
                Answering::Reading(Box::new(move || {
                    serde_json::to_vec(&list().unwrap_or_default()).unwrap_or_default()
                }))
            }
            Asked::Incident { id, of, after, size } => {
                Answering::Reading(Box::new(elsewhere::page_for(&node, id, of, after, size)))
            }
            Asked::IncidentFile { id, of, file, made_at, from } => {
                Answering::Reading(Box::new(elsewhere::part_for(&node, (id, file, made_at), of, from)))
            }
        }));
    }
    let node = Arc::clone(node);
    actix_web::rt::spawn(async move {
        let pump = feed_pump::pump(feed, node);
        // One task: if either ends, even by a panic, the other must not go on alone.
        tokio::select! {
            () = pump => {}
            () = comparer.run() => {}
        }
    })
}

/// Somebody got more within an hour than anybody reads: the audit says who.
fn note_exceeded(audit: &Audit, exceeded: &Exceeded) {
    let Exceeded { member, budget_bytes, until } = exceeded;
    tracing::warn!(
        budget_bytes,
        "an account went over its egress budget and reads no history until the hour is over"
    );
    let after = json!({ "budget_bytes": budget_bytes, "until": until });
    audit.note(Entry::system(Action::BudgetExceeded).about(member.as_str()).after(&after));
}

/// Whoever opens the link becomes the first admin, so it is shown to the operator and logged nowhere.
async fn welcome_first_admin(config: &Config, node: &Node) {
    let is_seen = config.show_first_admin || std::io::stderr().is_terminal();
    if !is_seen {
        tracing::info!(
            "if there is no admin yet, start once with --show-first-admin for the link that makes one"
        );
        return;
    }
    match node.people.first_admin_invite(clock::wall()).await {
        Ok(None) => {}
        Ok(Some(secret)) => {
            let root = node.trust.fingerprint(clock::wall()).await.unwrap_or_default();
            let link = node.join_link(&secret, root.as_ref());
            let code = QrCode::new(&link)
                .map(|code| code.render::<Dense1x2>().quiet_zone(true).build())
                .unwrap_or_default();
            telemetry::say(&format!(
                "{code}\nfirst admin {link}\nWhoever opens this link first runs this Holdfast. It works once, for a day."
            ));
        }
        Err(error) => tracing::error!(%error, "no link for a first admin could be made"),
    }
}

/// Lets go of channels that nobody reads any more.
async fn sweep_for_ever(node: Arc<Node>) {
    let mut interval = tokio::time::interval(SWEEP_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        node.following.sweep().await;
    }
}
