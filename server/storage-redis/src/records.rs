//! Records: a hash each, an index of ids per kind, and one script that makes a commit atomic.
//!
//! Whether a record has expired is decided by the `now` of whoever asks and the end that is stored with it. Redis'
//! own clock only clears up, some time later, so that a clock that is a little ahead takes nothing early.

use crate::connection::{Connections, is_refusal};
use crate::keys::Keys;
use protocol::Timestamp;
use redis::{Script, cmd};
use std::time::Duration;
use storage::records::{COMMIT_MAX_WRITES, SCAN_MAX_RECORDS};
use storage::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Unavailable, Versioned, Write};

/// How much longer Redis keeps an expired record than anyone sees it.
const CLEAR_UP_AFTER: Duration = Duration::from_hours(1);
/// Redis refuses times to live that overflow when added to its clock; this is three thousand years.
const TTL_MAX_MS: u128 = 100_000_000_000_000;

/// Reads and writes records.
pub(crate) struct RecordScripts {
    commit: Script,
    scan: Script,
    keys: Keys,
}

type Kept = (Option<u64>, Vec<u8>, String);

/// The record, unless it has expired.
fn live((version, data, ends): Kept, now: Timestamp) -> Option<Versioned> {
    let ends: Option<u64> = ends.parse().ok();
    let version = version?;
    ends.is_none_or(|ends| now < Timestamp::from_millis(ends)).then_some(Versioned { version, data })
}

impl RecordScripts {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            commit: Script::new(include_str!("lua/commit.lua")),
            scan: Script::new(include_str!("lua/scan.lua")),
            keys,
        }
    }

    pub(crate) async fn get(
        &self,
        pool: &Connections,
        key: &RecordKey,
        now: Timestamp,
    ) -> Result<Option<Versioned>, Unavailable> {
        let (version, data, ends): (Option<u64>, Option<Vec<u8>>, Option<String>) = cmd("HMGET")
            .arg(self.keys.record(key))
            .arg(&["version", "data", "ends"])
            .query_async(&mut pool.take().await?)
            .await
            .map_err(|_| Unavailable)?;
        Ok(live((version, data.unwrap_or_default(), ends.unwrap_or_default()), now))
    }

    pub(crate) async fn commit(
        &self,
        pool: &Connections,
        writes: &[Write],
        now: Timestamp,
    ) -> Result<(), CommitError> {
        if writes.len() > COMMIT_MAX_WRITES {
            return Err(CommitError::TooLarge);
        }
        let mut call = self.commit.prepare_invoke();
        call.key(self.keys.version()).arg(now.as_millis());
        for write in writes {
            call.key(self.keys.record(&write.key))
                .key(self.keys.index(write.key.kind))
                .arg(write.key.id.as_str());
            match write.expect {
                Expect::Absent => call.arg("absent"),
                Expect::Any => call.arg("any"),
                Expect::Version(version) => call.arg(version),
            };
            match &write.change {
                Change::Delete => call.arg("delete").arg("").arg("").arg(""),
                Change::Put { data, expires_at } => call
                    .arg("put")
                    .arg(data.as_slice())
                    .arg(expires_at.map_or(String::new(), |end| end.as_millis().to_string()))
                    .arg(expires_at.map_or(String::new(), |end| time_to_live(now, end))),
            };
        }
        let mut connection = pool.take().await.map_err(|Unavailable| CommitError::Unavailable)?;
        match call.invoke_async::<bool>(&mut connection).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(CommitError::Conflict),
            Err(error) if is_refusal(&error) => Err(CommitError::Unavailable),
            Err(_) => Err(CommitError::Unknown),
        }
    }

    pub(crate) async fn scan(
        &self,
        pool: &Connections,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        let limit = limit.min(SCAN_MAX_RECORDS);
        let from = after.map_or_else(|| "-".to_owned(), |id| format!("({}", id.as_str()));
        let mut call = self.scan.prepare_invoke();
        call.key(self.keys.index(kind)).arg(&from).arg(limit).arg(self.keys.records(kind));
        let looked_at: Vec<(String, Option<u64>, Vec<u8>, String)> = pool.run(&call).await?;
        let go_on = (looked_at.len() == limit).then(|| RecordId::parse(&looked_at.last()?.0)).flatten();
        let found = looked_at
            .into_iter()
            .filter_map(|(id, version, data, ends)| {
                Some((RecordId::parse(&id)?, live((version, data, ends), now)?))
            })
            .collect();
        Ok((found, go_on))
    }
}

/// At least a millisecond: Redis takes a time to live of zero for a deletion, which the clear-up time rules out.
fn time_to_live(now: Timestamp, end: Timestamp) -> String {
    let keep = now.until(end).saturating_add(CLEAR_UP_AFTER);
    keep.as_millis().min(TTL_MAX_MS).to_string()
}
