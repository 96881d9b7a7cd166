//! Random secrets that a link or a cookie carries, and the hashes under which they are known.
//! The store has only hashes, so a stolen store opens no door, and a look-up by hash leaks no timing.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::fmt;

/// 256 random bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// The SHA-256 of a secret, as 43 characters of base64url.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SecretHash(String);

/// A text that is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of this service")]
pub struct InvalidSecret;

impl Secret {
    /// A fresh one. Fails only if the system has no randomness to give.
    pub fn random() -> Result<Self, InvalidSecret> {
        let mut bytes = [0; 32];
        aws_lc_rs::rand::fill(&mut bytes).map_err(|_| InvalidSecret)?;
        Ok(Self(bytes))
    }

    /// Reads a secret's text.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidSecret)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSecret)
    }

    /// The text for the link or the cookie: 43 characters.
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// A short text made of as many of its bits as it has room for: five for each of at most 32 characters.
    pub fn short(&self, alphabet: &[u8; 32], chars: usize) -> String {
        let of = |byte: &u8| alphabet.get(usize::from(byte & 31)).copied().map_or('0', char::from);
        self.0.iter().take(chars).map(of).collect()
    }

    /// The hash under which it is known.
    pub fn hash(&self) -> SecretHash {
        hash_of(&[&self.0])
    }

    /// The hash of this secret together with a text that the other side chose.
    pub fn hash_with(&self, text: &str) -> SecretHash {
        hash_of(&[&self.0, text.as_bytes()])
    }

    /// The 256 bits of an HMAC-SHA256.
    pub(crate) fn of_tag(tag: &hmac::Tag) -> Self {
        let mut bytes = [0; 32];
        for (byte, of_tag) in bytes.iter_mut().zip(tag.as_ref()) {
            *byte = *of_tag;
        }
        Self(bytes)
    }

    /// The bits themselves, for what is made of them here.
    pub(crate) const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// HMAC-SHA256 over parts, under this secret.
    pub(crate) fn sign(&self, parts: &[&[u8]]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.0));
        for part in parts {
            context.update(part);
        }
        context.sign()
    }
}

/// SHA-256 over parts.
pub(crate) fn hash_of(parts: &[&[u8]]) -> SecretHash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    SecretHash(BASE64_URL_SAFE_NO_PAD.encode(context.finish()))
}

impl SecretHash {
    /// The hash as text; safe as part of a key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_its_text_and_keeps_its_hash() {
        let secret = Secret::random().unwrap();
        let read = Secret::parse(&secret.reveal()).unwrap();
        assert_eq!(read, secret);
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(secret.hash(), Secret::random().unwrap().hash());
        assert!(!format!("{secret:?}").contains(&secret.reveal()));
    }

    #[test]
    fn anything_else_is_no_secret() {
        let short = "a".repeat(42);
        let long = "a".repeat(44);
        for text in ["", "abc", &short, &long, "====", "ä"] {
            assert_eq!(Secret::parse(text), Err(InvalidSecret), "{text:?}");
        }
    }
}
