//! A code that moves a member to another device. Its id is a keyed hash of the code.

use protocol::MemberId;
use serde::{Deserialize, Serialize};

/// Whose it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Who comes in by it.
    pub member: MemberId,
}

impl std::fmt::Debug for Transfer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transfer(…)")
    }
}
