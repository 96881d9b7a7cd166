//! Upgrades that are none, and upgrades from pages of somebody else.

use super::raw::{UPGRADE, answers_to, refusal_of};
use crate::node::Start;

/// The good upgrade with a change.
fn with(from: &str, to: &str) -> String {
    assert!(UPGRADE.contains(from), "{from}");
    format!("{}\r\n", UPGRADE.replace(from, to))
}

/// The good upgrade with one more header.
fn and(header: &str) -> String {
    format!("{UPGRADE}{header}\r\n\r\n")
}

#[test]
fn an_upgrade_that_is_none_is_refused_and_the_connection_closed() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    for (name, request, status) in [
        ("version 12", with("Version: 13", "Version: 12"), 426),
        ("versions in a list", with("Version: 13", "Version: 13, 8"), 426),
        ("no version", with("Sec-WebSocket-Version: 13\r\n", ""), 400),
        ("two versions", and("Sec-WebSocket-Version: 13"), 400),
        ("no key", with(&format!("Sec-WebSocket-Key: {key}\r\n"), ""), 400),
        ("an empty key", with(key, ""), 400),
        ("a key that is no base64", with(key, "!!!!IHNhbXBsZSBub25jZQ=="), 400),
        ("a key of 15 bytes", with(key, "YWFhYWFhYWFhYWFhYWFh"), 400),
        ("a key of 17 bytes", with(key, "YWFhYWFhYWFhYWFhYWFhYWE="), 400),
        ("two keys", and(&format!("Sec-WebSocket-Key: {key}")), 400),
        ("no Upgrade", with("Upgrade: websocket\r\n", ""), 400),
        ("no Connection", with("Connection: Upgrade\r\n", ""), 400),
        ("Upgrade to something else", with("Upgrade: websocket", "Upgrade: h2c"), 400),
        ("Upgrade to nearly this", with("Upgrade: websocket", "Upgrade: notwebsocket"), 400),
        ("Upgrade to one of two", with("Upgrade: websocket", "Upgrade: websocket, h2c"), 400),
        ("Upgrade twice", and("Upgrade: websocket"), 400),
        ("HTTP/1.0", with("HTTP/1.1", "HTTP/1.0"), 400),
        ("POST", with("GET ", "POST "), 400),
        ("HEAD", with("GET ", "HEAD "), 400),
        ("a length", and("Content-Length: 5"), 400),
        ("chunks", and("Transfer-Encoding: chunked"), 400),
        ("an unknown path", with("/connection/websocket", "/connection/websocket/"), 404),
        ("an escaped path", with("/connection/websocket", "/connection%2fwebsocket"), 404),
        ("a page", with("/connection/websocket", "/health"), 200),
    ] {
        assert_eq!(refusal_of(node.address, request.as_bytes()), [status], "{name}");
    }
}

#[test]
fn a_browser_on_a_page_of_somebody_else_is_refused_before_the_upgrade() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let own = format!("http://{}", node.address);
    for header in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin:",
        &format!("Origin: {own}.evil.example"),
        &format!("Origin: {own}/"),
        &format!("Origin: {}", own.replace("http:", "https:")),
        &format!("Origin: {own}, https://evil.example"),
        "Cookie: holdfast_device=anything",
        "Cookie: a=b; holdfast_device=anything",
        "Cookie: a=b\r\nCookie: holdfast_device=anything",
        "Cookie: holdfast_device=anything\r\nOrigin: https://evil.example",
    ] {
        let answer = answers_to(node.address, and(header).as_bytes());
        assert_eq!(answer, [403], "{header}");
    }
    let two = format!("Origin: {own}\r\nOrigin: https://evil.example");
    assert_eq!(answers_to(node.address, and(&two).as_bytes()), [400], "{two}");
    for header in [&format!("Origin: {own}"), "Cookie: a=b", "Cookie: ;;;=;holdfast_device"] {
        assert_eq!(answers_to(node.address, and(header).as_bytes()), [101], "{header}");
    }
}

#[test]
fn no_extension_is_agreed_on() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let mut peer = super::raw::Peer::connect(node.address);
    peer.send(and("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits").as_bytes());
    peer.finish();
    let answer = String::from_utf8_lossy(&peer.rest()).to_lowercase();
    assert!(answer.starts_with("http/1.1 101") && !answer.contains("permessage-deflate"), "{answer}");
}
