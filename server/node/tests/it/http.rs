//! The control plane over real HTTP: invites, sessions, origins, files.

use crate::browser::first_admin_token;
use crate::client::{Client, Closed};
use crate::node::{Start, TestNode, holdfast};
use awc::http::StatusCode;
use awc::http::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

struct Answer {
    status: StatusCode,
    cookies: Vec<(String, String)>,
    body: Value,
}

struct Browser {
    node: TestNode,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new(data: &Path) -> Self {
        Self { node: Start::embedded(data).run(), cookies: BTreeMap::new() }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.node.address)
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn post(&mut self, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        let origin = self.origin();
        let answer = self.post_from(&origin, path, bearer, body).await;
        self.cookies.extend(answer.cookies.iter().cloned());
        answer
    }

    async fn post_from(&self, origin: &str, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        let mut request = awc::Client::new().post(format!("{}{path}", self.origin()));
        request = request.insert_header((ORIGIN, origin));
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        if !self.cookies.is_empty() {
            request = request.insert_header((COOKIE, self.cookie()));
        }
        let mut response = request.send_json(body).await.unwrap();
        let cookies = response
            .headers()
            .get_all(SET_COOKIE)
            .map(|value| value.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let bytes = response.body().await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: response.status(), cookies, body }
    }
}

#[actix_rt::test]
async fn the_first_admin_comes_in_invites_and_the_invited_come_in_once_each() {
    let data = tempfile::tempdir().unwrap();
    let token = first_admin_token(data.path());
    let mut admin = Browser::new(data.path());
    let attempt = "attempt-0123456789abcdef";
    let redeem = json!({"token": token, "attempt": attempt});
    let answer = admin.post("/v1/invites/redeem", None, &redeem).await;
    assert_eq!(answer.status, StatusCode::OK);
    let access = answer.body["access_token"].as_str().unwrap().to_owned();
    let again = admin.post("/v1/invites/redeem", None, &redeem).await;
    assert_eq!(again.body["member"], answer.body["member"], "a lost answer costs nothing");
    let other = json!({"token": token, "attempt": "attempt-another-device"});
    let refused = admin.post("/v1/invites/redeem", None, &other).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::GONE, &json!("invite_used_up")));

    let wanted = json!({"roles": ["activist"], "teams": ["leaflets"], "max_uses": 1, "expires_in_s": 60});
    let created = admin.post("/v1/invites", Some(&access), &wanted).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let link = created.body["link"].as_str().unwrap();
    let invite = link.split_once("/join#").unwrap().1;
    admin.cookies.clear();
    let come_in = json!({"token": invite, "attempt": "attempt-of-the-second"});
    let joined = admin.post("/v1/invites/redeem", None, &come_in).await;
    assert_eq!(joined.body["member"]["roles"], json!(["activist"]));
    let session = admin.post("/v1/session", None, &json!({})).await;
    assert_eq!(session.body["member"], joined.body["member"]);
    let names: Vec<&Value> =
        session.body["channels"].as_array().unwrap().iter().map(|channel| &channel["name"]).collect();
    assert_eq!(names[..2], [&json!("bulletins:all"), &json!("teams:leaflets")]);
    let activist = session.body["access_token"].as_str().unwrap();
    let refused = admin.post("/v1/invites", Some(activist), &wanted).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
}

#[actix_rt::test]
async fn a_device_is_let_in_as_who_joined_on_it_last_and_may_ask_for_more_with_the_ticket() {
    let data = tempfile::tempdir().unwrap();
    let token = first_admin_token(data.path());
    let mut browser = Browser::new(data.path());
    let come_in = |token: &str| json!({"token": token, "attempt": "attempt-0123456789abcdef"});
    let admin = browser.post("/v1/invites/redeem", None, &come_in(&token)).await;
    let admitted = browser.post("/v1/admit", None, &json!({})).await;
    assert_eq!(admitted.body["member"]["id"], admin.body["member"]["id"]);

    let wanted = json!({"roles": ["activist"], "max_uses": 1, "expires_in_s": 60});
    let created = browser.post("/v1/invites", admitted.body["ticket"].as_str(), &wanted).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let invite = created.body["link"].as_str().unwrap().split_once("/join#").unwrap().1.to_owned();
    let activist = browser.post("/v1/invites/redeem", None, &come_in(&invite)).await;
    let admitted = browser.post("/v1/admit", None, &json!({})).await;
    assert_eq!(admitted.body["member"]["id"], activist.body["member"]["id"]);
    let refused = browser.post("/v1/invites", admitted.body["ticket"].as_str(), &wanted).await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
}

#[actix_rt::test]
async fn who_signs_out_is_out_at_once_with_every_ticket_of_the_device() {
    let data = tempfile::tempdir().unwrap();
    let token = first_admin_token(data.path());
    let mut admin = Browser::new(data.path());
    let redeem = json!({"token": token, "attempt": "attempt-0123456789abcdef"});
    let joined = admin.post("/v1/invites/redeem", None, &redeem).await;
    let access = joined.body["access_token"].as_str().unwrap().to_owned();
    let origin = admin.origin();
    // By the device alone, as a browser that lost its ticket.
    admin.cookies.remove("holdfast_ticket");
    let admitted = admin.post_from(&origin, "/v1/admit", None, &json!({})).await;
    assert_eq!((admitted.status, &admitted.body["expires_in_s"]), (StatusCode::OK, &json!(86_400)));
    let ticket = admitted.body["ticket"].as_str().unwrap().to_owned();
    let mut client = Client::connect(admin.node.address, &ticket).await.unwrap();
    let url = format!("{origin}/v1/session");
    let mut leave = awc::Client::new().delete(url).insert_header((ORIGIN, origin.as_str()));
    leave = leave.insert_header((COOKIE, admin.cookie()));
    assert_eq!(leave.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(client.next().await, Err(Closed(Some(3500))));
    let refused = admin.post_from(&origin, "/v1/admit", Some(&ticket), &json!({})).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(Client::connect(admin.node.address, &ticket).await.is_err());
    let wanted = json!({"roles": ["activist"], "teams": [], "max_uses": 1, "expires_in_s": 60});
    let refused = admin.post_from(&origin, "/v1/invites", Some(&access), &wanted).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "nor with a token of minutes");
}

#[actix_rt::test]
async fn a_page_of_somebody_else_gets_nothing() {
    let data = tempfile::tempdir().unwrap();
    let browser = Browser::new(data.path());
    for (path, body) in
        [("/v1/session", json!({})), ("/v1/invites/redeem", json!({"token": "a", "attempt": "b"}))]
    {
        for origin in ["https://evil.example", "null"] {
            let answer = browser.post_from(origin, path, None, &body).await;
            assert_eq!(
                (answer.status, &answer.body["code"]),
                (StatusCode::FORBIDDEN, &json!("foreign_origin"))
            );
        }
    }
}

#[actix_rt::test]
async fn what_makes_no_sense_is_refused_and_breaks_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut browser = Browser::new(data.path());
    let long = "a".repeat(20_000);
    for (path, body, code) in [
        ("/v1/invites/redeem", json!({}), "bad_request"),
        ("/v1/invites/redeem", json!({"token": "x", "attempt": "short"}), "bad_request"),
        ("/v1/invites/redeem", json!({"token": "x", "attempt": "attempt-0123456789"}), "invite_unknown"),
        ("/v1/invites/redeem", json!({"token": long, "attempt": "attempt-0123456789"}), "bad_request"),
        ("/v1/invites", json!({"roles": ["activist"], "max_uses": 1, "expires_in_s": 1}), "unauthorized"),
        ("/v1/session", json!({}), "unauthorized"),
        ("/nothing", json!({}), "not_found"),
    ] {
        let answer = browser.post(path, None, &body).await;
        assert_eq!(answer.body["code"], json!(code), "{path}");
    }
    let health = awc::Client::new().get(format!("{}/health", browser.origin())).send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
}

#[actix_rt::test]
async fn pages_come_with_a_strict_policy_and_no_path_leaves_the_folder() {
    let data = tempfile::tempdir().unwrap();
    let browser = Browser::new(data.path());
    for path in
        ["/", "/join", "/console", "/bulletins", "/teams", "/inbox", "/me", "/install", "/bulletins/b0"]
    {
        let response = awc::Client::new().get(format!("{}{path}", browser.origin())).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let policy = response.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.ends_with("; trusted-types holdfast"), "{policy}");
        assert!(response.headers().get(LOCATION).is_none());
    }
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/assets/../../Cargo.toml",
        "//etc/passwd",
        "/..%2fCargo.toml",
    ] {
        let response = awc::Client::new().get(format!("{}{path}", browser.origin())).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_rt::test]
async fn a_node_agrees_to_load_only_with_the_word_of_its_operator() {
    for (arguments, status, said) in [
        (vec![], StatusCode::NOT_FOUND, None),
        (
            vec!["--load-consent".to_owned(), "yes-since-tuesday".to_owned()],
            StatusCode::OK,
            Some("yes-since-tuesday"),
        ),
    ] {
        let data = tempfile::tempdir().unwrap();
        let mut start = Start::embedded(data.path());
        start.arguments = arguments;
        let node = start.run();
        let url = format!("http://{}/.well-known/holdfast-load-consent", node.address);
        let mut response = awc::Client::new().get(url).send().await.unwrap();
        assert_eq!(response.status(), status);
        let body = response.body().await.unwrap();
        assert!(said.is_none_or(|said| body == said.as_bytes()));
    }
}

#[test]
fn a_token_for_an_unknown_role_is_refused_with_the_roles_there_are() {
    let data = tempfile::tempdir().unwrap();
    let output = holdfast()
        .args(["token", "--sub", "a", "--role", "king", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("activist, observer, sender"));
}

#[actix_rt::test]
async fn a_browsers_own_get_with_its_cookie_and_no_origin_lists_invites() {
    let data = tempfile::tempdir().unwrap();
    let token = first_admin_token(data.path());
    let mut admin = Browser::new(data.path());
    let redeem = json!({"token": token, "attempt": "attempt-0123456789abcdef"});
    let session = admin.post("/v1/invites/redeem", None, &redeem).await;
    let mut response = awc::Client::new()
        .get(format!("{}/v1/invites", admin.origin()))
        .insert_header((COOKIE, admin.cookie()))
        .bearer_auth(session.body["access_token"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let body: Value = serde_json::from_slice(&response.body().await.unwrap()).unwrap();
    assert_eq!(body, json!({"invites": []}));
}
