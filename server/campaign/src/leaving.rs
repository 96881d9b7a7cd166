//! Leaving: a member stops belonging, by themselves. They are signed out everywhere, sent nothing and counted nowhere;
//! what is kept of them goes in its time. Who comes again, by an invite, comes as somebody new.

use crate::changes;
use crate::import::personal_invite_key;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::passkeys::without_passkeys;
use crate::people::{People, Revoking, key_of_member, put_member};
use crate::sign_on::account_key;
use crate::{Away, PersonalData};
use protocol::{MemberId, Timestamp};
use std::time::Duration;
use storage::records::import::ImportRow;
use storage::records::member::{Member, MemberKey, Standing};
use storage::records::revocation::Revoked;
use storage::{CommitError, Expect, Write};

protocol::limits! {
    /// How long the record of a member who left is kept, with their key: as long as what they wrote to organisers.
    pub const LEFT_KEPT_FOR: Duration = Duration::from_hours(24 * 180) => unseen;
}

/// Why a member is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaveError {
    /// The store is away; the same may be asked again.
    #[error(transparent)]
    Away(#[from] Away),
    /// Nobody could say afterwards who belongs.
    #[error("the last admin stays until there is another")]
    LastAdmin,
}

/// When the record of somebody goes who left then.
pub(crate) fn goes_at(left_at: Timestamp) -> Timestamp {
    left_at.after(LEFT_KEPT_FOR)
}

impl People {
    /// Lets a member leave. Says what no longer counts; nothing, if they are not there.
    pub async fn leave(&self, id: &MemberId, now: Timestamp) -> Result<Vec<Revoking>, LeaveError> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { value, version }) = self.member(id, now).await? else {
                return Ok(Vec::new());
            };
            if value.standing == Standing::Left {
                return Ok(Vec::new());
            }
            let gone = Revoking { revoked: Revoked::Member(id.clone()), counts_from: u64::MAX };
            let left = Member {
                standing: Standing::Left,
                left_at: Some(now),
                revision: value.revision.saturating_add(1),
                generation: value.generation.saturating_add(1),
                devices: Vec::new(),
                number: None,
                ..value.clone()
            };
            let mut writes = vec![
                put_member(&left, Expect::Version(version))?,
                kept::delete(personal_invite_key(&self.link_secret(id))?),
                self.revocation(&gone, now)?,
                changes::told(id, now)?,
            ];
            writes.extend(without_passkeys(id)?);
            writes.extend(self.admin_goes(&value, now).await?);
            writes.extend(self.go_with(&value, goes_at(now), now).await?);
            let mut revoking = self.revoke_devices(value.number, &value.devices, &mut writes, now)?;
            revoking.push(gone);
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok(revoking),
                Err(CommitError::Conflict) => {}
                Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                    return Err(Away::from(error).into());
                }
            }
        }
        Err(Away.into())
    }

    /// The writes that let a member's key, and what came of their row of a list, go when their record does: a row without
    /// its member would be in the way of the next list.
    async fn go_with(&self, member: &Member, at: Timestamp, now: Timestamp) -> Result<Vec<Write>, Away> {
        let mut writes = Vec::new();
        let key = key_of_member(&member.id)?;
        if let Some(Kept { value, version }) = kept::get::<MemberKey>(&*self.records, &key, now).await? {
            writes.push(kept::put(key, Expect::Version(version), &value, Some(at))?);
        }
        let PersonalData { reference, account, .. } = self.opened(member.clone(), now).await?.personal;
        if let Some(account) = account {
            // Who signs on again comes as somebody new.
            writes.push(kept::delete(account_key(&account)?));
        }
        if let Some(reference) = reference {
            let key = self.row_key(&reference)?;
            if let Some(Kept { value, version }) = kept::get::<ImportRow>(&*self.records, &key, now).await? {
                writes.push(kept::put(key, Expect::Version(version), &value, Some(at))?);
            }
        }
        Ok(writes)
    }
}
