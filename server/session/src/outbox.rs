//! Replies and pushes that wait for the socket.

use protocol::{EncodedFrame, Encoding, Push, Reply};
use std::collections::VecDeque;

/// Most bytes of replies that may wait; a client that asks on without reading is closed with 3013.
pub(crate) const OUTBOX_MAX_BYTES: usize = 1024 * 1024;
/// While more bytes than this wait, replies carry no pages: requests for pages get error 111, and what was missed
/// follows as pushes.
pub(crate) const OUTBOX_PAGE_MAX_BYTES: usize = 256 * 1024;

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
