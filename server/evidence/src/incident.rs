//! The record of an attack: opened and closed by posture, one hash-chained line after the other, worded for those who
//! ask afterwards.
//!
//! ```text
//! postures, minutes, operators ─▶ IncidentKeeper ─▶ Entry ─▶ Chain ─▶ timeline.jsonl ─▶ Incident ─▶ report, JSON, CSV
//! ```
//!
//! **Invariant:** a line is never changed; who changes one breaks the chain from there on. Addresses are in no line.

mod entry;
mod id;
mod keeper;
mod offender;
mod report;
mod summary;
mod text;
mod word;

pub use entry::{
    Changed, ClassCounts, Closed, Counts, Entry, FORMAT_VERSION, Indicators, Lapse, Note, NoticeSent, Opened,
    Override, Resumed,
};
pub use id::{IncidentId, InvalidIncidentId};
pub use keeper::{CLOSE_AFTER, Figures, Flow, INCIDENT, IncidentKeeper};
pub use offender::{
    ABUSE, ADDRESSES_KEPT, AbuseLine, Action, Confidence, OFFENDERS_MAX, Offender, abuse_lines,
    indicators_csv, is_confirmed, offenders_kept,
};
pub use report::{EgressEvidence, Report, STYLE_HASH, markdown, page};
pub use summary::{ChainState, Event, Incident, Timeline, Total};
pub use text::{INCIDENT_TEXT_MAX_BYTES, InvalidText, Name, TEXT, Text, Who};

/// One line of a timeline.
pub type Sealed = crate::chain::Sealed<Entry>;

/// How the last line of an attack begins. It stands inside no text, where quotes are escaped.
const CLOSED: &[u8] = br#""kind":"closed""#;

/// Whether a timeline was closed. Words of operators may have come after that.
pub fn is_closed(timeline: &[u8]) -> bool {
    timeline.windows(CLOSED.len()).any(|bytes| bytes == CLOSED)
}

#[cfg(test)]
pub(crate) mod tests;
