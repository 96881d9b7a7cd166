//! How hard pressed the service is: agreed among nodes on a real Redis, and what it changes for people.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use awc::http::header::HeaderMap;
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use storage_redis::test_server::TestRedis;

const PATIENCE: Duration = Duration::from_secs(20);

struct Deployment {
    redis: TestRedis,
    data: tempfile::TempDir,
}

impl Deployment {
    fn new() -> Self {
        Self { redis: TestRedis::start().unwrap(), data: tempfile::tempdir().unwrap() }
    }

    fn node(&self, arguments: &[&str]) -> TestNode {
        let mut start = Start::on_redis(self.data.path(), &self.redis.url());
        start.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        start.run()
    }

    fn token(&self, role: &str) -> String {
        token(self.data.path(), &["--sub", "someone", "--role", role])
    }
}

/// A node that has more memory than it may is in survival after two seconds, by its own signs.
pub(crate) const PRESSED: &[&str] = &["--memory-max", "16777216", "--posture-hold", "0s"];

/// Reads `service:status` until it says a posture; answers all that was said.
pub(crate) async fn told(client: &mut Client, posture: &str) -> Vec<Value> {
    let mut words = Vec::new();
    let telling = async {
        while words.last().is_none_or(|word: &Value| word["posture"] != json!(posture)) {
            let message = client.next().await.unwrap();
            if message["push"]["channel"] == json!("service:status") {
                words.push(message["push"]["pub"]["data"].clone());
            }
        }
    };
    tokio::time::timeout(PATIENCE, telling).await.unwrap();
    words
}

async fn last_word(client: &mut Client) -> Value {
    let asked = json!({"history": {"channel": "service:status", "limit": 1, "reverse": true}});
    let reply = client.request(asked).await.unwrap();
    reply["history"]["publications"][0]["data"].clone()
}

async fn posture_at(node: &TestNode, admin: &str) -> Value {
    let url = format!("http://{}/v1/posture", node.address);
    let mut response = awc::Client::new().get(url).bearer_auth(admin).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

/// A ticket for somebody with a token: who asks often with a token alone is a crowd of strangers.
async fn ticket(node: &TestNode, token: &str) -> String {
    let url = format!("http://{}/v1/admit", node.address);
    let mut response = awc::Client::new().post(url).bearer_auth(token).send().await.unwrap();
    let admitted: Value = response.json().await.unwrap();
    admitted["ticket"].as_str().unwrap().to_owned()
}

pub(crate) async fn until_posture(node: &TestNode, admin: &str, posture: &str) -> Value {
    let admin = &ticket(node, admin).await;
    let waiting = async {
        loop {
            let view = posture_at(node, admin).await;
            if view["posture"] == json!(posture) {
                return view;
            }
            // Not so often that an account asks too fast.
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap()
}

async fn order(node: &TestNode, admin: &str, body: Value) -> StatusCode {
    let url = format!("http://{}/v1/posture", node.address);
    awc::Client::new().put(url).bearer_auth(admin).send_json(&body).await.unwrap().status()
}

#[actix_rt::test]
async fn a_node_that_is_pressed_is_heard_at_the_other_and_each_change_is_told_once() {
    let deployment = Deployment::new();
    let admin = deployment.token("admin");
    let calm = deployment.node(&[]);
    let mut reader = Client::connect(calm.address, &deployment.token("activist")).await.unwrap();
    assert_eq!(last_word(&mut reader).await["posture"], json!("normal"));
    let pressed = deployment.node(PRESSED);
    let words = told(&mut reader, "survival").await;
    assert_eq!(words.len(), 1, "{words:?}");
    assert!(words[0]["since"].as_u64().is_some_and(|since| since > 0), "{words:?}");
    let view = until_posture(&calm, &admin, "survival").await;
    assert_eq!(
        (&view["own"], &view["trigger"], &view["nodes"]),
        (&json!("normal"), &json!("peers"), &json!(2))
    );
    // Who comes now learns it at once, at either node.
    for node in [&calm, &pressed] {
        let mut newcomer = Client::connect(node.address, &deployment.token("activist")).await.unwrap();
        assert_eq!(last_word(&mut newcomer).await, words[0]);
    }
    // A node that leaves in order no longer counts.
    assert_eq!(pressed.terminate().code(), Some(0));
    assert_eq!(told(&mut reader, "normal").await.len(), 1);
}

#[actix_rt::test]
async fn an_order_binds_every_node_and_those_that_come_later_until_it_is_taken_back() {
    let deployment = Deployment::new();
    let admin = deployment.token("admin");
    let [one, two] = [deployment.node(&[]), deployment.node(&[])];
    let body = json!({"posture": "under_attack", "why": "a drill"});
    assert_eq!(order(&one, &deployment.token("activist"), body.clone()).await, StatusCode::FORBIDDEN);
    assert_eq!(order(&one, &admin, json!({"posture": "calm", "why": "x"})).await, StatusCode::BAD_REQUEST);
    assert_eq!(order(&one, &admin, body).await, StatusCode::OK);
    let view = until_posture(&two, &admin, "under_attack").await;
    assert_eq!((&view["order"]["why"], &view["trigger"]), (&json!("a drill"), &json!("override")));
    let late = deployment.node(&[]);
    assert_eq!(posture_at(&late, &admin).await["posture"], json!("under_attack"));
    let url = format!("http://{}/v1/posture", two.address);
    let cleared = awc::Client::new().delete(url.clone()).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(cleared.status(), StatusCode::OK);
    until_posture(&one, &admin, "normal").await;
    let again = awc::Client::new().delete(url).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
}

#[actix_rt::test]
async fn without_redis_an_order_holds_at_its_node_and_each_node_answers_for_itself() {
    let mut deployment = Deployment::new();
    let admin = deployment.token("admin");
    let [calm, pressed] = [deployment.node(&[]), deployment.node(PRESSED)];
    until_posture(&calm, &admin, "survival").await;
    deployment.redis.kill().unwrap();
    let url = format!("http://{}/v1/posture", calm.address);
    let body = json!({"posture": "elevated", "why": "the store is gone"});
    let mut response = awc::Client::new().put(url).bearer_auth(&admin).send_json(&body).await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"reach": "here_only"}));
    assert_eq!(posture_at(&calm, &admin).await["posture"], json!("elevated"));
    assert_eq!(posture_at(&pressed, &admin).await["posture"], json!("survival"));
    deployment.redis.restart().unwrap();
    assert_eq!(until_posture(&pressed, &admin, "elevated").await["own"], json!("survival"));
}

/// One request on a connection of its own; answers all that comes until the server closes it, or pauses.
fn raw(node: &TestNode, path: &str) -> String {
    let mut stream = TcpStream::connect(node.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[actix_rt::test]
async fn what_is_given_up_under_attack_and_what_is_not() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let token = |role: &str| token(data.path(), &["--sub", "someone", "--role", role]);
    let admin = token("admin");
    let mut before = Client::connect(node.address, &token("organiser")).await.unwrap();
    before.request(json!({"subscribe": {"channel": "bulletins:all"}})).await.unwrap();
    for number in 0..200 {
        before.publish("bulletins:all", &format!("b{number}")).await.unwrap().unwrap();
    }
    let history = json!({"history": {"channel": "bulletins:all", "limit": 300, "reverse": true}});
    let count = |reply: &Value| reply["history"]["publications"].as_array().unwrap().len();
    assert_eq!(count(&before.request(history.clone()).await.unwrap()), 200);

    assert_eq!(order(&node, &admin, json!({"posture": "survival", "why": "a drill"})).await, StatusCode::OK);
    assert_eq!(count(&before.request(history).await.unwrap()), 75);
    // Who comes back is given everything.
    let mut back = Client::connect(node.address, &token("activist")).await.unwrap();
    let reply =
        back.request(json!({"subscribe": {"channel": "bulletins:all", "recover": true}})).await.unwrap();
    assert_eq!(reply["subscribe"]["publications"].as_array().unwrap().len(), 200);
    let reply = back.request(json!({"presence_stats": {"channel": "bulletins:all"}})).await.unwrap();
    assert_eq!(reply["error"]["code"], json!(108));
    // A connection that begins now is pinged less often; those that are open are served as before.
    let mut late = Client::open(node.address).await.unwrap();
    let reply = late.request(json!({"connect": {"token": token("activist")}})).await.unwrap();
    assert_eq!(reply["connect"]["ping"], json!(55));
    before.publish("bulletins:all", "urgent").await.unwrap().unwrap();
    // Each answer is the last of its connection.
    let answer = raw(&node, "/health");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
}

/// A request with a body, as an admin.
async fn admin_sends(node: &TestNode, method: Method, path: &str, admin: &str, body: &Value) -> StatusCode {
    let url = format!("http://{}{path}", node.address);
    awc::Client::new().request(method, url).bearer_auth(admin).send_json(body).await.unwrap().status()
}

async fn page(node: &TestNode, path: &str, header: (&str, &str)) -> (StatusCode, HeaderMap, String) {
    let request = awc::Client::new().get(format!("http://{}{path}", node.address)).insert_header(header);
    let mut response = request.send().await.unwrap();
    let body = String::from_utf8(response.body().await.unwrap().to_vec()).unwrap();
    (response.status(), response.headers().clone(), body)
}

const ANYTHING: (&str, &str) = ("accept", "*/*");

#[actix_rt::test]
async fn the_status_page_says_what_holds_in_the_language_that_is_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let admin = token(data.path(), &["--sub", "someone", "--role", "admin"]);
    let (status, headers, body) = page(&node, "/status", ANYTHING).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("Everything is working") && body.contains("lang=\"en\""), "{body}");
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, max-age=10"),
        ("vary", "accept-language"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(headers.get(name).unwrap(), value);
    }
    let policy = headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let tag = headers.get("etag").unwrap().to_str().unwrap();
    // The page is made anew at a full minute, so that a second look may be at another.
    let again = page(&node, "/status", ("if-none-match", tag)).await;
    assert!(again.0 == StatusCode::NOT_MODIFIED && again.2.is_empty() || again.1.get("etag").unwrap() != tag);
    for (path, header) in [("/status", ("accept-language", "cy, en;q=0.8")), ("/status?lang=cy", ANYTHING)] {
        let (_, _, body) = page(&node, path, header).await;
        assert!(body.contains("Mae popeth yn gweithio") && body.contains("lang=\"cy\""), "{body}");
    }

    let statement = "/v1/status/statement";
    let says = |text: &str| json!({"text": text});
    let activist = token(data.path(), &["--sub", "someone"]);
    for (who, text, expected) in [
        (&activist, "hello", StatusCode::FORBIDDEN),
        (&admin, "  ", StatusCode::BAD_REQUEST),
        (&admin, "a\u{7}b", StatusCode::BAD_REQUEST),
        (&admin, &"é".repeat(501), StatusCode::BAD_REQUEST),
        (&admin, &"é".repeat(500), StatusCode::NO_CONTENT),
        (&admin, "We know, <b>and</b> are at it.", StatusCode::NO_CONTENT),
    ] {
        assert_eq!(admin_sends(&node, Method::PUT, statement, who, &says(text)).await, expected, "{text}");
    }
    let (_, _, body) = page(&node, "/status", ANYTHING).await;
    assert!(body.contains("We know, &lt;b&gt;and&lt;/b&gt; are at it."), "{body}");
    // Connected members are told as well.
    let mut reader = Client::connect(node.address, &activist).await.unwrap();
    let heard =
        async { while last_word(&mut reader).await["message"] != json!("We know, <b>and</b> are at it.") {} };
    tokio::time::timeout(PATIENCE, heard).await.unwrap();
    assert_eq!(
        admin_sends(&node, Method::DELETE, statement, &admin, &json!({})).await,
        StatusCode::NO_CONTENT
    );
    let (_, _, body) = page(&node, "/status", ANYTHING).await;
    assert!(body.contains("All clear since"), "{body}");

    order(&node, &admin, json!({"posture": "under_attack", "why": "a drill"})).await;
    let attacked = async {
        loop {
            let (_, _, body) = page(&node, "/status.json", ANYTHING).await;
            let told: Value = serde_json::from_str(&body).unwrap();
            if told["posture"] == json!("under_attack") {
                return told;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, attacked).await.unwrap();
    // Who ordered it is nobody's business here.
    assert!(!told.to_string().contains("someone") && !told.to_string().contains("drill"), "{told}");
    assert_eq!((&told["store_is_away"], &told["statement"]), (&json!(false), &Value::Null));
}

#[actix_rt::test]
async fn the_status_page_is_written_for_another_host_and_says_that_the_store_is_away() {
    let mut deployment = Deployment::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("status.html");
    let node = deployment.node(&["--status-file", file.to_str().unwrap()]);
    let written = async {
        while !std::fs::read_to_string(&file).is_ok_and(|page| page.contains("Everything is working")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.unwrap();
    deployment.redis.kill().unwrap();
    let away = async {
        while !page(&node, "/status", ANYTHING).await.2.contains("message store cannot be reached") {}
    };
    tokio::time::timeout(2 * PATIENCE, away).await.unwrap();
    assert!(page(&node, "/status.json", ANYTHING).await.2.contains("\"store_is_away\":true"));
}

#[actix_rt::test]
async fn what_members_feel_is_counted_once_a_minute_and_shown_by_region() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path()).with_ops();
    let node = start.run();
    let member = |number: usize| token(data.path(), &["--sub", &format!("m{number}"), "--regions", "leeds"]);
    let slow = async |token: &str| {
        let url = format!("http://{}/v1/slow", node.address);
        awc::Client::new().post(url).bearer_auth(token).send().await.unwrap().status()
    };
    assert_eq!(slow("nonsense").await, StatusCode::UNAUTHORIZED);
    let members: Vec<String> = (0..5).map(member).collect();
    for token in &members {
        assert_eq!(slow(token).await, StatusCode::NO_CONTENT);
        assert_eq!(slow(token).await, StatusCode::TOO_MANY_REQUESTS);
    }
    let times = async |token: &str, body: Value| {
        let url = format!("http://{}/v1/experience", node.address);
        let mut response = awc::Client::new().post(url).bearer_auth(token).send_json(&body).await.unwrap();
        (response.status(), response.json::<Value>().await.unwrap_or_default())
    };
    for body in [
        json!({"publish_to_screen_ms": vec![1; 21]}),
        json!({"publish_to_screen_ms": [-1]}),
        json!({"publish_to_screen_ms": [1.5]}),
        json!({}),
        json!({"publish_to_screen_ms": [], "name": "x"}),
    ] {
        assert_eq!(times(&members[0], body.clone()).await.0, StatusCode::BAD_REQUEST, "{body}");
    }
    let (status, taken) = times(&members[0], json!({"publish_to_screen_ms": [100, 100, u64::MAX]})).await;
    assert_eq!((status, &taken["again_in_s"]), (StatusCode::OK, &json!(300)));
    assert!(taken["now_ms"].as_u64().unwrap() > 1_700_000_000_000);
    assert_eq!(
        times(&members[0], json!({"publish_to_screen_ms": []})).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );

    let felt = async {
        loop {
            let (_, _, body) = page(&node, "/status.json", ANYTHING).await;
            let told: Value = serde_json::from_str(&body).unwrap();
            if told["felt"]["regions"]["leeds"]["slow_reports"] == json!(5)
                && told["felt"]["times"] != Value::Null
            {
                return told["felt"].clone();
            }
        }
    };
    let felt = tokio::time::timeout(PATIENCE, felt).await.unwrap();
    assert_eq!((&felt["slow_reports"], &felt["times"]["samples"]), (&json!(5), &json!(3)));
    let p50 = felt["times"]["p50_ms"].as_u64().unwrap();
    assert!((100..=111).contains(&p50) && felt["times"]["p99_ms"].as_u64().unwrap() >= 600_000, "{felt}");
    let mut response =
        awc::Client::new().get(format!("http://{}/metrics", start.ops.unwrap())).send().await.unwrap();
    let metrics = String::from_utf8(response.body().limit(1 << 20).await.unwrap().to_vec()).unwrap();
    for series in [
        "holdfast_slow_reports_total 5",
        "holdfast_slow_reports_lately{region=\"leeds\"} 5",
        "holdfast_felt_seconds{region=\"all\",quantile=\"0.5\"} 0.1",
        "holdfast_posture{posture=\"normal\"} 1",
        "holdfast_posture_nodes 1",
        "holdfast_limits_reached_total{limit=\"felt_report_every\"} 6",
    ] {
        assert!(metrics.contains(series), "{series} is missing in {metrics}");
    }
    assert!(!metrics.contains("m0"));
}
