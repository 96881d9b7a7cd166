//! What leaves a socket: the conversation puts a frame in when the last one is gone, and the HTTP server takes it in
//! pieces when it has room. So a peer that does not read has a frame waiting here, and no queue.

use crate::socket::frames;
use actix_web::Error;
use actix_web::web::{Bytes, BytesMut};
use futures_util::Stream;
use protocol::{EncodedFrame, Encoding};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

protocol::limits! {
    /// Most bytes that the HTTP server takes at once. Its own buffer holds about as much before it stops taking.
    pub(crate) const PIECE_MAX_BYTES: usize = 16 * 1024 => unseen;
}

/// The conversation's end.
#[derive(Debug)]
pub(crate) struct Outlet {
    slot: Rc<Slot>,
}

/// The HTTP server's end: the body of the response to the upgrade.
#[derive(Debug)]
pub(crate) struct OutletBody {
    slot: Rc<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    frames: RefCell<VecDeque<Bytes>>,
    ended: Cell<bool>,
    taker: RefCell<Option<Waker>>,
    empty: Notify,
}

/// Both ends.
pub(crate) fn outlet() -> (Outlet, OutletBody) {
    let slot = Rc::<Slot>::default();
    (Outlet { slot: Rc::clone(&slot) }, OutletBody { slot })
}

impl Outlet {
    /// Whether what was put in is gone.
    pub(crate) fn is_empty(&self) -> bool {
        self.slot.frames.borrow().is_empty()
    }

    /// Bytes that wait here.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        let waiting: usize = self.slot.frames.borrow().iter().map(Bytes::len).sum();
        waiting.try_into().unwrap_or(u64::MAX)
    }

    /// Ends when what was put in is gone.
    pub(crate) async fn emptied(&self) {
        while !self.is_empty() {
            self.slot.empty.notified().await;
        }
    }

    /// Messages as one frame; answers how many bytes it has.
    pub(super) fn put(&self, messages: &[EncodedFrame], encoding: Encoding) -> usize {
        if let [one] = messages {
            return self.push(one.message().clone());
        }
        let mut frame = BytesMut::new();
        encoding.join_into(messages, &mut frame);
        self.push(frame.freeze())
    }

    /// The answer to a WebSocket ping.
    pub(super) fn put_pong(&self, payload: &[u8]) -> usize {
        self.push(frames::pong(payload))
    }

    /// The last frame, behind what waits.
    pub(super) fn put_close(&self, frame: Bytes) -> usize {
        self.push(frame)
    }

    /// Nothing more comes: the response ends when what waits is taken.
    pub(crate) fn end(&self) {
        self.slot.ended.set(true);
        self.slot.wake_taker();
    }

    fn push(&self, frame: Bytes) -> usize {
        let bytes = frame.len();
        self.slot.frames.borrow_mut().push_back(frame);
        self.slot.wake_taker();
        bytes
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        self.end();
    }
}

impl Slot {
    fn wake_taker(&self) {
        if let Some(taker) = self.taker.take() {
            taker.wake();
        }
    }

    fn take(&self) -> Option<Bytes> {
        let mut frames = self.frames.borrow_mut();
        let front = frames.front_mut()?;
        if front.len() > PIECE_MAX_BYTES {
            return Some(front.split_to(PIECE_MAX_BYTES));
        }
        let piece = frames.pop_front();
        if frames.is_empty() {
            self.empty.notify_one();
        }
        piece
    }
}

impl Stream for OutletBody {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(piece) = self.slot.take() {
            return Poll::Ready(Some(Ok(piece)));
        }
        if self.slot.ended.get() {
            return Poll::Ready(None);
        }
        *self.slot.taker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt};
    use protocol::Push;

    fn taken(body: &mut OutletBody) -> Vec<usize> {
        std::iter::from_fn(|| body.next().now_or_never().flatten())
            .map(|piece| piece.unwrap().len())
            .collect()
    }

    #[test]
    fn a_large_frame_leaves_in_pieces_and_the_outlet_is_empty_after_the_last() {
        let (outlet, mut body) = outlet();
        let frame = outlet.put_pong(&vec![b'x'; 40_000]);
        assert_eq!(frame, 40_004);
        assert_eq!(outlet.waiting_bytes(), 40_004);
        assert!(outlet.emptied().now_or_never().is_none());
        assert_eq!(taken(&mut body), [PIECE_MAX_BYTES, PIECE_MAX_BYTES, 40_004 - 2 * PIECE_MAX_BYTES]);
        assert!(outlet.emptied().now_or_never().is_some());
    }

    #[test]
    fn the_response_ends_behind_the_close() {
        let (outlet, mut body) = outlet();
        outlet.put(&[Encoding::Json.encode_push(&Push::Ping)], Encoding::Json);
        outlet.put_close(frames::close(None));
        outlet.end();
        assert_eq!(taken(&mut body), [4, 2]);
        assert!(body.next().now_or_never().unwrap().is_none());
    }
}
