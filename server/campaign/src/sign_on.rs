//! Coming in by the campaign's own sign-on: an account there belongs to one member here, who may what the sign-on says of
//! them now. Kept is a keyed hash of the account, and whose it is; never the account itself.

use crate::devices::SignedIn;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::linking::OwnAccount;
use crate::passkeys::FIRST_PASSKEY_WITHIN;
use crate::people::{People, Revoking, fresh_member_id, put_member};
use crate::redeem::fresh_device;
use crate::{Away, LeaveError, PersonalData, Rights, changes};
use identity::DeviceSecret;
use protocol::Timestamp;
use storage::records::device::Device;
use storage::records::external_account::ExternalAccount;
use storage::records::member::{Member, Standing};
use storage::records::revocation::Revoked;
use storage::{Expect, RecordKey, RecordKind};

/// An account, as the sign-on speaks of it now.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The sign-on.
    pub issuer: &'a str,
    /// Its name for the account, never given to another.
    pub subject: &'a str,
    /// What its holder may do here; nothing, if it gives no role.
    pub rights: Option<&'a Rights>,
}

/// Somebody who signed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOn {
    /// Who, and on which device.
    pub signed_in: SignedIn,
    /// Their record as it was, if they may something else now.
    pub before: Option<Member>,
    /// What no longer counts, if so.
    pub revoking: Vec<Revoking>,
    /// Whether they came in for the first time.
    pub is_new: bool,
}

/// Why nobody signed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignOnError {
    /// The store is away; try again later.
    #[error("the store is away; try again later")]
    Away,
    /// The account is nobody's here, and accounts do not let anybody in by themselves.
    #[error("this account is no member's: ask for an invite")]
    Unknown,
    /// The account gives no role here.
    #[error("this account has no role here")]
    NoRole,
    /// An admin has not agreed yet.
    #[error("an admin has not agreed yet")]
    Waiting,
}

impl From<Away> for SignOnError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl std::fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(…)")
    }
}

/// Whose an account is, and how that is kept.
struct Found {
    member: Member,
    version: u64,
}

impl People {
    /// Signs a device in as the member whose account this is. They may what the account says from now on, unless they linked
    /// it. If it is nobody's and `may_join`, whoever holds it becomes a member.
    pub async fn sign_on(
        &self,
        account: Account<'_>,
        may_join: bool,
        now: Timestamp,
    ) -> Result<SignedOn, SignOnError> {
        let name = self.accounts.name(&[account.issuer, account.subject]);
        let key = account_key(name.as_str())?;
        for _ in 0..CONFLICTS_MAX {
            let link = kept::get::<ExternalAccount>(&*self.records, &key, now).await?;
            let found = match &link {
                Some(link) => self.member(&link.value.member, now).await?,
                None => None,
            };
            let done = match found.filter(|found| found.value.standing != Standing::Left) {
                Some(Kept { value: member, version }) => {
                    let own = self.opened(member.clone(), now).await?.personal.own_account();
                    let rights = match own {
                        OwnAccount::Linked => None,
                        OwnAccount::Came | OwnAccount::None => {
                            Some(account.rights.ok_or(SignOnError::NoRole)?)
                        }
                    };
                    self.try_return(Found { member, version }, rights, now).await?
                }
                None if may_join => {
                    let expect = link.map_or(Expect::Absent, |link| Expect::Version(link.version));
                    let rights = account.rights.ok_or(SignOnError::NoRole)?;
                    self.try_join(&key, expect, rights, now).await?
                }
                None => return Err(SignOnError::Unknown),
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
        Err(SignOnError::Away)
    }

    /// One try to sign a member in, with other rights if there are any; nothing if the records changed meanwhile.
    async fn try_return(
        &self,
        found: Found,
        rights: Option<&Rights>,
        now: Timestamp,
    ) -> Result<Option<SignedOn>, SignOnError> {
        let Found { mut member, version } = found;
        if member.standing == Standing::Waiting {
            return Err(SignOnError::Waiting);
        }
        let was = Rights {
            roles: member.roles.clone(),
            regions: member.regions.clone(),
            teams: member.teams.clone(),
        };
        let before = member.clone();
        let mut writes = Vec::new();
        let mut revoking = Vec::new();
        let mut other = rights.filter(|rights| was != **rights);
        if other.is_some_and(|rights| !rights.roles.contains(&protocol::Role::Admin)) {
            match self.admin_goes(&member, now).await {
                Ok(guard) => writes.extend(guard),
                // Whatever the sign-on says: without an admin nobody could put it right.
                Err(LeaveError::LastAdmin) => other = None,
                Err(LeaveError::Away(away)) => return Err(away.into()),
            }
        }
        if let Some(rights) = other {
            may_now(&mut member, rights);
            let outdated =
                Revoking { revoked: Revoked::Member(member.id.clone()), counts_from: member.generation };
            writes.push(self.revocation(&outdated, now)?);
            writes.push(changes::told(&member.id, now)?);
            revoking.push(outdated);
        }
        let device = fresh_device()?;
        let record = just_signed_on(&member, now);
        self.add_device(&mut member, &device, &record, &mut writes, now)?;
        writes.push(put_member(&member, Expect::Version(version))?);
        if !kept::committed(&*self.records, writes, now).await? {
            return Ok(None);
        }
        let secret = DeviceSecret { device, generation: 0 };
        let signed_in = self.signed_in(member, &record, secret, now).await?;
        Ok(Some(SignedOn { signed_in, before: other.map(|_| before), revoking, is_new: false }))
    }

    /// One try to make somebody a member; nothing if another was first.
    async fn try_join(
        &self,
        key: &RecordKey,
        expect: Expect,
        rights: &Rights,
        now: Timestamp,
    ) -> Result<Option<SignedOn>, SignOnError> {
        let mut member = Member {
            id: fresh_member_id()?,
            standing: Standing::Active,
            roles: rights.roles.clone(),
            regions: rights.regions.clone(),
            teams: rights.teams.clone(),
            joined_at: now,
            revision: 1,
            generation: 0,
            devices: Vec::new(),
            left_at: None,
            number: None,
            personal: None,
        };
        self.number(&mut member, now).await?;
        let personal = PersonalData { account: Some(key.id.as_str().to_owned()), ..PersonalData::default() };
        let mut writes: Vec<_> = self.seal(&mut member, &personal, now).await?.into_iter().collect();
        writes.push(kept::put(key.clone(), expect, &ExternalAccount { member: member.id.clone() }, None)?);
        writes.push(changes::told(&member.id, now)?);
        let device = fresh_device()?;
        let record = just_signed_on(&member, now);
        self.add_device(&mut member, &device, &record, &mut writes, now)?;
        writes.push(put_member(&member, Expect::Absent)?);
        if !kept::committed(&*self.records, writes, now).await? {
            return Ok(None);
        }
        let secret = DeviceSecret { device, generation: 0 };
        let signed_in = self.signed_in(member, &record, secret, now).await?;
        Ok(Some(SignedOn { signed_in, before: None, revoking: Vec::new(), is_new: true }))
    }
}

/// Gives a member other rights.
fn may_now(member: &mut Member, rights: &Rights) {
    member.roles.clone_from(&rights.roles);
    member.regions.clone_from(&rights.regions);
    member.teams.clone_from(&rights.teams);
    member.generation = member.generation.saturating_add(1);
    member.revision = member.revision.saturating_add(1);
}

/// Where it is kept whose an account is.
pub(crate) fn account_key(name: &str) -> Result<RecordKey, Away> {
    kept::key(RecordKind::ExternalAccount, name)
}

/// A device on which the sign-on has just said who it is: whoever has no passkey yet may register their first one there.
fn just_signed_on(member: &Member, now: Timestamp) -> Device {
    Device { registers_until: Some(now.after(FIRST_PASSKEY_WITHIN)), ..Device::new(member.id.clone(), now) }
}
