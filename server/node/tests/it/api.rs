//! The REST API as a contract: its document, requests that come again, and how fast an account may ask.

use crate::browser::{Answer, Visitor, first_admin_token_of};
use crate::node::{Start, TestNode, holdfast, token};
use awc::http::{Method, StatusCode};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use storage_redis::test_server::TestRedis;

/// Two nodes of a deployment, which may be one and the same, and an access token of its admin.
struct Deployment {
    nodes: Vec<TestNode>,
    admin: String,
    _redis: Option<TestRedis>,
    data: tempfile::TempDir,
}

impl Deployment {
    async fn embedded() -> Self {
        let data = tempfile::tempdir().unwrap();
        let starts = [Start::embedded(data.path())];
        Self::started(&starts, None, data).await
    }

    async fn on_redis() -> Self {
        let redis = TestRedis::start().unwrap();
        let data = tempfile::tempdir().unwrap();
        let starts = [0, 1].map(|_| Start::on_redis(data.path(), &redis.url()));
        Self::started(&starts, Some(redis), data).await
    }

    async fn started(starts: &[Start], redis: Option<TestRedis>, data: tempfile::TempDir) -> Self {
        let link = first_admin_token_of(&starts[0]);
        let nodes: Vec<TestNode> = starts.iter().map(Start::run).collect();
        let admin = Visitor::joined(nodes[0].address, &link).await.token;
        Self { nodes, admin, _redis: redis, data }
    }

    fn one(&self) -> SocketAddr {
        self.nodes[0].address
    }

    fn two(&self) -> SocketAddr {
        self.nodes.last().unwrap().address
    }

    /// Somebody whose token a program holds.
    fn program(&self, member: &str, role: &str) -> String {
        token(self.data.path(), &["--sub", member, "--role", role])
    }

    async fn invites(&self) -> usize {
        let list = ask(self.one(), &self.admin, Method::GET, "/v1/invites", None, "").await;
        list.body["invites"].as_array().unwrap().len()
    }
}

/// A request of a program.
async fn ask(
    at: SocketAddr,
    token: &str,
    method: Method,
    target: &str,
    key: Option<&str>,
    body: &str,
) -> Answer {
    let client = awc::Client::builder().timeout(Duration::from_mins(1)).finish();
    let mut request = client.request(method, format!("http://{at}{target}")).bearer_auth(token);
    if let Some(key) = key {
        request = request.insert_header(("Idempotency-Key", key));
    }
    let kind = if target.starts_with("/v1/imports") { "text/csv" } else { "application/json" };
    let mut response =
        request.insert_header(("Content-Type", kind)).send_body(body.to_owned()).await.unwrap();
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let bytes = response.body().limit(16 * 1024 * 1024).await.unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status: response.status(), headers, cookies: Vec::new(), body }
}

fn terms(uses: u32) -> String {
    json!({"roles": ["activist"], "max_uses": uses, "expires_in_s": 600}).to_string()
}

#[actix_rt::test]
async fn the_document_is_served_to_anybody_as_it_is_printed_and_is_not_sent_twice() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let printed = holdfast().arg("openapi").output().unwrap();
    let url = format!("http://{}/v1/openapi.json", node.address);
    let mut first = awc::Client::new().get(&url).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(first.headers().get("content-type").unwrap(), "application/json");
    assert!(first.headers().get("cache-control").unwrap().to_str().unwrap().starts_with("public"));
    let tag = first.headers().get("etag").unwrap().clone();
    let served = first.body().limit(1024 * 1024).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&served).trim(), String::from_utf8_lossy(&printed.stdout).trim());
    let again = awc::Client::new().get(&url).insert_header(("If-None-Match", tag)).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[actix_rt::test]
async fn a_repeated_request_is_answered_again_by_any_node_and_done_once() {
    for service in [Deployment::embedded().await, Deployment::on_redis().await] {
        let admin = service.admin.as_str();
        let create = |at, key, body: String| async move {
            ask(at, admin, Method::POST, "/v1/invites", key, &body).await
        };
        let first = create(service.one(), Some("\"one\""), terms(1)).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
        let again = create(service.two(), Some("one"), terms(1)).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body), "its link too");
        assert_eq!(again.headers["content-type"], first.headers["content-type"]);
        let other = create(service.two(), Some("one"), terms(2)).await;
        assert_eq!(other.outcome(), (422, "idempotency_key_reused"));
        let target = ask(service.one(), admin, Method::POST, "/v1/transfers", Some("one"), &terms(1)).await;
        assert_eq!(target.outcome(), (422, "idempotency_key_reused"));
        assert_eq!(service.invites().await, 1);
        for body in [terms(1), terms(1)] {
            assert_ne!(
                create(service.one(), None, body).await.body,
                first.body,
                "without a key each is its own"
            );
        }
        assert_eq!(service.invites().await, 3);
    }
}

#[actix_rt::test]
async fn a_key_is_its_accounts_own_and_nothing_of_it_is_told_to_who_may_not_ask() {
    let service = Deployment::embedded().await;
    let first = ask(service.one(), &service.admin, Method::POST, "/v1/invites", Some("k"), &terms(1)).await;
    let second = service.program("m_second", "admin");
    let theirs = ask(service.one(), &second, Method::POST, "/v1/invites", Some("k"), &terms(1)).await;
    assert_eq!(theirs.status, StatusCode::CREATED);
    assert_ne!(theirs.body, first.body);
    let activist = service.program("m_activist", "activist");
    for (token, expected) in [(activist.as_str(), (403, "forbidden")), ("nonsense", (401, "unauthorized"))] {
        let refused = ask(service.one(), token, Method::POST, "/v1/invites", Some("k"), &terms(1)).await;
        assert_eq!(refused.outcome(), expected);
    }
    for key in ["", "\"", "two words", "\"a\";b=c"] {
        let refused =
            ask(service.one(), &service.admin, Method::POST, "/v1/invites", Some(key), &terms(1)).await;
        assert_eq!(refused.outcome(), (400, "bad_request"), "{key:?}");
    }
}

#[actix_rt::test]
async fn a_request_that_was_refused_did_nothing_and_may_come_again_with_its_key() {
    let service = Deployment::embedded().await;
    let refused = ask(service.one(), &service.admin, Method::POST, "/v1/invites", Some("k"), &terms(0)).await;
    assert_eq!(refused.outcome(), (400, "bad_request"));
    let mended = ask(service.one(), &service.admin, Method::POST, "/v1/invites", Some("k"), &terms(1)).await;
    assert_eq!(mended.status, StatusCode::CREATED);
}

#[actix_rt::test]
async fn of_many_equal_requests_at_once_one_is_done_and_the_others_are_asked_to_wait() {
    for service in [Deployment::embedded().await, Deployment::on_redis().await] {
        let nodes = [service.one(), service.two()];
        let admin = service.admin.as_str();
        let all = (0..16).map(|n| async move {
            ask(nodes[n % 2], admin, Method::POST, "/v1/invites", Some("k"), &terms(1)).await
        });
        let answers = join_all(all).await;
        let (done, waiting): (Vec<_>, Vec<_>) =
            answers.iter().partition(|answer| answer.status == StatusCode::CREATED);
        assert!(!done.is_empty() && done.iter().all(|answer| answer.body == done[0].body));
        for answer in waiting {
            assert_eq!(answer.outcome(), (409, "idempotency_key_in_use"));
            assert_eq!(answer.headers["retry-after"], "1");
        }
        assert_eq!(service.invites().await, 1);
        let late =
            ask(service.two(), &service.admin, Method::POST, "/v1/invites", Some("k"), &terms(1)).await;
        assert_eq!(late.body, done[0].body);
    }
}

/// A list of so many people.
fn list(rows: usize) -> String {
    let rows: Vec<String> = (0..rows).map(|n| format!("ref-{n}")).collect();
    format!("reference\n{}\n", rows.join("\n"))
}

#[actix_rt::test]
async fn a_short_list_is_imported_once_for_a_key_and_a_long_one_again() {
    let service = Deployment::embedded().await;
    let import = |query: &'static str, rows: usize| {
        let (at, admin) = (service.one(), service.admin.clone());
        async move {
            let target = format!("/v1/imports{query}");
            ask(at, &admin, Method::POST, &target, Some("k"), &list(rows)).await
        }
    };
    let first = import("", 3).await;
    let again = import("", 3).await;
    assert!(first.body.as_str().unwrap().contains(",added,"), "{}", first.body);
    assert_eq!(again.body, first.body, "what was added is not said to be present");
    assert_eq!(again.headers["content-disposition"], first.headers["content-disposition"]);
    assert_eq!(import("?dry_run=true", 3).await.outcome(), (422, "idempotency_key_reused"));

    let service = Deployment::embedded().await;
    for outcome in [",added,", ",present,"] {
        let list = list(2_000);
        let answer = ask(service.one(), &service.admin, Method::POST, "/v1/imports", Some("k"), &list).await;
        assert!(answer.body.as_str().unwrap().contains(outcome), "more than is kept, and harmless");
    }
}

#[actix_rt::test]
async fn a_request_whose_sender_went_away_is_done_to_its_end_and_its_answer_kept() {
    let service = Deployment::embedded().await;
    let (list, admin) = (list(300), service.admin.as_str());
    let mut gone = TcpStream::connect(service.one()).unwrap();
    let request = format!(
        "POST /v1/imports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {admin}\r\nIdempotency-Key: k\r\n\
         Content-Type: text/csv\r\nContent-Length: {}\r\n\r\n{list}",
        list.len()
    );
    gone.write_all(request.as_bytes()).unwrap();
    drop(gone);
    let since = Instant::now();
    let answer = loop {
        let answer = ask(service.one(), admin, Method::POST, "/v1/imports", Some("k"), &list).await;
        if answer.status != StatusCode::CONFLICT {
            break answer;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "it is still said to be under way");
        // Not so often that an account asks too fast.
        actix_rt::time::sleep(Duration::from_millis(100)).await;
    };
    let rows = answer.body.as_str().unwrap();
    assert_eq!((answer.status, rows.matches(",added,").count()), (StatusCode::OK, 300));
}

#[actix_rt::test]
async fn an_account_that_asks_too_fast_is_told_to_wait_and_others_are_served() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path()).with_ops();
    let ops = start.ops.unwrap();
    let node = start.run();
    let [wild, calm] = ["m_wild", "m_calm"].map(|sub| token(data.path(), &["--sub", sub]));
    let organiser = token(data.path(), &["--sub", "m_organiser", "--role", "organiser"]);
    let client = awc::Client::builder().timeout(Duration::from_mins(1)).finish();
    let get = |token: &str| client.get(format!("http://{}/v1/me", node.address)).bearer_auth(token).send();
    let statuses = async |token: &str, count: usize| {
        let mut statuses = Vec::new();
        // One after the other on one connection, which is fast enough and no flood.
        for _ in 0..count {
            statuses.push(get(token).await.unwrap().status().as_u16());
        }
        statuses
    };
    // Each is told that there is no such member: what counts is that they were asked for.
    let of_wild = statuses(&wild, 200).await;
    assert!(of_wild.iter().filter(|status| **status == 404).count() >= 60, "{of_wild:?}");
    let mut refused = loop {
        let answer = get(&wild).await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
    assert_eq!(refused.headers().get("content-type").unwrap(), "application/problem+json");
    let problem: Value = serde_json::from_slice(&refused.body().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "too_many_requests");
    assert_eq!(statuses(&calm, 60).await, [404; 60], "another account has its own");
    assert_eq!(statuses(&organiser, 100).await, [404; 100], "an organiser has more");
    let post = client.post(format!("http://{}/v1/transfers", node.address)).bearer_auth(&wild);
    assert_eq!(post.send().await.unwrap().status(), StatusCode::NOT_FOUND, "what is written counts apart");
    let mut metrics = client.get(format!("http://{ops}/metrics")).send().await.unwrap();
    let metrics = String::from_utf8(metrics.body().limit(1024 * 1024).await.unwrap().to_vec()).unwrap();
    let counted = metrics.lines().find_map(|line| {
        line.strip_prefix("holdfast_limits_reached_total{limit=\"account_reads_per_second\"} ")
    });
    assert!(counted.unwrap().parse::<u64>().unwrap() > 0, "{counted:?}");
}
