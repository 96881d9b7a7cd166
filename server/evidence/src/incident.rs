//! The record of an attack: opened and closed by posture, one hash-chained line after the other, worded for those who
//! ask afterwards.
//!
//! ```text
//! postures, minutes, operators ─▶ IncidentKeeper ─▶ Entry ─▶ Chain ─▶ timeline.jsonl ─▶ Incident ─▶ report, JSON, CSV
//! ```
//!
//! **Invariant:** a line is never changed; who changes one breaks the chain from there on. Addresses are in no line.

mod chain;
mod entry;
mod id;
mod keeper;
mod offender;
mod report;
mod summary;
mod tail;
mod text;
mod word;

pub use chain::{Broken, Chain, Fault, Hash, Intact, LINE_MAX_BYTES, Sealed, verify};
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
pub use report::{EgressEvidence, Report, markdown};
pub use summary::{ChainState, Event, Incident, Timeline, Total};
pub use tail::{Tail, tail};
pub use text::{INCIDENT_TEXT_MAX_BYTES, InvalidText, Name, TEXT, Text, Who};

#[cfg(test)]
mod tests;
