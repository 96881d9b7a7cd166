//! Receipts of a hundred thousand members, and what becomes of those who read live meanwhile.

use crate::browser::Visitor;
use crate::client::Client;
use crate::node::Start;
use crate::service::{Service, connected};
use awc::http::Method;
use futures_util::future::join_all;
use identity::{Claims, KeySet, Tickets};
use protocol::{Epoch, MemberId, Role, Timestamp};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use storage::records::COMMIT_MAX_WRITES;
use storage::records::member::{Member, Standing};
use storage::{Change, Expect, RecordId, RecordKey, RecordKind, Records, Write};
use storage_redis::test_server::TestRedis;

const MEMBERS: u32 = 100_000;
const AT_ONCE: usize = 64;
/// As large as any block of numbers that a node takes in this time.
const FIRST_NUMBER: u32 = 1_000_000;

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis().try_into().unwrap())
}

fn epochs() -> storage::history::EpochSource {
    Arc::new(|| Epoch::parse("measured").unwrap())
}

fn member(number: u32) -> MemberId {
    MemberId::parse(&format!("m_{number}")).unwrap()
}

/// Members as they would have come in.
async fn write_members(records: &dyn Records) {
    let all: Vec<u32> = (0..MEMBERS).collect();
    for chunk in all.chunks(COMMIT_MAX_WRITES) {
        let writes = chunk.iter().map(|number| {
            let member = Member {
                left_at: None,
                id: member(*number),
                standing: Standing::Active,
                roles: vec![Role::Activist],
                regions: vec![if number.is_multiple_of(2) { "north" } else { "south" }.to_owned()],
                teams: vec![],
                joined_at: now(),
                revision: 1,
                generation: 0,
                devices: vec![],
                number: Some(FIRST_NUMBER + number),
                personal: None,
            };
            let id = RecordId::parse(member.id.as_str()).unwrap();
            let change = Change::Put { data: serde_json::to_vec(&member).unwrap(), expires_at: None };
            Write { key: RecordKey { kind: RecordKind::Member, id }, expect: Expect::Absent, change }
        });
        records.commit(writes.collect(), now()).await.unwrap();
    }
}

/// Somebody says something ten times a second, and another reads it, in a thread of their own; answers how long each took.
fn live(
    service: &Service,
    writer: &Visitor,
    reader: &Visitor,
    ends: Arc<AtomicBool>,
) -> thread::JoinHandle<Vec<Duration>> {
    let at = service.one();
    let copy = |of: &Visitor| (of.cookies.clone(), of.token.clone());
    let (writer, reader) = (copy(writer), copy(reader));
    thread::spawn(move || {
        actix_rt::System::new().block_on(async move {
            let visitor = |(cookies, token)| Visitor { cookies, token, ..Visitor::at(at) };
            let (_, mut says) = connected(&mut visitor(writer)).await;
            let (_, mut reads) = connected(&mut visitor(reader)).await;
            reads.request(json!({"subscribe": {"channel": "teams:watch"}})).await.unwrap();
            let mut took = Vec::new();
            for number in 0.. {
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                let begun = Instant::now();
                says.publish("teams:watch", &format!("k{number}-{}", now().as_millis()))
                    .await
                    .unwrap()
                    .unwrap();
                while next_publication(&mut reads).await.is_null() {}
                took.push(begun.elapsed());
                tokio::time::sleep(Duration::from_millis(100).saturating_sub(begun.elapsed())).await;
            }
            took.sort_unstable();
            took
        })
    })
}

async fn next_publication(client: &mut Client) -> Value {
    client.next().await.unwrap()["push"]["pub"]["data"].clone()
}

fn percentiles(of: &[Duration]) -> String {
    let at = |share: usize| of[(of.len() * share / 100).min(of.len() - 1)];
    format!("p50 {:.1?}, p99 {:.1?}, of {}", at(50), at(99), of.len())
}

async fn measured(store: &str, mut service: Service) {
    let keys = std::fs::read_to_string(service.starts[0].data.join("keys.json")).unwrap();
    let tickets = Tickets::new(&KeySet::from_file_text(&keys).unwrap());
    let both = json!({"roles": ["sender", "approver"], "teams": ["watch"]});
    let (mut author, _) = service.member_with(both.clone()).await;
    let (mut approver, _) = service.member_with(both).await;
    let content =
        json!({"kind": "alert", "urgency": "urgent", "texts": {"en": {"title": "To all", "body": "Seen?"}}});
    let begun = loop {
        let counted = author.say(Method::POST, "/v1/audience", &json!({})).await;
        if counted.body["members"].as_u64() >= Some(u64::from(MEMBERS) + 3) {
            break author.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let id = begun.body["id"].as_str().unwrap().to_owned();
    let path = |action: &str| format!("/v1/bulletins/{id}/{action}");
    author.say(Method::POST, &path("submit"), &json!({"revision": 1})).await;
    approver.say(Method::POST, &path("approve"), &json!({"revision": 1})).await;
    while author.get(&format!("/v1/bulletins/{id}")).await.body["state"] != "sent" {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let ends = Arc::new(AtomicBool::new(false));
    let watched = live(&service, &author, &approver, Arc::clone(&ends));
    tokio::time::sleep(Duration::from_secs(10)).await;
    ends.store(true, Ordering::Relaxed);
    let calm = watched.join().unwrap();

    let all = (0..MEMBERS).map(|number| {
        let claims = Claims { roles: vec![Role::Activist], ..Claims::default() };
        let day = Duration::from_hours(24);
        tickets.mint(&member(number), claims, now().after(day), now(), day).unwrap()
    });
    let waiting: Rc<RefCell<Vec<String>>> = Rc::new(RefCell::new(all.collect()));
    let ends = Arc::new(AtomicBool::new(false));
    let watched = live(&service, &author, &approver, Arc::clone(&ends));
    let url = format!("http://{}/v1/receipts", service.one());
    let body = json!({"acknowledged": [id]}).to_string();
    let since = Instant::now();
    join_all((0..AT_ONCE).map(async |_| {
        let client = awc::Client::builder().timeout(Duration::from_mins(1)).finish();
        loop {
            let Some(ticket) = waiting.borrow_mut().pop() else { return };
            let request = client.post(&url).bearer_auth(&ticket).content_type("application/json");
            let answer = request.send_body(body.clone()).await.unwrap();
            if answer.status().as_u16() != 204 {
                waiting.borrow_mut().push(ticket);
            }
        }
    }))
    .await;
    let took = since.elapsed();
    ends.store(true, Ordering::Relaxed);
    let busy = watched.join().unwrap();
    let counts = author.get(&format!("/v1/bulletins/{id}/receipts")).await.body;
    assert_eq!(counts["acknowledged"]["total"], json!(MEMBERS), "{counts}");
    eprintln!(
        "{store}: {MEMBERS} receipts in {took:.1?}; live before: {}; meanwhile: {}",
        percentiles(&calm),
        percentiles(&busy)
    );
}

/// `cargo test --release -p node --test it -- --ignored --nocapture receipts_of_a_hundred`
#[actix_rt::test]
#[ignore = "a measurement"]
async fn receipts_of_a_hundred_thousand_members_are_taken_beside_what_is_live() {
    let data = tempfile::tempdir().unwrap();
    let store =
        storage_embedded::EmbeddedStore::open(data.path(), &storage_embedded::OpenOptions::new(epochs()))
            .unwrap();
    write_members(&store).await;
    storage::History::close(&store).await;
    drop(store);
    let start = Start::embedded(data.path());
    measured("redb", Service::started(vec![start], None, data).await).await;

    let redis = TestRedis::start().unwrap();
    let store = storage_redis::RedisStore::connect(&redis.url(), storage_redis::Options::new(epochs()))
        .await
        .unwrap();
    write_members(&store).await;
    storage::History::close(&store).await;
    drop(store);
    let data = tempfile::tempdir().unwrap();
    let start = Start::on_redis(data.path(), &redis.url());
    measured("Redis", Service::started(vec![start], Some(redis), data).await).await;
}
