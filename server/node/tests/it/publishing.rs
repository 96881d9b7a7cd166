//! Who is served first when more is said than the store takes, and what becomes of the rest.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use crate::ops::{Told, metrics, ready};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use storage_redis::test_server::TestRedis;
use tempfile::TempDir;

const CHANNEL: &str = "bulletins:all";
/// The largest payload, as what is between its quotes.
const LARGE: usize = 32 * 1024 - 2;
/// So many of the largest messages are with the store at once: 512 KiB.
const AT_STORE: u64 = 16;

struct Running {
    node: TestNode,
    ops: SocketAddr,
    data: TempDir,
    start: Start,
}

impl Running {
    fn new(data: TempDir, start: Start) -> Self {
        let mut start = start.with_ops();
        // With one worker, messages reach the store in the order of their turns.
        start.arguments.extend(["--workers".into(), "1".into()]);
        Self { node: start.run(), ops: start.ops.unwrap(), data, start }
    }

    fn on_redis(redis: &TestRedis) -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = Start::on_redis(data.path(), &redis.url());
        Self::new(data, start)
    }

    fn embedded(arguments: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut start = Start::embedded(data.path());
        start.arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        Self::new(data, start)
    }

    async fn client(&self, name: &str, role: &str) -> Client {
        let token = token(self.data.path(), &["--sub", name, "--role", role, "--teams", "red"]);
        Client::connect(self.node.address, &token).await.unwrap()
    }

    /// What the node says of itself once that is so.
    async fn until(&self, is_so: impl Fn(&Told) -> bool) -> Told {
        for _ in 0..2_000 {
            let told = metrics(self.ops).await;
            if is_so(&told) {
                return told;
            }
        }
        panic!("it never is")
    }
}

fn call(id: u64, argument: &Value) -> String {
    json!({"id": id, "rpc": {"method": "publish", "data": argument}}).to_string()
}

fn argument(key: &str, lane: &str, text: &str) -> Value {
    json!({"channel": CHANNEL, "idempotency_key": key, "lane": lane, "data": {"id": key, "text": text}})
}

/// Asks for a message to be stored, without waiting for the answer.
async fn say(client: &mut Client, argument: &Value) {
    client.send(call(1_000, argument)).await.unwrap();
}

/// The answer to [`say`].
async fn answer(client: &mut Client) -> Value {
    loop {
        let message = client.next().await.unwrap();
        if message["id"] == 1_000 {
            return message["rpc"]["data"].clone();
        }
    }
}

/// Publishes, and answers what the node does.
async fn publish(client: &mut Client, argument: &Value) -> Value {
    client.request(json!({"rpc": {"method": "publish", "data": argument}})).await.unwrap()
}

/// The keys in the log, in its order.
async fn log(client: &mut Client) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    loop {
        let since = json!({"offset": keys.len(), "epoch": ""});
        let request = json!({"history": {"channel": CHANNEL, "limit": -1, "since": since}});
        let reply = client.request(request).await.unwrap();
        let page = reply["history"]["publications"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            return keys;
        }
        keys.extend(page.iter().map(|one| one["data"]["id"].as_str().unwrap_or("large").to_owned()));
    }
}

/// The store is frozen with as much as it may have at once; sixteen connections of one account have more to say, and
/// after them one other member has, and another says what is urgent.
#[actix_rt::test]
async fn a_flood_by_one_account_delays_nobody_elses_bulletin_and_lanes_overtake() {
    let redis = TestRedis::start().unwrap();
    let running = Running::on_redis(&redis);
    let many = |name: &'static str| {
        let running = &running;
        join_all((0..AT_STORE).map(move |_| running.client(name, "organiser")))
    };
    let (mut first, mut flood) = (many("mallory").await, many("eve").await);
    let mut ada = running.client("ada", "organiser").await;
    let mut bea = running.client("bea", "organiser").await;
    let mut cyd = running.client("cyd", "organiser").await;
    redis.freeze().unwrap();
    let large = "x".repeat(LARGE);
    for client in &mut first {
        say(client, &json!({"channel": CHANNEL, "data": large})).await;
    }
    running.until(|told| told.whole("publishes_with_store") == AT_STORE).await;
    for (n, client) in flood.iter_mut().enumerate() {
        say(client, &argument(&format!("eve-{n}"), "normal", "")).await;
    }
    running.until(|told| told.whole("publishes_waiting{lane=\"normal\"}") == AT_STORE).await;
    say(&mut cyd, &argument("cyd", "bulk", "")).await;
    say(&mut ada, &argument("ada", "normal", "")).await;
    say(&mut bea, &argument("bea", "urgent", "")).await;
    let told = running
        .until(|told| {
            let waiting = |lane: &str| told.whole(&format!("publishes_waiting{{lane=\"{lane}\"}}"));
            [waiting("urgent"), waiting("normal"), waiting("bulk")] == [1, AT_STORE + 1, 1]
        })
        .await;
    assert!(told.number("publishes_waiting_oldest_seconds{lane=\"normal\"}") > 0.0);
    assert!(told.whole("publishes_unanswered_bytes") > 512 * 1024);
    redis.thaw().unwrap();

    for client in first.iter_mut().chain(&mut flood).chain([&mut ada, &mut bea, &mut cyd]) {
        assert_eq!(answer(client).await["status"], "ok");
    }
    let keys = log(&mut ada).await;
    let place = |key: &str| u64::try_from(keys.iter().position(|known| known == key).unwrap()).unwrap();
    assert_eq!(keys.len(), 35);
    assert_eq!(place("bea"), AT_STORE, "what is urgent is the first that the store did not have already");
    assert!(place("ada") <= AT_STORE + 5, "one turn of the flood was before it: {keys:?}");
    assert!(place("cyd") <= AT_STORE + 13, "one turn of the normal lane, too: {keys:?}");
    let told = running.until(|told| told.whole("publishes_unanswered_bytes") == 0).await;
    assert_eq!(told.whole("publish_wait_seconds_count{lane=\"bulk\"}"), 1);
}

async fn over_credit_is_told_and_nothing_is_lost(running: &Running) {
    let mut eve = running.client("eve", "organiser").await;
    let mut ada = running.client("ada", "organiser").await;
    let calls = |ids: std::ops::Range<u64>| {
        let lines: Vec<_> =
            ids.map(|id| call(1_000 + id, &argument(&format!("k{id:03}"), "normal", ""))).collect();
        lines.join("\n")
    };
    eve.send(calls(0..100)).await.unwrap();
    publish(&mut ada, &argument("ada", "normal", "")).await["rpc"]["data"]["offset"].as_u64().unwrap();
    let (mut stored, mut later) = (Vec::new(), Vec::new());
    while stored.len() + later.len() < 100 {
        let message = eve.next().await.unwrap();
        let (id, data) = (message["id"].as_u64().unwrap() - 1_000, &message["rpc"]["data"]);
        assert_eq!(data["credit"], 64, "{message}");
        match data["status"].as_str().unwrap() {
            "ok" => stored.push(id),
            "later" => later.push((id, data["retry_after_ms"].as_u64().unwrap())),
            other => panic!("{other}"),
        }
    }
    assert_eq!(stored, (0..64).collect::<Vec<_>>(), "in the order in which they were said");
    assert_eq!(later.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (64..100).collect::<Vec<_>>());
    let told = metrics(running.ops).await;
    assert_eq!(told.whole("publishes_refused_total{reason=\"over_credit\"}"), 1, "the rest was behind it");

    // As an outbox does: after the time that the node gave, the same with the same keys, and some twice.
    let wait = later.iter().map(|(_, wait)| *wait).max().unwrap();
    assert!((1_000..5_000).contains(&wait), "{wait}");
    tokio::time::sleep(Duration::from_millis(wait)).await;
    eve.send(calls(60..100)).await.unwrap();
    for _ in 60..100 {
        assert_eq!(eve.next().await.unwrap()["rpc"]["data"]["status"], "ok");
    }
    let keys: Vec<_> = log(&mut ada).await.into_iter().filter(|key| key.starts_with('k')).collect();
    assert_eq!(keys, (0..100).map(|id| format!("k{id:03}")).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn over_credit_one_is_told_when_to_come_again_and_nothing_is_lost() {
    over_credit_is_told_and_nothing_is_lost(&Running::embedded(&[])).await;
    let redis = TestRedis::start().unwrap();
    over_credit_is_told_and_nothing_is_lost(&Running::on_redis(&redis)).await;
}

#[actix_rt::test]
async fn whoever_publishes_with_the_protocols_own_word_gets_111_over_credit() {
    let running = Running::embedded(&[]);
    let mut eve = running.client("eve", "organiser").await;
    let lines: Vec<_> = (0..70)
        .map(|id| json!({"id": 1_000 + id, "publish": {"channel": CHANNEL, "data": id}}).to_string())
        .collect();
    eve.send(lines.join("\n")).await.unwrap();
    let mut refused = Vec::new();
    for _ in 0..70 {
        let message = eve.next().await.unwrap();
        if message["error"]["code"] == 111 {
            assert_eq!(message["error"]["temporary"], true);
            refused.push(message["id"].as_u64().unwrap());
        }
    }
    assert_eq!(refused, (1_064..1_070).collect::<Vec<_>>());
}

#[actix_rt::test]
async fn what_is_urgent_is_for_organisers_and_for_few_messages() {
    let running = Running::embedded(&[]);
    let mut ada = running.client("ada", "organiser").await;
    for lane in ["fast", "Urgent", ""] {
        assert_eq!(publish(&mut ada, &argument("a", lane, "")).await["error"]["code"], 107, "{lane:?}");
    }
    let mut eve = running.client("eve", "activist").await;
    let mut chatter = argument("e", "urgent", "");
    chatter["channel"] = json!("teams:red");
    assert_eq!(publish(&mut eve, &chatter).await["error"]["code"], 103);
    chatter["lane"] = json!("normal");
    assert_eq!(publish(&mut eve, &chatter).await["rpc"]["data"]["lane"], "normal");

    let mut lanes = Vec::new();
    for n in 0..7 {
        let reply = publish(&mut ada, &argument(&format!("u{n}"), "urgent", "")).await;
        assert_eq!(reply["rpc"]["data"]["status"], "ok");
        lanes.push(reply["rpc"]["data"]["lane"].as_str().unwrap().to_owned());
    }
    assert_eq!(lanes, ["urgent", "urgent", "urgent", "urgent", "urgent", "normal", "normal"]);
    assert_eq!(metrics(running.ops).await.whole("publishes_not_urgent_total"), 2);
}

/// Publishes large messages until one is refused for want of room; answers how many were stored, and the refusal.
async fn fill(client: &mut Client) -> (usize, Value) {
    let text = "x".repeat(30_000);
    for n in 0.. {
        let reply = publish(client, &argument(&format!("k{n:03}"), "normal", &text)).await;
        let data = &reply["rpc"]["data"];
        if data["status"] != "ok" {
            return (n, data.clone());
        }
        assert_eq!(data["offset"].as_u64(), Some(u64::try_from(n).unwrap() + 1));
    }
    unreachable!("the store has a ceiling")
}

/// The store is full: it says so, and goes on reading.
async fn assert_full(running: &Running, client: &mut Client, stored: usize, refusal: &Value) {
    assert_eq!(refusal["status"], "later", "{refusal}");
    assert_eq!(refusal["retry_after_ms"], 30_000);
    assert_eq!(log(client).await.len(), stored, "nothing was evicted");
    let told = metrics(running.ops).await;
    assert_eq!(told.whole("store_full"), 1);
    assert_eq!(told.whole("publishes_refused_total{reason=\"store_full\"}"), 1);
    let (status, body) = ready(running.ops).await;
    assert_eq!(status, 200, "readers are served");
    assert!(body["storage"].as_str().unwrap().starts_with("full"), "{body}");
}

#[actix_rt::test]
async fn at_the_ceiling_of_the_embedded_store_messages_wait_and_with_a_higher_one_they_go_on() {
    let mut running = Running::embedded(&["--storage-max", "1048576"]);
    let mut ada = running.client("ada", "organiser").await;
    let (stored, refusal) = fill(&mut ada).await;
    assert!((30..40).contains(&stored), "{stored}");
    assert_full(&running, &mut ada, stored, &refusal).await;
    let told = metrics(running.ops).await;
    let (kept, most) = (told.whole("store_kept_bytes"), told.whole("store_kept_max_bytes"));
    assert!(kept <= most && most == 1_048_576, "{kept} of {most}");
    let again = publish(&mut ada, &argument("k000", "normal", &"x".repeat(30_000))).await;
    let again = &again["rpc"]["data"];
    assert!(
        again["status"] == "later" || again["offset"] == 1,
        "a repeat is known, or it is the pause: {again}"
    );

    assert_eq!(running.node.terminate().code(), Some(0));
    let ceiling = running.start.arguments.iter().position(|argument| argument == "1048576").unwrap();
    "2097152".clone_into(&mut running.start.arguments[ceiling]);
    running.node = running.start.run();
    let mut ada = running.client("ada", "organiser").await;
    let key = format!("k{stored:03}");
    let reply = publish(&mut ada, &argument(&key, "normal", &"x".repeat(30_000))).await;
    assert_eq!(reply["rpc"]["data"]["offset"].as_u64(), Some(u64::try_from(stored).unwrap() + 1));
    assert_eq!(ready(running.ops).await.1, json!({"status": "ready"}));
}

#[actix_rt::test]
async fn at_the_memory_that_a_redis_may_have_messages_wait_and_with_more_they_go_on() {
    let redis = TestRedis::start().unwrap();
    let running = Running::on_redis(&redis);
    let mut ada = running.client("ada", "organiser").await;
    let mut bea = running.client("bea", "organiser").await;
    let info = redis.command(&["INFO", "memory"]).unwrap();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    let most = used.trim().parse::<usize>().unwrap() + 1024 * 1024;
    redis.command(&["CONFIG", "SET", "maxmemory", &most.to_string()]).unwrap();
    let (stored, refusal) = fill(&mut ada).await;
    assert!(stored > 10, "{stored}");
    assert_full(&running, &mut ada, stored, &refusal).await;
    assert_eq!(metrics(running.ops).await.whole("publishes_refused_total{reason=\"unknown\"}"), 0);

    redis.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    let reply = publish(&mut bea, &argument("bea", "normal", "")).await;
    assert_eq!(reply["rpc"]["data"]["offset"].as_u64(), Some(u64::try_from(stored).unwrap() + 1));
    assert_eq!(metrics(running.ops).await.whole("store_full"), 0);
    assert_eq!(ready(running.ops).await.1, json!({"status": "ready"}));
}
