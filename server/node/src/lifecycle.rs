//! From serving to draining to gone: one signal that everybody hears, one count of what is still running.

use std::future::Future;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// How long sockets may take to finish what was accepted and close.
pub(crate) const DRAIN_PATIENCE: Duration = Duration::from_secs(10);

/// Cheap to clone; clones share everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    draining: CancellationToken,
    running: TaskTracker,
}

impl Lifecycle {
    /// Begins to drain. Never undone.
    pub(crate) fn drain(&self) {
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

    /// Counts something as running until the token is dropped.
    pub(crate) fn running(&self) -> TaskTrackerToken {
        self.running.token()
    }

    /// Waits until nothing runs any more, at most [`DRAIN_PATIENCE`]; says whether it came to that.
    pub(crate) async fn finished(&self) -> bool {
        tokio::time::timeout(DRAIN_PATIENCE, self.running.wait())
            .await
            .is_ok()
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

/// Ends at the first SIGTERM or SIGINT.
pub(crate) async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
