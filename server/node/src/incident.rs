//! The record of an attack, on disk: postures, minutes and operators' words go to a thread of its own, which decides
//! when a record is open and writes it to `DATA/incidents`.
//!
//! Nothing that serves waits for it. While the disk is full or failing it holds what it has, says so once, and tries
//! every second.

mod abuse;
mod archive;
mod export;
mod figures;
mod following;
mod listing;
mod record;
mod scribe;

pub(crate) use archive::{Archive, NotFound};
pub(crate) use export::{Export, Source, exported};
pub(crate) use figures::figures;
pub(crate) use following::begin;
pub(crate) use listing::{INCIDENTS_LISTED_MAX, LIMITS as LISTING, Row};
pub(crate) use record::LIMITS as RECORD;

use crate::clock;
use anyhow::Context;
use evidence::audit::Applied;
use evidence::chain::Hash;
use evidence::incident::{Changed, Entry, Figures, IncidentId, Name, Note, Offender, Text, Who};
use listing::Listing;
use parking_lot::Mutex;
use protocol::Timestamp;
use scribe::Scribe;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

protocol::limits! {
    /// Postures and words of operators that wait for the thread that writes the record of an incident; words beyond it
    /// are refused with 503, and postures are lost and counted.
    const INCIDENT_EVENTS_MAX: usize = 256 => shown "holdfast_incident_lost_entries";
    /// Bytes of an incident's timeline beyond which operators' words are refused; postures never are.
    pub(crate) const INCIDENT_WORDS_MAX_BYTES: u64 = 24 * 1024 * 1024 => counted;
    /// Entries of a record that are held while the disk takes none; counts are joined, then the oldest go, and the record
    /// says how many.
    const INCIDENT_HELD_MAX_ENTRIES: usize = 1_000 => shown "holdfast_incident_lost_entries";
}

/// How often the thread looks at the time.
const TICK_EVERY: Duration = Duration::from_secs(1);

/// The folder of all records.
fn folder(data: &Path) -> PathBuf {
    data.join("incidents")
}

/// An operator's order, as far as a record tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrderSeen {
    pub(crate) posture: admission::Posture,
    pub(crate) who: Text,
    pub(crate) why: Text,
    pub(crate) until: Timestamp,
}

/// What the thread is told.
enum Event {
    /// The posture changed, or an order began or ended that left it as it was.
    Posture { changed: Option<Changed>, order: Option<OrderSeen>, at: Timestamp },
    /// Words for the record of an incident.
    Words {
        id: IncidentId,
        entry: Box<Entry>,
        at: Timestamp,
        done: oneshot::Sender<Result<(), WordsRefused>>,
    },
    /// Words for whichever record is open.
    Aside { entry: Box<Entry>, at: Timestamp },
    /// The node ends.
    End,
}

/// Why words were not put into a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WordsRefused {
    #[error("there is no incident of this name")]
    Unknown,
    #[error("the record is too large for more words")]
    Full,
    #[error("the record cannot be written now; try again in a moment")]
    Away,
}

/// What may be told of the record that is open.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct OpenRecord {
    pub(crate) id: IncidentId,
    /// How many lines it has.
    pub(crate) lines: u64,
    /// The hash of the last.
    pub(crate) head: Hash,
}

/// How the record fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The record that is open on disk.
    pub(crate) open: Option<OpenRecord>,
    /// Bytes of its timeline.
    pub(crate) bytes: u64,
    /// Lines written since the start.
    pub(crate) lines: u64,
    /// Entries that wait for the disk.
    pub(crate) held: usize,
    /// Entries that were lost.
    pub(crate) lost: u64,
    /// Times that the disk took nothing.
    pub(crate) failures: u64,
    /// Whether the latest time was one.
    pub(crate) is_failing: bool,
}

/// Where the figures of a record come from, and where goes what it has to tell.
pub(crate) struct Sources {
    /// What this node counted since it began.
    pub(crate) figures: Box<dyn Fn() -> Figures + Send>,
    /// The prefixes from which most came.
    pub(crate) offenders: Box<dyn Fn() -> Vec<Offender> + Send>,
    /// Who is told what was removed, as it was older than it may be kept.
    pub(crate) removed: Box<dyn Fn(Applied) + Send>,
}

/// A node's records.
pub(crate) struct Incidents {
    data: PathBuf,
    node: Name,
    retention: Duration,
    events: SyncSender<Event>,
    waiting: Mutex<Option<Receiver<Event>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    standing: Arc<Mutex<Standing>>,
    listing: Arc<Listing>,
}

impl Incidents {
    /// Makes the folder. Nothing is recorded before [`Incidents::start`].
    pub(crate) fn open(data: &Path, node: Name, retention: Duration) -> anyhow::Result<Self> {
        let folder = folder(data);
        crate::sealed_file::make_folder(&folder)
            .with_context(|| format!("the record of incidents cannot be kept in {}", folder.display()))?;
        let (events, waiting) = sync_channel(INCIDENT_EVENTS_MAX);
        Ok(Self {
            data: data.to_owned(),
            node,
            retention,
            events,
            waiting: Mutex::new(Some(waiting)),
            thread: Mutex::new(None),
            standing: Arc::default(),
            listing: Arc::default(),
        })
    }

    /// Goes on with a record that was left open, and records from now on.
    pub(crate) fn start(&self, sources: Sources) -> anyhow::Result<()> {
        let Some(waiting) = self.waiting.lock().take() else { return Ok(()) };
        let standing = Arc::clone(&self.standing);
        let (data, node, retention) = (self.data.clone(), self.node.clone(), self.retention);
        let work = move || {
            let figures = (sources.figures)();
            run(Scribe::begin(&data, node, retention, standing, clock::now(), figures), &waiting, &sources);
        };
        let thread = std::thread::Builder::new().name("incidents".to_owned()).spawn(work);
        *self.thread.lock() = Some(thread.context("no thread for the record of incidents could be started")?);
        Ok(())
    }

    /// The posture changed, or an order began or ended.
    pub(crate) fn posture(&self, changed: Option<Changed>, order: Option<OrderSeen>, at: Timestamp) {
        self.tell(Event::Posture { changed, order, at });
    }

    /// Something that somebody did and that the record would not know.
    pub(crate) fn remember(&self, who: Who, what: &str) {
        if let Ok(text) = what.parse() {
            self.aside(Entry::Note(Note { who, text }), clock::wall());
        }
    }

    /// Something that belongs into the record that is open, if one is.
    pub(crate) fn aside(&self, entry: Entry, at: Timestamp) {
        self.tell(Event::Aside { entry: Box::new(entry), at });
    }

    fn tell(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            let mut standing = self.standing.lock();
            standing.lost = standing.lost.saturating_add(1);
        }
    }

    /// Puts an operator's words into a record; answers when they are on the disk.
    pub(crate) async fn words(
        &self,
        id: IncidentId,
        entry: Entry,
        at: Timestamp,
    ) -> Result<(), WordsRefused> {
        let (done, answer) = oneshot::channel();
        match self.events.try_send(Event::Words { id, entry: Box::new(entry), at, done }) {
            Ok(()) => answer.await.unwrap_or(Err(WordsRefused::Away)),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(WordsRefused::Away),
        }
    }

    /// How the record fares.
    pub(crate) fn standing(&self) -> Standing {
        self.standing.lock().clone()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The records on disk.
    pub(crate) fn archive(&self) -> Archive {
        Archive::new(&self.data)
    }

    /// What reads the list of records on disk, on a thread that may wait for it.
    pub(crate) fn lister(&self) -> impl FnOnce() -> io::Result<Vec<Row>> + Send + use<> {
        let (archive, listing) = (self.archive(), Arc::clone(&self.listing));
        move || listing.rows(&archive)
    }

    /// Writes what is left. An open record stays open: the next process goes on with it.
    pub(crate) async fn close(&self) {
        let thread = self.thread.lock().take();
        let events = self.events.clone();
        let Some(thread) = thread else { return };
        let ended = tokio::task::spawn_blocking(move || {
            // The thread is gone if this fails; the join tells.
            drop(events.send(Event::End));
            thread.join().is_ok()
        });
        if !ended.await.unwrap_or(false) {
            tracing::error!("the record of incidents ended badly");
        }
    }
}

impl fmt::Debug for Incidents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incidents").field("standing", &self.standing).finish_non_exhaustive()
    }
}

fn run(mut scribe: Scribe, events: &Receiver<Event>, sources: &Sources) {
    let mut due = clock::now().instant + TICK_EVERY;
    loop {
        let patience = due.saturating_duration_since(clock::now().instant);
        match events.recv_timeout(patience) {
            Ok(Event::Posture { changed, order, at }) => {
                scribe.posture(changed, order, at, clock::now(), &(sources.figures)());
            }
            Ok(Event::Words { id, entry, at, done }) => {
                let written = scribe.words(&id, *entry, at);
                if done.send(written).is_err() {
                    tracing::debug!("whoever wanted words in the record did not wait for them");
                }
            }
            Ok(Event::Aside { entry, at }) => scribe.aside(*entry, at),
            Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => {
                scribe.end(clock::now(), &(sources.figures)());
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = clock::now();
        if now.instant >= due {
            scribe.tick(now, &(sources.figures)(), &*sources.offenders);
            scribe.take_removed().into_iter().for_each(&*sources.removed);
            due = now.instant + TICK_EVERY;
        }
    }
}
