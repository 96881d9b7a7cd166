//! Whom members believe without having to believe the server: manifests, signed bulletins, and what is refused.

mod bulletins;
mod forged;
mod keys;
mod manifest;

use crate::browser::Visitor;
use awc::http::Method;
use identity::trust::{Draft, KeyEntry, Purpose, SignedManifest, SigningKey};
use protocol::{Role, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A key that is nobody's: made of one byte.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).unwrap()
}

/// The root's, Ana's, Ben's, and that of a laptop that was lost.
const ROOT: u8 = 1;
const ANA: u8 = 2;
const BEN: u8 = 3;
const LOST: u8 = 4;

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn entry(seed: u8, name: &str, roles: &[Role]) -> KeyEntry {
    KeyEntry {
        key: key(seed).public(),
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        regions: None,
        from: Timestamp::from_millis(1),
        until: None,
        revoked_at: None,
    }
}

/// A manifest of Ana, who sends, Ben, who approves, and a key that was revoked.
fn manifest(root: u8, serial: u64) -> SignedManifest {
    let mut draft = Draft::first(key(root).public(), true, Timestamp::from_millis(now()));
    draft.serial = serial;
    draft.keys = vec![
        entry(ANA, "Ana Lewis", &[Role::Sender]),
        entry(BEN, "Ben Moss", &[Role::Approver]),
        KeyEntry {
            revoked_at: Some(Timestamp::from_millis(2)),
            ..entry(LOST, "Dee Roth", &[Role::Sender, Role::Approver])
        },
    ];
    draft.signed(&key(root)).unwrap()
}

async fn keep(admin: &mut Visitor, manifest: &SignedManifest) -> (u16, String) {
    let answer = admin.say(Method::PUT, "/v1/trust", &json!(manifest)).await;
    let (status, code) = answer.outcome();
    (status, code.to_owned())
}

/// What a browser makes of what it shows: everything that is published, and where, when and after what.
fn statement(id: &str, content: &Value, channels: &[&str], previous: &Value) -> Value {
    let previous: serde_json::Map<String, Value> =
        channels.iter().map(|name| ((*name).to_owned(), previous[*name].clone())).collect();
    json!({
        "v": 1, "root": key(ROOT).public().fingerprint(), "id": id, "kind": content["kind"],
        "urgency": content.get("urgency").cloned().unwrap_or_else(|| json!("normal")), "test": false,
        "channels": channels, "at": now(), "texts": content["texts"], "previous": previous,
    })
}

/// What somebody signs, as they hand it in.
fn signed(seed: u8, statement: &Value) -> Value {
    let text = statement.to_string();
    let by = key(seed).sign(Purpose::Bulletin, &text);
    json!({"statement": text, "key": by.key, "signature": by.signature})
}

/// Somebody's signature under what was signed before.
fn countersigned(seed: u8, signed: &Value) -> Value {
    json!(key(seed).sign(Purpose::Bulletin, signed["statement"].as_str().unwrap()))
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "it did not come about");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
