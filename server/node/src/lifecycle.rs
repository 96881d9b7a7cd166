//! From serving to draining to gone: one signal that everybody hears, one count of what is still running.

mod drain;

pub(crate) use drain::Drain;

use crate::clock;
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

protocol::limits! {
    /// How long sockets may take, after the last was told to close, to finish what was accepted; then they are dropped.
    pub(crate) const NODE_DRAIN_PATIENCE: Duration = Duration::from_secs(10) => shown "holdfast_draining";
}

/// Cheap to clone; clones share everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    draining: CancellationToken,
    running: TaskTracker,
    drain: Arc<Mutex<Option<Drain>>>,
}

impl Lifecycle {
    /// Begins to drain, closing connections over `max_spread` at most. Never undone.
    pub(crate) fn drain(&self, max_spread: Duration) {
        *self.drain.lock() = Some(Drain::begin(clock::now().instant, self.running.len(), max_spread));
        self.draining.cancel();
        self.running.close();
    }

    /// Whether the node is going away.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Ends when the node begins to drain.
    pub(crate) async fn drained(&self) {
        self.draining.cancelled().await;
    }

    /// The plan, once the node drains.
    pub(crate) fn plan(&self) -> Option<Drain> {
        *self.drain.lock()
    }

    /// Counts something as running until the token is dropped.
    pub(crate) fn running(&self) -> TaskTrackerToken {
        self.running.token()
    }

    /// Waits until nothing runs any more, at most [`NODE_DRAIN_PATIENCE`] after the last connection was told to close; says
    /// whether it came to that.
    pub(crate) async fn finished(&self) -> bool {
        let spread = self.plan().map_or(Duration::ZERO, |plan| plan.spread());
        tokio::time::timeout(spread + NODE_DRAIN_PATIENCE, self.running.wait()).await.is_ok()
    }

    /// Starts work that ends by itself when the node drains, on this thread's runtime.
    pub(crate) fn spawn_until_drained(&self, work: impl Future<Output = ()> + 'static) {
        let lifecycle = self.clone();
        actix_web::rt::spawn(async move {
            tokio::select! {
                () = lifecycle.drained() => {}
                () = work => {}
            }
        });
    }
}

/// SIGTERM and SIGINT, caught from the moment this is made.
#[derive(Debug)]
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Catches the signals from now on.
    pub(crate) fn catch() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Ends at the next of them.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
