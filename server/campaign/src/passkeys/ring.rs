//! A member's passkeys as they are kept: one record, sealed under the member's key, so that they go with it; and beside it
//! whose they are, for who signs in by one and has nothing else to show.

use super::PasskeyError;
use crate::Away;
use crate::kept::{self, CONFLICTS_MAX};
use crate::people::People;
use aws_lc_rs::digest;
use identity::Secret;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use storage::records::passkey::{Owner, PasskeyRing};
use storage::{Expect, RecordKey, RecordKind, Write};
use webauthn_rs::prelude::{AuthenticationResult, Passkey, Uuid};

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
    /// Whether it makes an organiser of its owner where they show it.
    pub organises: bool,
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
    /// Whether it makes an organiser of its owner where they show it. One that was registered as an activist does not, also
    /// when they become an organiser: whoever had a copy of their cookie may have registered it.
    #[serde(default = "yes")]
    pub(super) organises: bool,
    pub(super) passkey: Passkey,
}

/// What was kept before activists had passkeys is an organiser's.
pub(super) const fn yes() -> bool {
    true
}

impl OwnPasskey {
    pub(super) fn new(name: String, organises: bool, passkey: Passkey, now: Timestamp) -> Result<Self, Away> {
        let mut id = Secret::random().map_err(|_| Away)?.reveal();
        id.truncate(22);
        Ok(Self { id, name, created_at: now, last_used_at: None, organises, passkey })
    }

    pub(super) fn described(&self) -> Described {
        let Self { id, name, created_at, last_used_at, organises, .. } = self;
        Described {
            id: id.clone(),
            name: name.clone(),
            created_at: *created_at,
            last_used_at: *last_used_at,
            organises: *organises,
        }
    }

    /// It was shown now, as the library judged it.
    pub(super) fn shown(&mut self, shown: &AuthenticationResult, now: Timestamp) -> Result<(), PasskeyError> {
        let has_changed = self.passkey.update_credential(shown);
        if shown.counter() > 0 && has_changed == Some(false) {
            // Another ceremony saw this counter, or a later one, since this one was begun.
            return Err(PasskeyError::Cloned);
        }
        self.last_used_at = Some(now);
        Ok(())
    }
}

/// A member's passkeys, and what a change of them expects.
pub(super) struct Ring {
    pub(super) passkeys: Vec<OwnPasskey>,
    expect: Expect,
}

impl Ring {
    /// How many make an organiser of their owner.
    pub(super) fn organising(&self) -> usize {
        self.passkeys.iter().filter(|own| own.organises).count()
    }
}

/// Where a member's passkeys are kept.
pub(crate) fn ring_key(member: &MemberId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Passkeys, member.as_str())
}

/// What stands for a member in their authenticators: always the same, and nothing that says who it is.
pub(super) fn handle(member: &MemberId) -> Uuid {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"holdfast passkeys 1 ");
    context.update(member.as_str().as_bytes());
    let mut bytes = [0; 16];
    for (byte, of_hash) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *of_hash;
    }
    Uuid::from_bytes(bytes)
}

/// Where it is kept whose a handle is.
fn owner_key(handle: Uuid) -> Result<RecordKey, Away> {
    kept::key(RecordKind::PasskeyOwner, &handle.simple().to_string())
}

/// The writes after which a member has no passkey.
pub(crate) fn without_passkeys(member: &MemberId) -> Result<[Write; 2], Away> {
    Ok([kept::delete(ring_key(member)?), kept::delete(owner_key(handle(member))?)])
}

impl People {
    /// How many passkeys a member has that make an organiser of them.
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

    /// Whose passkeys a handle stands for.
    pub(super) async fn owner_of(&self, handle: Uuid, now: Timestamp) -> Result<Option<MemberId>, Away> {
        let kept = kept::get::<Owner>(&*self.records, &owner_key(handle)?, now).await?;
        Ok(kept.map(|kept| kept.value.member))
    }

    /// Calls a passkey something else.
    pub async fn rename_passkey(
        &self,
        member: &MemberId,
        id: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<Described, PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            let mut ring = self.ring(member, now).await?;
            let own = ring.passkeys.iter_mut().find(|own| own.id == id).ok_or(PasskeyError::Unknown)?;
            name.clone_into(&mut own.name);
            let described = own.described();
            let mut writes = Vec::new();
            self.keep_ring(member, &ring, &mut writes, now).await?;
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(described);
            }
        }
        Err(PasskeyError::Away)
    }

    /// Removes a passkey. Of who has to have one the last that makes an organiser of them stays.
    pub async fn remove_passkey(
        &self,
        member: &MemberId,
        id: &str,
        keeps_one: bool,
        now: Timestamp,
    ) -> Result<(), PasskeyError> {
        for _ in 0..CONFLICTS_MAX {
            let mut ring = self.ring(member, now).await?;
            let place = ring.passkeys.iter().position(|own| own.id == id).ok_or(PasskeyError::Unknown)?;
            let removed = ring.passkeys.remove(place);
            if keeps_one && removed.organises && ring.organising() == 0 {
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
        let record = PasskeyRing { count: ring.organising(), sealed };
        writes.push(kept::put(ring_key(member)?, ring.expect, &record, None)?);
        let owner = owner_key(handle(member))?;
        writes.push(if ring.passkeys.is_empty() {
            kept::delete(owner)
        } else {
            kept::put(owner, Expect::Any, &Owner { member: member.clone() }, None)?
        });
        Ok(())
    }
}

fn place(member: &MemberId) -> String {
    format!("{} passkeys", member.as_str())
}
