//! Bulletins over HTTP and on sockets: from a draft to whom it did not reach.

use crate::browser::{Answer, Visitor};
use crate::client::Client;
use crate::node::TestNode;
use crate::service::{Service, connected};
use awc::http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long anything that nodes do by themselves may take, with what this machine needs for it.
const SOON: Duration = Duration::from_secs(10);

/// Who writes, who approves, and who reads.
struct Campaign {
    service: Service,
    ana: Visitor,
    ben: Visitor,
    readers: Vec<(Visitor, String)>,
}

impl Campaign {
    async fn on(mut service: Service) -> Self {
        let both = json!({"roles": ["sender", "approver"]});
        let (ana, _) = service.member_with(both.clone()).await;
        let (ben, _) = service.member_with(both).await;
        let mut readers = Vec::new();
        for region in ["north", "north", "south"] {
            readers.push(service.member_with(json!({"regions": [region]})).await);
        }
        let mut campaign = Self { service, ana, ben, readers };
        campaign.until_counted(6).await;
        campaign
    }

    /// Until every node knows of so many members.
    async fn until_counted(&mut self, members: u64) {
        for at in [self.service.one(), self.service.two()] {
            let mut ana = Visitor {
                cookies: self.ana.cookies.clone(),
                token: self.ana.token.clone(),
                ..Visitor::at(at)
            };
            until(async || {
                ana.say(Method::POST, "/v1/audience", &json!({})).await.body["members"] == json!(members)
            })
            .await;
        }
    }

    /// Begins a bulletin of Ana's and says that it is ready.
    async fn submitted(&mut self, content: Value) -> (String, Answer) {
        let begun = self.ana.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
        assert_eq!((begun.status.as_u16(), &begun.body["state"]), (201, &json!("draft")), "{}", begun.body);
        let id = begun.body["id"].as_str().unwrap().to_owned();
        let submitted = self.ana.say(Method::POST, &action(&id, "submit"), &json!({"revision": 1})).await;
        (id, submitted)
    }

    /// A bulletin of Ana's that went.
    async fn sent(&mut self, content: Value) -> String {
        let (id, submitted) = self.submitted(content).await;
        if submitted.body["state"] == "awaiting_approval" {
            let approved = self.ben.say(Method::POST, &action(&id, "approve"), &json!({"revision": 1})).await;
            assert_eq!(approved.status.as_u16(), 200, "{}", approved.body);
        }
        self.until_state(&id, "sent").await;
        id
    }

    async fn until_state(&mut self, id: &str, state: &str) {
        let ben = &mut self.ben;
        until(async || ben.get(&format!("/v1/bulletins/{id}")).await.body["state"] == *state).await;
    }

    async fn counts(&mut self, id: &str) -> Value {
        self.ana.get(&format!("/v1/bulletins/{id}/receipts")).await.body
    }
}

fn action(id: &str, action: &str) -> String {
    format!("/v1/bulletins/{id}/{action}")
}

fn content(title: &str, more: &Value) -> Value {
    let texts = json!({"en": {"title": title, "body": "Read this."}, "cy": {"title": title, "body": "Darllenwch hwn."}});
    let mut content = json!({"kind": "update", "texts": texts});
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    content
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < SOON, "it did not come about");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Somebody's socket, and that they read a channel.
async fn reader(visitor: &mut Visitor, channel: &str) -> Client {
    let (_, mut client) = connected(visitor).await;
    let request = json!({"subscribe": {"channel": channel}});
    client.request(request).await.unwrap();
    client
}

/// The data of the next publication.
async fn publication(client: &mut Client) -> Value {
    loop {
        let message = client.next().await.unwrap();
        let data = &message["push"]["pub"]["data"];
        if !data.is_null() {
            return data.clone();
        }
    }
}

/// All publications of a channel's history, by their ids.
async fn history(client: &mut Client, channel: &str) -> Vec<String> {
    let reply = client.request(json!({"history": {"channel": channel, "limit": 100}})).await.unwrap();
    let publications = reply["history"]["publications"].as_array().cloned().unwrap_or_default();
    publications.iter().map(|one| one["data"]["id"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn receipts(client: &mut Client, told: Value) -> Value {
    client.request(json!({"rpc": {"method": "receipts", "data": told}})).await.unwrap()
}

#[actix_rt::test]
async fn what_is_urgent_goes_when_another_says_yes_and_everybody_has_it_once() {
    for service in [Service::embedded().await, Service::on_redis().await] {
        let mut campaign = Campaign::on(service).await;
        let mut client = reader(&mut campaign.readers[0].0, "bulletins:all").await;
        let (id, submitted) =
            campaign.submitted(content("Polls close at 9", &json!({"urgency": "urgent"}))).await;
        assert_eq!(submitted.body["state"], "awaiting_approval");
        assert_eq!(submitted.body["count"], json!({"audience": 6, "members": 6}));
        let own = campaign.ana.say(Method::POST, &action(&id, "approve"), &json!({"revision": 1})).await;
        assert_eq!(own.outcome(), (403, "own_bulletin"));
        let activist = campaign.readers[0].0.get(&format!("/v1/bulletins/{id}")).await;
        assert_eq!(activist.outcome(), (403, "forbidden"));
        let approved = campaign.ben.say(Method::POST, &action(&id, "approve"), &json!({"revision": 1})).await;
        assert_eq!(approved.body["cleared"]["how"], "approved");
        let said = publication(&mut client).await;
        assert_eq!((&said["id"], &said["texts"]["cy"]["body"]), (&json!(id), &json!("Darllenwch hwn.")));
        campaign.until_state(&id, "sent").await;
        let admin = &mut campaign.service.admin;
        until(async || {
            let audit = admin.get("/v1/audit?limit=200").await.body;
            let is_it = |entry: &Value| entry["action"] == "bulletin.approved" && entry["about"] == *id;
            audit["entries"].as_array().is_some_and(|entries| entries.iter().any(is_it))
        })
        .await;
        assert_eq!(history(&mut client, "bulletins:all").await, [id]);
    }
}

#[actix_rt::test]
async fn that_nobody_knows_any_more_who_received_a_bulletin_is_in_the_audit() {
    for service in [Service::embedded().await, Service::on_redis().await] {
        let mut campaign = Campaign::on(service).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(4);
        let expires_at = u64::try_from(now.as_millis()).unwrap();
        let place = json!({"audience": {"regions": ["north"]}, "expires_at": expires_at});
        let (id, submitted) = campaign.submitted(content("Until soon", &place)).await;
        assert_eq!(submitted.body["state"], "scheduled");
        campaign.until_state(&id, "expired").await;
        // By the node that closed it.
        let mut found = Vec::new();
        until(async || {
            for node in &campaign.service.nodes {
                let admin = &campaign.service.admin;
                let (cookies, token) = (admin.cookies.clone(), admin.token.clone());
                let mut admin = Visitor { cookies, token, ..Visitor::at(node.address) };
                let audit = admin.get("/v1/audit?limit=200").await.body;
                let entries = audit["entries"].as_array().cloned().unwrap_or_default();
                found.extend(entries.into_iter().filter(|entry| entry["about"] == *id));
            }
            found.iter().any(|entry| entry["after"]["class"] == "receipts")
        })
        .await;
        let entry = found.iter().find(|entry| entry["after"]["class"] == "receipts").unwrap();
        assert_eq!((&entry["action"], &entry["after"]["removed"]), (&json!("retention.removed"), &json!(2)));
    }
}

#[actix_rt::test]
async fn a_correction_and_a_withdrawal_say_what_they_are_of() {
    let mut campaign = Campaign::on(Service::on_redis().await).await;
    let mut client = reader(&mut campaign.readers[0].0, "bulletins:region.north").await;
    let place = json!({"audience": {"regions": ["north"]}});
    let id = campaign.sent(content("Meet at 6", &place)).await;
    assert_eq!(publication(&mut client).await["id"], json!(id));
    let begun = campaign.ana.say(Method::POST, &action(&id, "corrections"), &json!({})).await;
    let correction = begun.body["id"].as_str().unwrap().to_owned();
    let mut changed = begun.body["content"].clone();
    changed["texts"]["en"]["title"] = json!("Meet at 7");
    let edit = json!({"revision": 1, "content": changed});
    let edited = campaign.ana.say(Method::PUT, &format!("/v1/bulletins/{correction}"), &edit).await;
    assert_eq!(edited.body["revision"], 2, "{}", edited.body);
    let stale = campaign.ana.say(Method::POST, &action(&correction, "submit"), &json!({"revision": 1})).await;
    assert_eq!(stale.outcome(), (412, "changed_meanwhile"));
    campaign.ana.say(Method::POST, &action(&correction, "submit"), &json!({"revision": 2})).await;
    campaign.ben.say(Method::POST, &action(&correction, "approve"), &json!({"revision": 2})).await;
    let said = publication(&mut client).await;
    assert_eq!(said["references"], json!([{"id": id, "how": "corrects"}]));
    campaign.until_state(&id, "corrected").await;
    let withdrawn = campaign.ben.say(Method::POST, &action(&correction, "withdraw"), &Value::Null).await;
    assert_eq!(withdrawn.body["state"], "withdrawn", "{}", withdrawn.body);
    let said = publication(&mut client).await;
    assert_eq!(said["references"], json!([{"id": correction, "how": "withdraws"}]));
}

#[actix_rt::test]
async fn organisers_see_who_got_a_bulletin_and_follow_up_with_the_others_alone() {
    for service in [Service::embedded().await, Service::on_redis().await] {
        let mut campaign = Campaign::on(service).await;
        let id = campaign.sent(content("Leaflets", &json!({"kind": "alert"}))).await;
        let (_, mut first) = connected(&mut campaign.readers[0].0).await;
        let (_, mut second) = connected(&mut campaign.readers[1].0).await;
        let told = receipts(&mut first, json!({"acknowledged": [id]})).await;
        assert_eq!(told["rpc"]["data"], json!({"status": "ok"}), "{told}");
        receipts(&mut second, json!({"received": [id, id]})).await;
        let counts = campaign.counts(&id).await;
        let told = ["accepted", "received", "acknowledged"].map(|stage| counts[stage]["total"].as_u64());
        assert_eq!(told, [Some(6), Some(2), Some(1)], "{counts}");
        assert_eq!(counts["received"]["regions"], json!({"north": 2}));
        let page = format!("/v1/bulletins/{id}/not-reached?stage=received");
        let missing = campaign.ana.get(&page).await.body;
        assert_eq!((&missing["total"], missing["members"].as_array().unwrap().len()), (&json!(4), 4));

        let south = campaign.readers[2].1.clone();
        let mut client = reader(&mut campaign.readers[2].0, &format!("inbox#{south}")).await;
        let audience = json!({"roles": ["activist"], "not_reached": {"bulletin": id, "stage": "received"}});
        let counted = campaign.ana.say(Method::POST, "/v1/audience", &audience).await;
        assert_eq!(counted.body, json!({"audience": 1, "members": 6}));
        let follow_up = campaign.sent(content("Once more", &json!({"audience": audience}))).await;
        assert_eq!(publication(&mut client).await["id"], json!(follow_up));
        assert_eq!(campaign.counts(&follow_up).await["accepted"]["total"], 1);
    }
}

#[actix_rt::test]
async fn what_is_written_to_sockets_is_told_by_bulletin() {
    let mut campaign = Campaign::on(Service::on_redis().await).await;
    let mut clients = Vec::new();
    for (visitor, _) in &mut campaign.readers {
        clients.push(reader(visitor, "bulletins:all").await);
    }
    let id = campaign.sent(content("To all", &json!({}))).await;
    for client in &mut clients {
        assert_eq!(publication(client).await["id"], json!(id));
    }
    let ana = &mut campaign.ana;
    let path = format!("/v1/bulletins/{id}/receipts");
    until(async || ana.get(&path).await.body["written"]["total"] == 3).await;
}

#[actix_rt::test]
async fn receipts_of_what_never_went_are_not_kept_and_nonsense_is_refused() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let begun =
        campaign.ana.say(Method::POST, "/v1/bulletins", &json!({"content": content("x", &json!({}))})).await;
    let draft = begun.body["id"].as_str().unwrap().to_owned();
    let (_, mut client) = connected(&mut campaign.readers[0].0).await;
    assert_eq!(receipts(&mut client, json!({"received": [draft]})).await["rpc"]["data"]["status"], "ok");
    assert_eq!(campaign.counts(&draft).await["received"]["total"], 0);
    // Nor because somebody says something that has its id.
    let (mut liar, _) = campaign.service.member_with(json!({"teams": ["liars"]})).await;
    let mut lies = reader(&mut liar, "teams:liars").await;
    lies.publish("teams:liars", &draft).await.unwrap().unwrap();
    assert_eq!(publication(&mut lies).await["id"], json!(draft));
    assert_eq!(receipts(&mut client, json!({"received": [draft]})).await["rpc"]["data"]["status"], "ok");
    assert_eq!(campaign.counts(&draft).await["received"]["total"], 0);
    for told in [
        json!({}),
        json!({"received": ["b1"]}),
        json!({"seen": [draft]}),
        json!({"received": vec![&draft; 65]}),
    ] {
        assert_eq!(receipts(&mut client, told).await["error"]["code"], 107);
    }
    let reader = &mut campaign.readers[0].0;
    let told = reader.say(Method::POST, "/v1/receipts", &json!({"received": ["nonsense"]})).await;
    assert_eq!(told.outcome(), (400, "bad_request"));
}

#[actix_rt::test]
async fn a_bulletin_that_makes_no_sense_is_refused_and_says_why() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let time = |local: &str, zone: &str| json!({"local": local, "zone": zone});
    for (body, code) in [
        (json!({"content": content("", &json!({}))}), "bulletin_content"),
        (json!({"content": content("x", &json!({"kind": "cancel"}))}), "bulletin_content"),
        (json!({"content": content("x", &json!({"kind": "test", "urgency": "urgent"}))}), "bulletin_content"),
        (json!({"content": content("x", &json!({"colour": "red"}))}), "bad_request"),
        (
            json!({"content": content("x", &json!({})), "send_at": time("tomorrow", "Europe/London")}),
            "bad_request",
        ),
        (
            json!({"content": content("x", &json!({})), "send_at": time("2027-05-07T18:00", "Atlantis")}),
            "bad_request",
        ),
        (json!({"id": "b1", "content": content("x", &json!({}))}), "bad_request"),
        (json!({}), "bad_request"),
    ] {
        let said = campaign.ana.say(Method::POST, "/v1/bulletins", &body).await;
        assert_eq!(said.outcome(), (400, code), "{body}");
    }
    let reader = &mut campaign.readers[0].0;
    let said = reader.say(Method::POST, "/v1/bulletins", &json!({"content": content("x", &json!({}))})).await;
    assert_eq!(said.outcome(), (403, "forbidden"));
    let unknown = format!("/v1/bulletins/b{}", "0".repeat(31));
    assert_eq!(campaign.ana.get(&unknown).await.outcome(), (404, "bulletin_unknown"));
}

#[actix_rt::test]
async fn a_bulletin_that_is_scheduled_goes_once_although_nodes_end_meanwhile() {
    let mut campaign = Campaign::on(Service::on_redis().await).await;
    let mut client = reader(&mut campaign.readers[0].0, "bulletins:region.north").await;
    // The next whole second that is far enough away, by a clock that shows UTC all year.
    let soon = Instant::now() + Duration::from_secs(4);
    let local = utc_clock(Duration::from_secs(4));
    let place = json!({"audience": {"regions": ["north"]}});
    let body = json!({"content": content("Later", &place), "send_at": {"local": local, "zone": "UTC"}});
    let begun = campaign.ana.say(Method::POST, "/v1/bulletins", &body).await;
    let id = begun.body["id"].as_str().unwrap().to_owned();
    let ready = campaign.ana.say(Method::POST, &action(&id, "submit"), &json!({"revision": 1})).await;
    assert_eq!(ready.body["state"], "scheduled", "{}", ready.body);
    // The node at which nobody of us is ends at once, and another takes its place.
    campaign.service.nodes.remove(0).kill();
    let instead: TestNode = campaign.service.starts[0].run();
    campaign.service.nodes.insert(0, instead);
    assert_eq!(publication(&mut client).await["id"], json!(id));
    assert!(Instant::now() + Duration::from_millis(1_500) >= soon, "not before its time");
    campaign.until_state(&id, "sent").await;
    assert_eq!(history(&mut client, "bulletins:region.north").await, [id]);
}

/// What a clock that shows UTC will show after a while.
fn utc_clock(after: Duration) -> String {
    let at = SystemTime::now() + after;
    let at = jiff::Timestamp::try_from(at).unwrap();
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

#[actix_rt::test]
async fn a_picture_goes_with_a_bulletin_to_members_and_to_nobody_else() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 20).write_to(&mut picture, image::ImageFormat::Png).unwrap();
    let post = async |visitor: &Visitor, bytes: Vec<u8>| {
        let url = format!("http://{}/v1/attachments", visitor.at);
        let request = awc::Client::new().post(url).bearer_auth(&visitor.token);
        let mut answer = request.send_body(bytes).await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, mut attached) = post(&campaign.ana, picture.clone().into_inner()).await;
    assert_eq!((status, &attached["media"]), (201, &json!("image/png")));
    assert_eq!(post(&campaign.ana, b"<svg/>".to_vec()).await.0, 415);
    assert_eq!(post(&campaign.readers[0].0, picture.into_inner()).await.0, 403);
    attached["label"] = json!({"en": "A map"});
    let mut other = attached.clone();
    other["bytes"] = json!(7);
    let body = json!({"content": content("Map", &json!({"attachments": [other]}))});
    assert_eq!(campaign.ana.say(Method::POST, "/v1/bulletins", &body).await.outcome(), (400, "bad_request"));

    let mut client = reader(&mut campaign.readers[0].0, "bulletins:region.north").await;
    let more = json!({"attachments": [attached], "audience": {"regions": ["north"]}});
    campaign.sent(content("Map", &more)).await;
    assert_eq!(publication(&mut client).await["attachments"], json!([attached]));
    let path = format!("/v1/attachments/{}", attached["id"].as_str().unwrap());
    let loaded = campaign.readers[0].0.get(&path).await;
    assert_eq!((loaded.status.as_u16(), loaded.headers["content-type"].as_str()), (200, "image/png"));
    assert_eq!(loaded.headers["x-content-type-options"], "nosniff");
    let mut stranger = Visitor::at(campaign.service.one());
    assert_eq!(stranger.get(&path).await.outcome(), (401, "unauthorized"));
}
