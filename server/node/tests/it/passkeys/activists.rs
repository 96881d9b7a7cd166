//! Passkeys of activists, who need none: one of theirs brings them in where nothing else is known of them, and no more.

use super::{Campaign, Organiser};
use serde_json::{Value, json};

async fn ask_own(who: &mut Organiser) -> Value {
    who.ask("GET", "/v1/passkeys", &Value::Null).await.body["passkeys"].clone()
}

/// An activist with a passkey.
async fn activist(campaign: &mut Campaign) -> Organiser {
    let mut activist = campaign.join(&["activist"]).await;
    let registered = activist.register().await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    activist
}

#[actix_rt::test]
async fn an_activist_registers_names_and_removes_a_passkey_and_their_device_stays_as_it_was() {
    let mut campaign = Campaign::with_passkey().await;
    let mut activist = campaign.join(&["activist"]).await;
    let begun = activist.begin_registration(&json!({"name": "phone"})).await;
    assert_eq!(begun.body["options"]["authenticatorSelection"]["residentKey"], "required");
    let registered = activist.end_registration(&begun).await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    let standing = &registered.body["session"]["passkeys"];
    assert_eq!((&standing["is_bound"], &standing["required"]), (&json!(false), &json!(false)));
    let plain = activist.ask("POST", "/v1/session", &json!({})).await;
    assert_eq!(plain.status, 200, "no proof is asked for: {}", plain.body);

    let listed = ask_own(&mut activist).await;
    assert_eq!((&listed[0]["name"], &listed[0]["organises"]), (&json!("phone"), &json!(false)));
    let path = format!("/v1/passkeys/{}", listed[0]["id"].as_str().unwrap());
    let renamed = activist.ask("PATCH", &path, &json!({"name": "My phone"})).await;
    assert_eq!((renamed.status.as_u16(), &renamed.body["name"]), (200, &json!("My phone")));
    for name in [json!({"name": " "}), json!({"name": "x".repeat(129)}), json!({})] {
        assert_eq!(activist.ask("PATCH", &path, &name).await.status, 400, "{name}");
    }
    assert_eq!(campaign.admin.ask("DELETE", &path, &Value::Null).await.outcome(), (404, "passkey_unknown"));
    assert_eq!(ask_own(&mut activist).await[0]["name"], "My phone");
    assert_eq!(activist.ask("DELETE", &path, &Value::Null).await.status, 204, "the last one, too");
    assert_eq!(ask_own(&mut activist).await, json!([]));
    let audited = campaign.audited().await;
    for action in ["passkey.registered", "passkey.removed"] {
        assert!(audited.contains(&action.to_owned()), "{action}: {audited:?}");
    }
}

#[actix_rt::test]
async fn a_browser_that_knows_nothing_is_signed_in_by_the_passkey_once_for_each_time_it_is_shown() {
    let mut campaign = Campaign::with_passkey().await;
    let mut activist = activist(&mut campaign).await;
    let me = activist.ask("GET", "/v1/me", &Value::Null).await.body["id"].clone();
    activist.wiped();
    let begun = activist.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
    assert_eq!(begun.cookies, [], "nobody is signed in yet");
    let shown = activist.authenticator.get(&begun.body["options"]);
    let done = activist.end("sign-ins", &begun, &shown).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["session"]["member"]["id"], me);
    assert_eq!(done.body["session"]["passkeys"]["is_bound"], false);
    assert_eq!(activist.ask("POST", "/v1/session", &json!({})).await.status, 200);
    assert_eq!(
        activist.ask("GET", "/v1/me/devices", &Value::Null).await.body["devices"].as_array().unwrap().len(),
        2
    );

    activist.wiped();
    assert_eq!(activist.end("sign-ins", &begun, &shown).await.outcome(), (404, "ceremony_unknown"), "once");
    let next = activist.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
    assert_eq!(activist.end("sign-ins", &next, &shown).await.outcome(), (403, "credential_refused"));
    assert!(campaign.audited().await.contains(&"device.added".to_owned()));
}

#[actix_rt::test]
async fn nobody_is_signed_in_by_a_passkey_that_is_unknown_removed_copied_or_shown_on_another_page() {
    let mut campaign = Campaign::with_passkey().await;
    let mut activist = activist(&mut campaign).await;
    let page = activist.authenticator.origin.clone();
    let listed = ask_own(&mut activist).await;
    let path = format!("/v1/passkeys/{}", listed[0]["id"].as_str().unwrap());
    let mut other = Organiser::at(activist.visitor.at);
    assert_eq!(other.sign_in().await.outcome(), (403, "credential_refused"), "of nobody");

    let token = activist.visitor.token.clone();
    activist.wiped();
    activist.authenticator.origin = "https://evil.example".to_owned();
    assert_eq!(activist.sign_in().await.outcome(), (403, "credential_refused"), "page");
    activist.authenticator.origin = page;
    activist.authenticator.verifies = false;
    assert_eq!(activist.sign_in().await.outcome(), (403, "credential_refused"), "user");
    activist.authenticator.verifies = true;
    activist.authenticator.counter = 41;
    assert_eq!(activist.sign_in().await.status, 200);
    activist.wiped();
    activist.authenticator.counter = 7;
    assert_eq!(activist.sign_in().await.outcome(), (403, "credential_cloned"));
    assert!(campaign.audited().await.contains(&"passkey.cloned".to_owned()));

    activist.visitor.token = token;
    assert_eq!(activist.ask("DELETE", &path, &Value::Null).await.status, 204);
    activist.wiped();
    activist.authenticator.counter = 99;
    assert_eq!(activist.sign_in().await.outcome(), (403, "credential_refused"), "removed");
    let begun = activist.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
    for nonsense in [json!({}), json!(5)] {
        let refused = activist.end("sign-ins", &begun, &nonsense).await;
        assert!([400, 403].contains(&refused.status.as_u16()), "{}", refused.body);
    }
}

#[actix_rt::test]
async fn a_passkey_of_before_somebody_was_an_organiser_signs_them_in_and_makes_no_organiser_of_them() {
    let mut campaign = Campaign::with_passkey().await;
    let mut activist = activist(&mut campaign).await;
    let id = activist.ask("GET", "/v1/me", &Value::Null).await.body["id"].as_str().unwrap().to_owned();
    let rights = json!({"roles": ["sender"], "regions": [], "teams": []});
    let edited = campaign.admin.ask("PATCH", &format!("/v1/members/{id}"), &rights).await;
    assert_eq!(edited.status, 200, "{}", edited.body);

    activist.wiped();
    let signed_in = activist.sign_in().await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    let standing = &signed_in.body["session"]["passkeys"];
    assert_eq!((&standing["required"], &standing["count"]), (&json!(true), &json!(0)));
    assert_eq!((&standing["is_bound"], &standing["confirmed_until_ms"]), (&json!(false), &Value::Null));
    assert_eq!(activist.ask("GET", "/v1/inbox", &Value::Null).await.outcome(), (403, "forbidden"));
    let begun = activist.ask("POST", "/v1/passkeys/assertions", &json!({"purpose": "sign_in"})).await;
    assert_eq!(begun.outcome(), (409, "no_passkey"));
    let begun = activist.begin_registration(&json!({"name": "mine"})).await;
    assert_eq!(begun.outcome(), (403, "registration_closed"));
    let listed = ask_own(&mut activist).await;
    let path = format!("/v1/passkeys/{}", listed[0]["id"].as_str().unwrap());
    assert_eq!(activist.ask("DELETE", &path, &Value::Null).await.outcome(), (403, "step_up_needed"));
}

#[actix_rt::test]
async fn an_organiser_signs_in_by_their_passkey_on_a_device_that_is_bound_and_may_at_once() {
    let mut campaign = Campaign::with_passkey().await;
    let admin = &mut campaign.admin;
    admin.wiped();
    let signed_in = admin.sign_in().await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    assert_eq!(signed_in.body["session"]["passkeys"]["is_bound"], true);
    assert_eq!(admin.ask("GET", "/v1/members", &Value::Null).await.status, 200);
    assert_eq!(admin.session().await.status, 200);
    let refused = admin.thief().ask("POST", "/v1/session", &json!({})).await;
    assert_eq!(refused.outcome(), (401, "proof_needed"));
}

#[actix_rt::test]
async fn who_left_or_was_erased_is_not_signed_in_by_what_their_phone_still_has() {
    let mut campaign = Campaign::with_passkey().await;
    for (method, path) in [("POST", "/v1/me/leave"), ("DELETE", "/v1/me")] {
        let mut activist = activist(&mut campaign).await;
        assert_eq!(activist.ask(method, path, &Value::Null).await.status, 204);
        activist.wiped();
        assert_eq!(activist.sign_in().await.outcome(), (403, "credential_refused"), "{path}");
    }
}

#[actix_rt::test]
async fn a_sign_in_that_one_node_began_another_ends_and_no_page_of_somebody_else_begins_one() {
    let mut campaign = Campaign::on_redis().await;
    let registered = campaign.admin.register().await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    let mut activist = activist(&mut campaign).await;
    activist.wiped();
    let begun = activist.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
    activist.moves_to(campaign.nodes[1].address);
    let shown = activist.authenticator.get(&begun.body["options"]);
    let done = activist.end("sign-ins", &begun, &shown).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let mut foreign = Organiser::at(activist.visitor.at);
    foreign.visitor.page = Some("https://evil.example".to_owned());
    let refused = foreign.ask("POST", "/v1/passkeys/sign-ins", &Value::Null).await;
    assert_eq!(refused.outcome(), (403, "foreign_origin"));
}
