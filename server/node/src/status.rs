//! The public status page: what holds, in plain words, for whoever asks. It is made every few seconds and at each
//! change, whether or not somebody asks, so that asking costs no more than a copy of its bytes.

mod file;
mod page;
mod words;

pub(crate) use page::{Language, STYLE_HASH};

use crate::assembly::Node;
use crate::clock;
use crate::felt::Felt;
use actix_web::web::Bytes;
use admission::Posture;
use parking_lot::RwLock;
use protocol::Timestamp;
use serde::Serialize;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;

/// How often the page is made although nothing changed.
const MAKE_EVERY: Duration = Duration::from_secs(10);

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Told {
    #[serde(serialize_with = "word")]
    pub(crate) posture: Posture,
    pub(crate) since: Timestamp,
    /// When this was so, to the minute: a page that changed no more often can be kept by caches.
    pub(crate) at: Timestamp,
    /// Whether the node has no way to its store.
    pub(crate) store_is_away: bool,
    pub(crate) statement: Option<Said>,
    /// When the last statement was taken back.
    pub(crate) all_clear_at: Option<Timestamp>,
    /// What members felt at this node lately.
    pub(crate) felt: Felt,
}

/// What an admin says.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) at: Timestamp,
}

/// One form of the page, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) body: Bytes,
    pub(crate) tag: String,
}

#[derive(Debug)]
struct AllMade {
    english: Made,
    welsh: Made,
    json: Made,
}

/// The page as it was made last.
#[derive(Debug)]
pub(crate) struct Status {
    made: RwLock<Arc<AllMade>>,
    file: Option<PathBuf>,
}

impl Told {
    fn now(node: &Node) -> Self {
        let now = clock::now();
        let view = node.posture.snapshot();
        let statement = node.posture.statement();
        let all_clear = statement.as_ref().filter(|statement| statement.text.is_none());
        Self {
            posture: view.posture,
            since: view.since,
            at: to_the_minute(now.wall),
            store_is_away: !view.hears_the_store,
            all_clear_at: all_clear.map(|statement| statement.at),
            statement: statement.and_then(|said| Some(Said { text: said.text?, at: said.at })),
            felt: node.feelings.lately(now.instant),
        }
    }
}

impl Status {
    /// Nothing is known yet; `file` is where the page is written too.
    pub(crate) fn new(file: Option<PathBuf>, now: Timestamp) -> Self {
        let nothing = Told {
            posture: Posture::Normal,
            since: now,
            at: to_the_minute(now),
            store_is_away: false,
            statement: None,
            all_clear_at: None,
            felt: Felt::default(),
        };
        Self { made: RwLock::new(Arc::new(AllMade::of(&nothing))), file }
    }

    /// The page for people.
    pub(crate) fn page(&self, language: Language) -> Made {
        let made = Arc::clone(&self.made.read());
        match language {
            Language::English => made.english.clone(),
            Language::Welsh => made.welsh.clone(),
        }
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Made {
        self.made.read().json.clone()
    }

    /// Makes it anew.
    pub(crate) fn make(&self, node: &Node) {
        *self.made.write() = Arc::new(AllMade::of(&Told::now(node)));
    }
}

impl AllMade {
    fn of(told: &Told) -> Self {
        Self {
            english: Made::of(page::html(told, Language::English, page::Place::Node)),
            welsh: Made::of(page::html(told, Language::Welsh, page::Place::Node)),
            json: Made::of(serde_json::to_string(told).unwrap_or_default()),
        }
    }
}

impl Made {
    fn of(text: String) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self { tag: format!("\"{:016x}\"", hasher.finish()), body: Bytes::from(text) }
    }
}

/// Makes the page at each change and every few seconds, for as long as the node serves.
pub(crate) async fn make_for_ever(node: Arc<Node>) {
    let mut changes = node.posture.changes();
    let mut interval = tokio::time::interval(MAKE_EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            change = changes.recv() => match change {
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
        node.status.make(&node);
        if let Some(path) = &node.status.file {
            file::write(path.clone(), Told::now(&node)).await;
        }
    }
}

const fn to_the_minute(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() / 60_000 * 60_000)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it like this")]
fn word<S: serde::Serializer>(posture: &Posture, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(posture.as_str())
}

/// The words are public, and still not for logs.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(…)")
    }
}
