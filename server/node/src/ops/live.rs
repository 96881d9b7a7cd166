//! The live feed: one line a second for each viewer, taken when their socket has room, so that a slow one skips lines
//! and nothing waits for it.

use super::status::Board;
use crate::assembly::Node;
use crate::http::credentials::{Credential, check_origin};
use crate::http::problem::Problem;
use actix_http::ws::{CloseCode, OpCode, Parser};
use actix_web::body::BodyStream;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use futures_util::{StreamExt, stream};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

protocol::limits! {
    /// Most viewers of the live feed; one more gets 503.
    const LIVE_VIEWERS_MAX: usize = 8 => unseen;
    /// Largest frame that a viewer may send; who sends a larger one is closed.
    const LIVE_FRAME_MAX_BYTES: usize = 4 * 1024 => unseen;
}

/// Places for viewers, and when all of them have to go.
#[derive(Debug, Clone)]
pub(super) struct Gallery {
    places: Arc<Semaphore>,
    closing: CancellationToken,
}

/// One who watches.
struct Viewer {
    lines: watch::Receiver<Arc<str>>,
    gone: CancellationToken,
    _place: OwnedSemaphorePermit,
    is_over: bool,
}

impl Gallery {
    pub(super) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(LIVE_VIEWERS_MAX)), closing: CancellationToken::new() }
    }

    /// Every viewer is told that it is over.
    pub(super) fn close(&self) {
        self.closing.cancel();
    }
}

/// `GET /live`.
pub(super) async fn live(
    request: HttpRequest,
    node: web::Data<Node>,
    board: web::Data<Board>,
    gallery: web::Data<Gallery>,
    body: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    // A page of somebody else must not watch over an operator's shoulder.
    check_origin(&request, &node, Credential::Bearer)?;
    let place = Arc::clone(&gallery.places).try_acquire_owned().map_err(|_| Problem::Unavailable)?;
    // The handshake alone: its own body has a queue.
    let nothing = web::Payload::from_request(&request, &mut dev::Payload::None).await?;
    let (response, _, _) = actix_ws::handle(&request, nothing)?;
    let gone = gallery.closing.child_token();
    actix_web::rt::spawn(listen(body, gone.clone()));
    let viewer = Viewer { lines: board.lines(), gone, _place: place, is_over: false };
    let frames = BodyStream::new(stream::unfold(viewer, next));
    Ok(response.set_body(frames).map_into_boxed_body())
}

/// Waits until the viewer goes; what they say counts for nothing.
async fn listen(mut body: web::Payload, gone: CancellationToken) {
    let mut bytes = BytesMut::new();
    while let Some(Ok(more)) = gone.run_until_cancelled(body.next()).await.flatten() {
        bytes.extend_from_slice(&more);
        loop {
            match Parser::parse(&mut bytes, true, LIVE_FRAME_MAX_BYTES) {
                Ok(Some((_, OpCode::Close, _))) | Err(_) => return gone.cancel(),
                Ok(Some(_)) => {}
                Ok(None) => break,
            }
        }
    }
    gone.cancel();
}

/// The next frame. It is asked for when there is room.
async fn next(mut viewer: Viewer) -> Option<(Result<Bytes, Infallible>, Viewer)> {
    if viewer.is_over {
        return None;
    }
    let mut frame = BytesMut::new();
    tokio::select! {
        changed = viewer.lines.changed() => {
            changed.ok()?;
            let line = Arc::clone(&viewer.lines.borrow_and_update());
            Parser::write_message(&mut frame, line.as_bytes(), OpCode::Text, true, false);
        }
        () = viewer.gone.cancelled() => {
            viewer.is_over = true;
            Parser::write_close(&mut frame, Some(CloseCode::Away.into()), false);
        }
    }
    Some((Ok(frame.freeze()), viewer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_viewer_skips_lines_and_is_told_when_it_is_over() {
        let (board, lines) = watch::channel(Arc::from(""));
        let gallery = Gallery::new();
        let place = Arc::clone(&gallery.places).try_acquire_owned().unwrap();
        let gone = gallery.closing.child_token();
        let viewer = Viewer { lines, gone, _place: place, is_over: false };
        for line in ["one", "two", "three"] {
            board.send_replace(line.into());
        }
        let (frame, viewer) = next(viewer).await.unwrap();
        assert_eq!(frame.unwrap()[..], b"\x81\x05three"[..]);
        gallery.close();
        let (frame, viewer) = next(viewer).await.unwrap();
        assert_eq!(frame.unwrap()[..], b"\x88\x02\x03\xe9"[..]);
        assert_eq!(gallery.places.available_permits(), LIVE_VIEWERS_MAX - 1);
        assert!(next(viewer).await.is_none());
        assert_eq!(gallery.places.available_permits(), LIVE_VIEWERS_MAX);
    }
}
