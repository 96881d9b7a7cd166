//! Tokens of a campaign's own issuer: programs and apps that sign on elsewhere. Checked as RFC 8725 advises: with a key of
//! the issuer's own set, by the one algorithm that the key is for, whatever the token asks for. Nothing that a token says of
//! keys is followed, but for the name of one.

mod keys;
#[cfg(test)]
mod tests;

pub use keys::{IssuerKeys, NoIssuerKeys};

use crate::claim_mapping::ClaimMapping;
use crate::derived::Derived;
use crate::key_set::KeySet;
use crate::principal::Principal;
use crate::signed::TOKEN_MAX_BYTES;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Validation;
use keys::KEY_ID_MAX_BYTES;
use protocol::{MemberId, Timestamp};
use serde_json::{Map, Value};
use std::fmt;
use std::time::Duration;

protocol::limits! {
    /// How far an issuer's clock may differ from ours; further, and its tokens are not valid yet, or not any more.
    pub const EXTERNAL_CLOCK_LEEWAY: Duration = Duration::from_secs(30) => unseen;
    /// How long a token of an issuer counts from its beginning, whatever it says itself.
    pub const EXTERNAL_TTL_MAX: Duration = Duration::from_hours(12) => unseen;
    /// Longest `sub` of an issuer's token; a longer one is invalid.
    pub const EXTERNAL_SUBJECT_MAX_BYTES: usize = 255 => unseen;
}
pub(crate) const KEYS: &[protocol::limits::Limit] = keys::LIMITS;

/// What a token's header must not say: keys that it brings, places to fetch some, and what changes how it is read (RFC 7515).
const REFUSED_IN_HEADER: [&str; 7] = ["jwk", "jku", "x5c", "x5u", "crit", "zip", "b64"];
/// How the id of whoever holds such a token begins: it is no member's.
const ID_PREFIX: &str = "x_";
const ID_CHARS: usize = 32;

/// Checks the tokens of one issuer.
#[derive(Clone)]
pub struct ExternalIssuer {
    issuer: String,
    audience: String,
    mapping: ClaimMapping,
    names: Derived,
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExternalRefusal {
    /// Its time is over; a newer one will do.
    #[error("the token has expired")]
    Expired,
    /// Of somebody else, for somebody else, damaged, not valid yet, without a role here.
    #[error("the token is not valid here")]
    Invalid,
    /// It names a key that is not known; the issuer may have a new one.
    #[error("the token's key is not known")]
    KeyUnknown,
}

impl ExternalIssuer {
    /// Tokens of this issuer for this audience. `issuer` is compared as it is written (RFC 8414, section 3.3).
    pub fn new(issuer: &str, audience: &str, mapping: ClaimMapping, keys: &KeySet) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            mapping,
            names: Derived::new(keys, "external principals"),
        }
    }

    /// Whether a token says that it is this issuer's. Nothing is checked: it says which keys to check it with.
    pub fn is_claimed_by(&self, token: &str) -> bool {
        let claims = token.split('.').nth(1).filter(|_| token.len() <= TOKEN_MAX_BYTES);
        let issuer = claims.and_then(part).and_then(|mut claims| claims.remove("iss"));
        issuer.is_some_and(|issuer| issuer == self.issuer.as_str())
    }

    /// Who holds a token, if it counts now. They are known by a name that only this deployment can make of the issuer's.
    pub fn verify(
        &self,
        keys: &IssuerKeys,
        token: &str,
        now: Timestamp,
    ) -> Result<Principal, ExternalRefusal> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(ExternalRefusal::Invalid);
        }
        let header = token.split('.').next().and_then(part).ok_or(ExternalRefusal::Invalid)?;
        let key = keys.find(key_id(&header)?).ok_or(ExternalRefusal::KeyUnknown)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        // The library would read the system's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &validation);
        let claims = decoded.map_err(|_| ExternalRefusal::Invalid)?.claims;
        let ends = span(&claims, now)?;
        let rights = self.mapping.rights(&claims);
        if rights.roles.is_empty() {
            return Err(ExternalRefusal::Invalid);
        }
        Ok(Principal {
            member: self.member(&claims)?,
            roles: rights.roles,
            regions: rights.regions,
            teams: rights.teams,
            channels: Vec::new(),
            device: None,
            is_guarded: false,
            stepped_up_until: None,
            generation: 0,
            posts_until: ends,
            expires_at: ends,
        })
    }

    fn member(&self, claims: &Map<String, Value>) -> Result<MemberId, ExternalRefusal> {
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        if subject.is_empty() || subject.len() > EXTERNAL_SUBJECT_MAX_BYTES {
            return Err(ExternalRefusal::Invalid);
        }
        let name = self.names.name(&[&self.issuer, subject]);
        let short = name.as_str().get(..ID_CHARS).unwrap_or_default();
        MemberId::parse(&format!("{ID_PREFIX}{short}")).map_err(|_| ExternalRefusal::Invalid)
    }
}

/// The name of the key that a header asks for; nothing else in it is followed.
fn key_id(header: &Map<String, Value>) -> Result<Option<&str>, ExternalRefusal> {
    let is_refused = REFUSED_IN_HEADER.iter().any(|name| header.contains_key(*name));
    let is_access_token = match header.get("typ") {
        None => true,
        Some(Value::String(kind)) => {
            let kind = kind.to_ascii_lowercase();
            matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
        }
        Some(_) => false,
    };
    if is_refused || !is_access_token {
        return Err(ExternalRefusal::Invalid);
    }
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(id)) if id.len() <= KEY_ID_MAX_BYTES => Ok(Some(id)),
        Some(_) => Err(ExternalRefusal::Invalid),
    }
}

/// When a token ends that counts now. It says from when on it counts: by `nbf`, or by `iat` where an issuer has no
/// `nbf`.
fn span(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, ExternalRefusal> {
    let read = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or(ExternalRefusal::Invalid),
    };
    let (nbf, iat) = (read("nbf")?, read("iat")?);
    // Some issuers write `nbf: 0`.
    let begins = nbf.max(iat).ok_or(ExternalRefusal::Invalid)?;
    let latest = now.as_secs().saturating_add(EXTERNAL_CLOCK_LEEWAY.as_secs());
    if begins > latest {
        return Err(ExternalRefusal::Invalid);
    }
    let exp = read("exp")?.ok_or(ExternalRefusal::Invalid)?;
    let ends = exp.min(begins.saturating_add(EXTERNAL_TTL_MAX.as_secs()));
    if ends.saturating_add(EXTERNAL_CLOCK_LEEWAY.as_secs()) <= now.as_secs() {
        return Err(ExternalRefusal::Expired);
    }
    Ok(Timestamp::from_millis(ends.saturating_mul(1_000)))
}

/// A part of a token that is an object.
fn part(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

impl fmt::Debug for ExternalIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalIssuer(…)")
    }
}
