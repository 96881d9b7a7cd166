//! A channel's log as the promises have it: lives of numbered publications, each life a prefix of the one before and
//! what came after.

use protocol::limits::PAGE_MAX_BYTES;
use protocol::{
    Epoch, GapReason, Offset, Page, Payload, Publication, Replay, Since, StreamPosition, Timestamp,
};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Log {
    /// Oldest first; never empty. The last one is current.
    lives: Vec<Life>,
    /// How many of the oldest publications retention took.
    trimmed: usize,
}

#[derive(Debug)]
struct Life {
    epoch: Epoch,
    publications: Vec<Arc<Publication>>,
    /// Up to here the life is part of the current one.
    common: usize,
}

impl Log {
    pub(super) fn new(epoch: Epoch) -> Self {
        Self { lives: vec![Life { epoch, publications: Vec::new(), common: usize::MAX }], trimmed: 0 }
    }

    fn current(&self) -> &Life {
        self.lives.last().expect("a life")
    }

    pub(super) fn top(&self) -> StreamPosition {
        let life = self.current();
        StreamPosition { epoch: life.epoch.clone(), offset: offset(life.publications.len()) }
    }

    pub(super) fn append(&mut self, data: Payload) -> Arc<Publication> {
        let life = self.lives.last_mut().expect("a life");
        let offset = offset(life.publications.len() + 1);
        let publication =
            Arc::new(Publication { data, info: None, offset, time: Timestamp::default(), key: None });
        life.publications.push(Arc::clone(&publication));
        publication
    }

    pub(super) fn begin_epoch(&mut self, epoch: Epoch, lost: usize) {
        let survived = self.current().publications.len().saturating_sub(lost);
        for life in &mut self.lives {
            life.common = life.common.min(survived);
        }
        let publications = self.current().publications[..survived].to_vec();
        self.trimmed = self.trimmed.min(survived);
        self.lives.push(Life { epoch, publications, common: usize::MAX });
    }

    pub(super) fn trim(&mut self, count: usize) {
        self.trimmed = (self.trimmed + count).min(self.current().publications.len());
    }

    pub(super) fn epochs(&self) -> impl DoubleEndedIterator<Item = &Epoch> {
        self.lives.iter().map(|life| &life.epoch)
    }

    /// What stood at an offset in a life.
    pub(super) fn said(&self, epoch: &str, offset: u64) -> Option<&str> {
        let life = self.lives.iter().find(|life| life.epoch.as_str() == epoch)?;
        let index = usize::try_from(offset.checked_sub(1)?).ok()?;
        life.publications.get(index).map(|publication| publication.data.as_str())
    }

    /// How much of a life the current one has in common with it.
    pub(super) fn in_common(&self, epoch: &str) -> Option<u64> {
        let life = self.lives.iter().find(|life| life.epoch.as_str() == epoch)?;
        Some(life.common as u64)
    }

    pub(super) fn replay(&self, since: &Since, limit: usize) -> Replay {
        let top = self.top();
        let gap = |reason| Replay::Gap { reason, top: top.clone() };
        let after = match since {
            Since::Start => self.trimmed as u64,
            Since::Offset(offset) => offset.get(),
            Since::Position(position) => match self.in_common(position.epoch.as_str()) {
                None => return gap(GapReason::UnknownEpoch),
                Some(common) if position.offset.get() > common => return gap(GapReason::Beyond),
                Some(_) => position.offset.get(),
            },
        };
        let Some(left) = self.current().publications.get(usize::try_from(after).unwrap_or(usize::MAX)..)
        else {
            return gap(GapReason::Beyond);
        };
        if after < self.trimmed as u64 {
            return gap(GapReason::Trimmed);
        }
        let mut bytes = 0;
        let fits = |publication: &&Arc<Publication>| {
            let is_first = bytes == 0;
            bytes += publication.data.as_str().len();
            is_first || bytes <= PAGE_MAX_BYTES
        };
        let publications = left.iter().take(limit).take_while(fits).cloned().collect();
        Replay::Complete(Page { publications, top })
    }
}

fn offset(number: usize) -> Offset {
    Offset::new(number as u64)
}
