//! Push addresses in the store: one a device, sealed under its member's key, and gone when the device is signed out.

use super::{Choice, Endpoint, PushKeys};
use crate::Away;
use crate::devices::{DEVICE_TTL, device_key, put_device};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::People;
use protocol::{ChannelName, DeviceId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use storage::records::device::Device;
use storage::records::member::{Member, Standing};
use storage::{CommitError, Expect, RecordId, RecordKey, RecordKind, Write};

/// Where a push service takes what is for a device, and what that is to be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushAddress {
    /// The address.
    pub endpoint: Endpoint,
    /// Under which it is sealed.
    pub keys: PushKeys,
    /// What the member wants.
    pub choice: Choice,
    /// When the device told it last.
    pub since: Timestamp,
}

/// The record of an address. Who has it is known without a key, so that it can be found and removed.
#[derive(Serialize, Deserialize)]
struct AddressRecord {
    member: MemberId,
    sealed: String,
}

/// An address that was found, still sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundAddress {
    /// The record's id.
    pub id: RecordId,
    /// The number of the member whose device it is.
    pub number: u32,
    /// The device.
    pub device: DeviceId,
    /// The member.
    pub member: MemberId,
    sealed: String,
}

/// Why an address is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// The store did not answer.
    #[error(transparent)]
    Away(#[from] Away),
    /// The device is signed in no more, or its member is none yet.
    #[error("the device is not signed in")]
    Unknown,
}

impl People {
    /// Keeps where a device is reached; what was kept of it before is replaced.
    pub async fn keep_push(
        &self,
        member: &MemberId,
        device: &DeviceId,
        address: &PushAddress,
        now: Timestamp,
    ) -> Result<(), KeepError> {
        for _ in 0..CONFLICTS_MAX {
            let kept = self.member(member, now).await?.ok_or(KeepError::Unknown)?.value;
            let number =
                kept.number.filter(|_| kept.standing == Standing::Active).ok_or(KeepError::Unknown)?;
            let signed_in = kept::get::<Device>(&*self.records, &device_key(device)?, now).await?;
            let signed_in = signed_in.filter(|kept| kept.value.member == *member && !kept.value.is_stolen);
            let Kept { value, version } = signed_in.ok_or(KeepError::Unknown)?;
            let (key, fresh) = self.key_or_fresh(member, now).await?;
            let id = address_id(number, device);
            let text = serde_json::to_string(address).map_err(|_| Away)?;
            let record = AddressRecord { member: member.clone(), sealed: self.seal_text(&key, &id, &text)? };
            let mut writes = vec![
                // If it is signed out meanwhile, nothing is kept of it.
                put_device(device_key(device)?, &value, Expect::Version(version), now)?,
                kept::put(address_key(number, device)?, Expect::Any, &record, Some(now.after(DEVICE_TTL)))?,
            ];
            writes.extend(fresh);
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                    return Err(Away::from(error).into());
                }
            }
        }
        Err(Away.into())
    }

    /// Where a device of a member is reached, if it said so.
    pub async fn push_of(
        &self,
        member: &MemberId,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<Option<PushAddress>, Away> {
        let Some(Kept { value, .. }) = self.member(member, now).await? else { return Ok(None) };
        self.push_of_device(&value, device, now).await
    }

    /// Where a member's devices are reached, those that said so.
    pub(crate) async fn pushes_of(
        &self,
        member: &Member,
        now: Timestamp,
    ) -> Result<Vec<(DeviceId, PushAddress)>, Away> {
        let mut found = Vec::new();
        for device in &member.devices {
            if let Some(address) = self.push_of_device(member, device, now).await? {
                found.push((device.clone(), address));
            }
        }
        Ok(found)
    }

    async fn push_of_device(
        &self,
        member: &Member,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<Option<PushAddress>, Away> {
        let Some(number) = member.number else { return Ok(None) };
        match self.found_push(number, device, now).await? {
            Some(found) if found.member == member.id => self.open_push(&found, now).await,
            Some(_) | None => Ok(None),
        }
    }

    /// A device's address, still sealed, if there is one.
    pub async fn found_push(
        &self,
        number: u32,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<Option<FoundAddress>, Away> {
        let key = address_key(number, device)?;
        let record = kept::get::<AddressRecord>(&*self.records, &key, now).await?;
        Ok(record.map(|Kept { value: AddressRecord { member, sealed }, .. }| FoundAddress {
            id: key.id,
            number,
            device: device.clone(),
            member,
            sealed,
        }))
    }

    /// Addresses of members with this number or a greater one, in the order of numbers, after one of them; and where to go
    /// on, if there may be more. What cannot be read is passed over.
    pub async fn push_page(
        &self,
        from: u32,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<FoundAddress>, Option<RecordId>), Away> {
        let first = RecordId::parse(&format!("{from:08x}"));
        let from = after.max(first.as_ref());
        let (found, next) = self.records.scan(RecordKind::PushAddress, from, limit, now).await?;
        let read = |(id, record): (RecordId, storage::Versioned)| {
            let (number, device) = parts(&id)?;
            let AddressRecord { member, sealed } = kept::read(&record.data).ok()?;
            Some(FoundAddress { id, number, device, member, sealed })
        };
        Ok((found.into_iter().filter_map(read).collect(), next))
    }

    /// What an address says; nothing, if its member's key is gone or it is of an older form.
    pub async fn open_push(&self, found: &FoundAddress, now: Timestamp) -> Result<Option<PushAddress>, Away> {
        let Some(key) = self.key(&found.member, now).await? else { return Ok(None) };
        let text = self.open_text(&key, found.id.as_str(), &found.sealed).ok();
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Which of these channels a member reads. Nobody who is no member reads any.
    pub async fn reads(
        &self,
        member: &MemberId,
        channels: &[ChannelName],
        now: Timestamp,
    ) -> Result<Vec<ChannelName>, Away> {
        let Some(Kept { value, .. }) = self.member(member, now).await? else { return Ok(Vec::new()) };
        let regions = value.regions.iter().filter_map(|region| ChannelName::region(region).ok());
        let teams = value.teams.iter().filter_map(|team| ChannelName::team(team).ok());
        let mut own: Vec<ChannelName> = regions.chain(teams).collect();
        own.push(ChannelName::bulletins_all());
        Ok(channels.iter().filter(|channel| own.contains(channel)).cloned().collect())
    }

    /// Where the devices of a member are reached, still sealed.
    pub async fn found_pushes_of(
        &self,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<Vec<FoundAddress>, Away> {
        let Some(Kept { value, .. }) = self.member(member, now).await? else { return Ok(Vec::new()) };
        let Some(number) = value.number else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for device in &value.devices {
            found.extend(self.found_push(number, device, now).await?);
        }
        Ok(found)
    }

    /// Forgets where a device of a member is reached.
    pub async fn forget_push(
        &self,
        member: &MemberId,
        device: &DeviceId,
        now: Timestamp,
    ) -> Result<(), Away> {
        let Some(number) = self.member(member, now).await?.and_then(|kept| kept.value.number) else {
            return Ok(());
        };
        self.forget_push_of(number, device, now).await
    }

    /// The same, by the member's number: the push service says that there is no such device.
    pub async fn forget_push_of(&self, number: u32, device: &DeviceId, now: Timestamp) -> Result<(), Away> {
        self.records.commit(vec![kept::delete(address_key(number, device)?)], now).await?;
        Ok(())
    }
}

fn address_id(number: u32, device: &DeviceId) -> String {
    format!("{number:08x}.{}", device.as_str())
}

/// Where the address of a device is kept.
pub(crate) fn address_key(number: u32, device: &DeviceId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::PushAddress, &address_id(number, device))
}

/// The write that forgets where a device is reached, if its member has a number.
pub(crate) fn forgetting(number: Option<u32>, device: &DeviceId) -> Result<Option<Write>, Away> {
    number.map(|number| address_key(number, device).map(kept::delete)).transpose()
}

/// Whose device, and which, the id of such a record says.
pub(super) fn parts(id: &RecordId) -> Option<(u32, DeviceId)> {
    let (number, device) = id.as_str().split_once('.')?;
    Some((u32::from_str_radix(number, 16).ok()?, DeviceId::parse(device).ok()?))
}

impl fmt::Debug for PushAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushAddress(…)")
    }
}

impl fmt::Debug for FoundAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FoundAddress(…)")
    }
}
