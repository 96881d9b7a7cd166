//! What the lines of the audit are sealed with, and its heads signed: made of the deployment's keys.

use evidence::audit::{ChainId, Head, SignedHead};
use evidence::chain::Chain;
use identity::{Derived, KeySet, Sealed, Seals, Signatures};
use protocol::Timestamp;

/// For what keys are derived, and heads signed.
const PURPOSE: &str = "audit";
/// For what the key of each file is derived.
const FILES: &str = "audit files";

/// Seals lines, opens them, and signs heads.
#[derive(Debug)]
pub(crate) struct AuditKeys {
    seals: Seals,
    files: Derived,
    signatures: Signatures,
}

impl AuditKeys {
    /// Of a deployment.
    pub(crate) fn new(keys: &KeySet) -> anyhow::Result<Self> {
        Ok(Self {
            seals: Seals::new(keys, PURPOSE),
            files: Derived::new(keys, FILES),
            signatures: Signatures::new(keys, PURPOSE)?,
        })
    }

    /// Seals a line for one file of a chain, under the file's own key: it opens nowhere else.
    pub(super) fn seal(&self, chain: &ChainId, file: &str, line: &str) -> Result<String, Sealed> {
        self.seals.seal(&self.files.secret(&[chain.as_str(), file]), file, line.as_bytes())
    }

    /// A line of that file; nothing, if it was not sealed for it with these keys.
    pub(super) fn open(&self, chain: &ChainId, file: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let sealed = std::str::from_utf8(sealed).ok()?;
        self.seals.open(&self.files.secret(&[chain.as_str(), file]), file, sealed).ok()
    }

    /// The end of a chain, signed.
    pub(super) fn sign(&self, id: &ChainId, chain: Chain, at: Timestamp) -> SignedHead {
        let head = Head::of(id.clone(), chain, at);
        let signature = self.signatures.sign(&head.words());
        SignedHead { head, signature }
    }

    /// Whether a head's signature is ours.
    pub(super) fn is_ours(&self, head: &Head, signature: &str) -> bool {
        self.signatures.is_ours(&head.words(), signature)
    }

    /// The key with which anybody can check the signature of a head: the `x` of a JWK.
    pub(crate) fn public_x(&self) -> &str {
        self.signatures.public_x()
    }
}
