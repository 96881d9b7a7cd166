//! Pages that somebody has, for others who want the same: readers who come back together are not all at the same page at the
//! same moment, and each page of its own would be their memory and its reading their wait.

use super::{HELD_MAX_AGE, Wanted};
use hub::Replayed;
use protocol::Replay;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Instant;

/// Entries before the first look whether their pages are still held.
const SWEEP_MIN_ENTRIES: usize = 64;

/// Who looks here keeps nothing: a page goes with the last who writes it. Entries of pages that went are swept when there are
/// twice as many as were alive at the last sweep.
#[derive(Default)]
pub(super) struct Held {
    pages: HashMap<Wanted, Entry>,
    alive: usize,
}

struct Entry {
    page: Weak<Replayed>,
    read_at: Instant,
}

impl Held {
    /// The page, if somebody has it and it was read lately.
    pub(super) fn get(&self, wanted: &Wanted, now: Instant) -> Option<Arc<Replayed>> {
        let entry = self.pages.get(wanted)?;
        let is_fresh = now.saturating_duration_since(entry.read_at) < HELD_MAX_AGE;
        is_fresh.then(|| entry.page.upgrade()).flatten()
    }

    /// Notes a page that was asked for then. Only what is in the middle of a log stays what it is.
    pub(super) fn note(&mut self, wanted: Wanted, page: &Arc<Replayed>, asked_at: Instant) {
        let Replay::Complete(of) = page.replay() else { return };
        if of.publications.last().is_none_or(|last| last.offset >= of.top.offset) {
            return;
        }
        let is_there = self.pages.get(&wanted).is_some_and(|entry| entry.page.as_ptr() == Arc::as_ptr(page));
        if is_there {
            // Noted by another who waited for the same read.
            return;
        }
        self.pages.insert(wanted, Entry { page: Arc::downgrade(page), read_at: asked_at });
        if self.pages.len() > SWEEP_MIN_ENTRIES.max(self.alive.saturating_mul(2)) {
            self.pages.retain(|_, entry| entry.page.strong_count() > 0);
            self.alive = self.pages.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{
        ChannelName, Epoch, Offset, Page, PageLimit, Payload, Publication, Since, StreamPosition, Timestamp,
    };

    fn wanted(offset: u64) -> Wanted {
        let since = Since::Offset(Offset::new(offset));
        Wanted { channel: ChannelName::bulletins_all(), since, limit: PageLimit::MAX }
    }

    /// One publication of a log that ends at `top`.
    fn page(offset: u64, top: u64) -> Arc<Replayed> {
        let publication = Publication {
            data: Payload::parse(b"1").unwrap(),
            info: None,
            offset: Offset::new(offset),
            time: Timestamp::default(),
            key: None,
        };
        let top = StreamPosition { epoch: Epoch::parse("e").unwrap(), offset: Offset::new(top) };
        Arc::new(Replay::Complete(Page { publications: vec![Arc::new(publication)], top }).into())
    }

    #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_page_is_there_for_others_as_long_as_somebody_has_it_and_no_longer_than_its_time() {
        let (mut held, now, one) = (Held::default(), start(), page(1, 9));
        held.note(wanted(0), &one, now);
        assert!(held.get(&wanted(0), now).is_some_and(|page| Arc::ptr_eq(&page, &one)));
        assert!(held.get(&wanted(1), now).is_none());
        assert!(held.get(&wanted(0), now + HELD_MAX_AGE).is_none());
        drop(one);
        assert!(held.get(&wanted(0), now).is_none());
    }

    #[test]
    fn being_given_on_makes_no_page_younger() {
        let (mut held, now, one) = (Held::default(), start(), page(1, 9));
        held.note(wanted(0), &one, now);
        held.note(wanted(0), &one, now + HELD_MAX_AGE / 2);
        assert!(held.get(&wanted(0), now + HELD_MAX_AGE).is_none());
    }

    #[test]
    fn the_end_of_a_log_is_read_again() {
        let (mut held, now) = (Held::default(), start());
        let last = page(9, 9);
        held.note(wanted(8), &last, now);
        assert!(held.get(&wanted(8), now).is_none());
    }

    #[test]
    fn entries_of_pages_that_went_are_swept() {
        let (mut held, now) = (Held::default(), start());
        let kept = page(1, 10_000);
        held.note(wanted(0), &kept, now);
        for offset in 2..1_000 {
            held.note(wanted(offset), &page(offset, 10_000), now);
        }
        assert!(held.pages.len() <= SWEEP_MIN_ENTRIES);
        assert!(held.get(&wanted(0), now).is_some());
    }
}
