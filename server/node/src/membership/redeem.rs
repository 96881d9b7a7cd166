//! Coming in by an invite: at most as many as it allows, exactly one member for each attempt however often it is
//! repeated, everything in one commit.

use super::{
    Away, CONFLICTS_MAX, DEVICE_TTL, Membership, bytes, first_admin_key, fresh_device, fresh_member_id,
    invite_key, key, put_invite, read,
};
use identity::Secret;
use protocol::{MemberId, Timestamp};
use storage::records::device::Device;
use storage::records::invite::{Invite, InviteRefusal};
use storage::records::member::Member;
use storage::records::redemption::{REDEMPTION_WINDOW, Redemption};
use storage::{Change, CommitError, Expect, RecordKey, RecordKind, Write};

/// Why nobody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedeemError {
    /// The store is away; the same attempt may be repeated.
    #[error("the store is away; try again later")]
    Away,
    /// The invite lets nobody in.
    #[error(transparent)]
    Refused(#[from] InviteRefusal),
    /// No such invite.
    #[error("there is no such invite")]
    Unknown,
}

impl From<Away> for RedeemError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl From<storage::Unavailable> for RedeemError {
    fn from(_: storage::Unavailable) -> Self {
        Self::Away
    }
}

impl Membership {
    /// Makes a member of whoever holds this invite, and signs their device in. `attempt` is the client's own random
    /// word for this try: repeating it answers the same member, and uses the invite once.
    pub(crate) async fn redeem(
        &self,
        invite: &Secret,
        attempt: &str,
        now: Timestamp,
    ) -> Result<(Member, Secret), RedeemError> {
        // Whoever only guesses does not stand in the way of those who hold an invite.
        if self.records.get(&invite_key(invite)?, now).await?.is_none() {
            return Err(RedeemError::Unknown);
        }
        let _turn = self.redeeming.lock().await;
        let redemption = key(RecordKind::Redemption, invite.hash_with(attempt).as_str())?;
        for _ in 0..CONFLICTS_MAX {
            if let Some(member) = self.redeemed_before(&redemption, now).await? {
                let device = fresh_device()?;
                let write = put_device(&device, &member.id, now)?;
                self.records.commit(vec![write], now).await.map_err(|_| Away)?;
                return Ok((member, device));
            }
            if let Some(come_in) = self.try_redeem(invite, &redemption, now).await? {
                return Ok(come_in);
            }
        }
        Err(RedeemError::Away)
    }

    async fn redeemed_before(
        &self,
        redemption: &RecordKey,
        now: Timestamp,
    ) -> Result<Option<Member>, RedeemError> {
        let Some(record) = self.records.get(redemption, now).await? else {
            return Ok(None);
        };
        let redemption = read::<Redemption>(&record.data).ok_or(Away)?;
        Ok(self.member(&redemption.member, now).await?)
    }

    /// One try; nothing if the records changed meanwhile.
    async fn try_redeem(
        &self,
        secret: &Secret,
        redemption: &RecordKey,
        now: Timestamp,
    ) -> Result<Option<(Member, Secret)>, RedeemError> {
        let invite_key = key(RecordKind::Invite, secret.hash().as_str())?;
        let record = self.records.get(&invite_key, now).await?.ok_or(RedeemError::Unknown)?;
        let invite = read::<Invite>(&record.data).ok_or(Away)?.used(now)?;
        let member = Member {
            id: fresh_member_id()?,
            name: None,
            roles: invite.roles.clone(),
            regions: invite.regions.clone(),
            teams: invite.teams.clone(),
            joined_at: now,
        };
        let device = fresh_device()?;
        let mut writes = vec![
            put_invite(invite_key, &invite, Expect::Version(record.version))?,
            put(key(RecordKind::Member, member.id.as_str())?, bytes(&member)?, None),
            put_device(&device, &member.id, now)?,
            put(
                redemption.clone(),
                bytes(&Redemption { member: member.id.clone() })?,
                Some(now.after(REDEMPTION_WINDOW)),
            ),
        ];
        if invite.first_admin {
            let claim = first_admin_key().ok_or(Away)?;
            if self.records.get(&claim, now).await?.is_some() {
                return Err(InviteRefusal::UsedUp.into());
            }
            writes.push(put(claim, b"{}".to_vec(), None));
        }
        match self.records.commit(writes, now).await {
            Ok(()) => Ok(Some((member, device))),
            Err(CommitError::Conflict) => Ok(None),
            Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                Err(RedeemError::Away)
            }
        }
    }
}

fn put(key: RecordKey, data: Vec<u8>, expires_at: Option<Timestamp>) -> Write {
    Write { key, expect: Expect::Absent, change: Change::Put { data, expires_at } }
}

fn put_device(device: &Secret, member: &MemberId, now: Timestamp) -> Result<Write, Away> {
    let record = Device { member: member.clone(), since: now };
    Ok(put(key(RecordKind::Device, device.hash().as_str())?, bytes(&record)?, Some(now.after(DEVICE_TTL))))
}
