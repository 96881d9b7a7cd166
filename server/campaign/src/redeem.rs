//! Coming in by an invite: at most as many as it allows, exactly one member for each attempt however often it is
//! repeated, everything in one commit.

use crate::Away;
use crate::changes;
use crate::devices::SignedIn;
use crate::import::personal_invite_key;
use crate::invites::{first_admin_key, invite_key, put_invite};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::passkeys::FIRST_PASSKEY_WITHIN;
use crate::people::{People, fresh_member_id, member_key};
use identity::{DeviceKeys, DeviceSecret, Secret};
use protocol::{DeviceId, Timestamp};
use storage::records::device::Device;
use storage::records::invite::{Invite, InviteRefusal};
use storage::records::member::{Member, Standing};
use storage::records::redemption::{REDEMPTION_WINDOW, Redemption};
use storage::{CommitError, Expect, RecordKey, RecordKind, Write};

protocol::limits! {
    /// Longest word that a client chooses for an attempt to come in; longer ones get 400.
    pub const ATTEMPT_MAX_BYTES: usize = 64 => unseen;
    /// Shortest such word, so that who holds the link too cannot guess it; shorter ones get 400.
    pub const ATTEMPT_MIN_BYTES: usize = 16 => unseen;
}

/// A client's own random word for one try to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt(String);

/// What became of an attempt that may have been made before.
#[derive(Debug)]
pub(crate) enum Before {
    /// It let this member in.
    In(Box<SignedIn>),
    /// It was not made.
    Never,
    /// It let somebody in who has been signed out since.
    Out,
}

/// Why nobody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
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

impl Attempt {
    /// Reads a word of 16 to 64 ASCII characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (ATTEMPT_MIN_BYTES..=ATTEMPT_MAX_BYTES).contains(&text.len()) && text.is_ascii();
        fits.then(|| Self(text.to_owned()))
    }

    /// The word.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl People {
    /// Makes a member of whoever holds this invite, and signs their device in. Repeating an attempt answers the same
    /// member and device, and uses the invite once.
    pub async fn redeem(
        &self,
        invite: &Secret,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<SignedIn, RedeemError> {
        // Whoever only guesses does not stand in the way of those who hold an invite.
        let mut key = invite_key(invite)?;
        if self.records.get(&key, now).await?.is_none() {
            key = personal_invite_key(invite)?;
            if self.records.get(&key, now).await?.is_none() {
                return Err(RedeemError::Unknown);
            }
        }
        let _turn = self.redeeming.lock().await;
        let redemption = redemption_key(invite, attempt)?;
        for _ in 0..CONFLICTS_MAX {
            match self.came_in_before(&redemption, now).await? {
                Before::In(come_in) => return Ok(*come_in),
                Before::Out => return Err(InviteRefusal::UsedUp.into()),
                Before::Never => {}
            }
            if let Some(come_in) = self.try_redeem(&key, &redemption, now).await? {
                return Ok(come_in);
            }
        }
        Err(RedeemError::Away)
    }

    /// What the same attempt came to before.
    pub(crate) async fn came_in_before(
        &self,
        redemption: &RecordKey,
        now: Timestamp,
    ) -> Result<Before, Away> {
        let Some(kept) = kept::get::<Redemption>(&*self.records, redemption, now).await? else {
            return Ok(Before::Never);
        };
        let Redemption { member, device } = kept.value;
        Ok(match (self.member(&member, now).await?, self.device_again(&device, now).await?) {
            (Some(member), Some((device, secret))) => {
                Before::In(Box::new(self.signed_in(member.value, &device, secret, now).await?))
            }
            (None, _) | (_, None) => Before::Out,
        })
    }

    /// One try; nothing if the records changed meanwhile.
    async fn try_redeem(
        &self,
        key: &RecordKey,
        redemption: &RecordKey,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, RedeemError> {
        let kept = kept::get::<Invite>(&*self.records, key, now).await?.ok_or(RedeemError::Unknown)?;
        let invite = kept.value.used(now)?;
        let mut writes = vec![put_invite(key.clone(), &invite, Expect::Version(kept.version))?];
        if invite.first_admin {
            let claim = first_admin_key()?;
            if self.records.get(&claim, now).await?.is_some() {
                return Err(InviteRefusal::UsedUp.into());
            }
            writes.push(kept::put(claim, Expect::Absent, &serde_json::json!({}), None)?);
        }
        let (mut member, expect) = self.member_by(&invite, now).await?;
        self.number(&mut member, now).await?;
        writes.push(changes::told(&member.id, now)?);
        let device = fresh_device()?;
        let record = Device {
            registers_until: Some(now.after(FIRST_PASSKEY_WITHIN)),
            ..Device::new(member.id.clone(), now)
        };
        self.add_device(&mut member, &device, &record, &mut writes, now)?;
        writes.push(kept::put(member_key(&member.id)?, expect, &member, None)?);
        writes.push(put_redemption(redemption, &member, &device, now)?);
        match self.records.commit(writes, now).await {
            Ok(()) => {
                let secret = DeviceSecret { device, generation: 0 };
                Ok(Some(self.signed_in(member, &record, secret, now).await?))
            }
            Err(CommitError::Conflict) => Ok(None),
            Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                Err(RedeemError::Away)
            }
        }
    }

    /// Who comes in by an invite: somebody new, or the one person it is for.
    async fn member_by(&self, invite: &Invite, now: Timestamp) -> Result<(Member, Expect), RedeemError> {
        let standing = if invite.needs_approval { Standing::Waiting } else { Standing::Active };
        if let Some(id) = &invite.member {
            let Kept { value, version } = self.member(id, now).await?.ok_or(RedeemError::Unknown)?;
            if value.standing == Standing::Left {
                // Their record goes in its time; who comes again comes as somebody new.
                return Err(RedeemError::Unknown);
            }
            return Ok((Member { standing, ..value }, Expect::Version(version)));
        }
        let member = Member {
            id: fresh_member_id()?,
            standing,
            roles: invite.roles.clone(),
            regions: invite.regions.clone(),
            teams: invite.teams.clone(),
            joined_at: now,
            revision: 1,
            generation: 0,
            devices: Vec::new(),
            left_at: None,
            number: None,
            personal: None,
        };
        Ok((member, Expect::Absent))
    }
}

pub(crate) fn fresh_device() -> Result<DeviceId, Away> {
    DeviceKeys::fresh_device().map_err(|_| Away)
}

pub(crate) fn redemption_key(secret: &Secret, attempt: &Attempt) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Redemption, secret.hash_with(attempt.as_str()).as_str())
}

pub(crate) fn put_redemption(
    key: &RecordKey,
    member: &Member,
    device: &DeviceId,
    now: Timestamp,
) -> Result<Write, Away> {
    let value = Redemption { member: member.id.clone(), device: device.clone() };
    kept::put(key.clone(), Expect::Absent, &value, Some(now.after(REDEMPTION_WINDOW)))
}
