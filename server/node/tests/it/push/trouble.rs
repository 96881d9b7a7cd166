//! Push services that say no, nothing, or not now; nodes that die; devices that are signed out.

use super::device::Device;
use super::local::LocalPush;
use super::sending::{SETUP, SOON, Writers, content, north};
use crate::service::Service;
use awc::http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Retries come at the next multiple of five seconds, each device's at its own time within them.
const RETRIED: Duration = Duration::from_secs(40);

/// Seconds since 1970.
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[actix_rt::test]
async fn a_device_that_is_gone_is_forgotten_and_one_that_was_signed_out_is_told_nothing() {
    let mut service = Service::embedded_with(&SETUP).await;
    let push = LocalPush::start();
    let device = Device::new(1);
    let (mut gone, _) = service.member_with(north()).await;
    device.subscribe(&mut gone, &push, "/gone/one", &json!({})).await;
    let (mut out, _) = service.member_with(north()).await;
    device.subscribe(&mut out, &push, "/take/out", &json!({})).await;
    let (mut stays, _) = service.member_with(north()).await;
    device.subscribe(&mut stays, &push, "/take/stays", &json!({})).await;
    assert_eq!(out.say(Method::DELETE, "/v1/session", &Value::Null).await.status.as_u16(), 204);
    let mut writers = Writers::of(&mut service, 3).await;
    writers.send(content("One", &json!({}))).await;
    push.until("/gone/one", 1, SOON).await;
    push.until("/take/stays", 1, SOON).await;
    let begun = Instant::now();
    while gone.get("/v1/push").await.body["subscribed"] != json!(false) {
        assert!(begun.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    writers.send(content("Two", &json!({}))).await;
    push.until("/take/stays", 2, SOON).await;
    assert_eq!((push.of("/gone/one").len(), push.of("/take/out").len()), (1, 0));
}

#[actix_rt::test]
async fn who_is_throttled_is_told_when_it_is_welcome_and_nobody_waits_for_a_service_that_stalls() {
    let mut service = Service::embedded_with(&SETUP).await;
    let (push, stalls) = (LocalPush::start(), LocalPush::start());
    let device = Device::new(2);
    let mut members = Vec::new();
    for (at, path) in
        [(&stalls, "/stall/one"), (&push, "/throttle/one"), (&push, "/redirect/one"), (&push, "/take/one")]
    {
        let (mut member, _) = service.member_with(north()).await;
        device.subscribe(&mut member, at, path, &json!({})).await;
        members.push(member);
    }
    let mut writers = Writers::of(&mut service, 4).await;
    let id = writers.send(content("One", &json!({}))).await;
    let first = push.until("/take/one", 1, Duration::from_secs(6)).await.remove(0);
    let throttled = push.until("/throttle/one", 2, RETRIED).await;
    assert!(throttled[1].at - throttled[0].at >= Duration::from_secs(1), "not before it was advised");
    assert_eq!(throttled[0].headers["topic"], throttled[1].headers["topic"]);
    assert_ne!(first.headers["topic"], throttled[1].headers["topic"], "each device has its own");
    let counts = writers.until_counted(&id, "pushed", 2).await;
    assert_eq!(counts["pushed"]["total"], json!(2));
    assert!(push.of("/take/led-astray").is_empty(), "no redirect is followed");
    stalls.until("/stall/one", 2, RETRIED).await;
}

#[actix_rt::test]
async fn what_came_in_quiet_hours_is_one_notification_afterwards() {
    let mut service = Service::embedded_with(&SETUP).await;
    let push = LocalPush::start();
    let device = Device::new(3);
    let (mut sleeps, _) = service.member_with(north()).await;
    let (mut awake, _) = service.member_with(north()).await;
    device.subscribe(&mut awake, &push, "/take/awake", &json!({})).await;
    let mut writers = Writers::of(&mut service, 2).await;
    // Until the minute after the next one begins.
    let minute = seconds() / 60;
    let clock = |minutes: u64| format!("{:02}:{:02}", (minute + minutes) / 60 % 24, (minute + minutes) % 60);
    let quiet = json!({"from": clock(23 * 60), "until": clock(2), "zone": "Etc/UTC"});
    device.subscribe(&mut sleeps, &push, "/take/sleeps", &json!({"quiet": quiet})).await;
    let mut last = String::new();
    for title in ["One", "Two", "Three"] {
        last = writers.send(content(title, &json!({}))).await;
        writers.until_counted(&last, "pushed", 1).await;
    }
    push.until("/take/awake", 3, SOON).await;
    assert!(push.of("/take/sleeps").is_empty());
    let told = push.until("/take/sleeps", 1, Duration::from_mins(3)).await;
    let said = device.read(&told[0]);
    assert_eq!((&said["holdfast"]["id"], &said["notification"]["app_badge"]), (&json!(last), &json!("3")));
    assert!(seconds() >= (minute + 2) * 60, "not before the quiet hours are over");
    writers.until_counted(&last, "pushed", 2).await;
    assert_eq!(push.of("/take/sleeps").len(), 1);
}
