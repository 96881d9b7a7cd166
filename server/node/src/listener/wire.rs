//! A connection below HTTP: how many bytes left, and to whom, whether a write waits, and a way to cut it. The server that
//! owns the socket gives nobody else a hold of it.

use crate::listener::diagnostics::Diagnostics;
use evidence::egress::{Range, Tally};
use protocol::MemberId;
use session::{Progress, Run};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
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
    written: Cell<u64>,
    write_waits: Cell<bool>,
    stalled: Cell<Option<Stall>>,
    cut: Cell<bool>,
    /// The task that serves the connection.
    task: RefCell<Option<Waker>>,
    gone: Notify,
    account: RefCell<AccountOf>,
}

/// A write that waits, since when, and what had been taken then.
#[derive(Debug, Clone, Copy)]
struct Stall {
    since: Instant,
    written: u64,
    /// What the peer's TCP had acknowledged when half of the patience was over.
    acknowledged: Option<u64>,
}

/// What is told of the bytes, and to whom they went.
#[derive(Debug)]
struct AccountOf {
    tally: Tally,
    /// Bytes of publications and others that the tally was told.
    told: u64,
    /// Bytes of frames that were given to be written.
    given: u64,
    /// Publications in frames that are not all written, with the place in `given` where their frame ends.
    pending: VecDeque<(u64, Run)>,
}

impl Wire {
    pub(super) fn new(ends: Option<Ends>, tally: Tally) -> Self {
        Self {
            ends,
            written: Cell::new(0),
            write_waits: Cell::new(false),
            stalled: Cell::new(None),
            cut: Cell::new(false),
            task: RefCell::default(),
            gone: Notify::new(),
            account: RefCell::new(AccountOf { tally, told: 0, given: 0, pending: VecDeque::new() }),
        }
    }

    /// From here on the bytes are this member's.
    pub(crate) fn identify(&self, member: &MemberId) {
        self.tell();
        self.account.borrow_mut().tally.identify(member.clone());
    }

    /// A frame was given to be written, with these publications in it. They are told when it was.
    pub(crate) fn give(&self, bytes: usize, runs: Vec<Run>) {
        let account = &mut *self.account.borrow_mut();
        account.given = account.given.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
        account.pending.extend(runs.into_iter().map(|run| (account.given, run)));
    }

    /// Tells the ledger what was written since it was told last.
    pub(crate) fn tell(&self) {
        self.account.borrow_mut().tell(self.written(), false);
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

    /// Cuts the connection if a write has waited for so long and the peer took no byte in that time. The kernel is asked
    /// twice in that time at most.
    pub(crate) fn sweep(&self, now: Instant, stall_timeout: Duration, diagnostics: &Diagnostics) {
        if !self.write_waits.get() {
            self.stalled.set(None);
            return;
        }
        let Some(stall) = self.stalled.get().filter(|stall| stall.written == self.written()) else {
            self.stalled.set(Some(Stall { since: now, written: self.written(), acknowledged: None }));
            return;
        };
        let waited = now.saturating_duration_since(stall.since);
        let is_time = match stall.acknowledged {
            None => waited >= stall_timeout / 2,
            Some(_) => waited >= stall_timeout,
        };
        if is_time {
            let acknowledged = self.progress(diagnostics).map_or(stall.written, |seen| seen.acknowledged);
            match stall.acknowledged {
                Some(then) if then == acknowledged => self.cut(),
                None => self.stalled.set(Some(Stall { acknowledged: Some(acknowledged), ..stall })),
                Some(_) => self.stalled.set(None),
            }
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

    /// A write was tried: the kernel took so many bytes, or none for now.
    pub(super) fn count_written(&self, taken: Option<usize>) {
        self.write_waits.set(taken.is_none());
        let bytes = taken.unwrap_or(0).try_into().unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(bytes));
    }

    /// The connection has ended: what is not written never will be.
    pub(super) fn has_gone(&self) {
        self.account.borrow_mut().tell(self.written(), true);
        self.gone.notify_one();
    }
}

impl AccountOf {
    /// Heads and TLS come on top of the frames, so a frame that seems written may lack some bytes of its end; the sum is
    /// exact whenever nothing is pending.
    fn tell(&mut self, written: u64, is_over: bool) {
        while let Some((_, run)) = self.pending.pop_front_if(|(end, _)| *end <= written) {
            self.told = self.told.saturating_add(bytes_of(&run));
            self.tally.delivered_run(Range {
                bytes: bytes_of(&run),
                channel: run.channel,
                first: run.first,
                last: run.last,
                publications: run.publications,
                is_coarse: false,
            });
        }
        if is_over {
            self.pending = VecDeque::new();
        }
        let pending: u64 = self.pending.iter().map(|(_, run)| bytes_of(run)).sum();
        let other = written.saturating_sub(self.told.saturating_add(pending));
        if other > 0 {
            self.told = self.told.saturating_add(other);
            self.tally.other(other);
        }
        self.tally.drain();
    }
}

fn bytes_of(run: &Run) -> u64 {
    run.bytes.try_into().unwrap_or(u64::MAX)
}
