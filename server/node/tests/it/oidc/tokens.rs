//! Programs with tokens of the campaign's own issuer.

use super::issuer::{Issuer, Lie};
use super::keys::{Key, base64};
use super::{CAME_IN, now, shows, until};
use crate::client::Client;
use crate::node::{Start, TestNode, token};
use serde_json::{Value, json};
use tempfile::TempDir;

fn node(issuer: &Issuer) -> (TestNode, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path());
    start.arguments = ["--external-issuer", &issuer.url(), "--external-audience", "holdfast-api"]
        .map(str::to_owned)
        .to_vec();
    (start.run(), data)
}

/// A node that knows the issuer's keys.
async fn knowing(issuer: &Issuer) -> (TestNode, TempDir) {
    let (node, data) = node(issuer);
    until(async || shows(node.address, &issuer.token(&json!({}))).await == CAME_IN).await;
    (node, data)
}

#[actix_rt::test]
async fn a_program_comes_in_by_a_token_of_the_campaigns_own_issuer_wherever_ours_count() {
    let issuer = Issuer::start();
    issuer.now().keys = vec![Key::rsa("rsa"), Key::ec("ec"), Key::ed("ed")];
    let (node, data) = knowing(&issuer).await;
    let keys = issuer.now().keys.clone();
    for key in keys {
        let token = key.sign(&issuer.claims(&json!({})));
        assert_eq!(shows(node.address, &token).await, CAME_IN, "{}", key.name);
        let mut client = Client::connect(node.address, &token).await.unwrap();
        assert!(client.publish("teams:press", &format!("by-{}", key.name)).await.unwrap().is_ok());
        assert!(client.publish("teams:other", "no").await.unwrap().is_err());
    }
    let request = awc::Client::new().post(format!("http://{}/v1/admit", node.address));
    let mut answer = request.bearer_auth(issuer.token(&json!({}))).send().await.unwrap();
    let body: Value = serde_json::from_slice(&answer.body().await.unwrap()).unwrap();
    assert_eq!((answer.status().as_u16(), &body["member"]["roles"]), (200, &json!(["activist"])));
    let id = body["member"]["id"].as_str().unwrap();
    assert!(id.starts_with("x_") && !body.to_string().contains("program-7"), "{body}");
    assert!(Client::connect(node.address, body["ticket"].as_str().unwrap()).await.is_ok());
    let ours = token(data.path(), &["--sub", "m_1"]);
    assert_eq!(shows(node.address, &ours).await, CAME_IN, "ours count as before");
}

#[actix_rt::test]
async fn nothing_else_comes_in_at_a_request_or_a_socket() {
    let issuer = Issuer::start();
    let (node, _data) = knowing(&issuer).await;
    let key = issuer.now().keys[0].clone();
    let good = issuer.claims(&json!({}));
    let parts = |header: Value| format!("{}.{}", base64(header.to_string()), base64(good.to_string()));
    let mut refused = vec![
        ("another key", Key::ed("first").sign(&good)),
        ("alg none", format!("{}.", parts(json!({"alg": "none", "kid": "first"})))),
        ("unsigned", format!("{}.", parts(json!({"alg": "EdDSA", "kid": "first"})))),
        ("a key that it brings", {
            let own = Key::ed("own");
            own.sign_as(&json!({"alg": "EdDSA", "jwk": own.jwk()}), &good)
        }),
        (
            "a place of keys",
            key.sign_as(&json!({"alg": "EdDSA", "kid": "first", "jku": issuer.url()}), &good),
        ),
    ];
    for (what, changes) in [
        ("another audience", json!({"aud": "other"})),
        ("no role", json!({"holdfast_roles": []})),
        ("no role that is allowed", json!({"holdfast_roles": ["admin", "sender", "king"]})),
        ("expired", json!({"exp": now() - 60})),
        ("not yet", json!({"nbf": now() + 600})),
        ("without an end", json!({"exp": null})),
        ("no subject", json!({"sub": ""})),
        ("another issuer", json!({"iss": "https://evil.example"})),
    ] {
        refused.push((what, issuer.token(&changes)));
    }
    for (what, token) in refused {
        assert_eq!(shows(node.address, &token).await, 401, "{what}");
        assert!(Client::connect(node.address, &token).await.is_err(), "{what}");
    }
    let most = issuer.token(&json!({"holdfast_roles": ["admin", "activist"]}));
    let mut client = Client::connect(node.address, &most).await.unwrap();
    assert!(client.publish("bulletins:all", "no").await.unwrap().is_err(), "never more than is configured");
}

#[actix_rt::test]
async fn keys_change_and_unknown_ones_are_asked_for_seldom() {
    let issuer = Issuer::start();
    let (node, _data) = knowing(&issuer).await;
    let old = issuer.token(&json!({}));
    issuer.now().keys = vec![Key::rsa("second")];
    until(async || shows(node.address, &issuer.token(&json!({}))).await == CAME_IN).await;
    let is_out = shows(node.address, &old).await;
    assert!(matches!(is_out, 401 | 503), "the old key is gone: {is_out}");
    let asked = issuer.now().asked_for_keys;
    for n in 0..200 {
        let made_up = Key::ed(&format!("made-up-{n}")).sign(&issuer.claims(&json!({})));
        assert!(matches!(shows(node.address, &made_up).await, 401 | 503));
    }
    let asked = issuer.now().asked_for_keys - asked;
    assert!(asked <= 3, "asked {asked} times for 200 keys");
}

#[actix_rt::test]
async fn an_issuer_that_is_away_keeps_nobody_out_whose_key_is_known() {
    let issuer = Issuer::start();
    issuer.now().is_away = true;
    let (node, data) = node(&issuer);
    let theirs = issuer.token(&json!({}));
    assert_eq!(shows(node.address, &theirs).await, 503, "nobody can say whether it counts");
    let ours = token(data.path(), &["--sub", "m_1"]);
    assert_eq!(shows(node.address, &ours).await, CAME_IN, "ours need nobody");
    issuer.now().is_away = false;
    until(async || shows(node.address, &theirs).await == CAME_IN).await;
    issuer.now().is_away = true;
    let unknown = Key::ed("unknown").sign(&issuer.claims(&json!({})));
    assert!(matches!(shows(node.address, &unknown).await, 401 | 503));
    assert_eq!(shows(node.address, &issuer.token(&json!({}))).await, CAME_IN);
}

#[actix_rt::test]
async fn an_issuer_that_lies_about_itself_has_no_keys() {
    for lie in [Lie::KeysElsewhere, Lie::KeysHuge, Lie::KeysRedirect, Lie::NameOfAnother, Lie::PlainAddress] {
        let issuer = Issuer::start();
        issuer.lies(lie);
        let (node, data) = node(&issuer);
        for _ in 0..5 {
            assert_eq!(shows(node.address, &issuer.token(&json!({}))).await, 503, "{lie:?}");
        }
        assert_eq!(shows(node.address, &token(data.path(), &["--sub", "m_1"])).await, CAME_IN);
        issuer.lies(Lie::None);
        until(async || shows(node.address, &issuer.token(&json!({}))).await == CAME_IN).await;
    }
}
