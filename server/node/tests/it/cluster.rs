//! Several nodes on one real Redis.

use crate::client::Client;
use crate::load::{Nodes, assert_nothing_lost, publish_all, reached, read_all};
use crate::node::{Start, token};
use futures_util::future::join_all;
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use storage_redis::test_server::TestRedis;

const CHANNEL: &str = "bulletins:all";

struct Cluster {
    redis: TestRedis,
    data: tempfile::TempDir,
    starts: [Start; 2],
}

impl Cluster {
    fn new() -> Self {
        let redis = TestRedis::start().unwrap();
        let data = tempfile::tempdir().unwrap();
        let start = || Start::on_redis(data.path(), &redis.url());
        Self { starts: [start(), start()], redis, data }
    }

    fn token(&self, name: &str, role: &str) -> String {
        token(self.data.path(), &["--sub", name, "--role", role])
    }
}

#[actix_rt::test]
async fn a_thousand_bulletins_posted_at_one_node_are_seen_at_the_other_in_order() {
    let cluster = Cluster::new();
    let [one, two] = [cluster.starts[0].run(), cluster.starts[1].run()];
    let at_two = Nodes(vec![two.address]);
    let reader = read_all(at_two, cluster.token("reader", "activist"), CHANNEL, 1_000, 0);
    let progress = Rc::new(Cell::new(0));
    let at_one = Nodes(vec![one.address]);
    let writer = publish_all(
        at_one,
        cluster.token("writer", "organiser"),
        CHANNEL,
        "bulletin".into(),
        1_000,
        progress,
    );
    let (seen, answered) = futures_util::future::join(reader, writer).await;
    assert_nothing_lost(&answered, &seen);
    assert!(seen.is_sorted(), "in the order in which they were posted");
}

#[actix_rt::test]
async fn clients_of_a_killed_node_recover_at_the_other() {
    let cluster = Cluster::new();
    let one = cluster.starts[0].run();
    let two = cluster.starts[1].run();
    let nodes = Nodes(vec![one.address, two.address]);
    let readers = (0..4).map(|n| {
        let token = cluster.token(&format!("reader-{n}"), "activist");
        read_all(nodes.clone(), token, CHANNEL, 1_200, n % 2)
    });
    let progress = Rc::new(Cell::new(0));
    let writers = (0..2).map(|n| {
        let token = cluster.token(&format!("writer-{n}"), "organiser");
        publish_all(nodes.clone(), token, CHANNEL, format!("w{n}"), 600, Rc::clone(&progress))
    });
    let kill = async {
        reached(&progress, 300).await;
        one.kill();
    };
    let (seen, answered, ()) = futures_util::future::join3(join_all(readers), join_all(writers), kill).await;
    for seen in &seen {
        for answered in &answered {
            assert_nothing_lost(answered, seen);
        }
    }
    drop(two);
}

#[actix_rt::test]
async fn a_redis_that_is_killed_and_comes_back_loses_nothing_that_was_answered() {
    let mut cluster = Cluster::new();
    let [one, two] = [cluster.starts[0].run(), cluster.starts[1].run()];
    let nodes = Nodes(vec![one.address, two.address]);
    let readers: Vec<_> = (0..4)
        .map(|n| {
            read_all(nodes.clone(), cluster.token(&format!("reader-{n}"), "activist"), CHANNEL, 1_200, n % 2)
        })
        .collect();
    let progress = Rc::new(Cell::new(0));
    let writers: Vec<_> = (0..2)
        .map(|n| {
            let token = cluster.token(&format!("writer-{n}"), "organiser");
            let from = Nodes(vec![nodes.0[n]]);
            publish_all(from, token, CHANNEL, format!("w{n}"), 600, Rc::clone(&progress))
        })
        .collect();
    let redis = &mut cluster.redis;
    let restarts = async {
        for at in [200, 600] {
            reached(&progress, at).await;
            redis.kill().unwrap();
            redis.restart().unwrap();
        }
    };
    let (seen, answered, ()) =
        futures_util::future::join3(join_all(readers), join_all(writers), restarts).await;
    for seen in &seen {
        for answered in &answered {
            assert_nothing_lost(answered, seen);
        }
    }
}

#[actix_rt::test]
async fn a_redis_that_comes_back_without_its_newest_messages_gets_them_back_and_no_reader_notices() {
    let mut cluster = Cluster::new();
    let [one, two] = [cluster.starts[0].run(), cluster.starts[1].run()];
    let nodes = Nodes(vec![one.address, two.address]);
    // A reader who sees a gap, a repeat or a reset fails.
    let readers: Vec<_> = (0..4)
        .map(|n| {
            read_all(nodes.clone(), cluster.token(&format!("reader-{n}"), "activist"), CHANNEL, 600, n % 2)
        })
        .collect();
    let progress = Rc::new(Cell::new(0));
    let writers: Vec<_> = (0..2)
        .map(|n| {
            let token = cluster.token(&format!("writer-{n}"), "organiser");
            let from = Nodes(vec![nodes.0[n]]);
            publish_all(from, token, CHANNEL, format!("w{n}"), 300, Rc::clone(&progress))
        })
        .collect();
    let redis = &mut cluster.redis;
    let loses = async {
        reached(&progress, 200).await;
        // While it writes: what is half there at the end of its file is not taken.
        redis.back_up("older").unwrap();
        reached(&progress, 400).await;
        redis.restore("older").unwrap();
    };
    let (seen, answered, ()) = futures_util::future::join3(join_all(readers), join_all(writers), loses).await;
    for seen in &seen {
        for answered in &answered {
            assert_nothing_lost(answered, seen);
        }
    }
}

#[actix_rt::test]
async fn a_redis_that_was_emptied_under_a_node_makes_no_client_subscribe_again_and_again() {
    let cluster = Cluster::new();
    let node = cluster.starts[0].run();
    let mut writer = Client::connect(node.address, &cluster.token("writer", "organiser")).await.unwrap();
    let mut staying = Client::connect(node.address, &cluster.token("staying", "activist")).await.unwrap();
    staying.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
    writer.publish(CHANNEL, "before").await.unwrap().unwrap();
    cluster.redis.command(&["FLUSHALL"]).unwrap();

    let mut newcomer = Client::connect(node.address, &cluster.token("newcomer", "activist")).await.unwrap();
    let from_the_start = json!({"subscribe": {"channel": CHANNEL, "recover": true}});
    newcomer.request(from_the_start.clone()).await.unwrap();
    writer.publish(CHANNEL, "after").await.unwrap().unwrap();
    let mut subscribed = 1;
    loop {
        let message = newcomer.next().await.unwrap();
        let push = &message["push"];
        if push["channel"] != json!(CHANNEL) {
            continue;
        }
        if push["pub"]["data"]["id"] == json!("after") {
            break;
        }
        assert_eq!(push["unsubscribe"]["code"], json!(2500), "{message}");
        let reply = newcomer.request(from_the_start.clone()).await.unwrap();
        subscribed += 1;
        let found = &reply["subscribe"]["publications"][0]["data"]["id"];
        if *found == json!("after") {
            break;
        }
    }
    assert!(subscribed <= 3, "{subscribed} subscriptions");
}

#[actix_rt::test]
async fn a_channel_whose_history_is_damaged_holds_up_no_other() {
    let cluster = Cluster::new();
    let node = cluster.starts[0].run();
    let teams = ["--teams", "a0,live"];
    let token = token(cluster.data.path(), &[&["--sub", "m"][..], &teams[..]].concat());
    let mut reader = Client::connect(node.address, &token).await.unwrap();
    let mut writer = Client::connect(node.address, &token).await.unwrap();
    for channel in ["teams:a0", "teams:live"] {
        writer.publish(channel, "before").await.unwrap().unwrap();
        reader.request(json!({"subscribe": {"channel": channel}})).await.unwrap();
    }
    // The stream of the first channel becomes something else, and the feed loses its connection: both are compared.
    let log = "holdfast:{teams:a0}:log";
    assert_eq!(cluster.redis.command(&["TYPE", log]).unwrap(), "+stream");
    cluster.redis.command(&["SET", log, "damaged"]).unwrap();
    cluster.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).unwrap();
    let expected = ["one", "two"];
    for key in expected {
        writer.publish("teams:live", key).await.unwrap().unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < expected.len() {
        let message = reader.next().await.unwrap();
        if let Some(id) = message["push"]["pub"]["data"]["id"].as_str() {
            seen.push(id.to_owned());
        }
    }
    assert_eq!(seen, expected);
}

#[actix_rt::test]
async fn readers_at_every_node_are_counted_and_a_member_at_two_nodes_once() {
    let cluster = Cluster::new();
    let [one, two] = [cluster.starts[0].run(), cluster.starts[1].run()];
    let (ana, ben) = (cluster.token("ana", "activist"), cluster.token("ben", "activist"));
    let mut readers = Vec::new();
    for (node, token) in [(&one, &ana), (&two, &ana), (&two, &ben)] {
        let mut reader = Client::connect(node.address, token).await.unwrap();
        let reply = reader.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
        assert!(reply.get("subscribe").is_some(), "{reply}");
        readers.push(reader);
    }
    let asked = json!({"presence_stats": {"channel": CHANNEL}});
    let reply = readers[0].request(asked.clone()).await.unwrap();
    assert_eq!(reply["presence_stats"], json!({"num_clients": 3, "num_users": 2}), "{reply}");

    // Asked at the other node, which has no result of a second ago.
    readers[1].request(json!({"unsubscribe": {"channel": CHANNEL}})).await.unwrap();
    let reply = readers[2].request(asked).await.unwrap();
    assert_eq!(reply["presence_stats"], json!({"num_clients": 2, "num_users": 2}), "{reply}");
}
