//! One use of an invitation by one attempt, so that a repeated attempt finds its member instead of using it again.

use protocol::{DeviceId, MemberId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

protocol::limits! {
    /// How long a repeated attempt to come in is recognised; a later one uses the invite once more.
    pub const REDEMPTION_WINDOW: Duration = Duration::from_hours(1) => unseen;
}

/// Who came of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// The member that the first attempt made.
    pub member: MemberId,
    /// The device that it signed in.
    pub device: DeviceId,
}

impl std::fmt::Debug for Redemption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redemption(…)")
    }
}
