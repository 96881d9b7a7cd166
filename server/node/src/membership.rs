//! How people come in and stay: invites, devices, sessions. Decisions are the records' own; this is the order of
//! reads and writes around them.

mod redeem;

pub(crate) use redeem::RedeemError;

use crate::clock;
use crate::http::admit::TICKET_TTL;
use identity::Secret;
use identity::access_token::CLOCK_LEEWAY;
use protocol::{MemberId, Role, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use std::time::Duration;
use storage::records::device::Device;
use storage::records::invite::Invite;
use storage::records::member::Member;
use storage::{Change, CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Unavailable, Write};

protocol::limits! {
    /// How long a device stays signed in without coming back.
    const DEVICE_TTL: Duration = Duration::from_hours(24 * 400) => unseen;
    /// How long the first admin's link works.
    const FIRST_ADMIN_TTL: Duration = Duration::from_hours(24) => unseen;
    /// How long an invite that is over is kept, so that its links say why they no longer work.
    const INVITE_KEPT_AFTER_END: Duration = Duration::from_hours(24 * 90) => unseen;
    /// Most invites that one listing answers.
    pub(crate) const INVITES_LISTED_MAX: usize = 500 => unseen;
    /// How often a change is decided again because another changed the same record meanwhile; then it fails for now.
    const CONFLICTS_MAX: usize = 16 => shown "holdfast_store_operations";
}

/// People's records, in the store that all nodes share.
#[derive(Debug)]
pub(crate) struct Membership {
    records: Arc<dyn Records>,
    /// Redemptions of one node queue here instead of conflicting in the store.
    redeeming: tokio::sync::Mutex<()>,
}

/// What an invite is to be.
#[derive(Debug, Clone)]
pub(crate) struct InviteTerms {
    pub(crate) roles: Vec<Role>,
    pub(crate) regions: Vec<String>,
    pub(crate) teams: Vec<String>,
    pub(crate) max_uses: u32,
    pub(crate) ttl: Duration,
}

/// Something of a member's could not be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store is away; try again later")]
pub(crate) struct Away;

impl From<Unavailable> for Away {
    fn from(_: Unavailable) -> Self {
        Self
    }
}

impl From<CommitError> for Away {
    fn from(_: CommitError) -> Self {
        Self
    }
}

impl Membership {
    pub(crate) fn new(records: Arc<dyn Records>) -> Self {
        Self { records, redeeming: tokio::sync::Mutex::default() }
    }

    /// Makes an invite; the secret goes into its link and is not kept.
    pub(crate) async fn invite(&self, terms: InviteTerms, now: Timestamp) -> Result<(Secret, Invite), Away> {
        self.make_invite(terms, false, now).await
    }

    /// Makes the link that makes its user the first admin; nothing if there has been one.
    pub(crate) async fn first_admin_invite(&self, now: Timestamp) -> Result<Option<Secret>, Away> {
        if self.records.get(&first_admin_key().ok_or(Away)?, now).await?.is_some() {
            return Ok(None);
        }
        let terms = InviteTerms {
            roles: vec![Role::Admin, Role::Sender, Role::Approver],
            regions: Vec::new(),
            teams: Vec::new(),
            max_uses: 1,
            ttl: FIRST_ADMIN_TTL,
        };
        let (secret, _) = self.make_invite(terms, true, now).await?;
        Ok(Some(secret))
    }

    async fn make_invite(
        &self,
        terms: InviteTerms,
        first_admin: bool,
        now: Timestamp,
    ) -> Result<(Secret, Invite), Away> {
        let secret = Secret::random().map_err(|_| Away)?;
        let invite = Invite {
            roles: terms.roles,
            regions: terms.regions,
            teams: terms.teams,
            max_uses: terms.max_uses,
            uses: 0,
            expires_at: now.after(terms.ttl),
            revoked: false,
            first_admin,
            created_at: now,
        };
        let write = put_invite(invite_key(&secret)?, &invite, Expect::Absent)?;
        self.records.commit(vec![write], now).await?;
        Ok((secret, invite))
    }

    /// Invites with their ids, the newest first.
    pub(crate) async fn invites(&self, now: Timestamp) -> Result<Vec<(String, Invite)>, Away> {
        let (found, _) = self.records.scan(RecordKind::Invite, None, INVITES_LISTED_MAX, now).await?;
        let mut invites: Vec<(String, Invite)> = found
            .into_iter()
            .filter_map(|(id, record)| Some((id.as_str().to_owned(), read::<Invite>(&record.data)?)))
            .filter(|(_, invite)| !invite.first_admin)
            .collect();
        invites.sort_by_key(|(_, invite)| std::cmp::Reverse(invite.created_at));
        Ok(invites)
    }

    /// Takes an invite back; says whether there was one.
    pub(crate) async fn revoke_invite(&self, id: &str, now: Timestamp) -> Result<bool, Away> {
        let Some(id) = RecordId::parse(id) else {
            return Ok(false);
        };
        let key = RecordKey { kind: RecordKind::Invite, id };
        for _ in 0..CONFLICTS_MAX {
            let Some(record) = self.records.get(&key, now).await? else {
                return Ok(false);
            };
            let mut invite = read::<Invite>(&record.data).ok_or(Away)?;
            invite.revoked = true;
            let write = put_invite(key.clone(), &invite, Expect::Version(record.version))?;
            match self.records.commit(vec![write], now).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict) => {}
                Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                    return Err(Away);
                }
            }
        }
        Err(Away)
    }

    /// The member who is signed in on the device with this secret.
    pub(crate) async fn member_of_device(
        &self,
        device: &Secret,
        now: Timestamp,
    ) -> Result<Option<Member>, Away> {
        let key = key(RecordKind::Device, device.hash().as_str())?;
        let Some(record) = self.records.get(&key, now).await? else {
            return Ok(None);
        };
        let device = read::<Device>(&record.data).ok_or(Away)?;
        self.member(&device.member, now).await
    }

    /// Signs a device out, and revokes the tickets that it has.
    pub(crate) async fn sign_out(&self, device: &Secret, now: Timestamp) -> Result<(), Away> {
        let hash = device.hash();
        // Nobody made up: a device that is not signed in has no tickets.
        let key_of_device = key(RecordKind::Device, hash.as_str())?;
        if self.records.get(&key_of_device, now).await?.is_none() {
            return Ok(());
        }
        let leave = Write { key: key_of_device, expect: Expect::Any, change: Change::Delete };
        let revoke = Write {
            key: key(RecordKind::Revocation, hash.as_str())?,
            expect: Expect::Any,
            change: Change::Put { data: Vec::new(), expires_at: Some(now.after(TICKET_TTL + CLOCK_LEEWAY)) },
        };
        Ok(self.records.commit(vec![leave, revoke], now).await?)
    }

    async fn member(&self, id: &MemberId, now: Timestamp) -> Result<Option<Member>, Away> {
        let record = self.records.get(&key(RecordKind::Member, id.as_str())?, now).await?;
        record.map(|record| read::<Member>(&record.data).ok_or(Away)).transpose()
    }
}

fn key(kind: RecordKind, id: &str) -> Result<RecordKey, Away> {
    RecordId::parse(id).map(|id| RecordKey { kind, id }).ok_or(Away)
}

/// Claimed by whoever becomes the first admin: of several links only one works.
fn first_admin_key() -> Option<RecordKey> {
    RecordId::parse("first-admin").map(|id| RecordKey { kind: RecordKind::Deployment, id })
}

/// The key of the invite whose link carries this secret.
fn invite_key(secret: &Secret) -> Result<RecordKey, Away> {
    key(RecordKind::Invite, secret.hash().as_str())
}

fn put_invite(key: RecordKey, invite: &Invite, expect: Expect) -> Result<Write, Away> {
    let expires_at = Some(invite.expires_at.after(INVITE_KEPT_AFTER_END));
    Ok(Write { key, expect, change: Change::Put { data: bytes(invite)?, expires_at } })
}

fn read<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    serde_json::from_slice(data).ok()
}

fn bytes<T: Serialize>(record: &T) -> Result<Vec<u8>, Away> {
    serde_json::to_vec(record).map_err(|_| Away)
}

fn fresh_device() -> Result<Secret, Away> {
    Secret::random().map_err(|_| Away)
}

fn fresh_member_id() -> Result<MemberId, Away> {
    clock::fresh_member().map_err(|_| Away)
}

#[cfg(test)]
mod tests;
