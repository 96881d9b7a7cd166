//! Much of what is allowed, or of what is refused: memory stays as it is, and who is beside it feels nothing.

use super::neighbour::unfelt;
use super::raw::{FIN, PING, Peer, TEXT, frame, header};
use crate::node::Start;
use std::time::Duration;

const MIB: usize = 1_024 * 1_024;

#[test]
fn sixty_four_megabytes_behind_a_header_that_declares_four_gigabytes() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        for _ in 0..4 {
            let mut peer = Peer::upgraded(node.address);
            peer.send(&header(TEXT, 1 << 32));
            peer.send(&vec![b' '; 16 * MIB]);
            assert_eq!(peer.close_code(), Some(1009));
        }
    });
}

#[test]
fn a_hundred_frames_that_never_end() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let half = [header(TEXT, 64 * 1_024), vec![b' '; 32 * 1_024]].concat();
        let peers: Vec<Peer> = (0..100)
            .map(|_| {
                let mut peer = Peer::upgraded(node.address);
                peer.send(&half);
                peer
            })
            .collect();
        drop(peers);
    });
}

#[test]
fn pings_from_a_stranger_who_does_not_read() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let mut peer = Peer::upgraded(node.address);
        peer.have_patience(Duration::from_secs(5));
        // The first fill what waits for this reader, the others come on top of it.
        peer.send_what_is_taken(&frame(PING, &[b'x'; 125]).repeat(20_000));
        peer.send_what_is_taken(&frame(PING, b"").repeat(300_000));
    });
}

#[test]
fn pings_from_a_stranger_who_reads_are_answered_with_the_latest_at_least() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let mut peer = Peer::upgraded(node.address);
        for _ in 0..20 {
            peer.send(&frame(PING, b"early").repeat(500));
            peer.send(&frame(PING, b"late"));
            while peer.pongs.pop().is_none_or(|pong| pong != b"late") {
                peer.hear_a_pong();
            }
        }
    });
}

#[test]
fn messages_in_fragments_of_a_byte_end_the_connection() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let mut peer = Peer::upgraded(node.address);
        peer.send(&frame(TEXT & !FIN, b" "));
        peer.send(&frame(0, b" ").repeat(1_000_000));
        assert_eq!(peer.close_code(), Some(1008));
    });
}

#[test]
fn heads_urls_and_bodies_of_ten_megabytes() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let long = "a".repeat(10 * MIB);
    let chunk = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    unfelt(&node, data.path(), || {
        for (request, status) in [
            (format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n"), 431),
            (format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), 431),
            (format!("{long} / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 431),
            (format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "A: b\r\n".repeat(1_000)), 431),
            (format!("{}GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\r\n".repeat(MIB)), 431),
            (
                format!(
                    "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n{long}"
                ),
                400,
            ),
            (
                format!(
                    "POST /v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"
                ),
                400,
            ),
        ] {
            assert_eq!(
                super::raw::refusal_of(node.address, request.as_bytes()),
                [status],
                "{}",
                &request[..60]
            );
        }
    });
}

#[test]
fn empty_fragments_without_end() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    unfelt(&node, data.path(), || {
        let mut peer = Peer::upgraded(node.address);
        peer.send(&frame(TEXT & !FIN, b""));
        peer.send(&frame(0, b"").repeat(1_000_000));
        assert_eq!(peer.close_code(), Some(1008));
    });
}

#[test]
fn requests_without_end_of_twenty_who_do_not_read() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let requests = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(4 * MIB / 36);
    unfelt(&node, data.path(), || {
        let mut peers: Vec<Peer> = (0..20).map(|_| Peer::connect(node.address)).collect();
        for peer in &mut peers {
            peer.have_patience(Duration::from_millis(200));
            peer.send_what_is_taken(&requests);
        }
    });
}
