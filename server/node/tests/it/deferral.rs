//! Who is told first while the service is in survival, and that everybody is told everything.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use crate::ops::metrics;
use crate::posture::{PRESSED, told, until_posture};
use awc::http::StatusCode;
use futures_util::future::join;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use storage_redis::test_server::TestRedis;

const BULLETINS: &str = "bulletins:all";
const TEAM: &str = "teams:red";
/// As long as bulk messages wait.
const BULK_WAIT_SECONDS: f64 = 3.0;

fn someone(data: &Path, name: &str) -> String {
    token(data, &["--sub", name, "--role", "organiser", "--teams", "red"])
}

/// Somebody who reads these channels.
async fn reader(node: &TestNode, data: &Path, name: &str, channels: &[&str]) -> Client {
    let mut client = Client::connect(node.address, &someone(data, name)).await.unwrap();
    for channel in channels {
        let reply = client.request(json!({"subscribe": {"channel": channel}})).await.unwrap();
        assert!(reply.get("subscribe").is_some(), "{reply}");
    }
    client
}

/// Posts a message, and is answered at once whatever its lane; answers its offset.
async fn post(client: &mut Client, channel: &str, key: &str, lane: &str) -> u64 {
    let argument = json!({"channel": channel, "idempotency_key": key, "lane": lane, "data": {"id": key}});
    let reply = client.request(json!({"rpc": {"method": "publish", "data": argument}})).await.unwrap();
    assert_eq!(
        (&reply["rpc"]["data"]["status"], &reply["rpc"]["data"]["lane"]),
        (&json!("ok"), &json!(lane))
    );
    reply["rpc"]["data"]["offset"].as_u64().unwrap()
}

/// The next so many publications of a channel, with the time of the first.
async fn hears(client: &mut Client, channel: &str, count: usize) -> (Vec<u64>, Instant) {
    let (mut offsets, mut first) = (Vec::new(), None);
    while offsets.len() < count {
        let message = client.next().await.unwrap();
        if message["push"]["channel"] == json!(channel) {
            first.get_or_insert_with(Instant::now);
            offsets.push(message["push"]["pub"]["offset"].as_u64().unwrap());
        }
    }
    (offsets, first.unwrap())
}

/// Waits until organisers' own channel has a notice of this kind of so many nodes, and nobody waits to be told of it.
async fn until_noticed(reader: &mut Client, ops: SocketAddr, kind: &str, nodes: usize) {
    let request = json!({"history": {"channel": "service:organisers", "limit": 10}});
    loop {
        let reply = reader.request(request.clone()).await.unwrap();
        let notices = reply["history"]["publications"].as_array().cloned().unwrap_or_default();
        let of_kind = notices.iter().filter(|notice| notice["data"]["kind"] == kind).count();
        if of_kind >= nodes && metrics(ops).await.whole("deferred_channels") == 0 {
            return;
        }
        // As often as a client may ask.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many times readers were told later of bulk messages, and for how long they were not told, together.
async fn bulk_waits(ops: SocketAddr) -> (u64, f64) {
    let told = metrics(ops).await;
    let series = |what: &str| format!("deferred_wait_seconds_{what}{{lane=\"bulk\"}}");
    (told.whole(&series("count")), told.number(&series("sum")))
}

struct Pressed {
    node: TestNode,
    ops: SocketAddr,
    data: tempfile::TempDir,
    readers: [Client; 2],
    writer: Client,
    /// What waited before.
    before: (u64, f64),
}

impl Pressed {
    /// A node on the embedded store that was ordered into survival, with a reader of the team and one of bulletins, who
    /// know it: the word of it wakes nobody any more.
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = Start::embedded(data.path()).with_ops();
        let (ops, node) = (start.ops.unwrap(), start.run());
        let mut readers = [
            reader(&node, data.path(), "ada", &[TEAM]).await,
            reader(&node, data.path(), "bea", &[BULLETINS]).await,
        ];
        let mut writer = reader(&node, data.path(), "cyd", &[]).await;
        // Its own end is signed at the start, and then not for a minute.
        until_noticed(&mut writer, ops, "audit_head", 1).await;
        let admin = token(data.path(), &["--sub", "admin", "--role", "admin"]);
        let body = json!({"posture": "survival", "why": "a drill"});
        assert_eq!(order(&node, &admin, &body).await, StatusCode::OK);
        for reader in &mut readers {
            told(reader, "survival").await;
        }
        until_noticed(&mut writer, ops, "incident", 1).await;
        let before = bulk_waits(ops).await;
        Self { node, ops, data, readers, writer, before }
    }

    /// As [`bulk_waits`], since it was calm.
    async fn bulk_waits(&self) -> (u64, f64) {
        let (times, seconds) = bulk_waits(self.ops).await;
        (times - self.before.0, seconds - self.before.1)
    }
}

async fn order(node: &TestNode, admin: &str, body: &Value) -> StatusCode {
    let url = format!("http://{}/v1/posture", node.address);
    awc::Client::new().put(url).bearer_auth(admin).send_json(body).await.unwrap().status()
}

#[actix_rt::test]
async fn in_survival_an_urgent_message_arrives_before_bulk_that_was_posted_before_it_elsewhere() {
    let mut pressed = Pressed::new().await;
    for n in 1..=20 {
        assert_eq!(post(&mut pressed.writer, TEAM, &format!("b{n}"), "bulk").await, n);
    }
    post(&mut pressed.writer, BULLETINS, "u", "urgent").await;
    let [team, bulletins] = &mut pressed.readers;
    let ((bulk, bulk_at), (urgent, urgent_at)) =
        join(hears(team, TEAM, 20), hears(bulletins, BULLETINS, 1)).await;
    assert_eq!((bulk, urgent), ((1..=20).collect::<Vec<_>>(), vec![1]), "all of it, in order");
    assert!(urgent_at < bulk_at);
    let (times, seconds) = pressed.bulk_waits().await;
    assert!(times >= 1 && seconds >= BULK_WAIT_SECONDS, "{times} times, {seconds} s");
    assert_eq!(metrics(pressed.ops).await.whole("deferred_channels"), 0);
}

#[actix_rt::test]
async fn an_urgent_message_takes_along_what_waits_in_its_channel() {
    let mut pressed = Pressed::new().await;
    post(&mut pressed.writer, BULLETINS, "b", "bulk").await;
    post(&mut pressed.writer, BULLETINS, "n", "normal").await;
    post(&mut pressed.writer, BULLETINS, "u", "urgent").await;
    assert_eq!(hears(&mut pressed.readers[1], BULLETINS, 3).await.0, [1, 2, 3]);
    let (times, seconds) = pressed.bulk_waits().await;
    assert!(times == 1 && seconds < BULK_WAIT_SECONDS, "{times} times, {seconds} s");
}

#[actix_rt::test]
async fn who_comes_or_asks_meanwhile_is_given_what_waits() {
    let mut pressed = Pressed::new().await;
    post(&mut pressed.writer, TEAM, "b", "bulk").await;
    let mut late = Client::connect(pressed.node.address, &someone(pressed.data.path(), "dot")).await.unwrap();
    let reply = late.request(json!({"subscribe": {"channel": TEAM, "recover": true}})).await.unwrap();
    assert_eq!(reply["subscribe"]["publications"][0]["offset"], json!(1), "{reply}");
    assert_eq!(hears(&mut pressed.readers[0], TEAM, 1).await.0, [1]);
}

/// The node that tells has the posture from the other, and the lane from Redis.
#[actix_rt::test]
async fn the_lane_reaches_the_readers_of_another_node() {
    let redis = TestRedis::start().unwrap();
    let data = tempfile::tempdir().unwrap();
    let start = Start::on_redis(data.path(), &redis.url()).with_ops();
    let (ops, calm) = (start.ops.unwrap(), start.run());
    let mut team = reader(&calm, data.path(), "ada", &[TEAM]).await;
    let mut bulletins = reader(&calm, data.path(), "bea", &[BULLETINS]).await;
    let mut other = Start::on_redis(data.path(), &redis.url());
    other.arguments.extend(PRESSED.iter().map(|argument| (*argument).to_owned()));
    let pressed = other.run();
    for reader in [&mut team, &mut bulletins] {
        told(reader, "survival").await;
    }
    until_posture(&calm, &token(data.path(), &["--sub", "admin", "--role", "admin"]), "survival").await;

    let mut writer = reader(&pressed, data.path(), "cyd", &[]).await;
    until_noticed(&mut team, ops, "audit_head", 2).await;
    until_noticed(&mut team, ops, "incident", 2).await;
    let (times_before, seconds_before) = bulk_waits(ops).await;
    post(&mut writer, TEAM, "b", "bulk").await;
    post(&mut writer, BULLETINS, "u", "urgent").await;
    let ((bulk, bulk_at), (urgent, urgent_at)) =
        join(hears(&mut team, TEAM, 1), hears(&mut bulletins, BULLETINS, 1)).await;
    assert_eq!((bulk, urgent), (vec![1], vec![1]));
    assert!(urgent_at < bulk_at);
    let (times, seconds) = bulk_waits(ops).await;
    let (times, seconds) = (times - times_before, seconds - seconds_before);
    assert!(times == 1 && seconds >= BULK_WAIT_SECONDS, "{times} times, {seconds} s");
}
