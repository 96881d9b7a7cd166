//! Subscription tokens: the right of one member to read one channel until the token ends.

use crate::key_set::KeySet;
use crate::signed::{ISSUER, MintError, Signer, Span, TokenRefusal, Word};
use protocol::{ChannelName, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Whom they are for: not who access tokens are for, so that neither passes for the other.
pub const AUDIENCE: &str = "holdfast:subscription";

/// What a subscription token says.
#[derive(Clone, PartialEq, Eq)]
pub struct SubscriptionGrant {
    /// Who may read.
    pub member: MemberId,
    /// What they may read.
    pub channel: ChannelName,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Makes and checks subscription tokens with one set of keys.
#[derive(Clone)]
pub struct SubscriptionTokens(Signer);

#[derive(Serialize, Deserialize)]
struct WireClaims {
    sub: String,
    channel: ChannelName,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    exp: u64,
}

impl Word for WireClaims {
    fn span(&self) -> Span {
        Span { nbf: self.nbf, exp: self.exp }
    }
}

impl SubscriptionTokens {
    /// Tokens of this deployment.
    pub fn new(keys: &KeySet) -> Result<Self, MintError> {
        Signer::new(keys, AUDIENCE).map(Self)
    }

    /// Signs a token with which the member may read the channel from `now` for `ttl` (at most
    /// [`TTL_MAX`](crate::access_token::TTL_MAX)).
    pub fn mint(
        &self,
        member: &MemberId,
        channel: &ChannelName,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<String, MintError> {
        let Span { nbf, exp } = Span::new(now, ttl);
        self.0.mint(&WireClaims {
            sub: member.as_str().to_owned(),
            channel: channel.clone(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: nbf,
            nbf,
            exp,
        })
    }

    /// Checks a token and says what it allows to whom. Whether that is who asks, and what for, is the caller's to
    /// compare.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<SubscriptionGrant, TokenRefusal> {
        let claims: WireClaims = self.0.verify(token, now)?;
        Ok(SubscriptionGrant {
            member: MemberId::parse(&claims.sub).map_err(|_| TokenRefusal::Invalid)?,
            expires_at: claims.span().end(),
            channel: claims.channel,
        })
    }
}

impl fmt::Debug for SubscriptionTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubscriptionTokens(…)")
    }
}

impl fmt::Debug for SubscriptionGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriptionGrant").field("channel", &self.channel).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_token::{AccessTokens, Claims};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const TTL: Duration = Duration::from_mins(10);

    fn member() -> MemberId {
        MemberId::parse("m_1").unwrap()
    }

    fn press() -> ChannelName {
        ChannelName::parse("teams:press").unwrap()
    }

    fn keys() -> (KeySet, SubscriptionTokens, AccessTokens) {
        let keys = KeySet::generate().unwrap();
        let (tokens, access) = (SubscriptionTokens::new(&keys).unwrap(), AccessTokens::new(&keys).unwrap());
        (keys, tokens, access)
    }

    fn good_claims() -> Value {
        let now = NOW.as_secs();
        json!({"sub": "m_1", "channel": "teams:press", "iss": "holdfast", "aud": "holdfast:subscription",
               "iat": now, "nbf": now, "exp": now + 600})
    }

    fn signed(keys: &KeySet, claims: &Value) -> String {
        let key = EncodingKey::from_ed_der(keys.signing_pkcs8());
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
    }

    #[test]
    fn a_token_says_who_may_read_what_until_when() {
        let (_, tokens, _) = keys();
        let token = tokens.mint(&member(), &press(), NOW, TTL).unwrap();
        let grant = SubscriptionGrant { member: member(), channel: press(), expires_at: NOW.after(TTL) };
        assert_eq!(tokens.verify(&token, NOW), Ok(grant));
        let end = NOW.after(TTL);
        assert!(tokens.verify(&token, end.after(Duration::from_secs(4))).is_ok());
        assert_eq!(tokens.verify(&token, end.after(Duration::from_secs(5))), Err(TokenRefusal::Expired));
    }

    #[test]
    fn neither_kind_of_token_passes_for_the_other() {
        let (keys, tokens, access) = keys();
        let of_access = access.mint(&member(), &Claims::default(), NOW, TTL).unwrap();
        let of_subscription = tokens.mint(&member(), &press(), NOW, TTL).unwrap();
        assert_eq!(tokens.verify(&of_access, NOW), Err(TokenRefusal::Invalid));
        assert_eq!(access.verify(&of_subscription, NOW), Err(TokenRefusal::Invalid));
        // Each refuses the other's claims under its own audience too, and a token for both.
        for aud in [json!("holdfast"), json!(["holdfast", "holdfast:subscription"])] {
            let mut claims = good_claims();
            claims["aud"] = aud.clone();
            assert_eq!(access.verify(&signed(&keys, &claims), NOW), Err(TokenRefusal::Invalid), "{aud}");
            assert_eq!(tokens.verify(&signed(&keys, &claims), NOW), Err(TokenRefusal::Invalid), "{aud}");
        }
    }

    #[test]
    fn each_required_claim_is_required_and_checked() {
        let (keys, tokens, _) = keys();
        assert!(tokens.verify(&signed(&keys, &good_claims()), NOW).is_ok());
        for claim in ["sub", "channel", "iss", "aud", "nbf", "exp"] {
            let mut claims = good_claims();
            claims.as_object_mut().unwrap().remove(claim);
            let verdict = tokens.verify(&signed(&keys, &claims), NOW);
            assert_eq!(verdict, Err(TokenRefusal::Invalid), "without {claim}");
        }
        for (claim, value) in [
            ("sub", json!("")),
            ("sub", json!("a b")),
            ("channel", json!("")),
            ("channel", json!("a b")),
            ("channel", json!(["teams:press"])),
            ("channel", json!(null)),
            ("iss", json!("other")),
            ("aud", json!("other")),
            ("nbf", json!(NOW.as_secs() + 60)),
            ("exp", json!("never")),
            ("exp", json!(-1)),
        ] {
            let mut claims = good_claims();
            claims[claim] = value.clone();
            let verdict = tokens.verify(&signed(&keys, &claims), NOW);
            assert_eq!(verdict, Err(TokenRefusal::Invalid), "{claim} = {value}");
        }
    }

    #[test]
    fn a_token_of_other_keys_and_one_that_is_too_long_are_invalid() {
        let (_, ours, _) = keys();
        let (_, others, _) = keys();
        let token = others.mint(&member(), &press(), NOW, TTL).unwrap();
        assert_eq!(ours.verify(&token, NOW), Err(TokenRefusal::Invalid));
        let long = format!("{token}.{}", "A".repeat(crate::access_token::TOKEN_MAX_BYTES));
        assert_eq!(others.verify(&long, NOW), Err(TokenRefusal::Invalid));
    }

    #[test]
    fn debug_output_names_neither_the_member_nor_their_inbox() {
        let grant =
            SubscriptionGrant { member: member(), channel: ChannelName::inbox(&member()), expires_at: NOW };
        assert!(!format!("{grant:?}").contains("m_1"));
    }
}
