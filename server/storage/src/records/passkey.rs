//! What is kept of passkeys: a member's, sealed; whose they are; ceremonies under way; and codes for who lost theirs.

use protocol::MemberId;
use serde::{Deserialize, Serialize};

/// A member's passkeys.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRing {
    /// How many of them make an organiser of their owner, so that nothing need be opened to know it.
    pub count: usize,
    /// What they are and what they are called, sealed under the member's key.
    pub sealed: String,
}

/// Whose passkeys a handle stands for: where somebody signs in by one, it says no more of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Whose.
    pub member: MemberId,
}

/// A ceremony that was begun.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ceremony {
    /// Whose it is and what it takes to end it, sealed under the secret of who began it. Nothing, of a sign-in: its browser
    /// has that, and here it says that it ended.
    pub sealed: String,
}

/// A code by which a member begins anew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Whose it is.
    pub member: MemberId,
    /// Which admin made it.
    pub made_by: MemberId,
}

impl std::fmt::Debug for PasskeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasskeyRing(…)")
    }
}

impl std::fmt::Debug for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Owner(…)")
    }
}

impl std::fmt::Debug for Ceremony {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ceremony(…)")
    }
}

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recovery(…)")
    }
}
