//! What organisers' screens are told in the channel that they alone read: at one node on the embedded store, and at two on
//! one Redis.

use crate::browser::Visitor;
use crate::client::Client;
use crate::service::{Service, connected};
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const CHANNEL: &str = "service:organisers";

async fn services() -> [Service; 2] {
    [Service::embedded().await, Service::on_redis().await]
}

/// The next notice that is as it should be.
async fn told(client: &mut Client, is_right: impl Fn(&Value) -> bool) -> Value {
    loop {
        let message = client.next().await.unwrap();
        let data = &message["push"]["pub"]["data"];
        if message["push"]["channel"] == json!(CHANNEL) && is_right(data) {
            return data.clone();
        }
    }
}

/// All that the channel has.
async fn history(client: &mut Client) -> Vec<Value> {
    let reply = client.request(json!({"history": {"channel": CHANNEL, "limit": 100}})).await.unwrap();
    let publications = reply["history"]["publications"].as_array().cloned().unwrap_or_default();
    publications.into_iter().map(|one| one["data"].clone()).collect()
}

/// Waits until the channel has what a node answers of the end of its audit.
async fn told_head(client: &mut Client, admin: &mut Visitor) {
    let begun = Instant::now();
    loop {
        let mut head = admin.get("/v1/audit/head").await.body;
        head["kind"] = json!("audit_head");
        if history(client).await.contains(&head) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody was told of {head}");
    }
}

/// A socket at this node of somebody who joined at the other.
async fn socket_at(visitor: &mut Visitor, at: SocketAddr) -> Client {
    visitor.at = at;
    connected(visitor).await.1
}

#[actix_rt::test]
async fn an_organiser_hears_of_conversations_bulletins_and_the_end_of_each_audit_at_every_node() {
    for mut service in services().await {
        let (mut member, _) = service.member().await;
        let (mut sender, _) = service.member_with(json!({"roles": ["sender"]})).await;
        let one = service.one();
        let mut socket = socket_at(&mut sender, one).await;

        let reply = json!({"text": "Can I bring a friend?", "id": "r-1"});
        let replied = member.say(Method::POST, "/v1/replies", &reply).await;
        assert_eq!(replied.status, StatusCode::CREATED, "{}", replied.body);
        let id = &replied.body["conversation"];
        let first = told(&mut socket, |notice| notice["kind"] == "conversation").await;
        assert_eq!(first, json!({"kind": "conversation", "id": id, "revision": 1}));
        let path = format!("/v1/inbox/{}", id.as_str().unwrap());
        let answer = json!({"text": "Please do!", "id": "a-1"});
        sender.say(Method::POST, &format!("{path}/answers"), &answer).await;
        let closed = json!({"state": "closed"});
        sender.say_if(Method::PUT, &format!("{path}/state"), &closed, Some("*")).await;
        let last =
            told(&mut socket, |notice| notice["kind"] == "conversation" && notice["revision"] == 3).await;
        assert_eq!(last, json!({"kind": "conversation", "id": id, "revision": 3}));

        let texts =
            json!({"en": {"title": "Now", "body": "Read this."}, "cy": {"title": "Nawr", "body": "Hwn."}});
        let content = json!({"content": {"kind": "alert", "urgency": "urgent", "audience": {"regions": ["north"]}, "texts": texts}});
        let begun = sender.say(Method::POST, "/v1/bulletins", &content).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
        let id = begun.body["id"].as_str().unwrap();
        let of_bulletin = |notice: &Value| notice["kind"] == "bulletin";
        let draft = told(&mut socket, of_bulletin).await;
        assert_eq!(draft, json!({"kind": "bulletin", "id": id, "revision": 1, "state": "draft"}));
        let submit = json!({"revision": 1});
        let submitted = sender.say(Method::POST, &format!("/v1/bulletins/{id}/submit"), &submit).await;
        assert_eq!(submitted.status, StatusCode::OK, "{}", submitted.body);
        let overridden = json!({"revision": 1, "reason": "A drill."});
        let path = format!("/v1/bulletins/{id}/override");
        let overridden = service.admin.say(Method::POST, &path, &overridden).await;
        assert_eq!(overridden.status, StatusCode::OK, "{}", overridden.body);
        told(&mut socket, |notice| of_bulletin(notice) && notice["state"] == "sent").await;

        // Each node signs where its own chain ends, and says which that is.
        for node in &service.nodes {
            let admin = &service.admin;
            let mut admin = Visitor {
                cookies: admin.cookies.clone(),
                token: admin.token.clone(),
                ..Visitor::at(node.address)
            };
            told_head(&mut socket, &mut admin).await;
        }
        let kept = history(&mut socket).await;
        let said = format!("{kept:?}");
        for words in ["Can I bring", "Please do", "Read this"] {
            assert!(!said.contains(words), "{words}");
        }
    }
}

#[actix_rt::test]
async fn an_activist_hears_nothing_of_it_and_who_is_no_organiser_any_more_hears_nothing_further() {
    for mut service in services().await {
        let (mut member, _) = service.member().await;
        let (mut sender, id) = service.member_with(json!({"roles": ["activist", "sender"]})).await;
        let one = service.one();
        let mut activist = socket_at(&mut member, one).await;
        for request in [
            json!({"subscribe": {"channel": CHANNEL}}),
            json!({"history": {"channel": CHANNEL, "limit": 1}}),
            json!({"presence_stats": {"channel": CHANNEL}}),
            json!({"publish": {"channel": CHANNEL, "data": {}}}),
        ] {
            let reply = activist.request(request.clone()).await.unwrap();
            assert_eq!(reply["error"]["code"], json!(103), "{request}");
        }
        let mut organiser = socket_at(&mut sender, one).await;
        let posted = json!({"publish": {"channel": CHANNEL, "data": {}}});
        assert_eq!(organiser.request(posted).await.unwrap()["error"]["code"], json!(103));
        let reply = organiser.request(json!({"history": {"channel": CHANNEL, "limit": 1}})).await.unwrap();
        assert!(reply["history"].is_object(), "{reply}");

        let rights = json!({"roles": ["activist"], "regions": [], "teams": []});
        let edited = service.admin.say(Method::PATCH, &format!("/v1/members/{id}"), &rights).await;
        assert_eq!(edited.status, StatusCode::OK, "{}", edited.body);
        while organiser.next().await.is_ok() {}
        let mut again = connected(&mut sender).await.1;
        let refused = again.request(json!({"subscribe": {"channel": CHANNEL}})).await.unwrap();
        assert_eq!(refused["error"]["code"], json!(103));
    }
}
