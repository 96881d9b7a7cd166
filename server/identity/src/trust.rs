//! Whom members believe without having to believe a server: a root key that is kept offline signs a manifest of
//! organisers' keys, and those sign bulletins. All keys are Ed25519 (RFC 8032); keys, hashes and signatures are base64url
//! without padding, hashes are SHA-256.
//!
//! A text is signed as it is, behind a line that says what it is for, and read only after its signature was verified: so
//! nothing depends on how anybody writes JSON, and nothing that is signed for one purpose passes for another.

pub mod manifest;
mod signing_key;

pub use manifest::{Draft, InvalidManifest, KeyEntry, Manifest, Refusal, SignedManifest};
pub use signing_key::{InvalidSigningKey, SigningKey};

pub(crate) use manifest::LIMITS;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a text is signed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// What a bulletin says, signed by organisers.
    Bulletin,
    /// Whose keys organisers' are, signed by the root.
    Manifest,
}

impl Purpose {
    const fn line(self) -> &'static str {
        match self {
            Self::Bulletin => "holdfast bulletin 1\n",
            Self::Manifest => "holdfast manifest 1\n",
        }
    }

    /// The bytes that are signed and hashed.
    fn worded(self, text: &str) -> Vec<u8> {
        [self.line().as_bytes(), text.as_bytes()].concat()
    }

    /// The hash under which others name a text.
    pub fn hash(self, text: &str) -> Digest {
        Digest::of(&self.worded(text))
    }
}

/// A text that is no key, hash or signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("keys and hashes are 43 characters of base64url, signatures 86")]
pub struct InvalidBase64;

/// `BYTES` bytes as base64url: one text for each, so that texts may be compared.
fn decoded<const BYTES: usize>(text: &str) -> Result<[u8; BYTES], InvalidBase64> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidBase64)?;
    bytes.try_into().map_err(|_| InvalidBase64)
}

macro_rules! base64url {
    ($(#[doc = $doc:literal])+ $name:ident, $bytes:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Reads the text form.
            pub fn parse(text: &str) -> Result<Self, InvalidBase64> {
                decoded(text).map(Self)
            }

            /// The text form.
            pub fn text(&self) -> String {
                BASE64_URL_SAFE_NO_PAD.encode(self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidBase64;

            fn try_from(text: String) -> Result<Self, InvalidBase64> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.text()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

base64url!(
    /// A public key.
    PublicKey, 32
);
base64url!(
    /// A SHA-256: of a root key it is the fingerprint that people compare, of a statement what later ones name.
    Digest, 32
);
base64url!(
    /// A signature, which may be anybody's of anything until it is verified.
    Signature, 64
);

/// A signature and the key that is said to have made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySignature {
    /// Whose.
    pub key: PublicKey,
    /// The signature.
    pub signature: Signature,
}

impl PublicKey {
    /// By what people know a root key.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Whether the owner of this key signed a text for a purpose.
    pub fn has_signed(&self, purpose: Purpose, text: &str, signature: &Signature) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(&purpose.worded(text), &signature.0).is_ok()
    }
}

impl Digest {
    fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        for (byte, of_digest) in hash.iter_mut().zip(digest::digest(&digest::SHA256, bytes).as_ref()) {
            *byte = *of_digest;
        }
        Self(hash)
    }

    /// In groups of four, for people who compare it.
    pub fn groups(&self) -> String {
        let text = self.text();
        let chars: Vec<char> = text.chars().collect();
        let groups: Vec<String> = chars.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join(" ")
    }
}

#[cfg(test)]
mod tests;
