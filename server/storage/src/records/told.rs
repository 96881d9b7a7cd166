//! Of whom an organiser's device was told lately.

use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The members of whom a device was told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersTold {
    /// Until when it counts.
    pub until: Timestamp,
    /// A part of the hash of each one's id: enough to tell them apart.
    pub marks: BTreeSet<String>,
}

impl std::fmt::Debug for MembersTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MembersTold(…)")
    }
}
