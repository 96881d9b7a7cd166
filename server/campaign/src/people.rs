//! Everything about people, over the store that all nodes share. Each part of it has a file of its own.

use crate::audience::MemberNumber;
use crate::kept::{self, Kept};
use crate::leaving::goes_at;
use crate::{Away, PersonalData};
use identity::{Derived, DeviceKeys, KeySet, Seals, Secret};
use protocol::{MemberId, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use storage::records::member::{Member, MemberKey};
use storage::records::revocation::{Revocation, Revoked};
use storage::{Expect, RecordKey, RecordKind, Records, Write};

/// People's records.
#[derive(Debug)]
pub struct People {
    pub(crate) records: Arc<dyn Records>,
    pub(crate) secrets: DeviceKeys,
    pub(crate) codes: Derived,
    pub(crate) links: Derived,
    pub(crate) rows: Derived,
    pub(crate) accounts: Derived,
    seals: Seals,
    /// Redemptions of one node queue here instead of conflicting in the store.
    pub(crate) redeeming: tokio::sync::Mutex<()>,
    /// Numbers that are taken and not given yet.
    pub(crate) numbers: tokio::sync::Mutex<VecDeque<MemberNumber>>,
    revoked_for: Duration,
}

/// A member, and what is known of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What everybody's record has.
    pub member: Member,
    /// What is personal.
    pub personal: PersonalData,
}

/// What no longer counts, for the node to act on at once; others learn of it from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoking {
    /// Of whom.
    pub revoked: Revoked,
    /// From which generation on a member's tokens count.
    pub counts_from: u64,
}

impl People {
    /// The people of a deployment. `revoked_for` is the longest life of a ticket.
    pub fn new(records: Arc<dyn Records>, keys: &KeySet, revoked_for: Duration) -> Self {
        Self {
            records,
            secrets: DeviceKeys::new(keys),
            codes: Derived::new(keys, "transfer codes"),
            links: Derived::new(keys, "personal links"),
            rows: Derived::new(keys, "imported rows"),
            accounts: Derived::new(keys, "external accounts"),
            seals: Seals::new(keys, "members"),
            redeeming: tokio::sync::Mutex::default(),
            numbers: tokio::sync::Mutex::default(),
            revoked_for,
        }
    }

    /// A member, and what is known of the person, if there is one.
    pub async fn person(&self, id: &MemberId, now: Timestamp) -> Result<Option<Person>, Away> {
        match self.member(id, now).await? {
            Some(kept) => Ok(Some(self.opened(kept.value, now).await?)),
            None => Ok(None),
        }
    }

    pub(crate) async fn member(&self, id: &MemberId, now: Timestamp) -> Result<Option<Kept<Member>>, Away> {
        kept::get(&*self.records, &member_key(id)?, now).await
    }

    /// A record with its personal part opened.
    pub(crate) async fn opened(&self, member: Member, now: Timestamp) -> Result<Person, Away> {
        let Some(sealed) = &member.personal else {
            return Ok(Person { member, personal: PersonalData::default() });
        };
        let key = self.key(&member.id, now).await?;
        // Without its key nothing is known any more.
        let Some(key) = key else {
            return Ok(Person { member, personal: PersonalData::default() });
        };
        let text = self.seals.open(&key, member.id.as_str(), sealed).map_err(|_| Away)?;
        let personal = kept::read(&text)?;
        Ok(Person { member, personal })
    }

    pub(crate) async fn key(&self, id: &MemberId, now: Timestamp) -> Result<Option<Secret>, Away> {
        let key = key_of_member(id)?;
        let kept = kept::get::<MemberKey>(&*self.records, &key, now).await?;
        kept.map(|kept| Secret::parse(&kept.value.key).map_err(|_| Away)).transpose()
    }

    /// A member's key, and the write that keeps it, if they had none yet.
    pub(crate) async fn key_or_fresh(
        &self,
        id: &MemberId,
        now: Timestamp,
    ) -> Result<(Secret, Option<Write>), Away> {
        if let Some(key) = self.key(id, now).await? {
            return Ok((key, None));
        }
        let (key, write) = fresh_key(id)?;
        Ok((key, Some(write)))
    }

    /// Seals a text for one place under a member's key.
    pub(crate) fn seal_text(&self, key: &Secret, place: &str, text: &str) -> Result<String, Away> {
        self.seals.seal(key, place, text.as_bytes()).map_err(|_| Away)
    }

    /// The text that was sealed for a place.
    pub(crate) fn open_text(&self, key: &Secret, place: &str, sealed: &str) -> Result<String, Away> {
        let text = self.seals.open(key, place, sealed).map_err(|_| Away)?;
        String::from_utf8(text).map_err(|_| Away)
    }

    /// Seals what is personal into a member's record; answers the writes that are needed beside the record's own.
    pub(crate) async fn seal(
        &self,
        member: &mut Member,
        personal: &PersonalData,
        now: Timestamp,
    ) -> Result<Option<Write>, Away> {
        let (key, write) = self.key_or_fresh(&member.id, now).await?;
        member.personal = Some(self.sealed(&member.id, &key, personal)?);
        Ok(write)
    }

    pub(crate) fn sealed(
        &self,
        id: &MemberId,
        key: &Secret,
        personal: &PersonalData,
    ) -> Result<String, Away> {
        let text = serde_json::to_vec(personal).map_err(|_| Away)?;
        self.seals.seal(key, id.as_str(), &text).map_err(|_| Away)
    }

    /// The write that makes something of somebody's no longer count at any node.
    pub(crate) fn revocation(&self, revoking: &Revoking, now: Timestamp) -> Result<Write, Away> {
        let key = kept::key(Revoked::KIND, &revoking.revoked.id())?;
        let value = Revocation { counts_from: revoking.counts_from };
        kept::put(key, Expect::Any, &value, Some(now.after(self.revoked_for)))
    }
}

/// A fresh key for what is personal of a member, and the write that keeps it.
pub(crate) fn fresh_key(id: &MemberId) -> Result<(Secret, Write), Away> {
    let key = Secret::random().map_err(|_| Away)?;
    let record = MemberKey { key: key.reveal() };
    let write = kept::put(key_of_member(id)?, Expect::Absent, &record, None)?;
    Ok((key, write))
}

/// Where the key to what is personal of a member is kept.
pub(crate) fn key_of_member(id: &MemberId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::MemberKey, id.as_str())
}

pub(crate) fn member_key(id: &MemberId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Member, id.as_str())
}

/// Whoever left has a record that goes by itself, whatever else is written into it.
pub(crate) fn put_member(member: &Member, expect: Expect) -> Result<Write, Away> {
    kept::put(member_key(&member.id)?, expect, member, member.left_at.map(goes_at))
}

/// A fresh member id: random, says nothing.
pub(crate) fn fresh_member_id() -> Result<MemberId, Away> {
    let mut text = Secret::random().map_err(|_| Away)?.reveal();
    text.truncate(22);
    MemberId::parse(&format!("m_{text}")).map_err(|_| Away)
}
