//! Complaints, over HTTP: at one node on the embedded store and at two on one Redis.

use crate::browser::{Answer, Visitor};
use crate::service::Service;
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

async fn complain(who: &mut Visitor, text: &str) -> Answer {
    who.say(Method::POST, "/v1/replies", &json!({"text": text, "about": "complaint"})).await
}

/// The conversations of a page of the inbox.
async fn inbox(admin: &mut Visitor, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("/v1/inbox{query}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page.body["conversations"].as_array().unwrap().clone()
}

#[actix_rt::test]
async fn a_complaint_is_answered_within_thirty_days_and_never_closed_before() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (mut member, id) = service.member().await;
        member.say(Method::POST, "/v1/replies", &json!({"text": "Can I come?"})).await;
        let made = complain(&mut member, "You know too much of me.").await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        assert_eq!(made.body["conversation"], json!(format!("{id}~complaint")));
        let at = made.body["at_ms"].as_u64().unwrap();

        assert_eq!(inbox(&mut service.admin, "").await.len(), 2);
        let complaints = inbox(&mut service.admin, "?about=complaint").await;
        assert_eq!((complaints.len(), &complaints[0]["about"]), (1, &json!("complaint")));
        assert_eq!(complaints[0]["acknowledge_by_ms"], json!(at + 30 * DAY_MS));
        let others = inbox(&mut service.admin, "?about=reply").await;
        assert_eq!((others.len(), &others[0]["about"]), (1, &json!("reply")));
        assert_eq!(others[0]["acknowledge_by_ms"], Value::Null);

        let path = format!("/v1/inbox/{id}~complaint");
        let close = json!({"state": "closed"});
        let state = format!("{path}/state");
        let refused = service.admin.say_if(Method::PUT, &state, &close, Some("*")).await;
        assert_eq!(refused.outcome(), (409, "complaint_unanswered"));
        let answer = json!({"text": "We have it, and look into it."});
        let answered = service.admin.say(Method::POST, &format!("{path}/answers"), &answer).await;
        assert_eq!(answered.status, StatusCode::CREATED);
        assert_eq!(service.admin.get(&path).await.body["acknowledge_by_ms"], Value::Null);
        let closed = service.admin.say_if(Method::PUT, &state, &close, Some("*")).await;
        assert_eq!((closed.status, &closed.body["state"]), (StatusCode::OK, &json!("closed")));

        let again = complain(&mut member, "That is not enough.").await;
        let seen = service.admin.get(&path).await;
        let by = again.body["at_ms"].as_u64().unwrap() + 30 * DAY_MS;
        assert_eq!((&seen.body["state"], &seen.body["acknowledge_by_ms"]), (&json!("open"), &json!(by)));
        let export = member.get("/v1/me/export").await;
        let kept = export.body["conversations"].as_array().unwrap();
        let own = kept.iter().find(|one| one["about"] == "complaint").unwrap();
        assert_eq!((own["texts"].as_array().unwrap().len(), &own["acknowledge_by_ms"]), (3, &json!(by)));
    }
}

#[actix_rt::test]
async fn observers_may_complain_and_nothing_else_and_a_complaint_is_about_no_bulletin() {
    let mut service = Service::embedded().await;
    let (mut observer, _) = service.member_with(json!({"roles": ["observer"]})).await;
    let reply = observer.say(Method::POST, "/v1/replies", &json!({"text": "Hello"})).await;
    assert_eq!(reply.outcome(), (403, "forbidden"));
    assert_eq!(complain(&mut observer, "I object.").await.status, StatusCode::CREATED);
    let own = observer.get("/v1/me/conversations").await;
    assert_eq!(own.body["conversations"][0]["about"], json!("complaint"));
    let bulletin = format!("b{}", "0".repeat(31));
    for (about, bulletin) in [("complaint", json!(bulletin)), ("praise", Value::Null)] {
        let body = json!({"text": "x", "about": about, "bulletin": bulletin});
        let refused = observer.say(Method::POST, "/v1/replies", &body).await;
        assert_eq!(refused.outcome(), (400, "bad_request"), "{about}");
    }
    assert_eq!(service.admin.get("/v1/inbox?about=praise").await.outcome(), (400, "bad_request"));
}
