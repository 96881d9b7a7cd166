//! Devices: staying signed in, and being signed out, of one device or of all.

use crate::Away;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::passkeys::Confirmation;
use crate::people::{People, Person, Revoking, put_member};
use crate::web_push::addresses::forgetting;
use identity::principal::has_organising;
use identity::{DeviceSecret, ProofKey};
use protocol::{DeviceId, MemberId, Timestamp};
use std::time::Duration;
use storage::records::device::{Device, Showing};
use storage::records::member::{Member, Standing};
use storage::records::revocation::Revoked;
use storage::{CommitError, Expect, RecordKey, RecordKind, Write};

protocol::limits! {
    /// How long a device stays signed in without coming back.
    pub const DEVICE_TTL: Duration = Duration::from_hours(24 * 400) => unseen;
    /// How long whoever still holds a secret of a device that was signed out for theft is told why.
    pub const THEFT_TOLD_FOR: Duration = Duration::from_hours(24 * 30) => unseen;
}

/// Somebody who is signed in on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// On which device.
    pub device: DeviceId,
    /// What the device shows the next time; not for logs.
    pub secret: DeviceSecret,
    /// Whether the device is bound to a key, and when a passkey was shown on it.
    pub confirmation: Confirmation,
    /// How many passkeys they have; an organiser's alone are counted.
    pub passkeys: usize,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The store is away; ask again later.
    #[error("the store is away; try again later")]
    Away,
    /// An old secret was shown, so two hold secrets of the device: it is signed out now, if it was not before.
    #[error("somebody else has a secret of this device")]
    Stolen(Revoking),
    /// The device is bound to a key, and nobody proved that they hold it. Nothing was changed.
    #[error("the device did not prove that it holds its key")]
    Unproven,
    /// Not signed in, or not any more.
    #[error("the device is not signed in")]
    Unknown,
    /// Signed in, but an admin has not agreed yet.
    #[error("an admin has not agreed yet")]
    Waiting,
}

impl From<Away> for SignInError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl People {
    /// The cookie's text for a secret.
    pub fn reveal(&self, secret: &DeviceSecret) -> Result<String, Away> {
        self.secrets.reveal(secret).map_err(|_| Away)
    }

    /// Which device shows this text, if it is a secret of ours; whether it is signed in is not looked up.
    pub fn read_secret(&self, text: &str) -> Option<DeviceSecret> {
        self.secrets.read(text).ok()
    }

    /// Who is signed in on the device that shows this secret, and what it shows the next time; without a proof.
    pub async fn sign_in(&self, shown: &DeviceSecret, now: Timestamp) -> Result<SignedIn, SignInError> {
        self.sign_in_with(shown, |_| false, now).await
    }

    /// The same, where `proves` says whether whoever asks holds a key. Of a device that is bound to one nothing is changed
    /// without it: a copied cookie neither gets anything, nor signs anybody out.
    pub async fn sign_in_with(
        &self,
        shown: &DeviceSecret,
        proves: impl FnOnce(&ProofKey) -> bool,
        now: Timestamp,
    ) -> Result<SignedIn, SignInError> {
        let key = device_key(&shown.device)?;
        let kept = kept::get::<Device>(&*self.records, &key, now).await?.ok_or(SignInError::Unknown)?;
        if let Some(bound) = &kept.value.key
            && !ProofKey::of_text(bound).is_some_and(|bound| proves(&bound))
        {
            return Err(SignInError::Unproven);
        }
        let given = match kept.value.show(shown.generation, now) {
            Showing::Same => kept.value.given,
            Showing::Changed(changed) => {
                let write = put_device(key, &changed, Expect::Version(kept.version), now)?;
                match self.records.commit(vec![write], now).await {
                    Ok(()) => changed.given,
                    // Another request of the same device was first, or nothing can be changed now: next time.
                    Err(_) => shown.generation,
                }
            }
            Showing::Stolen => return Err(self.stolen(&shown.device, &kept.value, now).await?),
        };
        let member = self.belonging(&kept.value.member, now).await?;
        let secret = DeviceSecret { device: shown.device.clone(), generation: given };
        Ok(self.signed_in(member, &kept.value, secret, now).await?)
    }

    /// Who is signed in on the device that shows this secret, for whoever is about to show a passkey: nothing is changed, and
    /// no proof is asked for.
    pub async fn peek(&self, shown: &DeviceSecret, now: Timestamp) -> Result<SignedIn, SignInError> {
        let key = device_key(&shown.device)?;
        let kept = kept::get::<Device>(&*self.records, &key, now).await?.ok_or(SignInError::Unknown)?;
        match kept.value.show(shown.generation, now) {
            Showing::Stolen if kept.value.key.is_some() => return Err(SignInError::Unknown),
            Showing::Stolen => return Err(self.stolen(&shown.device, &kept.value, now).await?),
            Showing::Same | Showing::Changed(_) => {}
        }
        let member = self.belonging(&kept.value.member, now).await?;
        Ok(self.signed_in(member, &kept.value, shown.clone(), now).await?)
    }

    async fn belonging(&self, id: &MemberId, now: Timestamp) -> Result<Member, SignInError> {
        let member = self.member(id, now).await?.ok_or(SignInError::Unknown)?.value;
        match member.standing {
            Standing::Active | Standing::Invited => Ok(member),
            Standing::Left => Err(SignInError::Unknown),
            Standing::Waiting => Err(SignInError::Waiting),
        }
    }

    /// A member on a device, with what has to be known of their passkeys.
    pub(crate) async fn signed_in(
        &self,
        member: Member,
        device: &Device,
        secret: DeviceSecret,
        now: Timestamp,
    ) -> Result<SignedIn, Away> {
        let passkeys = if has_organising(&member.roles) { self.passkeys(&member.id, now).await? } else { 0 };
        Ok(SignedIn {
            person: self.opened(member, now).await?,
            device: secret.device.clone(),
            secret,
            confirmation: Confirmation::of(device),
            passkeys,
        })
    }

    /// Signs a device out because two hold secrets of it.
    async fn stolen(&self, id: &DeviceId, device: &Device, now: Timestamp) -> Result<SignInError, Away> {
        let revoking = Revoking { revoked: Revoked::Device(id.clone()), counts_from: 0 };
        if !device.is_stolen {
            let told = Device { is_stolen: true, ..device.clone() };
            let told = kept::put(device_key(id)?, Expect::Any, &told, Some(now.after(THEFT_TOLD_FOR)))?;
            let mut writes = vec![told, self.revocation(&revoking, now)?];
            let number = self.member(&device.member, now).await?.and_then(|kept| kept.value.number);
            writes.extend(forgetting(number, id)?);
            self.records.commit(writes, now).await?;
        }
        Ok(SignInError::Stolen(revoking))
    }

    /// The key that a device is bound to, if it is to one.
    pub async fn key_of(&self, id: &DeviceId, now: Timestamp) -> Result<Option<ProofKey>, Away> {
        let kept = kept::get::<Device>(&*self.records, &device_key(id)?, now).await?;
        match kept.and_then(|kept| kept.value.key) {
            None => Ok(None),
            Some(text) => ProofKey::of_text(&text).map(Some).ok_or(Away),
        }
    }

    /// The devices of a member, the oldest first.
    pub async fn devices(&self, member: &Member, now: Timestamp) -> Result<Vec<(DeviceId, Device)>, Away> {
        let mut devices = Vec::new();
        for id in &member.devices {
            if let Some(device) = kept::get(&*self.records, &device_key(id)?, now).await? {
                devices.push((id.clone(), device.value));
            }
        }
        Ok(devices)
    }

    /// Signs a device out; says what no longer counts, if it was signed in.
    pub async fn sign_out(&self, id: &DeviceId, now: Timestamp) -> Result<Vec<Revoking>, Away> {
        // Nobody made up: a device that is not signed in has no tickets.
        match kept::get::<Device>(&*self.records, &device_key(id)?, now).await? {
            Some(device) => self.sign_out_of(&device.value.member, |device| device == id, now).await,
            None => Ok(Vec::new()),
        }
    }

    /// Signs those devices of a member out that are meant; says what no longer counts.
    pub async fn sign_out_of(
        &self,
        member: &MemberId,
        is_meant: impl Fn(&DeviceId) -> bool + Send,
        now: Timestamp,
    ) -> Result<Vec<Revoking>, Away> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { mut value, version }) = self.member(member, now).await? else {
                return Ok(Vec::new());
            };
            let (out, stay): (Vec<DeviceId>, Vec<DeviceId>) = value.devices.drain(..).partition(&is_meant);
            if out.is_empty() {
                return Ok(Vec::new());
            }
            value.devices = stay;
            let mut writes = vec![put_member(&value, Expect::Version(version))?];
            let revoking = self.revoke_devices(value.number, &out, &mut writes, now)?;
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok(revoking),
                Err(CommitError::Conflict) => {}
                Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                    return Err(Away);
                }
            }
        }
        Err(Away)
    }

    /// Adds the writes that take devices of the member with this number away, and with them their tickets and where they are
    /// reached.
    pub(crate) fn revoke_devices(
        &self,
        number: Option<u32>,
        devices: &[DeviceId],
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<Vec<Revoking>, Away> {
        let mut revoking = Vec::new();
        for device in devices {
            let revoked = Revoking { revoked: Revoked::Device(device.clone()), counts_from: 0 };
            writes.push(kept::delete(device_key(device)?));
            writes.extend(forgetting(number, device)?);
            writes.push(self.revocation(&revoked, now)?);
            revoking.push(revoked);
        }
        Ok(revoking)
    }

    /// Adds the writes that sign a member in on a device; the record itself is written by whoever asks.
    pub(crate) fn add_device(
        &self,
        member: &mut Member,
        device: &DeviceId,
        record: &Device,
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<(), Away> {
        let oldest = member.signed_in(device.clone());
        self.revoke_devices(member.number, oldest.as_slice(), writes, now)?;
        writes.push(put_device(device_key(device)?, record, Expect::Absent, now)?);
        Ok(())
    }

    /// A device and the secret that it shows next, if it is still signed in; for whoever lost the answer that had it. One
    /// that is bound to a key since got that answer.
    pub(crate) async fn device_again(
        &self,
        id: &DeviceId,
        now: Timestamp,
    ) -> Result<Option<(Device, DeviceSecret)>, Away> {
        let device = kept::get::<Device>(&*self.records, &device_key(id)?, now).await?;
        let device = device.map(|kept| kept.value).filter(|device| !device.is_stolen && device.key.is_none());
        Ok(device.map(|device| {
            let secret = DeviceSecret { device: id.clone(), generation: device.given };
            (device, secret)
        }))
    }
}

pub(crate) fn device_key(id: &DeviceId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Device, id.as_str())
}

pub(crate) fn put_device(
    key: RecordKey,
    device: &Device,
    expect: Expect,
    now: Timestamp,
) -> Result<Write, Away> {
    kept::put(key, expect, device, Some(now.after(DEVICE_TTL)))
}
