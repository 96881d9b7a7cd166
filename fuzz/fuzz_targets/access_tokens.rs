//! An access token: what is accepted has our signature, our algorithm and every claim that is required; a good token
//! is accepted. Half of the mutations bend the header or the claims of a token and sign it again.
#![no_main]

use holdfast_fuzz::keys::{NOW, Parts, TOKENS};
use identity::access_token::{AUDIENCE, CLOCK_LEEWAY, ISSUER, TOKEN_MAX_BYTES};
use identity::{Principal, TokenRefusal, subscription_token};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use protocol::{DeviceId, MemberId};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// What a token must say. What else it says nobody reads; with our signature it may be anything.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    iss: String,
    aud: String,
    nbf: u64,
    exp: u64,
    #[serde(default)]
    roles: Vec<IgnoredAny>,
    #[serde(default)]
    regions: Vec<IgnoredAny>,
    #[serde(default)]
    teams: Vec<IgnoredAny>,
    #[serde(default)]
    channels: Vec<IgnoredAny>,
    dev: Option<String>,
    channel: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

fuzz_target!(|token: &str| {
    let grant = TOKENS.subscriptions().verify(token, NOW);
    if let Ok(grant) = &grant {
        let parts = Parts::of(token).expect("three parts");
        assert!(parts.is_signed());
        let claims: Claims = serde_json::from_slice(&parts.claims).expect("claims");
        assert_eq!((&*claims.iss, &*claims.aud), (ISSUER, subscription_token::AUDIENCE));
        assert_eq!(claims.sub, grant.member.as_str());
        assert_eq!(claims.channel.as_deref(), Some(grant.channel.as_str()));
        assert!(claims.exp.saturating_add(CLOCK_LEEWAY.as_secs()) > NOW.as_secs());
    }
    match TOKENS.verify(token, NOW) {
        Ok(principal) => {
            assert!(grant.is_err(), "no token passes for both kinds");
            is_earned(token, &principal);
        }
        Err(TokenRefusal::Expired) => {
            let parts = Parts::of(token).expect("three parts");
            assert!(parts.is_signed(), "only what we signed is told that it expired");
            let claims: Claims = serde_json::from_slice(&parts.claims).expect("claims");
            assert!(claims.exp <= NOW.as_secs());
        }
        Err(TokenRefusal::Invalid) => assert!(!is_plainly_good(token), "a good token is accepted"),
    }
});

/// What every accepted token must be.
fn is_earned(token: &str, principal: &Principal) {
    assert!(token.len() <= TOKEN_MAX_BYTES);
    let parts = Parts::of(token).expect("three parts");
    assert_eq!(parts.token(), token, "a token has one form");
    assert!(parts.is_signed());
    let header: Header = serde_json::from_slice(&parts.header).expect("a header");
    assert_eq!(header.alg, "EdDSA");
    let claims: Claims = serde_json::from_slice(&parts.claims).expect("claims");
    assert_eq!((&*claims.iss, &*claims.aud), (ISSUER, AUDIENCE));
    assert_eq!(claims.sub, principal.member.as_str());
    assert!(claims.nbf <= NOW.as_secs() + CLOCK_LEEWAY.as_secs());
    assert!(claims.exp.saturating_add(CLOCK_LEEWAY.as_secs()) > NOW.as_secs());
    assert_eq!(principal.expires_at.as_millis(), claims.exp.saturating_mul(1000));
    assert_eq!(claims.channel, None);
    assert_eq!(principal.device.as_ref().map(DeviceId::as_str), claims.dev.as_deref());
    assert_eq!(principal.roles.len(), claims.roles.len());
    assert_eq!(principal.regions.len(), claims.regions.len());
    assert_eq!(principal.teams.len(), claims.teams.len());
    assert_eq!(principal.channels.len(), claims.channels.len());
}

/// Whether a token is signed and says what ours say, with no room for opinion.
fn is_plainly_good(token: &str) -> bool {
    let Some(parts) = Parts::of(token).filter(|parts| token.len() <= TOKEN_MAX_BYTES && parts.is_signed())
    else {
        return false;
    };
    let ours: &[u8] = br#"{"typ":"JWT","alg":"EdDSA"}"#;
    let Ok(Value::Object(claims)) = serde_json::from_slice(&parts.claims) else { return false };
    let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
    let time = |claim: &str| claims.get(claim).and_then(Value::as_u64);
    parts.header == ours
        // A claim that stands there twice is read by some libraries and refused by others.
        && claims.len() == 6
        && serde_json::to_vec(&claims).is_ok_and(|again| again.len() == parts.claims.len())
        && (text("iss"), text("aud")) == (Some(ISSUER), Some(AUDIENCE))
        && text("sub").is_some_and(|sub| MemberId::parse(sub).is_ok())
        && time("iat").is_some()
        && time("nbf").is_some_and(|begin| begin <= NOW.as_secs())
        && time("exp").is_some_and(|end| end > NOW.as_secs())
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let parts = std::str::from_utf8(&data[..size]).ok().and_then(Parts::of);
    let Some(mut parts) = parts.filter(|_| seed.is_multiple_of(2)) else {
        return fuzzer_mutate(data, size, max_size);
    };
    let part = if seed.is_multiple_of(16) { &mut parts.header } else { &mut parts.claims };
    let length = part.len();
    part.resize((length * 2).max(64), 0);
    let room = part.len();
    let mutated = fuzzer_mutate(part, length, room);
    part.truncate(mutated);
    let token = parts.signed().token();
    let fits = token.len().min(max_size);
    data[..fits].copy_from_slice(&token.as_bytes()[..fits]);
    fits
});
