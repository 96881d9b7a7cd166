//! An account at the campaign's own sign-on, and the member whose it is. The record's id is a keyed hash of issuer and
//! account: the store names neither.

use protocol::MemberId;
use serde::{Deserialize, Serialize};

/// Whose an account is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalAccount {
    /// The member.
    pub member: MemberId,
}

impl std::fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ExternalAccount(…)")
    }
}
