//! Importing a list of people: each row makes a member who is invited, and a link of their own.
//!
//! Nothing is kept of an import itself. Whoever was made of a row is found again by the keyed hash of its reference, and
//! the secret of their link is derived from their id: a list that is imported again, because the last try was cut off or
//! because rows were added, changes nobody and gives the same links.

use crate::invites::put_invite;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, fresh_key, fresh_member_id, member_key};
use crate::rows::{Refused, Row, Rows};
use crate::{Away, PersonalData};
use futures_util::{StreamExt, TryStreamExt, stream};
use identity::Secret;
use protocol::{MemberId, Timestamp};
use std::time::Duration;
use storage::records::COMMIT_MAX_WRITES;
use storage::records::import::ImportRow;
use storage::records::invite::Invite;
use storage::records::member::{Member, Standing};
use storage::{CommitError, Expect, RecordKey, RecordKind, Write};

protocol::limits! {
    /// Commits of an import that are under way at once, so that it does not take the store for itself.
    pub const IMPORT_COMMITS_MAX: usize = 8 => unseen;
}

/// Records that a row makes: the row, the member, their key and their link.
const WRITES_PER_ROW: usize = 4;
const ROWS_PER_COMMIT: usize = COMMIT_MAX_WRITES / WRITES_PER_ROW;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A member was made, who comes in with this secret.
    Added(Secret),
    /// The member was there, and has not come in yet: the same secret as the last time.
    Present(Secret),
    /// The member was there, and has come in.
    Joined,
    /// The member was there, and has left: a list sends them no link again.
    Left,
    /// Nothing; a trial would have added somebody.
    WouldAdd,
    /// Nothing was done, and why.
    Refused(Refused),
}

/// What became of one row.
#[derive(Clone, PartialEq, Eq)]
pub struct Reported {
    /// Which line of the list, from 1.
    pub line: u64,
    /// The campaign's reference to the person; empty, if it had none.
    pub reference: String,
    /// What became of it.
    pub outcome: Outcome,
}

impl std::fmt::Debug for Reported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reported")
            .field("line", &self.line)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl People {
    /// Imports the rows of a list, and says what became of each, in their order. If it fails, some may have been imported;
    /// the same list may be imported again.
    pub async fn import(
        &self,
        rows: Rows,
        links_for: Duration,
        is_trial: bool,
        now: Timestamp,
    ) -> Result<Vec<Reported>, Away> {
        let ends = now.after(links_for);
        let batches = stream::iter(rows.into_batches(ROWS_PER_COMMIT));
        let work = batches.map(|batch| async move {
            if is_trial {
                self.try_batch(batch, now).await
            } else {
                self.import_batch(batch, ends, now).await
            }
        });
        let reported: Vec<Vec<Reported>> = work.buffered(IMPORT_COMMITS_MAX).try_collect().await?;
        Ok(reported.concat())
    }

    async fn try_batch(&self, batch: Vec<Row>, now: Timestamp) -> Result<Vec<Reported>, Away> {
        let mut reported = Vec::new();
        for row in batch {
            let outcome = match &row.person {
                Err(refused) => Outcome::Refused(*refused),
                Ok(_) => match self.found(&row, now).await? {
                    Some(outcome) => outcome,
                    None => Outcome::WouldAdd,
                },
            };
            reported.push(row.reported(outcome));
        }
        Ok(reported)
    }

    async fn import_batch(
        &self,
        batch: Vec<Row>,
        ends: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Reported>, Away> {
        let (mut writes, mut outcomes) = (Vec::new(), Vec::new());
        for row in &batch {
            outcomes.push(self.add(row, ends, &mut writes, now)?);
        }
        // Most lists are new: who is there already is found by what does not fit.
        match self.records.commit(writes, now).await {
            Ok(()) => {
                return Ok(batch.into_iter().zip(outcomes).map(|(row, done)| row.reported(done)).collect());
            }
            Err(CommitError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
        let mut reported = Vec::new();
        for row in batch {
            let outcome = self.import_one(&row, ends, now).await?;
            reported.push(row.reported(outcome));
        }
        Ok(reported)
    }

    async fn import_one(&self, row: &Row, ends: Timestamp, now: Timestamp) -> Result<Outcome, Away> {
        for _ in 0..CONFLICTS_MAX {
            if let Some(outcome) = self.found(row, now).await? {
                return self.renewed(outcome, ends, now).await;
            }
            let mut writes = Vec::new();
            let outcome = self.add(row, ends, &mut writes, now)?;
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok(outcome),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Away)
    }

    /// Adds the writes that make a row's member.
    fn add(
        &self,
        row: &Row,
        ends: Timestamp,
        writes: &mut Vec<Write>,
        now: Timestamp,
    ) -> Result<Outcome, Away> {
        let person = match &row.person {
            Ok(person) => person,
            Err(refused) => return Ok(Outcome::Refused(*refused)),
        };
        let id = fresh_member_id()?;
        let (key, put_key) = fresh_key(&id)?;
        let personal = PersonalData {
            name: person.name.clone(),
            reference: Some(row.reference.clone()),
            ..PersonalData::default()
        };
        let member = Member {
            standing: Standing::Invited,
            roles: person.rights.roles.clone(),
            regions: person.rights.regions.clone(),
            teams: person.rights.teams.clone(),
            joined_at: now,
            revision: 1,
            generation: 0,
            devices: Vec::new(),
            left_at: None,
            number: None,
            personal: Some(self.sealed(&id, &key, &personal)?),
            id,
        };
        let secret = self.link_secret(&member.id);
        let of_row = ImportRow { member: member.id.clone() };
        writes.push(kept::put(self.row_key(&row.reference)?, Expect::Absent, &of_row, None)?);
        writes.push(put_key);
        writes.push(put_invite(
            personal_invite_key(&secret)?,
            &personal_invite(&member, ends, now),
            Expect::Any,
        )?);
        writes.push(kept::put(member_key(&member.id)?, Expect::Absent, &member, None)?);
        Ok(Outcome::Added(secret))
    }

    /// What became of a row that was imported before.
    async fn found(&self, row: &Row, now: Timestamp) -> Result<Option<Outcome>, Away> {
        if let Err(refused) = &row.person {
            return Ok(Some(Outcome::Refused(*refused)));
        }
        let key = self.row_key(&row.reference)?;
        let Some(of_row) = kept::get::<ImportRow>(&*self.records, &key, now).await? else {
            return Ok(None);
        };
        let Some(member) = self.member(&of_row.value.member, now).await? else {
            return Ok(None);
        };
        Ok(Some(match member.value.standing {
            Standing::Invited => Outcome::Present(self.link_secret(&of_row.value.member)),
            Standing::Active | Standing::Waiting => Outcome::Joined,
            Standing::Left => Outcome::Left,
        }))
    }

    /// A link whose time is over works again until `ends`.
    async fn renewed(&self, outcome: Outcome, ends: Timestamp, now: Timestamp) -> Result<Outcome, Away> {
        if let Outcome::Present(secret) = &outcome {
            let key = personal_invite_key(secret)?;
            if let Some(Kept { value, version }) = kept::get::<Invite>(&*self.records, &key, now).await?
                && value.expires_at <= now
            {
                let renewed = Invite { expires_at: ends, ..value };
                match self
                    .records
                    .commit(vec![put_invite(key, &renewed, Expect::Version(version))?], now)
                    .await
                {
                    // They have come in meanwhile, or another import was first.
                    Ok(()) | Err(CommitError::Conflict) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(outcome)
    }

    /// The secret of a member's own link.
    pub(crate) fn link_secret(&self, id: &MemberId) -> Secret {
        self.links.secret(&[id.as_str()])
    }

    /// Where it is kept what came of the row with this reference.
    pub(crate) fn row_key(&self, reference: &str) -> Result<RecordKey, Away> {
        kept::key(RecordKind::ImportRow, self.rows.name(&[reference]).as_str())
    }
}

/// The key of the link for one person alone that carries this secret.
pub(crate) fn personal_invite_key(secret: &Secret) -> Result<RecordKey, Away> {
    kept::key(RecordKind::PersonalInvite, secret.hash().as_str())
}

/// A link for one person alone. What they may is what their record says when they come.
fn personal_invite(member: &Member, ends: Timestamp, now: Timestamp) -> Invite {
    Invite {
        roles: Vec::new(),
        regions: Vec::new(),
        teams: Vec::new(),
        max_uses: 1,
        uses: 0,
        expires_at: ends,
        revoked: false,
        first_admin: false,
        needs_approval: false,
        member: Some(member.id.clone()),
        made_by: None,
        created_at: now,
    }
}
