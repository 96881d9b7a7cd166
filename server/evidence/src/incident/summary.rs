//! What the timelines of all nodes say together.

use super::Sealed;
use super::entry::{Counts, Entry};
use super::text::Name;
use super::word;
use crate::chain::{Broken, Intact, LINE_MAX_BYTES, verify};
use admission::{Criticality, Posture};
use protocol::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// One node's timeline as it was read.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Where it was found, for whoever has to look.
    pub source: String,
    /// Whether its chain is whole.
    pub verdict: Result<Intact, Broken>,
    lines: Vec<Sealed>,
    unreadable: u64,
}

impl Timeline {
    /// Reads all that can be read; what cannot is counted.
    pub fn read(source: &str, bytes: &[u8]) -> Self {
        let whole = bytes.split_inclusive(|byte| *byte == b'\n').filter_map(|line| line.strip_suffix(b"\n"));
        let (mut lines, mut unreadable) = (Vec::new(), 0);
        for line in whole {
            match Sealed::read(line) {
                Ok(line) => lines.push(line),
                Err(_) => unreadable += 1,
            }
        }
        Self { source: source.to_owned(), verdict: verify(bytes), lines, unreadable }
    }

    /// The node that opened it.
    pub fn node(&self) -> Option<&Name> {
        self.opened().map(|(_, opened)| &opened.node)
    }

    /// What opened it.
    pub fn opened_by(&self) -> Option<&super::Changed> {
        self.opened().map(|(_, opened)| &opened.by)
    }

    /// The lines that can be read, in their order.
    pub fn lines(&self) -> &[Sealed] {
        &self.lines
    }

    fn opened(&self) -> Option<(Timestamp, &super::Opened)> {
        self.lines.iter().find_map(|line| match &line.entry {
            Some(Entry::Opened(opened)) => Some((line.at, opened)),
            Some(_) | None => None,
        })
    }
}

/// What one class offered in all, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Which class.
    #[serde(with = "word::class")]
    pub class: Criticality,
    /// Requests to be served.
    pub offered: u64,
    /// Served at once.
    pub admitted: u64,
    /// Asked to wait.
    pub delayed: u64,
    /// Sent away.
    pub refused: u64,
}

/// Something that happened, and at which node it was written down.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub node: Option<Name>,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

/// The state of one chain.
#[derive(Debug, Clone, Serialize)]
pub struct ChainState {
    /// Where it was found.
    pub source: String,
    /// Who wrote it.
    pub node: Option<Name>,
    /// Lines that can be read.
    pub lines: u64,
    /// The last line's hash.
    pub head: String,
    /// The first line that breaks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// Whether it ends in a torn line.
    pub is_torn: bool,
}

/// An incident, of all nodes whose timelines were given.
#[derive(Debug, Clone, Serialize)]
pub struct Incident {
    /// When the first node opened its record.
    pub opened_at: Timestamp,
    /// When the last node closed its own; nothing while one is open.
    pub closed_at: Option<Timestamp>,
    /// The last line of any node.
    pub last_at: Timestamp,
    /// Since when the service had been pressed.
    pub pressed_since: Timestamp,
    /// The hardest posture.
    #[serde(with = "word::posture")]
    pub worst: Posture,
    /// By class, most critical first.
    pub totals: Vec<Total>,
    /// Most requests of all classes in the counts of one node, and over how many seconds.
    pub worst_counts: (u64, u64),
    /// Messages that were accepted.
    pub acked: u64,
    /// Publications that were given to readers.
    pub delivered: u64,
    /// Publications that readers had not been given at the end.
    pub pending: u64,
    /// Members who were delayed or refused: at least so many.
    pub members_affected_min: u64,
    /// At most so many.
    pub members_affected_max: u64,
    /// Seconds in which any member was delayed or refused.
    pub affected_seconds: u64,
    /// Everything but counts, in the order of time.
    pub events: Vec<Event>,
    /// The chains.
    pub chains: Vec<ChainState>,
    /// Lines that cannot be read, or that a later version wrote.
    pub unread_lines: u64,
}

impl Incident {
    /// Joins what several nodes wrote; nothing if no line can be read.
    pub fn of(timelines: &[Timeline]) -> Option<Self> {
        let times = || timelines.iter().flat_map(|timeline| &timeline.lines).map(|line| line.at);
        let (first, last_at) = (times().min()?, times().max()?);
        let opened = timelines.iter().filter_map(Timeline::opened);
        let pressed_since = opened.filter_map(|(_, opened)| opened.pressed_since).min().unwrap_or(first);
        let mut incident = Self {
            opened_at: first,
            closed_at: closed_at(timelines),
            last_at,
            pressed_since: pressed_since.min(first),
            worst: Posture::Normal,
            totals: Vec::new(),
            worst_counts: (0, 0),
            acked: 0,
            delivered: 0,
            pending: 0,
            members_affected_min: 0,
            members_affected_max: 0,
            affected_seconds: 0,
            events: Vec::new(),
            chains: timelines.iter().map(ChainState::of).collect(),
            unread_lines: 0,
        };
        let mut totals = BTreeMap::new();
        for timeline in timelines {
            incident.add(timeline, &mut totals);
        }
        incident.events.sort_by_key(|event| event.at);
        incident.totals = totals.into_values().collect();
        Some(incident)
    }

    fn add(&mut self, timeline: &Timeline, totals: &mut BTreeMap<Criticality, Total>) {
        let node = timeline.node().cloned();
        self.unread_lines = self.unread_lines.saturating_add(timeline.unreadable);
        let (mut pending, mut affected_seconds) = (0, 0_u64);
        for line in &timeline.lines {
            match &line.entry {
                None => self.unread_lines = self.unread_lines.saturating_add(1),
                Some(Entry::Counts(counts)) => {
                    pending = counts.pending;
                    if counts.members_affected > 0 {
                        affected_seconds = affected_seconds.saturating_add(counts.seconds);
                    }
                    self.count(counts, totals);
                }
                Some(entry) => {
                    if let Entry::Opened(super::Opened { by: change, .. }) | Entry::Posture(change) = entry {
                        self.worst = self.worst.max(change.to);
                    }
                    self.events.push(Event { at: line.at, node: node.clone(), entry: entry.clone() });
                }
            }
        }
        self.pending = self.pending.saturating_add(pending);
        self.affected_seconds = self.affected_seconds.max(affected_seconds);
    }

    fn count(&mut self, counts: &Counts, totals: &mut BTreeMap<Criticality, Total>) {
        let mut offered = 0_u64;
        for one in &counts.classes {
            let empty = Total { class: one.class, offered: 0, admitted: 0, delayed: 0, refused: 0 };
            let total = totals.entry(one.class).or_insert(empty);
            total.offered = total.offered.saturating_add(one.offered);
            total.admitted = total.admitted.saturating_add(one.admitted);
            total.delayed = total.delayed.saturating_add(one.delayed);
            total.refused = total.refused.saturating_add(one.refused);
            offered = offered.saturating_add(one.offered);
        }
        self.worst_counts = self.worst_counts.max((offered, counts.seconds));
        self.acked = self.acked.saturating_add(counts.acked);
        self.delivered = self.delivered.saturating_add(counts.delivered);
        self.members_affected_min = self.members_affected_min.max(counts.members_affected);
        self.members_affected_max = self.members_affected_max.saturating_add(counts.members_affected);
    }

    /// When the record says that it was closed, or as far as it goes.
    pub fn ended(&self) -> Timestamp {
        self.closed_at.unwrap_or(self.last_at)
    }
}

/// Operators' words may follow the end, so it need not be the last line.
fn closed_at(timelines: &[Timeline]) -> Option<Timestamp> {
    let ends = timelines.iter().map(|timeline| {
        let end = |line: &&Sealed| line.entry.as_ref().is_some_and(Entry::is_end);
        timeline.lines.iter().find(end).map(|line| line.at)
    });
    ends.collect::<Option<Vec<_>>>()?.into_iter().max()
}

impl ChainState {
    fn of(timeline: &Timeline) -> Self {
        let last = timeline.lines.last();
        Self {
            source: timeline.source.clone(),
            node: timeline.node().cloned(),
            lines: u64::try_from(timeline.lines.len()).unwrap_or(u64::MAX),
            head: last.map_or_else(String::new, |line| line.hash.to_string()),
            broken: timeline.verdict.as_ref().err().map(ToString::to_string),
            is_torn: timeline.verdict.is_ok_and(|intact| intact.is_torn),
        }
    }
}

const _: () = assert!(LINE_MAX_BYTES > 8 * super::text::INCIDENT_TEXT_MAX_BYTES, "a text fits, escaped");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::tests::{at, timeline};

    #[test]
    fn what_minutes_say_is_added_up_and_levels_are_not() {
        let text = timeline();
        let incident = Incident::of(&[Timeline::read("a", text.as_bytes())]).unwrap();
        assert_eq!(
            (incident.opened_at, incident.closed_at, incident.worst),
            (at(0), Some(at(810)), Posture::Survival)
        );
        let told: Vec<_> = incident
            .totals
            .iter()
            .map(|total| (total.class.as_str(), total.offered, total.refused))
            .collect();
        assert_eq!(told, [("returning", 80, 0), ("member", 25, 2), ("stranger", 130_000, 129_980)]);
        assert_eq!((incident.acked, incident.delivered, incident.pending), (24, 9_600, 3));
        assert_eq!((incident.members_affected_min, incident.members_affected_max), (20, 25));
        assert_eq!((incident.worst_counts, incident.affected_seconds), ((90_060, 60), 120));
        assert_eq!(incident.events.len(), 12);
    }

    #[test]
    fn two_nodes_are_one_incident_that_ends_with_the_last() {
        let text = timeline();
        let open: String = text.lines().take(3).flat_map(|line| [line, "\n"]).collect();
        let [one, two] = [Timeline::read("a", text.as_bytes()), Timeline::read("b", open.as_bytes())];
        let incident = Incident::of(&[one.clone(), two]).unwrap();
        assert_eq!((incident.closed_at, incident.pending, incident.chains.len()), (None, 6, 2));
        assert!(incident.events.is_sorted_by_key(|event| event.at));
        assert_eq!(Incident::of(&[one.clone(), one]).unwrap().totals[2].offered, 260_000);
    }

    #[test]
    fn a_damaged_timeline_tells_what_is_left_of_it_and_that_it_is_damaged() {
        let text = timeline().replace("\"trigger\":\"queueing_delay\"", "\"trigger\":\"nothing\"");
        let incident = Incident::of(&[Timeline::read("a", text.as_bytes())]).unwrap();
        assert_eq!(incident.unread_lines, 3);
        assert!(incident.chains[0].broken.as_ref().unwrap().starts_with("line 1 was changed"));
        assert_eq!(incident.acked, 24);
    }

    #[test]
    fn nothing_that_can_be_read_is_no_incident() {
        for bad in [&b""[..], b"\n\n", b"garbage", b"\xff\n{}\n"] {
            assert!(Incident::of(&[Timeline::read("a", bad)]).is_none());
        }
        assert!(Incident::of(&[]).is_none());
    }
}
