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
    /// Whether a passkey or a key of that device guards what they may.
    pub is_guarded: bool,
    /// Until when they may do what takes a passkey that was shown a moment ago.
    pub stepped_up_until: Option<Timestamp>,
    /// How often what they may do has been changed.
    pub generation: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) const fn is_first(generation: &u64) -> bool {
    *generation == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(crate) const fn is_not(so: &bool) -> bool {
    !*so
}

/// A moment in seconds, as tokens say it.
pub(crate) const fn at_second(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds.saturating_mul(1_000))
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
    /// Whether a passkey or a key of the device guards what they may.
    #[serde(default, skip_serializing_if = "is_not")]
    guarded: bool,
    /// Until when they may do what takes a step up, in seconds since 1970; a token without it was not stepped up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stepped_up_until: Option<u64>,
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
            guarded: claims.is_guarded,
            stepped_up_until: claims.stepped_up_until.map(Timestamp::as_secs),
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
            is_guarded: claims.guarded,
            stepped_up_until: claims.stepped_up_until.map(at_second),
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
