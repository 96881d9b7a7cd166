//! Words that are signed with the deployment's Ed25519 key (RFC 8032), for whoever wants to show them later to somebody
//! else. A purpose stands before the words, so that nothing that is signed for one passes for another, or for a token.

use crate::key_set::{InvalidKeys, KeySet};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::fmt;

/// What begins all that is signed. A token begins with the base64 of a JSON object, which this is not.
const BEFORE: &str = "holdfast signed 1 ";

/// Signs and checks words for one purpose.
pub struct Signatures {
    pair: Ed25519KeyPair,
    public: Vec<u8>,
    public_x: String,
    purpose: &'static str,
}

impl Signatures {
    /// For one purpose, a word that stands in what is signed.
    pub fn new(keys: &KeySet, purpose: &'static str) -> Result<Self, InvalidKeys> {
        let pair = Ed25519KeyPair::from_pkcs8(keys.signing_pkcs8()).map_err(|_| InvalidKeys::SigningKey)?;
        Ok(Self { pair, public: keys.public().to_vec(), public_x: keys.public_x(), purpose })
    }

    /// What is signed for some words: a line with the purpose, and the words.
    fn worded(&self, words: &str) -> String {
        format!("{BEFORE}{}\n{words}", self.purpose)
    }

    /// The signature of some words, as base64url.
    pub fn sign(&self, words: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.pair.sign(self.worded(words).as_bytes()))
    }

    /// Whether it is ours, of these words and for this purpose.
    pub fn is_ours(&self, words: &str, signature: &str) -> bool {
        let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
        let key = UnparsedPublicKey::new(&ED25519, &self.public);
        key.verify(self.worded(words).as_bytes(), &signature).is_ok()
    }

    /// The public key, with which anybody can check: the `x` of a JWK (RFC 8037).
    pub fn public_x(&self) -> &str {
        &self.public_x
    }
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signatures").field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_ours_for_its_words_and_purpose_alone() {
        let keys = KeySet::generate().unwrap();
        let one = Signatures::new(&keys, "one").unwrap();
        let signature = one.sign("words");
        assert!(one.is_ours("words", &signature));
        assert!(!one.is_ours("word", &signature));
        assert!(!Signatures::new(&keys, "two").unwrap().is_ours("words", &signature));
        assert!(!Signatures::new(&KeySet::generate().unwrap(), "one").unwrap().is_ours("words", &signature));
        for bad in ["", "AAAA", "é", &signature[1..], &signature.to_lowercase()] {
            assert!(!one.is_ours("words", bad), "{bad:?}");
        }
    }

    #[test]
    fn anybody_can_check_it_with_the_public_key() {
        let signatures = Signatures::new(&KeySet::generate().unwrap(), "one").unwrap();
        let public = BASE64_URL_SAFE_NO_PAD.decode(signatures.public_x()).unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signatures.sign("words")).unwrap();
        let key = UnparsedPublicKey::new(&ED25519, public);
        assert!(key.verify(b"holdfast signed 1 one\nwords", &signature).is_ok());
    }
}
