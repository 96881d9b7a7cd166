//! Bounds of what one device or connection may take.

use crate::client::{Client, Closed};
use crate::node::{Start, token};
use serde_json::json;

#[actix_rt::test]
async fn of_more_connections_than_a_device_may_have_the_oldest_is_closed() {
    let data = tempfile::tempdir().unwrap();
    let node = Start::embedded(data.path()).run();
    let [phone, laptop] = ["phone", "laptop"].map(|sub| token(data.path(), &["--sub", sub]));
    let mut other = Client::connect(node.address, &laptop).await.unwrap();
    let mut oldest = Client::connect(node.address, &phone).await.unwrap();
    let mut younger = Vec::new();
    for _ in 0..16 {
        younger.push(Client::connect(node.address, &phone).await.unwrap());
    }
    assert_eq!(oldest.next().await, Err(Closed(Some(3504))));
    for client in younger.iter_mut().chain([&mut other]) {
        let reply = client.request(json!({"subscribe": {"channel": "bulletins:all"}})).await.unwrap();
        assert!(reply["subscribe"].is_object(), "{reply}");
    }
}
