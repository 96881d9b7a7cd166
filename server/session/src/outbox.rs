//! Replies and pushes that wait for the socket.

use crate::limits::{OUTBOX_MAX_BYTES, OUTBOX_PAGE_MAX_BYTES, PUBLICATION_OVERHEAD_BYTES, reached};
use crate::output::{Kind, Output, Run};
use crate::watch::Watch;
use protocol::{EncodedFrame, Encoding, Publication, Push, Reply};
use std::collections::VecDeque;
use std::sync::Arc;

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
    frames: VecDeque<(Kind, EncodedFrame)>,
    bytes: usize,
}

impl Outbox {
    pub(crate) const fn new(encoding: Encoding) -> Self {
        Self { encoding, frames: VecDeque::new(), bytes: 0 }
    }

    pub(crate) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn reply(&mut self, reply: &Reply, watch: &dyn Watch) {
        self.reply_with_pages(reply, Vec::new(), watch);
    }

    /// A reply that has these publications in it.
    pub(crate) fn reply_with_pages(&mut self, reply: &Reply, pages: Vec<Run>, watch: &dyn Watch) {
        if let Err(code) = reply.body {
            watch.refused(code);
        }
        self.add(Kind::Reply(pages), self.encoding.encode_reply(reply), watch);
    }

    pub(crate) fn push(&mut self, push: &Push, watch: &dyn Watch) {
        self.add(Kind::Control, self.encoding.encode_push(push), watch);
    }

    fn add(&mut self, kind: Kind, frame: EncodedFrame, watch: &dyn Watch) {
        let before = self.is_overfull();
        self.bytes = self.bytes.saturating_add(frame.len());
        self.frames.push_back((kind, frame));
        if self.is_overfull() && !before {
            watch.limit_reached(reached::OUTBOX_MAX_BYTES);
        }
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

    /// Moves frames to `out` until it has about `max_bytes`.
    pub(crate) fn take(&mut self, max_bytes: usize, out: &mut Output) {
        while out.bytes() < max_bytes {
            let Some((kind, frame)) = self.frames.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(frame.len());
            out.waiting(kind, frame);
        }
        if self.frames.is_empty() {
            // Nearly always nothing waits, on nearly all connections.
            self.frames = VecDeque::new();
        }
    }
}
