//! Where a reader begins: from the ring if it reaches back far enough, else from the log.

use crate::assembly::Node;
use hub::{Bell, Channel, Cursor, Next};
use protocol::limits::{PAGE_MAX_BYTES, PAGE_MAX_PUBLICATIONS};
use protocol::reply::HistoryResult;
use protocol::{ChannelName, ErrorCode, GapReason, Offset, Page, PageLimit, Replay, Since, StreamPosition};
use session::{HistoryQuery, Joined, Start};
use std::sync::Arc;
use storage::{History, Unavailable};

/// How far back somebody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// As far as the log goes.
    Log,
    /// What the ring has: their account got more of late than anybody reads.
    Ring,
}

/// Becomes a reader. The reader hears of everything from before its position is looked up, so nothing falls between.
pub(crate) async fn join(
    node: &Node,
    channel: &ChannelName,
    since: Option<Since>,
    bell: &Arc<dyn Bell>,
    reach: Reach,
) -> Result<Joined, ErrorCode> {
    let membership = node.hub.join(channel, bell);
    let anchor = node.following.ensure(&membership).await.map_err(unavailable)?;
    node.behind.note_anchor(anchor, channel);
    let top = membership.top().ok_or(ErrorCode::Internal)?;
    let start = match since {
        None => Start::Live(top),
        Some(since) => match from_ring(&membership, &since, &top) {
            Some(page) => Start::Recovered(page),
            // Later, with the same position, so that nothing is missed.
            None if reach == Reach::Ring => return Err(ErrorCode::TooManyRequests),
            None => from_log(node, channel, &since, &top).await?,
        },
    };
    Ok(Joined { membership, start })
}

/// What came after a position, as the log says.
async fn from_log(
    node: &Node,
    channel: &ChannelName,
    since: &Since,
    ring: &StreamPosition,
) -> Result<Start, ErrorCode> {
    let replayed = node.pages.replay(channel, since, PageLimit::MAX).await.map_err(unavailable)?;
    let start = match replayed.replay() {
        Replay::Complete(page) => Start::Recovered(page.clone()),
        Replay::Gap { top, .. } => Start::Lost(top.clone()),
    };
    let (Start::Live(top) | Start::Lost(top) | Start::Recovered(Page { top, .. })) = &start;
    if top.epoch != ring.epoch {
        // The log began another epoch, and nothing has said so yet.
        node.behind.note([channel.clone()]);
    }
    Ok(start)
}

/// What came after a position of the ring's epoch, if the ring has all of it.
fn from_ring(channel: &Channel, since: &Since, top: &StreamPosition) -> Option<Page> {
    let Since::Position(position) = since else {
        return None;
    };
    if position.epoch != top.epoch || position.offset > top.offset {
        return None;
    }
    let mut cursor = Cursor::after(position);
    let mut entries = Vec::new();
    match channel.read(&mut cursor, PAGE_MAX_BYTES, &mut entries) {
        Next::CaughtUp | Next::More => {
            entries.truncate(PAGE_MAX_PUBLICATIONS);
            let publications = entries.iter().map(|entry| Arc::clone(entry.publication())).collect();
            Some(Page { publications, top: top.clone() })
        }
        Next::Lagged | Next::NewEpoch => None,
    }
}

/// Reads a page for a `history` request.
pub(crate) async fn read_history(
    node: &Node,
    channel: &ChannelName,
    query: HistoryQuery,
) -> Result<HistoryResult, ErrorCode> {
    let history = &node.store.history;
    // Readers of history wait for nothing and can ask again; those who come back get whole pages at any time.
    let most = node.posture.now().history_page(PAGE_MAX_PUBLICATIONS);
    let page_of = |limit: usize| PageLimit::publications(limit.min(most));
    let page = match query {
        HistoryQuery::Position => {
            let top = history.top(channel).await.map_err(unavailable)?;
            Page { publications: Vec::new(), top }
        }
        HistoryQuery::Backward { before, limit } => {
            let before = match before {
                None => None,
                Some(since) => Some(place(&**history, channel, since).await?),
            };
            history.latest(channel, before, page_of(limit)).await.map_err(unavailable)?
        }
        HistoryQuery::Forward { since, limit } => {
            match history.replay(channel, &since, page_of(limit)).await.map_err(unavailable)? {
                Replay::Complete(page) => page,
                Replay::Gap { .. } => return Err(ErrorCode::UnrecoverablePosition),
            }
        }
    };
    Ok(HistoryResult { publications: page.publications, epoch: page.top.epoch, offset: page.top.offset })
}

/// The offset of a place, if it is part of the history.
async fn place(history: &dyn History, channel: &ChannelName, since: Since) -> Result<Offset, ErrorCode> {
    let position = match since {
        Since::Offset(offset) => return Ok(offset),
        Since::Position(position) => position,
        Since::Start => return Ok(Offset::ZERO),
    };
    let offset = position.offset;
    let since = Since::Position(position);
    match history.replay(channel, &since, PageLimit::publications(1)).await.map_err(unavailable)? {
        Replay::Complete(_) | Replay::Gap { reason: GapReason::Trimmed, .. } => Ok(offset),
        Replay::Gap { reason: GapReason::Beyond | GapReason::UnknownEpoch, .. } => {
            Err(ErrorCode::UnrecoverablePosition)
        }
    }
}

/// The store is away for now: an SDK comes back by itself.
const fn unavailable(_: Unavailable) -> ErrorCode {
    ErrorCode::Internal
}
