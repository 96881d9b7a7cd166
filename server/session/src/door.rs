//! Who comes in, and what they may: asked of whoever knows the keys and how hard pressed the node is.

use identity::{AccessTokens, Principal, SubscriptionTokens, TokenRefusal};
use protocol::Timestamp;
use std::fmt;

/// Checks what a client shows.
pub trait Door: fmt::Debug + Send + Sync {
    /// Somebody shows a token or a ticket and wants in.
    fn enter(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal>;

    /// Somebody who is in shows a newer one.
    fn renew(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal>;

    /// Tokens for single subscriptions.
    fn subscriptions(&self) -> &SubscriptionTokens;
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// They have to ask for a ticket, and perhaps wait for it (error 109).
    Later,
    /// What they show does not count.
    Token(TokenRefusal),
}

/// A door that is always open to whoever shows an access token.
impl Door for AccessTokens {
    fn enter(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        self.verify(token, now).map_err(Refusal::Token)
    }

    fn renew(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        self.verify(token, now)
    }

    fn subscriptions(&self) -> &SubscriptionTokens {
        Self::subscriptions(self)
    }
}
