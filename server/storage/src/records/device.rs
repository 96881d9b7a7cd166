//! A device on which a member is signed in. Its id is the hash of a secret that only the device has.

use protocol::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};

/// One signed-in device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Whose it is.
    pub member: MemberId,
    /// Since when.
    pub since: Timestamp,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Device(…)")
    }
}
