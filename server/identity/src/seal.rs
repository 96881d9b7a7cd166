//! What is kept of people is sealed under a key of their own, so that it is gone when the key is.
//!
//! The key that seals is made of two: a random one in the member's own record, and the deployment's. Neither the store
//! nor the key file says anything by itself. AES-256-GCM with a random nonce; few texts have the same key.

use crate::key_set::KeySet;
use crate::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use std::fmt;

/// Seals and opens texts with one set of keys.
#[derive(Clone)]
pub struct Seals(hmac::Key);

/// It was not sealed with this key and for this place, or is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is kept cannot be opened")]
pub struct Sealed;

impl Seals {
    /// Seals for one purpose.
    pub fn new(keys: &KeySet, purpose: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, keys.derived(purpose).as_ref()))
    }

    fn key(&self, key: &Secret) -> Result<RandomizedNonceKey, Sealed> {
        let joined = hmac::sign(&self.0, key.bytes());
        RandomizedNonceKey::new(&AES_256_GCM, joined.as_ref()).map_err(|_| Sealed)
    }

    /// Seals a text under a key, for one place: it opens nowhere else.
    pub fn seal(&self, key: &Secret, place: &str, text: &[u8]) -> Result<String, Sealed> {
        let mut bytes = text.to_vec();
        let nonce = self
            .key(key)?
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut bytes)
            .map_err(|_| Sealed)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Ok(BASE64_STANDARD_NO_PAD.encode(sealed))
    }

    /// What was sealed.
    pub fn open(&self, key: &Secret, place: &str, sealed: &str) -> Result<Vec<u8>, Sealed> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).map_err(|_| Sealed)?;
        let (nonce, bytes) = bytes.split_at_checked(NONCE_LEN).ok_or(Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Sealed)?;
        let mut bytes = bytes.to_vec();
        let text = self
            .key(key)?
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut bytes)
            .map_err(|_| Sealed)?
            .len();
        bytes.truncate(text);
        Ok(bytes)
    }
}

impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seals(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_at_its_place_and_in_no_other_way() {
        let keys = KeySet::generate().unwrap();
        let seals = Seals::new(&keys, "members");
        let (key, other) = (Secret::random().unwrap(), Secret::random().unwrap());
        let sealed = seals.seal(&key, "m_1", b"Ana").unwrap();
        assert_eq!(seals.open(&key, "m_1", &sealed).as_deref(), Ok(&b"Ana"[..]));
        assert_eq!(seals.open(&other, "m_1", &sealed), Err(Sealed));
        assert_eq!(seals.open(&key, "m_2", &sealed), Err(Sealed));
        assert_eq!(Seals::new(&keys, "other").open(&key, "m_1", &sealed), Err(Sealed));
        for text in ["", "AAAA", "ä", &sealed[1..], &sealed.to_lowercase()] {
            assert_eq!(seals.open(&key, "m_1", text), Err(Sealed), "{text:?}");
        }
        assert_ne!(seals.seal(&key, "m_1", b"Ana").unwrap(), sealed, "a nonce of its own each time");
    }
}
