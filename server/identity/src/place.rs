//! Places: spots in the waiting room, signed, so that nobody has to remember who waits. A place that is shown again is
//! the same place: coming back costs nothing and gains nothing.

use crate::key_set::KeySet;
use crate::signed::{ISSUER, MintError, Signer, Span, TokenRefusal, Word};
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Whom they are for.
pub const AUDIENCE: &str = "holdfast:place";

protocol::limits! {
    /// How long a place is kept for somebody who does not ask; who asks later begins anew.
    pub const PLACE_TTL: Duration = Duration::from_mins(5) => unseen;
}

/// Makes and checks places with one set of keys.
#[derive(Clone)]
pub struct Places(Signer);

/// A spot in the waiting room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Since when somebody waits.
    pub since: Timestamp,
    /// A number that stands for who waits: a place is of use to nobody else.
    pub subject: u64,
}

#[derive(Serialize, Deserialize)]
struct WireClaims {
    /// The subject in hexadecimal digits.
    sub: String,
    iss: String,
    aud: String,
    nbf: u64,
    exp: u64,
    /// In milliseconds since 1970.
    since: u64,
}

impl Word for WireClaims {
    fn span(&self) -> Span {
        Span { nbf: self.nbf, exp: self.exp }
    }
}

impl Places {
    /// Places of this deployment.
    pub fn new(keys: &KeySet) -> Self {
        Self(Signer::shared(keys, AUDIENCE))
    }

    /// Signs a place, good for [`PLACE_TTL`] from `now`.
    pub fn mint(&self, place: Place, now: Timestamp) -> Result<String, MintError> {
        let Span { nbf, exp } = Span::new(now, PLACE_TTL);
        self.0.mint(&WireClaims {
            sub: format!("{:x}", place.subject),
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            nbf,
            exp,
            since: place.since.as_millis(),
        })
    }

    /// The place that is shown, if it still counts.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Place, TokenRefusal> {
        let claims: WireClaims = self.0.verify(token, now)?;
        let subject = u64::from_str_radix(&claims.sub, 16).map_err(|_| TokenRefusal::Invalid)?;
        Ok(Place { since: Timestamp::from_millis(claims.since), subject })
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Tickets;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_123);

    #[test]
    fn a_place_is_the_same_however_often_it_is_renewed() {
        let places = Places::new(&KeySet::generate().unwrap());
        let place = Place { since: NOW, subject: u64::MAX };
        let mut now = NOW;
        for _ in 0..20 {
            let token = places.mint(place, now).unwrap();
            now = now.after(PLACE_TTL);
            assert_eq!(places.verify(&token, now), Ok(place));
        }
    }

    #[test]
    fn who_did_not_ask_for_long_has_no_place_any_more() {
        let places = Places::new(&KeySet::generate().unwrap());
        let token = places.mint(Place { since: NOW, subject: 7 }, NOW).unwrap();
        let later = NOW.after(PLACE_TTL + Duration::from_secs(5));
        assert_eq!(places.verify(&token, later), Err(TokenRefusal::Expired));
    }

    #[test]
    fn a_place_is_no_ticket_and_none_of_another_deployment() {
        let keys = KeySet::generate().unwrap();
        let token = Places::new(&keys).mint(Place { since: NOW, subject: 7 }, NOW).unwrap();
        assert_eq!(Tickets::new(&keys).read(&token, NOW), Err(TokenRefusal::Invalid));
        let other = Places::new(&KeySet::generate().unwrap());
        assert_eq!(other.verify(&token, NOW), Err(TokenRefusal::Invalid));
    }

    proptest! {
        #[test]
        fn what_a_place_says_survives_its_text(since in 0_u64..4_000_000_000_000, subject: u64) {
            let places = Places::new(&KeySet::generate().unwrap());
            let place = Place { since: Timestamp::from_millis(since), subject };
            let token = places.mint(place, NOW).unwrap();
            prop_assert_eq!(places.verify(&token, NOW), Ok(place));
        }
    }
}
