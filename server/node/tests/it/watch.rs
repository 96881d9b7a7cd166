//! What organisers watch, at one node and at two on one Redis.

use crate::browser::Visitor;
use crate::service::{Service, connected};
use awc::http::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until the answer is as it should be.
async fn until(who: &mut Visitor, is_so: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = who.get("/v1/watch").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        if is_so(&answer.body) {
            return answer.body;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[actix_rt::test]
async fn organisers_and_observers_watch_and_activists_do_not() {
    let mut service = Service::embedded().await;
    let (mut activist, _) = service.member().await;
    assert_eq!(activist.get("/v1/watch").await.outcome(), (403, "forbidden"));
    for role in ["observer", "sender", "approver"] {
        let (mut organiser, _) = service.member_with(json!({"roles": [role]})).await;
        let answer = organiser.get("/v1/watch").await;
        assert_eq!((answer.status, answer.headers["cache-control"].as_str()), (StatusCode::OK, "no-store"));
    }
    let mut nobody = Visitor::at(service.one());
    assert_eq!(nobody.get("/v1/watch").await.outcome(), (401, "unauthorized"));
}

#[actix_rt::test]
async fn a_node_tells_what_it_does_and_has_a_chart_at_once_for_whoever_looks_next() {
    let mut service = Service::embedded().await;
    let (mut sender, id) = service.member_with(json!({"roles": ["sender"]})).await;
    let (_, mut client) = connected(&mut sender).await;
    assert!(client.publish("bulletins:all", "k").await.unwrap().is_ok());
    let seen = until(&mut service.admin, |seen| !seen["now"]["delay_ms"].is_null()).await;
    assert_eq!(seen["posture"]["level"], json!("normal"));
    assert_eq!((&seen["store"]["kind"], &seen["store"]["is_reachable"]), (&json!("embedded"), &json!(true)));
    assert!(seen["store"]["commit_p99_ms"].is_u64());
    assert_eq!((&seen["now"]["line"], &seen["now"]["behind"]), (&json!(0), &json!(0)));
    assert_eq!(seen["now"]["queue"], json!({"urgent": 0, "normal": 0, "bulk": 0}));
    let node = &seen["nodes"][0];
    assert_eq!(
        (node["is_answering"].as_bool(), node["connections"]["members"].as_u64()),
        (Some(true), Some(1))
    );
    assert!(node["memory_bytes"].as_u64().unwrap() > 1_000_000);
    assert!(node["name"].as_str().unwrap().ends_with(&format!(":{}", service.one().port())));
    assert!(!seen.to_string().contains(&id), "nobody is named");

    let seen = until(&mut service.admin, |seen| seen["recent"].as_array().unwrap().len() > 1).await;
    let points = seen["recent"].as_array().unwrap();
    let at = |point: &Value| point["at_ms"].as_u64().unwrap();
    assert!(points.windows(2).all(|two| at(&two[1]) == at(&two[0]) + 5_000), "{points:?}");
    assert!(points.iter().all(|point| point["posture"] == "normal" && at(point) % 5_000 == 0));
}

#[actix_rt::test]
async fn all_who_ask_within_a_second_get_the_same() {
    let mut service = Service::embedded().await;
    let answers: Vec<Value> = {
        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(service.admin.get("/v1/watch").await.body["at_ms"].clone());
        }
        answers
    };
    let begun = answers[0].as_u64().unwrap();
    let made: std::collections::BTreeSet<u64> = answers.iter().map(|at| at.as_u64().unwrap()).collect();
    let last = *made.last().unwrap();
    assert!(u64::try_from(made.len()).unwrap() <= 1 + (last - begun) / 1_000, "{made:?}");
}

#[actix_rt::test]
async fn nodes_tell_each_other_and_one_that_is_gone_is_told_of_as_it_was() {
    let mut service = Service::on_redis().await;
    let (mut member, _) = service.member().await;
    let (_, client) = connected(&mut member).await;
    let both = |seen: &Value| {
        let nodes = seen["nodes"].as_array().unwrap();
        nodes.len() == 2 && nodes.iter().all(|node| node["is_answering"] == true)
    };
    let seen =
        until(&mut service.admin, |seen| both(seen) && seen["nodes"][1]["connections"]["members"] == 1).await;
    assert_eq!((&seen["is_complete"], &seen["store"]["kind"]), (&json!(true), &json!("redis")));
    let name = seen["nodes"][1]["name"].clone();
    assert!(name.as_str().unwrap().ends_with(&format!(":{}", service.two().port())), "{name}");
    drop(client);
    service.nodes.pop().unwrap().kill();
    let seen = until(&mut service.admin, |seen| seen["nodes"][1]["is_answering"] == false).await;
    assert_eq!((&seen["nodes"][1]["name"], &seen["nodes"][0]["is_answering"]), (&name, &json!(true)));
    assert!(seen["nodes"][1]["at_ms"].as_u64() < seen["nodes"][0]["at_ms"].as_u64());
}
