//! Access tokens: JSON Web Tokens (RFC 7519) signed with Ed25519 (RFC 8037), checked as RFC 8725 advises:
//! one algorithm, fixed; issuer, audience, start and end required.

use crate::key_set::KeySet;
use crate::principal::Principal;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use protocol::{ChannelName, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Who issues our tokens.
pub const ISSUER: &str = "holdfast";
/// Whom they are for.
pub const AUDIENCE: &str = "holdfast";
/// Longest token that is looked at, in bytes; longer ones are invalid.
pub const TOKEN_MAX_BYTES: usize = 8 * 1024;
/// How far the clocks of two nodes may differ.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(5);
/// Longest life of a token.
pub const TTL_MAX: Duration = Duration::from_hours(24 * 365);

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
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Its time is over; a newer one will do (error 109).
    #[error("the token has expired")]
    Expired,
    /// Not ours, damaged, not valid yet, or for something else (close 3500).
    #[error("the token is not valid here")]
    Invalid,
}

/// No token could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed, or says more than a token can hold")]
pub struct MintError;

/// Makes and checks access tokens with one set of keys.
#[derive(Clone)]
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
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
}

impl AccessTokens {
    /// Tokens of this deployment.
    pub fn new(keys: &KeySet) -> Result<Self, MintError> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        // The library would read the system's clock; `verify` compares with the `now` it is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            encoding: EncodingKey::from_ed_der(keys.signing_pkcs8()),
            decoding: DecodingKey::from_ed_components(&keys.public_x()).map_err(|_| MintError)?,
            validation,
        })
    }

    /// Signs a token that is valid from `now` for `ttl` (at most [`TTL_MAX`]).
    pub fn mint(
        &self,
        member: &MemberId,
        claims: &Claims,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<String, MintError> {
        let wire = WireClaims {
            sub: member.as_str().to_owned(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: now.as_secs(),
            nbf: now.as_secs(),
            exp: now.after(ttl.min(TTL_MAX)).as_secs(),
            roles: claims.roles.clone(),
            regions: claims.regions.clone(),
            teams: claims.teams.clone(),
            channels: claims.channels.clone(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &wire, &self.encoding)
            .map_err(|_| MintError)?;
        if token.len() <= TOKEN_MAX_BYTES { Ok(token) } else { Err(MintError) }
    }

    /// Checks a token and says who holds it.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Principal, TokenRefusal> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(TokenRefusal::Invalid);
        }
        let decoded = jsonwebtoken::decode::<WireClaims>(token, &self.decoding, &self.validation);
        let claims = match decoded {
            Ok(data) => data.claims,
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => {
                return Err(TokenRefusal::Expired);
            }
            Err(_) => return Err(TokenRefusal::Invalid),
        };
        let leeway = CLOCK_LEEWAY.as_secs();
        if claims.nbf > now.as_secs().saturating_add(leeway) {
            return Err(TokenRefusal::Invalid);
        }
        if claims.exp.saturating_add(leeway) <= now.as_secs() {
            return Err(TokenRefusal::Expired);
        }
        Ok(Principal {
            member: MemberId::parse(&claims.sub).map_err(|_| TokenRefusal::Invalid)?,
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            expires_at: Timestamp::from_millis(claims.exp.saturating_mul(1_000)),
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
