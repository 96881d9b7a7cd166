//! One node on the embedded store: killed under load, and stopped as an operator stops it.

use crate::client::{Client, Closed};
use crate::load::{Nodes, assert_nothing_lost, publish_all, reached, read_all};
use crate::node::{Start, token};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;

const CHANNEL: &str = "bulletins:all";

#[actix_rt::test]
async fn nothing_that_was_answered_is_gone_after_a_kill() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path());
    let node = start.run();
    let nodes = Nodes(vec![node.address]);
    let reader = token(data.path(), &["--sub", "reader"]);
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let progress = Rc::new(Cell::new(0));
    let crashes = async {
        let mut node = node;
        for at in [150, 300, 450] {
            reached(&progress, at).await;
            node.kill();
            node = start.run();
        }
        node
    };
    let (seen, answered, node) = futures_util::future::join3(
        read_all(nodes.clone(), reader, CHANNEL, 600, 0),
        publish_all(nodes, writer, CHANNEL, "w".into(), 600, Rc::clone(&progress)),
        crashes,
    )
    .await;
    assert_nothing_lost(&answered, &seen);
    drop(node);
}

#[actix_rt::test]
async fn a_node_that_is_asked_to_stop_answers_what_it_took_and_tells_its_clients_to_come_back() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path());
    let node = start.run();
    let writer = token(data.path(), &["--sub", "writer", "--role", "organiser"]);
    let mut client = Client::connect(node.address, &writer).await.unwrap();
    for n in 0..50 {
        let argument = json!({"channel": CHANNEL, "data": {"id": format!("k{n}")}});
        client
            .send(json!({"id": 100 + n, "rpc": {"method": "publish", "data": argument}}).to_string())
            .await
            .unwrap();
    }
    // The first answer shows that the node has read the requests, which came in one burst.
    let mut answered = usize::from(client.next().await.unwrap()["rpc"]["data"]["offset"].is_u64());
    let stopping = std::thread::spawn(move || node.terminate());
    let closed = loop {
        match client.next().await {
            Ok(message) => answered += usize::from(message["rpc"]["data"]["offset"].is_u64()),
            Err(closed) => break closed,
        }
    };
    assert_eq!(closed, Closed(Some(3001)));
    assert_eq!(stopping.join().unwrap().code(), Some(0));

    let node = start.run();
    let mut client = Client::connect(node.address, &writer).await.unwrap();
    let history = client.request(json!({"history": {"channel": CHANNEL}})).await.unwrap();
    let stored = history["history"]["offset"].as_u64().unwrap();
    assert_eq!(
        u64::try_from(answered).unwrap(),
        stored,
        "what is stored was answered, and the other way round"
    );
}
