//! People over HTTP, at one node on the embedded store and at two on one Redis: members, devices, invites, codes.

use crate::browser::{ATTEMPT, Visitor, first_admin_token_of};
use crate::client::{Client, Closed};
use crate::node::Start;
use crate::service::{Service, connected};
use awc::http::{Method, StatusCode};
use futures_util::future::{Either, join_all, select};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

/// How soon everybody knows, with what this machine needs to say it.
const SOON: Duration = Duration::from_millis(5_500);

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

#[actix_rt::test]
async fn a_name_is_each_members_own_and_shows_to_admins_alone() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (mut member, id) = service.member().await;
        let named = member.say(Method::PATCH, "/v1/me", &json!({"name": " Siân "})).await;
        assert_eq!((named.status, &named.body["name"]), (StatusCode::OK, &json!("Siân")));
        assert_eq!(member.session().await.body["member"]["name"], json!("Siân"));
        assert_eq!(member.get("/v1/members").await.outcome(), (403, "forbidden"));
        let shown = service.admin.get(&format!("/v1/members/{id}")).await;
        assert_eq!(shown.body, named.body);
        let list = service.admin.get("/v1/members?role=activist").await;
        assert_eq!(list.body, json!({"members": [named.body]}));
        let too_much = member.say(Method::PATCH, "/v1/me", &json!({"roles": ["admin"]})).await;
        assert_eq!(too_much.outcome(), (400, "bad_request"));
    }
}

#[actix_rt::test]
async fn a_list_goes_on_where_its_page_ended_and_nonsense_is_refused() {
    let mut service = Service::embedded().await;
    for _ in 0..4 {
        service.member().await;
    }
    let (mut ids, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = service.admin.get(&format!("/v1/members{query}")).await;
        let members = page.body["members"].as_array().unwrap();
        assert!(members.len() <= 2);
        ids.extend(members.iter().map(|member| member["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["next"].as_str() else { break };
        query = format!("?limit=2&after={next}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted());
    for query in ["?after=*", "?role=king", "?limit=many", "?colour=red"] {
        assert_eq!(service.admin.get(&format!("/v1/members{query}")).await.outcome(), (400, "bad_request"));
    }
    assert_eq!(service.admin.get("/v1/members/m_nobody").await.outcome(), (404, "member_unknown"));
}

#[actix_rt::test]
async fn what_a_member_may_is_what_an_admin_said_last_at_every_node_and_on_live_sockets() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (mut member, id) = service.member().await;
        let (ticket, client) = connected(&mut member).await;
        let path = format!("/v1/members/{id}");
        let before = service.admin.get(&path).await.headers["etag"].clone();
        let roles = json!({"roles": ["activist", "sender"], "regions": ["north"]});
        let unseen = service.admin.say(Method::PATCH, &path, &roles).await;
        assert_eq!(unseen.outcome(), (428, "precondition_required"));
        let since = Instant::now();
        let changed = service.admin.say_if(Method::PATCH, &path, &roles, Some(&before)).await;
        assert_eq!((changed.status, &changed.body["regions"]), (StatusCode::OK, &json!(["north"])));
        let stale = service.admin.say_if(Method::PATCH, &path, &roles, Some(&before)).await;
        assert_eq!(stale.outcome(), (412, "changed_meanwhile"));

        assert_eq!(closed_soon(client, since).await, Some(3005), "it may come back");
        assert!(Client::connect(member.at, &ticket).await.is_err(), "not with the old ticket");
        assert_eq!(member.get("/v1/me").await.outcome(), (401, "unauthorized"), "nor with the old token");
        let admitted = member.say(Method::POST, "/v1/admit", &json!({})).await;
        assert_eq!(admitted.body["member"]["roles"], json!(["activist", "sender"]));
        let mut client = Client::connect(member.at, admitted.body["ticket"].as_str().unwrap()).await.unwrap();
        assert!(client.publish("bulletins:all", "k").await.unwrap().is_ok());
        let own = json!({"roles": ["sender"], "regions": [], "teams": []});
        let me = service.admin.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
        let refused = service.admin.say(Method::PATCH, &format!("/v1/members/{me}"), &own).await;
        assert_eq!(refused.outcome(), (409, "own_rights"));
    }
}

#[actix_rt::test]
async fn a_device_is_signed_out_alone_or_with_all_others_everywhere_soon() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (mut phone, id) = service.member().await;
        let mut laptop = moved(&mut phone, service.one()).await;
        let (_, on_phone) = connected(&mut phone).await;
        let (_, on_laptop) = connected(&mut laptop).await;
        let devices = phone.get("/v1/me/devices").await;
        let devices = devices.body["devices"].as_array().unwrap();
        assert_eq!(devices.iter().map(|device| &device["this"]).collect::<Vec<_>>(), [true, false]);
        let laptop_id = devices[1]["id"].as_str().unwrap();

        let since = Instant::now();
        let path = format!("/v1/me/devices/{laptop_id}");
        assert_eq!(phone.say(Method::DELETE, &path, &Value::Null).await.status, StatusCode::NO_CONTENT);
        assert_eq!(closed_soon(on_laptop, since).await, Some(3500));
        assert_eq!(laptop.session().await.outcome(), (401, "unauthorized"));
        assert_eq!(phone.say(Method::DELETE, &path, &Value::Null).await.outcome(), (404, "not_found"));

        let since = Instant::now();
        let path = format!("/v1/members/{id}/devices");
        let all = service.admin.say(Method::DELETE, &path, &Value::Null).await;
        assert_eq!(all.status, StatusCode::NO_CONTENT);
        assert_eq!(closed_soon(on_phone, since).await, Some(3500));
        assert_eq!(phone.session().await.outcome(), (401, "unauthorized"));
        assert_eq!(service.admin.get(&path).await.body, json!({"devices": []}));
    }
}

/// Another device of the same member, by a code.
async fn moved(from: &mut Visitor, to: SocketAddr) -> Visitor {
    let made = from.say(Method::POST, "/v1/transfers", &Value::Null).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let code = made.body["code"].as_str().unwrap();
    let mut visitor = Visitor::at(to);
    let body = json!({"code": code.to_lowercase(), "attempt": ATTEMPT});
    let answer = visitor.say(Method::POST, "/v1/transfers/redeem", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let again = Visitor::at(to).say(Method::POST, "/v1/transfers/redeem", &body).await;
    assert_eq!(again.cookies[0], answer.cookies[0], "a lost answer");
    let body = json!({"code": code, "attempt": "attempt-of-somebody-else"});
    let late = Visitor::at(to).say(Method::POST, "/v1/transfers/redeem", &body).await;
    assert_eq!(late.outcome(), (404, "transfer_unknown"));
    visitor.session().await;
    visitor
}

#[actix_rt::test]
async fn a_devices_cookie_is_changed_as_it_is_used_and_an_old_one_signs_it_out() {
    let mut service = Service::on_redis().await;
    let invite = service.invite(json!({})).await;
    let mut member = Visitor::joined(service.two(), &invite).await;
    let device = |visitor: &Visitor| visitor.cookies["holdfast_device"].clone();
    let first = device(&member);
    assert_eq!(member.session().await.status, StatusCode::OK);
    let second = device(&member);
    assert_ne!(first, second);
    member.cookies.insert("holdfast_device".into(), first.clone());
    assert_eq!(member.session().await.status, StatusCode::OK);
    assert_eq!(device(&member), second, "a lost answer");
    assert_eq!(member.session().await.status, StatusCode::OK);

    // A day later.
    let redis = service.redis.as_ref().unwrap();
    let me = member.get("/v1/me/devices").await.body["devices"][0]["id"].as_str().unwrap().to_owned();
    let key = format!("holdfast:{{$records}}:of:device:{me}");
    let mut record: Value = serde_json::from_str(&redis.command(&["HGET", &key, "data"]).unwrap()).unwrap();
    assert_eq!((&record["shown"], &record["given"]), (&json!(1), &json!(1)));
    record["shown_since"] = json!(record["shown_since"].as_u64().unwrap() - 86_400_000);
    redis.command(&["HSET", &key, "data", &record.to_string()]).unwrap();
    let (_, client) = connected(&mut member).await;
    let since = Instant::now();
    let mut thief = Visitor::at(service.one());
    thief.cookies.insert("holdfast_device".into(), first);
    assert_eq!(thief.session().await.outcome(), (401, "device_stolen"));
    assert_eq!(closed_soon(client, since).await, Some(3500));
    assert_eq!(member.session().await.outcome(), (401, "device_stolen"), "both are told");
}

#[actix_rt::test]
async fn who_needs_approval_waits_and_comes_in_when_an_admin_agrees() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let invite = service.invite(json!({"needs_approval": true})).await;
        let mut member = Visitor::at(service.two());
        let answer = member.redeem(&invite, ATTEMPT).await;
        assert_eq!((answer.status, &answer.body["standing"]), (StatusCode::ACCEPTED, &json!("waiting")));
        assert!(!member.cookies.contains_key("holdfast_ticket"));
        assert_eq!(member.session().await.outcome(), (403, "awaiting_approval"));
        let admit = member.say(Method::POST, "/v1/admit", &json!({})).await;
        assert_eq!(admit.outcome(), (403, "awaiting_approval"));
        let waiting = service.admin.get("/v1/members?standing=waiting").await;
        let id = waiting.body["members"][0]["id"].as_str().unwrap();
        let path = format!("/v1/members/{id}");
        let agreed = service.admin.say(Method::PATCH, &path, &json!({"standing": "active"})).await;
        assert_eq!(agreed.status, StatusCode::OK);
        assert_eq!(member.session().await.status, StatusCode::OK);
    }
}

#[actix_rt::test]
async fn looking_at_a_link_uses_nothing_and_of_many_who_race_for_the_last_use_one_wins() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let invite = service.invite(json!({})).await;
        for path in ["/join", "/v1/invites/redeem", "/"] {
            Visitor::at(service.one()).get(path).await;
        }
        let nodes = [service.one(), service.two()];
        let tries = (0..12).map(|n| {
            let invite = invite.clone();
            async move {
                let mut visitor = Visitor::at(nodes[n % 2]);
                visitor.redeem(&invite, &format!("attempt-of-number-{n:02}")).await
            }
        });
        let mut outcomes: Vec<(u16, String)> = join_all(tries)
            .await
            .iter()
            .map(|answer| (answer.outcome().0, answer.outcome().1.to_owned()))
            .collect();
        outcomes.sort();
        assert_eq!(outcomes[0].0, 200);
        for (status, code) in &outcomes[1..] {
            assert_eq!((*status, code.as_str()), (410, "invite_used_up"));
        }
        let list = service.admin.get("/v1/invites").await;
        assert_eq!(list.body["invites"][0]["uses"], json!(1));
    }
}

#[actix_rt::test]
async fn who_is_erased_is_gone_from_lists_devices_and_sockets() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (mut member, id) = service.member().await;
        member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
        let (ticket, client) = connected(&mut member).await;
        let since = Instant::now();
        let path = format!("/v1/members/{id}");
        assert_eq!(service.admin.say(Method::DELETE, &path, &Value::Null).await.status, 204);
        closed_soon(client, since).await;
        assert!(Client::connect(member.at, &ticket).await.is_err());
        assert_eq!(member.session().await.outcome(), (401, "unauthorized"));
        assert_eq!(service.admin.get(&path).await.outcome(), (404, "member_unknown"));
        let again = service.admin.say(Method::DELETE, &path, &Value::Null).await;
        assert_eq!(again.outcome(), (404, "member_unknown"));
        assert_eq!(service.admin.get("/v1/invites").await.body["invites"][0]["uses"], json!(1));
    }
}

/// A list of so many people.
fn list(people: usize) -> String {
    let rows = (0..people).map(|n| format!("ref-{n},Person {n},{},\n", ["north", "south"][n % 2]));
    "reference,name,regions,teams\n"
        .chars()
        .chain(rows.flat_map(|row| row.chars().collect::<Vec<_>>()))
        .collect()
}

#[actix_rt::test]
async fn an_imported_list_gives_everybody_a_link_of_their_own_and_again_the_same() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let (status, trial) = service.admin.import("?dry_run=true", list(500)).await;
        assert_eq!((status, trial.len(), trial[0][0].as_str()), (200, 500, "would_add"));
        assert_eq!(service.admin.get("/v1/members?standing=invited").await.body["members"], json!([]));
        let (status, rows) = service.admin.import("", list(500)).await;
        assert_eq!((status, rows.len()), (200, 500));
        assert!(rows.iter().all(|row| row[0] == "added"));
        let link = rows[7][1].split_once("/join#").unwrap().1;
        let member = Visitor::joined(service.two(), link).await.get("/v1/me").await;
        assert_eq!((&member.body["name"], &member.body["regions"]), (&json!("Person 7"), &json!(["south"])));
        let mut admin = Visitor::at(service.two());
        admin.token.clone_from(&service.admin.token);
        let (_, again) = admin.import("", list(501)).await;
        assert_eq!([again[0][0].as_str(), &again[7][0], &again[500][0]], ["present", "joined", "added"]);
        assert_eq!(
            again[0][1].split('#').nth(1),
            rows[0][1].split('#').nth(1),
            "the same links, by any node"
        );
        assert_eq!(service.admin.get("/v1/invites").await.body["invites"], json!([]));
    }
}

#[actix_rt::test]
async fn an_import_that_was_cut_off_goes_on_where_it_was() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path());
    let link = first_admin_token_of(&start);
    let node = start.run();
    let admin = Visitor::joined(node.address, &link).await;
    let mut watcher = Visitor::at(node.address);
    watcher.token.clone_from(&admin.token);
    let begun = async {
        let invited = "/v1/members?standing=invited&limit=1";
        while watcher.get(invited).await.body["members"] == json!([]) {
            // Not so often that a prefix comes too often.
            actix_rt::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let sending = pin!(admin.import("", list(20_000)));
    let Either::Left(_) = select(pin!(begun), sending).await else { panic!("too quick to be cut off") };
    node.kill();
    let _node = start.run();
    let (status, rows) = admin.import("", list(20_000)).await;
    assert_eq!((status, rows.len()), (200, 20_000));
    let count = |outcome: &str| rows.iter().filter(|row| row[0] == outcome).count();
    assert_eq!(count("added") + count("present"), 20_000);
    assert!(count("present") > 0);
    let mut links: Vec<&String> = rows.iter().map(|row| &row[1]).collect();
    links.sort_unstable();
    links.dedup();
    assert_eq!(links.len(), 20_000);
}

#[actix_rt::test]
async fn a_formula_in_a_list_is_no_formula_in_its_answer() {
    let service = Service::embedded().await;
    let url = format!("http://{}/v1/imports?dry_run=true", service.one());
    let request = awc::Client::default()
        .post(url)
        .bearer_auth(&service.admin.token)
        .insert_header(("Content-Type", "text/csv"));
    let list = "reference\n=1+1\n+44\n-x\n@sum\nplain-1\n";
    let answer = request.send_body(list).await.unwrap().body().await.unwrap();
    let text = std::str::from_utf8(&answer).unwrap();
    let references: Vec<&str> = text.lines().skip(1).map(|row| row.split(',').nth(1).unwrap()).collect();
    assert_eq!(references, ["'=1+1", "'+44", "'-x", "'@sum", "plain-1"]);
}

#[actix_rt::test]
async fn only_admins_send_lists_and_only_lists() {
    let mut service = Service::embedded().await;
    let (member, _) = service.member().await;
    assert_eq!(member.import("", list(1)).await.0, 403);
    assert_eq!(member.import("", list(1_000)).await.0, 400, "nor is it read");
    assert_eq!(service.admin.import("", "colour\nred\n".to_owned()).await.0, 400);
    assert_eq!(service.admin.import("?expires_in_s=0", list(1)).await.0, 400);
}

/// `cargo test --release -p node --test it -- --ignored --nocapture a_hundred_thousand`
#[actix_rt::test]
#[ignore = "a measurement"]
async fn a_hundred_thousand_members_are_imported_within_a_minute() {
    for (store, service) in [("redb", Service::embedded().await), ("Redis", Service::on_redis().await)] {
        let since = Instant::now();
        let (status, rows) = service.admin.import("", list(100_000)).await;
        let took = since.elapsed();
        assert_eq!((status, rows.len()), (200, 100_000));
        assert!(rows.iter().all(|row| row[0] == "added"));
        let since = Instant::now();
        service.admin.import("", list(100_000)).await;
        eprintln!("{store}: 100,000 members in {took:?}, again in {:?}", since.elapsed());
        assert!(took < Duration::from_mins(1), "{took:?}");
    }
}
