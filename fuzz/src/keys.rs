//! Keys that everybody knows, so that corpora stay valid, and tokens signed with them by hand.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use identity::{AccessTokens, KeySet};
use protocol::Timestamp;
use std::sync::LazyLock;

/// The present of every target.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// RFC 8410 §7: an Ed25519 key is these bytes and its seed.
const PKCS8_BEFORE_SEED: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
/// No secret: it signs nothing but what targets try.
const SEED: [u8; 32] = [7; 32];

static PAIR: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a seed"));

/// Checks tokens as the server does.
pub static TOKENS: LazyLock<AccessTokens> = LazyLock::new(|| {
    let key = BASE64_STANDARD.encode([&PKCS8_BEFORE_SEED[..], &SEED].concat());
    let ticket = BASE64_URL_SAFE_NO_PAD.encode(SEED);
    let text = format!(r#"{{"version":1,"signing_key_pkcs8":"{key}","ticket_secret":"{ticket}"}}"#);
    let keys = KeySet::from_file_text(&text).expect("a key file");
    AccessTokens::new(&keys).expect("keys")
});

/// A token's three parts, undone.
#[derive(Debug, Clone)]
pub struct Parts {
    pub header: Vec<u8>,
    pub claims: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Parts {
    /// Reads a token's parts (RFC 7515 §3.1), if it has three in base64url.
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        let (header, claims, signature) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(Self { header, claims, signature })
    }

    /// The token of these parts.
    pub fn token(&self) -> String {
        format!("{}.{}", self.signed_text(), BASE64_URL_SAFE_NO_PAD.encode(&self.signature))
    }

    /// The same header and claims with the signature that belongs to them.
    #[must_use]
    pub fn signed(mut self) -> Self {
        self.signature = PAIR.sign(self.signed_text().as_bytes()).as_ref().to_vec();
        self
    }

    /// Whether the signature belongs to header and claims.
    pub fn is_signed(&self) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, PAIR.public_key().as_ref());
        key.verify(self.signed_text().as_bytes(), &self.signature).is_ok()
    }

    fn signed_text(&self) -> String {
        let [header, claims] = [&self.header, &self.claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}")
    }
}
