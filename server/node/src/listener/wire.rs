//! A connection below HTTP: how many bytes went each way, whether a write waits, and a way to cut it. The server that
//! owns the socket gives nobody else a hold of it.

use crate::listener::diagnostics::Diagnostics;
use session::Progress;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Where a connection goes from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
}

/// What is known of a connection; shared by its transport, its requests and its conversation.
#[derive(Debug)]
pub(crate) struct Wire {
    ends: Option<Ends>,
    read: Cell<u64>,
    written: Cell<u64>,
    write_waits: Cell<bool>,
    /// While a write waits: what was acknowledged when it was last seen to grow, and when that was.
    stalled: Cell<Option<(u64, Instant)>>,
    cut: Cell<bool>,
    /// The task that serves the connection.
    task: RefCell<Option<Waker>>,
    gone: Notify,
}

impl Wire {
    pub(super) fn new(ends: Option<Ends>) -> Self {
        Self {
            ends,
            read: Cell::new(0),
            written: Cell::new(0),
            write_waits: Cell::new(false),
            stalled: Cell::new(None),
            cut: Cell::new(false),
            task: RefCell::default(),
            gone: Notify::new(),
        }
    }

    /// Bytes that came from the peer.
    pub(crate) const fn read(&self) -> u64 {
        self.read.get()
    }

    /// Bytes that the kernel took for the peer.
    pub(crate) const fn written(&self) -> u64 {
        self.written.get()
    }

    /// What the peer's TCP acknowledged; nothing if the kernel does not say.
    pub(crate) fn progress(&self, diagnostics: &Diagnostics) -> Option<Progress> {
        let outstanding = u64::from(diagnostics.send_queue(self.ends?)?);
        Some(Progress { acknowledged: self.written().saturating_sub(outstanding), outstanding })
    }

    /// Ends the connection at once; what the peer did not take is not kept for it.
    pub(crate) fn cut(&self) {
        self.cut.set(true);
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// Ends when the connection has ended.
    pub(crate) async fn gone(&self) {
        self.gone.notified().await;
    }

    /// Cuts the connection if a write has waited for so long and the peer took no byte in that time.
    pub(crate) fn sweep(&self, now: Instant, stall_timeout: Duration, diagnostics: &Diagnostics) {
        if !self.write_waits.get() {
            self.stalled.set(None);
            return;
        }
        let acknowledged = self.progress(diagnostics).map_or(self.written(), |seen| seen.acknowledged);
        match self.stalled.get() {
            Some((then, since)) if then == acknowledged => {
                if now.saturating_duration_since(since) >= stall_timeout {
                    self.cut();
                }
            }
            Some(_) | None => self.stalled.set(Some((acknowledged, now))),
        }
    }

    pub(super) const fn is_cut(&self) -> bool {
        self.cut.get()
    }

    pub(super) fn served_by(&self, context: &Context<'_>) {
        let mut task = self.task.borrow_mut();
        match &mut *task {
            Some(known) => known.clone_from(context.waker()),
            None => *task = Some(context.waker().clone()),
        }
    }

    pub(super) fn count_read(&self, bytes: usize) {
        self.read.set(self.read.get().saturating_add(bytes.try_into().unwrap_or(u64::MAX)));
    }

    /// A write was tried: the kernel took so many bytes, or none for now.
    pub(super) fn count_written(&self, taken: Option<usize>) {
        self.write_waits.set(taken.is_none());
        let bytes = taken.unwrap_or(0).try_into().unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(bytes));
    }

    pub(super) fn has_gone(&self) {
        self.gone.notify_one();
    }
}
