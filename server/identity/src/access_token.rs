//! Access tokens: who someone is, and what they may.

use crate::key_set::KeySet;
use crate::principal::Principal;
use crate::signed::{Signer, Span, Word};
use crate::subscription_token::SubscriptionTokens;
use protocol::{ChannelName, DeviceId, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use std::{fmt, time::Duration};

pub use crate::signed::{CLOCK_LEEWAY, ISSUER, MintError, TOKEN_MAX_BYTES, TTL_MAX, TokenRefusal};

/// Whom they are for.
pub const AUDIENCE: &str = "holdfast";

/// What a token says of its holder.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// What they may do.
    pub roles: Vec<Role>,
    /// Whose bulletins they read.
    pub regions: Vec<String>,
    /// Where they read and post.
    pub teams: Vec<String>,
    /// Server-side subscriptions.
    pub channels: Vec<ChannelName>,
    /// The device for which it is made, if it is made for one.
    pub device: Option<DeviceId>,
    /// How often what they may do has been changed.
    pub generation: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) const fn is_first(generation: &u64) -> bool {
    *generation == 0
}

/// Makes and checks access tokens with one set of keys.
#[derive(Clone)]
pub struct AccessTokens {
    signer: Signer,
    subscriptions: SubscriptionTokens,
}

#[derive(Serialize, Deserialize)]
struct WireClaims {
    sub: String,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    exp: u64,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    regions: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    teams: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    channels: Vec<ChannelName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dev: Option<String>,
    /// The holder's generation.
    #[serde(default, skip_serializing_if = "is_first")]
    generation: u64,
    /// Belongs into a subscription token (protocol reference, "Tokens"): whatever has it is no access token.
    #[serde(default, skip_serializing)]
    channel: Option<IgnoredAny>,
}

impl Word for WireClaims {
    fn span(&self) -> Span {
        Span { nbf: self.nbf, exp: self.exp }
    }
}

impl AccessTokens {
    /// Tokens of this deployment.
    pub fn new(keys: &KeySet) -> Result<Self, MintError> {
        Ok(Self { signer: Signer::new(keys, AUDIENCE)?, subscriptions: SubscriptionTokens::new(keys)? })
    }

    /// Tokens of the same keys for single subscriptions.
    pub const fn subscriptions(&self) -> &SubscriptionTokens {
        &self.subscriptions
    }

    /// Signs a token that is valid from `now` for `ttl` (at most [`TTL_MAX`]).
    pub fn mint(
        &self,
        member: &MemberId,
        claims: &Claims,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<String, MintError> {
        let Span { nbf, exp } = Span::new(now, ttl);
        self.signer.mint(&WireClaims {
            sub: member.as_str().to_owned(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: nbf,
            nbf,
            exp,
            roles: claims.roles.clone(),
            regions: claims.regions.clone(),
            teams: claims.teams.clone(),
            channels: claims.channels.clone(),
            generation: claims.generation,
            dev: claims.device.as_ref().map(|device| device.as_str().to_owned()),
            channel: None,
        })
    }

    /// Checks a token and says who holds it.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        let claims: WireClaims = self.signer.verify(token, now)?;
        if claims.channel.is_some() {
            return Err(TokenRefusal::Invalid);
        }
        Ok(Principal {
            generation: claims.generation,
            member: MemberId::parse(&claims.sub).map_err(|_| TokenRefusal::Invalid)?,
            posts_until: claims.span().end(),
            expires_at: claims.span().end(),
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            device: match claims.dev {
                None => None,
                Some(device) => Some(DeviceId::parse(&device).map_err(|_| TokenRefusal::Invalid)?),
            },
        })
    }
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokens(…)")
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("roles", &self.roles).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
