//! Tokens of the campaign's own issuer, at the gate: checked with the keys that are known, without waiting for anybody.

use super::issuer::Issuer;
use identity::{ClaimMapping, ExternalIssuer, ExternalRefusal, KeySet, Principal, TokenRefusal};
use protocol::Timestamp;
use session::Refusal;
use std::sync::Arc;

/// Checks them.
#[derive(Debug)]
pub(crate) struct ExternalTokens {
    issuer: Arc<Issuer>,
    rules: ExternalIssuer,
}

impl ExternalTokens {
    pub(super) fn new(issuer: Arc<Issuer>, audience: &str, mapping: ClaimMapping, keys: &KeySet) -> Self {
        let rules = ExternalIssuer::new(issuer.name(), audience, mapping, keys);
        Self { issuer, rules }
    }

    /// Whether a token says that it is the issuer's.
    pub(crate) fn is_claimed_by(&self, token: &str) -> bool {
        self.rules.is_claimed_by(token)
    }

    /// Who holds a token. Its holder is asked to come again while the issuer is asked for its keys.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, Refusal> {
        let verdict = match self.issuer.known() {
            Some(known) => self.rules.verify(&known.keys, token, now),
            None => Err(ExternalRefusal::KeyUnknown),
        };
        verdict.map_err(|refusal| match refusal {
            ExternalRefusal::Expired => Refusal::Token(TokenRefusal::Expired),
            // Without any keys nobody can say that it is not valid.
            ExternalRefusal::KeyUnknown if self.issuer.want() || self.issuer.known().is_none() => {
                Refusal::Later
            }
            ExternalRefusal::Invalid | ExternalRefusal::KeyUnknown => Refusal::Token(TokenRefusal::Invalid),
        })
    }

    /// Knows the issuer's keys, for as long as the node serves.
    pub(crate) async fn follow(self: Arc<Self>) {
        self.issuer.keep_fresh().await;
    }
}
