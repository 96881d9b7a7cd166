//! Tickets and tokens that are worth nothing, each wrong in another way. None is a secret: whoever takes one is broken.

use crate::clock;
use crate::orders::Access;
use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use identity::{AccessTokens, Claims, KeySet, Tickets};
use protocol::{MemberId, Role, Timestamp};
use std::time::Duration;

/// How many of each kind are made ahead: signing takes longer than a strike may.
const POOL: u32 = 64;
/// Of a signature.
const SIGNATURE_BYTES: usize = 64;
/// How long ago a token ended that was good once.
const PAST: Duration = Duration::from_hours(48);
const LIFE: Duration = Duration::from_hours(1);
/// The head of a token that asks not to be checked (RFC 8725 §2.1).
const UNSIGNED: &str = r#"{"alg":"none","typ":"JWT"}"#;

/// Makes them by turns.
pub(super) struct Forger {
    /// Signed well by nobody whom the server knows.
    foreign: Vec<String>,
    /// Signed well by the server's own keys, and over; nothing if they are not known.
    over: Vec<String>,
    turn: usize,
}

/// It holds tokens: debug output does not.
impl std::fmt::Debug for Forger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forger").field("turn", &self.turn).finish_non_exhaustive()
    }
}

impl Forger {
    pub(super) fn new(access: &Access) -> anyhow::Result<Self> {
        let now = clock::wall_timestamp();
        let past = Timestamp::from_millis(now.as_millis().saturating_sub(millis(PAST)));
        let over = match access {
            Access::Keys(text) => {
                pool(&KeySet::from_file_text(text).context("the keys of the server")?, past)?
            }
            Access::Tokens(_) => Vec::new(),
        };
        Ok(Self { foreign: pool(&KeySet::generate()?, now)?, over, turn: 0 })
    }

    /// The next one.
    pub(super) fn forge(&mut self, random: &mut fastrand::Rng) -> String {
        self.turn = self.turn.wrapping_add(1);
        let foreign = of(&self.foreign, self.turn / 4);
        let (signed, _) = foreign.rsplit_once('.').unwrap_or((foreign, ""));
        match self.turn % 4 {
            0 => foreign.to_owned(),
            1 if !self.over.is_empty() => of(&self.over, self.turn / 4).to_owned(),
            2 => {
                let claims = signed.split_once('.').map_or("", |(_, claims)| claims);
                format!("{}.{claims}.", BASE64_URL_SAFE_NO_PAD.encode(UNSIGNED))
            }
            _ => {
                let mut signature = [0; SIGNATURE_BYTES];
                random.fill(&mut signature);
                format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
            }
        }
    }
}

fn of(pool: &[String], turn: usize) -> &str {
    pool.get(turn % pool.len().max(1)).map_or("", String::as_str)
}

fn pool(keys: &KeySet, now: Timestamp) -> anyhow::Result<Vec<String>> {
    let (tokens, tickets) = (AccessTokens::new(keys)?, Tickets::new(keys));
    let claims = Claims { roles: vec![Role::Admin], ..Claims::default() };
    let forged = |number: u32| {
        let member = MemberId::parse(&format!("load-forged-{number}"))?;
        if number.is_multiple_of(2) {
            return Ok(tickets.mint(&member, claims.clone(), now, now, LIFE)?);
        }
        Ok(tokens.mint(&member, &claims, now, LIFE)?)
    };
    (0..POOL).map(forged).collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_forged_is_worth_anything_and_each_is_wrong_in_its_own_way() {
        let keys = KeySet::generate().unwrap();
        let tokens = AccessTokens::new(&keys).unwrap();
        let mut maker = Forger::new(&Access::Keys(keys.to_file_text())).unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        let mut reasons = BTreeSet::new();
        for _ in 0..400 {
            let forged = maker.forge(&mut random);
            assert_eq!(forged.split('.').count(), 3, "of the right shape");
            let refusal = tokens.verify(&forged, clock::wall_timestamp()).unwrap_err();
            reasons.insert(format!("{refusal:?}"));
        }
        assert!(reasons.len() >= 2, "over, and not signed by us: {reasons:?}");
    }

    #[test]
    fn without_the_keys_of_the_server_there_are_three_ways() {
        let mut maker = Forger::new(&Access::Tokens(Vec::new())).unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        let forged: BTreeSet<String> = (0..8).map(|_| maker.forge(&mut random)).collect();
        assert!(forged.len() >= 6 && forged.iter().any(|token| token.ends_with('.')));
    }
}
