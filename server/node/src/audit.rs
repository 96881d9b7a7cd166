//! Who did what: noted by whoever did it for them, and written by a thread of its own, sealed and chained, to
//! `DATA/audit`.
//!
//! Nothing that serves waits for it. While the disk is full or failing it holds what it has, says so once, and tries
//! every second. What an orderly stop finds is written.

mod book;
mod files;
mod keys;
mod offline;
mod page;
mod verification;
mod writer;

pub(crate) use book::LIMITS as BOOK;
pub(crate) use keys::AuditKeys;
pub(crate) use offline::{AuditCommand, run as command};
pub(crate) use page::{Listed, Spot};
pub(crate) use verification::{LIMITS as VERIFICATION, Verification};

use crate::clock;
use crate::metrics::Metrics;
use admission::Allowance;
use anyhow::Context;
use evidence::audit::{ChainId, Entry, SignedHead};
use identity::Secret;
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::Serialize;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use writer::Writer;

protocol::limits! {
    /// Entries of the audit that wait for the thread that writes them; further ones are lost, counted, and their number is
    /// written.
    const AUDIT_WAITING_MAX_ENTRIES: usize = 4_096 => shown "holdfast_audit_lost_entries";
    /// Entries that are held while the disk takes none; then the others wait.
    const AUDIT_HELD_MAX_ENTRIES: usize = 1_024 => shown "holdfast_audit_held_entries";
    /// Most processes that write an audit into one data folder, each a chain of its own; one more holds what it has until
    /// one of them ends.
    const AUDIT_WRITERS_MAX: usize = 16 => unseen;
    /// What members do to their own devices that is noted in a second, with a quarter of an hour's worth at once, so that
    /// nobody fills the disk; the rest is lost, counted, and its number is written.
    const AUDIT_OWN_PER_SECOND: u32 = 1 => counted;
}

/// How many such entries may come at once.
const OWN_BURST: u32 = 15 * 60;
/// How often the thread looks at the time.
const TICK_EVERY: Duration = Duration::from_secs(1);

/// How the audit fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The latest head that is signed and written.
    pub(crate) head: Option<SignedHead>,
    /// Entries written since the start.
    pub(crate) written: u64,
    /// Entries that wait for the disk.
    pub(crate) held: usize,
    /// Entries that were lost.
    pub(crate) lost: u64,
    /// Those of them whose number is not written yet.
    untold: u64,
    /// Times that the disk took nothing.
    pub(crate) failures: u64,
    /// Whether the latest time was one.
    pub(crate) is_failing: bool,
}

/// A head as it is answered and told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ShownHead {
    #[serde(flatten)]
    signed: SignedHead,
    /// With what anybody can check the signature: the `x` of an Ed25519 JWK.
    public_key: String,
}

/// What the thread is told.
enum Event {
    /// Somebody did something.
    Note { at: Timestamp, entry: Box<Entry> },
    /// The node ends; the thread need not wait any longer to see it.
    End,
}

/// A node's audit.
pub(crate) struct Audit {
    folder: PathBuf,
    keys: Arc<AuditKeys>,
    metrics: Arc<Metrics>,
    events: SyncSender<Event>,
    own: Mutex<Allowance>,
    ends: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
    standing: Arc<Mutex<Standing>>,
}

impl Audit {
    /// Makes the folder and goes on with a chain, or begins one.
    pub(crate) fn open(
        data: &Path,
        node: &str,
        keys: AuditKeys,
        retention: Duration,
        metrics: Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let folder = files::folder(data);
        crate::sealed_file::make_folder(&folder)
            .with_context(|| format!("the audit cannot be kept in {}", folder.display()))?;
        let (keys, standing) = (Arc::new(keys), Arc::new(Mutex::default()));
        let (events, waiting) = sync_channel(AUDIT_WAITING_MAX_ENTRIES);
        let writer = Writer::new(
            folder.clone(),
            node.to_owned(),
            Arc::clone(&keys),
            retention,
            Arc::clone(&standing),
            clock::now().instant,
        );
        let ends = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&ends);
        let thread = std::thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || run(writer, &waiting, &asked))
            .context("no thread for the audit could be started")?;
        Ok(Self {
            folder,
            keys,
            metrics,
            events,
            own: Mutex::new(Allowance::new(AUDIT_OWN_PER_SECOND, OWN_BURST)),
            ends,
            thread: Mutex::new(Some(thread)),
            standing,
        })
    }

    /// Notes what was done, as of now. Never waits.
    pub(crate) fn note(&self, entry: Entry) {
        let noted = Event::Note { at: clock::wall(), entry: Box::new(entry) };
        if self.events.try_send(noted).is_err() {
            tracing::error!("the audit takes no more: an entry is lost");
            self.lose();
        }
    }

    /// Notes what members do to what is theirs, of which anybody may do as much as they like.
    pub(crate) fn note_own(&self, entry: Entry) {
        if self.own.lock().take(0, clock::now().instant) {
            self.note(entry);
        } else {
            self.metrics.limit_reached(reached::AUDIT_OWN_PER_SECOND);
            self.lose();
        }
    }

    fn lose(&self) {
        let mut standing = self.standing.lock();
        standing.lost = standing.lost.saturating_add(1);
        standing.untold = standing.untold.saturating_add(1);
    }

    /// How it fares.
    pub(crate) fn standing(&self) -> Standing {
        self.standing.lock().clone()
    }

    /// The latest head, for others; nothing before one is signed.
    pub(crate) fn shown_head(&self) -> Option<ShownHead> {
        let signed = self.standing.lock().head.clone()?;
        Some(ShownHead { signed, public_key: self.keys.public_x().to_owned() })
    }

    /// Entries on disk at or after `since`, the latest first, from behind `after` on.
    pub(crate) async fn page(
        self: &Arc<Self>,
        since: Option<Timestamp>,
        after: Option<Spot>,
        size: usize,
    ) -> io::Result<Listed> {
        let audit = Arc::clone(self);
        let reading = move || page::page(&audit.folder, &audit.keys, since, after.as_ref(), size);
        tokio::task::spawn_blocking(reading).await.map_err(io::Error::other)?
    }

    /// Whether what is on disk is whole, as far as that is checked at once. `turn` is held until it is known, also if whoever
    /// asked does not wait for it.
    pub(crate) async fn verification(
        self: &Arc<Self>,
        turn: impl Send + 'static,
    ) -> io::Result<Verification> {
        let audit = Arc::clone(self);
        let checking = move || {
            let _turn = turn;
            let own = audit.standing.lock().head.as_ref().map(|signed| signed.head.chain.clone());
            verification::newest(&audit.folder, &audit.keys, own.as_ref(), clock::wall())
        };
        tokio::task::spawn_blocking(checking).await.map_err(io::Error::other)?
    }

    /// Writes what is left, and says that it is all.
    pub(crate) async fn close(&self) {
        let Some(thread) = self.thread.lock().take() else { return };
        self.ends.store(true, Ordering::Release);
        // If there is no room for it, the thread is not waiting.
        drop(self.events.try_send(Event::End));
        let ended = tokio::task::spawn_blocking(move || thread.join().is_ok());
        if !ended.await.unwrap_or(false) {
            tracing::error!("the audit ended badly");
        }
    }
}

/// A node that fails leaves it to its end, too.
impl Drop for Audit {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Release);
        drop(self.events.try_send(Event::End));
        if let Some(thread) = self.thread.get_mut().take() {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit").field("standing", &self.standing).finish_non_exhaustive()
    }
}

/// The id of a chain that begins.
fn fresh_chain() -> anyhow::Result<ChainId> {
    let mut text = Secret::random()?.reveal();
    text.truncate(22);
    Ok(text.parse()?)
}

fn run(mut writer: Writer, events: &Receiver<Event>, ends: &AtomicBool) {
    // So that the audit says when the node began, before anything else.
    writer.tick(clock::now());
    let mut due = clock::now().instant + TICK_EVERY;
    while !ends.load(Ordering::Acquire) {
        let patience = due.saturating_duration_since(clock::now().instant);
        if writer.held() < AUDIT_HELD_MAX_ENTRIES {
            take(&mut writer, events, patience);
        } else {
            std::thread::sleep(patience);
        }
        let now = clock::now();
        if now.instant >= due {
            writer.tick(now);
            due = now.instant + TICK_EVERY;
        } else if !writer.is_failing() {
            writer.write(now);
        }
    }
    while let Ok(Event::Note { at, entry }) = events.try_recv() {
        writer.hold(at, *entry);
    }
    writer.end(clock::now());
}

/// Waits for the next entry, and takes those that came with it: they are one write.
fn take(writer: &mut Writer, events: &Receiver<Event>, patience: Duration) {
    let mut next = events.recv_timeout(patience);
    while let Ok(Event::Note { at, entry }) = next {
        writer.hold(at, *entry);
        if writer.held() >= AUDIT_HELD_MAX_ENTRIES {
            return;
        }
        next = events.recv_timeout(Duration::ZERO);
    }
}

#[cfg(test)]
mod tests;
