//! An organiser at a browser: cookies, a key that the browser keeps to itself, and an authenticator.

use super::authenticator::Authenticator;
use crate::browser::{Answer, Visitor};
use awc::http::Method;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::SystemTime;

pub(crate) struct Organiser {
    pub(crate) visitor: Visitor,
    pub(crate) authenticator: Authenticator,
    key: EcdsaKeyPair,
    proofs: u32,
}

impl Organiser {
    /// Nobody yet.
    pub(crate) fn at(at: SocketAddr) -> Self {
        let mut visitor = Visitor::at(at);
        let page = format!("http://localhost:{}", at.port());
        visitor.page = Some(page.clone());
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { visitor, authenticator: Authenticator::on(&page), key, proofs: 0 }
    }

    pub(crate) async fn joined(at: SocketAddr, invite: &str) -> Self {
        let mut organiser = Self::at(at);
        let answer = organiser.visitor.redeem(invite, crate::browser::ATTEMPT).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        organiser
    }

    /// Goes on at another node, whose page it is then.
    pub(crate) fn moves_to(&mut self, at: SocketAddr) {
        let page = format!("http://localhost:{}", at.port());
        self.visitor.at = at;
        self.authenticator.origin.clone_from(&page);
        self.visitor.page = Some(page);
    }

    /// Another key than the one that the device is bound to, as if the browser had lost it.
    pub(crate) fn loses_key(&mut self) {
        self.key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    }

    /// Somebody with the cookies and nothing else.
    pub(crate) fn thief(&self) -> Self {
        let mut thief = Self::at(self.visitor.at);
        thief.visitor.cookies.clone_from(&self.visitor.cookies);
        thief
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let text = |bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]), "ext": true, "key_ops": ["verify"]})
    }

    /// A proof of this request.
    pub(crate) fn proof(&mut self, method: &str, path: &str) -> String {
        self.proofs += 1;
        let page = self.visitor.page.as_ref().unwrap();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let jti = format!("proof-{}", self.proofs);
        let claims = json!({"htm": method, "htu": format!("{page}{path}"), "iat": now, "jti": jti});
        let text = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&json!({"typ": "dpop+jwt", "alg": "ES256"})), text(&claims));
        let signature = self.key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// A request with the token that there is.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        self.visitor.say(Method::from_bytes(method.as_bytes()).unwrap(), path, body).await
    }

    /// A request with a proof of the device's key.
    pub(crate) async fn prove(&mut self, path: &str, body: &Value) -> Answer {
        self.visitor.proof = Some(self.proof("POST", path));
        let answer = self.ask("POST", path, body).await;
        self.keep(&answer);
        answer
    }

    pub(crate) async fn session(&mut self) -> Answer {
        self.prove("/v1/session", &json!({})).await
    }

    fn keep(&mut self, answer: &Answer) {
        let session = answer.body.get("session").unwrap_or(&answer.body);
        if let Some(token) = session["access_token"].as_str() {
            token.clone_into(&mut self.visitor.token);
        }
    }

    pub(crate) async fn begin_registration(&mut self, body: &Value) -> Answer {
        self.prove("/v1/passkeys/registrations", body).await
    }

    /// Ends a registration that was begun.
    pub(crate) async fn end_registration(&mut self, begun: &Answer) -> Answer {
        let credential = self.authenticator.create(&begun.body["options"]);
        self.end("registrations", begun, &credential).await
    }

    pub(crate) async fn register(&mut self) -> Answer {
        let begun = self.begin_registration(&json!({"name": "phone"})).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        self.end_registration(&begun).await
    }

    pub(crate) async fn begin_assertion(&mut self) -> Answer {
        let begun = self.ask("POST", "/v1/passkeys/assertions", &json!({"purpose": "step_up"})).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        begun
    }

    /// Ends an assertion that was begun.
    pub(crate) async fn end_assertion(&mut self, begun: &Answer) -> Answer {
        let credential = self.authenticator.get(&begun.body["options"]);
        self.end("assertions", begun, &credential).await
    }

    pub(crate) async fn assert(&mut self) -> Answer {
        let begun = self.begin_assertion().await;
        self.end_assertion(&begun).await
    }

    /// Signs in by the passkey alone.
    pub(crate) async fn sign_in(&mut self) -> Answer {
        let begun = self.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
        assert_eq!(begun.status, 201, "{}", begun.body);
        let credential = self.authenticator.get(&begun.body["options"]);
        self.end("sign-ins", &begun, &credential).await
    }

    /// The same browser without anything that it kept: the authenticator alone is as it was.
    pub(crate) fn wiped(&mut self) {
        self.visitor.cookies.clear();
        self.visitor.token.clear();
        self.loses_key();
    }

    /// Ends a ceremony with this credential, and binds the device to the key that there is.
    pub(crate) async fn end(&mut self, kind: &str, begun: &Answer, credential: &Value) -> Answer {
        let path = format!("/v1/passkeys/{kind}/{}", begun.body["id"].as_str().unwrap());
        let body = json!({"credential": credential, "device_key": self.jwk()});
        self.prove(&path, &body).await
    }
}
