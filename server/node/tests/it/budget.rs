//! Whoever has a stolen account and reads all there is.

use crate::browser::Visitor;
use crate::client::Client;
use crate::node::{Start, token};
use crate::ops::metrics;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const CHANNEL: &str = "bulletins:all";
/// Longer than it takes to count what left, and to note it.
const PATIENCE: Duration = Duration::from_secs(20);
/// As much as a page has, several times.
const MESSAGES: usize = 20;

async fn says(organiser: &mut Client, number: usize) {
    let data = json!({"id": number, "text": "x".repeat(8_000)});
    let argument = json!({"channel": CHANNEL, "idempotency_key": format!("k{number}"), "data": data});
    let reply = organiser.request(json!({"rpc": {"method": "publish", "data": argument}})).await.unwrap();
    assert!(reply["rpc"]["data"]["offset"].is_u64(), "{reply}");
}

async fn reads(client: &mut Client) -> Value {
    let asked = json!({"history": {"channel": CHANNEL, "limit": 300, "reverse": true}});
    client.request(asked).await.unwrap()
}

#[actix_rt::test]
async fn an_account_that_reads_more_than_anybody_does_is_caught_and_still_hears_what_is_said() {
    let data = tempfile::tempdir().unwrap();
    let mut start = Start::embedded(data.path()).with_ops();
    start.arguments = vec!["--egress-budget".to_owned(), "1048576".to_owned()];
    let node = start.run();
    let connects = async |member: &str, role: &str| {
        Client::connect(node.address, &token(data.path(), &["--sub", member, "--role", role])).await.unwrap()
    };
    let mut organiser = connects("m_ana", "organiser").await;
    let mut neighbour = connects("m_ben", "activist").await;
    let mut thief = connects("m_thief", "activist").await;
    for number in 0..MESSAGES {
        says(&mut organiser, number).await;
    }
    let subscribed = thief.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
    assert!(subscribed["error"].is_null(), "{subscribed}");

    let mut got = 0;
    while got <= 1_100_000 {
        let page = reads(&mut thief).await;
        assert!(page["error"].is_null() || got > 1_000_000, "{}", page["error"]);
        got += page.to_string().len();
    }
    let ops = start.ops.unwrap();
    let until = Instant::now() + PATIENCE;
    while metrics(ops).await.whole("egress_over_budget") == 0 {
        assert!(Instant::now() < until, "nobody noticed");
    }
    let refused = reads(&mut thief).await;
    assert_eq!(refused["error"]["code"], 111, "{refused}");
    assert_eq!(refused["error"]["temporary"], true);
    let mut laptop = connects("m_thief", "activist").await;
    assert_eq!(reads(&mut laptop).await["error"]["code"], 111, "by any connection");
    assert!(reads(&mut neighbour).await["error"].is_null(), "nobody else feels it");

    says(&mut organiser, MESSAGES).await;
    let heard = loop {
        let push = thief.next().await.unwrap();
        if push["push"]["pub"]["data"]["id"] == MESSAGES {
            break push;
        }
    };
    assert_eq!(heard["push"]["channel"], CHANNEL);

    let mut admin = Visitor::at(node.address);
    admin.token = token(data.path(), &["--sub", "m_ana", "--role", "admin"]);
    let noted = loop {
        let listed = admin.get("/v1/audit").await;
        let entries = listed.body["entries"].as_array().cloned().unwrap_or_default();
        if let Some(noted) = entries.into_iter().find(|entry| entry["action"] == "budget.exceeded") {
            break noted;
        }
        assert!(Instant::now() < until, "nobody noted it: {}", listed.body);
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!((&noted["who"], &noted["about"]), (&json!("system"), &json!("m_thief")));
    assert_eq!(noted["after"]["budget_bytes"], 1_048_576);
}
