//! Bulletins in the store that all nodes share. People act on them here; [`clockwork`] does what time does.
//!
//! Each change is committed together with when time is to act next, so that no node has to look at all bulletins, and
//! nothing that is due is forgotten by a restart.

pub mod clockwork;
pub mod heads;

use crate::approval::Needs;
use crate::audience::HeadCount;
use crate::bulletin::state::SendAt;
use crate::bulletin::{Action, AnyBulletin, Bulletin, BulletinId, Content, Refused, edge};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::trust::Trust;
use crate::web_push::subject::CORRECTIONS_FOLLOWED_MAX;
use crate::{Away, Cursor, Page};
use identity::Principal;
use protocol::{Role, Timestamp};
use std::sync::Arc;
use storage::{CommitError, Expect, RecordId, RecordKey, RecordKind, Records, Write};

pub use edge::Rules;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The store did not answer.
    #[error(transparent)]
    Away(#[from] Away),
    /// It may not be done.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is none.
    #[error("there is no such bulletin")]
    Unknown,
}

/// All bulletins.
#[derive(Debug, Clone)]
pub struct Bulletins {
    records: Arc<dyn Records>,
    rules: Rules,
}

impl Bulletins {
    /// Those in a store, by these rules.
    pub const fn new(records: Arc<dyn Records>, rules: Rules) -> Self {
        Self { records, rules }
    }

    /// Begins one. The id is the caller's: the same again begins nothing, and answers what became of the first.
    pub async fn begin(
        &self,
        id: BulletinId,
        who: &Principal,
        content: Content,
        send_at: Option<SendAt>,
        now: Timestamp,
    ) -> Result<AnyBulletin, ActError> {
        if !who.has(Role::Sender) {
            return Err(Refused::NotAllowed.into());
        }
        let draft = Bulletin::begin(id, who.member.clone(), content, send_at, now);
        self.keep_new(AnyBulletin::Draft(draft), now).await
    }

    /// Begins a correction of one that was sent, with what that one says; it is for the same audience.
    pub async fn begin_correction(
        &self,
        id: BulletinId,
        of: &BulletinId,
        who: &Principal,
        now: Timestamp,
    ) -> Result<AnyBulletin, ActError> {
        if !who.has(Role::Sender) {
            return Err(Refused::NotAllowed.into());
        }
        let first = self.get(of, now).await?.ok_or(ActError::Unknown)?.value;
        let AnyBulletin::Sent(sent) = &first else {
            return Err(Refused::WrongState(first.state()).into());
        };
        let draft = sent.correction(id, who.member.clone(), first.core().content.clone(), now);
        self.keep_new(AnyBulletin::Draft(draft), now).await
    }

    async fn keep_new(&self, draft: AnyBulletin, now: Timestamp) -> Result<AnyBulletin, ActError> {
        let key = key_of(&draft.core().id)?;
        let write = kept::put(key, Expect::Absent, &draft, None)?;
        match self.records.commit(vec![write], now).await {
            Ok(()) => Ok(draft),
            Err(CommitError::Conflict) => {
                let found = self.get(&draft.core().id, now).await?;
                found.map(|found| found.value).ok_or(ActError::Away(Away))
            }
            Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                Err(Away::from(error).into())
            }
        }
    }

    /// One of them.
    pub async fn get(&self, id: &BulletinId, now: Timestamp) -> Result<Option<Kept<AnyBulletin>>, Away> {
        kept::get(&*self.records, &key_of(id)?, now).await
    }

    /// The first of the bulletins that this one corrects, one after the other; itself, if it corrects none.
    pub async fn first_of(&self, bulletin: &AnyBulletin, now: Timestamp) -> Result<BulletinId, Away> {
        let mut first = bulletin.core().id.clone();
        let mut before = bulletin.core().corrects.as_ref().map(|corrects| corrects.id.clone());
        for _ in 0..CORRECTIONS_FOLLOWED_MAX {
            let Some(id) = before else { break };
            let kept = self.get(&id, now).await?;
            first = id;
            before =
                kept.and_then(|kept| kept.value.core().corrects.as_ref().map(|corrects| corrects.id.clone()));
        }
        Ok(first)
    }

    /// The newest, and then older ones.
    pub async fn list(
        &self,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page<AnyBulletin>, Away> {
        let after = after.map(Cursor::id);
        let (found, next) = self.records.scan(RecordKind::Bulletin, after, limit, now).await?;
        let items = found.iter().map(|(_, record)| kept::read(&record.data)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: next.map(Cursor::after) })
    }

    /// What is asked of every bulletin, with the keys that there are now. A kept manifest that is none lets nobody send: it
    /// was not put there by us.
    async fn rules_now(&self, now: Timestamp) -> Result<Rules, Away> {
        let kept = Trust::new(Arc::clone(&self.records)).get(now).await?;
        let manifest = kept.map(|kept| kept.verify()).transpose().map_err(|_| Away)?;
        Ok(Rules { manifest, ..self.rules.clone() })
    }

    /// Does what somebody asks for, deciding again while others change it. `count` is how many it is for now, if somebody has counted.
    pub async fn act(
        &self,
        id: &BulletinId,
        action: &Action,
        who: &Principal,
        count: Option<HeadCount>,
        now: Timestamp,
    ) -> Result<AnyBulletin, ActError> {
        let rules = self.rules_now(now).await?;
        for _ in 0..CONFLICTS_MAX {
            let Kept { value, version } = self.get(id, now).await?.ok_or(ActError::Unknown)?;
            let due_before = value.due();
            let changed = value.apply(action.clone(), who, count, &rules, now)?;
            match self.records.commit(changes(&changed, version, due_before)?, now).await {
                Ok(()) => return Ok(changed),
                Err(CommitError::Conflict) => {}
                Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                    return Err(Away::from(error).into());
                }
            }
        }
        Err(Away.into())
    }
}

/// How many people a bulletin takes, for whoever shows it.
pub fn needs(bulletin: &AnyBulletin, count: Option<HeadCount>) -> Needs {
    let core = bulletin.core();
    crate::approval::needs(&core.content, count, core.corrects.as_ref().map(|corrects| corrects.needs))
}

pub(crate) fn key_of(id: &BulletinId) -> Result<RecordKey, Away> {
    kept::key(RecordKind::Bulletin, id.as_str())
}

/// A bulletin and when it is due next, in place of what was there.
fn changes(bulletin: &AnyBulletin, version: u64, due_before: Option<Timestamp>) -> Result<Vec<Write>, Away> {
    let id = &bulletin.core().id;
    let mut writes = vec![kept::put(key_of(id)?, Expect::Version(version), bulletin, None)?];
    let due = bulletin.due();
    if let Some(before) = due_before.filter(|before| Some(*before) != due) {
        writes.push(kept::delete(due_key(id, before)?));
    }
    if let Some(due) = due {
        // Whoever held it before holds it no more.
        writes.push(kept::put(due_key(id, due)?, Expect::Any, &clockwork::Hold::nobodys(), None)?);
    }
    Ok(writes)
}

/// Thirteen digits of milliseconds last until the year 2286.
fn due_key(id: &BulletinId, at: Timestamp) -> Result<RecordKey, Away> {
    kept::key(RecordKind::BulletinDue, &format!("{:013}.{}", at.as_millis(), id.as_str()))
}

/// What the id of such a record says.
fn due_of(id: &RecordId) -> Option<(Timestamp, BulletinId)> {
    let (at, bulletin) = id.as_str().split_once('.')?;
    Some((Timestamp::from_millis(at.parse().ok()?), BulletinId::parse(bulletin).ok()?))
}

#[cfg(test)]
mod tests;
