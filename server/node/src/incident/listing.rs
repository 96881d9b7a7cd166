//! The records of a node as a list, without reading again what has not changed since.

use super::archive::Archive;
use evidence::incident::{Incident, IncidentId, Name};
use parking_lot::Mutex;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

protocol::limits! {
    /// Incidents of a list, the latest first; earlier ones are in the data folder of their node.
    pub(crate) const INCIDENTS_LISTED_MAX: usize = 100 => unseen;
}

/// One record, as nodes tell each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: IncidentId,
    /// The node that opened it.
    pub(crate) node: Name,
    pub(crate) opened_at: Timestamp,
    #[serde(default)]
    pub(crate) closed_at: Option<Timestamp>,
    /// The hardest posture.
    pub(crate) worst: String,
    /// What it was opened for.
    pub(crate) trigger: String,
    pub(crate) lines: u64,
    pub(crate) is_intact: bool,
}

/// What was found in each record, and how many bytes it had then: a record is only ever added to.
#[derive(Debug, Default)]
pub(super) struct Listing(Mutex<BTreeMap<IncidentId, (u64, Row)>>);

impl Listing {
    /// The latest records. One that cannot be read is left out. Reads files.
    pub(super) fn rows(&self, archive: &Archive) -> io::Result<Vec<Row>> {
        let (mut rows, mut kept) = (Vec::new(), BTreeMap::new());
        for id in archive.ids()?.into_iter().take(INCIDENTS_LISTED_MAX) {
            let Ok(bytes) = archive.size(&id) else { continue };
            let known = self.0.lock().get(&id).filter(|(size, _)| *size == bytes).map(|(_, row)| row.clone());
            if let Some(row) = known.or_else(|| read(archive, &id)) {
                rows.push(row.clone());
                kept.insert(id, (bytes, row));
            }
        }
        *self.0.lock() = kept;
        Ok(rows)
    }
}

fn read(archive: &Archive, id: &IncidentId) -> Option<Row> {
    let timeline = archive.timeline(id).ok()?;
    let incident = Incident::of(std::slice::from_ref(&timeline))?;
    Some(Row {
        id: id.clone(),
        node: timeline.node()?.clone(),
        opened_at: incident.opened_at,
        closed_at: incident.closed_at,
        worst: incident.worst.as_str().to_owned(),
        trigger: timeline.opened_by()?.trigger.clone(),
        lines: incident.chains.first().map_or(0, |chain| chain.lines),
        is_intact: timeline.verdict.is_ok(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::record::Record;
    use super::super::record::tests::opened;
    use super::*;
    use evidence::incident::{Closed, Entry};
    use std::fs;
    use storage::peers::ANSWER_MAX_BYTES;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_795_687_200_000 + seconds * 1_000)
    }

    #[test]
    fn a_record_is_read_again_when_something_was_added_to_it() {
        let data = tempfile::tempdir().unwrap();
        let (archive, listing) = (Archive::new(data.path()), Listing::default());
        assert_eq!(listing.rows(&archive).unwrap(), []);
        let mut record = Record::begin(&data.path().join("incidents"), at(0), &opened()).unwrap();
        let first = listing.rows(&archive).unwrap();
        assert_eq!((first.len(), first[0].closed_at, first[0].lines), (1, None, 1));
        assert_eq!(listing.rows(&archive).unwrap(), first);
        record.append(&[(at(9), Entry::Closed(Closed { quiet_seconds: 600 }))]).unwrap();
        let then = listing.rows(&archive).unwrap();
        assert_eq!((then[0].closed_at, then[0].lines), (Some(at(9)), 2));
        fs::remove_dir_all(data.path().join("incidents")).unwrap();
        assert_eq!(listing.rows(&archive).unwrap(), []);
        assert!(listing.0.lock().is_empty());
    }

    #[test]
    fn the_longest_list_is_one_answer_to_another_node() {
        let row = Row {
            id: IncidentId::at(at(0), 999_999_999),
            node: "n".repeat(64).parse().unwrap(),
            opened_at: at(0),
            closed_at: Some(at(0)),
            worst: "under_attack".to_owned(),
            trigger: "t".repeat(64),
            lines: u64::MAX,
            is_intact: true,
        };
        let rows = vec![row; INCIDENTS_LISTED_MAX];
        assert!(serde_json::to_vec(&rows).unwrap().len() < ANSWER_MAX_BYTES);
    }
}
