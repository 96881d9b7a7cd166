//! Tokens that somebody made up, changed, or kept too long (RFC 8725): what comes of each at the socket, at a refresh
//! and in an HTTP header.

use super::raw::{Peer, Said, answers_to, text};
use crate::node::{Start, TestNode, token};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What comes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    Accepted,
    /// Error 109: a newer one will do.
    Expired,
    /// Close 3500.
    Invalid,
}

/// Makes tokens with a deployment's own key, as nobody else can, and with others.
struct Forge {
    ours: Ed25519KeyPair,
    theirs: Ed25519KeyPair,
    now: u64,
}

fn base64(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn signed_by(key: &Ed25519KeyPair, head: &str, claims: &str) -> String {
    let message = format!("{}.{}", base64(head), base64(claims));
    let signature = base64(key.sign(message.as_bytes()).as_ref());
    format!("{message}.{signature}")
}

const HEAD: &str = r#"{"typ":"JWT","alg":"EdDSA"}"#;

impl Forge {
    fn new(data: &Path) -> Self {
        let file: Value = serde_json::from_slice(&fs::read(data.join("keys.json")).unwrap()).unwrap();
        let key = BASE64_STANDARD.decode(file["signing_key_pkcs8"].as_str().unwrap()).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the node under test has this clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self {
            ours: Ed25519KeyPair::from_pkcs8(&key).unwrap(),
            theirs: Ed25519KeyPair::generate().unwrap(),
            now,
        }
    }

    fn claims(&self) -> Value {
        json!({"sub": "m_1", "iss": "holdfast", "aud": "holdfast", "iat": self.now, "nbf": self.now,
               "exp": self.now + 600, "roles": ["activist"]})
    }

    /// Our own token with a claim changed, or taken away.
    fn with(&self, claim: &str, value: &Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value.clone();
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        signed_by(&self.ours, HEAD, &claims.to_string())
    }

    fn good(&self) -> String {
        signed_by(&self.ours, HEAD, &self.claims().to_string())
    }

    /// Without a key of ours: every algorithm and every way to name a key.
    fn forged(&self) -> Vec<(String, String)> {
        let mut forged = Vec::new();
        let claims = self.claims().to_string();
        let public = self.ours.public_key().as_ref().to_vec();
        let x = base64(self.theirs.public_key());
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let head = json!({"typ": "JWT", "alg": alg}).to_string();
            let unsigned = format!("{}.{}", base64(head), base64(&claims));
            for (name, signature) in [("no", ""), ("a zero", "AA"), ("zeros for a", &"A".repeat(86))] {
                forged.push((format!("alg {alg:?} and {name} signature"), format!("{unsigned}.{signature}")));
            }
            forged.push((format!("alg {alg:?} and no last part"), unsigned));
        }
        for (name, key) in
            [("the public key", public.clone()), ("its base64", base64(&public).into()), ("nothing", vec![])]
        {
            for (alg, algorithm) in [("HS256", hmac::HMAC_SHA256), ("HS512", hmac::HMAC_SHA512)] {
                let message = format!("{}.{}", base64(json!({"alg": alg}).to_string()), base64(&claims));
                let tag = hmac::sign(&hmac::Key::new(algorithm, &key), message.as_bytes());
                forged.push((format!("{alg} with {name}"), format!("{message}.{}", base64(tag))));
            }
        }
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        for (name, value) in [
            ("jwk", jwk),
            ("jku", json!("http://127.0.0.1:1/keys.json")),
            ("x5u", json!("http://127.0.0.1:1/keys.pem")),
            ("x5c", json!([x])),
            ("kid", json!("../../../../dev/null")),
            ("kid", json!("' UNION SELECT 'k")),
            ("kid", json!("| id")),
            ("crit", json!(["exp"])),
        ] {
            let mut head = json!({"typ": "JWT", "alg": "EdDSA"});
            head[name] = value;
            forged.push((
                format!("their key, named by {name}"),
                signed_by(&self.theirs, &head.to_string(), &claims),
            ));
        }
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let message = format!("{}.{}", base64(r#"{"alg":"ES256"}"#), base64(&claims));
        let signature = p256.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        forged.push(("another curve".into(), format!("{message}.{}", base64(signature.as_ref()))));
        for alg in ["ES256", "ES384", "RS256", "PS512", "Ed448", "EdDSA ", "eddsa"] {
            let message = format!("{}.{}", base64(json!({"alg": alg}).to_string()), base64(&claims));
            for signature in [vec![0; 64], vec![]] {
                forged.push((format!("{alg} and zeros"), format!("{message}.{}", base64(signature))));
            }
            // Even with our own key: the algorithm is what it says.
            let head = json!({"alg": alg}).to_string();
            forged.push((format!("{alg} in the head"), signed_by(&self.ours, &head, &claims)));
        }
        let expired = claims.replace(&(self.now + 600).to_string(), &(self.now - 600).to_string());
        forged.push(("their key, expired".into(), signed_by(&self.theirs, HEAD, &expired)));
        forged
    }

    /// Our own good token, damaged or in another wrapping.
    fn damaged(&self) -> Vec<(String, String)> {
        let good = self.good();
        let parts: Vec<&str> = good.split('.').collect();
        let [head, claims, signature] = parts[..] else { panic!("{good}") };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        let swapped = self.claims().to_string().replace("activist", "admin");
        let mut damaged: Vec<(String, String)> = [
            ("another payload", format!("{head}.{}.{signature}", base64(swapped))),
            ("a signature without its last byte", format!("{head}.{claims}.{}", base64(&bytes[..63]))),
            (
                "a signature with a byte more",
                format!("{head}.{claims}.{}", base64([&bytes[..], &[0]].concat())),
            ),
            ("half a signature", format!("{head}.{claims}.{}", base64(&bytes[..32]))),
            (
                "the same signature twice",
                format!("{head}.{claims}.{}", base64([&bytes[..], &bytes].concat())),
            ),
            ("a signature of zeros", format!("{head}.{claims}.{}", base64([0; 64]))),
            ("a padded signature", format!("{head}.{claims}.{}", BASE64_URL_SAFE.encode(&bytes))),
            ("a padded part", format!("{head}=.{claims}.{signature}")),
            ("a fourth part", format!("{good}.{signature}")),
            ("an empty part", format!("{head}..{claims}.{signature}")),
            ("five parts, as JWE has", format!("{head}.{claims}.{signature}.{claims}.{signature}")),
            ("no dots", good.replace('.', "")),
            ("dots alone", "..".into()),
            ("a blank in front", format!(" {good}")),
            ("a blank behind", format!("{good} ")),
            ("a line break behind", format!("{good}\n")),
            ("a blank inside", format!("{head}. {claims}.{signature}")),
            ("a NUL behind", format!("{good}\0")),
            ("\"Bearer\" in front", format!("Bearer {good}")),
            ("quotes", format!("\"{good}\"")),
            ("a zero-width blank", format!("{good}\u{200b}")),
            ("JSON form", json!({"payload": claims, "protected": head, "signature": signature}).to_string()),
            ("8 KiB and a byte", format!("{good}{}", "A".repeat(8 * 1_024 + 1 - good.len()))),
            ("60 KiB", format!("{good}{}", "A".repeat(60_000))),
            (
                "a token in a token",
                signed_by(&self.ours, r#"{"alg":"EdDSA","cty":"JWT"}"#, &json!(good).to_string()),
            ),
            ("a payload that is no object", signed_by(&self.ours, HEAD, "[]")),
            ("a payload that is no JSON", signed_by(&self.ours, HEAD, "{")),
            ("a compressed payload", signed_by(&self.ours, r#"{"alg":"EdDSA","zip":"DEF"}"#, "\u{1}\u{2}")),
            ("a head that is no object", signed_by(&self.ours, "[]", &self.claims().to_string())),
            (
                "a head with two algorithms",
                signed_by(&self.ours, r#"{"alg":"none","alg":"EdDSA"}"#, &self.claims().to_string()),
            ),
        ]
        .map(|(name, token)| (name.to_owned(), token))
        .into();
        for bit in [0, 7, 100, 255, 256, 300, 511] {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            damaged.push((
                format!("bit {bit} of the signature"),
                format!("{head}.{claims}.{}", base64(flipped)),
            ));
        }
        // The last letter of 64 bytes in base64 has four bits that say nothing; they must be zero.
        let last = signature.chars().last().unwrap();
        let next = char::from(u8::try_from(u32::from(last) + 1).unwrap());
        damaged.push(("bits that say nothing".into(), format!("{}{next}", &good[..good.len() - 1])));
        damaged.push(("a second S".into(), format!("{head}.{claims}.{}", base64(plus_order(&bytes)))));
        damaged
    }

    /// Our own key under claims that are not for here and now.
    fn wrong(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        for claim in ["sub", "iss", "aud", "nbf", "exp", "iat"] {
            wrong.push((format!("no {claim}"), self.with(claim, &Value::Null)));
        }
        let far = self.now + 3_600;
        for (claim, value) in [
            ("iss", json!("Holdfast")),
            ("iss", json!("https://evil.example")),
            ("iss", json!(["evil"])),
            ("aud", json!("holdfast-tickets")),
            ("aud", json!(["other"])),
            ("aud", json!("")),
            ("nbf", json!(far)),
            ("nbf", json!("0")),
            ("nbf", json!(-1)),
            ("nbf", json!([])),
            ("exp", json!(far.to_string())),
            ("exp", json!({"at": far})),
            ("exp", json!(true)),
            ("exp", json!(-1)),
            ("exp", json!(1e300)),
            ("sub", json!(1)),
            ("sub", json!("")),
            ("sub", json!("m 1")),
            ("sub", json!("m_1\u{0}")),
            ("sub", json!("x".repeat(65))),
            ("sub", json!({"$ne": 1})),
            ("roles", json!("admin")),
            ("roles", json!(["king"])),
            ("roles", json!({"admin": true})),
            ("teams", json!([1])),
            ("channels", json!(["a b"])),
            ("channels", json!(["inbox#*"])),
        ] {
            wrong.push((format!("{claim} {value}"), self.with(claim, &value)));
        }
        let twice = self.claims().to_string().replacen('{', r#"{"sub":"m_admin","#, 1);
        wrong.push(("two subjects".into(), signed_by(&self.ours, HEAD, &twice)));
        let twice = self.claims().to_string().replacen('{', r#"{"roles":["admin"],"#, 1);
        wrong.push(("two lists of roles".into(), signed_by(&self.ours, HEAD, &twice)));
        wrong
    }

    fn expired(&self) -> Vec<(String, String)> {
        [0, 1, self.now - 600, self.now - 6]
            .map(|exp| (format!("ended at {exp}"), self.with("exp", &json!(exp))))
            .into()
    }
}

/// The same signature with S + L for S, which a sloppy check takes (RFC 8032 §5.1.7 forbids it).
fn plus_order(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut changed = signature.to_vec();
    let mut carry = 0u16;
    for (byte, order) in changed[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    changed
}

/// What comes of a `connect` with this token, and of a `refresh` on a connection that stands.
fn comes_of(peer: &mut Peer, id: u64, request: &str, token: &str) -> Comes {
    peer.send(&text(&json!({"id": id, request: {"token": token}}).to_string()));
    match peer.answered() {
        Said::Message(message) if message.get(request).is_some() => Comes::Accepted,
        Said::Message(message) if message["error"]["code"] == json!(109) => Comes::Expired,
        Said::Closed(Some(3500)) => Comes::Invalid,
        other @ (Said::Message(_) | Said::Closed(_)) => panic!("{other:?}"),
    }
}

/// The status of a request with this token. Characters that no header may have are left out: they end before a token.
fn status_of(node: &TestNode, token: &str) -> Vec<u16> {
    let token: String = token.trim().chars().filter(char::is_ascii_graphic).collect();
    let request =
        format!("GET /v1/invites HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    answers_to(node.address, request.as_bytes())
}

fn node_and_forge(data: &Path) -> (TestNode, Forge) {
    let node = Start::embedded(data).run();
    let forge = Forge::new(data);
    (node, forge)
}

#[test]
fn what_the_forge_makes_without_a_fault_is_accepted() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    let mut peer = Peer::upgraded(node.address);
    assert_eq!(comes_of(&mut peer, 1, "connect", &forge.good()), Comes::Accepted);
    assert_eq!(comes_of(&mut peer, 2, "refresh", &forge.good()), Comes::Accepted);
    assert_eq!(status_of(&node, &forge.good()), [403], "an activist, known as one");
    assert_eq!(status_of(&node, &forge.with("roles", &json!(["admin"]))), [200]);
}

#[test]
fn a_token_that_is_forged_damaged_or_not_for_here_is_closed_with_3500() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    let good = token(data.path(), &["--sub", "m_1"]);
    for (name, token) in forge.forged().into_iter().chain(forge.damaged()).chain(forge.wrong()) {
        let mut stranger = Peer::upgraded(node.address);
        assert_eq!(comes_of(&mut stranger, 1, "connect", &token), Comes::Invalid, "connect: {name}");
        let mut member = Peer::identified(node.address, &good);
        assert_eq!(comes_of(&mut member, 2, "refresh", &token), Comes::Invalid, "refresh: {name}");
    }
}

#[test]
fn a_token_in_a_header_that_is_not_valid_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    let wrapped = ["a blank", "a line break", "a NUL", "zero-width"];
    for (name, token) in
        forge.forged().into_iter().chain(forge.wrong()).chain(forge.expired()).chain(forge.damaged())
    {
        // In a header these are the token itself.
        if !wrapped.iter().any(|start| name.contains(start)) {
            // A head that large is refused before anything in it is read.
            let refusal = if token.len() > 16 * 1024 { 431 } else { 401 };
            assert_eq!(status_of(&node, &token), [refusal], "{name}");
        }
    }
}

#[test]
fn a_token_whose_time_is_over_is_answered_with_109_and_spends_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    for (name, token) in forge.expired() {
        let mut peer = Peer::upgraded(node.address);
        assert_eq!(comes_of(&mut peer, 1, "connect", &token), Comes::Expired, "connect: {name}");
        peer.send(&text(&json!({"id": 2, "connect": {"token": forge.good()}}).to_string()));
        assert_eq!(peer.answered(), Said::Closed(Some(3501)), "a second try: {name}");
        let mut peer = Peer::upgraded(node.address);
        assert_eq!(comes_of(&mut peer, 1, "connect", &forge.good()), Comes::Accepted);
        assert_eq!(comes_of(&mut peer, 2, "refresh", &token), Comes::Expired, "refresh: {name}");
    }
}

#[test]
fn a_token_of_another_member_does_not_take_over_a_connection() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    let mut peer = Peer::identified(node.address, &forge.good());
    assert_eq!(comes_of(&mut peer, 2, "refresh", &forge.with("sub", &json!("m_2"))), Comes::Invalid);
}

#[test]
fn an_access_token_is_no_other_kind_of_secret() {
    let data = tempfile::tempdir().unwrap();
    let (node, forge) = node_and_forge(data.path());
    let admin = forge.with("roles", &json!(["admin"]));
    let origin = format!("Origin: http://{}", node.address);
    let device = format!(
        "POST /v1/session HTTP/1.1\r\nHost: localhost\r\n{origin}\r\nCookie: holdfast_device={admin}\r\n\r\n"
    );
    assert_eq!(answers_to(node.address, device.as_bytes()), [401]);
    let body = json!({"token": admin, "attempt": "attempt-0123456789"}).to_string();
    let invite = format!(
        "POST /v1/invites/redeem HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(answers_to(node.address, invite.as_bytes()), [404]);
    for header in [
        format!("Authorization: Basic {admin}"),
        format!("Authorization: {admin}"),
        format!("Authorization: Bearer{admin}"),
        format!("Cookie: access_token={admin}"),
        format!("X-API-Key: {admin}"),
    ] {
        let request = format!("GET /v1/invites HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
        assert_eq!(answers_to(node.address, request.as_bytes()), [401], "{header}");
    }
    let twice = format!(
        "GET /v1/invites HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin}\r\nAuthorization: Bearer x\r\n\r\n"
    );
    assert_eq!(answers_to(node.address, twice.as_bytes()), [400]);
    let query = format!("GET /v1/invites?access_token={admin} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(answers_to(node.address, query.as_bytes()), [401]);
}
