//! A publisher with an outbox and a subscriber with a position, as our apps have them: both go on at whichever node
//! answers.

use crate::client::{Client, Closed};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(50);
/// Tries until a test gives up: 30 seconds of them.
const TRIES: usize = 600;

/// Nodes, tried in turn.
#[derive(Debug, Clone)]
pub(crate) struct Nodes(pub(crate) Vec<SocketAddr>);

impl Nodes {
    /// A connection to the first node that gives one, beginning with this one.
    async fn connect(&self, token: &str, first: usize) -> Client {
        for attempt in 0..TRIES {
            let address = self.0[(first + attempt) % self.0.len()];
            if let Ok(client) = Client::connect(address, token).await {
                return client;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("no node answered");
    }
}

/// Publishes `count` messages one after the other, each under one key until it is answered; answers the offset that
/// each key was told. `progress` counts what is answered.
pub(crate) async fn publish_all(
    nodes: Nodes,
    token: String,
    channel: &str,
    name: String,
    count: usize,
    progress: Rc<Cell<usize>>,
) -> BTreeMap<String, u64> {
    let mut client = nodes.connect(&token, 0).await;
    let mut answered = BTreeMap::new();
    for n in 0..count {
        let key = format!("{name}-{n:05}");
        let offset = loop {
            match client.publish(channel, &key).await {
                Ok(Ok(offset)) => break offset,
                // Not now: the same key again.
                Ok(Err(100 | 111)) => tokio::time::sleep(PAUSE).await,
                Ok(Err(code)) => panic!("refused with {code}"),
                Err(Closed(_)) => client = nodes.connect(&token, 1).await,
            }
        };
        answered.insert(key, offset);
        progress.set(progress.get() + 1);
    }
    answered
}

/// What a subscriber saw: each publication's offset and key, in the order in which they came.
pub(crate) type Seen = Vec<(u64, String)>;

/// Reads a channel from its beginning until it has seen `count` publications, across whatever happens to its
/// connection. It asserts that nothing is missing or repeated on the way.
pub(crate) async fn read_all(nodes: Nodes, token: String, channel: &str, count: usize, first: usize) -> Seen {
    let mut seen = Seen::new();
    let mut epoch = String::new();
    let mut turn = first;
    'connection: while seen.len() < count {
        let mut client = nodes.connect(&token, turn).await;
        turn += 1;
        'subscription: while seen.len() < count {
            let offset = seen.last().map_or(0, |(offset, _)| *offset);
            let request = json!({"channel": channel, "recover": true, "epoch": epoch, "offset": offset});
            let Ok(reply) = client.request(json!({"subscribe": request})).await else {
                continue 'connection;
            };
            if reply["error"]["temporary"] == json!(true) {
                tokio::time::sleep(PAUSE).await;
                continue 'subscription;
            }
            let result = &reply["subscribe"];
            assert_eq!(result["recovered"], json!(true), "{reply}");
            epoch = result["epoch"].as_str().unwrap().to_owned();
            for publication in result["publications"].as_array().into_iter().flatten() {
                note(&mut seen, publication);
            }
            while seen.len() < count {
                let Ok(message) = client.next().await else {
                    continue 'connection;
                };
                let push = &message["push"];
                if push["channel"] != json!(channel) {
                    continue;
                }
                if push.get("unsubscribe").is_some() {
                    assert_eq!(push["unsubscribe"]["code"], json!(2500));
                    continue 'subscription;
                }
                note(&mut seen, &push["pub"]);
            }
        }
    }
    seen
}

fn note(seen: &mut Seen, publication: &Value) {
    let offset = publication["offset"].as_u64().unwrap();
    let before = seen.last().map_or(0, |(offset, _)| *offset);
    assert_eq!(offset, before + 1, "a gap or a repeat");
    seen.push((offset, publication["data"]["id"].as_str().unwrap().to_owned()));
}

/// Everything that was answered is where the answer said, and every key is there once.
pub(crate) fn assert_nothing_lost(answered: &BTreeMap<String, u64>, seen: &Seen) {
    let by_offset: BTreeMap<u64, &str> = seen.iter().map(|(offset, key)| (*offset, key.as_str())).collect();
    for (key, offset) in answered {
        assert_eq!(by_offset.get(offset), Some(&key.as_str()), "at {offset}");
    }
    let keys: std::collections::BTreeSet<&str> = seen.iter().map(|(_, key)| key.as_str()).collect();
    assert_eq!(keys.len(), seen.len(), "a key is there twice");
}

/// Waits until so much was answered.
pub(crate) async fn reached(progress: &Cell<usize>, count: usize) {
    while progress.get() < count {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
