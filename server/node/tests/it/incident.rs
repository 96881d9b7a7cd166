//! The record of an attack and the orders of operators, on a running node.

use crate::node::{Start, TestNode, holdfast, token};
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an operator gets: the exit code, what was printed, what was said.
fn operator(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = holdfast().args(arguments).arg("--data").arg(data).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn done(data: &Path, arguments: &[&str]) -> String {
    let (code, printed, said) = operator(data, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    printed
}

fn refused(data: &Path, arguments: &[&str], words: &[&str]) {
    let (code, printed, said) = operator(data, arguments);
    assert_eq!((code, printed.as_str()), (Some(2), ""), "{arguments:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
    assert_eq!(said.lines().filter(|line| line.starts_with("holdfast: ")).count(), 1, "{said}");
}

fn attack(data: &Path) {
    let ordered = done(
        data,
        &["posture", "set", "under_attack", "--why", "the provider calls", "--for", "5m", "--as", "Ada"],
    );
    assert_eq!(ordered, "done, at all nodes within seconds\n");
}

/// The name of the one incident, once its record is there.
fn incident(data: &Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let status: Value = serde_json::from_str(&done(data, &["status", "--json"])).unwrap();
        if let Some(id) = status["incident"]["id"].as_str() {
            return id.to_owned();
        }
    }
    panic!("no record was opened");
}

fn timeline(data: &Path, id: &str) -> PathBuf {
    data.join("incidents").join(id).join("timeline.jsonl")
}

/// The kinds of lines that there are.
fn all_kinds(data: &Path, id: &str) -> Vec<String> {
    let text = fs::read_to_string(timeline(data, id)).unwrap();
    let kind_of = |line: &str| serde_json::from_str::<Value>(line).ok()?["kind"].as_str().map(str::to_owned);
    text.lines().filter_map(kind_of).collect()
}

/// The kinds of lines but for counts, which come with time, once so many of them are this.
fn kinds_with(data: &Path, id: &str, times: usize, awaited: &str) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut kinds = all_kinds(data, id);
        kinds.retain(|kind| kind != "counts");
        if kinds.iter().filter(|kind| *kind == awaited).count() >= times {
            return kinds;
        }
        assert!(Instant::now() < deadline, "{kinds:?} have no {awaited} number {times}");
    }
}

#[test]
fn an_order_opens_a_record_that_says_who_and_why_and_can_be_shown_to_others() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let node = Start::embedded(data).run();
    assert_eq!(done(data, &["incident"]), "there was no incident\n");
    assert!(done(data, &["posture"]).starts_with("normal since "));
    attack(data);
    let id = incident(data);
    let shown = done(data, &["posture", "show"]);
    assert!(shown.starts_with("under_attack since ") && shown.contains("ordered by Ada, uid "), "{shown}");
    let status: Value = serde_json::from_str(&done(data, &["status", "--json"])).unwrap();
    assert_eq!((&status["posture"], &status["incident"]["id"]), (&json!("under_attack"), &json!(id)));
    assert!(!status.to_string().contains("Ada"), "{status}");
    assert!(done(data, &["status"]).contains(&format!("{id} is open")));

    done(data, &["incident", "note", &id, "They come from one network.", "--as", "Ada"]);
    done(data, &["incident", "note", &id, "ticket 7", "--to", "the provider"]);
    done(data, &["statement", "We are slow; nothing is lost.", "--as", "Grace & Co"]);
    kinds_with(data, &id, 1, "statement");
    done(data, &["statement", "--all-clear"]);
    kinds_with(data, &id, 2, "statement");
    done(data, &["posture", "clear", "--as", "Grace & Co"]);
    // Of each of the three, and the first.
    kinds_with(data, &id, 4, "note");
    let kinds = kinds_with(data, &id, 1, "override_ended");
    assert_eq!(&kinds[..4], ["opened", "override", "note", "notice_sent"]);

    let listed: Value = serde_json::from_str(&done(data, &["incident", "list", "--json"])).unwrap();
    assert_eq!((&listed[0]["id"], &listed[0]["worst"]), (&json!(id), &json!("under_attack")));
    assert!(done(data, &["incident", "verify", &id]).starts_with("whole: "));
    let report = done(data, &["incident", "report", &id]);
    for words in [
        "by Ada, uid ",
        "the provider calls",
        "They come from one network.",
        "> ticket 7",
        "Grace & Co, uid ",
        "We are slow; nothing is lost.",
        "all clear",
        "was sent no publication",
        "[TO FILL IN: ",
        "whole |",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let json: Value =
        serde_json::from_str(&done(data, &["incident", "report", &id, "--format", "json"])).unwrap();
    assert_eq!(json["incident"]["worst"], "under_attack");
    let csv = done(data, &["incident", "report", &id, "--format", "csv"]);
    assert_eq!(csv.trim_end(), "first_seen,last_seen,prefix,asn,class,offered,peak_rps,action,confidence");
    drop(node);
    assert_eq!(done(data, &["incident", "report", &id, "--format", "csv"]), csv, "no node is needed");
}

#[actix_rt::test]
async fn what_an_admin_does_over_http_is_in_the_record_with_who_did_it() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let node = Start::embedded(data).run();
    attack(data);
    let id = incident(data);
    let admin = token(data, &["--sub", "grace", "--role", "admin"]);
    let client = awc::Client::new();
    let url = |path: &str| format!("http://{}/v1/{path}", node.address);
    let said =
        client.put(url("status/statement")).bearer_auth(&admin).send_json(&json!({"text": "We know."}));
    assert_eq!(said.await.unwrap().status(), StatusCode::NO_CONTENT);
    let ended = client.delete(url("posture")).bearer_auth(&admin).send();
    assert_eq!(ended.await.unwrap().status(), StatusCode::OK);
    kinds_with(data, &id, 2, "note");
    let report = done(data, &["incident", "report", &id]);
    for words in ["member grace", "put a statement on the status page", "took the order back"] {
        assert!(report.contains(words), "{words}: {report}");
    }
}

#[test]
fn a_node_that_is_killed_goes_on_with_its_record_and_takes_its_socket_back() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let start = Start::embedded(data);
    let node = start.run();
    attack(data);
    let id = incident(data);
    kinds_with(data, &id, 1, "override");
    node.kill();
    let path = timeline(data, &id);
    let mut torn = fs::read(&path).unwrap();
    torn.extend(b"{\"seq\":3,\"at\":1");
    fs::write(&path, torn).unwrap();
    refused(data, &["status"], &["no node answers at ", "ops.sock", "start it again"]);

    let node = start.run();
    // The order outlives the node that it was given to.
    let kinds = kinds_with(data, &id, 2, "override");
    assert_eq!(kinds, ["opened", "override", "resumed", "posture", "override"]);
    done(data, &["status"]);
    done(data, &["incident", "verify", &id]);
    assert_eq!(node.terminate().code(), Some(0));
    let last = all_kinds(data, &id).pop().unwrap();
    assert_eq!(last, "counts", "the last counts are written, the record stays open");
    refused(data, &["status"], &["no node runs here", "ops.sock"]);
    done(data, &["incident", "verify", &id]);
}

#[test]
fn what_an_operator_gets_wrong_is_said_once() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    refused(data, &["posture"], &["no node runs here", "--data or --ops-socket"]);
    refused(data, &["incident", "report", "2026-11-26T10-00-00Z"], &["no incident 2026-11-26T10-00-00Z"]);
    refused(data, &["incident", "verify", "nowhere"], &["nowhere is neither"]);
    let _node = Start::embedded(data).run();
    refused(data, &["posture", "set", "calm", "--why", "x"], &["normal, elevated, under_attack or survival"]);
    refused(data, &["posture", "set", "normal", "--why", "x", "--for", "3days"], &["24 hours"]);
    refused(data, &["posture", "set", "normal", "--why", "x", "--for", "soon"], &["like 30m"]);
    refused(data, &["posture", "set", "normal", "--why", " "], &["why is a reason"]);
    refused(data, &["posture", "clear"], &["no order holds"]);
    refused(data, &["statement", " "], &["1 to 500 characters"]);
    refused(data, &["incident", "note", "2026-11-26T10-00-00Z", "x"], &["404"]);
    let (code, _, said) = operator(data, &["posture", "set", "normal", "--why", "x", "--as", "a\nb"]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_line_that_was_changed_is_named() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let node = Start::embedded(data).run();
    attack(data);
    let id = incident(data);
    kinds_with(data, &id, 1, "override");
    node.kill();
    let path = timeline(data, &id);
    let changed = fs::read_to_string(&path).unwrap().replace("the provider calls", "nobody calls");
    fs::write(&path, changed).unwrap();
    refused(data, &["incident", "verify", &id], &["line 2 was changed after it was written"]);
    assert!(done(data, &["incident"]).contains("BROKEN"));
    assert!(done(data, &["incident", "report", &id]).contains("**broken**: line 2"));
}

/// The lines of shell in the documentation, on a timeline.
fn checked_by_shell(timeline: &Path) -> (bool, String) {
    const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/incidents.md");
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let from = document.find("previous=$(printf").unwrap();
    let script = document[from..].split("```").next().unwrap();
    let shell = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(timeline.parent().unwrap())
        .output()
        .unwrap();
    (shell.status.success(), String::from_utf8(shell.stdout).unwrap())
}

#[test]
fn anybody_with_a_shell_can_check_a_record() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let node = Start::embedded(data).run();
    attack(data);
    let id = incident(data);
    done(data, &["incident", "note", &id, "a text with ,\"hash\":\"00\"} in it; and \\ 100 % ${HOME}"]);
    node.kill();
    let path = timeline(data, &id);
    let head = done(data, &["incident", "verify", &id]).trim().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(checked_by_shell(&path), (true, format!("whole, last hash {head}\n")));
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("100 %", "101 %")).unwrap();
    let (is_whole, said) = checked_by_shell(&path);
    assert!(!is_whole && said.starts_with("changed: "), "{said}");
    let second = text.lines().skip(1).flat_map(|line| [line, "\n"]).collect::<String>();
    fs::write(&path, second).unwrap();
    assert!(checked_by_shell(&path).1.starts_with("not linked: "));
}

#[test]
fn the_socket_is_for_its_owner_and_for_one_node() {
    let data = tempfile::tempdir().unwrap();
    let socket = data.path().join("ops.sock");
    let node = Start::embedded(data.path()).run();
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    let other = tempfile::tempdir().unwrap();
    let mut second = Start::embedded(other.path());
    second.arguments = vec!["--ops-socket".into(), socket.display().to_string()];
    let (code, said) = second.refusal();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("another node answers there") && said.contains("--ops-socket"), "{said}");
    done(data.path(), &["status"]);
    assert_eq!(node.terminate().code(), Some(0));
    assert!(!socket.exists());

    let mut off = Start::embedded(data.path());
    off.arguments = vec!["--ops-socket".into(), "off".into()];
    let _node = off.run();
    assert!(!socket.exists());
}

/// A node that is asked over TCP.
struct OverTcp {
    _node: TestNode,
    ops: SocketAddr,
    data: tempfile::TempDir,
}

impl OverTcp {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let start = Start::embedded(data.path()).with_ops();
        Self { _node: start.run(), ops: start.ops.unwrap(), data }
    }

    async fn ask(&self, method: Method, path: &str, role: Option<&str>, body: &Value) -> StatusCode {
        let mut request = awc::Client::new().request(method, format!("http://{}{path}", self.ops));
        if let Some(role) = role {
            request = request.bearer_auth(token(self.data.path(), &["--sub", "m_1", "--role", role]));
        }
        request.send_json(body).await.unwrap().status()
    }
}

#[actix_rt::test]
async fn over_tcp_what_orders_or_names_people_needs_an_admin() {
    let running = OverTcp::start();
    let order = json!({"posture": "elevated", "why": "a drill", "for": "1m"});
    let note = "/incidents/2026-11-26T10-00-00Z/notes";
    let report = "/incidents/2026-11-26T10-00-00Z/report.md";
    for (method, path) in [
        (Method::GET, "/posture"),
        (Method::PUT, "/posture"),
        (Method::DELETE, "/posture"),
        (Method::PUT, "/statement"),
        (Method::DELETE, "/statement"),
        (Method::GET, "/incidents"),
        (Method::GET, report),
        (Method::POST, note),
    ] {
        let ask = async |role| running.ask(method.clone(), path, role, &order).await;
        assert_eq!(ask(None).await, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(ask(Some("sender")).await, StatusCode::FORBIDDEN, "{method} {path}");
    }
    let ask = async |method, path, body: Value| running.ask(method, path, Some("admin"), &body).await;
    assert_eq!(ask(Method::GET, "/incidents", json!(null)).await, StatusCode::OK);
    assert_eq!(ask(Method::GET, report, json!(null)).await, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::GET, "/incidents/../report.md", json!(null)).await, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::GET, "/incidents/%2e%2e/report.md", json!(null)).await, StatusCode::NOT_FOUND);
    assert_eq!(ask(Method::POST, note, json!({"text": "x"})).await, StatusCode::NOT_FOUND);
    for bad in [json!(null), json!({}), json!({"text": ""}), json!({"text": "x", "more": 1}), json!([[[]]])] {
        assert_eq!(ask(Method::POST, note, bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(ask(Method::PUT, "/posture", bad.clone()).await, StatusCode::BAD_REQUEST, "{bad}");
    }
    let endless = json!({"text": "x".repeat(100_000)});
    assert_eq!(ask(Method::POST, note, endless).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask(Method::DELETE, "/posture?as=%00", json!(null)).await, StatusCode::BAD_REQUEST);
    assert_eq!(ask(Method::PUT, "/posture", order.clone()).await, StatusCode::OK);
    let status = running.ask(Method::GET, "/status", None, &json!(null)).await;
    assert_eq!(status, StatusCode::OK, "figures need no password");
}

mod live {
    use super::*;
    use awc::ws::Frame;
    use futures_util::StreamExt;

    async fn viewer(ops: SocketAddr) -> Option<actix_codec::Framed<awc::BoxedSocket, awc::ws::Codec>> {
        Some(awc::Client::new().ws(format!("http://{ops}/live")).connect().await.ok()?.1)
    }

    #[actix_rt::test]
    async fn each_viewer_gets_a_line_a_second_and_there_are_eight_of_them() {
        let running = OverTcp::start();
        let mut viewers = Vec::new();
        for _ in 0..8 {
            viewers.push(viewer(running.ops).await.unwrap());
        }
        assert!(viewer(running.ops).await.is_none(), "one more is refused");
        for viewer in &mut viewers {
            let frame = tokio::time::timeout(PATIENCE, viewer.next()).await.unwrap().unwrap().unwrap();
            let Frame::Text(line) = frame else { panic!("{frame:?}") };
            let line: Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(line["posture"], "normal");
            assert!(line["connections"]["activist"].is_u64(), "{line}");
        }
        drop(viewers.pop());
        let again = async { while viewer(running.ops).await.is_none() {} };
        tokio::time::timeout(PATIENCE, again).await.expect("a place is free again");
    }

    #[actix_rt::test]
    async fn a_page_of_somebody_else_may_not_watch() {
        let running = OverTcp::start();
        let connecting = awc::Client::new().ws(format!("http://{}/live", running.ops));
        assert!(connecting.origin("https://evil.example").connect().await.is_err());
    }

    #[actix_rt::test]
    async fn viewers_are_told_when_the_node_stops() {
        let data = tempfile::tempdir().unwrap();
        let start = Start::embedded(data.path()).with_ops();
        let node = start.run();
        let mut viewer = viewer(start.ops.unwrap()).await.unwrap();
        let stopping = std::thread::spawn(move || node.terminate());
        let last = async {
            loop {
                match viewer.next().await {
                    Some(Ok(Frame::Close(reason))) => return reason,
                    Some(Ok(_)) => {}
                    other => panic!("{other:?} instead of a close"),
                }
            }
        };
        let reason = tokio::time::timeout(PATIENCE, last).await.unwrap().unwrap();
        assert_eq!(u16::from(reason.code), 1001);
        assert_eq!(stopping.join().unwrap().code(), Some(0));
    }

    #[test]
    fn an_operator_watches_over_the_socket_until_the_node_stops() {
        let data = tempfile::tempdir().unwrap();
        let node = Start::embedded(data.path()).run();
        let mut watching = holdfast()
            .args(["status", "--watch", "--data"])
            .arg(data.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut lines = std::io::BufReader::new(watching.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut lines, &mut first).unwrap();
        assert!(first.contains(" normal q="), "{first}");
        assert_eq!(node.terminate().code(), Some(0));
        assert_eq!(watching.wait().unwrap().code(), Some(0));
    }
}
