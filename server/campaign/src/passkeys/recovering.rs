//! Who lost their passkeys begins anew by a code that another admin makes: all older passkeys go, and all devices.

use super::ceremony::Begun;
use super::registering::{By, Registered, Registering};
use super::ring::OwnPasskey;
use super::{PasskeyError, RECOVERY_TTL};
use crate::SignedIn;
use crate::kept::{self, Kept};
use crate::people::{People, put_member};
use crate::redeem::fresh_device;
use identity::{DeviceSecret, ProofKey, Secret};
use protocol::{MemberId, Timestamp};
use storage::records::device::Device;
use storage::records::member::Standing;
use storage::records::passkey::Recovery;
use storage::{Expect, RecordKey, RecordKind, Write};

/// A code, and until when it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The code; not for logs.
    pub code: Secret,
    /// Until when.
    pub ends: Timestamp,
}

impl People {
    /// Makes a code by which a member begins anew. `by` is the admin who makes it, for somebody else.
    pub async fn make_recovery(
        &self,
        member: &MemberId,
        by: &MemberId,
        now: Timestamp,
    ) -> Result<Recovered, PasskeyError> {
        if member == by {
            return Err(PasskeyError::OwnRecovery);
        }
        let kept = self.member(member, now).await?.ok_or(PasskeyError::MemberUnknown)?;
        if kept.value.standing == Standing::Left {
            return Err(PasskeyError::MemberUnknown);
        }
        let code = Secret::random().map_err(|_| PasskeyError::Away)?;
        let ends = now.after(RECOVERY_TTL);
        let record = Recovery { member: member.clone(), made_by: by.clone() };
        let write = kept::put(recovery_key(code.hash().as_str())?, Expect::Absent, &record, Some(ends))?;
        self.records.commit(vec![write], now).await.map_err(|_| PasskeyError::Away)?;
        Ok(Recovered { code, ends })
    }

    /// Whose code this is, so that they may begin to register a passkey. The code is used when that ends.
    pub async fn recovering(&self, code: &Secret, now: Timestamp) -> Result<Registering, PasskeyError> {
        let id = code.hash().as_str().to_owned();
        let kept = kept::get::<Recovery>(&*self.records, &recovery_key(&id)?, now).await?;
        let member = kept.ok_or(PasskeyError::RecoveryUnknown)?.value.member;
        let member = self.member(&member, now).await?.ok_or(PasskeyError::RecoveryUnknown)?.value;
        match member.standing {
            Standing::Active | Standing::Invited => {}
            Standing::Left | Standing::Waiting => return Err(PasskeyError::RecoveryUnknown),
        }
        // An admin knows whom they gave the code to.
        let person = self.opened(member, now).await?;
        Ok(Registering { person, on: By::Recovery(id), organises: true })
    }

    /// One try to use a code: one new passkey on one new device; nothing, if the records changed meanwhile.
    pub(super) async fn begin_anew(
        &self,
        begun: &Begun,
        code: &str,
        own: OwnPasskey,
        key: &ProofKey,
        now: Timestamp,
    ) -> Result<Option<Registered>, PasskeyError> {
        let code = recovery_key(code)?;
        let kept = kept::get::<Recovery>(&*self.records, &code, now).await?;
        let used = kept.ok_or(PasskeyError::RecoveryUnknown)?.version;
        let kept = self.member(&begun.ceremony.member, now).await?.ok_or(PasskeyError::RecoveryUnknown)?;
        let Kept { value: mut member, version } = kept;
        let mut ring = self.ring(&member.id, now).await?;
        let passkey = own.described();
        ring.passkeys = vec![own];
        let mut writes = vec![begun.ended(), Write { expect: Expect::Version(used), ..kept::delete(code) }];
        self.keep_ring(&member.id, &ring, &mut writes, now).await?;
        let old: Vec<_> = member.devices.drain(..).collect();
        let revoking = self.revoke_devices(member.number, &old, &mut writes, now)?;
        let record = Device {
            key: Some(key.as_text()),
            confirmed_at: Some(now),
            ..Device::new(member.id.clone(), now)
        };
        let device = fresh_device()?;
        self.add_device(&mut member, &device, &record, &mut writes, now)?;
        writes.push(put_member(&member, Expect::Version(version))?);
        if !kept::committed(&*self.records, writes, now).await? {
            return Ok(None);
        }
        let secret = DeviceSecret { device, generation: 0 };
        let signed_in: SignedIn = self.signed_in(member, &record, secret, now).await?;
        Ok(Some(Registered { signed_in, passkey, revoking, by_recovery: true }))
    }
}

fn recovery_key(id: &str) -> Result<RecordKey, PasskeyError> {
    Ok(kept::key(RecordKind::PasskeyRecovery, id)?)
}
