//! Readers that take little or nothing: nobody else waits for them, they lose nothing, and they cost little.

use crate::client::Client;
use crate::node::{Start, TestNode, token};
use crate::ops::{Told, metrics};
use crate::raw::{Ended, RawClient};
use serde_json::json;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

const CHANNEL: &str = "bulletins:all";
/// The smallest that Linux allows.
const LITTLE_BYTES: usize = 2 * 1024;
/// What a stalled reader may cost, with the kernel's buffers (reliability: "memory per hostile connection").
const STALLED_MAX_BYTES: usize = 256 * 1024;

/// Posts messages of 2 KiB with the numbers of `range`.
async fn publish(client: &mut Client, range: std::ops::Range<u64>) {
    for n in range {
        let data = json!({"n": n, "text": "x".repeat(2_000)});
        let argument = json!({"channel": CHANNEL, "idempotency_key": format!("k{n}"), "data": data});
        let reply = client.request(json!({"rpc": {"method": "publish", "data": argument}})).await.unwrap();
        assert!(reply["rpc"]["data"]["offset"].is_u64(), "{reply}");
    }
}

/// Bytes of the kernel's memory for what waits to be sent on the node's sockets, by `ss(8)`.
fn kernel_send_bytes(node: &TestNode) -> usize {
    let output = Command::new("ss")
        .args(["-tmnH", "sport", "=", &format!(":{}", node.address.port())])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figure = |name: &str| -> usize {
        text.split(|c: char| !c.is_ascii_alphanumeric())
            .filter_map(|word| word.strip_prefix(name)?.parse::<usize>().ok())
            .sum()
    };
    // skmem: t is what the device holds, w what is queued for sending (of which t is a part), f what is kept in reserve.
    figure("w") + figure("f")
}

/// The metrics as soon as they say that so many readers are behind; connections say so once a second.
async fn until_behind(ops: SocketAddr, readers: u64) -> Told {
    for _ in 0..1_000 {
        let seen = metrics(ops).await;
        if seen.whole("readers_behind{account=\"activist\"}") == readers {
            return seen;
        }
    }
    panic!("the metrics do not say that {readers} readers are behind");
}

#[actix_rt::test]
async fn readers_that_stop_reading_delay_nobody_lose_nothing_and_cost_little() {
    const STALLED: usize = 100;
    const MESSAGES: u64 = 1_500;
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path()).with_ops();
    // So small that the stalled ones fall off it.
    start.arguments = vec!["--ring-bytes".into(), "1048576".into()];
    let node = start.run();
    let reader = token(data.path(), &["--sub", "reader"]);
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut stalled: Vec<RawClient> = (0..STALLED)
        .map(|n| {
            let reader = token(data.path(), &["--sub", &format!("reader-{n}")]);
            let mut client = RawClient::connect(&node, &reader, LITTLE_BYTES);
            client.subscribe(CHANNEL);
            client
        })
        .collect();
    let mut neighbour = Client::connect(node.address, &reader).await.unwrap();
    neighbour.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
    // Several, because each may ask only so much a second.
    let mut writers = Vec::new();
    for _ in 0..4 {
        writers.push(Client::connect(node.address, &writer).await.unwrap());
    }
    // The rings fill, so that what the node needs for them is there before it is measured.
    publish(&mut writers[0], 0..500).await;
    let resident = node.resident_bytes();

    let mut slowest = Duration::ZERO;
    for n in 0..MESSAGES {
        if n >= 500 {
            publish(&mut writers[usize::try_from(n % 4).unwrap()], n..n + 1).await;
        }
        let asked = Instant::now();
        let message = neighbour.next().await.unwrap();
        slowest = slowest.max(asked.elapsed());
        assert_eq!(message["push"]["pub"]["data"]["n"], json!(n));
    }
    assert!(slowest < Duration::from_secs(1), "a neighbour waited {slowest:?}");
    let user = node.resident_bytes().saturating_sub(resident) / STALLED;
    let kernel = kernel_send_bytes(&node) / STALLED;
    eprintln!(
        "a stalled reader costs {user} bytes of the node and {kernel} of the kernel; neighbour {slowest:?}"
    );
    assert!(user + kernel <= STALLED_MAX_BYTES, "{user} bytes of the node and {kernel} of the kernel");

    let stalled_readers = u64::try_from(STALLED).unwrap();
    let seen = until_behind(start.ops.unwrap(), stalled_readers).await;
    let behind = seen.whole("publications_behind{account=\"activist\"}");
    assert!(behind > stalled_readers * MESSAGES / 2, "{behind} publications behind");
    assert!(seen.number("worst_lag_age_seconds{rank=\"1\"}") >= 1.0);
    assert!(seen.whole("worst_lag_publications{rank=\"10\"}") > MESSAGES / 2);

    for client in stalled.iter_mut().step_by(10) {
        let awake = Instant::now();
        for n in 0..MESSAGES {
            let message = client.next().unwrap();
            assert_eq!(message["push"]["pub"]["data"]["n"], json!(n));
            assert_eq!(message["push"]["pub"]["offset"], json!(n + 1));
        }
        // One page follows the other; who waited for a look once a second between them would need a minute.
        assert!(awake.elapsed() < Duration::from_secs(20), "it was given all after {:?}", awake.elapsed());
    }
}

#[actix_rt::test]
async fn readers_that_ask_for_all_they_may_and_read_nothing_cost_no_more_than_the_bound() {
    const ASKING: usize = 50;
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    publish(&mut writer, 0..300).await;
    let mut asking: Vec<RawClient> = (0..ASKING)
        .map(|n| {
            let reader = token(data.path(), &["--sub", &format!("reader-{n}")]);
            RawClient::connect(&node, &reader, LITTLE_BYTES)
        })
        .collect();
    let resident = node.resident_bytes();
    for client in &mut asking {
        client.send(&json!({"id": 2, "subscribe": {"channel": CHANNEL, "recover": true}}));
        for id in 3..250 {
            client.send(&json!({"id": id, "history": {"channel": CHANNEL, "limit": 300}}));
        }
    }
    // Whoever is answered behind all of them knows that what they asked was heard.
    publish(&mut writer, 300..400).await;
    let user = node.resident_bytes().saturating_sub(resident) / ASKING;
    let kernel = kernel_send_bytes(&node) / ASKING;
    eprintln!("one that asks and does not read costs {user} bytes of the node and {kernel} of the kernel");
    assert!(user + kernel <= STALLED_MAX_BYTES, "{user} bytes of the node and {kernel} of the kernel");
    for client in asking.iter_mut().step_by(10) {
        let mut answered = 0;
        while answered < 248 {
            answered += u32::from(client.next().unwrap()["id"].is_u64());
        }
    }
}

#[actix_rt::test]
async fn who_takes_something_now_and_then_stays_and_who_takes_nothing_or_never_answers_goes() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path());
    let times = ["--ping-interval", "2s", "--pong-timeout", "1s", "--stall-timeout", "4s"];
    start.arguments = times.map(String::from).to_vec();
    let node = start.run();
    let reader = token(data.path(), &["--sub", "reader"]);
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut clients = [(); 3].map(|()| RawClient::connect(&node, &reader, LITTLE_BYTES));
    for client in &mut clients[..2] {
        client.subscribe(CHANNEL);
    }
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    publish(&mut writer, 0..200).await;
    let [mut slow, stalled, mut mute] = clients;

    let until = Instant::now() + Duration::from_secs(20);
    let stays = std::thread::spawn(move || {
        // Some kilobytes a second, of the 400 that wait.
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(500));
            slow.read_some(2_048, Duration::from_secs(2))?;
        }
        Ok::<_, Ended>(())
    });
    let answers_nothing = std::thread::spawn(move || {
        loop {
            // Takes all there is, says nothing: the pings stay in its buffer.
            if let Err(end) = mute.read_some(1_024, Duration::from_secs(1)) {
                return end;
            }
        }
    });
    assert_eq!(answers_nothing.join().unwrap(), Ended(None));
    assert_eq!(stays.join().unwrap(), Ok(()));
    // A reset: nothing more of what waited is to be had.
    let mut stalled = stalled;
    let mut taken = 0;
    let end = loop {
        match stalled.read_some(4_096, Duration::from_secs(5)) {
            Ok(0) => panic!("the stalled reader is still served, {taken} bytes later"),
            Ok(bytes) => taken += bytes,
            Err(end) => break end,
        }
    };
    assert_eq!(end, Ended(None));
    assert!(taken < 400_000, "{taken} bytes are all there was");
}

#[actix_rt::test]
async fn who_is_cut_for_taking_nothing_is_counted_as_that() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path()).with_ops();
    // Nobody is pinged before the end.
    start.arguments = ["--ping-interval", "1h", "--stall-timeout", "1s"].map(String::from).to_vec();
    let (ops, node) = (start.ops.unwrap(), start.run());
    let reader = token(data.path(), &["--sub", "reader"]);
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut stalled = RawClient::connect(&node, &reader, LITTLE_BYTES);
    stalled.subscribe(CHANNEL);
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    publish(&mut writer, 0..200).await;
    let until = Instant::now() + Duration::from_secs(20);
    let ended = loop {
        let told = metrics(ops).await;
        let ended =
            ["gone", "3012"].map(|code| told.whole(&format!("connections_closed_total{{code=\"{code}\"}}")));
        if ended.iter().sum::<u64>() > 0 {
            break ended;
        }
        assert!(Instant::now() < until, "nobody was cut");
    };
    assert_eq!(ended, [0, 1]);
}
