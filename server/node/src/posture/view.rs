//! What operators are told of the posture.

use super::Order;
use super::standing::Standing;
use crate::http::openapi::words::{Milliseconds, PostureWord, TriggerWord};
use admission::{Posture, Signs, Trigger};
use protocol::Timestamp;
use serde::{Serialize, Serializer};
use session::Now;
use utoipa::ToSchema;

/// Everything that this node knows of the posture. It names who gave an order, so it is for operators alone.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Posture)]
pub(crate) struct PostureView {
    /// The posture of the deployment.
    #[serde(serialize_with = "word")]
    #[schema(value_type = PostureWord)]
    pub(crate) posture: Posture,
    #[schema(value_type = Milliseconds)]
    pub(crate) since: Timestamp,
    /// Why it changed last.
    #[serde(serialize_with = "why")]
    #[schema(value_type = TriggerWord)]
    pub(crate) trigger: Trigger,
    pub(crate) value: f64,
    /// What this node decided alone.
    #[serde(serialize_with = "word")]
    #[schema(value_type = PostureWord)]
    pub(crate) own: Posture,
    /// The order that holds.
    pub(crate) order: Option<Order>,
    /// Nodes that are known, this one among them.
    pub(crate) nodes: usize,
    /// Whether the store has answered lately.
    pub(crate) hears_the_store: bool,
    pub(crate) signs: SignsView,
}

/// What the last second showed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = Signs)]
pub(crate) struct SignsView {
    pub(crate) pressure: f64,
    pub(crate) strangers_offered: u64,
    pub(crate) strangers_admitted: u64,
    pub(crate) memory_share: f64,
    pub(crate) descriptors_share: f64,
}

impl PostureView {
    pub(super) fn of(standing: &Standing, now: Now) -> Self {
        let last = standing.last();
        let posture = standing.posture();
        // A node that came later knows since when it is so from the last word of all.
        let announced = standing.announced().filter(|(_, word)| word.posture == posture.as_str());
        Self {
            posture,
            since: announced.map_or(last.at, |(_, word)| word.since.min(last.at)),
            trigger: last.trigger,
            value: last.value,
            own: standing.own(),
            order: standing.current_order().cloned(),
            nodes: standing.nodes(now.instant),
            hears_the_store: standing.hears_the_store(now.instant),
            signs: SignsView::of(standing.signs()),
        }
    }
}

impl SignsView {
    const fn of(signs: &Signs) -> Self {
        let Signs { pressure, strangers_offered, strangers_admitted, memory_share, descriptors_share } =
            *signs;
        Self { pressure, strangers_offered, strangers_admitted, memory_share, descriptors_share }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it like this")]
pub(super) fn word<S: Serializer>(posture: &Posture, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(posture.as_str())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it like this")]
fn why<S: Serializer>(trigger: &Trigger, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(trigger.as_str())
}
