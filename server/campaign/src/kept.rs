//! Records as values: keys, JSON in and out, writes.

use crate::Away;
use protocol::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use storage::{Change, Expect, RecordId, RecordKey, RecordKind, Records, Write};

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
