//! Replies and pushes that wait for the socket.

use protocol::limits::{PAGE_MAX_BYTES, PAGE_MAX_PUBLICATIONS};
use protocol::{EncodedFrame, Encoding, Publication, Push, Reply};
use std::collections::VecDeque;
use std::sync::Arc;

/// Most bytes of replies that may wait; a client that asks on without reading is closed with 3013.
pub(crate) const OUTBOX_MAX_BYTES: usize = 112 * 1024;
/// Replies carry pages while no more bytes than this wait with them: requests for history wait, and what was missed
/// follows as pushes.
const OUTBOX_PAGE_MAX_BYTES: usize = 96 * 1024;
/// What a publication takes in a reply besides its payload: its place, its sender, the names around them.
const PUBLICATION_OVERHEAD_BYTES: usize = 160;
/// What a page takes in a reply, at most.
pub(crate) const PAGE_REPLY_MAX_BYTES: usize =
    PAGE_MAX_BYTES + PAGE_MAX_PUBLICATIONS * PUBLICATION_OVERHEAD_BYTES;

/// What a page takes in a reply, about.
pub(crate) fn page_reply_bytes(publications: &[Arc<Publication>]) -> usize {
    publications
        .iter()
        .map(|publication| publication.data.as_str().len().saturating_add(PUBLICATION_OVERHEAD_BYTES))
        .sum()
}

#[derive(Debug)]
pub(crate) struct Outbox {
    encoding: Encoding,
    frames: VecDeque<EncodedFrame>,
    bytes: usize,
}

impl Outbox {
    pub(crate) const fn new(encoding: Encoding) -> Self {
        Self { encoding, frames: VecDeque::new(), bytes: 0 }
    }

    pub(crate) fn reply(&mut self, reply: &Reply) {
        self.add(self.encoding.encode_reply(reply));
    }

    pub(crate) fn push(&mut self, push: &Push) {
        self.add(self.encoding.encode_push(push));
    }

    fn add(&mut self, frame: EncodedFrame) {
        self.bytes = self.bytes.saturating_add(frame.len());
        self.frames.push_back(frame);
    }

    pub(crate) const fn is_overfull(&self) -> bool {
        self.bytes > OUTBOX_MAX_BYTES
    }

    pub(crate) const fn has_room_for(&self, page_bytes: usize) -> bool {
        self.bytes.saturating_add(page_bytes) <= OUTBOX_PAGE_MAX_BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Moves frames to `out` until it has about `max_bytes`; answers how many bytes it has.
    pub(crate) fn take(&mut self, max_bytes: usize, out: &mut Vec<EncodedFrame>) -> usize {
        let mut taken = 0usize;
        while taken < max_bytes {
            let Some(frame) = self.frames.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(frame.len());
            taken = taken.saturating_add(frame.len());
            out.push(frame);
        }
        taken
    }
}
