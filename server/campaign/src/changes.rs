//! Who became another member lately, for nodes that know all of them: told in the commit that made them so, heard by
//! every node that looks often enough. Who looked too seldom reads all members again.

use crate::Away;
use crate::kept;
use identity::Secret;
use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;
use storage::{Expect, RecordId, RecordKind, Records, Write};

protocol::limits! {
    /// How long it is told that a member was changed; a node that has not looked for so long reads all members again.
    pub const CHANGES_TOLD_FOR: Duration = Duration::from_mins(10) => unseen;
    /// By how much clocks of nodes may differ, and commits be late, so that every node hears of every changed member.
    pub const CHANGES_LATE_MAX: Duration = Duration::from_mins(1) => unseen;
}

/// Characters of the random part of an id.
const RANDOM_CHARS: usize = 12;

/// Who was changed by one commit.
#[derive(Serialize, Deserialize)]
struct Changed {
    member: MemberId,
}

/// The write that tells that a member was changed.
pub(crate) fn told(member: &MemberId, now: Timestamp) -> Result<Write, Away> {
    let mut random = Secret::random().map_err(|_| Away)?.reveal();
    random.truncate(RANDOM_CHARS);
    let key = kept::key(RecordKind::MemberChange, &format!("{}.{random}", time(now)))?;
    kept::put(key, Expect::Absent, &Changed { member: member.clone() }, Some(now.after(CHANGES_TOLD_FOR)))
}

/// What a node has heard of it.
#[derive(Debug)]
pub struct Hearing {
    /// Everything told until then was heard, but for what was late.
    until: Timestamp,
    /// What was heard of the time in which some may be late.
    heard: BTreeSet<RecordId>,
    /// Who was heard of and not read yet: a store that fails in between loses nobody.
    unread: BTreeSet<MemberId>,
}

/// Which members a node has to read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changes {
    /// All of them: it looked too seldom.
    All,
    /// These.
    Of(BTreeSet<MemberId>),
}

impl Hearing {
    /// Hears of all that is told from now on; for a node that reads all members next.
    pub const fn from(now: Timestamp) -> Self {
        Self { until: now, heard: BTreeSet::new(), unread: BTreeSet::new() }
    }

    /// Which members were changed and are not read yet.
    pub async fn look(&mut self, records: &dyn Records, now: Timestamp) -> Result<Changes, Away> {
        if self.until.until(now) > CHANGES_TOLD_FOR.saturating_sub(CHANGES_LATE_MAX) {
            *self = Self::from(now);
            return Ok(Changes::All);
        }
        let from = RecordId::parse(&time(self.until.before(CHANGES_LATE_MAX)));
        let mut after = from.clone();
        loop {
            let (found, next) =
                records.scan(RecordKind::MemberChange, after.as_ref(), usize::MAX, now).await?;
            for (id, record) in found {
                let changed: Changed = kept::read(&record.data)?;
                if self.heard.insert(id) {
                    self.unread.insert(changed.member);
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        self.until = now.max(self.until);
        if let Some(from) = from {
            self.heard = self.heard.split_off(&from);
        }
        Ok(Changes::Of(self.unread.clone()))
    }

    /// All of whom a look told were read.
    pub(crate) fn are_read(&mut self) {
        self.unread.clear();
    }
}

/// Thirteen digits of milliseconds last until the year 2286.
fn time(at: Timestamp) -> String {
    format!("{:013}", at.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Epoch;
    use std::sync::Arc;
    use storage::memory::MemoryStore;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    async fn change(store: &MemoryStore, name: &str, now: Timestamp) -> MemberId {
        let member = MemberId::parse(name).unwrap();
        store.commit(vec![told(&member, now).unwrap()], now).await.unwrap();
        member
    }

    #[tokio::test]
    async fn each_change_is_heard_once_also_one_that_is_late() {
        let store = MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()));
        let mut hearing = Hearing::from(NOW);
        let second = Duration::from_secs(1);
        let ana = change(&store, "ana", NOW.after(second)).await;
        let heard = hearing.look(&store, NOW.after(2 * second)).await;
        assert_eq!(heard, Ok(Changes::Of([ana.clone()].into())));
        let again = hearing.look(&store, NOW.after(2 * second)).await;
        assert_eq!(again, Ok(Changes::Of([ana].into())), "until they are read");
        hearing.are_read();
        // Another node's clock is behind.
        let ben = change(&store, "ben", NOW.before(30 * second)).await;
        let heard = hearing.look(&store, NOW.after(3 * second)).await;
        assert_eq!(heard, Ok(Changes::Of([ben].into())));
        hearing.are_read();
        let heard = hearing.look(&store, NOW.after(4 * second)).await;
        assert_eq!(heard, Ok(Changes::Of(BTreeSet::new())));
    }

    #[tokio::test]
    async fn who_looks_too_seldom_is_told_to_read_all() {
        let store = MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()));
        let mut hearing = Hearing::from(NOW);
        change(&store, "ana", NOW).await;
        let late = NOW.after(CHANGES_TOLD_FOR);
        assert_eq!(hearing.look(&store, late).await, Ok(Changes::All));
        assert_eq!(hearing.look(&store, late).await, Ok(Changes::Of(BTreeSet::new())));
    }
}
