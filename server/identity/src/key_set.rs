//! The one secret file of a deployment: the key that signs access tokens and the secret for tickets.

use crate::secret::{Secret, hash_of};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the file's form.
const VERSION: u32 = 1;

/// The keys that all nodes of a deployment share.
#[derive(Clone)]
pub struct KeySet {
    signing_pkcs8: Vec<u8>,
    public: Vec<u8>,
    ticket: Secret,
}

/// Why a text is no key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// Not JSON with the fields that a key file has.
    #[error("it is not a key file")]
    Malformed,
    /// Written by a newer version.
    #[error("it was written by a newer version of holdfast")]
    NewerVersion,
    /// The system gave no randomness, so no keys could be made.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The signing key in it is no Ed25519 key.
    #[error("its signing key is not an Ed25519 key")]
    SigningKey,
    /// The ticket secret in it is not 256 bits.
    #[error("its ticket secret is not 256 bits")]
    TicketSecret,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    version: u32,
    signing_key_pkcs8: String,
    ticket_secret: String,
}

impl KeySet {
    /// Makes new keys.
    pub fn generate() -> Result<Self, InvalidKeys> {
        let pair = Ed25519KeyPair::generate().map_err(|_| InvalidKeys::NoRandomness)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| InvalidKeys::SigningKey)?;
        let ticket = Secret::random().map_err(|_| InvalidKeys::NoRandomness)?;
        Self::new(pkcs8.as_ref().to_vec(), ticket)
    }

    fn new(signing_pkcs8: Vec<u8>, ticket: Secret) -> Result<Self, InvalidKeys> {
        let pair = Ed25519KeyPair::from_pkcs8(&signing_pkcs8).map_err(|_| InvalidKeys::SigningKey)?;
        let public = pair.public_key().as_ref().to_vec();
        Ok(Self { signing_pkcs8, public, ticket })
    }

    /// Reads a key file's text.
    pub fn from_file_text(text: &str) -> Result<Self, InvalidKeys> {
        let file: KeyFile = serde_json::from_str(text).map_err(|_| InvalidKeys::Malformed)?;
        if file.version > VERSION {
            return Err(InvalidKeys::NewerVersion);
        }
        let pkcs8 = BASE64_STANDARD.decode(&file.signing_key_pkcs8).map_err(|_| InvalidKeys::SigningKey)?;
        let ticket = Secret::parse(&file.ticket_secret).map_err(|_| InvalidKeys::TicketSecret)?;
        Self::new(pkcs8, ticket)
    }

    /// The text to keep in a file that only the service may read.
    pub fn to_file_text(&self) -> String {
        let file = KeyFile {
            version: VERSION,
            signing_key_pkcs8: BASE64_STANDARD.encode(&self.signing_pkcs8),
            ticket_secret: self.ticket.reveal(),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// What a store records of the keys, so that a node with others is noticed. Says nothing about them.
    pub fn fingerprint(&self) -> String {
        let ticket = self.ticket.hash();
        hash_of(&[b"holdfast keys 1", &self.public, ticket.as_str().as_bytes()]).as_str().to_owned()
    }

    /// A key for one purpose, from which nobody can work back to ours or to that of another purpose.
    pub(crate) fn derived(&self, purpose: &str) -> hmac::Tag {
        self.ticket.sign(&[b"holdfast derived 1 ", purpose.as_bytes()])
    }

    /// The signing key, PKCS #8 (RFC 8410).
    pub(crate) fn signing_pkcs8(&self) -> &[u8] {
        &self.signing_pkcs8
    }

    /// The public key, as RFC 8032 writes it.
    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    /// The public key as the `x` of a JWK (RFC 8037).
    pub(crate) fn public_x(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.public)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySet(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_file() {
        let keys = KeySet::generate().unwrap();
        let read = KeySet::from_file_text(&keys.to_file_text()).unwrap();
        assert_eq!(read.fingerprint(), keys.fingerprint());
        assert_ne!(KeySet::generate().unwrap().fingerprint(), keys.fingerprint());
    }

    #[test]
    fn a_broken_file_says_what_is_wrong() {
        let whole = KeySet::generate().unwrap().to_file_text();
        let broken = |from: &str, to: &str| KeySet::from_file_text(&whole.replace(from, to)).err();
        assert_eq!(KeySet::from_file_text("").err(), Some(InvalidKeys::Malformed));
        assert_eq!(broken("\"version\": 1", "\"version\": 2"), Some(InvalidKeys::NewerVersion));
        assert_eq!(
            broken("signing_key_pkcs8\": \"", "signing_key_pkcs8\": \"AA"),
            Some(InvalidKeys::SigningKey)
        );
        assert_eq!(broken("ticket_secret\": \"", "ticket_secret\": \"A"), Some(InvalidKeys::TicketSecret));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let keys = KeySet::generate().unwrap();
        assert_eq!(format!("{keys:?}"), "KeySet(…)");
    }
}
