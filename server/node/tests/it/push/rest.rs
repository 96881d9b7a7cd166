//! What a device says of notifications, and what is refused.

use crate::browser::Visitor;
use crate::service::Service;
use awc::http::Method;
use serde_json::{Value, json};

const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const CONTACT: [&str; 2] = ["--push-contact", "mailto:ops@example.org"];

fn subscription(endpoint: &str) -> Value {
    json!({
        "endpoint": endpoint,
        "keys": {"p256dh": P256DH, "auth": AUTH},
        "choice": {
            "language": "cy", "shows": "title", "urgent_breaks_quiet": true, "muted": ["bulletins:region.north"],
            "quiet": {"from": "22:00", "until": "07:00", "zone": "Europe/London"},
        },
    })
}

async fn put(member: &mut Visitor, body: &Value) -> (u16, String) {
    let answer = member.say(Method::PUT, "/v1/push", body).await;
    let (status, code) = answer.outcome();
    (status, code.to_owned())
}

#[actix_rt::test]
async fn a_device_says_where_it_is_reached_and_what_it_wants_until_it_says_no() {
    for mut service in [Service::embedded_with(&CONTACT).await, Service::on_redis_with(&CONTACT).await] {
        let (mut member, _) = service.member().await;
        let before = member.get("/v1/push").await.body;
        assert_eq!(before["public_key"].as_str().unwrap().len(), 87);
        assert_eq!((&before["subscribed"], &before["choice"]), (&json!(false), &Value::Null));
        let wanted = subscription("https://updates.push.services.mozilla.com/wpush/v2/gAAAA");
        assert_eq!(put(&mut member, &wanted).await.0, 204);
        member.at = service.one();
        let kept = member.get("/v1/push").await.body;
        assert_eq!(kept["public_key"], before["public_key"], "all nodes share it");
        assert_eq!((&kept["subscribed"], &kept["choice"]), (&json!(true), &wanted["choice"]));
        let export = member.get("/v1/me/export").await.body;
        let told = &export["notifications"][0];
        assert_eq!((&told["endpoint"], &told["choice"]), (&wanted["endpoint"], &wanted["choice"]));
        assert!(!export.to_string().contains(AUTH), "no secret");
        assert_eq!(member.say(Method::DELETE, "/v1/push", &Value::Null).await.status, 204);
        assert_eq!(member.get("/v1/push").await.body["subscribed"], json!(false));
    }
}

#[actix_rt::test]
async fn what_leads_elsewhere_or_is_no_subscription_is_refused_and_changes_nothing() {
    let mut service = Service::embedded_with(&CONTACT).await;
    let (mut member, _) = service.member().await;
    let good = subscription("https://fcm.googleapis.com/fcm/send/x");
    assert_eq!(put(&mut member, &good).await.0, 204);
    for endpoint in
        ["", "http://127.0.0.1:9/x", "https://127.0.0.1/x", "https://[::1]/x", "https://push.example.org/x"]
    {
        let refused = put(&mut member, &subscription(endpoint)).await;
        assert_eq!(refused, (422, "push_endpoint_refused".to_owned()), "{endpoint}");
    }
    let mut bad = good.clone();
    bad["keys"]["auth"] = json!("AA");
    assert_eq!(put(&mut member, &bad).await, (422, "push_keys".to_owned()));
    for (field, value) in [
        ("language", json!("fr")),
        ("shows", json!("all")),
        ("quiet", json!({"from": "7", "until": "8", "zone": "Europe/London"})),
        ("muted", json!(["no channel!"])),
        ("further", json!(1)),
    ] {
        let mut bad = good.clone();
        bad["choice"][field] = value;
        assert_eq!(put(&mut member, &bad).await, (400, "bad_request".to_owned()), "{field}");
    }
    assert_eq!(member.get("/v1/push").await.body["choice"], good["choice"]);
    let mut stranger = Visitor::at(service.one());
    assert_eq!(stranger.get("/v1/push").await.outcome(), (401, "unauthorized"));
    for (token, status) in
        [(json!("b0.1.2.x"), 204), (json!(""), 400), (json!("x".repeat(129)), 400), (json!(1), 400)]
    {
        let told = stranger.say(Method::POST, "/v1/push/shown", &json!({"token": token})).await;
        assert_eq!(told.status.as_u16(), status, "{token}");
    }
}

#[actix_rt::test]
async fn a_program_has_no_device_and_where_nothing_is_set_up_nothing_is_kept() {
    let mut service = Service::embedded().await;
    let (mut member, _) = service.member().await;
    assert_eq!(member.get("/v1/push").await.body["public_key"], Value::Null);
    let wanted = subscription("https://fcm.googleapis.com/fcm/send/x");
    assert_eq!(put(&mut member, &wanted).await, (409, "push_off".to_owned()));
    member.cookies.clear();
    member.token = crate::node::token(&service.starts[0].data, &["--sub", "bot"]);
    assert_eq!(member.get("/v1/push").await.outcome(), (400, "bad_request"));
}

#[actix_rt::test]
async fn with_a_device_goes_where_it_is_reached() {
    let mut service = Service::embedded_with(&CONTACT).await;
    let wanted = subscription("https://fcm.googleapis.com/fcm/send/x");
    let (mut member, id) = service.member().await;
    assert_eq!(put(&mut member, &wanted).await.0, 204);
    let path = format!("/v1/members/{id}/devices");
    assert_eq!(service.admin.say(Method::DELETE, &path, &Value::Null).await.status, 204);
    let late = put(&mut member, &wanted).await;
    assert_eq!(late.0, 401, "a device that was signed out keeps nothing: {late:?}");
    let (mut leaving, _) = service.member().await;
    assert_eq!(put(&mut leaving, &wanted).await.0, 204);
    assert_eq!(leaving.say(Method::POST, "/v1/me/leave", &Value::Null).await.status, 204);
}
