//! Removes what is older than it may be, and has the audit say so: of what the store sweeps an entry a class and hour, of
//! files one each.

use crate::assembly::Node;
use crate::clock;
use crate::store::Engine;
use campaign::attachments::ATTACHMENT_KEPT_FOR;
use campaign::conversation::WORDS_KEPT_FOR;
use evidence::audit::{Applied, Class, Joined};
use evidence::chain::{Hash, Hasher};
use parking_lot::Mutex;
use protocol::Timestamp;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::{RecordKind, Retention, Trimmed};

/// How often what is older than it may be is removed.
const TRIM_EVERY: Duration = Duration::from_mins(10);
/// Bytes of a file that are hashed at once.
const HASHED_BYTES: usize = 64 * 1024;

/// What sweeps of this node removed and the audit does not say yet.
#[derive(Debug, Default)]
pub(crate) struct Sweeps(Mutex<Joined>);

impl Sweeps {
    /// A sweep of the store ended well. `counts_records` says whether records go by sweeps, or by themselves.
    fn swept(&self, trimmed: &Trimmed, retention: &Retention, counts_records: bool, now: Timestamp) {
        let count = |is_one: &dyn Fn(RecordKind) -> bool| {
            let records = trimmed.records.iter().filter(|(kind, _)| is_one(**kind));
            counts_records.then(|| records.map(|(_, records)| *records).sum())
        };
        let is_text = |kind| kind == RecordKind::ConversationText;
        let is_attachment = |kind| kind == RecordKind::Attachment;
        let mut joined = self.0.lock();
        joined.add(Class::Messages, now.before(retention.messages), Some(trimmed.messages));
        joined.add(Class::Service, now.before(retention.service), Some(trimmed.service));
        joined.add(Class::Conversations, now.before(WORDS_KEPT_FOR), count(&is_text));
        joined.add(Class::Attachments, now.before(ATTACHMENT_KEPT_FOR), count(&is_attachment));
        joined.add(Class::Records, now, count(&|kind| !is_text(kind) && !is_attachment(kind)));
    }

    /// Has the audit say what was removed since it said so last: the node ends.
    pub(crate) fn note_all(&self, node: &Node, now: Timestamp) {
        note(node, &self.0.lock().take_all(now));
    }
}

fn note(node: &Node, applied: &[Applied]) {
    for applied in applied {
        node.audit.note(applied.entry());
    }
}

/// Sweeps the store for as long as the node serves.
pub(crate) async fn trim_for_ever(node: Arc<Node>, retention: Retention) {
    let mut interval = tokio::time::interval(TRIM_EVERY);
    let counts_records = matches!(node.store.engine, Engine::Embedded(_));
    loop {
        interval.tick().await;
        let now = clock::wall();
        match node.store.history.trim(&retention, now).await {
            Ok(trimmed) => {
                let publications = trimmed.publications();
                if publications > 0 {
                    tracing::info!(publications, "removed what was older than it may be kept");
                }
                node.sweeps.swept(&trimmed, &retention, counts_records, now);
                let due = node.sweeps.0.lock().take_due(now);
                note(&node, &due);
            }
            Err(error) => tracing::warn!(%error, "retention waits for the store"),
        }
    }
}

/// The SHA-256 of a file that is about to go.
pub(crate) fn hash_of(path: &Path) -> io::Result<Hash> {
    let (mut file, mut hasher) = (File::open(path)?, Hasher::default());
    let mut part = vec![0; HASHED_BYTES];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hasher.finish()),
            bytes => hasher.add(part.get(..bytes).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const NOW: Timestamp = Timestamp::from_millis(1_795_687_200_000);
    const DAY: Duration = Duration::from_hours(24);

    fn trimmed() -> Trimmed {
        let records = [
            (RecordKind::ConversationText, 3),
            (RecordKind::Attachment, 4),
            (RecordKind::Device, 2),
            (RecordKind::Answer, 1),
        ];
        Trimmed { messages: 7, service: 5, records: records.into() }
    }

    fn said(counts_records: bool) -> Vec<(Class, Timestamp, Option<u64>)> {
        let retention = Retention { messages: 90 * DAY, service: DAY };
        let sweeps = Sweeps::default();
        sweeps.swept(&trimmed(), &retention, counts_records, NOW);
        let due = sweeps.0.lock().take_due(NOW);
        due.into_iter().map(|applied| (applied.class, applied.before, applied.removed)).collect()
    }

    #[test]
    fn of_a_store_that_is_swept_each_class_is_said_with_how_many_went_and_up_to_when() {
        let expected = [
            (Class::Attachments, NOW.before(90 * DAY), Some(4)),
            (Class::Conversations, NOW.before(180 * DAY), Some(3)),
            (Class::Messages, NOW.before(90 * DAY), Some(7)),
            (Class::Records, NOW, Some(3)),
            (Class::Service, NOW.before(DAY), Some(5)),
        ];
        assert_eq!(said(true), expected);
        let of_redis = expected.map(|(class, before, removed)| {
            let is_swept = matches!(class, Class::Messages | Class::Service);
            (class, before, removed.filter(|_| is_swept))
        });
        assert_eq!(said(false), of_redis, "records go by themselves there, and nobody counts them");
    }

    #[test]
    fn the_hash_of_a_file_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (path, bytes) = (folder.path().join("file"), vec![7; 3 * HASHED_BYTES + 1]);
        fs::write(&path, &bytes).unwrap();
        assert_eq!(hash_of(&path).unwrap(), Hash::of(&bytes));
        assert!(hash_of(folder.path()).is_err());
    }
}
