//! Who someone is, and what they may: keys, tokens, secrets, rights. Values in, values out; files, clocks and
//! stores belong to others.

pub mod access_token;
pub mod authorize;
pub mod derived;
pub mod device_key;
pub mod key_set;
pub mod origin;
pub mod place;
pub mod principal;
pub mod pseudonym;
pub mod seal;
pub mod secret;
pub mod signatures;
mod signed;
pub mod subscription_token;
pub mod ticket;

pub use access_token::{AccessTokens, Claims, MintError, TokenRefusal};
pub use authorize::{Hands, may_post, may_read};
pub use derived::Derived;
pub use device_key::{DeviceKeys, DeviceSecret};
pub use key_set::{InvalidKeys, KeySet};
pub use origin::{OriginRule, OriginVerdict};
pub use place::{Place, Places};
pub use principal::Principal;
pub use pseudonym::Pseudonyms;
pub use seal::{Sealed, Seals};
pub use secret::{InvalidSecret, Secret, SecretHash};
pub use signatures::Signatures;
pub use subscription_token::{SubscriptionGrant, SubscriptionTokens};
pub use ticket::{Shown, Tickets};

/// The bounds of tokens.
pub const LIMITS: &[&[protocol::limits::Limit]] = &[signed::LIMITS, place::LIMITS];
