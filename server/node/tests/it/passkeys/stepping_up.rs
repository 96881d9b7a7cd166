//! What reaches many, or lets others in, takes a passkey that was shown a moment ago.

use super::Campaign;
use crate::node::token;
use identity::{AccessTokens, Claims, KeySet};
use protocol::{DeviceId, MemberId, Role, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

/// A token of the admin's device, which was confirmed and is stepped up or not.
pub(super) fn of_device(campaign: &Campaign, is_stepped_up: bool) -> String {
    let keys = std::fs::read_to_string(campaign.data.path().join("keys.json")).unwrap();
    let tokens = AccessTokens::new(&KeySet::from_file_text(&keys).unwrap()).unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let now = Timestamp::from_millis(now.try_into().unwrap());
    let claims = Claims {
        roles: vec![Role::Admin, Role::Approver, Role::Sender],
        device: Some(DeviceId::parse("laptop").unwrap()),
        is_guarded: true,
        stepped_up_until: is_stepped_up.then(|| now.after(Duration::from_mins(1))),
        ..Claims::default()
    };
    tokens.mint(&MemberId::parse("m_device").unwrap(), &claims, now, Duration::from_mins(5)).unwrap()
}

/// A bulletin of this urgency for these regions, handed in by a program.
async fn bulletin(campaign: &mut Campaign, urgency: &str, audience: &Value) -> String {
    let form = json!({"kind": "update", "urgency": urgency, "audience": audience,
        "texts": {"en": {"title": "x", "body": "y"}}});
    let made = campaign.admin.ask("POST", "/v1/bulletins", &json!({"content": form})).await;
    assert_eq!(made.status, 201, "{}", made.body);
    format!("/v1/bulletins/{}", made.body["id"].as_str().unwrap())
}

#[actix_rt::test]
async fn each_sensitive_request_is_refused_without_a_step_up_and_not_with_one_nor_to_programs() {
    let mut campaign = Campaign::with_passkey().await;
    let mut other = campaign.join(&["activist"]).await;
    let member = other.ask("GET", "/v1/me", &Value::Null).await;
    let member = format!("/v1/members/{}", member.body["id"].as_str().unwrap());
    let many = bulletin(&mut campaign, "urgent", &json!({})).await;
    let seen = json!({"revision": 1});
    let overriding = json!({"revision": 1, "reason": "now"});
    let rights = json!({"roles": ["admin"], "regions": [], "teams": []});
    let requests = [
        ("POST", format!("{many}/submit"), seen.clone()),
        ("POST", format!("{many}/approve"), seen),
        ("POST", format!("{many}/override"), overriding),
        ("POST", "/v1/invites".to_owned(), json!({"roles": ["admin"], "max_uses": 1, "expires_in_s": 9})),
        ("PATCH", member.clone(), rights),
        ("POST", format!("{member}/passkey-recovery"), Value::Null),
        ("DELETE", "/v1/passkeys/AAAAAAAAAAAAAAAAAAAAAA".to_owned(), Value::Null),
        ("POST", "/v1/imports".to_owned(), Value::Null),
        ("PUT", "/v1/posture".to_owned(), json!({"posture": "elevated", "why": "x"})),
        ("DELETE", "/v1/posture".to_owned(), Value::Null),
        ("PUT", "/v1/status/statement".to_owned(), json!({"text": "all is well"})),
        ("DELETE", "/v1/status/statement".to_owned(), Value::Null),
    ];
    let program = token(campaign.data.path(), &["--sub", "ops", "--role", "admin", "--role", "organiser"]);
    let (plain, stepped_up) = (of_device(&campaign, false), of_device(&campaign, true));
    for (method, path, body) in requests {
        campaign.admin.visitor.token.clone_from(&plain);
        let refused = campaign.admin.ask(method, &path, &body).await;
        assert_eq!(refused.outcome(), (403, "step_up_needed"), "{method} {path}");
        for token in [&program, &stepped_up] {
            campaign.admin.visitor.token.clone_from(token);
            let answer = campaign.admin.ask(method, &path, &body).await;
            assert_ne!(answer.body["code"], "step_up_needed", "{method} {path}");
            assert_ne!(answer.status, 401, "{method} {path}");
        }
    }
}

#[actix_rt::test]
async fn to_link_an_account_takes_an_organisers_passkey_even_on_a_device_that_may_not_organise() {
    let mut campaign = Campaign::with_passkey().await;
    let (mut sender, mut activist) = (campaign.join(&["sender"]).await, campaign.join(&["activist"]).await);
    for (method, body) in [("POST", json!({})), ("DELETE", Value::Null)] {
        let refused = sender.ask(method, "/v1/me/sign-on", &body).await;
        assert_eq!(refused.outcome(), (403, "step_up_needed"), "{method}");
    }
    // There is no sign-on here; nothing else is in their way.
    assert_eq!(activist.ask("POST", "/v1/me/sign-on", &json!({})).await.outcome(), (404, "not_found"));
    assert_eq!(activist.ask("DELETE", "/v1/me/sign-on", &Value::Null).await.status, 204);
}

#[actix_rt::test]
async fn what_reaches_few_takes_no_step_up_and_showing_the_passkey_gives_one() {
    let mut campaign = Campaign::with_passkey().await;
    for _ in 0..3 {
        campaign.join(&["activist"]).await;
    }
    // The roll may be a second old, and of nobody half is all hands.
    while campaign.admin.ask("POST", "/v1/audience", &json!({})).await.body["members"] == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let few = bulletin(&mut campaign, "normal", &json!({"regions": ["north"]})).await;
    let many = bulletin(&mut campaign, "normal", &json!({})).await;
    campaign.admin.visitor.token = of_device(&campaign, false);
    let seen = json!({"revision": 1});
    let submitted = campaign.admin.ask("POST", &format!("{few}/submit"), &seen).await;
    assert_eq!(submitted.status, 200, "{}", submitted.body);
    let refused = campaign.admin.ask("POST", &format!("{many}/submit"), &seen).await;
    assert_eq!(refused.outcome(), (403, "step_up_needed"));
    assert_eq!(campaign.admin.assert().await.status, 200);
    let submitted = campaign.admin.ask("POST", &format!("{many}/submit"), &seen).await;
    assert_eq!(submitted.status, 200, "nothing was lost: {}", submitted.body);
}
