//! The worker threads. Each accepts by itself, on the thread that serves: there is no queue between the kernel's and the
//! one that looks at who comes, so whom a flood keeps waiting is known to be waiting, and turning away costs little.

use crate::clock;
use crate::listener::options;
use actix_rt::Arbiter;
use actix_web::rt::net::TcpStream;
use admission::Prefix;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

protocol::limits! {
    /// How long no connection is accepted after the system had no descriptor or memory for one.
    const ACCEPT_PAUSE: Duration = Duration::from_millis(100) => unseen;
    /// Connections for which there is to be room at each worker, as long as there is one of which it is not known whose it is:
    /// that one is cut for each that comes.
    const ROOM_MIN_CONNECTIONS: usize = 16 => shown "holdfast_anteroom_evicted";
}

/// After so many connections others have their turn.
const YIELD_EVERY: u32 = 32;

/// The running workers.
#[derive(Debug)]
pub(crate) struct Workers {
    arbiters: Vec<Arbiter>,
    shared: Shared,
}

/// What all workers share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    /// Nobody is accepted any more, and idle connections end.
    pub(super) stopping: CancellationToken,
    connections: TaskTracker,
    /// A worker ended that should not have.
    failed: Arc<Notify>,
}

/// Says so if it is dropped before its worker is asked to stop.
struct Alarm(Shared);

impl Drop for Alarm {
    fn drop(&mut self) {
        if !self.0.stopping.is_cancelled() {
            self.0.failed.notify_one();
        }
    }
}

impl Workers {
    /// Starts so many threads, each with what `begin` does there.
    pub(super) fn start<F>(count: usize, begin: impl Fn(Shared) -> F) -> Self
    where
        F: FnOnce() + Send + 'static,
    {
        let shared = Shared {
            stopping: CancellationToken::new(),
            connections: TaskTracker::new(),
            failed: Arc::default(),
        };
        let arbiters = (0..count).map(|_| {
            let arbiter = Arbiter::new();
            arbiter.spawn_fn(begin(shared.clone()));
            arbiter
        });
        Self { arbiters: arbiters.collect(), shared }
    }

    /// Ends when a worker ended by itself: the node must not go on without it.
    pub(crate) async fn failed(&self) {
        self.shared.failed.notified().await;
    }

    /// Accepts nobody any more, gives requests that are under way so much time, and ends the threads.
    pub(crate) async fn stop(self, patience: Duration) {
        self.shared.stopping.cancel();
        self.shared.connections.close();
        if tokio::time::timeout(patience, self.shared.connections.wait()).await.is_err() {
            tracing::warn!("some requests did not end in time and are dropped");
        }
        for arbiter in self.arbiters {
            arbiter.stop();
            // Its thread ends with what it is doing now.
            drop(tokio::task::spawn_blocking(move || arbiter.join()).await);
        }
    }
}

/// A connection's hold on its worker: it has one of the worker's places, and the worker waits for its end.
#[derive(Debug)]
pub(crate) struct Hold {
    _place: OwnedSemaphorePermit,
    _connection: TaskTrackerToken,
}

/// One who comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comer {
    pub(super) peer: SocketAddr,
    pub(super) prefix: Prefix,
    pub(super) at: Instant,
}

/// Accepts until the workers stop: whom `turns_away` names is gone at once, the others are served, so many at a time.
/// `make_room` is called when there is hardly room for more; while there is none, who comes waits in the backlog.
pub(super) async fn accept<F>(
    listener: TcpListener,
    connections_max: usize,
    shared: Shared,
    turns_away: impl Fn(Comer) -> bool,
    make_room: impl Fn(),
    serve: impl Fn(TcpStream, Comer, Hold) -> F,
) -> std::io::Result<()>
where
    F: Future<Output = ()> + 'static,
{
    let alarm = Alarm(shared.clone());
    #[expect(deprecated, reason = "what replaces it is unsafe to call; a std listener keeps its descriptor")]
    let listener = AsyncFd::new(listener)?;
    let places = Arc::new(Semaphore::new(connections_max));
    let mut accepted = 0_u32;
    loop {
        if places.available_permits() < ROOM_MIN_CONNECTIONS {
            make_room();
        }
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return Ok(()) };
        let socket = tokio::select! {
            () = shared.stopping.cancelled() => {
                drop(alarm);
                return Ok(());
            }
            socket = next(&listener) => socket?,
        };
        accepted = accepted.wrapping_add(1);
        if accepted.is_multiple_of(YIELD_EVERY) {
            tokio::task::yield_now().await;
        }
        let Some((socket, peer)) = socket else { continue };
        let comer = Comer { peer, prefix: Prefix::of(peer.ip()), at: clock::now().instant };
        if turns_away(comer) {
            options::forget_unsent(&socket);
            continue;
        }
        let Ok(socket) = socket.set_nonblocking(true).and_then(|()| TcpStream::from_std(socket)) else {
            continue;
        };
        let hold = Hold { _place: place, _connection: shared.connections.token() };
        actix_web::rt::spawn(serve(socket, comer, hold));
    }
}

/// The next connection; nothing if there was one and it has gone, or if the system has no room for it now.
async fn next(listener: &AsyncFd<TcpListener>) -> std::io::Result<Option<(std::net::TcpStream, SocketAddr)>> {
    loop {
        let mut ready = listener.readable().await?;
        match ready.try_io(|listener| listener.get_ref().accept()) {
            Ok(Ok(accepted)) => return Ok(Some(accepted)),
            Ok(Err(error)) => {
                let is_the_peers = matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
                );
                if !is_the_peers {
                    // Out of descriptors or memory: it passes, and asking again at once would only cost more.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
                return Ok(None);
            }
            Err(_would_block) => {}
        }
    }
}
