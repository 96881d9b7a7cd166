//! Who lost their passkeys begins anew with another admin's help.

use super::{Campaign, Organiser};
use serde_json::{Value, json};

async fn id_of(organiser: &mut Organiser) -> String {
    organiser.ask("GET", "/v1/me", &Value::Null).await.body["id"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn another_admin_lets_somebody_begin_anew_once_and_what_was_before_is_gone() {
    let mut campaign = Campaign::with_passkey().await;
    let mut other = campaign.join(&["admin"]).await;
    assert_eq!(other.register().await.status, 200);
    let (me, them) = (id_of(&mut campaign.admin).await, id_of(&mut other).await);
    let own = campaign.admin.ask("POST", &format!("/v1/members/{me}/passkey-recovery"), &Value::Null).await;
    assert_eq!(own.outcome(), (409, "own_recovery"));
    let nobody = campaign.admin.ask("POST", "/v1/members/m_nobody/passkey-recovery", &Value::Null).await;
    assert_eq!(nobody.outcome(), (404, "member_unknown"));
    let path = format!("/v1/members/{them}/passkey-recovery");
    let made = campaign.admin.ask("POST", &path, &Value::Null).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let code = made.body["code"].as_str().unwrap().to_owned();
    assert!(made.body["link"].as_str().unwrap().ends_with(&format!("/console#recover/{code}")));

    let mut anew = Organiser::at(other.visitor.at);
    let wrong = anew.begin_registration(&json!({"name": "new", "code": "nonsense"})).await;
    assert_eq!(wrong.outcome(), (404, "recovery_unknown"));
    let begun = anew.begin_registration(&json!({"name": "new", "code": code})).await;
    assert_eq!(begun.status, 201, "{}", begun.body);
    let second = anew.begin_registration(&json!({"name": "new", "code": code})).await;
    assert_eq!(other.session().await.status, 200, "as before, until it is used");
    let registered = anew.end_registration(&begun).await;
    assert_eq!(registered.status, 200, "{}", registered.body);
    assert_eq!(registered.body["session"]["passkeys"]["count"], 1, "older ones are gone");
    assert_eq!(id_of(&mut anew).await, them);
    assert_eq!(anew.session().await.status, 200);

    assert_eq!(other.session().await.outcome(), (401, "unauthorized"), "signed out");
    assert_eq!(anew.end_registration(&second).await.outcome(), (404, "recovery_unknown"), "once");
    let again = anew.begin_registration(&json!({"name": "new", "code": code})).await;
    assert_eq!(again.outcome(), (404, "recovery_unknown"));
    let begun = anew.begin_assertion().await;
    let old = other.authenticator.get(&begun.body["options"]);
    assert_eq!(anew.end("assertions", &begun, &old).await.outcome(), (403, "credential_refused"));
    let audited = campaign.audited().await;
    for action in ["passkey.recovery_made", "passkey.recovered"] {
        assert!(audited.contains(&action.to_owned()), "{action}: {audited:?}");
    }
}

#[actix_rt::test]
async fn who_comes_by_a_code_of_their_own_device_has_no_passkey_and_waits_for_help() {
    let mut campaign = Campaign::embedded().await;
    let made = campaign.admin.ask("POST", "/v1/transfers", &Value::Null).await;
    let mut moved = Organiser::at(campaign.admin.visitor.at);
    let body = json!({"code": made.body["code"], "attempt": crate::browser::ATTEMPT});
    let came = moved.ask("POST", "/v1/transfers/redeem", &body).await;
    moved.visitor.keep(&came);
    assert_eq!(moved.ask("GET", "/v1/members", &Value::Null).await.outcome(), (403, "forbidden"));
    let begun = moved.begin_registration(&json!({"name": "mine"})).await;
    assert_eq!(begun.outcome(), (403, "registration_closed"));
    let begun = moved.ask("POST", "/v1/passkeys/assertions", &json!({"purpose": "sign_in"})).await;
    assert_eq!(begun.outcome(), (409, "no_passkey"));
}
