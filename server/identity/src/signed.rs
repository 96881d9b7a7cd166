//! Signed words: JSON Web Tokens (RFC 7519), checked as RFC 8725 advises: one algorithm for each kind, fixed; issuer,
//! audience, start and end required; an audience of its own for each kind, so that none passes for another. What others
//! may check too has Ed25519 (RFC 8037); what only our own nodes read has HMAC-SHA256, which costs a tenth.

use crate::key_set::KeySet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use protocol::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// Who issues our tokens.
pub const ISSUER: &str = "holdfast";
protocol::limits! {
    /// Longest token that is looked at; longer ones are invalid.
    pub const TOKEN_MAX_BYTES: usize = 8 * 1024 => shown "holdfast_connections_closed";
    /// How far the clocks of two nodes may differ; further, and a token of one is not valid yet at the other.
    pub const CLOCK_LEEWAY: Duration = Duration::from_secs(5) => shown "holdfast_connections_closed";
    /// Longest life of a token; none is made for longer.
    pub const TTL_MAX: Duration = Duration::from_hours(24 * 365) => unseen;
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Its time is over; a newer one will do (error 109).
    #[error("the token has expired")]
    Expired,
    /// Not ours, damaged, not valid yet, or for something else (close 3500, or error 103 for a subscription's).
    #[error("the token is not valid here")]
    Invalid,
}

/// No token could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed, or says more than a token can hold")]
pub struct MintError;

/// The span of time in which a token counts, in seconds since 1970.
pub(crate) struct Span {
    pub(crate) nbf: u64,
    pub(crate) exp: u64,
}

impl Span {
    /// From `now` for `ttl`, at most [`TTL_MAX`].
    pub(crate) fn new(now: Timestamp, ttl: Duration) -> Self {
        Self { nbf: now.as_secs(), exp: now.after(ttl.min(TTL_MAX)).as_secs() }
    }

    /// When it ends.
    pub(crate) const fn end(&self) -> Timestamp {
        Timestamp::from_millis(self.exp.saturating_mul(1_000))
    }
}

/// What a kind of token says, its span among it.
pub(crate) trait Word: Serialize + DeserializeOwned {
    fn span(&self) -> Span;
}

/// Signs and checks one kind of token with one set of keys.
#[derive(Clone)]
pub(crate) struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    header: Header,
    validation: Validation,
}

impl Signer {
    /// Tokens for one audience, with Ed25519.
    pub(crate) fn new(keys: &KeySet, audience: &str) -> Result<Self, MintError> {
        let decoding = DecodingKey::from_ed_components(&keys.public_x()).map_err(|_| MintError)?;
        let encoding = EncodingKey::from_ed_der(keys.signing_pkcs8());
        Ok(Self::with(Algorithm::EdDSA, encoding, decoding, audience))
    }

    /// Tokens for one audience, with HMAC-SHA256 and a key that serves this audience alone.
    pub(crate) fn shared(keys: &KeySet, audience: &str) -> Self {
        let key = keys.derived(audience);
        let (encoding, decoding) =
            (EncodingKey::from_secret(key.as_ref()), DecodingKey::from_secret(key.as_ref()));
        Self::with(Algorithm::HS256, encoding, decoding, audience)
    }

    fn with(algorithm: Algorithm, encoding: EncodingKey, decoding: DecodingKey, audience: &str) -> Self {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[ISSUER]);
        // The library would read the system's clock; `verify` compares with the `now` it is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { encoding, decoding, header: Header::new(algorithm), validation }
    }

    pub(crate) fn mint<W: Word>(&self, word: &W) -> Result<String, MintError> {
        let token = jsonwebtoken::encode(&self.header, word, &self.encoding).map_err(|_| MintError)?;
        if token.len() <= TOKEN_MAX_BYTES { Ok(token) } else { Err(MintError) }
    }

    /// What a token says, if it counts now.
    pub(crate) fn verify<W: Word>(&self, token: &str, now: Timestamp) -> Result<W, TokenRefusal> {
        let word: W = self.read(token, now)?;
        if word.span().exp.saturating_add(CLOCK_LEEWAY.as_secs()) <= now.as_secs() {
            return Err(TokenRefusal::Expired);
        }
        Ok(word)
    }

    /// What a token says, if it counts now or did once.
    pub(crate) fn read<W: Word>(&self, token: &str, now: Timestamp) -> Result<W, TokenRefusal> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(TokenRefusal::Invalid);
        }
        let decoded = jsonwebtoken::decode::<W>(token, &self.decoding, &self.validation);
        let word = match decoded {
            Ok(data) => data.claims,
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                return Err(TokenRefusal::Expired);
            }
            Err(_) => return Err(TokenRefusal::Invalid),
        };
        if word.span().nbf > now.as_secs().saturating_add(CLOCK_LEEWAY.as_secs()) {
            return Err(TokenRefusal::Invalid);
        }
        Ok(word)
    }
}
