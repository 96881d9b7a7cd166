//! What was said in one channel, in memory.

use protocol::{IdempotencyKey, Offset, PageLimit, Payload, Publication, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Most publications of a channel, and most bytes of what they say; of more, the oldest go, and their keys with them.
const LOG_MAX_PUBLICATIONS: usize = 200_000;
const LOG_MAX_BYTES: usize = 256 * 1_024 * 1_024;

/// A log.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Consecutive.
    entries: VecDeque<Entry>,
    /// Behind which the oldest stands.
    base: Offset,
    top: Offset,
    bytes: usize,
    keys: HashMap<IdempotencyKey, Offset>,
}

#[derive(Debug)]
struct Entry {
    publication: Arc<Publication>,
    key: Option<IdempotencyKey>,
}

impl Log {
    /// The newest offset.
    pub(super) const fn top(&self) -> Offset {
        self.top
    }

    /// Behind which the oldest stands.
    pub(super) const fn base(&self) -> Offset {
        self.base
    }

    /// Whether everything behind this offset is here.
    pub(super) fn continues(&self, after: Offset) -> bool {
        (self.base..=self.top).contains(&after)
    }

    /// Where what was said under this key stands.
    pub(super) fn place(&self, key: &IdempotencyKey) -> Option<Offset> {
        self.keys.get(key).copied()
    }

    /// Takes the next message.
    pub(super) fn append(
        &mut self,
        data: Payload,
        key: Option<IdempotencyKey>,
        time: Timestamp,
    ) -> Arc<Publication> {
        self.top = self.top.next();
        self.bytes += data.as_str().len();
        if let Some(key) = &key {
            self.keys.insert(key.clone(), self.top);
        }
        let publication = Arc::new(Publication { data, info: None, offset: self.top, time, key: None });
        self.entries.push_back(Entry { publication: Arc::clone(&publication), key });
        while self.entries.len() > LOG_MAX_PUBLICATIONS || self.bytes > LOG_MAX_BYTES {
            self.forget_oldest();
        }
        publication
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.entries.pop_front() else { return };
        self.base = oldest.publication.offset;
        self.bytes -= oldest.publication.data.as_str().len();
        if let Some(key) = oldest.key {
            self.keys.remove(&key);
        }
    }

    /// What stands behind this offset, oldest first.
    pub(super) fn page(&self, after: Offset, limit: PageLimit) -> Vec<Arc<Publication>> {
        let skipped = usize::try_from(after.get().saturating_sub(self.base.get())).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let rest = self.entries.range(skipped.min(self.entries.len())..);
        let fitting = rest.take(limit.publications).take_while(|entry| {
            let is_first = bytes == 0;
            bytes += entry.publication.data.as_str().len();
            is_first || bytes <= limit.bytes
        });
        fitting.map(|entry| Arc::clone(&entry.publication)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(log: &mut Log, data: &str, key: Option<&str>) {
        let key = key.map(|key| IdempotencyKey::parse(key).unwrap());
        log.append(Payload::parse(data.as_bytes()).unwrap(), key, Timestamp::from_millis(0));
    }

    fn offsets(page: &[Arc<Publication>]) -> Vec<u64> {
        page.iter().map(|publication| publication.offset.get()).collect()
    }

    #[test]
    fn a_page_begins_where_it_is_asked_for_and_ends_at_its_bounds() {
        let mut log = Log::default();
        for _ in 0..400 {
            say(&mut log, "1", None);
        }
        assert_eq!(offsets(&log.page(Offset::new(398), PageLimit::MAX)), [399, 400]);
        assert_eq!(log.page(Offset::ZERO, PageLimit::MAX).len(), 300);
        assert_eq!(offsets(&log.page(Offset::new(7), PageLimit::publications(2))), [8, 9]);
        assert!(log.page(Offset::new(400), PageLimit::MAX).is_empty());
        let large = format!("\"{}\"", "a".repeat(5_000));
        for _ in 0..10 {
            say(&mut log, &large, None);
        }
        assert_eq!(log.page(Offset::new(400), PageLimit::MAX).len(), 6);
        let narrow = PageLimit { publications: 10, bytes: 10 };
        assert_eq!(log.page(Offset::new(400), narrow).len(), 1, "one always fits");
    }

    #[test]
    fn the_oldest_go_first_and_take_their_keys_with_them() {
        let mut log = Log::default();
        say(&mut log, "1", Some("a"));
        for _ in 0..LOG_MAX_PUBLICATIONS {
            say(&mut log, "1", None);
        }
        assert_eq!((log.base(), log.top()), (Offset::new(1), Offset::new(200_001)));
        assert_eq!(log.place(&IdempotencyKey::parse("a").unwrap()), None);
        assert!(log.continues(Offset::new(1)) && log.continues(log.top()));
        assert!(!log.continues(Offset::ZERO) && !log.continues(log.top().next()));
        assert_eq!(offsets(&log.page(Offset::new(1), PageLimit::publications(1))), [2]);
    }
}
