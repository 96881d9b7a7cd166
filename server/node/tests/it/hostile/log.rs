//! The log is the operator's: who could write there without being known could fill a disk.

use super::raw::{FIN, PING, Peer, TEXT, UPGRADE, code_after, frame, header, refusal_of, text};
use crate::node::{Start, token};
use std::fs::{self, File};

/// So often each.
const TIMES: usize = 20;

#[test]
fn nobody_outside_writes_a_line() {
    let data = tempfile::tempdir().unwrap();
    let log = data.path().join("log");
    let mut start = Start::embedded(&data.path().join("data"));
    start.arguments = vec!["--ops-socket".into(), "off".into()];
    let node = start.run_with_log(File::create(&log).unwrap());
    let token = token(&data.path().join("data"), &["--sub", "m_1"]);
    for _ in 0..TIMES {
        for request in [
            "nonsense\r\n\r\n".to_owned(),
            "GET / HTTP/9.9\r\n\r\n".to_owned(),
            "GET /\u{1b}[31mred HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n".to_owned(),
            format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(100)),
            "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"
                .to_owned(),
            "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n".to_owned(),
            format!("{UPGRADE}Origin: https://evil.example\r\nConnection: close\r\n\r\n"),
            format!("{UPGRADE}Content-Length: 5\r\n\r\n"),
        ] {
            assert_eq!(refusal_of(node.address, request.as_bytes()).len(), 1, "{request}");
        }
        for bytes in [
            frame(PING & !FIN, b""),
            frame(TEXT, b"\xff"),
            header(TEXT, 1 << 40),
            text("nonsense"),
            text(r#"{"id":1,"connect":{"token":"nonsense"}}"#),
        ] {
            assert!(code_after(node.address, &bytes).is_some());
        }
        let mut gone = Peer::identified(node.address, &token);
        gone.send(&header(TEXT, 100));
    }
    assert!(node.terminate().success());
    let log = fs::read_to_string(log).unwrap();
    let others: Vec<&str> =
        log.lines().filter(|line| !line.contains(r#""target":"holdfast::serve""#)).collect();
    assert!(others.is_empty() && !log.is_empty(), "{others:#?}");
}
