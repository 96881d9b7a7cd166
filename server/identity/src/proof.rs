//! Proofs of possession, in the shape of RFC 9449 (`DPoP`): a browser holds a key that it cannot give away, and signs with
//! it that it makes this request now. A cookie that was copied to another machine comes without one.
//!
//! Unlike there the key is not in the proof: the service keeps it since the device was bound to it.

pub mod memory;

pub use memory::ProofMemory;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// Longest proof of a device's key; a longer one is none.
    pub const PROOF_MAX_BYTES: usize = 1_024 => unseen;
    /// How far a proof's time may be from the node's, either way; with one that is further off it is asked for again.
    pub const PROOF_WINDOW: Duration = Duration::from_mins(1) => unseen;
    /// Longest id of a proof; one with a longer id is none.
    pub const PROOF_ID_MAX_BYTES: usize = 64 => unseen;
}

/// Bytes of a coordinate of P-256 (RFC 7518 §6.2.1.2).
const COORDINATE_BYTES: usize = 32;
/// What a proof says it is (RFC 9449 §4.2).
const TYPE: &str = "dpop+jwt";

/// The public key that a device is bound to: a point of P-256, as a JWK says it (RFC 7517).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProofKey {
    kty: Kty,
    crv: Curve,
    x: String,
    y: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Kty {
    #[serde(rename = "EC")]
    Ec,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Curve {
    #[serde(rename = "P-256")]
    P256,
}

/// What a proof says once it was found to be good: its id, which counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// Its own word.
    pub id: String,
    /// From when on it would not count any more, whoever shows it.
    pub ends: Timestamp,
}

/// It is no proof that this request is made by who holds the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device did not prove that it holds its key")]
pub struct NotProven;

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: u64,
    jti: String,
}

impl ProofKey {
    /// Reads a JWK, or answers nothing if it is no point's. Members of it that say what it is for are of no account.
    pub fn of_jwk(jwk: &serde_json::Value) -> Option<Self> {
        let key: Self = Self::deserialize(jwk).ok()?;
        let is_coordinate = |text: &str| {
            BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == COORDINATE_BYTES)
        };
        (is_coordinate(&key.x) && is_coordinate(&key.y)).then_some(key)
    }

    /// The key as a text, to be kept.
    pub fn as_text(&self) -> String {
        format!("{}.{}", self.x, self.y)
    }

    /// The key that was kept.
    pub fn of_text(text: &str) -> Option<Self> {
        let (x, y) = text.split_once('.')?;
        Some(Self { kty: Kty::Ec, crv: Curve::P256, x: x.to_owned(), y: y.to_owned() })
    }

    /// Whether a proof says that who holds this key makes this request about now. Whether it was shown before is not known
    /// here ([`ProofMemory`]). `is_target` says whether an address is the one that was asked.
    pub fn check(
        &self,
        proof: &str,
        method: &str,
        is_target: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Result<Proven, NotProven> {
        if proof.len() > PROOF_MAX_BYTES {
            return Err(NotProven);
        }
        let key = DecodingKey::from_ec_components(&self.x, &self.y).map_err(|_| NotProven)?;
        // The algorithm is fixed: what the header says of it has to agree.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let data = jsonwebtoken::decode::<Claims>(proof, &key, &validation).map_err(|_| NotProven)?;
        if data.header.typ.as_deref() != Some(TYPE) {
            return Err(NotProven);
        }
        let Claims { htm, htu, iat, jti } = data.claims;
        let window = PROOF_WINDOW.as_secs();
        let is_now = now.as_secs().abs_diff(iat) <= window;
        let is_id = !jti.is_empty() && jti.len() <= PROOF_ID_MAX_BYTES;
        if htm != method || !is_target(&htu) || !is_now || !is_id {
            return Err(NotProven);
        }
        // A second more: the time is in whole ones.
        let ends = Timestamp::from_millis((iat + window + 1).saturating_mul(1_000));
        Ok(Proven { id: jti, ends })
    }
}

impl fmt::Debug for ProofKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProofKey(…)")
    }
}

#[cfg(test)]
mod tests;
