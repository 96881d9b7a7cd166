//! The latest publications of one channel in one epoch, and readers' places in them.

use protocol::{ChannelName, EncodedFrame, Encoding, Epoch, Offset, Publication, Push, StreamPosition};
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

/// What one entry costs besides its payload, in bytes: the structures around it.
const ENTRY_OVERHEAD_BYTES: usize = 256;

/// What a frame has besides its payload, in bytes: the channel, the place, the sender, the names around them.
const FRAME_OVERHEAD_BYTES: usize = 160;

/// A publication and its frames: each encoding is made when first needed, once, and shared.
#[derive(Debug)]
pub struct Entry {
    publication: Arc<Publication>,
    json: OnceLock<EncodedFrame>,
    protobuf: OnceLock<EncodedFrame>,
}

impl Entry {
    fn new(publication: Arc<Publication>) -> Self {
        Self { publication, json: OnceLock::new(), protobuf: OnceLock::new() }
    }

    /// The publication.
    pub const fn publication(&self) -> &Arc<Publication> {
        &self.publication
    }

    /// Its push in an encoding.
    pub fn frame(&self, channel: &ChannelName, encoding: Encoding) -> &EncodedFrame {
        let frame = match encoding {
            Encoding::Json => &self.json,
            Encoding::Protobuf => &self.protobuf,
        };
        frame.get_or_init(|| {
            encoding.encode_push(&Push::Publication(channel.clone(), Arc::clone(&self.publication)))
        })
    }

    /// What the entry is counted for: payload and two frames of about its size.
    fn cost(&self) -> usize {
        self.publication.data.as_str().len().saturating_mul(3).saturating_add(ENTRY_OVERHEAD_BYTES)
    }
}

/// A reader's place: the next offset it wants, in the epoch in which it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The offset of the next publication to read.
    pub next: Offset,
    epoch: Epoch,
    /// The life of the channel in which the epoch was found to be its ring's; none if that was not seen yet.
    pub(crate) life: Life,
}

/// Counts the rings that a channel had; zero before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Life(pub(crate) u32);

impl Cursor {
    /// The place right after a position.
    pub fn after(position: &StreamPosition) -> Self {
        Self { epoch: position.epoch.clone(), next: position.offset.next(), life: Life::default() }
    }

    /// The epoch in which it counts.
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Stays where it is, in another life of the log.
    pub fn go_on_in(&mut self, epoch: Epoch) {
        self.epoch = epoch;
        self.life = Life::default();
    }

    /// The last position that was read.
    pub fn position(&self) -> StreamPosition {
        StreamPosition { epoch: self.epoch.clone(), offset: self.next.previous() }
    }
}

/// Consecutive publications that end at the top.
#[derive(Debug)]
pub struct Ring {
    epoch: Epoch,
    top: Offset,
    entries: VecDeque<Arc<Entry>>,
}

impl Ring {
    /// An empty ring whose next publication comes right after `position`.
    pub fn anchored_at(position: StreamPosition) -> Self {
        Self { epoch: position.epoch, top: position.offset, entries: VecDeque::new() }
    }

    /// The newest position.
    pub fn top(&self) -> StreamPosition {
        StreamPosition { epoch: self.epoch.clone(), offset: self.top }
    }

    /// The newest offset.
    pub const fn newest(&self) -> Offset {
        self.top
    }

    /// The epoch.
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The offset of the oldest entry; the next one to come if there is none.
    pub fn oldest(&self) -> Offset {
        self.entries.front().map_or(self.top.next(), |entry| entry.publication.offset)
    }

    /// Its publications, oldest first.
    pub(crate) fn publications(&self) -> impl Iterator<Item = &Arc<Publication>> {
        self.entries.iter().map(|entry| entry.publication())
    }

    /// Appends the publication that comes right after the top, and answers its cost. The caller checked the offset.
    pub(crate) fn push(&mut self, publication: Arc<Publication>) -> usize {
        self.top = publication.offset;
        let entry = Arc::new(Entry::new(publication));
        let cost = entry.cost();
        self.entries.push_back(entry);
        cost
    }

    /// Removes the oldest entry if it is this one, and answers what it cost.
    pub(crate) fn evict(&mut self, offset: Offset) -> Option<usize> {
        let oldest = self.entries.front().filter(|entry| entry.publication.offset == offset)?;
        let cost = oldest.cost();
        self.entries.pop_front();
        Some(cost)
    }

    /// What all entries cost.
    pub(crate) fn cost(&self) -> usize {
        self.entries.iter().map(|entry| entry.cost()).sum()
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the entry at an offset is here.
    pub(crate) fn holds(&self, offset: Offset) -> bool {
        self.get(offset).is_some()
    }

    /// The entry at an offset, if it is here.
    fn get(&self, offset: Offset) -> Option<&Arc<Entry>> {
        let index = offset.get().checked_sub(self.oldest().get())?;
        self.entries.get(usize::try_from(index).ok()?)
    }

    /// Entries from `cursor` on, as many as have about `max_bytes` as frames (at least one), and moves it on.
    pub(crate) fn take(&self, cursor: &mut Cursor, max_bytes: usize, out: &mut Vec<Arc<Entry>>) {
        let mut bytes = 0usize;
        while let Some(entry) = self.get(cursor.next) {
            bytes = bytes
                .saturating_add(entry.publication.data.as_str().len().saturating_add(FRAME_OVERHEAD_BYTES));
            if bytes > max_bytes && !out.is_empty() {
                break;
            }
            out.push(Arc::clone(entry));
            cursor.next = cursor.next.next();
        }
    }
}
