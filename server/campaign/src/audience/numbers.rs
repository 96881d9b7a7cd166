//! Members' numbers, given in blocks: each once, by whatever node, and never again.

use super::MemberNumber;
use crate::Away;
use crate::kept::{self, CONFLICTS_MAX};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use storage::{CommitError, Expect, RecordKind, Records};

const RECORD: &str = "member-numbers";

/// The number that is given next.
#[derive(Serialize, Deserialize)]
struct Next {
    next: u32,
}

/// Takes so many numbers, one after the other. What is taken and not used is lost, which makes sets no larger. Away, too,
/// when there are no more: there are four thousand million.
pub async fn take(
    records: &dyn Records,
    how_many: u32,
    now: Timestamp,
) -> Result<impl Iterator<Item = MemberNumber> + use<>, Away> {
    let key = kept::key(RecordKind::Deployment, RECORD)?;
    for _ in 0..CONFLICTS_MAX {
        let found = kept::get::<Next>(records, &key, now).await?;
        let expect = found.as_ref().map_or(Expect::Absent, |found| Expect::Version(found.version));
        let first = found.map_or(0, |found| found.value.next);
        let next = first.checked_add(how_many).ok_or(Away)?;
        match records.commit(vec![kept::put(key.clone(), expect, &Next { next }, None)?], now).await {
            Ok(()) => return Ok((first..next).map(MemberNumber)),
            Err(CommitError::Conflict) => {}
            Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                return Err(error.into());
            }
        }
    }
    Err(Away)
}
