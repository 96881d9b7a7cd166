//! The keys of an issuer, as its JWK Set says them (RFC 7517).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use std::fmt;

protocol::limits! {
    /// Most keys of an issuer that are known; further ones of its document are passed over.
    pub const ISSUER_KEYS_MAX: usize = 32 => unseen;
    /// Shortest RSA key of an issuer that is used, in bytes: 2048 bits.
    pub const ISSUER_RSA_MIN_BYTES: usize = 256 => unseen;
    /// Longest one: 4096 bits. To check a token with a longer one would cost the gate too much.
    pub const ISSUER_RSA_MAX_BYTES: usize = 512 => unseen;
    /// Longest name of a key; a key or token with a longer one is passed over.
    pub const KEY_ID_MAX_BYTES: usize = 256 => unseen;
}

/// The public keys of an issuer.
#[derive(Clone)]
pub struct IssuerKeys(Vec<IssuerKey>);

/// One of them, and the one algorithm that it is for.
#[derive(Clone)]
pub(super) struct IssuerKey {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// A text that has no key of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no JWK Set with a key for RS256, ES256 or EdDSA")]
pub struct NoIssuerKeys;

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// The members of a JWK that say what it is for and what it is.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// Of a private key, which others must not know: what is signed with it says nothing.
    d: Option<Value>,
}

impl IssuerKeys {
    /// Reads a JWK Set. Keys that are not for RS256, ES256 or `EdDSA` signatures are passed over.
    pub fn read(document: &[u8]) -> Result<Self, NoIssuerKeys> {
        let document: Document = serde_json::from_slice(document).map_err(|_| NoIssuerKeys)?;
        let mut keys: Vec<IssuerKey> = Vec::new();
        for jwk in document.keys {
            let Some(key) = Jwk::deserialize(jwk).ok().and_then(|jwk| jwk.key()) else { continue };
            // Of two with one name, the first has it.
            if keys.len() < ISSUER_KEYS_MAX && keys.iter().all(|known| known.id != key.id) {
                keys.push(key);
            }
        }
        if keys.is_empty() { Err(NoIssuerKeys) } else { Ok(Self(keys)) }
    }

    /// The key that a token names; the only one, if it names none.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&IssuerKey> {
        match (id, self.0.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl Jwk {
    /// The key, if it is one that we use.
    fn key(&self) -> Option<IssuerKey> {
        let is_for_signatures = self.r#use.as_deref().is_none_or(|purpose| purpose == "sig");
        let verifies = self.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
        let is_named_well = self.kid.as_ref().is_none_or(|id| id.len() <= KEY_ID_MAX_BYTES);
        if !is_for_signatures || !verifies || !is_named_well || self.d.is_some() {
            return None;
        }
        let (word, algorithm, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", None) => ("RS256", Algorithm::RS256, self.rsa()?),
            ("EC", Some("P-256")) => {
                let (x, y) = (self.x.as_ref()?, self.y.as_ref()?);
                ("ES256", Algorithm::ES256, DecodingKey::from_ec_components(x, y).ok()?)
            }
            ("OKP", Some("Ed25519")) => {
                ("EdDSA", Algorithm::EdDSA, DecodingKey::from_ed_components(self.x.as_ref()?).ok()?)
            }
            _ => return None,
        };
        // RFC 9864 has another word for EdDSA with this curve.
        let is_other = |said: &str| said != word && (word, said) != ("EdDSA", "Ed25519");
        if self.alg.as_deref().is_some_and(is_other) {
            return None;
        }
        Some(IssuerKey { id: self.kid.clone(), algorithm, key })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(self.n.as_ref()?).ok()?;
        let bytes = modulus.iter().skip_while(|byte| **byte == 0).count();
        let fits = (ISSUER_RSA_MIN_BYTES..=ISSUER_RSA_MAX_BYTES).contains(&bytes);
        let exponent = BASE64_URL_SAFE_NO_PAD.decode(self.e.as_ref()?).ok()?;
        // Larger exponents cost more and are nobody's.
        let is_usual = exponent.len() <= 4;
        (fits && is_usual).then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
    }
}

impl fmt::Debug for IssuerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKeys({})", self.0.len())
    }
}
