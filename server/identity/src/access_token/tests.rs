use super::*;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn tokens() -> (KeySet, AccessTokens) {
    let keys = KeySet::generate().unwrap();
    let tokens = AccessTokens::new(&keys).unwrap();
    (keys, tokens)
}

fn member() -> MemberId {
    MemberId::parse("m_1").unwrap()
}

fn mint(tokens: &AccessTokens) -> String {
    let claims = Claims { roles: vec![Role::Sender], ..Claims::default() };
    tokens.mint(&member(), &claims, NOW, Duration::from_mins(10)).unwrap()
}

/// Signs any claims with the deployment's own key.
fn signed(keys: &KeySet, claims: &Value) -> String {
    let key = EncodingKey::from_ed_der(keys.signing_pkcs8());
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

fn good_claims() -> Value {
    let now = NOW.as_secs();
    json!({"sub": "m_1", "iss": "holdfast", "aud": "holdfast", "iat": now, "nbf": now, "exp": now + 600,
           "roles": ["activist"]})
}

#[test]
fn a_token_says_who_holds_it_until_it_ends() {
    let (_, tokens) = tokens();
    let token = mint(&tokens);
    let principal = tokens.verify(&token, NOW).unwrap();
    assert_eq!(principal.member, member());
    assert_eq!(principal.roles, vec![Role::Sender]);
    assert_eq!(principal.expires_at, NOW.after(Duration::from_mins(10)));
    let end = NOW.after(Duration::from_mins(10));
    assert!(tokens.verify(&token, end.after(Duration::from_secs(4))).is_ok());
    assert_eq!(tokens.verify(&token, end.after(Duration::from_secs(5))), Err(TokenRefusal::Expired));
}

#[test]
fn a_token_of_other_keys_is_invalid() {
    let (_, ours) = tokens();
    let (_, others) = tokens();
    assert_eq!(ours.verify(&mint(&others), NOW), Err(TokenRefusal::Invalid));
}

#[test]
fn each_required_claim_is_required_and_checked() {
    let (keys, tokens) = tokens();
    assert!(tokens.verify(&signed(&keys, &good_claims()), NOW).is_ok());
    for claim in ["sub", "iss", "aud", "nbf", "exp"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(
            tokens.verify(&signed(&keys, &claims), NOW),
            Err(TokenRefusal::Invalid),
            "without {claim}"
        );
    }
    for (claim, value) in [
        ("sub", json!("")),
        ("sub", json!("a b")),
        ("sub", json!(7)),
        ("iss", json!("other")),
        ("aud", json!("other")),
        ("nbf", json!(NOW.as_secs() + 60)),
        ("nbf", json!("soon")),
        ("exp", json!("never")),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("roles", json!(["king"])),
        ("channels", json!(["a b"])),
        ("channel", json!("teams:press")),
        ("channel", json!(7)),
    ] {
        let mut claims = good_claims();
        claims[claim] = value.clone();
        let verdict = tokens.verify(&signed(&keys, &claims), NOW);
        assert_eq!(verdict, Err(TokenRefusal::Invalid), "{claim} = {value}");
    }
}

#[test]
fn the_algorithm_is_fixed() {
    let (keys, tokens) = tokens();
    let public = BASE64_URL_SAFE_NO_PAD.decode(keys.public_x()).unwrap();
    let with_hs256 = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &good_claims(),
        &EncodingKey::from_secret(&public),
    );
    assert_eq!(tokens.verify(&with_hs256.unwrap(), NOW), Err(TokenRefusal::Invalid));
    let body = BASE64_URL_SAFE_NO_PAD.encode(good_claims().to_string());
    for alg in ["none", "None", "nOnE", "NONE", "", "HS256", "EdDSA"] {
        let head = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": alg, "typ": "JWT"}).to_string());
        for signature in ["", "AA", &"A".repeat(86)] {
            let token = format!("{head}.{body}.{signature}");
            assert_eq!(tokens.verify(&token, NOW), Err(TokenRefusal::Invalid), "{alg} {signature}");
        }
    }
}

#[test]
fn a_token_that_is_too_long_is_not_looked_at() {
    let (_, tokens) = tokens();
    let long = format!("{}.{}", mint(&tokens), "A".repeat(1 << 20));
    assert_eq!(tokens.verify(&long, NOW), Err(TokenRefusal::Invalid));
}

#[test]
fn a_token_that_nobody_would_look_at_is_not_made() {
    let (_, tokens) = tokens();
    let claims = Claims { teams: vec!["x".repeat(100); 100], ..Claims::default() };
    assert_eq!(tokens.mint(&member(), &claims, NOW, Duration::from_mins(1)), Err(MintError));
}

#[test]
fn one_changed_character_spoils_a_token() {
    let (_, tokens) = tokens();
    let token = mint(&tokens);
    for (at, old) in token.char_indices() {
        // The last character of a base64 part may carry unused bits; the library refuses those too.
        let new = if old == 'A' { 'B' } else { 'A' };
        let mut changed = token.clone();
        changed.replace_range(at..=at, &new.to_string());
        assert_eq!(tokens.verify(&changed, NOW), Err(TokenRefusal::Invalid), "at {at}");
    }
}

proptest! {
    #[test]
    fn no_text_is_a_token_or_makes_a_panic(text in "\\PC{0,200}") {
        let (_, tokens) = tokens();
        prop_assert_eq!(tokens.verify(&text, NOW), Err(TokenRefusal::Invalid));
    }
}
