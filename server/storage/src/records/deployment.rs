//! What all nodes of a deployment share: recorded by the first, compared by the others.

use super::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Write};
use protocol::Timestamp;

/// How a node's keys compare with what the store has recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysClaim {
    /// Another set of keys belongs to this store: the node must not start.
    Differ,
    /// The same keys, or the first ever: they are recorded now.
    Match,
}

/// Records the fingerprint of a node's keys if it is the first, else compares it.
pub async fn claim_keys(
    records: &dyn Records,
    fingerprint: &str,
    now: Timestamp,
) -> Result<KeysClaim, CommitError> {
    let Some(id) = RecordId::parse("keys") else {
        return Err(CommitError::Unavailable);
    };
    let key = RecordKey { kind: RecordKind::Deployment, id };
    let put = Change::Put { data: fingerprint.as_bytes().to_vec(), expires_at: None };
    let first = Write { key: key.clone(), expect: Expect::Absent, change: put };
    match records.commit(vec![first], now).await {
        Ok(()) => Ok(KeysClaim::Match),
        Err(CommitError::Conflict) => {
            let recorded = records.get(&key, now).await.map_err(|_| CommitError::Unavailable)?;
            let matches = recorded.is_some_and(|recorded| recorded.data == fingerprint.as_bytes());
            Ok(if matches { KeysClaim::Match } else { KeysClaim::Differ })
        }
        Err(error) => Err(error),
    }
}
