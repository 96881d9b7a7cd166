//! A member's passkeys as they are kept: one record, sealed under the member's key, so that they go with it.

use super::PasskeyError;
use crate::Away;
use crate::kept::{self, CONFLICTS_MAX};
use crate::people::People;
use identity::Secret;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use storage::records::passkey::PasskeyRing;
use storage::{Expect, RecordKey, RecordKind, Write};
use webauthn_rs::prelude::Passkey;

/// A passkey, as its owner knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Described {
    /// Random; says nothing.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was shown last.
    pub last_used_at: Option<Timestamp>,
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Described(…)")
    }
}

/// A passkey, with what it takes to check it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OwnPasskey {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) passkey: Passkey,
}

impl OwnPasskey {
    pub(super) fn new(name: String, passkey: Passkey, now: Timestamp) -> Result<Self, Away> {
        let mut id = Secret::random().map_err(|_| Away)?.reveal();
        id.truncate(22);
        Ok(Self { id, name, created_at: now, last_used_at: None, passkey })
    }

    pub(super) fn described(&self) -> Described {
        let Self { id, name, created_at, last_used_at, .. } = self;
        Described { id: id.clone(), name: name.clone(), created_at: *created_at, last_used_at: *last_used_at }
    }
}

/// A member's passkeys, and what a change of them expects.
pub(super) struct Ring {
    pub(super) passkeys: Vec<OwnPasskey>,
    expect: Expect,
}

/// Where a member's passkeys are kept.
pub(crate) fn ring_key(member: &MemberId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Passkeys, member.as_str())
}

impl People {
    /// How many passkeys a member has.
    pub(crate) async fn passkeys(&self, member: &MemberId, now: Timestamp) -> Result<usize, Away> {
        let kept = kept::get::<PasskeyRing>(&*self.records, &ring_key(member)?, now).await?;
        Ok(kept.map_or(0, |kept| kept.value.count))
    }

    /// A member's passkeys, the oldest first.
    pub async fn described_passkeys(
        &self,
        member: &MemberId,
        now: Timestamp,
    ) -> Result<Vec<Described>, Away> {
        let ring = self.ring(member, now).await?;
        Ok(ring.passkeys.iter().map(OwnPasskey::described).collect())
    }

    /// Removes a passkey. Of who has to have one the last stays.
    pub async fn remove_passkey(
        &self,
        member: &MemberId,
        id: &str,
        keeps_one: bool,
        now: Timestamp,
    ) -> Result<(), PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            let mut ring = self.ring(member, now).await?;
            let before = ring.passkeys.len();
            ring.passkeys.retain(|own| own.id != id);
            if ring.passkeys.len() == before {
                return Err(PasskeyError::Unknown);
            }
            if ring.passkeys.is_empty() && keeps_one {
                return Err(PasskeyError::Last);
            }
            let mut writes = Vec::new();
            self.keep_ring(member, &ring, &mut writes, now).await?;
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(());
            }
        }
        Err(PasskeyError::Away)
    }

    pub(super) async fn ring(&self, member: &MemberId, now: Timestamp) -> Result<Ring, Away> {
        let Some(kept) = kept::get::<PasskeyRing>(&*self.records, &ring_key(member)?, now).await? else {
            return Ok(Ring { passkeys: Vec::new(), expect: Expect::Absent });
        };
        let passkeys = match self.key(member, now).await? {
            Some(key) => kept::read(self.open_text(&key, &place(member), &kept.value.sealed)?.as_bytes())?,
            // Without their key nothing is known any more.
            None => Vec::new(),
        };
        Ok(Ring { passkeys, expect: Expect::Version(kept.version) })
    }

    /// Adds the writes that make these a member's passkeys, if nobody changed them since they were read.
    pub(super) async fn keep_ring(
        &self,
        member: &MemberId,
        ring: &Ring,
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<(), Away> {
        let (key, fresh) = self.key_or_fresh(member, now).await?;
        writes.extend(fresh);
        let text = serde_json::to_string(&ring.passkeys).map_err(|_| Away)?;
        let sealed = self.seal_text(&key, &place(member), &text)?;
        let record = PasskeyRing { count: ring.passkeys.len(), sealed };
        writes.push(kept::put(ring_key(member)?, ring.expect, &record, None)?);
        Ok(())
    }
}

fn place(member: &MemberId) -> String {
    format!("{} passkeys", member.as_str())
}
