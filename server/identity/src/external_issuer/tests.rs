use super::*;
use crate::claim_mapping::MappedRights;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use protocol::Role;
use serde_json::json;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ISSUER: &str = "https://sso.campaign.example/realms/main";

/// The keys of an issuer, made once: RSA keys take their time.
struct Signers {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

static SIGNERS: LazyLock<Signers> = LazyLock::new(|| Signers {
    rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
    ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
    ed: Ed25519KeyPair::generate().unwrap(),
});

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Signers {
    fn sign(&self, with: &str, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match with {
            "rsa" => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).unwrap();
                signature
            }
            "ec" => self.ec.sign(&random, text).unwrap().as_ref().to_vec(),
            "ed" => self.ed.sign(text).as_ref().to_vec(),
            _ => Vec::new(),
        }
    }

    fn jwk(&self, which: &str) -> Value {
        match which {
            "rsa" => {
                let public = self.rsa.public_key();
                let n = base64(public.modulus().big_endian_without_leading_zero());
                let e = base64(public.exponent().big_endian_without_leading_zero());
                json!({"kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": n, "e": e})
            }
            "ec" => {
                let point = self.ec.public_key().as_ref();
                let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
                json!({"kty": "EC", "crv": "P-256", "kid": "ec", "x": x, "y": y})
            }
            _ => json!({"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": base64(self.ed.public_key())}),
        }
    }

    fn keys(&self, which: &[&str]) -> IssuerKeys {
        let keys: Vec<Value> = which.iter().map(|which| self.jwk(which)).collect();
        read(&json!({ "keys": keys })).unwrap()
    }
}

fn read(document: &Value) -> Result<IssuerKeys, NoIssuerKeys> {
    IssuerKeys::read(document.to_string().as_bytes())
}

fn issuer() -> ExternalIssuer {
    let mapping = ClaimMapping {
        roles: "holdfast_roles".to_owned(),
        regions: "holdfast_regions".to_owned(),
        teams: "holdfast_teams".to_owned(),
        roles_max: vec![Role::Activist, Role::Sender],
    };
    ExternalIssuer::new(ISSUER, "holdfast-api", mapping, &KeySet::generate().unwrap())
}

fn claims() -> Value {
    let now = NOW.as_secs();
    json!({"iss": ISSUER, "aud": "holdfast-api", "sub": "b1f0", "nbf": now, "iat": now, "exp": now + 300,
           "holdfast_roles": ["sender", "admin", "king"], "holdfast_regions": ["north"]})
}

fn token(header: &Value, claims: &Value, with: &str) -> String {
    let text = format!("{}.{}", base64(header.to_string()), base64(claims.to_string()));
    let signature = SIGNERS.sign(with, text.as_bytes());
    format!("{text}.{}", base64(signature))
}

fn verdict(header: &Value, claims: &Value, with: &str) -> Result<Principal, ExternalRefusal> {
    issuer().verify(&SIGNERS.keys(&["rsa", "ec", "ed"]), &token(header, claims, with), NOW)
}

#[test]
fn a_token_of_each_kind_of_key_says_who_holds_it_and_no_more_than_is_allowed() {
    for (alg, kid) in [("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")] {
        let principal = verdict(&json!({"alg": alg, "kid": kid}), &claims(), kid).unwrap();
        let rights =
            MappedRights { roles: principal.roles, regions: principal.regions, teams: principal.teams };
        let expected = MappedRights {
            roles: vec![Role::Sender],
            regions: vec!["north".to_owned()],
            ..MappedRights::default()
        };
        assert_eq!(rights, expected, "{alg}");
        assert!(!principal.member.as_str().contains("b1f0"));
        assert_eq!(principal.expires_at, NOW.after(Duration::from_mins(5)));
    }
}

#[test]
fn the_algorithm_is_the_keys_own_whatever_a_token_asks_for() {
    let hmac_with_public_key = {
        let text = format!("{}.{}", base64(r#"{"alg":"HS256","kid":"ed"}"#), base64(claims().to_string()));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, SIGNERS.ed.public_key().as_ref());
        format!("{text}.{}", base64(aws_lc_rs::hmac::sign(&key, text.as_bytes())))
    };
    let keys = SIGNERS.keys(&["rsa", "ec", "ed"]);
    assert_eq!(issuer().verify(&keys, &hmac_with_public_key, NOW), Err(ExternalRefusal::Invalid));
    for (alg, kid, with) in [
        ("none", "ed", ""),
        ("None", "ed", ""),
        ("nOnE", "rsa", ""),
        ("", "ed", "ed"),
        ("HS256", "rsa", "rsa"),
        ("HS512", "ed", "ed"),
        ("RS512", "rsa", "rsa"),
        ("PS256", "rsa", "rsa"),
        ("ES384", "ec", "ec"),
        ("EdDSA", "rsa", "ed"),
        ("RS256", "ed", "rsa"),
        ("ES256", "ed", "ec"),
        ("EdDSA", "ed", "rsa"),
        ("EdDSA", "ed", ""),
    ] {
        let verdict = verdict(&json!({"alg": alg, "kid": kid}), &claims(), with);
        assert_eq!(verdict, Err(ExternalRefusal::Invalid), "{alg} for {kid} with {with}");
    }
}

#[test]
fn nothing_that_a_header_says_of_keys_is_followed() {
    let own = SIGNERS.jwk("ed");
    for (name, value) in [
        ("jwk", own),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!("logout+jwt")),
        ("typ", json!(7)),
        ("kid", json!(7)),
        ("kid", json!({"kty": "oct"})),
        ("kid", json!("k".repeat(KEY_ID_MAX_BYTES + 1))),
    ] {
        let mut header = json!({"alg": "EdDSA", "kid": "ed"});
        header[name] = value.clone();
        assert_eq!(verdict(&header, &claims(), "ed"), Err(ExternalRefusal::Invalid), "{name}: {value}");
    }
    for kid in ["other", "", "../../dev/null", "ed' OR '1'='1", "ed\0", "ED"] {
        let header = json!({"alg": "EdDSA", "kid": kid});
        assert_eq!(verdict(&header, &claims(), "ed"), Err(ExternalRefusal::KeyUnknown), "{kid:?}");
    }
    for kind in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
        assert!(
            verdict(&json!({"alg": "EdDSA", "kid": "ed", "typ": kind}), &claims(), "ed").is_ok(),
            "{kind}"
        );
    }
}

#[test]
fn a_token_without_the_name_of_a_key_counts_only_where_there_is_one() {
    let token = token(&json!({"alg": "EdDSA"}), &claims(), "ed");
    assert!(issuer().verify(&SIGNERS.keys(&["ed"]), &token, NOW).is_ok());
    let several = issuer().verify(&SIGNERS.keys(&["ed", "ec"]), &token, NOW);
    assert_eq!(several, Err(ExternalRefusal::KeyUnknown));
}

#[test]
fn each_required_claim_is_required_and_checked() {
    let header = json!({"alg": "EdDSA", "kid": "ed"});
    for claim in ["iss", "aud", "sub", "exp", "holdfast_roles"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(verdict(&header, &claims, "ed"), Err(ExternalRefusal::Invalid), "without {claim}");
    }
    let mut endless = claims();
    endless.as_object_mut().unwrap().remove("nbf");
    assert!(verdict(&header, &endless, "ed").is_ok(), "iat says when it begins");
    endless.as_object_mut().unwrap().remove("iat");
    assert_eq!(verdict(&header, &endless, "ed"), Err(ExternalRefusal::Invalid), "without a beginning");
    let now = NOW.as_secs();
    for (claim, value) in [
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!("https://other.example")),
        ("iss", json!(7)),
        ("aud", json!("other")),
        ("aud", json!(["other"])),
        ("aud", json!([])),
        ("aud", json!({"holdfast-api": true})),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("x".repeat(EXTERNAL_SUBJECT_MAX_BYTES + 1))),
        ("nbf", json!(now + 31)),
        ("nbf", json!("soon")),
        ("nbf", json!(-1)),
        ("iat", json!(now + 31)),
        ("exp", json!("never")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", json!(null)),
        ("holdfast_roles", json!(["king", "admin"])),
    ] {
        let mut claims = claims();
        claims[claim] = value.clone();
        assert_eq!(verdict(&header, &claims, "ed"), Err(ExternalRefusal::Invalid), "{claim} = {value}");
    }
    let mut several = claims();
    several["aud"] = json!(["other", "holdfast-api"]);
    assert!(verdict(&header, &several, "ed").is_ok());
}

#[test]
fn a_token_ends_when_it_says_and_never_later_than_the_bound() {
    let header = json!({"alg": "EdDSA", "kid": "ed"});
    let at = |claims: &Value, now: Timestamp| {
        issuer().verify(&SIGNERS.keys(&["ed"]), &token(&header, claims, "ed"), now)
    };
    let ends = NOW.after(Duration::from_mins(5));
    assert!(at(&claims(), ends.after(EXTERNAL_CLOCK_LEEWAY.saturating_sub(Duration::from_secs(1)))).is_ok());
    assert_eq!(at(&claims(), ends.after(EXTERNAL_CLOCK_LEEWAY)), Err(ExternalRefusal::Expired));
    let mut long = claims();
    long["exp"] = json!(NOW.as_secs() + 365 * 86_400);
    assert_eq!(at(&long, NOW).unwrap().expires_at, NOW.after(EXTERNAL_TTL_MAX));
    let late = NOW.after(EXTERNAL_TTL_MAX + EXTERNAL_CLOCK_LEEWAY);
    assert_eq!(at(&long, late), Err(ExternalRefusal::Expired));
    long["nbf"] = json!(0);
    assert!(at(&long, NOW).is_ok(), "iat says when it began");
}

#[test]
fn somebody_is_the_same_each_time_and_another_at_another_issuer_or_deployment() {
    let header = json!({"alg": "EdDSA", "kid": "ed"});
    let (issuer, keys) = (issuer(), SIGNERS.keys(&["ed"]));
    let of = |claims: &Value| issuer.verify(&keys, &token(&header, claims, "ed"), NOW).unwrap().member;
    let mut later = claims();
    later["exp"] = json!(NOW.as_secs() + 400);
    assert_eq!(of(&claims()), of(&later));
    let mut other = claims();
    other["sub"] = json!("b1f1");
    assert_ne!(of(&claims()), of(&other));
    assert_ne!(of(&claims()), verdict(&header, &claims(), "ed").unwrap().member, "another deployment's keys");
}

#[test]
fn one_changed_character_spoils_a_token() {
    let (issuer, keys) = (issuer(), SIGNERS.keys(&["ed"]));
    let token = token(&json!({"alg": "EdDSA", "kid": "ed"}), &claims(), "ed");
    for (at, old) in token.char_indices() {
        let new = if old == 'A' { 'B' } else { 'A' };
        let mut changed = token.clone();
        changed.replace_range(at..=at, &new.to_string());
        assert!(issuer.verify(&keys, &changed, NOW).is_err(), "at {at}");
    }
    for nonsense in ["", ".", "..", "a.b.c", &"A".repeat(TOKEN_MAX_BYTES + 1), "e30.e30."] {
        assert!(issuer.verify(&keys, nonsense, NOW).is_err(), "{nonsense:?}");
        assert!(!issuer.is_claimed_by(nonsense));
    }
    assert!(issuer.is_claimed_by(&token));
}

#[test]
fn keys_for_anything_else_are_passed_over() {
    let good = SIGNERS.jwk("rsa");
    assert!(read(&json!({"keys": [{"kty": "oct", "k": "AAAA", "kid": "rsa"}, 7, good]})).is_ok());

    for (which, name, value) in [
        ("rsa", "use", json!("enc")),
        ("rsa", "key_ops", json!(["encrypt"])),
        ("rsa", "alg", json!("RS512")),
        ("rsa", "alg", json!("HS256")),
        ("rsa", "alg", json!("none")),
        ("rsa", "kty", json!("oct")),
        ("rsa", "n", json!(base64([1; ISSUER_RSA_MIN]))),
        ("rsa", "n", json!(base64([1; ISSUER_RSA_MAX]))),
        ("rsa", "e", json!(base64([1; 5]))),
        ("rsa", "n", json!("=")),
        ("rsa", "kid", json!("k".repeat(KEY_ID_MAX_BYTES + 1))),
        ("ec", "crv", json!("P-384")),
        ("ec", "alg", json!("ES384")),
        ("ec", "x", json!("*")),
        ("ec", "d", json!(base64([7; 32]))),
        ("ed", "crv", json!("X25519")),
        ("ed", "alg", json!("ES256")),
    ] {
        let mut jwk = SIGNERS.jwk(which);
        jwk[name] = value.clone();
        assert_eq!(read(&json!({"keys": [jwk]})).err(), Some(NoIssuerKeys), "{which} {name}: {value}");
    }
    for document in [json!({}), json!([]), json!({"keys": []}), json!({"keys": {"rsa": 1}}), json!("keys")] {
        assert_eq!(read(&document).err(), Some(NoIssuerKeys), "{document}");
    }
}

/// One byte too few, one too many.
const ISSUER_RSA_MIN: usize = keys::ISSUER_RSA_MIN_BYTES - 1;
const ISSUER_RSA_MAX: usize = keys::ISSUER_RSA_MAX_BYTES + 1;
