//! An issuer on this machine: real HTTP, real keys. It can be away, have other keys, and lie.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each lie changes one thing, and leaves the rest as it is"
)]

use super::keys::{Key, base64};
use super::now;
use aws_lc_rs::{digest, hmac};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

pub(super) const CLIENT: &str = "holdfast";
pub(super) const SECRET: &str = "a-secret-of-the-sign-on";

/// What it does instead of what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    None,
    /// Of ID tokens.
    AlgorithmNone,
    AnotherAudience,
    AnotherIssuer,
    AnotherKey,
    AnotherNonce,
    Expired,
    NoNonce,
    PublicKeyAsSecret,
    Unsigned,
    ClientSecretAsKey,
    NoIdToken,
    /// Of answers.
    Redirect,
    Huge,
    Nonsense,
    /// Of documents.
    KeysElsewhere,
    KeysHuge,
    KeysRedirect,
    NameOfAnother,
    PlainAddress,
}

/// What it has and does now.
pub(super) struct State {
    pub(super) keys: Vec<Key>,
    pub(super) lie: Lie,
    pub(super) is_away: bool,
    /// Whoever signs on next.
    pub(super) person: Value,
    /// Whether whoever signs on does not want to.
    pub(super) refuses: bool,
    /// Questions for its keys.
    pub(super) asked_for_keys: usize,
    /// Questions of any sort.
    pub(super) heard: usize,
    codes: HashMap<String, HashMap<String, String>>,
}

#[derive(Clone)]
pub(super) struct Issuer {
    pub(super) address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    state: Arc<Mutex<State>>,
}

impl Issuer {
    pub(super) fn start() -> Self {
        Self::listening(None)
    }

    /// One at `https://localhost`, with a certificate.
    pub(super) fn over_tls(config: Arc<ServerConfig>) -> Self {
        Self::listening(Some(config))
    }

    fn listening(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State {
            keys: vec![Key::ed("first")],
            lie: Lie::None,
            is_away: false,
            person: json!({"sub": "b1f0-4c", "holdfast_roles": ["activist"], "holdfast_regions": ["north"]}),
            refuses: false,
            asked_for_keys: 0,
            heard: 0,
            codes: HashMap::new(),
        };
        let address = listener.local_addr().unwrap();
        let issuer = Self { address, tls, state: Arc::new(Mutex::new(state)) };
        let answering = issuer.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let issuer = answering.clone();
                thread::spawn(move || issuer.meet(stream.unwrap()));
            }
        });
        issuer
    }

    pub(super) fn now(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn lies(&self, lie: Lie) {
        self.now().lie = lie;
    }

    pub(super) fn url(&self) -> String {
        match self.tls {
            None => format!("http://{}", self.address),
            Some(_) => format!("https://localhost:{}", self.address.port()),
        }
    }

    /// A token for programs, with changes.
    pub(super) fn claims(&self, changes: &Value) -> Value {
        let now = now();
        let mut claims = json!({"iss": self.url(), "aud": "holdfast-api", "sub": "program-7", "iat": now,
            "nbf": now, "exp": now + 300, "holdfast_roles": ["activist"], "holdfast_teams": ["press"]});
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    }

    /// The same, signed with its first key.
    pub(super) fn token(&self, changes: &Value) -> String {
        self.now().keys[0].clone().sign(&self.claims(changes))
    }

    fn meet(&self, stream: TcpStream) {
        match &self.tls {
            None => self.answer(stream),
            Some(config) => {
                self.answer(StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), stream));
            }
        }
    }

    fn answer(&self, stream: impl Read + Write) {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            lines.push(std::mem::take(&mut line));
        }
        let Some(target) = lines.first().and_then(|line| line.split(' ').nth(1)).map(str::to_owned) else {
            return;
        };
        self.now().heard += 1;
        let header = |name: &str| {
            let lower = |line: &String| line.to_ascii_lowercase().starts_with(&format!("{name}:"));
            lines.iter().find(|line| lower(line)).map(|line| line[name.len() + 1..].trim().to_owned())
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if self.now().is_away {
            return;
        }
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (status, to, body) = match path {
            "/.well-known/openid-configuration" => (200, None, self.discovery().to_string()),
            "/jwks" => self.jwks(),
            "/authorize" => (303, Some(self.authorize(&form(query))), String::new()),
            "/token" => self
                .token_endpoint(header("authorization").as_ref(), &form(std::str::from_utf8(&body).unwrap())),
            _ => (404, None, String::new()),
        };
        let to = to.map_or_else(String::new, |to| format!("location: {to}\r\n"));
        let head = format!(
            "HTTP/1.1 {status} X\r\n{to}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let mut stream = reader.into_inner();
        // Whoever asked may have had enough.
        drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())));
    }

    fn discovery(&self) -> Value {
        let (url, lie) = (self.url(), self.now().lie);
        let name = if lie == Lie::NameOfAnother { "http://127.0.0.1:1".to_owned() } else { url.clone() };
        let keys = if lie == Lie::KeysElsewhere { format!("{url}/nowhere") } else { format!("{url}/jwks") };
        let keys = if lie == Lie::PlainAddress { "http://192.0.2.1/jwks".to_owned() } else { keys };
        json!({"issuer": name, "jwks_uri": keys, "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"), "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["EdDSA"]})
    }

    fn jwks(&self) -> (u16, Option<String>, String) {
        let mut now = self.now();
        now.asked_for_keys += 1;
        let keys: Vec<Value> = now.keys.iter().map(Key::jwk).collect();
        let document = json!({ "keys": keys }).to_string();
        match now.lie {
            Lie::KeysRedirect => (302, Some("/jwks?again".to_owned()), document),
            Lie::KeysHuge => (200, None, format!("{document}{}", " ".repeat(1 << 20))),
            _ => (200, None, document),
        }
    }

    fn authorize(&self, asked: &HashMap<String, String>) -> String {
        assert_eq!(
            (asked["response_type"].as_str(), asked["code_challenge_method"].as_str()),
            ("code", "S256")
        );
        assert_eq!(asked["client_id"], CLIENT);
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let (to, state) = (&asked["redirect_uri"], &asked["state"]);
        let mut now = self.now();
        if now.refuses {
            return format!("{to}?error=access_denied&state={state}");
        }
        let code = format!("code-{}", now.codes.len());
        now.codes.insert(code.clone(), asked.clone());
        format!("{to}?code={code}&state={state}&iss={}", self.url())
    }

    fn token_endpoint(
        &self,
        client: Option<&String>,
        asked: &HashMap<String, String>,
    ) -> (u16, Option<String>, String) {
        let basic = format!(
            "Basic {}",
            base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{CLIENT}:{SECRET}"))
        );
        let begun = self.now().codes.get(&asked["code"]).cloned();
        let challenge = base64(digest::digest(&digest::SHA256, asked["code_verifier"].as_bytes()));
        let is_right = |begun: &HashMap<String, String>| {
            begun["code_challenge"] == challenge && begun["redirect_uri"] == asked["redirect_uri"]
        };
        let Some(begun) = begun.filter(|begun| is_right(begun) && client == Some(&basic)) else {
            return (400, None, json!({"error": "invalid_grant"}).to_string());
        };
        let lie = self.now().lie;
        match lie {
            Lie::Redirect => return (302, Some(format!("{}/token", self.url())), String::new()),
            Lie::Huge => return (200, None, "[".repeat(1 << 20)),
            Lie::Nonsense => return (200, None, "{\"access_token\": 7}".to_owned()),
            _ => {}
        }
        let mut answer = json!({"access_token": "opaque", "token_type": "Bearer"});
        if lie != Lie::NoIdToken {
            answer["id_token"] = json!(self.id_token(lie, &begun["nonce"]));
        }
        (200, None, answer.to_string())
    }

    fn id_token(&self, lie: Lie, nonce: &str) -> String {
        let (key, person) = {
            let now = self.now();
            (now.keys[0].clone(), now.person.clone())
        };
        let mut claims =
            json!({"iss": self.url(), "aud": CLIENT, "iat": now(), "exp": now() + 300, "nonce": nonce});
        claims.as_object_mut().unwrap().extend(person.as_object().unwrap().clone());
        let set = |claims: &mut Value, name: &str, value: Value| claims[name] = value;
        match lie {
            Lie::AnotherAudience => set(&mut claims, "aud", json!("somebody-else")),
            Lie::AnotherIssuer => set(&mut claims, "iss", json!("https://evil.example")),
            Lie::AnotherNonce => set(&mut claims, "nonce", json!("another")),
            Lie::Expired => set(&mut claims, "exp", json!(now() - 60)),
            Lie::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
            _ => {}
        }
        let with_secret = |secret: &[u8]| {
            let head = json!({"alg": "HS256", "kid": key.name});
            let text = format!("{}.{}", base64(head.to_string()), base64(claims.to_string()));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
            format!("{text}.{}", base64(tag))
        };
        match lie {
            Lie::AlgorithmNone => {
                let token = key.sign_as(&json!({"alg": "none"}), &claims);
                format!("{}.", token.rsplit_once('.').unwrap().0)
            }
            Lie::AnotherKey => Key::ed(&key.name).sign(&claims),
            Lie::PublicKeyAsSecret => with_secret(key.jwk()["x"].as_str().unwrap_or_default().as_bytes()),
            Lie::ClientSecretAsKey => with_secret(SECRET.as_bytes()),
            Lie::Unsigned => format!("{}.", key.sign(&claims).rsplit_once('.').unwrap().0),
            _ => key.sign(&claims),
        }
    }
}

/// Names and values of a form or a query.
fn form(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}
