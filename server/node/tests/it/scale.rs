//! Ten thousand members at one process: what a socket costs, and what a bulletin to all of them takes. Not part of
//! `make test`, because it is about figures: `make sockets`.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

const SOCKETS: usize = 10_000;
/// Connections of one device, so that fewer tokens are needed.
const EACH: usize = 16;
const BULLETINS: usize = 20;
const CHANNEL: &str = "bulletins:all";

/// What all readers have seen together.
#[derive(Default)]
struct Seen {
    bulletins: Cell<usize>,
    subscribed: Cell<usize>,
    changed: Notify,
}

/// A masked text frame.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 0x7e];
    frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Upgrades, connects, subscribes; then counts what comes, and answers pings.
async fn read(node: std::net::SocketAddr, token: Rc<str>, seen: Rc<Seen>) {
    let mut socket = TcpStream::connect(node).await.unwrap();
    let head = format!(
        "GET /connection/websocket HTTP/1.1\r\nHost: {node}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = vec![0; 2_048];
    let mut kept = String::new();
    while !kept.contains("\r\n\r\n") {
        let count = socket.read(&mut bytes).await.unwrap();
        kept.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    let connect = json!({"id": 1, "connect": {"token": &*token}}).to_string();
    let subscribe = json!({"id": 2, "subscribe": {"channel": CHANNEL}}).to_string();
    socket.write_all(&frame(&format!("{connect}\n{subscribe}"))).await.unwrap();
    drop(kept);
    loop {
        let count = socket.read(&mut bytes).await.unwrap_or(0);
        assert_ne!(count, 0, "closed");
        // Marks that are never cut here: each comes in a frame far smaller than the buffer, one at a time.
        let text = String::from_utf8_lossy(&bytes[..count]);
        let count_of = |mark: &str| text.matches(mark).count();
        let (subscribed, bulletins) = (count_of("\"id\":2"), count_of("\"bulletin\":"));
        seen.subscribed.set(seen.subscribed.get() + subscribed);
        seen.bulletins.set(seen.bulletins.get() + bulletins);
        if text.ends_with("{}") && !text.ends_with(":{}") {
            socket.write_all(&frame("{}")).await.unwrap();
        }
        if subscribed + bulletins > 0 {
            seen.changed.notify_one();
        }
    }
}

async fn until(seen: &Seen, enough: impl Fn(&Seen) -> bool) {
    tokio::time::timeout(Duration::from_mins(2), async {
        while !enough(seen) {
            seen.changed.notified().await;
        }
    })
    .await
    .expect("in time");
}

/// CPU time of the node.
fn cpu(node: &TestNode) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", node.id())).unwrap();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = [11, 12].iter().map(|at: &usize| fields[*at].parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

#[actix_rt::test]
#[ignore = "about figures; see `make sockets`"]
async fn ten_thousand_members_at_one_process() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path());
    start.arguments = ["--workers", "1"].map(String::from).to_vec();
    let node = start.run();
    let tokens: Vec<Rc<str>> = (0..SOCKETS.div_ceil(EACH))
        .map(|n| token(data.path(), &["--sub", &format!("member-{n}")]).into())
        .collect();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    writer.publish(CHANNEL, "first").await.unwrap().unwrap();

    let (resident, before) = (node.resident_bytes(), Instant::now());
    let seen = Rc::<Seen>::default();
    for n in 0..SOCKETS {
        drop(actix_rt::spawn(read(node.address, Rc::clone(&tokens[n / EACH]), Rc::clone(&seen))));
    }
    until(&seen, |seen| seen.subscribed.get() >= SOCKETS).await;
    let took = before.elapsed();
    let per_socket = (node.resident_bytes() - resident) / SOCKETS;
    eprintln!(
        "{SOCKETS} sockets, identified and subscribed in {took:?}: {per_socket} bytes of the node each"
    );

    let (began, spent) = (Instant::now(), cpu(&node));
    for n in 0..BULLETINS {
        let data = json!({"bulletin": n, "text": "x".repeat(100)});
        let argument = json!({"channel": CHANNEL, "idempotency_key": format!("b{n}"), "data": data});
        writer.request(json!({"rpc": {"method": "publish", "data": argument}})).await.unwrap();
        until(&seen, |seen| seen.bulletins.get() >= (n + 1) * SOCKETS).await;
    }
    let deliveries = u32::try_from(SOCKETS * BULLETINS).unwrap();
    let (took, spent) = (began.elapsed(), cpu(&node).saturating_sub(spent));
    eprintln!(
        "{deliveries} deliveries, one bulletin at a time, in {took:?}: {:?} of the node's CPU each",
        spent / deliveries
    );
    let with_traffic = (node.resident_bytes() - resident) / SOCKETS;
    eprintln!("{with_traffic} bytes of the node each afterwards");
    assert_eq!(seen.bulletins.get(), SOCKETS * BULLETINS, "each once");
}
