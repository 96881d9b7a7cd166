//! Signed bulletins against the running binary: from a signature to what members get, and what is refused on the way.

use super::{ANA, BEN, LOST, ROOT, countersigned, keep, manifest, now, signed, statement, until};
use crate::browser::{Answer, Visitor};
use crate::client::Client;
use crate::service::{Service, connected};
use awc::http::Method;
use identity::trust::Purpose;
use serde_json::{Value, json};

/// Who writes, who approves, and who reads.
pub(super) struct Campaign {
    pub(super) service: Service,
    pub(super) ana: Visitor,
    ben: Visitor,
    pub(super) reader: Client,
}

impl Campaign {
    pub(super) async fn on(mut service: Service) -> Self {
        let both = json!({"roles": ["sender", "approver"]});
        let (mut ana, _) = service.member_with(both.clone()).await;
        let (ben, _) = service.member_with(both).await;
        let (mut reader, _) = service.member().await;
        let (_, mut reader) = connected(&mut reader).await;
        reader.request(json!({"subscribe": {"channel": "bulletins:all"}})).await.unwrap();
        assert_eq!(keep(&mut service.admin, &manifest(ROOT, 1)).await.0, 200);
        until(async || ana.say(Method::POST, "/v1/audience", &json!({})).await.body["members"] == 4).await;
        Self { service, ana, ben, reader }
    }

    async fn begun(&mut self, content: &Value) -> String {
        let begun = self.ana.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
        begun.body["id"].as_str().unwrap().to_owned()
    }

    async fn submit(&mut self, id: &str, revision: u32, signed: &Value) -> Answer {
        let mut body = json!({"revision": revision});
        if !signed.is_null() {
            body["signed"] = signed.clone();
        }
        self.ana.say(Method::POST, &format!("/v1/bulletins/{id}/submit"), &body).await
    }

    async fn approve(&mut self, id: &str, signature: &Value) -> Answer {
        let mut body = json!({"revision": 1});
        if !signature.is_null() {
            body["signature"] = signature.clone();
        }
        self.ben.say(Method::POST, &format!("/v1/bulletins/{id}/approve"), &body).await
    }

    async fn until_state(&mut self, id: &str, state: &str) {
        let ana = &mut self.ana;
        until(async || ana.get(&format!("/v1/bulletins/{id}")).await.body["state"] == *state).await;
    }

    /// Urgent, for all, signed by two, and sent. Answers its id and what its author signed.
    pub(super) async fn sent(&mut self, title: &str, previous: &Value) -> (String, Value) {
        let content = urgent(title);
        let id = self.begun(&content).await;
        let signed = signed(ANA, &statement(&id, &content, &["bulletins:all"], previous));
        let submitted = self.submit(&id, 1, &signed).await;
        assert_eq!(submitted.body["state"], "awaiting_approval", "{}", submitted.body);
        let approved = self.approve(&id, &countersigned(BEN, &signed)).await;
        assert_eq!(approved.status, 200, "{}", approved.body);
        self.until_state(&id, "sent").await;
        (id, signed)
    }
}

fn urgent(title: &str) -> Value {
    json!({"kind": "alert", "urgency": "urgent", "texts": {"en": {"title": title, "body": "Read \"this\".\n\n- now"}, "cy": {"title": title, "body": "Darllenwch."}}})
}

/// The data of the next publication to everybody.
pub(super) async fn publication(client: &mut Client) -> Value {
    loop {
        let message = client.next().await.unwrap();
        if message["push"]["channel"] == json!("bulletins:all") {
            return message["push"]["pub"]["data"].clone();
        }
    }
}

#[actix_rt::test]
async fn what_two_people_signed_arrives_with_both_signatures_and_is_named_by_the_next() {
    for service in [Service::embedded().await, Service::on_redis().await] {
        let mut campaign = Campaign::on(service).await;
        let (id, first) = campaign.sent("Polls close at 9", &json!({})).await;
        let said = publication(&mut campaign.reader).await;
        assert_eq!(said["id"], json!(id));
        assert_eq!(said["signed"]["statement"], first["statement"]);
        assert_eq!(said["signed"]["signatures"][1], countersigned(BEN, &first));
        assert_eq!(said.get("override"), None);
        let shown = campaign.ana.get(&format!("/v1/bulletins/{id}")).await.body;
        assert_eq!(shown["signed"], said["signed"]);
        let heads = campaign.ana.get("/v1/bulletins/heads?channel=bulletins:all&channel=teams:a").await.body;
        assert_eq!(heads["heads"], json!({"bulletins:all": said["signed"], "teams:a": null}));
        let hash = Purpose::Bulletin.hash(first["statement"].as_str().unwrap());
        let (_, second) = campaign.sent("Polls are closed", &json!({"bulletins:all": hash})).await;
        assert_eq!(publication(&mut campaign.reader).await["signed"]["statement"], second["statement"]);
        let read: Value = serde_json::from_str(second["statement"].as_str().unwrap()).unwrap();
        assert_eq!(read["previous"]["bulletins:all"], json!(hash));
    }
}

#[actix_rt::test]
async fn what_is_not_signed_as_it_must_be_is_refused_and_the_draft_stays() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let content = urgent("Meet at 6");
    let id = campaign.begun(&content).await;
    let good = statement(&id, &content, &["bulletins:all"], &json!({}));
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        signed(ANA, &changed)
    };
    let outcome = async |campaign: &mut Campaign, signed: &Value| {
        let answer = campaign.submit(&id, 1, signed).await;
        let (status, code) = answer.outcome();
        (status, code.to_owned())
    };
    assert_eq!(outcome(&mut campaign, &Value::Null).await, (422, "signature_needed".to_owned()));
    let refused = (422, "signature_refused".to_owned());
    for seed in [77, LOST, BEN] {
        assert_eq!(outcome(&mut campaign, &signed(seed, &good)).await, refused, "{seed}");
    }
    let mut tampered = signed(ANA, &good);
    tampered["statement"] = json!(tampered["statement"].as_str().unwrap().replace("Meet at 6", "Meet at 7"));
    assert_eq!(outcome(&mut campaign, &tampered).await, refused);
    let mut other_id = id.clone().into_bytes();
    *other_id.last_mut().unwrap() ^= 1;
    for (name, value) in [
        ("v", json!(2)),
        ("root", json!("A".repeat(43))),
        ("id", json!(String::from_utf8(other_id).unwrap())),
        ("kind", json!("update")),
        ("urgency", json!("normal")),
        ("test", json!(true)),
        ("channels", json!(["bulletins:region.north"])),
        ("channels", json!([])),
        ("at", json!(now() - 2 * 3_600_000)),
        ("at", json!(now() + 2 * 3_600_000)),
        ("expires_at", json!(now() + 1)),
        ("texts", json!({"en": content["texts"]["en"]})),
        ("links", json!([{"url": "https://example.org/", "label": {}}])),
        ("references", json!([{"id": id, "how": "about"}])),
        ("previous", json!({})),
        ("previous", json!({"bulletins:all": null, "teams:a": null})),
        ("urgent", json!(true)),
    ] {
        let found = outcome(&mut campaign, &with(name, value.clone())).await;
        assert_eq!(found, (422, "statement_differs".to_owned()), "{name} {value}");
    }
    let twice = signed_text(&good.to_string().replacen("\"v\":1", "\"v\":1,\"v\":1", 1));
    assert_eq!(outcome(&mut campaign, &twice).await, (422, "statement_differs".to_owned()));
    for nonsense in
        [json!({}), json!({"statement": 7}), json!({"statement": "{}", "key": "x", "signature": "y"})]
    {
        assert_eq!(outcome(&mut campaign, &nonsense).await, (400, "bad_request".to_owned()), "{nonsense}");
    }
    let shown = campaign.ana.get(&format!("/v1/bulletins/{id}")).await.body;
    assert_eq!((&shown["state"], shown.get("signed")), (&json!("draft"), None));
    assert_eq!(campaign.submit(&id, 1, &signed(ANA, &good)).await.status, 200);
}

fn signed_text(text: &str) -> Value {
    let by = super::key(ANA).sign(Purpose::Bulletin, text);
    json!({"statement": text, "key": by.key, "signature": by.signature})
}

#[actix_rt::test]
async fn the_second_signature_is_another_persons_and_an_edit_drops_both() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let content = urgent("Meet at 6");
    let id = campaign.begun(&content).await;
    let by_ana = signed(ANA, &statement(&id, &content, &["bulletins:all"], &json!({})));
    assert_eq!(campaign.submit(&id, 1, &by_ana).await.status, 200);
    let path = format!("/v1/bulletins/{id}/approve");
    let own = campaign.ana.say(Method::POST, &path, &json!({"revision": 1})).await;
    assert_eq!(own.outcome(), (403, "own_bulletin"));
    assert_eq!(campaign.approve(&id, &Value::Null).await.outcome(), (422, "signature_needed"));
    for seed in [ANA, LOST, 77] {
        let refused = campaign.approve(&id, &countersigned(seed, &by_ana)).await;
        assert_eq!(refused.outcome(), (422, "signature_refused"), "{seed}");
    }
    let of_other = countersigned(BEN, &json!({"statement": "{}"}));
    assert_eq!(campaign.approve(&id, &of_other).await.outcome(), (422, "signature_refused"));

    let edit = json!({"revision": 1, "content": urgent("Meet at 7")});
    let edited = campaign.ana.say(Method::PUT, &format!("/v1/bulletins/{id}"), &edit).await;
    assert_eq!((&edited.body["revision"], edited.body.get("signed")), (&json!(2), None));
    assert_eq!(campaign.submit(&id, 2, &by_ana).await.outcome(), (422, "statement_differs"));
}

#[actix_rt::test]
async fn a_key_that_is_revoked_between_two_signatures_counts_no_more() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let content = urgent("Meet at 6");
    let id = campaign.begun(&content).await;
    let by_ana = signed(ANA, &statement(&id, &content, &["bulletins:all"], &json!({})));
    assert_eq!(campaign.submit(&id, 1, &by_ana).await.status, 200);
    let mut draft = manifest(ROOT, 1).verify().unwrap().next(protocol::Timestamp::from_millis(now()));
    draft.keys[0].revoked_at = Some(protocol::Timestamp::from_millis(now()));
    let revoked = draft.signed(&super::key(ROOT)).unwrap();
    assert_eq!(keep(&mut campaign.service.admin, &revoked).await.0, 200);
    let approved = campaign.approve(&id, &countersigned(BEN, &by_ana)).await;
    assert_eq!(approved.outcome(), (422, "signature_refused"));
}

#[actix_rt::test]
async fn an_override_has_one_signature_and_says_so_and_a_withdrawal_is_signed_or_not() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let content = urgent("The hall is on fire");
    let id = campaign.begun(&content).await;
    let by_ana = signed(ANA, &statement(&id, &content, &["bulletins:all"], &json!({})));
    assert_eq!(campaign.submit(&id, 1, &by_ana).await.status, 200);
    let why = json!({"revision": 1, "reason": "nobody else is awake"});
    let overridden = campaign.ana.say(Method::POST, &format!("/v1/bulletins/{id}/override"), &why).await;
    assert_eq!(overridden.status, 200, "{}", overridden.body);
    let said = publication(&mut campaign.reader).await;
    assert_eq!(
        (&said["override"], said["signed"]["signatures"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
    campaign.until_state(&id, "sent").await;

    let mut withdrawn = statement(&format!("{id}.withdrawn"), &content, &["bulletins:all"], &json!({}));
    withdrawn["kind"] = json!("cancel");
    withdrawn["references"] = json!([{"id": id, "how": "withdraws"}]);
    withdrawn["texts"] = json!({
        "en": {"title": "Withdrawn: The hall is on fire", "body": "This bulletin was withdrawn. Do not rely on it."},
        "cy": {"title": "Tynnwyd yn ôl: The hall is on fire", "body": "Mae'r bwletin hwn wedi'i dynnu'n ôl. Peidiwch â dibynnu arno."},
    });
    let path = format!("/v1/bulletins/{id}/withdraw");
    let bad = json!({"signed": signed(LOST, &withdrawn)});
    assert_eq!(campaign.ana.say(Method::POST, &path, &bad).await.outcome(), (422, "signature_refused"));
    let unknown = json!({"signd": 1});
    assert_eq!(campaign.ana.say(Method::POST, &path, &unknown).await.outcome(), (400, "bad_request"));
    let answer = campaign.ana.say(Method::POST, &path, &json!({"signed": signed(BEN, &withdrawn)})).await;
    assert_eq!(answer.body["state"], "withdrawn", "{}", answer.body);
    let said = publication(&mut campaign.reader).await;
    assert_eq!(said["signed"]["statement"], json!(withdrawn.to_string()));

    let (second, _) = campaign.sent("Another", &json!({})).await;
    publication(&mut campaign.reader).await;
    let path = format!("/v1/bulletins/{second}/withdraw");
    let unsigned = campaign.ana.say(Method::POST, &path, &Value::Null).await;
    assert_eq!(unsigned.body["state"], "withdrawn");
    assert_eq!(publication(&mut campaign.reader).await.get("signed"), None);
}

#[actix_rt::test]
async fn what_is_too_long_to_go_out_twice_is_refused_and_says_so() {
    let mut campaign = Campaign::on(Service::embedded().await).await;
    let text = |word: &str| json!({"title": word, "body": "ab ".repeat(1_600)});
    let content = json!({"kind": "update", "texts": {"en": text("a"), "cy": text("b"), "fr": text("c"), "de": text("d")}});
    let id = campaign.begun(&content).await;
    let shown = campaign.ana.get(&format!("/v1/bulletins/{id}")).await.body["content"].clone();
    let long = signed(ANA, &statement(&id, &shown, &["bulletins:all"], &json!({})));
    assert_eq!(campaign.submit(&id, 1, &long).await.outcome(), (422, "statement_too_large"));
}

#[actix_rt::test]
async fn without_a_manifest_nothing_is_signed() {
    let mut service = Service::embedded().await;
    let (mut ana, _) = service.member_with(json!({"roles": ["sender"]})).await;
    let content = urgent("Meet at 6");
    let begun = ana.say(Method::POST, "/v1/bulletins", &json!({"content": content})).await;
    let id = begun.body["id"].as_str().unwrap().to_owned();
    until(async || ana.say(Method::POST, "/v1/audience", &json!({})).await.body["members"] == 2).await;
    let by_ana = signed(ANA, &statement(&id, &content, &["bulletins:all"], &json!({})));
    let path = format!("/v1/bulletins/{id}/submit");
    let answer = ana.say(Method::POST, &path, &json!({"revision": 1, "signed": by_ana})).await;
    assert_eq!(answer.outcome(), (422, "signature_refused"));
    let answer = ana.say(Method::POST, &path, &json!({"revision": 1})).await;
    assert_eq!((&answer.body["state"], answer.body.get("signed")), (&json!("awaiting_approval"), None));
    for query in ["", "?channel=", "?channel=a%20b", "?chanel=bulletins:all"] {
        let asked = ana.get(&format!("/v1/bulletins/heads{query}")).await;
        assert_eq!(asked.outcome(), (400, "bad_request"), "{query}");
    }
}
