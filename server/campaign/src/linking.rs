//! Linking: a member who came by an invite has an account at the campaign's own sign-on sign them in, too. They say so
//! themselves, and show that the account is theirs; nothing is guessed from what two records have in common. The account
//! gives them nothing else: what they may is what organisers here gave them.

use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, put_member};
use crate::sign_on::account_key;
use crate::{Away, PersonalData};
use protocol::{DeviceId, MemberId, Timestamp};
use storage::Expect;
use storage::records::external_account::ExternalAccount;
use storage::records::member::Standing;

/// What an account at the sign-on is to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAccount {
    /// They have none.
    None,
    /// They came in by it: it says what they may.
    Came,
    /// They linked it: it signs them in, and no more.
    Linked,
}

/// Why an account was not linked, or not unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The store is away; the same may be asked again.
    #[error(transparent)]
    Away(#[from] Away),
    /// Whoever asked is no member any more, or was signed out meanwhile.
    #[error("whoever asked for it is not signed in any more")]
    Gone,
    /// It signs another member in.
    #[error("this account signs another member in")]
    Taken,
    /// Another account signs this member in already.
    #[error("another account signs this member in already")]
    HasOne,
    /// They came in by it, and it says what they may: without it they would be somebody else.
    #[error("who came in by their account keeps it")]
    CameByIt,
}

impl People {
    /// What an account at the sign-on is to a member.
    pub async fn own_account(&self, member: &MemberId, now: Timestamp) -> Result<OwnAccount, LinkError> {
        let kept = self.member(member, now).await?.ok_or(LinkError::Gone)?;
        Ok(self.opened(kept.value, now).await?.personal.own_account())
    }

    /// Has an account sign a member in from now on, who asked for it on a device. Says whether it did not before.
    pub async fn link(
        &self,
        (member, device): (&MemberId, &DeviceId),
        (issuer, subject): (&str, &str),
        now: Timestamp,
    ) -> Result<bool, LinkError> {
        let name = self.accounts.name(&[issuer, subject]);
        let key = account_key(name.as_str())?;
        for _ in 0..CONFLICTS_MAX {
            let kept = self.member(member, now).await?.ok_or(LinkError::Gone)?;
            let is_there = kept.value.standing == Standing::Active && kept.value.devices.contains(device);
            if !is_there {
                return Err(LinkError::Gone);
            }
            let mut person = self.opened(kept.value, now).await?;
            match &person.personal.account {
                Some(own) if own == name.as_str() => return Ok(false),
                Some(_) => return Err(LinkError::HasOne),
                None => {}
            }
            let link = kept::get::<ExternalAccount>(&*self.records, &key, now).await?;
            if let Some(link) = &link
                && let Some(other) = self.member(&link.value.member, now).await?
                && other.value.standing != Standing::Left
            {
                return Err(LinkError::Taken);
            }
            let expect = link.map_or(Expect::Absent, |link: Kept<_>| Expect::Version(link.version));
            person.personal.account = Some(name.as_str().to_owned());
            person.personal.is_linked = true;
            person.member.revision = person.member.revision.saturating_add(1);
            let mut writes =
                vec![kept::put(key.clone(), expect, &ExternalAccount { member: member.clone() }, None)?];
            writes.extend(self.seal(&mut person.member, &person.personal, now).await?);
            writes.push(put_member(&person.member, Expect::Version(kept.version))?);
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(true);
            }
        }
        Err(Away.into())
    }

    /// Has the account that a member linked sign nobody in any more. Says whether there was one.
    pub async fn unlink(&self, member: &MemberId, now: Timestamp) -> Result<bool, LinkError> {
        for _ in 0..CONFLICTS_MAX {
            let kept = self.member(member, now).await?.ok_or(LinkError::Gone)?;
            let mut person = self.opened(kept.value, now).await?;
            match person.personal.own_account() {
                OwnAccount::None => return Ok(false),
                OwnAccount::Came => return Err(LinkError::CameByIt),
                OwnAccount::Linked => {}
            }
            person.personal.is_linked = false;
            let Some(account) = person.personal.account.take() else { return Ok(false) };
            person.member.revision = person.member.revision.saturating_add(1);
            let mut writes = vec![kept::delete(account_key(&account)?)];
            writes.extend(self.seal(&mut person.member, &person.personal, now).await?);
            writes.push(put_member(&person.member, Expect::Version(kept.version))?);
            if kept::committed(&*self.records, writes, now).await? {
                return Ok(true);
            }
        }
        Err(Away.into())
    }
}

impl PersonalData {
    /// What their account is to them.
    pub(crate) const fn own_account(&self) -> OwnAccount {
        match (&self.account, self.is_linked) {
            (None, _) => OwnAccount::None,
            (Some(_), false) => OwnAccount::Came,
            (Some(_), true) => OwnAccount::Linked,
        }
    }
}
