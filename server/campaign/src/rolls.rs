//! Keeping a roll of all active members: read as a whole at the start, kept up with what changes.

use crate::audience::numbers;
use crate::audience::{MemberNumber, Roll};
use crate::changes::Changes;
use crate::kept::{self, CONFLICTS_MAX, Kept};
use crate::people::{People, put_member};
use crate::{Away, changes::Hearing};
use protocol::{MemberId, Timestamp};
use storage::records::SCAN_MAX_RECORDS;
use storage::records::member::{Member, Standing};
use storage::{CommitError, Expect, RecordKind};

protocol::limits! {
    /// Numbers for members that a node takes at once; those that it has not given when it stops are given to nobody.
    pub const NUMBERS_TAKEN_AT_ONCE: u32 = 32 => unseen;
    /// Most members that are read one by one because they were changed; when there are more, all are read.
    pub const CHANGED_READ_MAX: usize = 2_000 => unseen;
}

impl People {
    /// Reads the roll of all active members. Whoever has no number yet, because they are of an older release, is given one.
    pub async fn roll(&self, now: Timestamp) -> Result<(Roll, Hearing), Away> {
        let hearing = Hearing::from(now);
        let (mut roll, mut after) = (Roll::new(), None);
        loop {
            let (found, next) =
                self.records.scan(RecordKind::Member, after.as_ref(), SCAN_MAX_RECORDS, now).await?;
            for (_, record) in found {
                let member: Member = kept::read(&record.data)?;
                if member.standing == Standing::Active && member.number.is_none() {
                    if let Some(member) = self.give_number(&member.id, now).await? {
                        roll.put(&member);
                    }
                } else {
                    roll.put(&member);
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        roll.pack();
        Ok((roll, hearing))
    }

    /// The members that were changed since the last look, as they are now, with those who are gone; nothing if so many were
    /// that all are to be read.
    pub async fn changed(
        &self,
        hearing: &mut Hearing,
        now: Timestamp,
    ) -> Result<Option<Vec<(MemberId, Option<Member>)>>, Away> {
        let changed = match hearing.look(&*self.records, now).await? {
            Changes::Of(changed) if changed.len() <= CHANGED_READ_MAX => changed,
            Changes::All | Changes::Of(_) => return Ok(None),
        };
        let mut read = Vec::with_capacity(changed.len());
        for id in changed {
            let member = self.member(&id, now).await?.map(|kept| kept.value);
            read.push((id, member));
        }
        hearing.are_read();
        Ok(Some(read))
    }

    /// Gives whoever becomes active a number, if they have none.
    pub(crate) async fn number(&self, member: &mut Member, now: Timestamp) -> Result<(), Away> {
        if member.standing == Standing::Active && member.number.is_none() {
            member.number = Some(self.next_number(now).await?.0);
        }
        Ok(())
    }

    async fn next_number(&self, now: Timestamp) -> Result<MemberNumber, Away> {
        let mut numbers = self.numbers.lock().await;
        if numbers.is_empty() {
            numbers.extend(numbers::take(&*self.records, NUMBERS_TAKEN_AT_ONCE, now).await?);
        }
        numbers.pop_front().ok_or(Away)
    }

    async fn give_number(&self, id: &MemberId, now: Timestamp) -> Result<Option<Member>, Away> {
        for _ in 0..CONFLICTS_MAX {
            let Some(Kept { mut value, version }) = self.member(id, now).await? else {
                return Ok(None);
            };
            if value.number.is_some() {
                return Ok(Some(value));
            }
            self.number(&mut value, now).await?;
            match self.records.commit(vec![put_member(&value, Expect::Version(version))?], now).await {
                Ok(()) => return Ok(Some(value)),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Away)
    }
}
