//! Fan-out inside one node. A channel has one [`ring`](Ring) of its latest publications, and each reader has a
//! [`Cursor`] into it: nothing is copied per reader, and a slow reader costs its cursor.
//!
//! Nothing here awaits, reads a clock, or knows a store: when a ring lacks something, its caller is told so.

mod budget;
mod channel;
mod deferral;
mod registry;
mod replayed;
mod ring;

pub use channel::{Anchor, Bell, Channel, Delivery, Next};
pub use deferral::{DEFERRED_MAX_CHANNELS, Deferral, Due};
pub use registry::{Hub, Membership, Occupancy};
pub use replayed::Replayed;
pub use ring::{Cursor, Entry, Ring};

/// The bounds of the fan-out, described.
pub const LIMITS: &[protocol::limits::Limit] = deferral::LIMITS;
