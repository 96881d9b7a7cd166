//! The listener for operators, on a running node.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use awc::http::StatusCode;
use awc::http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use storage_redis::test_server::TestRedis;

const CHANNEL: &str = "bulletins:all";
/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a node says of itself, by series.
pub(crate) struct Told(BTreeMap<String, String>);

impl Told {
    pub(crate) fn whole(&self, series: &str) -> u64 {
        self.0[&format!("holdfast_{series}")].parse().unwrap()
    }

    pub(crate) fn number(&self, series: &str) -> f64 {
        self.0[&format!("holdfast_{series}")].parse().unwrap()
    }
}

pub(crate) async fn metrics(address: SocketAddr) -> Told {
    let mut response = awc::Client::new().get(format!("http://{address}/metrics")).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers().get(CONTENT_TYPE).unwrap();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let body = response.body().await.unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let pair =
        |line: &str| line.rsplit_once(' ').map(|(series, value)| (series.to_owned(), value.to_owned()));
    Told(samples.map(|line| pair(line).unwrap()).collect())
}

/// What a node answers to whether it is ready.
pub(crate) async fn ready(address: SocketAddr) -> (StatusCode, Value) {
    let mut response = awc::Client::new().get(format!("http://{address}/ready")).send().await.unwrap();
    let body: Value = serde_json::from_slice(&response.body().await.unwrap()).unwrap();
    (response.status(), body)
}

struct Running {
    node: TestNode,
    ops: SocketAddr,
    data: tempfile::TempDir,
}

impl Running {
    fn embedded() -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = Start::embedded(data.path()).with_ops();
        Self { ops: start.ops.unwrap(), node: start.run(), data }
    }

    async fn client(&self, name: &str) -> Client {
        let token = token(self.data.path(), &["--sub", name, "--role", "organiser"]);
        Client::connect(self.node.address, &token).await.unwrap()
    }
}

#[actix_rt::test]
async fn a_publish_that_is_read_moves_the_counters_on_its_way() {
    let running = Running::embedded();
    let mut reader = running.client("reader").await;
    reader.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
    let mut writer = running.client("writer").await;
    let before = metrics(running.ops).await;
    for key in ["one", "two", "two"] {
        writer.publish(CHANNEL, key).await.unwrap().unwrap();
    }
    let mut seen = 0;
    while seen < 2 {
        seen += usize::from(reader.next().await.unwrap()["push"]["channel"] == json!(CHANNEL));
    }
    let after = metrics(running.ops).await;
    let moved = |series: &str| after.whole(series) - before.whole(series);
    let published = |outcome: &str| {
        moved(&format!("store_operations_total{{operation=\"publish\",outcome=\"{outcome}\"}}"))
    };
    assert_eq!([published("done"), published("duplicate"), published("unknown")], [2, 1, 0]);
    assert_eq!(moved("store_operation_seconds_count{operation=\"publish\"}"), 3);
    assert_eq!(moved("feed_announcements_total{delivery=\"appended\"}"), 2);
    assert_eq!(moved("ring_entries"), 2);
    assert_eq!(moved("committer_jobs_total"), 2, "a repeat needs no disk");
    assert!(after.whole("committer_transactions_total") <= after.whole("committer_jobs_total"));
    assert!(after.whole("rings_bytes") > 0);
    assert!(after.whole("readers") >= 1);
    assert_eq!(after.whole("store_durability{durability=\"synced\"}"), 1);
    for known in
        ["uptime_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_threads"]
    {
        assert!(after.number(known) > 0.0, "{known}");
    }
    let [open, max] = ["process_descriptors", "process_descriptors_max"].map(|series| after.whole(series));
    assert!(0 < open && open < max, "{open} of {max}");
    assert!(after.number("event_loop_standing_lag_seconds{worker=\"0\"}") >= 0.0);
}

#[actix_rt::test]
async fn what_redis_is_doing_is_told_and_a_lost_connection_is_counted() {
    let redis = TestRedis::start().unwrap();
    let data = tempfile::tempdir().unwrap();
    let start = Start::on_redis(data.path(), &redis.url()).with_ops();
    let ops = start.ops.unwrap();
    let node = start.run();
    let told = metrics(ops).await;
    assert_eq!(told.whole("redis_fit"), 1);
    assert_eq!(told.whole("redis_reconnects_total{connection=\"feed\"}"), 0);
    assert!(told.whole("redis_pool_connections_max{pool=\"history\"}") > 0);

    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut client = Client::connect(node.address, &writer).await.unwrap();
    client.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
    redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
    // What is published arrives, over a feed that is connected anew or by comparison with the log.
    client.publish(CHANNEL, "after").await.unwrap().unwrap();
    while client.next().await.unwrap()["push"]["channel"] != json!(CHANNEL) {}
    let connected_anew =
        async { while metrics(ops).await.whole("redis_reconnects_total{connection=\"feed\"}") < 1 {} };
    tokio::time::timeout(PATIENCE, connected_anew).await.unwrap();
    assert!(metrics(ops).await.whole("feed_interruptions_total") >= 1);
}

#[actix_rt::test]
async fn health_and_readiness_are_answered_on_both_listeners_and_metrics_on_one() {
    let running = Running::embedded();
    let status = async |address: SocketAddr, path: &str| {
        awc::Client::new().get(format!("http://{address}{path}")).send().await.unwrap().status()
    };
    for address in [running.ops, running.node.address] {
        assert_eq!(status(address, "/health").await, StatusCode::OK);
        assert_eq!(status(address, "/ready").await, StatusCode::OK);
    }
    assert_eq!(status(running.node.address, "/metrics").await, StatusCode::NOT_FOUND);
    assert_eq!(status(running.ops, "/v1/session").await, StatusCode::NOT_FOUND);
}

#[actix_rt::test]
async fn metrics_name_nobody() {
    let running = Running::embedded();
    let mut client = running.client("somebody.in.particular").await;
    client.request(json!({"subscribe": {"channel": "inbox#somebody.in.particular"}})).await.unwrap();
    client.publish("inbox#somebody.in.particular", "a-text-of-mine").await.unwrap().unwrap();
    for series in metrics(running.ops).await.0.keys() {
        for word in ["somebody", "a-text", "127.0.0.1"] {
            assert!(!series.contains(word), "{series}");
        }
    }
}

#[actix_rt::test]
async fn operators_are_answered_until_a_drain_is_over() {
    let redis = TestRedis::start().unwrap();
    let data = tempfile::tempdir().unwrap();
    let start = Start::on_redis(data.path(), &redis.url()).with_ops();
    let ops = start.ops.unwrap();
    let node = start.run();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut client = Client::connect(node.address, &writer).await.unwrap();

    // A publish that the store does not answer holds the drain up.
    redis.command(&["CLIENT", "PAUSE", "60000", "WRITE"]).unwrap();
    let argument = json!({"channel": CHANNEL, "data": {"id": "held"}});
    client.send(json!({"id": 99, "rpc": {"method": "publish", "data": argument}}).to_string()).await.unwrap();
    // The node takes requests in their order, so it has taken the publish when it answers this.
    let refusal = client.request(json!({"rpc": {"method": "nothing"}})).await.unwrap();
    assert_eq!(refusal["error"]["code"], json!(104));
    let stopping = std::thread::spawn(move || node.terminate());
    let not_ready = json!({"status": "not ready", "reason": "draining"});
    let draining =
        async { while ready(ops).await != (StatusCode::SERVICE_UNAVAILABLE, not_ready.clone()) {} };
    tokio::time::timeout(PATIENCE, draining).await.unwrap();
    assert_eq!(metrics(ops).await.whole("draining"), 1);
    redis.command(&["CLIENT", "UNPAUSE"]).unwrap();
    assert_eq!(stopping.join().unwrap().code(), Some(0));
    assert!(TcpStream::connect(ops).is_err());
}

#[actix_rt::test]
async fn half_a_request_head_is_given_up_and_keeps_nobody_out() {
    let running = Running::embedded();
    let mut half: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(running.ops).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: ").unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream
        })
        .collect();
    assert!(metrics(running.ops).await.whole("process_threads") > 0);
    for stream in &mut half {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
}

#[actix_rt::test]
async fn a_node_raises_its_limit_on_descriptors_as_far_as_it_may() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path()).with_ops().under("-Sn 230 && ulimit -Hn 1000");
    let node = start.run();
    assert_eq!(metrics(start.ops.unwrap()).await.whole("process_descriptors_max"), 1_000);
    drop(node);
}

#[actix_rt::test]
async fn a_node_without_a_descriptor_to_spare_lets_others_wait_until_one_is_free() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path()).with_ops().under("-n 224");
    start.arguments = vec!["--workers".into(), "1".into()];
    let node = start.run();
    let before = metrics(start.ops.unwrap()).await;
    assert_eq!(before.whole("connections_per_worker_max"), 32);
    let mut inside = Vec::new();
    for _ in 0..32 {
        inside.push(Client::open(node.address).await.unwrap());
    }
    let mut outside = TcpStream::connect(node.address).unwrap();
    outside.set_read_timeout(Some(PATIENCE)).unwrap();
    outside.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let told = metrics(start.ops.unwrap()).await;
    assert!(told.whole("process_descriptors") < told.whole("process_descriptors_max"));
    drop(inside.pop());
    let mut answer = [0; 12];
    outside.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[test]
fn too_few_descriptors_to_serve_anybody_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(&data.path().join("data")).under("-n 200");
    start.arguments = vec!["--workers".into(), "1".into()];
    let (code, said) = start.refusal();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("200 descriptors") && said.contains("at least 208"), "{said}");
    assert!(!start.data.exists());
}

#[test]
fn an_occupied_ops_port_is_named() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(&data.path().join("data")).with_ops();
    let address = start.ops.unwrap();
    let _occupied = TcpListener::bind(address).unwrap();
    let (code, said) = start.refusal();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&address.to_string()) && said.contains("--ops-listen off"), "{said}");
    assert!(!start.data.exists());
}
