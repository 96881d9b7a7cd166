//! One channel's log in memory.

use crate::history::{
    Draft, GapReason, IDEMPOTENCY_WINDOW, LINEAGE_MAX_EPOCHS, Page, PageLimit, PublishError, Replay, Since,
};
use crate::lineage::{self, FirstWrite, Standing};
use crate::stored::idempotency_scope;
use protocol::{Epoch, Offset, Payload, Publication, StreamPosition, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::{sync::Arc, time::Duration};

/// The store's epochs, in the order they began.
pub(super) struct Lives {
    current: Epoch,
    former: VecDeque<Epoch>,
    number: u64,
}

impl Lives {
    pub(super) fn beginning_with(first: Epoch) -> Self {
        Self { current: first, former: VecDeque::new(), number: 0 }
    }

    pub(super) fn begin(&mut self, fresh: Epoch) {
        self.former.push_back(std::mem::replace(&mut self.current, fresh));
        self.number += 1;
        if self.former.len() >= LINEAGE_MAX_EPOCHS {
            self.former.pop_front();
        }
    }

    pub(super) const fn current(&self) -> &Epoch {
        &self.current
    }

    fn number_of(&self, epoch: &Epoch) -> Option<u64> {
        if *epoch == self.current {
            return Some(self.number);
        }
        let back = self.former.iter().rev().position(|former| former == epoch)?;
        self.number.checked_sub(u64::try_from(back).ok()?.checked_add(1)?)
    }
}

#[derive(Default)]
pub(super) struct Log {
    publications: VecDeque<Arc<Publication>>,
    top: Offset,
    first_writes: Vec<FirstWrite>,
    keys: HashMap<String, Remembered>,
}

struct Remembered {
    offset: Offset,
    data: Payload,
    at: Timestamp,
}

pub(super) enum Appended {
    Duplicate(Offset),
    Stored(Arc<Publication>),
}

impl Log {
    pub(super) fn append(&mut self, draft: &Draft, lives: &Lives) -> Result<Appended, PublishError> {
        let scope = idempotency_scope(draft);
        if let Some(known) = self.keys.get(&scope) {
            let same = known.data == draft.data;
            return if same { Ok(Appended::Duplicate(known.offset)) } else { Err(PublishError::KeyReused) };
        }
        let offset = self.top.next();
        if self.first_writes.last().is_none_or(|write| write.life < lives.number) {
            self.first_writes.push(FirstWrite { life: lives.number, offset });
        }
        let publication = Arc::new(Publication {
            data: draft.data.clone(),
            info: draft.sender.clone(),
            offset,
            time: draft.at,
            key: Some(draft.key.clone()),
        });
        self.top = offset;
        self.publications.push_back(Arc::clone(&publication));
        self.keys.insert(scope, Remembered { offset, data: draft.data.clone(), at: draft.at });
        Ok(Appended::Stored(publication))
    }

    pub(super) const fn top(&self) -> Offset {
        self.top
    }

    fn oldest(&self) -> Offset {
        self.publications.front().map_or(self.top.next(), |publication| publication.offset)
    }

    pub(super) fn replay(&self, since: &Since, limit: PageLimit, lives: &Lives) -> Replay {
        let top = StreamPosition { epoch: lives.current().clone(), offset: self.top };
        let after = match since {
            Since::Start => self.oldest().previous(),
            Since::Offset(offset) if *offset > self.top => {
                return Replay::Gap { reason: GapReason::Beyond, top };
            }
            Since::Offset(offset) => *offset,
            Since::Position(position) => {
                match lineage::judge(position, |epoch| lives.number_of(epoch), &self.first_writes, self.top) {
                    Standing::Beyond => {
                        return Replay::Gap { reason: GapReason::Beyond, top };
                    }
                    Standing::UnknownEpoch => {
                        return Replay::Gap { reason: GapReason::UnknownEpoch, top };
                    }
                    Standing::OnPrefix => position.offset,
                }
            }
        };
        if after.next() < self.oldest() {
            return Replay::Gap { reason: GapReason::Trimmed, top };
        }
        let wanted = self.publications.iter().skip_while(|publication| publication.offset <= after);
        Replay::Complete(Page { publications: fill(wanted, limit), top })
    }

    pub(super) fn latest(&self, before: Option<Offset>, limit: PageLimit, lives: &Lives) -> Page {
        let wanted = self
            .publications
            .iter()
            .rev()
            .skip_while(|publication| before.is_some_and(|before| publication.offset >= before));
        let top = StreamPosition { epoch: lives.current().clone(), offset: self.top };
        Page { publications: fill(wanted, limit), top }
    }

    pub(super) fn trim(&mut self, keep: Duration, now: Timestamp) -> u64 {
        let cutoff = now.before(keep);
        let mut trimmed = 0;
        while self.publications.front().is_some_and(|oldest| oldest.time < cutoff) {
            self.publications.pop_front();
            trimmed += 1;
        }
        let forget = now.before(IDEMPOTENCY_WINDOW);
        self.keys.retain(|_, known| known.at >= forget);
        trimmed
    }
}

/// Takes what fits a page; the first always does.
fn fill<'a>(
    publications: impl Iterator<Item = &'a Arc<Publication>>,
    limit: PageLimit,
) -> Vec<Arc<Publication>> {
    let mut bytes = 0;
    publications
        .enumerate()
        .take_while(|(taken, publication)| {
            bytes += publication.data.as_str().len();
            *taken == 0 || bytes <= limit.bytes
        })
        .map(|(_, publication)| Arc::clone(publication))
        .take(limit.publications)
        .collect()
}
