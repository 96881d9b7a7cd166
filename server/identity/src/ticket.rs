//! Tickets: with one a member's socket is let in before anything else is asked. Checked with one HMAC, without a store;
//! only our own nodes make and read them.
//!
//! A ticket lets its holder receive until it ends, and post while what it says of its holder is fresh. Shown after its
//! end it opens nothing, but still says that this was a member's device once.

use crate::access_token::{Claims, TTL_MAX, at_second, is_first, is_not};
use crate::key_set::KeySet;
use crate::principal::Principal;
use crate::signed::{ISSUER, MintError, Signer, Span, TokenRefusal, Word};
use protocol::{ChannelName, DeviceId, MemberId, Role, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Whom they are for: not who access tokens are for, so that neither passes for the other.
pub const AUDIENCE: &str = "holdfast:ticket";

/// Makes and checks tickets with one set of keys.
#[derive(Clone)]
pub struct Tickets(Signer);

/// Somebody showed a ticket of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Who holds it, and what it allows.
    pub principal: Principal,
    /// Its time is over, so it allows nothing any more.
    pub is_over: bool,
}

#[derive(Serialize, Deserialize)]
struct WireClaims {
    sub: String,
    iss: String,
    aud: String,
    iat: u64,
    nbf: u64,
    exp: u64,
    /// Until when its holder may post, in seconds since 1970.
    posts: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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
}

impl Word for WireClaims {
    fn span(&self) -> Span {
        Span { nbf: self.nbf, exp: self.exp }
    }
}

impl Tickets {
    /// Tickets of this deployment.
    pub fn new(keys: &KeySet) -> Self {
        Self(Signer::shared(keys, AUDIENCE))
    }

    /// Signs a ticket with which a member may read from `now` for `ttl` (at most [`TTL_MAX`]), and post until
    /// `posts_until`.
    pub fn mint(
        &self,
        member: &MemberId,
        claims: Claims,
        posts_until: Timestamp,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<String, MintError> {
        let Span { nbf, exp } = Span::new(now, ttl.min(TTL_MAX));
        self.0.mint(&WireClaims {
            sub: member.as_str().to_owned(),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            iat: nbf,
            nbf,
            exp,
            posts: posts_until.as_secs(),
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            generation: claims.generation,
            guarded: claims.is_guarded,
            stepped_up_until: claims.stepped_up_until.map(Timestamp::as_secs),
            dev: claims.device.map(|device| device.as_str().to_owned()),
        })
    }

    /// Whether a text has the form of a ticket, so that it need not be tried as anything else. Says nothing about who
    /// made it.
    pub fn is_ticket_shaped(token: &str) -> bool {
        // {"typ":"JWT","alg":"HS256"}: what our own header comes to.
        token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.")
    }

    /// Who shows this ticket, also if its time is over.
    pub fn read(&self, ticket: &str, now: Timestamp) -> Result<Shown, TokenRefusal> {
        let claims: WireClaims = self.0.read(ticket, now)?;
        let Span { exp, .. } = claims.span();
        let principal = Principal {
            member: MemberId::parse(&claims.sub).map_err(|_| TokenRefusal::Invalid)?,
            posts_until: Timestamp::from_millis(claims.posts.saturating_mul(1_000)),
            expires_at: claims.span().end(),
            roles: claims.roles,
            regions: claims.regions,
            teams: claims.teams,
            channels: claims.channels,
            generation: claims.generation,
            is_guarded: claims.guarded,
            stepped_up_until: claims.stepped_up_until.map(at_second),
            device: match claims.dev {
                None => None,
                Some(device) => Some(DeviceId::parse(&device).map_err(|_| TokenRefusal::Invalid)?),
            },
        };
        Ok(Shown { principal, is_over: exp <= now.as_secs() })
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_token::AccessTokens;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn member() -> MemberId {
        MemberId::parse("m_1").unwrap()
    }

    fn claims() -> Claims {
        Claims {
            roles: vec![Role::Activist],
            teams: vec!["leaflets".into()],
            device: DeviceId::parse("phone").ok(),
            ..Claims::default()
        }
    }

    fn mint(tickets: &Tickets) -> String {
        tickets.mint(&member(), claims(), NOW.after(Duration::from_mins(10)), NOW, DAY).unwrap()
    }

    #[test]
    fn a_ticket_says_who_may_read_and_until_when_they_may_post() {
        let tickets = Tickets::new(&KeySet::generate().unwrap());
        let ticket = mint(&tickets);
        assert!(Tickets::is_ticket_shaped(&ticket));
        let shown = tickets.read(&ticket, NOW).unwrap();
        assert_eq!(shown.principal.member, member());
        assert_eq!(shown.principal.teams, ["leaflets"]);
        assert_eq!(shown.principal.device, claims().device);
        assert_eq!(shown.principal.posts_until, NOW.after(Duration::from_mins(10)));
        assert!(!shown.is_over);
    }

    #[test]
    fn a_ticket_that_is_over_still_says_whose_it_was() {
        let tickets = Tickets::new(&KeySet::generate().unwrap());
        let shown = tickets.read(&mint(&tickets), NOW.after(2 * DAY)).unwrap();
        assert!(shown.is_over);
        assert_eq!(shown.principal.member, member());
    }

    #[test]
    fn a_ticket_and_an_access_token_do_not_pass_for_each_other() {
        let keys = KeySet::generate().unwrap();
        let (tickets, tokens) = (Tickets::new(&keys), AccessTokens::new(&keys).unwrap());
        let token = tokens.mint(&member(), &claims(), NOW, DAY).unwrap();
        assert!(!Tickets::is_ticket_shaped(&token));
        assert_eq!(tickets.read(&token, NOW), Err(TokenRefusal::Invalid));
        assert_eq!(tokens.verify(&mint(&tickets), NOW), Err(TokenRefusal::Invalid));
    }

    #[test]
    fn a_ticket_of_another_deployment_or_without_a_signature_is_invalid() {
        let tickets = Tickets::new(&KeySet::generate().unwrap());
        let other = mint(&Tickets::new(&KeySet::generate().unwrap()));
        assert_eq!(tickets.read(&other, NOW), Err(TokenRefusal::Invalid));
        let unsigned = mint(&tickets).rsplit_once('.').unwrap().0.to_owned() + ".";
        assert_eq!(tickets.read(&unsigned, NOW), Err(TokenRefusal::Invalid));
        let none = unsigned.replacen("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJub25lIn0", 1);
        assert_eq!(tickets.read(&none, NOW), Err(TokenRefusal::Invalid));
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_ticket(text in ".{0,300}", place in 0_usize..400, by in 1_u8..64) {
            let tickets = Tickets::new(&KeySet::generate().unwrap());
            prop_assert!(tickets.read(&text, NOW).is_err());
            let mut ticket = mint(&tickets).into_bytes();
            let place = place % ticket.len();
            let before = ticket[place];
            ticket[place] = before.wrapping_add(by) & 0x7f;
            // The last character of base64url carries bits that say nothing.
            prop_assume!(ticket[place] != before && place + 1 < ticket.len());
            prop_assert!(tickets.read(&String::from_utf8(ticket).unwrap(), NOW).is_err());
        }
    }
}
