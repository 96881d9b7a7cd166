//! The records of attacks for the console: over HTTP, at one node, and at two that keep records of their own.

use crate::browser::{Answer, Visitor};
use crate::node::Start;
use crate::service::Service;
use awc::http::{Method, StatusCode};
use evidence::chain::Chain;
use evidence::incident::{Changed, Closed, Entry, IncidentId, Name, Note, Opened, Who};
use protocol::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use storage_redis::test_server::TestRedis;

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn attack(admin: &mut Visitor) {
    let order = json!({"posture": "under_attack", "why": "the provider calls", "expires_in_s": 600});
    assert_eq!(admin.say(Method::PUT, "/v1/posture", &order).await.status, StatusCode::OK);
}

/// The list, once there are so many.
async fn listed(who: &mut Visitor, count: usize) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let list = who.get("/v1/incidents").await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        let incidents = list.body["incidents"].as_array().unwrap();
        if incidents.len() == count {
            assert_eq!(list.body["is_complete"], json!(true));
            return incidents.clone();
        }
        assert!(begun.elapsed() < PATIENCE, "{}", list.body);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A file, and its text.
async fn file(who: &Visitor, path: &str) -> (StatusCode, awc::http::header::HeaderMap, String) {
    let url = format!("http://{}{path}", who.at);
    let mut response = awc::Client::new().get(url).bearer_auth(&who.token).send().await.unwrap();
    let body = response.body().await.unwrap();
    (response.status(), response.headers().clone(), String::from_utf8(body.to_vec()).unwrap())
}

/// Notes something under a key of one's own.
async fn note(who: &Visitor, id: &str, key: &str, body: &Value) -> (u16, Value) {
    let url = format!("http://{}/v1/incidents/{id}/notes", who.at);
    let request =
        awc::Client::new().post(url).bearer_auth(&who.token).insert_header(("Idempotency-Key", key));
    let mut response = request.send_json(body).await.unwrap();
    let answer = response.body().await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(&answer).unwrap_or_default())
}

async fn lines(who: &mut Visitor, id: &str) -> Answer {
    who.get(&format!("/v1/incidents/{id}?limit=200")).await
}

#[actix_rt::test]
async fn admins_note_observers_read_and_others_do_neither() {
    let mut service = Service::embedded().await;
    assert!(listed(&mut service.admin, 0).await.is_empty());
    attack(&mut service.admin).await;
    let row = listed(&mut service.admin, 1).await.remove(0);
    assert_eq!((&row["worst"], &row["is_here"]), (&json!("under_attack"), &json!(true)));
    assert_eq!((&row["why"], &row["closed_ms"]), (&json!("override"), &Value::Null));
    let id = row["id"].as_str().unwrap().to_owned();

    let words = json!({"text": "They come from <b>one</b> network. [here](javascript:x)"});
    let noted = note(&service.admin, &id, "n-1", &words).await;
    assert_eq!(noted.0, 201, "{}", noted.1);
    assert_eq!(note(&service.admin, &id, "n-1", &words).await, noted, "the same again is the same");
    let told = json!({"text": "ticket 7", "to": "the provider"});
    assert_eq!(note(&service.admin, &id, "n-2", &told).await.0, 201);
    assert_eq!(note(&service.admin, "2020-01-01T00-00-00Z", "n-3", &told).await.0, 404);
    assert_eq!(note(&service.admin, &id, "n-4", &json!({"text": " "})).await.0, 400);

    let (mut observer, _) = service.member_with(json!({"roles": ["observer"]})).await;
    assert_eq!(listed(&mut observer, 1).await[0]["id"], json!(id));
    let shown = lines(&mut observer, &id).await;
    let all = shown.body["lines"].as_array().unwrap();
    let of = |kind: &str| all.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    assert_eq!((all[0]["kind"].as_str(), all[0]["seq"].as_u64()), (Some("opened"), Some(1)));
    let admin = service.admin.get("/v1/me").await.body["id"].clone();
    assert_eq!((of("note").len(), &of("note")[0]["data"]["who"]["member"]), (1, &admin));
    assert_eq!(of("notice_sent")[0]["data"]["to"], json!("the provider"));
    assert_eq!((&shown.body["summary"]["is_intact"], &shown.body["node"]), (&json!(true), &row["node"]));
    let page = observer.get(&format!("/v1/incidents/{id}?limit=1&after=1")).await;
    assert_eq!((&page.body["lines"][0]["seq"], &page.body["next"]), (&json!(2), &json!(2)));
    assert_eq!(note(&observer, &id, "n-1", &words).await.0, 403);

    let (mut sender, _) = service.member_with(json!({"roles": ["sender"]})).await;
    for path in ["", "/2020-01-01T00-00-00Z", "/2020-01-01T00-00-00Z/report.md"] {
        assert_eq!(sender.get(&format!("/v1/incidents{path}")).await.outcome(), (403, "forbidden"));
        if !path.is_empty() {
            assert_eq!(observer.get(&format!("/v1/incidents{path}")).await.outcome(), (404, "not_found"));
        }
    }
    assert_eq!(observer.get("/v1/incidents/..%2fkeys.json").await.outcome(), (404, "not_found"));
}

#[actix_rt::test]
async fn a_report_is_a_file_of_its_kind_in_which_nobodys_words_are_markup() {
    let mut service = Service::embedded().await;
    attack(&mut service.admin).await;
    let id = listed(&mut service.admin, 1).await[0]["id"].as_str().unwrap().to_owned();
    let words =
        json!({"text": "<script>alert(1)</script> [here](javascript:alert(1)) ![x](https://example.org/x)"});
    assert_eq!(note(&service.admin, &id, "n-1", &words).await.0, 201);
    for (name, kind, says) in [
        ("report.md", "text/markdown; charset=utf-8", "# Incident of "),
        ("report.html", "text/html; charset=utf-8", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("report.json", "application/json", "\"worst\": \"under_attack\""),
        ("indicators.csv", "text/csv; charset=utf-8", "first_seen,last_seen,prefix"),
    ] {
        let (status, headers, text) = file(&service.admin, &format!("/v1/incidents/{id}/{name}")).await;
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        assert_eq!((status, header("content-type")), (StatusCode::OK, kind.to_owned()));
        assert_eq!(header("content-disposition"), format!("attachment; filename=\"incident-{id}-{name}\""));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(text.contains(says), "{text}");
        if name == "report.html" {
            assert!(header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
            for markup in ["<script", "javascript:", "<img", "example.org"] {
                assert!(!text.contains(markup), "{markup}: {text}");
            }
        }
    }
    let begun = Instant::now();
    loop {
        let audit = service.admin.get("/v1/audit").await;
        let entries = audit.body["entries"].as_array().unwrap();
        let of = |action: &str| entries.iter().filter(|entry| entry["action"] == action).count();
        if of("export.made") == 4 && of("incident.noted") == 1 {
            assert!(!audit.body.to_string().contains("alert(1)"), "words are in the record alone");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", audit.body);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Two nodes on one Redis that keep records of their own; the folder of the second.
async fn two_nodes(prepare: impl FnOnce(&Path)) -> (Service, tempfile::TempDir) {
    let redis = TestRedis::start().unwrap();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    prepare(two.path());
    let first = Start::on_redis(one.path(), &redis.url());
    let mut second = Start::on_redis(two.path(), &redis.url());
    let keys = one.path().join("keys.json");
    second.arguments.extend(["--keys".to_owned(), keys.display().to_string()]);
    (Service::started(vec![first, second], Some(redis), one).await, two)
}

#[actix_rt::test]
async fn the_list_has_the_records_of_every_node_and_says_which_are_here() {
    let (mut service, _two) = two_nodes(|_| {}).await;
    attack(&mut service.admin).await;
    let rows = listed(&mut service.admin, 2).await;
    let here: Vec<&Value> = rows.iter().filter(|row| row["is_here"] == true).collect();
    assert_eq!(here.len(), 1);
    assert!(here[0]["node"].as_str().unwrap().ends_with(&format!(":{}", service.one().port())));
    service.admin.at = service.two();
    let there = listed(&mut service.admin, 2).await;
    for row in &there {
        let (id, node) = (row["id"].as_str().unwrap(), row["node"].as_str().unwrap());
        let is_two = node.ends_with(&format!(":{}", service.two().port()));
        assert_eq!(row["is_here"], json!(is_two));
        let shown = service.admin.get(&format!("/v1/incidents/{id}?node={node}")).await;
        assert_eq!((shown.status, &shown.body["node"]), (StatusCode::OK, &row["node"]), "{}", shown.body);
    }
}

/// The record of an attack that another node had yesterday, with much to read.
fn yesterday(data: &Path) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let opened_at = Timestamp::from_millis(now.try_into().unwrap()).before(Duration::from_hours(24));
    let changed: Changed =
        serde_json::from_value(json!({"from": "elevated", "to": "survival", "trigger": "queueing_delay"}))
            .unwrap();
    let node: Name = "elsewhere:8000".parse().unwrap();
    let opened = Entry::Opened(Opened { version: 1, node, by: changed, pressed_since: None });
    let mut chain = Chain::default();
    let mut text = chain.seal(opened_at, &opened);
    for n in 0..30 {
        let words = format!("{n}: {}", "It goes on. ".repeat(300)).parse().unwrap();
        text += &chain.seal(opened_at, &Entry::Note(Note { who: Who::default(), text: words }));
    }
    text += &chain.seal(opened_at, &Entry::Closed(Closed { quiet_seconds: 600 }));
    let id = IncidentId::at(opened_at, 1).to_string();
    let folder = data.join("incidents").join(&id);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("timeline.jsonl"), text).unwrap();
    id
}

#[actix_rt::test]
async fn a_record_of_another_node_is_read_through_this_one_and_words_stay_here() {
    let mut id = String::new();
    let (mut service, two) = two_nodes(|data| id = yesterday(data)).await;
    let row = listed(&mut service.admin, 1).await.remove(0);
    assert_eq!((&row["id"], &row["is_here"], &row["lines"]), (&json!(id), &json!(false), &json!(32)));
    let (mut seen, mut query) = (Vec::new(), "?limit=200".to_owned());
    loop {
        let page = service.admin.get(&format!("/v1/incidents/{id}{query}")).await;
        assert_eq!((page.status, &page.body["node"]), (StatusCode::OK, &json!("elsewhere:8000")));
        seen.extend(page.body["lines"].as_array().unwrap().iter().map(|line| line["seq"].as_u64().unwrap()));
        let Some(next) = page.body["next"].as_u64() else { break };
        query = format!("?limit=200&after={next}");
    }
    assert_eq!(seen, (1..=32).collect::<Vec<_>>(), "in pages that are not too large");

    for (name, says) in [
        ("report.md", "29: It goes on."),
        ("report.html", "29: It goes on."),
        ("report.json", "\"worst\": \"survival\""),
        ("indicators.csv", "first_seen,last_seen,prefix"),
    ] {
        let (status, _, text) = file(&service.admin, &format!("/v1/incidents/{id}/{name}")).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        assert!(text.contains(says) && text.ends_with('\n'), "{name}: {text}");
        let here = Visitor { token: service.admin.token.clone(), ..Visitor::at(service.two()) };
        let (_, _, there) = file(&here, &format!("/v1/incidents/{id}/{name}?node=elsewhere:8000")).await;
        assert_eq!(text.len(), there.len(), "all of it came");
    }
    let words = json!({"text": "x"});
    let refused = note(&service.admin, &id, "n-1", &words).await;
    assert_eq!((refused.0, &refused.1["code"]), (409, &json!("incident_elsewhere")));
    for path in [format!("{id}?node=nowhere:1"), format!("{id}/report.md?node=nowhere:1")] {
        let missing = service.admin.get(&format!("/v1/incidents/{path}")).await;
        assert_eq!(missing.outcome(), (404, "not_found"), "{path}");
    }

    let timeline = two.path().join("incidents").join(&id).join("timeline.jsonl");
    let whole = std::fs::read_to_string(&timeline).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let much = [&lines[..31].join("\n"), "\n", &[lines[1]; 60].join("\n"), "\n"].concat();
    std::fs::write(&timeline, much).unwrap();
    let large = service.admin.get(&format!("/v1/incidents/{id}/report.md")).await;
    assert_eq!(large.outcome(), (409, "incident_elsewhere"));
}
