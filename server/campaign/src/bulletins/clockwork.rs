//! What time does to bulletins: sends what is due, tells everybody of what was withdrawn, and closes what is over.
//!
//! Every node asks for what is due. One takes hold of it, for [`HOLD`]; if it ends before it is done, another does it
//! again, and the keys of what is published see to it that the log has it once.

use super::{Bulletins, changes, due_key, due_of, key_of};
use crate::Away;
use crate::audience::Routes;
use crate::bulletin::publication::{self, Announcement};
use crate::bulletin::{AnyBulletin, BulletinId};
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::web_push::rounds;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use storage::{CommitError, Expect, RecordId, RecordKind, Write};

protocol::limits! {
    /// How long a node may take over one bulletin that is due; then another may do it again.
    pub const HOLD: Duration = Duration::from_secs(30) => unseen;
    /// Most bulletins that a node looks at for what is due at once; the others have their turn afterwards.
    pub const DUE_READ_MAX: usize = 64 => unseen;
}

/// Which node does what is due, and until when it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    node: String,
    until: Timestamp,
}

impl Hold {
    pub(super) const fn nobodys() -> Self {
        Self { node: String::new(), until: Timestamp::from_millis(0) }
    }
}

/// What is to be done about a bulletin, by whoever has hold of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// Its receipts become counts; then it is over.
    Close(BulletinId),
    /// It may not go: what it was cleared by does not hold for it. Somebody wrote into the store what is not ours.
    Refuse(BulletinId),
    /// It is published by these routes.
    Send(BulletinId, Routes, Announcement),
    /// It is published that it was withdrawn, by the routes by which it went.
    TellWithdrawn(BulletinId, Routes, Announcement),
}

impl Work {
    /// Which bulletin.
    pub const fn bulletin(&self) -> &BulletinId {
        match self {
            Self::Close(id) | Self::Refuse(id) | Self::Send(id, ..) | Self::TellWithdrawn(id, ..) => id,
        }
    }
}

impl Bulletins {
    /// Takes hold of something that is due, if there is anything that nobody has hold of.
    pub async fn take_due(&self, node: &str, now: Timestamp) -> Result<Option<Work>, Away> {
        let (found, _) = self.records.scan(RecordKind::BulletinDue, None, DUE_READ_MAX, now).await?;
        for (record, hold) in found {
            let Some((at, id)) = due_of(&record) else { continue };
            if at > now {
                return Ok(None);
            }
            let held: Hold = kept::read(&hold.data)?;
            if held.until > now {
                continue;
            }
            if let Some(work) = self.take(node, &record, hold.version, &id, at, now).await? {
                return Ok(Some(work));
            }
        }
        Ok(None)
    }

    async fn take(
        &self,
        node: &str,
        due: &RecordId,
        version: u64,
        id: &BulletinId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Work>, Away> {
        let Some(Kept { value, version: seen }) = self.get(id, now).await? else {
            return Ok(None);
        };
        // Somebody was quicker; that record goes with their commit, or is of a bulletin that is gone.
        if value.due() != Some(at) {
            return Ok(None);
        }
        let bulletin = begin(value, now);
        let hold = Hold { node: node.to_owned(), until: now.after(HOLD) };
        let mut writes = vec![kept::put(key_of(id)?, Expect::Version(seen), &bulletin, None)?];
        let key = due_key(id, bulletin.due().unwrap_or(at))?;
        if key.id == *due {
            writes.push(kept::put(key, Expect::Version(version), &hold, None)?);
        } else {
            let mut before = kept::delete(due_key(id, at)?);
            before.expect = Expect::Version(version);
            writes.extend([before, kept::put(key, Expect::Absent, &hold, None)?]);
        }
        match self.records.commit(writes, now).await {
            Ok(()) => Ok(Some(work(&bulletin))),
            Err(CommitError::Conflict) => Ok(None),
            Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                Err(error.into())
            }
        }
    }

    /// Holds on to what takes longer than [`HOLD`]. Answers whether it is still this node's to do.
    pub async fn hold_on(&self, node: &str, id: &BulletinId, now: Timestamp) -> Result<bool, Away> {
        let Some(due) = self.get(id, now).await?.and_then(|kept| kept.value.due()) else {
            return Ok(false);
        };
        let key = due_key(id, due)?;
        let held = kept::get::<Hold>(&*self.records, &key, now).await?;
        let Some(Kept { version, .. }) = held.filter(|held| held.value.node == node) else {
            return Ok(false);
        };
        let longer = Hold { node: node.to_owned(), until: now.after(HOLD) };
        match self.records.commit(vec![kept::put(key, Expect::Version(version), &longer, None)?], now).await {
            Ok(()) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What was taken hold of is done. A correction that was sent stands in the place of the first from the same commit on,
    /// unless that was withdrawn or is over.
    pub async fn done(&self, work: &Work, now: Timestamp) -> Result<(), Away> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { value, version }) = self.get(work.bulletin(), now).await? else {
                return Ok(());
            };
            let due_before = value.due();
            let Some(ended) = end(work, value, now) else {
                return Ok(());
            };
            let mut writes = changes(&ended, version, due_before)?;
            if let AnyBulletin::Sent(sent) = &ended
                && let Some(corrects) = &sent.core().corrects
            {
                writes.extend(self.corrected(&corrects.id, work.bulletin(), now).await?);
            }
            if matches!(work, Work::Send(..) | Work::TellWithdrawn(..)) {
                // From the same commit on phones that sleep are told.
                writes.extend(rounds::beginning(&ended, now)?);
            }
            match self.records.commit(writes, now).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error @ (CommitError::TooLarge | CommitError::Unavailable | CommitError::Unknown)) => {
                    return Err(error.into());
                }
            }
        }
        Err(Away)
    }

    async fn corrected(
        &self,
        first: &BulletinId,
        by: &BulletinId,
        now: Timestamp,
    ) -> Result<Vec<Write>, Away> {
        let Some(Kept { value, version }) = self.get(first, now).await? else {
            return Ok(Vec::new());
        };
        let due_before = value.due();
        let AnyBulletin::Sent(sent) = value else {
            return Ok(Vec::new());
        };
        changes(&AnyBulletin::Corrected(sent.corrected(by.clone())), version, due_before)
    }
}

/// A bulletin whose time came.
fn begin(bulletin: AnyBulletin, now: Timestamp) -> AnyBulletin {
    if let AnyBulletin::Scheduled(scheduled) = bulletin {
        return if scheduled.core().content.has_expired(now) {
            AnyBulletin::Scheduled(scheduled)
        } else {
            AnyBulletin::Sending(scheduled.send(now))
        };
    }
    bulletin
}

fn work(bulletin: &AnyBulletin) -> Work {
    let core = bulletin.core();
    let (id, routes) = (core.id.clone(), core.content.form().audience.routes());
    match bulletin {
        AnyBulletin::Sending(sending) => match publication::of_bulletin(sending) {
            Some(announcement) => Work::Send(id, routes, announcement),
            None => Work::Refuse(id),
        },
        AnyBulletin::Withdrawn(withdrawn) if !withdrawn.is_announced() => {
            match publication::of_withdrawal(withdrawn) {
                Some(announcement) => Work::TellWithdrawn(id, routes, announcement),
                None => Work::Refuse(id),
            }
        }
        AnyBulletin::AwaitingApproval(_)
        | AnyBulletin::Cancelled(_)
        | AnyBulletin::Corrected(_)
        | AnyBulletin::Draft(_)
        | AnyBulletin::Expired(_)
        | AnyBulletin::Scheduled(_)
        | AnyBulletin::Sent(_)
        | AnyBulletin::Withdrawn(_) => Work::Close(id),
    }
}

/// What a bulletin becomes when that was done; nothing if it became something else meanwhile.
fn end(work: &Work, bulletin: AnyBulletin, now: Timestamp) -> Option<AnyBulletin> {
    match (work, bulletin) {
        (Work::Send(..), AnyBulletin::Sending(sending)) => Some(AnyBulletin::Sent(sending.sent(now))),
        (Work::TellWithdrawn(..), AnyBulletin::Withdrawn(withdrawn)) => {
            Some(AnyBulletin::Withdrawn(withdrawn.announced()))
        }
        (Work::Close(_), bulletin) if bulletin.due().is_some_and(|due| due <= now) => close(bulletin, now),
        (Work::Close(_) | Work::Refuse(_) | Work::Send(..) | Work::TellWithdrawn(..), _) => None,
    }
}

fn close(bulletin: AnyBulletin, now: Timestamp) -> Option<AnyBulletin> {
    let expired = match bulletin {
        AnyBulletin::AwaitingApproval(bulletin) => bulletin.lapse(now),
        AnyBulletin::Corrected(bulletin) => bulletin.expire(now),
        AnyBulletin::Scheduled(bulletin) => bulletin.lapse(now),
        AnyBulletin::Sent(bulletin) => bulletin.expire(now),
        AnyBulletin::Withdrawn(bulletin) => bulletin.expire(now),
        AnyBulletin::Cancelled(_)
        | AnyBulletin::Draft(_)
        | AnyBulletin::Expired(_)
        | AnyBulletin::Sending(_) => return None,
    };
    Some(AnyBulletin::Expired(expired))
}
