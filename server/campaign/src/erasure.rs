//! Erasing a member: the records go, and with them the key to what is personal. What was counted stays counted.

use crate::changes;
use crate::import::personal_invite_key;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::leaving::LeaveError;
use crate::passkeys::without_passkeys;
use crate::people::{People, Revoking, key_of_member, member_key};
use crate::sign_on::account_key;
use crate::{Away, PersonalData};
use protocol::{MemberId, Timestamp};
use storage::records::revocation::Revoked;
use storage::{CommitError, Expect, Write};

impl People {
    /// Takes a member out of the records, with what they and the organisers wrote to each other, and the key to what is
    /// personal: a copy of a record alone says no name and no text. Says what no longer counts; nothing, if there was nobody.
    pub async fn erase(&self, id: &MemberId, now: Timestamp) -> Result<Vec<Revoking>, LeaveError> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { value, version }) = self.member(id, now).await? else {
                return Ok(Vec::new());
            };
            // Before anything of a member goes who may have to stay.
            let guard = self.admin_goes(&value, now).await?;
            // Who writes into one of them now changes the member's record, and this is decided again.
            self.forget_conversations(id, now).await?;
            self.unassign_all_of(id, now).await?;
            let link = self.link_secret(id);
            let PersonalData { reference, account, .. } = self.opened(value.clone(), now).await?.personal;
            let gone = Revoking { revoked: Revoked::Member(id.clone()), counts_from: u64::MAX };
            let mut writes = vec![
                Write { expect: Expect::Version(version), ..kept::delete(member_key(id)?) },
                kept::delete(key_of_member(id)?),
                kept::delete(personal_invite_key(&link)?),
                self.revocation(&gone, now)?,
                changes::told(id, now)?,
            ];
            writes.extend(without_passkeys(id)?);
            if let Some(reference) = reference {
                writes.push(kept::delete(self.row_key(&reference)?));
            }
            if let Some(account) = account {
                writes.push(kept::delete(account_key(&account)?));
            }
            writes.extend(guard);
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
}
