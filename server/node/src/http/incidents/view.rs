//! Records of attacks, as they are shown.

use crate::http::openapi::words::{HashText, IncidentIdText, Milliseconds, PostureWord};
use crate::incident::Row;
use evidence::chain::Hash;
use evidence::incident::{Incident, IncidentId, Name, Text, Timeline, Total};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

protocol::limits! {
    /// Bytes of lines on one page of a record of an incident; the rest is on further ones.
    pub(crate) const INCIDENT_PAGE_MAX_BYTES: usize = 48 * 1024 => unseen;
}

/// The records of all nodes that answer, the latest first: at most 100.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentList)]
pub(crate) struct ListView {
    pub(super) incidents: Vec<RowView>,
    /// Whether every node that was asked is in it.
    pub(super) is_complete: bool,
}

/// A record of an attack, which one node keeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentListed)]
pub(super) struct RowView {
    #[schema(value_type = IncidentIdText)]
    id: IncidentId,
    /// The node that opened it.
    #[schema(value_type = String)]
    node: Name,
    /// Whether it is with the node that answers, which takes words for it.
    is_here: bool,
    #[schema(value_type = Milliseconds)]
    opened_ms: Timestamp,
    /// Nothing, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    closed_ms: Option<Timestamp>,
    /// The hardest posture.
    #[schema(value_type = PostureWord)]
    worst: String,
    /// What it was opened for, as for a change of posture.
    why: String,
    lines: u64,
    /// Whether nobody changed it, as far as it can tell by itself.
    is_intact: bool,
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinesRequest {
    #[param(value_type = crate::http::openapi::words::PageSize, required = false)]
    pub(super) limit: Option<usize>,
    /// Those after the line with this number.
    #[param(required = false)]
    pub(super) after: Option<u64>,
    /// Whose record, if several nodes have one of this name.
    #[param(value_type = String, required = false, min_length = 1, max_length = 64)]
    pub(super) node: Option<Name>,
}

/// Whose record.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordRequest {
    /// Whose record, if several nodes have one of this name.
    #[param(value_type = String, required = false, min_length = 1, max_length = 64)]
    pub(super) node: Option<Name>,
}

/// A record of an attack: what it comes to, and a page of its lines, the first of them first.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(crate) struct IncidentView {
    #[schema(value_type = IncidentIdText)]
    id: IncidentId,
    #[schema(value_type = Option<String>)]
    node: Option<Name>,
    summary: SummaryView,
    lines: Vec<LineView>,
    /// The number after which the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    next: Option<u64>,
}

/// What all lines of a record come to.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentSummary)]
struct SummaryView {
    #[schema(value_type = Milliseconds)]
    opened_ms: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Milliseconds, required = false)]
    closed_ms: Option<Timestamp>,
    #[schema(value_type = Milliseconds)]
    last_ms: Timestamp,
    /// Since when the service had been pressed.
    #[schema(value_type = Milliseconds)]
    pressed_since_ms: Timestamp,
    #[schema(value_type = PostureWord)]
    worst: &'static str,
    totals: Vec<TotalView>,
    /// Messages that were accepted.
    accepted: u64,
    /// Publications that were given to readers.
    delivered: u64,
    /// Publications that readers had not been given at the end.
    pending: u64,
    /// Members who were delayed or refused: at least and at most so many.
    members_affected_min: u64,
    members_affected_max: u64,
    /// Seconds in which any member was.
    affected_seconds: u64,
    lines: u64,
    /// The hash of the last line. Put it down where the owner of the machine cannot reach.
    #[schema(value_type = HashText)]
    head: Option<Hash>,
    is_intact: bool,
}

/// What one class of those who asked offered in all, and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentTotal)]
struct TotalView {
    class: &'static str,
    offered: u64,
    admitted: u64,
    delayed: u64,
    refused: u64,
}

/// A line of a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentLine)]
struct LineView {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    seq: u64,
    #[schema(value_type = Milliseconds)]
    at_ms: Timestamp,
    /// What sort of entry; `unknown`, if a later version wrote it. There may be further ones.
    kind: String,
    /// What it says, by its kind.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Object, required = false)]
    data: Value,
}

/// Words for the record of an incident.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncidentNote)]
pub(crate) struct NoteRequest {
    /// At most 4,096 bytes.
    #[schema(value_type = String, min_length = 1, max_length = 4096)]
    pub(super) text: Text,
    /// Who outside was told this, if somebody was: at most 64 bytes in one line.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    pub(super) to: Option<Name>,
}

/// That words are in a record.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentNoted)]
pub(crate) struct NotedView {
    #[schema(value_type = Milliseconds)]
    pub(super) at_ms: Timestamp,
}

impl RowView {
    pub(super) fn of(row: Row, is_here: bool) -> Self {
        Self {
            id: row.id,
            node: row.node,
            is_here,
            opened_ms: row.opened_at,
            closed_ms: row.closed_at,
            worst: row.worst,
            why: row.trigger,
            lines: row.lines,
            is_intact: row.is_intact,
        }
    }
}

impl IncidentView {
    /// A page of a timeline; nothing if no line of it can be read.
    pub(super) fn of(id: IncidentId, timeline: &Timeline, after: u64, size: usize) -> Option<Self> {
        let incident = Incident::of(std::slice::from_ref(timeline))?;
        let last = timeline.lines().last();
        let lines = page(timeline, after, size);
        Some(Self {
            id,
            node: timeline.node().cloned(),
            next: lines.last().map(|line| line.seq).filter(|seq| last.is_some_and(|last| last.seq > *seq)),
            lines,
            summary: SummaryView {
                opened_ms: incident.opened_at,
                closed_ms: incident.closed_at,
                last_ms: incident.last_at,
                pressed_since_ms: incident.pressed_since,
                worst: incident.worst.as_str(),
                totals: incident.totals.iter().map(TotalView::of).collect(),
                accepted: incident.acked,
                delivered: incident.delivered,
                pending: incident.pending,
                members_affected_min: incident.members_affected_min,
                members_affected_max: incident.members_affected_max,
                affected_seconds: incident.affected_seconds,
                lines: u64::try_from(timeline.lines().len()).unwrap_or(u64::MAX),
                head: last.map(|line| line.hash),
                is_intact: timeline.verdict.is_ok(),
            },
        })
    }
}

/// Lines from behind a number on: at most so many, and of those so many that a page is one answer among nodes.
fn page(timeline: &Timeline, after: u64, size: usize) -> Vec<LineView> {
    let mut bytes = 0_usize;
    let rest = timeline.lines().iter().filter(|line| line.seq > after);
    let fits = rest.take(size).map(LineView::of).take_while(|line| {
        let is_first = bytes == 0;
        bytes = bytes.saturating_add(serde_json::to_vec(line).map_or(0, |line| line.len()));
        is_first || bytes <= INCIDENT_PAGE_MAX_BYTES
    });
    fits.collect()
}

impl TotalView {
    const fn of(total: &Total) -> Self {
        let Total { class, offered, admitted, delayed, refused } = *total;
        Self { class: class.as_str(), offered, admitted, delayed, refused }
    }
}

impl LineView {
    fn of(line: &evidence::incident::Sealed) -> Self {
        let entry = line.entry.as_ref().and_then(|entry| serde_json::to_value(entry).ok());
        let mut entry = entry.unwrap_or_default();
        let kind = entry.get("kind").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        let data = entry.get_mut("data").map(Value::take).unwrap_or_default();
        Self { seq: line.seq, at_ms: line.at, kind, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evidence::chain::Chain;
    use evidence::incident::{Entry, INCIDENT_TEXT_MAX_BYTES, Note, Who};
    use storage::peers::ANSWER_MAX_BYTES;

    #[test]
    fn a_timeline_is_read_page_by_page_and_what_a_later_version_wrote_is_said_to_be_unknown() {
        let mut chain = Chain::default();
        let mut text = String::new();
        for n in 0..5 {
            let words = Note { who: Who::default(), text: format!("note {n}").parse().unwrap() };
            text += &chain.seal(Timestamp::from_millis(1_800_000_000_000 + n), &Entry::Note(words));
        }
        text += &chain.seal(Timestamp::from_millis(1_800_000_000_009), &serde_json::json!({"kind": "later"}));
        let timeline = Timeline::read("t", text.as_bytes());
        let id = || IncidentId::at(Timestamp::from_millis(1_800_000_000_000), 1);
        let page = |after| IncidentView::of(id(), &timeline, after, 4).unwrap();
        let first = page(0);
        assert_eq!(first.lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((first.next, first.summary.lines, first.summary.is_intact), (Some(4), 6, true));
        assert_eq!(first.lines[0].data["text"], "note 0");
        let last = page(4);
        let kinds: Vec<_> = last.lines.iter().map(|line| line.kind.as_str()).collect();
        assert_eq!((kinds, last.next), (vec!["note", "unknown"], None));
        assert!(page(6).lines.is_empty());
    }

    #[test]
    fn a_page_of_long_lines_ends_early_and_nothing_is_passed_over() {
        let mut chain = Chain::default();
        let mut text = String::new();
        for n in 0..100 {
            let long = "\"".repeat(INCIDENT_TEXT_MAX_BYTES).parse().unwrap();
            let words = Note { who: Who::default(), text: long };
            text += &chain.seal(Timestamp::from_millis(1_800_000_000_000 + n), &Entry::Note(words));
        }
        let timeline = Timeline::read("t", text.as_bytes());
        let (mut seen, mut after) = (Vec::new(), 0);
        loop {
            let id = IncidentId::at(Timestamp::from_millis(1_800_000_000_000), 1);
            let page = IncidentView::of(id, &timeline, after, 200).unwrap();
            assert!(serde_json::to_vec(&page).unwrap().len() < ANSWER_MAX_BYTES);
            seen.extend(page.lines.iter().map(|line| line.seq));
            let Some(next) = page.next else { break };
            after = next;
        }
        assert_eq!(seen, (1..=100).collect::<Vec<_>>());
    }
}
