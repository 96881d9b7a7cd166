//! What left and to whom: the account on disk says what clients got, byte for byte.

use crate::client::Client;
use crate::node::{Start, holdfast, token};
use crate::raw::RawClient;
use serde_json::{Value, json};
use std::path::Path;

const CHANNEL: &str = "bulletins:all";

/// What the account says of a member, or of strangers (`-`).
fn account(data: &Path, member: &str) -> Option<Value> {
    let output = holdfast().arg("egress").arg("--data").arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.find(|line| line["account"] == json!(member))
}

#[actix_rt::test]
async fn the_account_has_every_byte_that_a_member_got() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut readers: Vec<(&str, RawClient)> = ["ada", "bea"]
        .map(|sub| (sub, RawClient::connect(&node, &token(data.path(), &["--sub", sub]), 64 * 1024)))
        .into();
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    for (_, reader) in &mut readers {
        reader.subscribe(CHANNEL);
    }
    for n in 0..40 {
        writer.publish(CHANNEL, &format!("k{n}")).await.unwrap().unwrap();
    }
    for (_, reader) in &mut readers {
        let mut seen = 0;
        while seen < 40 {
            seen += u32::from(reader.next().unwrap()["push"]["channel"] == json!(CHANNEL));
        }
    }
    // A page of what was missed is accounted like what was pushed.
    let late = token(data.path(), &["--sub", "late"]);
    let mut late = RawClient::connect(&node, &late, 64 * 1024);
    late.send(&json!({"id": 2, "subscribe": {"channel": CHANNEL, "recover": true}}));
    while late.next().unwrap()["subscribe"].is_null() {}
    readers.push(("late", late));
    let stopping = std::thread::spawn(move || node.terminate());
    for (_, reader) in &mut readers {
        reader.until_end();
    }
    assert_eq!(stopping.join().unwrap().code(), Some(0));

    let strangers = account(data.path(), "-").map_or(0, |line| line["bytes"].as_u64().unwrap());
    let mut received = 0;
    let mut accounted = strangers;
    for (name, reader) in &readers {
        let line = account(data.path(), name).unwrap();
        // The bulletins, and what was said of the service.
        assert!(line["publications"].as_u64().unwrap() >= 40, "{line}");
        assert!(line["channels"].as_array().unwrap().contains(&json!(CHANNEL)), "{line}");
        received += reader.taken_bytes;
        accounted += line["bytes"].as_u64().unwrap();
        assert!(line["bytes"].as_u64().unwrap() <= reader.taken_bytes, "{line}");
    }
    // Until they say who they are, readers are strangers: the head of the upgrade went to them as such. The writer,
    // whose bytes nobody counts here, was one, too.
    let head_of_writer = strangers / 4;
    assert_eq!(accounted, received + head_of_writer);
}

/// What the kernel counted as received on a socket.
fn kernel_bytes(reader: &RawClient) -> u64 {
    let port = reader.socket.local_addr().unwrap().port();
    let filter = format!("sport = :{port}");
    let output = std::process::Command::new("ss").args(["-tinaH", &filter]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let count = text.split_whitespace().find_map(|word| word.strip_prefix("bytes_received:"));
    count.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

#[actix_rt::test]
async fn the_account_agrees_with_what_the_kernel_counted() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let names: Vec<String> = (0..20).map(|n| format!("reader-{n}")).collect();
    let connect = |name| RawClient::connect(&node, &token(data.path(), &["--sub", name]), 64 * 1024);
    let mut readers: Vec<RawClient> = names.iter().map(|name| connect(name)).collect();
    for reader in &mut readers {
        reader.subscribe(CHANNEL);
    }
    let mut writer = Client::connect(node.address, &writer).await.unwrap();
    for n in 0..100 {
        writer.publish(CHANNEL, &format!("k{n}")).await.unwrap().unwrap();
    }
    let stopping = std::thread::spawn(move || node.terminate());
    for reader in &mut readers {
        reader.until_end();
    }
    assert_eq!(stopping.join().unwrap().code(), Some(0));
    let of_kernel: u64 = readers.iter().map(kernel_bytes).sum();
    let bytes = |name: &str| account(data.path(), name).unwrap()["bytes"].as_u64().unwrap();
    // As strangers they got the head of the upgrade, and so did the writer.
    let heads = bytes("-") * 20 / 21;
    let told = names.iter().map(|name| bytes(name)).sum::<u64>() + heads;
    assert!(of_kernel.abs_diff(told) * 1_000 <= of_kernel, "the kernel {of_kernel}, the account {told}");
}
