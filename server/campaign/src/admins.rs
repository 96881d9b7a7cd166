//! There is always somebody who can say who belongs: the last admin stays one.

use crate::Away;
use crate::kept;
use crate::leaving::LeaveError;
use crate::people::People;
use protocol::{Role, Timestamp};
use storage::records::SCAN_MAX_RECORDS;
use storage::records::member::{Member, Standing};
use storage::{Expect, RecordKey, RecordKind, Write};

impl People {
    /// The write that lets a member stop being an admin, if another one is there: of two admins who go at once, one is
    /// decided on again. Nothing, if they are none.
    pub(crate) async fn admin_goes(
        &self,
        going: &Member,
        now: Timestamp,
    ) -> Result<Option<Write>, LeaveError> {
        if !is_admin(going) {
            return Ok(None);
        }
        let guard = guard_key()?;
        // Read before the others are, so that whoever goes meanwhile is in the way of the commit.
        let kept = self.records.get(&guard, now).await.map_err(|_| Away)?;
        if !self.has_other_admin(going, now).await? {
            return Err(LeaveError::LastAdmin);
        }
        let expect = kept.map_or(Expect::Absent, |kept| Expect::Version(kept.version));
        Ok(Some(kept::put(guard, expect, &serde_json::json!({}), None)?))
    }

    async fn has_other_admin(&self, than: &Member, now: Timestamp) -> Result<bool, Away> {
        let mut after = None;
        loop {
            let (found, next) =
                self.records.scan(RecordKind::Member, after.as_ref(), SCAN_MAX_RECORDS, now).await?;
            for (_, record) in found {
                let member: Member = kept::read(&record.data)?;
                if member.id != than.id && is_admin(&member) {
                    return Ok(true);
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(false),
            }
        }
    }
}

pub(crate) fn is_admin(member: &Member) -> bool {
    member.standing == Standing::Active && member.roles.contains(&Role::Admin)
}

/// Changed by whoever stops being an admin.
fn guard_key() -> Result<RecordKey, Away> {
    kept::key(RecordKind::Deployment, "admins")
}
