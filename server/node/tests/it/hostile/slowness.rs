//! Who takes their time, a byte a second: each has a deadline, and nobody waits for them.

use super::neighbour::unfelt;
use super::raw::{Peer, TEXT, UPGRADE, header, statuses};
use crate::node::{Start, TestNode};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// So many of each kind at once.
const EACH: usize = 40;
/// Bytes that each sends, one a second: past the deadlines of heads and bodies, 5 s.
const DRIPS: usize = 7;

struct Slow {
    name: &'static str,
    peer: Peer,
    drip: &'static [u8],
}

impl Slow {
    fn new(address: SocketAddr, name: &'static str, first: &str, drip: &'static [u8]) -> Self {
        let mut peer = Peer::connect(address);
        peer.send(first.as_bytes());
        peer.have_patience(Duration::from_secs(4));
        Self { name, peer, drip }
    }
}

fn slow_requests(address: SocketAddr) -> impl Iterator<Item = Slow> {
    let redeem = "POST /v1/invites/redeem HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    let session = "POST /v1/session HTTP/1.1\r\nHost: localhost\r\n";
    let kinds = [
        ("says nothing", String::new(), &b""[..]),
        ("half a head", "GET /health HTTP/1.1\r\nHo".into(), b""),
        ("a head by drips", "GET /health HTTP/1.1\r\nX: ".into(), b"a"),
        ("an upgrade by drips", UPGRADE.into(), b"X"),
        ("no body", format!("{redeem}Content-Length: 100\r\n\r\n"), b""),
        ("a body by drips", format!("{redeem}Content-Length: 100\r\n\r\n"), b" "),
        ("chunks by drips", format!("{redeem}Transfer-Encoding: chunked\r\n\r\n"), b"1\r\n \r\n"),
        ("no body where none is needed", format!("{session}Content-Length: 100\r\n\r\n"), b""),
        (
            "chunks where none are needed",
            format!("{session}Transfer-Encoding: chunked\r\n\r\n"),
            b"1\r\n \r\n",
        ),
        ("a chunk and no end", format!("{session}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n"), b""),
    ];
    kinds.into_iter().flat_map(move |(name, first, drip)| {
        (0..EACH).map(move |_| Slow::new(address, name, &first, drip)).collect::<Vec<_>>()
    })
}

#[test]
fn whoever_is_slow_is_cut_off_in_time_and_nobody_else_feels_it() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let mut strangers: Vec<(&str, Peer)> = Vec::new();
        for (name, bytes) in [
            ("says nothing", Vec::new()),
            ("half a header", vec![TEXT]),
            ("half a frame", [header(TEXT, 5), b"{".to_vec()].concat()),
        ] {
            let mut peer = Peer::upgraded(node.address);
            peer.send(&bytes);
            strangers.push((name, peer));
        }
        let mut slow: Vec<Slow> = slow_requests(node.address).collect();
        for _ in 0..DRIPS {
            // The attack's own pace.
            thread::sleep(Duration::from_secs(1));
            for one in &mut slow {
                one.peer.send(one.drip);
            }
        }
        for one in &mut slow {
            let said: &[u16] = if one.name == "says nothing" { &[] } else { &[408] };
            assert_eq!(statuses(&one.peer.rest()), said, "{}", one.name);
        }
        for (name, mut stranger) in strangers {
            assert_eq!(stranger.close_code(), Some(3502), "{name}");
        }
    });
}

#[test]
fn a_second_request_on_a_connection_has_no_more_time_than_the_first() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let first = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let kinds = [
        ("half a head", format!("{first}GET /health HTTP/1.1\r\nHo"), &b""[..]),
        ("a head by drips", format!("{first}GET /health HTTP/1.1\r\nX: "), b"a"),
    ];
    are_cut_off_after_their_answer(&node, kinds, 200);
}

#[test]
fn a_refused_upgrade_buys_no_time_for_the_next_request() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let refused = "GET /connection/websocket HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let kinds = [
        ("half a head", format!("{refused}GET /health HTTP/1.1\r\nHo"), &b""[..]),
        ("a head by drips", format!("{refused}GET /health HTTP/1.1\r\nX: "), b"a"),
    ];
    are_cut_off_after_their_answer(&node, kinds, 400);
}

fn are_cut_off_after_their_answer(
    node: &TestNode,
    kinds: [(&'static str, String, &'static [u8]); 2],
    answer: u16,
) {
    let mut slow: Vec<Slow> =
        kinds.map(|(name, first, drip)| Slow::new(node.address, name, &first, drip)).into();
    // Twice the deadline of a head: whether it begins with the first byte or with the answer before it is not asked.
    for _ in 0..10 {
        // The attack's own pace.
        thread::sleep(Duration::from_secs(1));
        for one in &mut slow {
            one.peer.send(one.drip);
        }
    }
    for one in &mut slow {
        assert_eq!(statuses(&one.peer.rest()).first(), Some(&answer), "{}", one.name);
    }
}
