//! Invites: made, listed and withdrawn by admins.

use crate::kept::{self, CONFLICTS_MAX};
use crate::page::PAGE_MAX;
use crate::people::People;
use crate::{Away, Cursor, Page, Rights};
use identity::Secret;
use protocol::{MemberId, Role, Timestamp};
use std::cmp::Reverse;
use std::time::Duration;
use storage::records::invite::Invite;
use storage::{CommitError, Expect, RecordId, RecordKey, RecordKind, Write};

protocol::limits! {
    /// How long the first admin's link works.
    pub const FIRST_ADMIN_TTL: Duration = Duration::from_hours(24) => unseen;
    /// How long an invite that is over is kept, so that its links say why they no longer work.
    pub const INVITE_KEPT_AFTER_END: Duration = Duration::from_hours(24 * 90) => unseen;
    /// Most people that one invite lets in; an invite for more is refused with 400.
    pub const INVITE_USES_MAX: u32 = 100_000 => unseen;
    /// Longest life of an invite; a longer one is refused with 400.
    pub const INVITE_TTL_MAX: Duration = Duration::from_hours(24 * 90) => unseen;
}

/// What an invite is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteTerms {
    rights: Rights,
    max_uses: u32,
    ttl: Duration,
    needs_approval: bool,
}

/// Why an invite cannot be made like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTerms {
    /// Nobody would come in by it, or too many.
    #[error("max_uses is between 1 and 100000")]
    Uses,
    /// It would be over at once, or last too long.
    #[error("expires_in_s is between 1 and 7776000 (90 days)")]
    Ttl,
}

impl InviteTerms {
    /// Terms that make sense.
    pub fn new(
        rights: Rights,
        max_uses: u32,
        ttl: Duration,
        needs_approval: bool,
    ) -> Result<Self, InvalidTerms> {
        if max_uses == 0 || max_uses > INVITE_USES_MAX {
            return Err(InvalidTerms::Uses);
        }
        if ttl.is_zero() || ttl > INVITE_TTL_MAX {
            return Err(InvalidTerms::Ttl);
        }
        Ok(Self { rights, max_uses, ttl, needs_approval })
    }

    fn invite(self, made_by: Option<MemberId>, now: Timestamp) -> Invite {
        Invite {
            roles: self.rights.roles,
            regions: self.rights.regions,
            teams: self.rights.teams,
            max_uses: self.max_uses,
            uses: 0,
            expires_at: now.after(self.ttl),
            revoked: false,
            first_admin: made_by.is_none(),
            needs_approval: self.needs_approval,
            member: None,
            made_by,
            created_at: now,
        }
    }
}

impl People {
    /// Makes an invite of an admin's; the secret goes into its link and is not kept.
    pub async fn invite(
        &self,
        terms: InviteTerms,
        by: &MemberId,
        now: Timestamp,
    ) -> Result<(Secret, Invite), Away> {
        self.make_invite(terms.invite(Some(by.clone()), now), now).await
    }

    /// Makes the link that makes its user the first admin; nothing if there has been one.
    pub async fn first_admin_invite(&self, now: Timestamp) -> Result<Option<Secret>, Away> {
        if self.records.get(&first_admin_key()?, now).await?.is_some() {
            return Ok(None);
        }
        let roles = vec![Role::Admin, Role::Approver, Role::Sender];
        let terms = InviteTerms {
            rights: Rights { roles, ..Rights::default() },
            max_uses: 1,
            ttl: FIRST_ADMIN_TTL,
            needs_approval: false,
        };
        let (secret, _) = self.make_invite(terms.invite(None, now), now).await?;
        Ok(Some(secret))
    }

    async fn make_invite(&self, invite: Invite, now: Timestamp) -> Result<(Secret, Invite), Away> {
        let secret = Secret::random().map_err(|_| Away)?;
        let write = put_invite(invite_key(&secret)?, &invite, Expect::Absent)?;
        self.records.commit(vec![write], now).await?;
        Ok((secret, invite))
    }

    /// The invites that an admin made, with their ids. All of them are looked at; there are as many as admins made.
    pub async fn invites_by(&self, by: &MemberId, now: Timestamp) -> Result<Vec<(String, Invite)>, Away> {
        let (mut made, mut after) = (Vec::new(), None);
        loop {
            let Page { items, next } = self.invites(after.as_ref(), PAGE_MAX, now).await?;
            made.extend(items.into_iter().filter(|(_, invite)| invite.made_by.as_ref() == Some(by)));
            after = next;
            if after.is_none() {
                return Ok(made);
            }
        }
    }

    /// A page of invites with their ids, the newest of the page first; links for one person alone, and the first admin's, are not among them.
    pub async fn invites(
        &self,
        after: Option<&Cursor>,
        size: usize,
        now: Timestamp,
    ) -> Result<Page<(String, Invite)>, Away> {
        let after = after.map(Cursor::id);
        let (found, next) = self.records.scan(RecordKind::Invite, after, size, now).await?;
        let mut items = Vec::new();
        for (id, record) in found {
            let invite: Invite = kept::read(&record.data)?;
            if !invite.first_admin {
                items.push((id.as_str().to_owned(), invite));
            }
        }
        items.sort_by_key(|(_, invite)| Reverse(invite.created_at));
        Ok(Page { items, next: next.map(Cursor::after) })
    }

    /// Takes an invite back; says whether there was one.
    pub async fn revoke_invite(&self, id: &str, now: Timestamp) -> Result<bool, Away> {
        let Some(id) = RecordId::parse(id) else {
            return Ok(false);
        };
        let key = RecordKey { kind: RecordKind::Invite, id };
        for _ in 0..CONFLICTS_MAX {
            let Some(kept) = kept::get::<Invite>(&*self.records, &key, now).await? else {
                return Ok(false);
            };
            let revoked = Invite { revoked: true, ..kept.value };
            let write = put_invite(key.clone(), &revoked, Expect::Version(kept.version))?;
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
}

/// Claimed by whoever becomes the first admin: of several links only one works.
pub(crate) fn first_admin_key() -> Result<RecordKey, Away> {
    kept::key(RecordKind::Deployment, "first-admin")
}

/// The key of the invite whose link carries this secret.
pub(crate) fn invite_key(secret: &Secret) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Invite, secret.hash().as_str())
}

pub(crate) fn put_invite(key: RecordKey, invite: &Invite, expect: Expect) -> Result<Write, Away> {
    kept::put(key, expect, invite, Some(invite.expires_at.after(INVITE_KEPT_AFTER_END)))
}
