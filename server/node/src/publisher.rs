//! From an order to the log.

use crate::clock;
use protocol::rpc::PublishStatus;
use protocol::{ErrorCode, StreamPosition};
use session::PublishOrder;
use storage::{Draft, Durability, History, PublishError};

/// Stores a message, and answers when the store has it for good.
pub(crate) async fn publish(
    history: &dyn History,
    order: PublishOrder,
) -> Result<(PublishStatus, StreamPosition), ErrorCode> {
    let key = match order.key {
        Some(key) => key,
        None => clock::fresh_key().map_err(|_| ErrorCode::Internal)?,
    };
    let draft = Draft {
        channel: order.channel,
        data: order.data,
        sender: Some(order.sender),
        key,
        at: clock::wall(),
    };
    match history.publish(draft).await {
        Ok(published) => Ok((status(history.durability()), published.position().clone())),
        Err(PublishError::KeyReused) => Err(ErrorCode::BadRequest),
        // The same message with the same key may be sent again: it will be there once.
        Err(PublishError::Unavailable | PublishError::Unknown) => Err(ErrorCode::TooManyRequests),
    }
}

const fn status(durability: Durability) -> PublishStatus {
    match durability {
        Durability::Synced => PublishStatus::Ok,
        Durability::Relaxed | Durability::Volatile => PublishStatus::Accepted,
    }
}
