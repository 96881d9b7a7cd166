//! What operators order: a posture for all nodes, for a time.

use super::{ORDER_TTL_MAX, ORDER_WORDS_MAX_BYTES, ServicePosture};
use crate::clock;
use crate::http::openapi::words::{Milliseconds, PostureWord};
use admission::Posture;
use protocol::Timestamp;
use serde::Serialize;
use session::Now;
use std::fmt;
use storage::records::posture::{self as record, Override};
use utoipa::ToSchema;

/// An order that holds.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PostureOrderGiven)]
pub(crate) struct Order {
    #[serde(serialize_with = "super::view::word")]
    #[schema(value_type = PostureWord)]
    pub(crate) posture: Posture,
    /// Who gave it, in their own words.
    pub(crate) who: String,
    /// Why.
    pub(crate) why: String,
    #[schema(value_type = Milliseconds)]
    pub(crate) since: Timestamp,
    #[schema(value_type = Milliseconds)]
    pub(crate) until: Timestamp,
}

/// How far an order goes already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reach {
    /// To all nodes.
    Everywhere,
    /// To this node; the store is away, and hears of it when it is back.
    HereOnly,
}

/// Why an order is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OrderRefused {
    #[error("an order ends in the future, and within 24 hours")]
    Expiry,
    #[error("say who orders it and why, in at most 500 bytes each")]
    Words,
    #[error("no order holds")]
    NoOrder,
}

impl Order {
    /// An order as the store has it, if it holds still and is understood.
    pub(super) fn of(forced: &Override, now: Timestamp) -> Option<Self> {
        let posture = Posture::parse(&forced.posture).filter(|_| now < forced.until)?;
        let Override { who, why, since, until, .. } = forced.clone();
        Some(Self { posture, who, why, since, until })
    }
}

impl ServicePosture {
    /// Orders a posture for all nodes, until a time, which is at most [`ORDER_TTL_MAX`] away.
    pub(crate) async fn override_with(
        &self,
        posture: Posture,
        who: &str,
        why: &str,
        until: Timestamp,
    ) -> Result<Reach, OrderRefused> {
        self.order_at(posture, who, why, until, clock::now()).await
    }

    pub(super) async fn order_at(
        &self,
        posture: Posture,
        who: &str,
        why: &str,
        until: Timestamp,
        now: Now,
    ) -> Result<Reach, OrderRefused> {
        let fits = |words: &str| !words.trim().is_empty() && words.len() <= ORDER_WORDS_MAX_BYTES;
        if !fits(who) || !fits(why) {
            return Err(OrderRefused::Words);
        }
        if until <= now.wall || now.wall.until(until) > ORDER_TTL_MAX {
            return Err(OrderRefused::Expiry);
        }
        let forced = Override {
            posture: posture.as_str().to_owned(),
            who: who.to_owned(),
            why: why.to_owned(),
            since: now.wall,
            until,
        };
        Ok(self.carry_out(Some(forced), now).await)
    }

    /// Takes the order back that holds.
    pub(crate) async fn clear_override(&self) -> Result<Reach, OrderRefused> {
        self.clear_at(clock::now()).await
    }

    pub(super) async fn clear_at(&self, now: Now) -> Result<Reach, OrderRefused> {
        if self.standing.lock().current_order().is_none() {
            return Err(OrderRefused::NoOrder);
        }
        Ok(self.carry_out(None, now).await)
    }

    async fn carry_out(&self, forced: Option<Override>, now: Now) -> Reach {
        let change = self.standing.lock().order(forced, now);
        self.tell(change);
        if self.store_order(now).await { Reach::Everywhere } else { Reach::HereOnly }
    }

    /// Lets the store hear of an order that it has not heard of; says whether it knows all now.
    pub(super) async fn store_order(&self, now: Now) -> bool {
        let waiting = self.standing.lock().waiting_order();
        let Some((forced, number)) = waiting else {
            return true;
        };
        let is_stored = record::order(&*self.records, forced.as_ref(), now.wall).await.is_ok();
        if is_stored {
            self.standing.lock().order_is_stored(number);
        }
        is_stored
    }
}

/// It names a person.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order").field("posture", &self.posture).finish_non_exhaustive()
    }
}
