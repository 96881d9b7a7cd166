//! Schemas of what is signed. The types are those of `identity` and `campaign`, which know nothing of HTTP; these are like
//! them, and a test compares them.
#![expect(dead_code, reason = "they are described and never made")]

use super::words::{PublicKeyText, SignatureText};
use std::borrow::Cow;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A manifest of organisers' keys: its text, exactly as it was signed, and the signature of the root key that it names.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignedManifest)]
pub(crate) struct SignedManifestSchema {
    /// JSON, at most 32 KiB. Read it only after its signature was verified: Ed25519 over `holdfast manifest 1`, a line
    /// feed, and this text.
    #[schema(max_length = 32_768)]
    manifest: String,
    signature: SignatureText,
}

/// A signature and the key that is said to have made it.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeySignature)]
pub(crate) struct KeySignatureSchema {
    key: PublicKeyText,
    signature: SignatureText,
}

/// What was signed of a bulletin: a text, exactly as it was signed, and who signed it, its author first.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignedStatement)]
pub(crate) struct SignedSchema {
    /// JSON, at most 16 KiB. Ed25519 is over `holdfast bulletin 1`, a line feed, and this text.
    #[schema(max_length = 16_384)]
    statement: String,
    #[schema(max_items = 2)]
    signatures: Vec<KeySignatureSchema>,
}

/// What an author signs of a bulletin.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuthorSigned)]
pub(crate) struct AuthorSignedSchema {
    /// The text of the statement, exactly as it was signed.
    #[schema(max_length = 16_384)]
    statement: String,
    key: PublicKeyText,
    signature: SignatureText,
}

/// What was signed last in a channel, or null.
#[derive(Debug)]
pub(crate) enum BulletinHeadSchema {}

impl PartialSchema for BulletinHeadSchema {
    fn schema() -> RefOr<Schema> {
        <Option<SignedSchema> as PartialSchema>::schema()
    }
}

impl ToSchema for BulletinHeadSchema {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("BulletinHead")
    }
}
