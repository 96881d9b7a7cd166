//! What a conversation gives to be written, and what it is: who writes it can account for what left and to whom.

use hub::Entry;
use protocol::{ChannelName, EncodedFrame, Encoding, Offset, Publication};
use std::sync::Arc;

/// Frames and runs for which an output keeps its memory while it has none.
const KEPT_MAX: usize = 64;

/// Frames in order, and what is in them. One is enough for all connections of a thread: it keeps its memory from one to
/// the next.
#[derive(Debug, Default)]
pub struct Output {
    /// What to write.
    pub frames: Vec<EncodedFrame>,
    /// The publications in the frames.
    pub runs: Vec<Run>,
    /// Bytes of replies, without the publications in them.
    pub reply_bytes: usize,
    /// Bytes of everything else that is no publication.
    pub control_bytes: usize,
    /// Whether more can be had at once, that did not fit.
    pub has_more: bool,
    bytes: usize,
    /// Between a ring and the frames.
    entries: Vec<Arc<Entry>>,
}

/// Publications of one channel, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Their channel.
    pub channel: ChannelName,
    /// The first of them.
    pub first: Offset,
    /// The last of them.
    pub last: Offset,
    /// How many there are.
    pub publications: u64,
    /// Their bytes: of a push all of it, of a reply their payloads.
    pub bytes: usize,
}

/// What waits in the outbox is one of these.
#[derive(Debug)]
pub(crate) enum Kind {
    Control,
    /// With the pages in it.
    Reply(Vec<Run>),
}

impl Run {
    /// The publications of a page, which are consecutive; nothing if there are none.
    pub(crate) fn of_page(channel: &ChannelName, page: &[Arc<Publication>]) -> Option<Self> {
        let (first, last) = (page.first()?.offset, page.last()?.offset);
        Some(Self {
            channel: channel.clone(),
            first: first.min(last),
            last: last.max(first),
            publications: page.len().try_into().unwrap_or(u64::MAX),
            bytes: page.iter().map(|publication| publication.data.as_str().len()).sum(),
        })
    }
}

impl Output {
    /// Empties it, and keeps a bounded part of its memory.
    pub fn clear(&mut self) {
        self.frames.clear();
        self.frames.shrink_to(KEPT_MAX);
        self.runs.clear();
        self.runs.shrink_to(KEPT_MAX);
        self.entries.clear();
        self.entries.shrink_to(KEPT_MAX);
        (self.reply_bytes, self.control_bytes, self.bytes) = (0, 0, 0);
        self.has_more = false;
    }

    /// Bytes of all frames.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a push with a publication.
    pub(crate) fn publication(&mut self, channel: &ChannelName, offset: Offset, frame: EncodedFrame) {
        let bytes = frame.len();
        self.add(frame);
        match self.runs.last_mut() {
            Some(run) if run.channel == *channel && run.last.next() == offset => {
                run.last = offset;
                run.publications = run.publications.saturating_add(1);
                run.bytes = run.bytes.saturating_add(bytes);
            }
            Some(_) | None => self.runs.push(Run {
                channel: channel.clone(),
                first: offset,
                last: offset,
                publications: 1,
                bytes,
            }),
        }
    }

    /// Adds the publications that `read` takes from a channel's ring.
    pub(crate) fn ring<T>(
        &mut self,
        channel: &ChannelName,
        encoding: Encoding,
        read: impl FnOnce(&mut Vec<Arc<Entry>>) -> T,
    ) -> T {
        let mut entries = std::mem::take(&mut self.entries);
        let result = read(&mut entries);
        for entry in entries.drain(..) {
            self.publication(channel, entry.publication().offset, entry.frame(channel, encoding).clone());
        }
        self.entries = entries;
        result
    }

    /// Adds what waited in the outbox.
    pub(crate) fn waiting(&mut self, kind: Kind, frame: EncodedFrame) {
        match kind {
            Kind::Control => self.control_bytes = self.control_bytes.saturating_add(frame.len()),
            Kind::Reply(pages) => {
                let of_pages: usize = pages.iter().map(|run| run.bytes).sum();
                let rest = frame.len().saturating_sub(of_pages);
                self.reply_bytes = self.reply_bytes.saturating_add(rest);
                self.runs.extend(pages);
            }
        }
        self.add(frame);
    }

    fn add(&mut self, frame: EncodedFrame) {
        self.bytes = self.bytes.saturating_add(frame.len());
        self.frames.push(frame);
    }
}
