//! Requests that are strange, but each in one way only.

use super::raw::{Peer, answers_to, refusal_of, statuses};
use crate::node::Start;

#[test]
fn what_is_no_http_1_is_answered_with_400_and_closed() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    for (name, bytes) in [
        ("the preface of HTTP/2", &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..]),
        ("HTTP/2.0", b"GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n"),
        ("HTTP/1.2", b"GET /health HTTP/1.2\r\nHost: localhost\r\n\r\n"),
        ("HTTP/0.9", b"GET /health\r\n\r\n"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("Redis", b"*1\r\n$4\r\nPING\r\n"),
        ("a method in UTF-8", b"F\xc3\xb6 / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("two blanks", b"GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("tabs", b"GET\t/health\tHTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("a blank in the target", b"GET /health /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("no host", b"GET /health HTTP/1.1\r\n\r\n"),
        ("two hosts", b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
        ("an empty host", b"GET /health HTTP/1.1\r\nHost:\r\n\r\n"),
        ("a host that is none", b"GET /health HTTP/1.1\r\nHost: a b@c/d\r\n\r\n"),
    ] {
        assert_eq!(refusal_of(node.address, bytes), [400], "{name}");
    }
}

#[test]
fn a_strange_method_or_target_finds_nothing() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let long = format!("/{}", "a".repeat(10_000));
    for (method, target) in [
        ("TRACE", "/"),
        ("OPTIONS", "*"),
        ("GET", "*"),
        ("get", "/health"),
        ("BREW", "/health"),
        ("PROPFIND", "/"),
        ("CONNECT", "evil.example:80"),
        ("GET", "evil.example:80"),
        ("GET", long.as_str()),
        ("GET", "/%00"),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd"),
        ("GET", "/%ff%fe"),
        ("DELETE", "/v1/invites/"),
    ] {
        let request = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(
            answers_to(node.address, request.as_bytes()),
            [404],
            "{method} {}",
            &target[..target.len().min(40)]
        );
    }
}

#[test]
fn a_target_with_a_host_in_it_is_read_by_its_path() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let request = "GET http://evil.example/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert_eq!(answers_to(node.address, request.as_bytes()), [200]);
}

#[test]
fn a_thousand_requests_at_once_are_answered_one_by_one_in_order() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let one = |at: usize| {
        let path = if at.is_multiple_of(7) { "/nothing" } else { "/health" };
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
    };
    let requests: String = (0..1_000).map(one).collect();
    let expected: Vec<u16> = (0..1_000usize).map(|at| if at.is_multiple_of(7) { 404 } else { 200 }).collect();
    let mut peer = Peer::connect(node.address);
    peer.send(requests.as_bytes());
    peer.finish();
    assert_eq!(statuses(&peer.rest()), expected);
}

#[test]
fn a_further_head_that_never_ends_is_cut_off_before_it_is_large() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let mut peer = Peer::connect(node.address);
    peer.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\n");
    let line = format!("X: {}\r\n", "a".repeat(1_000));
    for _ in 0..100 {
        peer.send(line.as_bytes());
    }
    // What was answered may be lost with the reset.
    let answered = statuses(&peer.rest());
    assert!(answered.is_empty() || answered == [200], "{answered:?}");
}

#[test]
fn a_body_that_is_announced_is_asked_for_once() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let head = "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length";
    assert_eq!(answers_to(node.address, format!("{head}: 2\r\n\r\n{{}}").as_bytes()), [100, 401]);
    let other = head.replace("100-continue", "200-ok");
    assert_eq!(answers_to(node.address, format!("{other}: 2\r\n\r\n{{}}").as_bytes()), [401]);
}

#[test]
fn a_body_that_is_no_json_or_no_request_is_answered_with_400() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let deep = "[".repeat(16_000);
    for body in [
        "",
        "{",
        "null",
        "[]",
        deep.as_str(),
        "{\"token\":\"a\",\"token\":\"b\",\"attempt\":\"attempt-0123456789\"}",
        "{\"token\":\"a\",\"attempt\":\"attempt-0123456789\",\"roles\":[\"admin\"]}",
        "{\"token\":\"\\ud800\",\"attempt\":\"attempt-0123456789\"}",
        "{\"token\":7,\"attempt\":\"attempt-0123456789\"}",
        "\u{feff}{\"token\":\"a\",\"attempt\":\"attempt-0123456789\"}",
        "{\"token\":\"a\",\"attempt\":\"short\"}",
    ] {
        let request = format!(
            "POST /v1/invites/redeem HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert_eq!(answers_to(node.address, request.as_bytes()), [400], "{}", &body[..body.len().min(80)]);
    }
}

#[test]
fn a_body_that_is_too_large_is_counted() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path()).with_ops();
    let node = start.run();
    let head = "POST /v1/session HTTP/1.1\r\nHost: localhost";
    let declared = format!("{head}\r\nContent-Length: 16385\r\n\r\n");
    assert_eq!(refusal_of(node.address, declared.as_bytes()), [400]);
    let chunk = format!("{head}\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n{}", " ".repeat(0x4001));
    assert_eq!(refusal_of(node.address, chunk.as_bytes()), [400]);
    let mut operator = Peer::connect(start.ops.unwrap());
    operator.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let metrics = String::from_utf8(operator.rest()).unwrap();
    let line = "holdfast_limits_reached_total{limit=\"body_max_bytes\"} 2\n";
    assert!(metrics.contains(line), "{metrics}");
}
