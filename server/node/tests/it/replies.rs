//! What members and organisers write to each other, over HTTP: at one node on the embedded store and at two on one Redis.

use crate::browser::{Answer, Visitor};
use crate::client::Client;
use crate::node::Start;
use crate::ops::metrics;
use crate::service::{Service, connected};
use awc::http::{Method, StatusCode};
use campaign::bulletin::{Action, BulletinId, Content};
use campaign::bulletins::{Bulletins, Rules};
use futures_util::future::join;
use identity::Principal;
use protocol::{Epoch, MemberId, Role, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use storage::history::EpochSource;
use storage::{History, Records};
use storage_embedded::EmbeddedStore;
use storage_redis::RedisStore;
use storage_redis::test_server::TestRedis;

impl Service {
    /// Somebody with this role at the other node, and their id.
    async fn with_role(&mut self, role: &str) -> (Visitor, String) {
        let invite = self.invite(json!({"roles": [role]})).await;
        let mut visitor = Visitor::joined(self.two(), &invite).await;
        let id = visitor.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
        (visitor, id)
    }
}

async fn services() -> [Service; 2] {
    [Service::embedded().await, Service::on_redis().await]
}

/// Who is told that they ask too fast asks again when they were told to.
async fn reply(from: &mut Visitor, text: &str, id: &str) -> Answer {
    loop {
        let answer = from.say(Method::POST, "/v1/replies", &json!({"text": text, "id": id})).await;
        if answer.status != StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
        let seconds = answer.headers["retry-after"].parse().unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

/// A reply that is taken; answers the path of its conversation in the inbox.
async fn replied(from: &mut Visitor, text: &str, id: &str) -> String {
    let answer = reply(from, text, id).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    format!("/v1/inbox/{}", answer.body["conversation"].as_str().unwrap())
}

async fn put(from: &mut Visitor, path: &str, body: Value, revision: Option<&str>) -> Answer {
    from.say_if(Method::PUT, path, &body, revision).await
}

/// The data of the next publication that a socket is pushed.
async fn pushed(client: &mut Client, channel: &str) -> Value {
    loop {
        let message = client.next().await.unwrap();
        if message["push"]["channel"] == json!(channel) {
            return message["push"]["pub"]["data"].clone();
        }
    }
}

/// A socket of somebody who reads their own channel.
async fn reading(visitor: &mut Visitor, channel: &str) -> Client {
    let (_, mut client) = connected(visitor).await;
    let reply = client.request(json!({"subscribe": {"channel": channel}})).await.unwrap();
    assert!(reply["subscribe"].is_object(), "{reply}");
    client
}

#[actix_rt::test]
async fn a_reply_is_in_the_inbox_and_its_answer_with_the_member_at_every_node() {
    for mut service in services().await {
        let (mut member, id) = service.member().await;
        let (mut sender, sender_id) = service.with_role("sender").await;
        sender.at = service.one();
        let mine = format!("inbox#{id}");
        let mut socket = reading(&mut member, &mine).await;

        let path = replied(&mut member, "  Can I bring a friend?\u{202e} ", "r-1").await;
        assert_eq!(replied(&mut member, "Can I bring a friend?", "r-1").await, path, "the same again");
        assert_eq!(reply(&mut member, "Something else", "r-1").await.outcome(), (409, "id_reused"));
        let inbox = sender.get("/v1/inbox").await;
        let list = inbox.body["conversations"].as_array().unwrap();
        assert_eq!((list.len(), &list[0]["member"], &list[0]["unanswered"]), (1, &json!(id), &json!(1)));
        assert_eq!(list[0]["texts"][0]["text"], json!("Can I bring a friend?"));
        assert_eq!((&list[0]["state"], &list[0]["bulletin"]), (&json!("open"), &Value::Null));

        let answers = format!("{path}/answers");
        for _ in 0..2 {
            let answered = json!({"text": "Please do!", "id": "a-1"});
            assert_eq!(sender.say(Method::POST, &answers, &answered).await.status, StatusCode::CREATED);
        }
        let hint = pushed(&mut socket, &mine).await;
        assert_eq!(hint["conversation"], list[0]["id"]);
        assert!(!hint.to_string().contains("Please do"), "logs are not sealed");
        let own = member.get("/v1/me/conversations").await;
        assert_eq!(own.body["conversations"][0]["texts"][0]["text"], json!("Please do!"));
        let own = member.get(&path.replace("/v1/inbox", "/v1/me/conversations")).await;
        let texts = own.body["texts"].as_array().unwrap();
        let who: Vec<(&str, &str)> = texts
            .iter()
            .map(|text| (text["from"].as_str().unwrap(), text["text"].as_str().unwrap()))
            .collect();
        assert_eq!(who, [("member", "Can I bring a friend?"), ("organiser", "Please do!")]);
        assert!(!own.body.to_string().contains(&sender_id), "who answered is the organisers'");
        let seen = sender.get(&path).await;
        assert_eq!(seen.body["texts"][1]["by"], json!(sender_id));
        assert_eq!(seen.headers["etag"], format!("\"{}\"", seen.body["revision"]));
    }
}

#[actix_rt::test]
async fn of_two_organisers_who_change_what_both_saw_one_looks_again() {
    for mut service in services().await {
        let (mut member, _) = service.member().await;
        let (mut ana, ana_id) = service.with_role("sender").await;
        let (mut ben, ben_id) = service.with_role("approver").await;
        ana.at = service.one();
        let path = replied(&mut member, "Hello", "r-1").await;
        let seen = ana.get(&path).await.headers["etag"].clone();
        let assignee = format!("{path}/assignee");
        let (one, two) = join(
            put(&mut ana, &assignee, json!({"member": ana_id}), Some(&seen)),
            put(&mut ben, &assignee, json!({"member": ben_id}), Some(&seen)),
        )
        .await;
        let mut outcomes = [one.outcome(), two.outcome()];
        outcomes.sort_unstable();
        assert_eq!(outcomes, [(200, ""), (412, "changed_meanwhile")]);
        let winner = if one.status == StatusCode::OK { &ana_id } else { &ben_id };
        let now = ana.get(&path).await;
        assert_eq!(now.body["assignee"], json!(winner));
        let unseen = put(&mut ana, &format!("{path}/state"), json!({"state": "closed"}), None).await;
        assert_eq!(unseen.outcome(), (428, "precondition_required"));
        let stale = json!({"text": "Hello!", "id": "a-1"});
        let stale = ana.say_if(Method::POST, &format!("{path}/answers"), &stale, Some(&seen)).await;
        assert_eq!(stale.outcome(), (412, "changed_meanwhile"));
    }
}

#[actix_rt::test]
async fn a_conversation_is_closed_and_open_again_when_its_member_writes_which_its_organiser_hears() {
    for mut service in services().await {
        let (mut member, _) = service.member().await;
        let (mut sender, sender_id) = service.with_role("sender").await;
        sender.at = service.one();
        let path = replied(&mut member, "Hello", "r-1").await;
        let (state, assignee) = (format!("{path}/state"), format!("{path}/assignee"));
        let assigned = put(&mut sender, &assignee, json!({"member": sender_id}), Some("*")).await;
        assert_eq!(assigned.status, StatusCode::OK, "{}", assigned.body);
        let closed =
            put(&mut sender, &state, json!({"state": "closed"}), Some(&assigned.headers["etag"])).await;
        assert_eq!((closed.status, &closed.body["state"]), (StatusCode::OK, &json!("closed")));
        let count = async |visitor: &mut Visitor, query: &str| {
            visitor.get(&format!("/v1/inbox{query}")).await.body["conversations"].as_array().unwrap().len()
        };
        assert_eq!(count(&mut sender, "").await, 0);
        assert_eq!(count(&mut sender, "?state=closed&assigned=me").await, 1);

        let mine = format!("inbox#{sender_id}");
        let mut socket = reading(&mut sender, &mine).await;
        replied(&mut member, "One more thing", "r-2").await;
        let hint = pushed(&mut socket, &mine).await;
        assert_eq!(json!(path.strip_prefix("/v1/inbox/").unwrap()), hint["conversation"]);
        assert_eq!(count(&mut sender, "?state=open&assigned=me").await, 1);
        assert_eq!(count(&mut sender, "?assigned=nobody").await, 0);
        let nobody = put(&mut sender, &assignee, json!({"member": null}), Some("*")).await;
        assert_eq!(nobody.body["assignee"], Value::Null);
        assert_eq!(count(&mut sender, "?assigned=nobody").await, 1);
    }
}

#[actix_rt::test]
async fn the_inbox_is_for_organisers_and_names_are_for_admins() {
    let mut service = Service::embedded().await;
    let (mut member, id) = service.member().await;
    let (mut other, other_id) = service.member().await;
    let (mut observer, _) = service.with_role("observer").await;
    let (mut sender, _) = service.with_role("sender").await;
    member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
    let path = replied(&mut member, "Hello", "r-1").await;
    for visitor in [&mut member, &mut other, &mut observer] {
        assert_eq!(visitor.get("/v1/inbox").await.outcome(), (403, "forbidden"));
        assert_eq!(visitor.get(&path).await.outcome(), (403, "forbidden"));
        let answer = json!({"text": "x"});
        let answered = visitor.say(Method::POST, &format!("{path}/answers"), &answer).await;
        assert_eq!(answered.outcome(), (403, "forbidden"));
        let closed = put(visitor, &format!("{path}/state"), json!({"state": "closed"}), Some("*")).await;
        assert_eq!(closed.outcome(), (403, "forbidden"));
    }
    assert_eq!(reply(&mut observer, "Hello", "r-1").await.outcome(), (403, "forbidden"));
    let own = path.replace("/v1/inbox", "/v1/me/conversations");
    assert_eq!(other.get(&own).await.outcome(), (404, "conversation_unknown"));
    assert_eq!(other.get("/v1/me/conversations").await.body, json!({"conversations": []}));
    assert_eq!(sender.get(&path).await.body["name"], Value::Null);
    assert_eq!(service.admin.get(&path).await.body["name"], json!("Siân"));
    for wrong in [id.as_str(), other_id.as_str(), "m_nobody"] {
        let assigned =
            put(&mut sender, &format!("{path}/assignee"), json!({"member": wrong}), Some("*")).await;
        assert_eq!(assigned.outcome(), (400, "bad_request"));
    }
    assert_eq!(Visitor::at(service.one()).get("/v1/inbox").await.outcome(), (401, "unauthorized"));
}

#[actix_rt::test]
async fn what_makes_no_sense_is_refused_and_nobody_writes_on_and_on_unanswered() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path()).with_ops();
    let ops = start.ops.unwrap();
    let mut service = Service::started(vec![start], None, data).await;
    let (mut member, _) = service.member().await;
    for body in [
        json!({"text": " \u{200f} "}),
        json!({"text": "ŵ".repeat(2_001)}),
        json!({"text": "x", "id": ""}),
        json!({"text": "x", "id": "a b"}),
        json!({"text": "x", "colour": "red"}),
        json!({"id": "x"}),
    ] {
        let refused = member.say(Method::POST, "/v1/replies", &body).await;
        assert_eq!(refused.outcome(), (400, "bad_request"), "{body}");
    }
    for bulletin in ["", "general", "b0123456789aaaaaaaaaaaaaaaaaaaaa"] {
        let body = json!({"text": "x", "bulletin": bulletin});
        let refused = member.say(Method::POST, "/v1/replies", &body).await;
        assert_eq!(refused.outcome(), (404, "bulletin_unknown"), "{bulletin}");
    }
    let whole = "ŵ".repeat(2_000);
    let path = replied(&mut member, &whole, "r-1").await;
    assert_eq!(service.admin.get(&path).await.body["texts"][0]["text"], json!(whole));
    for query in ["?state=ajar", "?assigned=everybody", "?after=*", "?colour=red"] {
        let refused = service.admin.get(&format!("/v1/inbox{query}")).await;
        assert_eq!(refused.outcome(), (400, "bad_request"), "{query}");
    }
    for body in [json!({}), json!({"member": 7})] {
        let refused = put(&mut service.admin, &format!("{path}/assignee"), body, Some("*")).await;
        assert_eq!(refused.outcome(), (400, "bad_request"));
    }
    for wrong in ["/v1/inbox/m_nobody~general", "/v1/inbox/x"] {
        assert_eq!(service.admin.get(wrong).await.outcome(), (404, "conversation_unknown"));
    }
    for n in 2..=20 {
        replied(&mut member, "Are you there?", &format!("r-{n}")).await;
    }
    assert_eq!(reply(&mut member, "Hello?", "r-21").await.outcome(), (409, "too_many_unanswered"));
    let counted = "limits_reached_total{limit=\"replies_unanswered_max\"}";
    assert_eq!(metrics(ops).await.whole(counted), 1);
    let answered =
        service.admin.say(Method::POST, &format!("{path}/answers"), &json!({"text": "Yes."})).await;
    assert_eq!(answered.status, StatusCode::CREATED);
    replied(&mut member, "Thank you", "r-21").await;
}

#[actix_rt::test]
async fn who_is_erased_is_gone_from_the_inbox_and_so_is_what_was_kept_of_them() {
    for mut service in services().await {
        let (mut member, id) = service.member().await;
        let (mut other, _) = service.member().await;
        let path = replied(&mut member, "Of mine", "r-1").await;
        let others = replied(&mut other, "Of another", "r-1").await;
        assert_eq!(member.get("/v1/me/export").await.status, StatusCode::OK);
        let erased = service.admin.say(Method::DELETE, &format!("/v1/members/{id}"), &Value::Null).await;
        assert_eq!(erased.status, StatusCode::NO_CONTENT);
        assert_eq!(service.admin.get(&path).await.outcome(), (404, "conversation_unknown"));
        let inbox = service.admin.get("/v1/inbox").await;
        let left = inbox.body["conversations"].as_array().unwrap();
        assert_eq!((left.len(), left[0]["texts"][0]["text"].as_str()), (1, Some("Of another")));
        assert_eq!(service.admin.get(&others).await.status, StatusCode::OK);
        for path in ["/v1/me/export", "/v1/me/conversations"] {
            // A node that the admin did not ask learns of it within seconds; till then there is nothing to be had.
            let gone = member.get(path).await;
            let is_empty = gone.body == json!({"conversations": []});
            assert!(is_empty || matches!(gone.outcome(), (401 | 404, _)), "{path}: {}", gone.body);
        }
        let late = reply(&mut member, "Late", "r-2").await;
        assert!(matches!(late.outcome(), (401, "unauthorized") | (404, "member_unknown")), "{}", late.body);
        if let Some(redis) = &service.redis {
            let keys = "return table.concat(redis.call('KEYS', ARGV[1]), '\\n')";
            let keys = redis.command(&["EVAL", keys, "0", &format!("*:of:*{id}*")]).unwrap();
            let kept: Vec<&str> = keys.lines().filter(|key| !key.contains(":of:revocation:")).collect();
            assert!(kept.is_empty(), "{kept:?}");
            assert!(keys.contains(&id), "{keys}");
        }
    }
}

#[actix_rt::test]
async fn an_export_has_all_that_is_kept_of_one_and_nothing_of_anybody_else() {
    for mut service in services().await {
        let (mut member, id) = service.with_role("activist").await;
        let (mut other, other_id) = service.member().await;
        let (mut sender, sender_id) = service.with_role("sender").await;
        member.say(Method::PATCH, "/v1/me", &json!({"name": "Siân"})).await;
        other.say(Method::PATCH, "/v1/me", &json!({"name": "Somebody Else"})).await;
        sender.say(Method::PATCH, "/v1/me", &json!({"name": "Organiser"})).await;
        let path = replied(&mut member, "Words of mine", "r-1").await;
        replied(&mut other, "Words of another", "r-1").await;
        let answer = json!({"text": "An answer to me"});
        sender.say(Method::POST, &format!("{path}/answers"), &answer).await;
        put(&mut sender, &format!("{path}/assignee"), json!({"member": sender_id}), Some("*")).await;

        let export = member.get("/v1/me/export").await;
        assert_eq!(export.status, StatusCode::OK);
        assert_eq!(export.headers["content-disposition"], "attachment; filename=\"my-data.json\"");
        assert_eq!(export.headers["cache-control"], "no-store");
        let data = &export.body;
        assert_eq!((&data["member"]["id"], &data["member"]["name"]), (&json!(id), &json!("Siân")));
        assert_eq!(data["devices"].as_array().unwrap().len(), 1);
        let texts: Vec<&Value> =
            data["conversations"][0]["texts"].as_array().unwrap().iter().map(|text| &text["text"]).collect();
        assert_eq!(texts, [&json!("Words of mine"), &json!("An answer to me")]);
        let admin_id = service.admin.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
        let all = data.to_string();
        let ids = [other_id.as_str(), sender_id.as_str(), admin_id.as_str()];
        for foreign in ids.into_iter().chain(["Somebody Else", "Organiser", "Words of another"]) {
            assert!(!all.contains(foreign), "{foreign}");
        }
        let device = &member.cookies["holdfast_device"];
        assert!(!all.contains(device.as_str()), "no secret");

        let admins = service.admin.get("/v1/me/export").await;
        assert_eq!(admins.body["invites_made"].as_array().unwrap().len(), 3);
        assert_eq!(admins.body["conversations"], json!([]));
    }
}

/// More than an export reads at once, and fewer than may be open.
const BULLETINS: u8 = 18;

/// Bulletins that were sent before any node ran.
async fn sent_bulletins(records: Arc<dyn Records>) -> Vec<BulletinId> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = Timestamp::from_millis(now.try_into().unwrap());
    let who = |name: &str| Principal {
        is_guarded: false,
        stepped_up_until: None,
        member: MemberId::parse(name).unwrap(),
        roles: vec![Role::Sender, Role::Approver],
        regions: vec![],
        teams: vec![],
        channels: vec![],
        device: None,
        generation: 0,
        posts_until: now,
        expires_at: now,
    };
    let form = json!({"kind": "update", "texts": {"en": {"title": "x", "body": "y"}}});
    let content = Content::parse(serde_json::from_value(form).unwrap()).unwrap();
    let bulletins = Bulletins::new(records, Rules::default());
    let ids: Vec<BulletinId> = (0..BULLETINS).map(|n| BulletinId::new(now, [n; 10])).collect();
    for id in &ids {
        bulletins.begin(id.clone(), &who("m_1"), content.clone(), None, now).await.unwrap();
        bulletins
            .act(id, &Action::Submit { revision: 1, signed: None }, &who("m_1"), None, now)
            .await
            .unwrap();
        bulletins
            .act(id, &Action::Approve { revision: 1, signature: None }, &who("m_2"), None, now)
            .await
            .unwrap();
        let work = bulletins.take_due("test", now).await.unwrap().unwrap();
        bulletins.done(&work, now).await.unwrap();
    }
    ids
}

fn epochs() -> EpochSource {
    Arc::new(|| Epoch::parse("before-the-nodes").unwrap())
}

async fn services_after_bulletins() -> [(Service, Vec<BulletinId>); 2] {
    let data = tempfile::tempdir().unwrap();
    let start = Start::embedded(data.path());
    let store =
        Arc::new(EmbeddedStore::open(data.path(), &storage_embedded::OpenOptions::new(epochs())).unwrap());
    let in_file = sent_bulletins(Arc::<EmbeddedStore>::clone(&store)).await;
    store.close().await;
    drop(store);
    let embedded = Service::started(vec![start], None, data).await;

    let redis = TestRedis::start().unwrap();
    let store = RedisStore::connect(&redis.url(), storage_redis::Options::new(epochs())).await.unwrap();
    let store = Arc::new(store);
    let in_redis = sent_bulletins(Arc::<RedisStore>::clone(&store)).await;
    store.close().await;
    let data = tempfile::tempdir().unwrap();
    let starts = [0, 1].map(|_| Start::on_redis(data.path(), &redis.url()));
    let on_redis = Service::started(starts.into(), Some(redis), data).await;
    [(embedded, in_file), (on_redis, in_redis)]
}

#[actix_rt::test]
async fn a_reply_to_a_bulletin_is_a_conversation_of_its_own() {
    for (mut service, bulletins) in services_after_bulletins().await {
        let bulletin = &bulletins[0];
        let (mut member, _) = service.member().await;
        replied(&mut member, "In general", "r-1").await;
        let body = json!({"text": "About it", "bulletin": bulletin, "id": "r-1"});
        let answer = member.say(Method::POST, "/v1/replies", &body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let own = member.get("/v1/me/conversations").await;
        let about: Vec<(&Value, &Value)> = own.body["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["bulletin"], &one["texts"][0]["text"]))
            .collect();
        let id = json!(bulletin);
        assert_eq!(about, [(&id, &json!("About it")), (&Value::Null, &json!("In general"))]);
        let (mut seen, mut query) = (Vec::new(), "?limit=1".to_owned());
        loop {
            let page = service.admin.get(&format!("/v1/inbox{query}")).await;
            seen.extend(
                page.body["conversations"].as_array().unwrap().iter().map(|one| one["bulletin"].clone()),
            );
            let Some(next) = page.body["next"].as_str() else { break };
            query = format!("?limit=1&after={next}");
        }
        assert_eq!(seen, [id, Value::Null], "the newest first");

        for bulletin in &bulletins[1..] {
            let body = json!({"text": "About another", "bulletin": bulletin});
            let answer = member.say(Method::POST, "/v1/replies", &body).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        }
        let export = member.get("/v1/me/export").await;
        let of = |one: &Value| serde_json::from_value::<Option<BulletinId>>(one["bulletin"].clone()).unwrap();
        let about: Vec<_> = export.body["conversations"].as_array().unwrap().iter().map(of).collect();
        assert_eq!(about, bulletins.iter().cloned().map(Some).chain([None]).collect::<Vec<_>>());
    }
}
