//! The manifest over HTTP: who may read it, who may replace it and by what.

use super::{ROOT, keep, key, manifest};
use crate::browser::Visitor;
use crate::service::{Service, connected};
use awc::http::Method;
use identity::trust::SignedManifest;
use serde_json::{Value, json};

const OTHER_ROOT: u8 = 9;

#[actix_rt::test]
async fn anybody_reads_the_manifest_and_admins_put_a_newer_one_of_the_same_root_in_its_place() {
    for mut service in [Service::embedded().await, Service::on_redis().await] {
        let mut stranger = Visitor::at(service.two());
        assert_eq!(stranger.get("/v1/trust").await.outcome(), (404, "no_manifest"));
        let (mut member, _) = service.member().await;
        let admin = &mut service.admin;
        assert_eq!(keep(&mut member, &manifest(ROOT, 7)).await, (403, "forbidden".to_owned()));
        assert_eq!(keep(&mut stranger, &manifest(ROOT, 7)).await, (401, "unauthorized".to_owned()));
        let first = manifest(ROOT, 7);
        assert_eq!(keep(admin, &first).await.0, 200);
        super::until(async || stranger.get("/v1/trust").await.status == 200).await;
        let shown = stranger.get("/v1/trust").await;
        assert_eq!(shown.body, json!(first));
        let tag = shown.headers["etag"].clone();
        let again = awc::Client::new().get(format!("http://{}/v1/trust", stranger.at));
        assert_eq!(again.insert_header(("If-None-Match", tag)).send().await.unwrap().status(), 304);

        assert_eq!(keep(admin, &first).await, (409, "old_manifest".to_owned()));
        assert_eq!(keep(admin, &manifest(ROOT, 6)).await, (409, "old_manifest".to_owned()));
        assert_eq!(keep(admin, &manifest(OTHER_ROOT, 8)).await, (409, "other_root".to_owned()));
        let tampered = SignedManifest { manifest: first.manifest.replace("Ana", "Eve"), ..first.clone() };
        assert_eq!(keep(admin, &tampered).await, (422, "bad_manifest".to_owned()));
        for body in
            [json!({}), json!({"manifest": "{}"}), json!({"manifest": "{}", "signature": "x"}), Value::Null]
        {
            let answer = admin.say(Method::PUT, "/v1/trust", &body).await;
            assert_eq!(answer.outcome(), (400, "bad_request"), "{body}");
        }
        let large = json!({"manifest": "x".repeat(41 * 1024), "signature": first.signature});
        assert_eq!(admin.say(Method::PUT, "/v1/trust", &large).await.outcome(), (422, "bad_manifest"));
        assert_eq!(admin.get("/v1/trust").await.body, json!(first), "what is refused changes nothing");

        assert_eq!(keep(admin, &manifest(ROOT, 9)).await.0, 200);
        super::until(async || {
            let audit = admin.get("/v1/audit?limit=200").await.body;
            let entries = audit["entries"].as_array().cloned().unwrap_or_default();
            let serials = entries.iter().filter(|entry| entry["action"] == "trust.changed");
            serials.map(|entry| entry["after"]["serial"].clone()).eq([json!(9), json!(7)])
        })
        .await;
    }
}

#[actix_rt::test]
async fn everybody_who_is_connected_hears_that_there_is_a_newer_manifest() {
    let mut service = Service::embedded().await;
    let (mut member, _) = service.member().await;
    let (_, mut client) = connected(&mut member).await;
    assert_eq!(keep(&mut service.admin, &manifest(ROOT, 7)).await.0, 200);
    let mut told = json!(null);
    while told.is_null() {
        let message = client.next().await.unwrap();
        if message["push"]["channel"] == json!("service:status") {
            told = message["push"]["pub"]["data"]["trust"].clone();
        }
    }
    assert_eq!(told, json!({"serial": 7}));
}

#[actix_rt::test]
async fn links_carry_the_fingerprint_once_there_is_one() {
    let mut service = Service::embedded().await;
    let wanted = json!({"roles": ["activist"], "max_uses": 1, "expires_in_s": 600});
    let admin = &mut service.admin;
    let plain =
        admin.say(Method::POST, "/v1/invites", &wanted).await.body["link"].as_str().unwrap().to_owned();
    assert!(!plain.contains('~'), "as before");
    assert_eq!(keep(admin, &manifest(ROOT, 1)).await.0, 200);
    let link =
        admin.say(Method::POST, "/v1/invites", &wanted).await.body["link"].as_str().unwrap().to_owned();
    let (token, fingerprint) = link.split_once("/join#").unwrap().1.split_once('~').unwrap();
    assert_eq!(fingerprint, key(ROOT).public().fingerprint().text());
    let mut joined = Visitor::joined(admin.at, token).await;
    assert_eq!(joined.get("/v1/me").await.status, 200);
    let (_, rows) = admin.import("", "reference,name\n1,Ana\n".to_owned()).await;
    assert!(rows[0][1].ends_with(&format!("~{fingerprint}")), "{rows:?}");
}
