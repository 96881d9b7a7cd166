//! Ceremonies: each ends once, where it was begun, with what belongs to it.

use super::Campaign;
use serde_json::{Value, json};

#[actix_rt::test]
async fn a_registration_ends_once_and_only_with_its_own_challenge_page_domain_and_user() {
    let mut campaign = Campaign::embedded().await;
    let admin = &mut campaign.admin;
    let earlier = admin.begin_registration(&json!({"name": "one"})).await;
    let of_earlier = admin.authenticator.create(&earlier.body["options"]);
    let begun = admin.begin_registration(&json!({"name": "one"})).await;
    assert_eq!(admin.end("registrations", &begun, &of_earlier).await.outcome(), (403, "credential_refused"));

    let (page, domain) = (admin.authenticator.origin.clone(), admin.authenticator.domain.clone());
    admin.authenticator.origin = "https://evil.example".to_owned();
    assert_eq!(admin.end_registration(&begun).await.outcome(), (403, "credential_refused"), "page");
    admin.authenticator.origin = page;
    admin.authenticator.domain = "evil.example".to_owned();
    assert_eq!(admin.end_registration(&begun).await.outcome(), (403, "credential_refused"), "domain");
    admin.authenticator.domain = domain;
    admin.authenticator.verifies = false;
    assert_eq!(admin.end_registration(&begun).await.outcome(), (403, "credential_refused"), "user");
    admin.authenticator.verifies = true;
    for nonsense in [json!({}), json!(5), Value::Null] {
        let refused = admin.end("registrations", &begun, &nonsense).await;
        assert!([400, 403].contains(&refused.status.as_u16()), "{}", refused.body);
    }
    assert_eq!(admin.end("assertions", &begun, &of_earlier).await.outcome(), (404, "ceremony_unknown"));

    let registered = admin.end_registration(&begun).await;
    assert_eq!(registered.status, 200, "nothing was lost: {}", registered.body);
    assert_eq!(admin.end_registration(&begun).await.outcome(), (404, "ceremony_unknown"), "once");
    let late = admin.end("registrations", &earlier, &of_earlier).await;
    assert_eq!(late.outcome(), (403, "step_up_needed"), "it was begun when there was none");
    assert!(campaign.audited().await.contains(&"passkey.registered".to_owned()));
}

#[actix_rt::test]
async fn an_assertion_is_nobody_elses_and_cannot_be_shown_again() {
    let mut campaign = Campaign::with_passkey().await;
    let mut other = campaign.join(&["admin"]).await;
    assert_eq!(other.register().await.status, 200);
    let admin = &mut campaign.admin;
    let begun = admin.begin_assertion().await;
    let shown = admin.authenticator.get(&begun.body["options"]);
    assert_eq!(other.end("assertions", &begun, &shown).await.outcome(), (404, "ceremony_unknown"));
    assert_eq!(admin.end("assertions", &begun, &shown).await.status, 200);
    assert_eq!(admin.end("assertions", &begun, &shown).await.outcome(), (404, "ceremony_unknown"));
    let begun = admin.begin_assertion().await;
    assert_eq!(admin.end("assertions", &begun, &shown).await.outcome(), (403, "credential_refused"));
    let of_other = other.authenticator.get(&begun.body["options"]);
    assert_eq!(admin.end("assertions", &begun, &of_other).await.outcome(), (403, "credential_refused"));
    let path = "/v1/passkeys/assertions/nonsense";
    let body = json!({"credential": shown, "device_key": admin.jwk()});
    assert_eq!(admin.prove(path, &body).await.outcome(), (404, "ceremony_unknown"));
    let body = json!({"credential": shown, "device_key": {"kty": "RSA"}});
    assert_eq!(admin.prove(path, &body).await.outcome(), (400, "bad_request"));
}

#[actix_rt::test]
async fn a_passkey_whose_counter_goes_back_is_refused_and_it_is_said() {
    let mut campaign = Campaign::with_passkey().await;
    let admin = &mut campaign.admin;
    admin.authenticator.counter = 41;
    assert_eq!(admin.assert().await.status, 200);
    admin.authenticator.counter = 7;
    assert_eq!(admin.assert().await.outcome(), (403, "credential_cloned"));
    admin.authenticator.counter = 42;
    assert_eq!(admin.assert().await.status, 200, "the one that went on counts");
    assert!(campaign.audited().await.contains(&"passkey.cloned".to_owned()));
}

#[actix_rt::test]
async fn what_one_node_began_another_ends() {
    let mut campaign = Campaign::on_redis().await;
    let (one, two) = (campaign.nodes[0].address, campaign.nodes[1].address);
    let admin = &mut campaign.admin;
    let begun = admin.begin_registration(&json!({"name": "one"})).await;
    admin.moves_to(two);
    let registered = admin.end_registration(&begun).await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    let begun = admin.begin_assertion().await;
    admin.moves_to(one);
    let shown = admin.end_assertion(&begun).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert_eq!(admin.ask("GET", "/v1/members", &Value::Null).await.status, 200);
}

#[actix_rt::test]
async fn a_further_passkey_is_added_after_one_was_shown_and_the_last_one_stays() {
    let mut campaign = Campaign::with_passkey().await;
    let admin = &mut campaign.admin;
    let first = admin.ask("GET", "/v1/passkeys", &Value::Null).await;
    let first = format!("/v1/passkeys/{}", first.body["passkeys"][0]["id"].as_str().unwrap());
    assert_eq!(admin.ask("DELETE", &first, &Value::Null).await.outcome(), (409, "last_passkey"));
    let page = admin.authenticator.origin.clone();
    admin.authenticator = super::authenticator::Authenticator::on(&page);
    assert_eq!(admin.register().await.status, 200);
    assert_eq!(admin.ask("DELETE", &first, &Value::Null).await.status, 204);
    assert_eq!(admin.ask("DELETE", &first, &Value::Null).await.outcome(), (404, "passkey_unknown"));
    assert_eq!(admin.assert().await.status, 200, "with the one that is left");
    assert!(campaign.audited().await.contains(&"passkey.removed".to_owned()));
}
