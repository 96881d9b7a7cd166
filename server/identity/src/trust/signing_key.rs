//! A key that signs: the root's, in a file that never is on a server, and in tests those of organisers.

use super::{InvalidBase64, KeySignature, PublicKey, Purpose, Signature, decoded};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the file's form.
const VERSION: u32 = 1;

/// A private key.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    seed: [u8; 32],
    public: PublicKey,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSigningKey {
    /// Not JSON with the fields that the file of a root key has.
    #[error("it is not the file of a root key")]
    Malformed,
    /// Written by a newer version.
    #[error("it was written by a newer version of holdfast")]
    NewerVersion,
    /// The system gave no randomness.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The public key beside it is another's: the file was damaged or changed.
    #[error("its public key does not belong to its private key")]
    OtherPublicKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u32,
    /// So that nobody takes one file for another.
    purpose: String,
    public: String,
    seed: String,
}

const PURPOSE: &str = "holdfast root key";

impl SigningKey {
    /// A fresh one.
    pub fn generate() -> Result<Self, InvalidSigningKey> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| InvalidSigningKey::NoRandomness)?;
        Self::from_seed(seed)
    }

    /// The key that is made of 32 bytes (RFC 8032 §5.1.5).
    pub fn from_seed(seed: [u8; 32]) -> Result<Self, InvalidSigningKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| InvalidSigningKey::Malformed)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| InvalidSigningKey::Malformed)?;
        Ok(Self { pair, seed, public: PublicKey(public) })
    }

    /// Reads the text of a root key's file.
    pub fn from_file_text(text: &str) -> Result<Self, InvalidSigningKey> {
        let file: KeyFile = serde_json::from_str(text).map_err(|_| InvalidSigningKey::Malformed)?;
        if file.version > VERSION {
            return Err(InvalidSigningKey::NewerVersion);
        }
        if file.purpose != PURPOSE {
            return Err(InvalidSigningKey::Malformed);
        }
        let seed = decoded(&file.seed).map_err(|InvalidBase64| InvalidSigningKey::Malformed)?;
        let key = Self::from_seed(seed)?;
        if key.public.text() == file.public { Ok(key) } else { Err(InvalidSigningKey::OtherPublicKey) }
    }

    /// The text to keep in a file that is kept offline.
    pub fn to_file_text(&self) -> String {
        let file = KeyFile {
            version: VERSION,
            purpose: PURPOSE.to_owned(),
            public: self.public.text(),
            seed: BASE64_URL_SAFE_NO_PAD.encode(self.seed),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// What others know of it.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs a text for a purpose.
    pub fn sign(&self, purpose: Purpose, text: &str) -> KeySignature {
        let mut signature = [0; 64];
        for (byte, signed) in signature.iter_mut().zip(self.pair.sign(&purpose.worded(text)).as_ref()) {
            *byte = *signed;
        }
        KeySignature { key: self.public, signature: Signature(signature) }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}
