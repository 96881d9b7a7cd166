//! One's own way out, over HTTP: at one node on the embedded store and at two on one Redis.

use crate::browser::{ATTEMPT, Visitor};
use crate::client::{Client, Closed};
use crate::service::{Service, connected};
use awc::http::{Method, StatusCode};
use futures_util::future::join;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How soon everybody knows, with what this machine needs to say it.
const SOON: Duration = Duration::from_millis(5_500);
/// Longer than anything that is right takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn services() -> [Service; 2] {
    [Service::embedded().await, Service::on_redis().await]
}

/// The close code of a socket that has to leave within the time that is promised.
async fn closed_soon(mut client: Client, since: Instant) -> Option<u16> {
    let closed = loop {
        if let Err(Closed(code)) = client.next().await {
            break code;
        }
    };
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    closed
}

/// Asks until everybody is counted.
async fn until_members(admin: &mut Visitor, members: u64) {
    let begun = Instant::now();
    loop {
        let counted = admin.say(Method::POST, "/v1/audience", &json!({})).await;
        if counted.body["members"] == json!(members) {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{} are not {members}", counted.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn leave(who: &mut Visitor) -> (u16, String) {
    let answer = who.say(Method::POST, "/v1/me/leave", &Value::Null).await;
    let (status, code) = answer.outcome();
    (status, code.to_owned())
}

async fn be_erased(who: &mut Visitor) -> (u16, String) {
    let answer = who.say(Method::DELETE, "/v1/me", &Value::Null).await;
    let (status, code) = answer.outcome();
    (status, code.to_owned())
}

#[actix_rt::test]
async fn who_leaves_is_signed_out_everywhere_and_counted_nowhere_and_may_come_back_as_somebody_new() {
    for mut service in services().await {
        let (mut member, id) = service.member_with(json!({"max_uses": 2})).await;
        member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
        let (ticket, client) = connected(&mut member).await;
        until_members(&mut service.admin, 2).await;
        // Asked at one node, and connected to the other, if there are two.
        let (since, at) = (Instant::now(), member.at);
        member.at = service.one();
        assert_eq!(leave(&mut member).await.0, 204);
        assert_eq!(closed_soon(client, since).await, Some(3500), "for good");
        assert!(Client::connect(at, &ticket).await.is_err(), "not with the ticket");
        assert_eq!(member.get("/v1/me").await.outcome(), (401, "unauthorized"), "nor with the token");
        assert!(!member.cookies.values().any(|value| !value.is_empty()), "and the cookies are taken back");
        assert_eq!(leave(&mut member).await.0, 401, "once");
        until_members(&mut service.admin, 1).await;

        let seen = service.admin.get(&format!("/v1/members/{id}")).await;
        assert_eq!((&seen.body["standing"], &seen.body["devices"]), (&json!("left"), &json!(0)));
        assert_eq!(seen.body["name"], json!("Siân"), "until its time is over");
        let left = service.admin.get("/v1/members?standing=left").await;
        assert_eq!(left.body["members"].as_array().unwrap().len(), 1);
        let (again, other) = service.member().await;
        assert_ne!(other, id);
        until_members(&mut service.admin, 2).await;
        drop(again);
    }
}

#[actix_rt::test]
async fn who_is_erased_by_themselves_is_gone_and_the_audit_knows_the_id_alone() {
    for mut service in services().await {
        let (mut member, id) = service.member().await;
        member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
        member.say(Method::POST, "/v1/replies", &json!({"text": "Words of mine"})).await;
        let (_, client) = connected(&mut member).await;
        let since = Instant::now();
        assert_eq!(be_erased(&mut member).await.0, 204);
        assert_eq!(closed_soon(client, since).await, Some(3500));
        assert_eq!(member.session().await.outcome(), (401, "unauthorized"));
        let seen = service.admin.get(&format!("/v1/members/{id}")).await;
        assert_eq!(seen.outcome(), (404, "member_unknown"));
        assert_eq!(service.admin.get("/v1/inbox").await.body["conversations"], json!([]));
        service.admin.at = service.two();
        let begun = Instant::now();
        loop {
            let audit = service.admin.get("/v1/audit").await;
            let entries = audit.body["entries"].as_array().unwrap();
            let erased = entries.iter().find(|entry| entry["action"] == "member.erased");
            if let Some(entry) = erased {
                assert_eq!((&entry["about"], &entry["who"]), (&json!(id), &json!({"member": id})));
                assert!(!audit.body.to_string().contains("Siân"));
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", audit.body);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[actix_rt::test]
async fn the_last_admin_stays_until_there_is_another_and_of_two_who_go_at_once_one_does() {
    for mut service in services().await {
        assert_eq!(leave(&mut service.admin).await, (409, "last_admin".to_owned()));
        assert_eq!(be_erased(&mut service.admin).await, (409, "last_admin".to_owned()));
        assert_eq!(service.admin.get("/v1/me").await.status, StatusCode::OK, "nothing was done");

        let invite = service.invite(json!({"roles": ["admin"]})).await;
        let mut other = Visitor::joined(service.two(), &invite).await;
        let both = join(leave(&mut service.admin), be_erased(&mut other)).await;
        let mut codes = [both.0.0, both.1.0];
        codes.sort_unstable();
        assert_eq!(codes, [204, 409], "{both:?}");
    }
}

#[actix_rt::test]
async fn who_left_is_sent_no_link_by_the_next_list_and_their_own_link_lets_nobody_in() {
    let service = Service::embedded().await;
    let list = "reference,name\nno-7,Siân\n".to_owned();
    let (_, rows) = service.admin.import("", list.clone()).await;
    let secret = rows[0][1].split_once("/join#").unwrap().1.to_owned();
    let mut member = Visitor::joined(service.one(), &secret).await;
    assert_eq!(service.admin.import("", list.clone()).await.1[0][0], "joined");
    assert_eq!(leave(&mut member).await.0, 204);
    let (_, rows) = service.admin.import("", list).await;
    assert_eq!((rows[0][0].as_str(), rows[0][1].as_str()), ("left", ""));
    let mut again = Visitor::at(service.one());
    let refused = again.redeem(&secret, &format!("{ATTEMPT}-again")).await;
    assert_eq!(refused.outcome(), (404, "invite_unknown"));
}
