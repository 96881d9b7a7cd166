//! Who is let in, who waits and who goes: tickets, places, and room for members whatever strangers do.

use crate::client::{Client, Closed};
use crate::node::{Start, TestNode, token};
use awc::http::StatusCode;
use awc::http::header::{AUTHORIZATION, COOKIE, RETRY_AFTER, SET_COOKIE};
use serde_json::{Value, json};
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use storage_redis::test_server::TestRedis;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// A node that has more memory than it may is in survival after two seconds, by its own signs.
const PRESSED: [&str; 4] = ["--memory-max", "16777216", "--posture-hold", "0s"];

struct Answer {
    status: StatusCode,
    retry_after: Option<u64>,
    cookies: Vec<String>,
    body: Value,
}

impl Answer {
    /// The pair of a cookie that was set.
    fn cookie(&self, name: &str) -> Option<String> {
        let pairs = self.cookies.iter().filter_map(|cookie| cookie.split(';').next());
        pairs.filter(|pair| pair.starts_with(name)).map(str::to_owned).next()
    }
}

async fn ask(node: &TestNode, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let url = format!("http://{}{path}", node.address);
    let client = awc::Client::new();
    let mut request = client.request(method.parse().unwrap(), url);
    for (name, value) in headers {
        request = request.insert_header((*name, *value));
    }
    let sent = if body.is_null() { request.send() } else { request.send_json(body) };
    let mut response = sent.await.unwrap();
    let header = |name| response.headers().get_all(name).map(|value| value.to_str().unwrap().to_owned());
    let cookies = header(SET_COOKIE).collect();
    let retry_after = header(RETRY_AFTER).next().map(|value| value.parse().unwrap());
    let bytes = response.body().await.unwrap();
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    Answer { status: response.status(), retry_after, cookies, body }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

async fn admit(node: &TestNode, bearing: &str) -> Answer {
    ask(node, "POST", "/v1/admit", &[(AUTHORIZATION.as_str(), &bearer(bearing))], &Value::Null).await
}

fn activist(data: &Path) -> String {
    token(data, &["--sub", "someone", "--role", "activist"])
}

fn pressed(data: &Path) -> Start {
    let mut start = Start::embedded(data);
    start.arguments.extend(PRESSED.map(str::to_owned));
    start
}

/// Asks as a stranger until strangers have to wait.
async fn until_strangers_wait(node: &TestNode) -> Answer {
    let waiting = async {
        loop {
            let answer = ask(node, "POST", "/v1/admit", &[], &Value::Null).await;
            if answer.status == StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap()
}

#[actix_rt::test]
async fn a_ticket_lets_its_holder_in_at_the_upgrade_or_as_a_token_and_by_cookie_or_header() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let answer = admit(&node, &activist(data.path())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["member"]["id"], "someone");
    assert!(answer.body["renew_in_s"].as_u64().is_some_and(|seconds| seconds > 0), "{}", answer.body);
    let ticket = answer.body["ticket"].as_str().unwrap().to_owned();
    let cookie = answer.cookie("holdfast_ticket").unwrap();
    let origin = format!("http://{}", node.address);
    for headers in [
        vec![("authorization", bearer(&ticket))],
        vec![("cookie", cookie.clone()), ("origin", origin.clone())],
    ] {
        let mut client = Client::open_with(node.address, &headers).await.unwrap();
        let reply = client.request(json!({"connect": {}})).await.unwrap();
        assert!(reply["connect"]["client"].is_string(), "{reply}");
    }
    Client::connect(node.address, &ticket).await.unwrap();
    // A page of somebody else may not use the cookie.
    let foreign = vec![("cookie", cookie), ("origin", "http://evil.example".to_owned())];
    assert!(Client::open_with(node.address, &foreign).await.is_err());
    let again = admit(&node, &ticket).await;
    assert_eq!((again.status, &again.body["member"]["id"]), (StatusCode::OK, &json!("someone")));
}

#[actix_rt::test]
async fn a_forged_ticket_is_worth_nothing() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (node, elsewhere) = (Start::embedded(data.path()).run(), Start::embedded(other.path()).run());
    let foreign =
        admit(&elsewhere, &activist(other.path())).await.body["ticket"].as_str().unwrap().to_owned();
    let good = admit(&node, &activist(data.path())).await.body["ticket"].as_str().unwrap().to_owned();
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    for forged in [foreign, unsigned, format!("{good}x"), "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9..".into()] {
        let mut client =
            Client::open_with(node.address, &[("authorization", bearer(&forged))]).await.unwrap();
        // It was nobody's socket, so a token is needed, and this is none.
        client.send(json!({"id": 1, "connect": {"token": forged}}).to_string()).await.unwrap();
        assert_eq!(client.next().await, Err(Closed(Some(3500))));
        assert_eq!(admit(&node, &forged).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[actix_rt::test]
async fn in_survival_strangers_get_a_place_that_stays_and_members_come_in() {
    let data = tempfile::tempdir().unwrap();
    let start = pressed(data.path());
    let mut node = start.run();
    let first = until_strangers_wait(&node).await;
    assert!(first.retry_after.is_some_and(|seconds| (1..=24).contains(&seconds)));
    assert_eq!(first.body["code"], "waiting");
    let place = first.cookie("holdfast_place").unwrap();
    assert_eq!(Some(&json!(place.split_once('=').unwrap().1)), first.body.get("place"));
    // By cookie and by body, and over a restart, it is no worse.
    let said = json!({"place": first.body["place"]});
    let position = |answer: &Answer| match answer.status {
        StatusCode::SERVICE_UNAVAILABLE => answer.body["position"].as_u64().unwrap(),
        // Let in, and nobody.
        StatusCode::UNAUTHORIZED => 0,
        other => panic!("{other}"),
    };
    for restarts in [false, true] {
        if restarts {
            node.kill();
            node = start.run();
        }
        let by_cookie = ask(&node, "POST", "/v1/admit", &[(COOKIE.as_str(), &place)], &Value::Null).await;
        let by_body = ask(&node, "POST", "/v1/admit", &[], &said).await;
        assert!(position(&by_cookie) <= position(&first) && position(&by_body) <= position(&first));
    }
    // A page for people says it without script.
    until_strangers_wait(&node).await;
    let page = ask(&node, "GET", "/", &[("accept", "text/html")], &Value::Null).await;
    if page.status == StatusCode::SERVICE_UNAVAILABLE {
        let text = page.body.as_str().unwrap();
        assert!(text.contains("http-equiv=\"refresh\"") && !text.contains("<script"), "{text}");
        assert!(page.cookie("holdfast_place").is_some());
    }
    let member = admit(&node, &activist(data.path())).await;
    assert_eq!(member.status, StatusCode::OK);
    let ticket = member.body["ticket"].as_str().unwrap();
    let mut client = Client::open_with(node.address, &[("authorization", bearer(ticket))]).await.unwrap();
    assert!(client.request(json!({"connect": {}})).await.unwrap()["connect"].is_object());
}

#[actix_rt::test]
async fn with_the_store_away_a_ticket_holder_comes_back_reads_and_is_told_that_messages_wait() {
    let data = tempfile::tempdir().unwrap();
    let mut redis = TestRedis::start().unwrap();
    let node = Start::on_redis(data.path(), &redis.url()).run();
    let sender = token(data.path(), &["--sub", "someone", "--role", "organiser"]);
    let ticket = admit(&node, &sender).await.body["ticket"].as_str().unwrap().to_owned();
    let showing = [("authorization", bearer(&ticket))];
    let come = async || {
        let mut client = Client::open_with(node.address, &showing).await.unwrap();
        let connected = client.request(json!({"connect": {}})).await.unwrap();
        assert!(connected["connect"].is_object(), "{connected}");
        let read = client.request(json!({"subscribe": {"channel": "bulletins:all"}})).await.unwrap();
        assert!(read["subscribe"].is_object(), "{read}");
        client
    };
    let mut there = come().await;
    there.publish("bulletins:all", "before").await.unwrap().unwrap();
    redis.kill().unwrap();
    let mut back = come().await;
    // Not lost, and not taken: they keep it, and come again with the same key.
    let argument = json!({"channel": "bulletins:all", "idempotency_key": "later", "data": {"id": "later"}});
    let order = json!({"rpc": {"method": "publish", "data": argument}});
    let said = back.request(order.clone()).await.unwrap();
    let is_later = said["rpc"]["data"]["status"] == json!("later") || said["error"]["code"] == json!(111);
    assert!(is_later, "{said}");
    redis.restart().unwrap();
    let placed = async {
        loop {
            let said = back.request(order.clone()).await.unwrap();
            if said["rpc"]["data"]["offset"] == json!(2) {
                return;
            }
            // As long as a client is told to.
            let pause = said["rpc"]["data"]["retry_after_ms"].as_u64().unwrap_or(1_000);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    };
    tokio::time::timeout(PATIENCE, placed).await.unwrap();
}

#[actix_rt::test]
async fn a_place_of_one_node_is_a_place_at_the_others() {
    let data = tempfile::tempdir().unwrap();
    let redis = TestRedis::start().unwrap();
    let start = || {
        let mut start = Start::on_redis(data.path(), &redis.url());
        start.arguments.extend(PRESSED.map(str::to_owned));
        start.run()
    };
    let [one, two] = [start(), start()];
    let first = until_strangers_wait(&one).await;
    until_strangers_wait(&two).await;
    let said = json!({"place": first.body["place"]});
    let there = ask(&two, "POST", "/v1/admit", &[], &said).await;
    // Let in, and nobody; or no further back than they were.
    let is_no_worse = there.status == StatusCode::UNAUTHORIZED
        || there.body["position"].as_u64() <= first.body["position"].as_u64();
    assert!(is_no_worse, "{} after {}", there.body, first.body);
}

#[actix_rt::test]
async fn nonsense_at_the_gate_is_refused_and_gives_no_place() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for body in [json!([]), json!({"place": 7}), json!({"places": "x"}), json!("x")] {
        assert_eq!(
            ask(&node, "POST", "/v1/admit", &[], &body).await.status,
            StatusCode::BAD_REQUEST,
            "{body}"
        );
    }
    for body in
        [json!({}), json!({"place": "x"}), json!({"place": "x".repeat(9_000)}), json!({"place": null})]
    {
        assert_eq!(
            ask(&node, "POST", "/v1/admit", &[], &body).await.status,
            StatusCode::UNAUTHORIZED,
            "{body}"
        );
    }
}

/// A connection from another address of loopback, which is a prefix of its own.
fn from(source: u32, to: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let source = Ipv4Addr::from_bits(0x7f01_0000 + source);
    socket.bind(&SockAddr::from(SocketAddr::from((source, 0))))?;
    socket.connect(&SockAddr::from(to))?;
    Ok(socket)
}

/// Whether the other side ended it.
fn is_over(mut socket: &Socket) -> bool {
    socket.set_nonblocking(true).unwrap();
    match socket.read(&mut [0; 64]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}

#[actix_rt::test]
async fn strangers_who_say_nothing_take_half_of_the_room_and_the_heaviest_prefix_pays() {
    let data = tempfile::tempdir().unwrap();
    // 800 connections for two workers, so two hundred strangers each.
    let mut start = Start::embedded(data.path()).under("-n 992");
    start.arguments.extend(["--workers", "2"].map(str::to_owned));
    let node = start.run();
    let ticket = admit(&node, &activist(data.path())).await.body["ticket"].as_str().unwrap().to_owned();
    let showing = [("authorization", bearer(&ticket))];
    let mut early = Client::open_with(node.address, &showing).await.unwrap();
    early.request(json!({"connect": {}})).await.unwrap();
    let alone: Vec<Socket> = (1..=20).map(|source| from(source, node.address).unwrap()).collect();
    let flood: Vec<Socket> = (0..600).map(|_| from(9_999, node.address).unwrap()).collect();
    let half = flood.iter().map(|mut socket| socket.write(b"GET / HTTP/1.1\r\nHo"));
    half.for_each(drop);
    // A member comes in through the crowd, and another one without a ticket.
    let mut late = Client::open_with(node.address, &showing).await.unwrap();
    late.request(json!({"connect": {}})).await.unwrap();
    Client::connect(node.address, &activist(data.path())).await.unwrap();
    assert!(early.request(json!({"history": {"channel": "bulletins:all", "limit": 1}})).await.is_ok());
    let over = |sockets: &[Socket]| sockets.iter().filter(|socket| is_over(socket)).count();
    assert!(over(&flood) >= 200, "{}", over(&flood));
    assert_eq!(over(&alone), 0);
}
