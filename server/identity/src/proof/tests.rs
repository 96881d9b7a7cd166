use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const TARGET: &str = "https://example.org/v1/admit";

struct Device(EcdsaKeyPair);

impl Device {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let text = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]), "ext": true})
    }

    fn key(&self) -> ProofKey {
        ProofKey::of_jwk(&self.jwk()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(header), text(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn header() -> Value {
    json!({"typ": "dpop+jwt", "alg": "ES256"})
}

fn claims() -> Value {
    json!({"htm": "POST", "htu": TARGET, "iat": NOW.as_secs(), "jti": "abc"})
}

fn check(key: &ProofKey, proof: &str) -> Result<Proven, NotProven> {
    key.check(proof, "POST", |target| target == TARGET, NOW)
}

#[test]
fn who_holds_the_key_proves_it_for_one_request_about_now() {
    let device = Device::new();
    let proven = check(&device.key(), &device.sign(&header(), &claims())).unwrap();
    assert_eq!(proven.id, "abc");
    let kept = ProofKey::of_text(&device.key().as_text()).unwrap();
    for seconds in [NOW.as_secs() - 60, NOW.as_secs() + 60] {
        let mut claims = claims();
        claims["iat"] = seconds.into();
        assert!(check(&kept, &device.sign(&header(), &claims)).is_ok(), "{seconds}");
    }
}

#[test]
fn a_proof_of_another_key_request_time_or_kind_is_none() {
    let device = Device::new();
    let key = device.key();
    assert!(check(&Device::new().key(), &device.sign(&header(), &claims())).is_err());
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!("https://example.org/v1/session")),
        ("htu", json!("https://evil.example/v1/admit")),
        ("iat", json!(NOW.as_secs() - 61)),
        ("iat", json!(NOW.as_secs() + 61)),
        ("iat", json!(u64::MAX)),
        ("jti", json!("")),
        ("jti", json!("j".repeat(PROOF_ID_MAX_BYTES + 1))),
        ("jti", Value::Null),
    ] {
        let mut claims = claims();
        claims[name] = value;
        assert_eq!(check(&key, &device.sign(&header(), &claims)), Err(NotProven), "{name}");
    }
    for header in [
        json!({"alg": "ES256"}),
        json!({"typ": "JWT", "alg": "ES256"}),
        json!({"typ": "dpop+jwt", "alg": "none"}),
        json!({"typ": "dpop+jwt", "alg": "HS256"}),
    ] {
        assert!(check(&key, &device.sign(&header, &claims())).is_err(), "{header}");
    }
    let whole = device.sign(&header(), &claims());
    for text in ["", "a.b", "a.b.c", &whole[..whole.len() - 1], &format!("{whole}{}", "a".repeat(2_000))] {
        assert!(check(&key, text).is_err(), "{text:?}");
    }
}

#[test]
fn only_a_point_of_this_curve_is_a_key() {
    let jwk = Device::new().jwk();
    assert!(ProofKey::of_jwk(&jwk).is_some());
    for (name, value) in [
        ("kty", json!("RSA")),
        ("crv", json!("P-384")),
        ("x", json!("AAAA")),
        ("y", json!("*")),
        ("y", Value::Null),
    ] {
        let mut other = jwk.clone();
        other[name] = value;
        assert_eq!(ProofKey::of_jwk(&other), None, "{name}");
    }
    let nowhere = ProofKey::of_text("AA.AA").unwrap();
    assert!(check(&nowhere, "a.b.c").is_err());
}
