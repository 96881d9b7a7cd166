//! Records as values: keys, JSON in and out, writes.

use crate::Away;
use protocol::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use storage::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Versioned, Write};

protocol::limits! {
    /// How often a change is decided again because another changed the same record meanwhile; then it fails for now.
    pub const CONFLICTS_MAX: usize = 16 => shown "holdfast_store_operations";
}

/// A value that was read, and the version that a change of it expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    /// What the record says.
    pub value: T,
    /// Its version.
    pub version: u64,
}

/// The key of a record.
pub fn key(kind: RecordKind, id: &str) -> Result<RecordKey, Away> {
    RecordId::parse(id).map(|id| RecordKey { kind, id }).ok_or(Away)
}

/// What a record's bytes say.
pub fn read<T: DeserializeOwned>(data: &[u8]) -> Result<T, Away> {
    serde_json::from_slice(data).map_err(|_| Away)
}

/// Reads a record, if there is one.
pub async fn get<T: DeserializeOwned>(
    records: &dyn Records,
    key: &RecordKey,
    now: Timestamp,
) -> Result<Option<Kept<T>>, Away> {
    let Some(record) = records.get(key, now).await? else {
        return Ok(None);
    };
    Ok(Some(Kept { value: read(&record.data)?, version: record.version }))
}

/// Records whose ids begin with a prefix, in the order of ids, at most `limit` of them: from the first, or after one of
/// them. The second value is where to go on, if there may be more.
pub async fn beginning_with(
    records: &dyn Records,
    kind: RecordKind,
    prefix: &str,
    after: Option<&RecordId>,
    limit: usize,
    now: Timestamp,
) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Away> {
    let is_ours = |id: &RecordId| id.as_str().starts_with(prefix);
    let from = match after.filter(|id| is_ours(id)) {
        Some(id) => id.clone(),
        None => RecordId::parse(prefix).ok_or(Away)?,
    };
    let (mut found, next) = records.scan(kind, Some(&from), limit, now).await?;
    found.retain(|(id, _)| is_ours(id));
    Ok((found, next.filter(is_ours)))
}

/// Commits all of these. Says no, and changes nothing, if a record is not as its change expects it: another was first.
pub async fn committed(records: &dyn Records, writes: Vec<Write>, now: Timestamp) -> Result<bool, Away> {
    match records.commit(writes, now).await {
        Ok(()) => Ok(true),
        Err(CommitError::Conflict) => Ok(false),
        Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
            Err(error.into())
        }
    }
}

/// The write that makes a record say this.
pub fn put<T: Serialize>(
    key: RecordKey,
    expect: Expect,
    value: &T,
    expires_at: Option<Timestamp>,
) -> Result<Write, Away> {
    let data = serde_json::to_vec(value).map_err(|_| Away)?;
    Ok(Write { key, expect, change: Change::Put { data, expires_at } })
}

/// The write that takes a record away, whatever it says.
pub fn delete(key: RecordKey) -> Write {
    Write { key, expect: Expect::Any, change: Change::Delete }
}
