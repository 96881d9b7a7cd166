//! Records, kept by kind and id; their ends have an index, so that trimming finds what is over.

use crate::error::Failed;
use crate::job::Job;
use crate::tables::{NEVER, RECORD_VERSION_KEY, RECORDS, Writing};
use crate::{EmbeddedStore, NoAnswer};
use async_trait::async_trait;
use protocol::Timestamp;
use redb::{ReadTransaction, ReadableTable};
use std::collections::BTreeMap;
use std::ops::Bound;
use storage::records::{COMMIT_MAX_WRITES, SCAN_MAX_RECORDS};
use storage::{
    Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Unavailable, Versioned, Write,
};

/// Greater than any character of an id.
const AFTER_IDS: &str = "\u{7f}";

fn is_live(end: u64, now: Timestamp) -> bool {
    end == NEVER || now.as_millis() < end
}

fn name(key: &RecordKey) -> (&str, &str) {
    (key.kind.as_str(), key.id.as_str())
}

/// Reads one record.
fn get(snapshot: &ReadTransaction, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Failed> {
    let records = snapshot.open_table(RECORDS)?;
    let kept = records.get(name(key))?;
    Ok(kept.and_then(|kept| {
        let (version, end, data) = kept.value();
        is_live(end, now).then(|| Versioned { version, data: data.to_vec() })
    }))
}

/// The live version of a record.
fn version(tables: &Writing<'_>, key: &RecordKey, now: Timestamp) -> Result<Option<u64>, Failed> {
    let kept = tables.records.get(name(key))?;
    Ok(kept.and_then(|kept| {
        let (version, end, _) = kept.value();
        is_live(end, now).then_some(version)
    }))
}

/// Makes all changes, or none if an expectation is not met.
pub(crate) fn commit(
    tables: &mut Writing<'_>,
    writes: &[Write],
    now: Timestamp,
) -> Result<Result<(), CommitError>, Failed> {
    for write in writes {
        let version = version(tables, &write.key, now)?;
        let met = match write.expect {
            Expect::Absent => version.is_none(),
            Expect::Any => true,
            Expect::Version(expected) => version == Some(expected),
        };
        if !met {
            return Ok(Err(CommitError::Conflict));
        }
    }
    for write in writes {
        remove(tables, name(&write.key))?;
        if let Change::Put { data, expires_at } = &write.change {
            put(tables, &write.key, data, *expires_at)?;
        }
    }
    Ok(Ok(()))
}

fn put(
    tables: &mut Writing<'_>,
    key: &RecordKey,
    data: &[u8],
    expires_at: Option<Timestamp>,
) -> Result<(), Failed> {
    // One count for all records, so that a version never comes back after a deletion.
    let last = tables.meta.get(RECORD_VERSION_KEY)?.map_or(0, |last| last.value());
    let version = last + 1;
    tables.meta.insert(RECORD_VERSION_KEY, version)?;
    let end = expires_at.map_or(NEVER, Timestamp::as_millis);
    let (kind, id) = name(key);
    tables.records.insert((kind, id), (version, end, data))?;
    if end != NEVER {
        tables.records_by_end.insert((end, kind, id), ())?;
    }
    Ok(())
}

fn remove(tables: &mut Writing<'_>, (kind, id): (&str, &str)) -> Result<(), Failed> {
    let end = tables.records.remove((kind, id))?.map_or(NEVER, |kept| kept.value().1);
    if end != NEVER {
        tables.records_by_end.remove((end, kind, id))?;
    }
    Ok(())
}

/// Removes at most `limit` records that are over; answers how many, and how many of each kind.
pub(crate) fn expire(
    tables: &mut Writing<'_>,
    now: Timestamp,
    limit: usize,
) -> Result<(usize, BTreeMap<RecordKind, u64>), Failed> {
    let mut over = Vec::new();
    let end = now.as_millis().saturating_add(1);
    for entry in tables.records_by_end.range(..(end, "", ""))?.take(limit) {
        let (key, _) = entry?;
        let (_, kind, id) = key.value();
        over.push((kind.to_owned(), id.to_owned()));
    }
    let mut kinds = BTreeMap::new();
    for (kind, id) in &over {
        remove(tables, (kind, id))?;
        // One of a kind that another version knew is in no sum.
        if let Some(kind) = RecordKind::ALL.iter().find(|known| known.as_str() == kind) {
            *kinds.entry(*kind).or_default() += 1;
        }
    }
    Ok((over.len(), kinds))
}

/// A page of a scan, and the id to go on after.
type Scanned = (Vec<(RecordId, Versioned)>, Option<RecordId>);

fn scan(
    snapshot: &ReadTransaction,
    kind: RecordKind,
    after: Option<&RecordId>,
    limit: usize,
    now: Timestamp,
) -> Result<Scanned, Failed> {
    let records = snapshot.open_table(RECORDS)?;
    let kind = kind.as_str();
    let from = Bound::Excluded((kind, after.map_or("", RecordId::as_str)));
    let to = Bound::Excluded((kind, AFTER_IDS));
    let mut found = Vec::new();
    let mut seen = 0;
    let mut last = None;
    for entry in records.range((from, to))?.take(limit) {
        let (key, kept) = entry?;
        let id = RecordId::parse(key.value().1).ok_or(Failed::Damaged("a record's id cannot be read"))?;
        let (version, end, data) = kept.value();
        if is_live(end, now) {
            let data = data.to_vec();
            found.push((id.clone(), Versioned { version, data }));
        }
        seen += 1;
        last = Some(id);
    }
    Ok((found, last.filter(|_| seen == limit)))
}

#[async_trait]
impl Records for EmbeddedStore {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        let key = key.clone();
        self.shared.read(move |snapshot| get(snapshot, &key, now)).await
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        if writes.len() > COMMIT_MAX_WRITES {
            return Err(CommitError::TooLarge);
        }
        let job = |answer| Job::Commit { writes, now, answer };
        self.ask(job).await.unwrap_or_else(|reason| {
            Err(match reason {
                NoAnswer::Lost => CommitError::Unknown,
                NoAnswer::NotTaken => CommitError::Unavailable,
            })
        })
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        let after = after.cloned();
        let limit = limit.min(SCAN_MAX_RECORDS);
        self.shared.read(move |snapshot| scan(snapshot, kind, after.as_ref(), limit, now)).await
    }
}
