//! Schemas of the audit. The types are those of `evidence`, which knows nothing of HTTP; these are like them, and a test
//! compares them.
#![expect(dead_code, reason = "they are described and never made")]

use crate::http::openapi::words::{
    AuditActionWord, ChainIdText, HashText, MemberIdText, Milliseconds, SpotText,
};
use serde_json::Value;
use utoipa::ToSchema;

/// A page of the audit, the latest first.
#[derive(ToSchema)]
#[schema(as = AuditList)]
pub(crate) struct ListSchema {
    entries: Vec<EntrySchema>,
    /// Where the next page begins, if there is one.
    #[schema(required = false)]
    next: SpotText,
}

/// One thing that was done, as it is chained.
#[derive(ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntrySchema {
    /// Its number in its chain, from 1.
    #[schema(minimum = 1)]
    seq: u64,
    at: Milliseconds,
    who: ActorSchema,
    action: AuditActionWord,
    /// About whom or what: an id.
    #[schema(required = false, min_length = 1, max_length = 128)]
    about: String,
    /// How that was before. Of what is larger than 8 KiB, the length and the hash.
    #[schema(required = false, value_type = Value)]
    before: Value,
    /// How it is now, or what came of it.
    #[schema(required = false, value_type = Value)]
    after: Value,
    /// The hash of the entry before it.
    previous: HashText,
    /// Its chain.
    chain: ChainIdText,
    /// Its own hash.
    hash: HashText,
}

/// Who did it: a member, an operator of the machine, or the service by itself.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AuditActor)]
pub(crate) enum ActorSchema {
    /// A member, as a token said.
    Member(MemberIdText),
    /// An operator; the user of the machine, if the kernel says.
    Operator(Option<u32>),
    /// The service by itself.
    System,
}

/// Where a chain ends, signed.
#[derive(ToSchema)]
#[schema(as = AuditHead)]
pub(crate) struct HeadSchema {
    chain: ChainIdText,
    /// How many lines it had, from its first on.
    lines: u64,
    /// The hash of the last of them.
    hash: HashText,
    at: Milliseconds,
    /// Ed25519 over `head 1`, the chain, the lines, the hash and the time, each with a line feed; as base64url.
    signature: String,
    /// With what anybody can check the signature: the `x` of an Ed25519 JWK.
    public_key: String,
}
