//! Who sends what push services carry: an ECDSA key on P-256 and words signed with it (VAPID, RFC 8292). It is made of the
//! deployment's keys, so that all nodes have the same, and so has a key file that is older than this.

use crate::key_set::{InvalidKeys, KeySet};
use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::Timestamp;
use serde_json::json;
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// How long words to a push service are good; new ones are made before they end. A service takes at most 24 hours
    /// (RFC 8292 §2).
    pub const VAPID_TTL: Duration = Duration::from_hours(12) => unseen;
}

/// One of 2³² numbers is too large to be a key; then the next is taken.
const TRIES: u8 = 4;

/// Signs for push services.
pub struct Vapid {
    pair: EcdsaKeyPair,
    public: String,
    contact: String,
}

/// Nothing could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be signed for a push service")]
pub struct NotSigned;

impl Vapid {
    /// The key of a deployment. `contact` is whom a push service writes to about us: `mailto:` or `https:`.
    pub fn new(keys: &KeySet, contact: &str) -> Result<Self, InvalidKeys> {
        (0..TRIES).find_map(|n| Self::of(keys, n, contact)).ok_or(InvalidKeys::SigningKey)
    }

    fn of(keys: &KeySet, n: u8, contact: &str) -> Option<Self> {
        let number = keys.derived(&format!("web push {n}"));
        let private = agreement::PrivateKey::from_private_key(&ECDH_P256, number.as_ref()).ok()?;
        let public = private.compute_public_key().ok()?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, number.as_ref(), public.as_ref());
        let public = BASE64_URL_SAFE_NO_PAD.encode(public.as_ref());
        Some(Self { pair: pair.ok()?, public, contact: contact.to_owned() })
    }

    /// The public key as browsers and push services take it: 65 bytes, uncompressed, base64url.
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// What stands in `Authorization` of a request to this push service, and counts for [`VAPID_TTL`] (RFC 8292 §3).
    pub fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, NotSigned> {
        let claims = json!({ "aud": origin, "exp": now.after(VAPID_TTL).as_secs(), "sub": self.contact });
        let part = |part: &str| BASE64_URL_SAFE_NO_PAD.encode(part);
        let said = format!("{}.{}", part(r#"{"typ":"JWT","alg":"ES256"}"#), part(&claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), said.as_bytes()).map_err(|_| NotSigned)?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Ok(format!("vapid t={said}.{signature}, k={}", self.public))
    }
}

impl fmt::Debug for Vapid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vapid(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_push_service_finds_that_it_is_us_who_send_and_to_it() {
        let keys = KeySet::generate().unwrap();
        let vapid = Vapid::new(&keys, "mailto:ops@example.org").unwrap();
        let read = KeySet::from_file_text(&keys.to_file_text()).unwrap();
        assert_eq!(Vapid::new(&read, "").unwrap().public_key(), vapid.public_key(), "the same at every node");
        let said = vapid.authorization("https://push.example.org", NOW).unwrap();
        let (token, key) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, vapid.public_key());
        let key = BASE64_URL_SAFE_NO_PAD.decode(key).unwrap();
        assert_eq!((key.len(), key[0]), (65, 4));
        let (said, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        key.verify(said.as_bytes(), &signature).unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(said.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let exp = NOW.as_secs() + VAPID_TTL.as_secs();
        let expected =
            json!({ "aud": "https://push.example.org", "exp": exp, "sub": "mailto:ops@example.org" });
        assert_eq!(claims, expected);
    }

    #[test]
    fn every_deployment_has_a_key_of_its_own() {
        let vapid = || Vapid::new(&KeySet::generate().unwrap(), "").unwrap();
        assert_ne!(vapid().public_key(), vapid().public_key());
        assert_eq!(format!("{:?}", vapid()), "Vapid(…)");
    }
}
