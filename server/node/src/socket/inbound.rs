//! The reading half of a socket that the HTTP server owns: its body, as messages.

use crate::socket::messages::{End, Heard, Messages, YIELD_EVERY};
use actix_web::dev::Payload;
use futures_util::StreamExt;
use protocol::Encoding;

/// The reading half of a socket.
pub(crate) struct Inbound {
    payload: Payload,
    messages: Messages,
    /// Messages since the socket was last waited for.
    run: u32,
}

impl Inbound {
    pub(crate) fn new(payload: Payload, encoding: Encoding) -> Self {
        Self { payload, messages: Messages::new(encoding), run: 0 }
    }

    /// The next message. Nothing is lost if the caller stops waiting.
    pub(super) async fn next(&mut self) -> Heard {
        if self.run >= YIELD_EVERY {
            self.run = 0;
            tokio::task::yield_now().await;
        }
        loop {
            if let Some(heard) = self.messages.next() {
                self.run = self.run.saturating_add(1);
                return heard;
            }
            self.run = 0;
            let Some(Ok(chunk)) = self.payload.next().await else {
                return Heard::Ended(End::Gone);
            };
            self.messages.feed(&chunk);
        }
    }

    /// Passes over what still comes, until the peer has closed its side.
    pub(super) async fn closed(&mut self) {
        while !self.messages.is_refused() {
            if let Heard::Ended(_) = self.next().await {
                break;
            }
        }
        if self.messages.is_refused() {
            while let Some(Ok(_)) = self.payload.next().await {}
        }
    }
}
