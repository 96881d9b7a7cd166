//! Who someone is, and what they may: keys, tokens, secrets, rights. Values in, values out; files, clocks and
//! stores belong to others.

pub mod access_token;
pub mod authorize;
pub mod claim_mapping;
pub mod derived;
pub mod device_key;
pub mod external_issuer;
pub mod key_set;
pub mod origin;
pub mod place;
pub mod principal;
pub mod proof;
pub mod pseudonym;
pub mod seal;
pub mod secret;
pub mod signatures;
mod signed;
pub mod subscription_token;
pub mod ticket;
pub mod trust;
pub mod vapid;

pub use access_token::{AccessTokens, Claims, MintError, TokenRefusal};
pub use authorize::{Hands, may_post, may_read};
pub use claim_mapping::{ClaimMapping, MappedRights};
pub use derived::Derived;
pub use device_key::{DeviceKeys, DeviceSecret};
pub use external_issuer::{ExternalIssuer, ExternalRefusal, IssuerKeys, NoIssuerKeys};
pub use key_set::{InvalidKeys, KeySet};
pub use origin::{OriginRule, OriginVerdict};
pub use place::{Place, Places};
pub use principal::Principal;
pub use proof::{NotProven, ProofKey, ProofMemory};
pub use pseudonym::Pseudonyms;
pub use seal::{Sealed, Seals};
pub use secret::{InvalidSecret, Secret, SecretHash};
pub use signatures::Signatures;
pub use subscription_token::{SubscriptionGrant, SubscriptionTokens};
pub use ticket::{Shown, Tickets};
pub use vapid::{NotSigned, Vapid};

/// The bounds of tokens.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[
    signed::LIMITS,
    place::LIMITS,
    proof::LIMITS,
    proof::memory::LIMITS,
    claim_mapping::LIMITS,
    external_issuer::LIMITS,
    external_issuer::KEYS,
    trust::LIMITS,
    vapid::LIMITS,
];
