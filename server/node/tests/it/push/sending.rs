//! A bulletin to a phone that sleeps, end to end.

use super::device::Device;
use super::local::LocalPush;
use crate::browser::Visitor;
use crate::service::Service;
use awc::http::Method;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub(super) const SETUP: [&str; 3] = ["--push-contact", "mailto:ops@example.org", "--push-allow-local"];
/// How long what nodes do by themselves may take, with what this machine needs for it.
pub(super) const SOON: Duration = Duration::from_secs(30);
const URGENT_WITHIN: Duration = Duration::from_secs(5);

/// Who writes and who approves.
pub(super) struct Writers {
    pub(super) ana: Visitor,
    ben: Visitor,
}

impl Writers {
    pub(super) async fn of(service: &mut Service, members: u64) -> Self {
        let both = json!({"roles": ["sender", "approver"]});
        let (mut ana, _) = service.member_with(both.clone()).await;
        let (ben, _) = service.member_with(both).await;
        let begun = Instant::now();
        // Until both nodes know of everybody.
        for at in [service.one(), service.two()] {
            ana.at = at;
            while ana.say(Method::POST, "/v1/audience", &json!({})).await.body["members"].as_u64()
                < Some(members + 3)
            {
                assert!(begun.elapsed() < SOON);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Self { ana, ben }
    }

    /// A bulletin that goes at once; answers its id.
    pub(super) async fn send(&mut self, content: Value) -> String {
        let begun = self.ana.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
        let id = begun.body["id"].as_str().unwrap_or_else(|| panic!("{}", begun.body)).to_owned();
        self.act(&id, "submit", 1).await;
        id
    }

    /// Submits it, and has it approved if it has to be.
    pub(super) async fn act(&mut self, id: &str, action: &str, revision: u32) {
        let path = |action: &str| format!("/v1/bulletins/{id}/{action}");
        let body = json!({"revision": revision});
        let done = self.ana.say(Method::POST, &path(action), &body).await;
        assert!(done.status.is_success(), "{}", done.body);
        if done.body["state"] == "awaiting_approval" {
            let approved = self.ben.say(Method::POST, &path("approve"), &body).await;
            assert_eq!(approved.status.as_u16(), 200, "{}", approved.body);
        }
    }

    /// Waits until so many were told, by the figures that organisers see.
    pub(super) async fn until_counted(&mut self, id: &str, figure: &str, count: u64) -> Value {
        let begun = Instant::now();
        loop {
            let counts = self.ana.get(&format!("/v1/bulletins/{id}/receipts")).await.body;
            if counts[figure]["total"].as_u64() >= Some(count) {
                return counts;
            }
            assert!(begun.elapsed() < SOON, "{counts}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

pub(super) fn content(title: &str, more: &Value) -> Value {
    let text = json!({"title": title, "body": "Read this."});
    let mut content =
        json!({"kind": "update", "texts": {"en": text, "cy": text}, "audience": {"regions": ["north"]}});
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    content
}

pub(super) fn north() -> Value {
    json!({"regions": ["north"]})
}

#[actix_rt::test]
async fn a_phone_is_told_and_tells_and_organisers_see_both_figures() {
    for mut service in [Service::embedded_with(&SETUP).await, Service::on_redis_with(&SETUP).await] {
        let push = LocalPush::start();
        let (mut member, _) = service.member_with(north()).await;
        let (mut other, _) = service.member_with(json!({"regions": ["south"]})).await;
        let (device, another) = (Device::new(1), Device::new(2));
        device.subscribe(&mut member, &push, "/take/one", &json!({})).await;
        another.subscribe(&mut other, &push, "/take/other", &json!({})).await;
        let mut writers = Writers::of(&mut service, 2).await;
        let id = writers.send(content("Rally at six", &json!({}))).await;
        let received = push.until("/take/one", 1, SOON).await.remove(0);
        let header = |name: &str| received.headers[name].as_str();
        assert_eq!((header("urgency"), header("content-encoding")), ("normal", "aes128gcm"));
        assert_eq!(header("content-type"), "application/notification+json");
        let ttl: u64 = header("ttl").parse().unwrap();
        assert!((3 * 86_400 - 60..=3 * 86_400).contains(&ttl), "{ttl}");
        assert!(header("topic").len() <= 32);
        assert!(is_signed_for(header("authorization"), &push.origin, &member.get("/v1/push").await.body));
        let said = device.read(&received);
        assert_eq!(said["web_push"], json!(8030));
        let notification = &said["notification"];
        assert_eq!((&notification["title"], &notification["body"]), (&json!("New bulletin"), &Value::Null));
        assert_eq!((&notification["tag"], &said["holdfast"]["id"]), (&json!(id), &json!(id)));
        let link = notification["navigate"].as_str().unwrap();
        assert!(link.ends_with(&format!("/#bulletins/{id}")), "{link}");
        let counts = writers.until_counted(&id, "pushed", 1).await;
        assert_eq!(
            (&counts["pushed"]["regions"], &counts["shown"]["total"]),
            (&json!({"north": 1}), &json!(0))
        );
        let mut worker = Visitor::at(service.two());
        let shown =
            worker.say(Method::POST, "/v1/push/shown", &json!({"token": said["holdfast"]["shown"]})).await;
        assert_eq!(shown.status.as_u16(), 204);
        let counts = writers.until_counted(&id, "shown", 1).await;
        assert_eq!(
            (&counts["received"]["total"], &counts["shown"]["regions"]),
            (&json!(0), &json!({"north": 1}))
        );
        assert_eq!(push.count(), 1, "once, whoever of the nodes sent it, and nobody else");
    }
}

/// RFC 8292: who sends, to which push service, until when, signed with the key that the browser was given.
fn is_signed_for(authorization: &str, origin: &str, view: &Value) -> bool {
    let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let (said, signature) = token.rsplit_once('.').unwrap();
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let claims: Value = serde_json::from_slice(&decode(said.split_once('.').unwrap().1)).unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key));
    claims["aud"] == origin
        && claims["sub"] == "mailto:ops@example.org"
        && view["public_key"] == key
        && public.verify(said.as_bytes(), &decode(signature)).is_ok()
}

#[actix_rt::test]
async fn what_is_urgent_reaches_the_push_service_within_five_seconds_and_breaks_quiet_hours_where_that_is_welcome()
 {
    let mut service = Service::embedded_with(&SETUP).await;
    let push = LocalPush::start();
    // Whenever it is: quiet until just before it began.
    let quiet = json!({"from": "00:00", "until": "23:59", "zone": "Etc/UTC"});
    let device = Device::new(3);
    let (mut breaks, _) = service.member_with(north()).await;
    let welcome = json!({"quiet": quiet, "urgent_breaks_quiet": true, "language": "cy", "shows": "title"});
    device.subscribe(&mut breaks, &push, "/take/breaks", &welcome).await;
    let (mut sleeps, _) = service.member_with(north()).await;
    device.subscribe(&mut sleeps, &push, "/take/sleeps", &json!({"quiet": quiet})).await;
    let mut writers = Writers::of(&mut service, 2).await;
    let begun = Instant::now();
    writers.send(content("Polls close at nine", &json!({"urgency": "urgent"}))).await;
    let received = push.until("/take/breaks", 1, URGENT_WITHIN).await.remove(0);
    assert!(received.at - begun < URGENT_WITHIN);
    assert_eq!(received.headers["urgency"], "high");
    let said = device.read(&received);
    assert_eq!(
        (&said["notification"]["title"], &said["notification"]["body"]),
        (&json!("Bwletin brys"), &json!("Polls close at nine"))
    );
    assert_eq!(said["holdfast"]["urgent"], json!(true));
    assert!(push.of("/take/sleeps").is_empty());
}

#[actix_rt::test]
async fn a_correction_and_a_withdrawal_stand_in_the_place_of_the_first_for_whoever_was_told() {
    let mut service = Service::embedded_with(&SETUP).await;
    let push = LocalPush::start();
    let device = Device::new(4);
    let (mut member, _) = service.member_with(north()).await;
    device.subscribe(&mut member, &push, "/take/one", &json!({})).await;
    let mut writers = Writers::of(&mut service, 1).await;
    let id = writers.send(content("Meet at 6", &json!({}))).await;
    push.until("/take/one", 1, SOON).await;
    writers.until_counted(&id, "pushed", 1).await;
    let begun = writers.ana.say(Method::POST, &format!("/v1/bulletins/{id}/corrections"), &json!({})).await;
    let correction = begun.body["id"].as_str().unwrap().to_owned();
    writers.act(&correction, "submit", 1).await;
    push.until("/take/one", 2, SOON).await;
    writers.until_counted(&correction, "pushed", 1).await;
    let (mut late, _) = service.member_with(north()).await;
    device.subscribe(&mut late, &push, "/take/late", &json!({})).await;
    let withdraw = format!("/v1/bulletins/{correction}/withdraw");
    let withdrawn = writers.ana.say(Method::POST, &withdraw, &json!({})).await;
    assert_eq!(withdrawn.status.as_u16(), 200, "{}", withdrawn.body);
    let all = push.until("/take/one", 3, SOON).await;
    let said: Vec<Value> = all.iter().map(|received| device.read(received)["notification"].clone()).collect();
    let titles: Vec<&Value> = said.iter().map(|said| &said["title"]).collect();
    assert_eq!(titles, ["New bulletin", "Corrected bulletin", "Bulletin withdrawn"]);
    assert!(said.iter().all(|said| said["tag"] == id), "{said:?}");
    assert!(all.iter().all(|received| received.headers["topic"] == all[0].headers["topic"]));
    assert!(push.of("/take/late").is_empty(), "who was not told of it is not told that it is gone");
}

#[actix_rt::test]
async fn an_answer_of_the_organisers_is_told_without_its_words() {
    let mut service = Service::embedded_with(&SETUP).await;
    let push = LocalPush::start();
    let device = Device::new(5);
    let (mut member, _) = service.member().await;
    device.subscribe(&mut member, &push, "/take/one", &json!({"shows": "title"})).await;
    let asked = member.say(Method::POST, "/v1/replies", &json!({"text": "When?", "id": "t1"})).await;
    let path = format!("/v1/inbox/{}/answers", asked.body["conversation"].as_str().unwrap());
    let answered = service.admin.say(Method::POST, &path, &json!({"text": "At six.", "id": "a1"})).await;
    assert!(answered.status.is_success(), "{}", answered.body);
    let said = device.read(&push.until("/take/one", 1, SOON).await[0]);
    assert_eq!(said["notification"]["title"], "New message from the organisers");
    assert_eq!(said["holdfast"]["kind"], "message");
    assert!(!said.to_string().contains("six"));
}
