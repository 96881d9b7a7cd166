//! What an organiser's device may: nothing of an organiser's without a passkey, and nothing at all without its key.

use super::{Campaign, Organiser};
use crate::client::Client;
use serde_json::{Value, json};

#[actix_rt::test]
async fn an_organiser_is_an_activist_until_a_passkey_was_shown_and_then_what_their_roles_say() {
    let mut campaign = Campaign::embedded().await;
    let admin = &mut campaign.admin;
    let session = admin.session().await;
    assert_eq!(session.body["member"]["roles"], json!(["admin", "approver", "sender"]));
    let standing = |required, count, bound| json!([required, count, bound]);
    let told = |passkeys: &Value| json!([passkeys["required"], passkeys["count"], passkeys["is_bound"]]);
    assert_eq!(told(&session.body["passkeys"]), standing(true, 0, false));
    assert_eq!(session.body["passkeys"]["confirmed_until_ms"], Value::Null);
    assert_eq!(admin.ask("GET", "/v1/members", &Value::Null).await.outcome(), (403, "forbidden"));
    assert_eq!(admin.ask("GET", "/v1/me", &Value::Null).await.status, 200, "an activist all the same");

    let registered = admin.register().await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    assert_eq!(registered.body["passkey"]["name"], "phone");
    let passkeys = &registered.body["session"]["passkeys"];
    assert_eq!(told(passkeys), standing(true, 1, true));
    assert!(passkeys["confirmed_until_ms"].is_u64() && passkeys["stepped_up_until_ms"].is_u64());
    assert_eq!(admin.ask("GET", "/v1/members", &Value::Null).await.status, 200);

    let admitted = admin.prove("/v1/admit", &json!({})).await;
    assert_eq!(told(&admitted.body["passkeys"]), standing(true, 1, true), "{}", admitted.body);
    let ticket = admitted.body["ticket"].as_str().unwrap().to_owned();
    admin.visitor.token = ticket;
    assert_eq!(admin.ask("GET", "/v1/members", &Value::Null).await.status, 200);
    let list = admin.ask("GET", "/v1/passkeys", &Value::Null).await;
    assert_eq!(list.body["passkeys"][0]["name"], "phone");
}

#[actix_rt::test]
async fn a_stolen_cookie_alone_gets_nothing_and_signs_nobody_out() {
    let mut campaign = Campaign::with_passkey().await;
    let admin = &mut campaign.admin;
    let mut thief = admin.thief();
    for path in ["/v1/session", "/v1/admit"] {
        let refused = thief.ask("POST", path, &json!({})).await;
        assert_eq!(refused.outcome(), (401, "proof_needed"), "{path}");
        assert!(refused.headers.contains_key("date"));
        assert_eq!(refused.cookies, [], "{path}: nothing is given");
        let with_own_key = thief.prove(path, &json!({})).await;
        assert_eq!(with_own_key.outcome(), (401, "proof_needed"), "{path}");
    }
    let begun = thief.begin_registration(&json!({"name": "mine"})).await;
    assert_eq!(begun.outcome(), (401, "proof_needed"));
    let begun = thief.begin_assertion().await;
    let refused = thief.end_assertion(&begun).await;
    assert_eq!(refused.outcome(), (403, "credential_refused"), "a passkey of the thief's own");

    // What is in the cookie is good for what an activist may, also as a bearer token.
    let ticket = thief.visitor.cookies["holdfast_ticket"].clone();
    thief.visitor.token.clone_from(&ticket);
    for (method, path, body) in [
        ("GET", "/v1/members", Value::Null),
        ("GET", "/v1/inbox", Value::Null),
        ("POST", "/v1/bulletins", json!({"id": "b", "form": {}})),
        ("PUT", "/v1/posture", json!({"posture": "survival", "why": "x"})),
    ] {
        let refused = thief.ask(method, path, &body).await;
        assert!([400, 403].contains(&refused.status.as_u16()), "{path}: {}", refused.body);
    }
    let mut socket = Client::connect(thief.visitor.at, &ticket).await.unwrap();
    assert!(socket.publish("bulletins:all", "k").await.unwrap().is_err());
    assert_eq!(admin.session().await.status, 200, "whose it is goes on");
}

#[actix_rt::test]
async fn a_proof_counts_for_one_request_of_one_device_once() {
    let mut campaign = Campaign::with_passkey().await;
    let mut other = campaign.join(&["sender"]).await;
    let admin = &mut campaign.admin;
    assert_eq!(other.register().await.status, 200);
    for proof in [
        other.proof("POST", "/v1/session"),
        admin.proof("POST", "/v1/admit"),
        admin.proof("GET", "/v1/session"),
        "nonsense".to_owned(),
    ] {
        admin.visitor.proof = Some(proof);
        let refused = admin.ask("POST", "/v1/session", &json!({})).await;
        assert_eq!((refused.outcome(), refused.cookies.len()), ((401, "proof_needed"), 0));
    }
    let once = admin.proof("POST", "/v1/session");
    for expected in [200, 401] {
        admin.visitor.proof = Some(once.clone());
        assert_eq!(admin.ask("POST", "/v1/session", &json!({})).await.status, expected);
    }
}

#[actix_rt::test]
async fn a_browser_that_lost_its_key_gets_another_with_the_passkey() {
    let mut campaign = Campaign::with_passkey().await;
    let admin = &mut campaign.admin;
    admin.loses_key();
    assert_eq!(admin.session().await.outcome(), (401, "proof_needed"));
    let shown = admin.assert().await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert_eq!(admin.session().await.status, 200);
}

#[actix_rt::test]
async fn activists_are_not_asked_for_any() {
    let mut campaign = Campaign::with_passkey().await;
    let mut activist: Organiser = campaign.join(&["activist"]).await;
    let session = activist.ask("POST", "/v1/session", &json!({})).await;
    assert_eq!((session.status.as_u16(), &session.body["passkeys"]["required"]), (200, &json!(false)));
    assert_eq!(session.body["passkeys"]["is_bound"], false);
}
