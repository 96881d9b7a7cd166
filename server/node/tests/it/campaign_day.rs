//! A day of a campaign, played from outside: a thousand people come in from a list, forty bulletins go out in two languages,
//! and whoever got what is written down by those who got it. In the evening the service's own figures have to agree with
//! that, to the last message. `make demo` runs it on the embedded store and on two nodes over Redis.

use crate::browser::Visitor;
use crate::client::Client;
use crate::node::{Start, holdfast};
use crate::service::{Service, connected};
use awc::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

const PEOPLE: usize = 1_000;
const BULLETINS: usize = 40;
/// Less than a day of anybody who reads as people do, many times over.
const BUDGET: [&str; 2] = ["--egress-budget", "1048576"];
const REGIONS: [&str; 4] = ["north", "south", "east", "west"];
const SOON: Duration = Duration::from_mins(1);

/// What those who read wrote down: who got which bulletin how often, who was asked to tell it, who said that they saw it.
#[derive(Default)]
struct Ledger {
    got: BTreeMap<String, BTreeMap<usize, u64>>,
    received: BTreeMap<String, BTreeSet<usize>>,
    acknowledged: BTreeMap<String, BTreeSet<usize>>,
    /// All that came, bulletins or not.
    publications: BTreeMap<usize, u64>,
    closed: BTreeSet<usize>,
}

struct Reader {
    number: usize,
    region: &'static str,
    id: String,
    visitor: Visitor,
}

/// Everybody who takes part.
struct Day {
    service: Service,
    author: Visitor,
    approver: Visitor,
    readers: Vec<Reader>,
    ledger: Rc<RefCell<Ledger>>,
    changed: Rc<Notify>,
    said: Rc<RefCell<Vec<String>>>,
}

fn note(what: &str, begun: Instant) {
    eprintln!("  {:7.1} s  {what}", begun.elapsed().as_secs_f64());
}

impl Day {
    async fn begins(mut service: Service, begun: Instant) -> Self {
        let organisers = json!({"roles": ["sender", "approver"]});
        let (author, _) = service.member_with(organisers.clone()).await;
        let (approver, _) = service.member_with(organisers).await;
        let rows = (0..PEOPLE).map(|n| format!("ref-{n},Person {n},{}\n", REGIONS[n % 4]));
        let list = format!("reference,name,regions\n{}", rows.collect::<String>());
        let (status, rows) = service.admin.import("", list).await;
        assert_eq!((status, rows.len()), (200, PEOPLE));
        note("a list of 1,000 people is imported, each with a link of their own", begun);
        let ledger: Rc<RefCell<Ledger>> = Rc::default();
        let (changed, said) = (Rc::new(Notify::new()), Rc::default());
        let mut readers = Vec::new();
        for (number, [outcome, link, _]) in rows.into_iter().enumerate() {
            assert_eq!(outcome, "added");
            let at = if number % 2 == 0 { service.one() } else { service.two() };
            let secret = link.split_once("/join#").unwrap().1;
            let mut visitor = Visitor::joined(at, secret).await;
            let id = visitor.get("/v1/me").await.body["id"].as_str().unwrap().to_owned();
            let region = REGIONS[number % 4];
            let (_, mut client) = connected(&mut visitor).await;
            for channel in ["bulletins:all".to_owned(), format!("bulletins:region.{region}")] {
                client.request(json!({"subscribe": {"channel": channel}})).await.unwrap();
            }
            let reading = read(number, client, Rc::clone(&ledger), Rc::clone(&changed));
            actix_rt::spawn(reading);
            readers.push(Reader { number, region, id, visitor });
        }
        note("all of them came in by their links and read", begun);
        let mut day = Self { service, author, approver, readers, ledger, changed, said };
        day.until_counted().await;
        day
    }

    /// Until every node knows of everybody.
    async fn until_counted(&mut self) {
        let begun = Instant::now();
        for at in [self.service.one(), self.service.two()] {
            let mut author = Visitor {
                cookies: self.author.cookies.clone(),
                token: self.author.token.clone(),
                ..Visitor::at(at)
            };
            loop {
                let counted = author.say(Method::POST, "/v1/audience", &json!({})).await;
                if counted.body["members"] == json!(PEOPLE + 3) {
                    break;
                }
                assert!(begun.elapsed() < SOON, "{}", counted.body);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    /// Writes a bulletin, has it approved if it takes two, and waits until all who are there have it.
    async fn sends(&mut self, content: Value, audience: Option<&str>) -> String {
        let begun = self.author.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
        let id = begun.body["id"].as_str().unwrap().to_owned();
        self.goes(&id, 1, audience).await;
        id
    }

    async fn goes(&mut self, id: &str, revision: u32, audience: Option<&str>) {
        let revision = json!({"revision": revision});
        let path = |action: &str| format!("/v1/bulletins/{id}/{action}");
        let submitted = self.author.say(Method::POST, &path("submit"), &revision).await;
        if submitted.body["state"] == "awaiting_approval" {
            let approved = self.approver.say(Method::POST, &path("approve"), &revision).await;
            assert_eq!(approved.status, StatusCode::OK, "{}", approved.body);
        } else {
            assert_eq!(submitted.body["state"], "scheduled", "{}", submitted.body);
        }
        self.arrives(id, audience).await;
        self.said.borrow_mut().push(id.to_owned());
    }

    /// Until everybody who is there has told that they have it.
    async fn arrives(&self, id: &str, audience: Option<&str>) {
        let begun = Instant::now();
        loop {
            let changed = self.changed.notified();
            let missing = {
                let ledger = self.ledger.borrow();
                let told = ledger.received.get(id);
                let due = self.readers.iter().filter(|reader| {
                    audience.is_none_or(|region| region == reader.region)
                        && !ledger.closed.contains(&reader.number)
                });
                due.filter(|reader| !told.is_some_and(|told| told.contains(&reader.number))).count()
            };
            if missing == 0 {
                return;
            }
            assert!(begun.elapsed() < SOON, "{missing} have not got {id}");
            tokio::time::timeout(Duration::from_secs(1), changed).await.ok();
        }
    }

    /// The service's figures of a bulletin, beside what those who read wrote down.
    async fn compare(&mut self, id: &str) {
        let counts = self.author.get(&format!("/v1/bulletins/{id}/receipts")).await.body;
        let ledger = self.ledger.borrow();
        let received = ledger.received.get(id).map_or(0, BTreeSet::len);
        let acknowledged = ledger.acknowledged.get(id).map_or(0, BTreeSet::len);
        let got = ledger.got.get(id).map_or(0, BTreeMap::len);
        assert_eq!(counts["received"]["total"], json!(received), "{counts}");
        assert_eq!(counts["acknowledged"]["total"], json!(acknowledged), "{counts}");
        assert_eq!(counts["written"]["total"], json!(got), "{counts}");
        assert!(
            ledger.got.get(id).is_none_or(|got| got.values().all(|times| *times == 1)),
            "{id} came twice"
        );
    }
}

/// Reads until the socket ends; tells what it has, and of every third that the person has seen it.
async fn read(number: usize, mut client: Client, ledger: Rc<RefCell<Ledger>>, changed: Rc<Notify>) {
    while let Ok(message) = client.next().await {
        let data = &message["push"]["pub"]["data"];
        if !data.is_null() {
            *ledger.borrow_mut().publications.entry(number).or_default() += 1;
        }
        let Some(id) = data["id"].as_str().map(str::to_owned) else { continue };
        if !id.starts_with('b') || id.contains('.') {
            continue;
        }
        *ledger.borrow_mut().got.entry(id.clone()).or_default().entry(number).or_default() += 1;
        let sees = number.is_multiple_of(3);
        let told = if sees { json!({"acknowledged": [id]}) } else { json!({"received": [id]}) };
        let kept = loop {
            let rpc = json!({"rpc": {"method": "receipts", "data": told}});
            match client.request(rpc).await {
                Ok(answer) if answer["rpc"]["data"]["status"] == "ok" => break true,
                Ok(_) => tokio::time::sleep(Duration::from_secs(2)).await,
                Err(_) => break false,
            }
        };
        if kept {
            let mut ledger = ledger.borrow_mut();
            ledger.received.entry(id.clone()).or_default().insert(number);
            if sees {
                ledger.acknowledged.entry(id).or_default().insert(number);
            }
        }
        changed.notify_waiters();
    }
    ledger.borrow_mut().closed.insert(number);
    changed.notify_waiters();
}

fn bulletin(number: usize) -> (Value, Option<&'static str>) {
    let texts = json!({
        "en": {"title": format!("Bulletin {number}"), "body": "Polls are open until **ten**."},
        "cy": {"title": format!("Bwletin {number}"), "body": "Mae'r gorsafoedd ar agor tan **ddeg**."},
    });
    let region = (!number.is_multiple_of(4)).then(|| REGIONS[number % 4]);
    let audience = region.map_or_else(|| json!({}), |region| json!({"regions": [region]}));
    let urgency = if number % 10 == 5 { "urgent" } else { "normal" };
    let kind = if number % 8 == 3 && urgency == "normal" { "test" } else { "alert" };
    let content = json!({"kind": kind, "urgency": urgency, "texts": texts, "audience": audience});
    (content, region)
}

async fn played(service: Service) {
    let begun = Instant::now();
    let mut day = Day::begins(service, begun).await;
    let mut sent = Vec::new();
    for number in 0..BULLETINS - 1 {
        let (content, region) = bulletin(number);
        sent.push((day.sends(content, region).await, region));
    }
    note("39 bulletins went, and everybody for whom they are told that they have them", begun);

    let (wrong, region) = sent[4].clone();
    let begun_correction =
        day.author.say(Method::POST, &format!("/v1/bulletins/{wrong}/corrections"), &json!({})).await;
    let correction = begun_correction.body["id"].as_str().unwrap().to_owned();
    day.goes(&correction, 1, region).await;
    sent.push((correction, region));
    let state = day.author.get(&format!("/v1/bulletins/{wrong}")).await;
    assert_eq!(state.body["state"], "corrected");
    note("one is corrected", begun);

    let (gone, _) = sent[6].clone();
    let withdrawn =
        day.author.say(Method::POST, &format!("/v1/bulletins/{gone}/withdraw"), &Value::Null).await;
    assert_eq!(withdrawn.body["state"], "withdrawn");
    note("one is taken back", begun);

    let lost = day.readers[7].id.clone();
    let signed_out =
        day.service.admin.say(Method::DELETE, &format!("/v1/members/{lost}/devices"), &Value::Null).await;
    assert_eq!(signed_out.status, StatusCode::NO_CONTENT, "{}", signed_out.body);
    let waiting = Instant::now();
    while !day.ledger.borrow().closed.contains(&7) {
        assert!(waiting.elapsed() < Duration::from_millis(5_500), "a phone that was lost reads on");
        tokio::time::timeout(Duration::from_secs(1), day.changed.notified()).await.ok();
    }
    note("a phone that was lost is signed out", begun);
    let (after, region) = (day.sends(bulletin(40).0, None).await, None);
    assert!(!day.ledger.borrow().got[&after].contains_key(&7), "it got what came later");
    sent.push((after, region));

    day.replies(&sent[0].0).await;
    note("fifty wrote to the organisers in private; half of them were answered", begun);
    let pages = day.steals().await;
    note(
        &format!(
            "an account that read {pages} pages of history in a row is stopped, and the audit says whose it is"
        ),
        begun,
    );

    // What is written to sockets is told once a second.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for (id, _) in &sent {
        day.compare(id).await;
    }
    note("receipts agree with what those who read wrote down", begun);
    day.ends(begun);
}

impl Day {
    /// Fifty reply to a bulletin; organisers answer every second one and close it.
    async fn replies(&mut self, bulletin: &str) {
        for reader in self.readers.iter_mut().skip(10).take(50) {
            let text = format!("Reader {} comes", reader.number);
            let reply = json!({"bulletin": bulletin, "text": text});
            let answer = reader.visitor.say(Method::POST, "/v1/replies", &reply).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
            let conversation = format!("/v1/inbox/{}", answer.body["conversation"].as_str().unwrap());
            if reader.number % 2 == 0 {
                let thanks = json!({"text": "Thank you"});
                let said = self.author.say(Method::POST, &format!("{conversation}/answers"), &thanks).await;
                assert!(said.status.is_success(), "{}", said.body);
                let closed = json!({"state": "closed"});
                let path = format!("{conversation}/state");
                let done = self.approver.say_if(Method::PUT, &path, &closed, Some("*")).await;
                assert!(done.status.is_success(), "{}", done.body);
            }
        }
        for state in ["open", "closed"] {
            let inbox = self.approver.get(&format!("/v1/inbox?state={state}&limit=100")).await;
            assert_eq!(inbox.body["conversations"].as_array().unwrap().len(), 25, "{}", inbox.body);
        }
    }

    /// Somebody who has the sign-in of reader 9 reads as much history as there is, again and again.
    async fn steals(&mut self) -> u64 {
        let (_, mut client) = connected(&mut self.readers[9].visitor).await;
        let mut pages = 0;
        let history = json!({"history": {"channel": "bulletins:all", "limit": 300}});
        loop {
            let answer = client.request(history.clone()).await.unwrap();
            let Some(page) = answer["history"]["publications"].as_array() else {
                assert_eq!(answer["error"]["code"], 111, "{answer}");
                break;
            };
            let got = u64::try_from(page.len()).unwrap();
            *self.ledger.borrow_mut().publications.entry(9).or_default() += got;
            pages += 1;
            assert!(pages < 2_000, "nobody stops it");
        }
        let waiting = Instant::now();
        loop {
            let audit = self.service.admin.get("/v1/audit?limit=200").await;
            let entries = audit.body["entries"].as_array().unwrap();
            if entries.iter().any(|entry| entry.to_string().contains(&self.readers[9].id)) {
                return pages;
            }
            assert!(waiting.elapsed() < SOON, "{}", audit.body);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Everybody goes; what left, by the service's own account, is what they got.
    fn ends(self, begun: Instant) {
        let Self { service, readers, ledger, .. } = self;
        let starts: Vec<Start> = service.starts.clone();
        let (nodes, kept) = service.into_parts();
        for node in nodes {
            assert!(node.terminate().success());
        }
        let of_members: BTreeMap<&str, usize> =
            readers.iter().map(|reader| (reader.id.as_str(), reader.number)).collect();
        let mut told: BTreeMap<usize, u64> = BTreeMap::new();
        let folders: BTreeSet<&Path> = starts.iter().map(|start| start.data.as_path()).collect();
        for data in folders {
            for account in egress(data) {
                if let Some(number) = account["account"].as_str().and_then(|id| of_members.get(id)) {
                    *told.entry(*number).or_default() += account["publications"].as_u64().unwrap();
                }
            }
        }
        let verified = holdfast().args(["audit", "verify", "--data"]).arg(&starts[0].data).output().unwrap();
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        assert_eq!(told, ledger.borrow().publications);
        let all: u64 = told.values().sum();
        note(&format!("{all} publications left by the service's account, and came by the readers'"), begun);
        drop(kept);
    }
}

fn egress(data: &Path) -> Vec<Value> {
    let output = holdfast().arg("egress").arg("--data").arg(data).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[actix_rt::test]
#[ignore = "a whole day; make demo runs it"]
async fn a_campaign_day_on_the_embedded_store() {
    eprintln!("A campaign day on the embedded store");
    played(Service::embedded_with(&BUDGET).await).await;
}

#[actix_rt::test]
#[ignore = "a whole day; make demo runs it"]
async fn a_campaign_day_on_two_nodes_over_redis() {
    eprintln!("A campaign day on two nodes over Redis");
    played(Service::on_redis_with(&BUDGET).await).await;
}
