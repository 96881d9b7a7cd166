//! Members: who they are, what they may do, and how that changes.

use crate::admins::is_admin;
use crate::changes;
use crate::kept::CONFLICTS_MAX;
use crate::people::{People, Person, Revoking, put_member};
use crate::{Away, Cursor, LeaveError, Page, Rights};
use protocol::{MemberId, Role, Timestamp};
use storage::records::member::{Member, Standing};
use storage::records::revocation::Revoked;
use storage::{CommitError, Expect, RecordKind};

protocol::limits! {
    /// Most records that are looked at for one page of a filtered list; then the page is short, and the next goes on.
    pub const FILTER_LOOKS_MAX: usize = 5_000 => unseen;
}

/// Which members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those of this region.
    pub region: Option<String>,
    /// Those of this team.
    pub team: Option<String>,
    /// Those who belong so far.
    pub standing: Option<Standing>,
}

/// What is to change of a member; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Another name, or none.
    pub name: Option<Option<String>>,
    /// Other rights.
    pub rights: Option<Rights>,
    /// Whether an admin agrees that they belong.
    pub approves: bool,
}

/// Why a member was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The store is away; the same edit may be made again.
    #[error("the store is away; try again later")]
    Away,
    /// There would be no admin any more.
    #[error("the last admin stays until there is another")]
    LastAdmin,
    /// Nobody can say afterwards who else could.
    #[error("an admin cannot take the right to manage members from themselves")]
    OwnRights,
    /// Somebody else changed them meanwhile.
    #[error("the member was changed meanwhile")]
    Stale,
    /// No such member.
    #[error("there is no such member")]
    Unknown,
}

impl From<Away> for EditError {
    fn from(_: Away) -> Self {
        Self::Away
    }
}

impl From<LeaveError> for EditError {
    fn from(error: LeaveError) -> Self {
        match error {
            LeaveError::Away(_) => Self::Away,
            LeaveError::LastAdmin => Self::LastAdmin,
        }
    }
}

impl Filter {
    fn takes(&self, member: &Member) -> bool {
        self.role.is_none_or(|role| member.roles.contains(&role))
            && self.region.as_ref().is_none_or(|region| member.regions.contains(region))
            && self.team.as_ref().is_none_or(|team| member.teams.contains(team))
            && self.standing.is_none_or(|standing| member.standing == standing)
    }
}

impl Edit {
    /// What becomes of a member; whether what they may do is another.
    fn apply(&self, person: &mut Person) -> bool {
        let before = (person.member.standing, rights(&person.member));
        if let Some(name) = &self.name {
            person.personal.name.clone_from(name);
        }
        if let Some(rights) = &self.rights {
            person.member.roles.clone_from(&rights.roles);
            person.member.regions.clone_from(&rights.regions);
            person.member.teams.clone_from(&rights.teams);
        }
        if self.approves && person.member.standing == Standing::Waiting {
            person.member.standing = Standing::Active;
        }
        let is_other = before != (person.member.standing, rights(&person.member));
        if is_other {
            person.member.generation = person.member.generation.saturating_add(1);
        }
        person.member.revision = person.member.revision.saturating_add(1);
        is_other
    }
}

fn rights(member: &Member) -> Rights {
    Rights { roles: member.roles.clone(), regions: member.regions.clone(), teams: member.teams.clone() }
}

impl People {
    /// A page of members, by id. A page may be short although there are more: where it goes on says so.
    pub async fn members(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        size: usize,
        now: Timestamp,
    ) -> Result<Page<Person>, Away> {
        let mut after = after.map(|cursor| cursor.id().clone());
        let (mut items, mut looks) = (Vec::new(), 0);
        loop {
            let limit = size.saturating_sub(items.len()).max(1);
            let (found, next) = self.records.scan(RecordKind::Member, after.as_ref(), limit, now).await?;
            looks += limit;
            for (_, record) in found {
                let member: Member = crate::kept::read(&record.data)?;
                if filter.takes(&member) {
                    items.push(self.opened(member, now).await?);
                }
            }
            let is_done = next.is_none() || items.len() >= size || looks >= FILTER_LOOKS_MAX;
            after = next;
            if is_done {
                return Ok(Page { items, next: after.map(Cursor::after) });
            }
        }
    }

    /// Changes a member, if nobody changed them since `revision`. `by` is who changes them.
    pub async fn edit(
        &self,
        id: &MemberId,
        revision: Option<u64>,
        edit: &Edit,
        by: &MemberId,
        now: Timestamp,
    ) -> Result<(Person, Option<Revoking>), EditError> {
        if id == by && edit.rights.as_ref().is_some_and(|rights| !rights.roles.contains(&Role::Admin)) {
            return Err(EditError::OwnRights);
        }
        for _ in 0..CONFLICTS_MAX {
            let kept = self.member(id, now).await?.ok_or(EditError::Unknown)?;
            if revision.is_some_and(|revision| revision != kept.value.revision) {
                return Err(EditError::Stale);
            }
            let mut person = self.opened(kept.value, now).await?;
            let before = person.member.clone();
            let is_other = edit.apply(&mut person);
            self.number(&mut person.member, now).await?;
            let mut writes = Vec::new();
            if is_other {
                writes.push(changes::told(id, now)?);
            }
            if !is_admin(&person.member) {
                writes.extend(self.admin_goes(&before, now).await?);
            }
            if edit.name.is_some() {
                writes.extend(self.seal(&mut person.member, &person.personal, now).await?);
            }
            writes.push(put_member(&person.member, Expect::Version(kept.version))?);
            let revoking = is_other.then(|| Revoking {
                revoked: Revoked::Member(id.clone()),
                counts_from: person.member.generation,
            });
            if let Some(revoking) = &revoking {
                writes.push(self.revocation(revoking, now)?);
            }
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok((person, revoking)),
                Err(CommitError::Conflict) => {}
                Err(CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown) => {
                    return Err(EditError::Away);
                }
            }
        }
        Err(EditError::Away)
    }
}
