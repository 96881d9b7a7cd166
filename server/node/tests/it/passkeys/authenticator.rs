//! An authenticator in software: one key of P-256, no attestation, and a user who is always there and verified.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The user is present.
const PRESENT: u8 = 0x01;
/// The user is verified.
const VERIFIED: u8 = 0x04;
/// There is a credential in it.
const ATTESTED: u8 = 0x40;

/// A key, how often it was used, and what it says of where it is.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    /// Counts up with each use.
    pub(crate) counter: u32,
    /// The page that it believes to be on.
    pub(crate) origin: String,
    /// Whose credentials it believes to hold.
    pub(crate) domain: String,
    /// Whether it looks who is there.
    pub(crate) verifies: bool,
    /// Whose credential it has, as the service called them.
    user: Value,
}

impl Authenticator {
    pub(crate) fn on(origin: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        let (origin, domain) = (origin.to_owned(), "localhost".to_owned());
        Self { key, id, counter: 0, origin, domain, verifies: true, user: Value::Null }
    }

    /// Answers `navigator.credentials.create`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user = options["user"]["id"].clone();
        let client_data = self.client_data("webauthn.create", options);
        let point = self.key.public_key().as_ref();
        // The key as COSE has it (RFC 9053 §7.1): EC2, ES256, P-256, x, y.
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..]);
        let mut data = self.data(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(key);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        self.credential(&json!({
            "clientDataJSON": text(client_data.as_bytes()),
            "attestationObject": text(&attestation),
            "transports": ["internal"],
        }))
    }

    /// Answers `navigator.credentials.get`, of a credential that is named there or is found without.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        self.counter += 1;
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, client_data.as_bytes()).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.credential(&json!({
            "clientDataJSON": text(client_data.as_bytes()),
            "authenticatorData": text(&data),
            "signature": text(signature.as_ref()),
            "userHandle": self.user,
        }))
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        json!({"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false})
            .to_string()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.domain.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | flags | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn credential(&self, response: &Value) -> Value {
        let id = text(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {}, "response": response})
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
