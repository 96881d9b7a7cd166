//! People who sign in with the campaign's own sign-on.

use super::Traveller;
use super::issuer::{CLIENT, Issuer, Lie, SECRET};
use super::keys::Key;
use crate::service::Service;
use awc::http::Method;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use tempfile::TempDir;

pub(super) struct World {
    pub(super) issuer: Issuer,
    pub(super) service: Service,
    _folder: TempDir,
}

pub(super) fn secret(folder: &TempDir, mode: u32) -> PathBuf {
    let file = folder.path().join("secret");
    fs::write(&file, format!("{SECRET}\n")).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    file
}

impl World {
    pub(super) async fn new(further: &[&str]) -> Self {
        let issuer = Issuer::start();
        let folder = tempfile::tempdir().unwrap();
        let (url, file) = (issuer.url(), secret(&folder, 0o600));
        let mut arguments = vec![
            "--oidc-issuer",
            &url,
            "--oidc-client-id",
            CLIENT,
            "--oidc-client-secret-file",
            file.to_str().unwrap(),
        ];
        arguments.extend(["--oidc-name", "Campaign account", "--sign-on-roles", "activist,sender,admin"]);
        arguments.extend(further);
        let service = Service::embedded_with(&arguments).await;
        Self { issuer, service, _folder: folder }
    }

    /// Somebody tries, and where they end.
    pub(super) async fn tries(&self, traveller: &mut Traveller) -> String {
        let (status, to) = traveller.sign_on(self.service.one()).await;
        assert_eq!(status, 303);
        to
    }

    /// Somebody signs on, and who they are.
    pub(super) async fn signs_on(&self) -> (Traveller, Value) {
        let mut traveller = Traveller::default();
        assert_eq!(self.tries(&mut traveller).await, "/console");
        let session = traveller.session(self.service.one()).await;
        (traveller, session["member"].clone())
    }

    pub(super) fn person(&self, roles: &Value, regions: &Value) {
        let mut now = self.issuer.now();
        now.person["holdfast_roles"] = roles.clone();
        now.person["holdfast_regions"] = regions.clone();
    }
}

#[actix_rt::test]
async fn somebody_signs_on_and_is_the_same_member_each_time_with_what_the_sign_on_says_now() {
    let mut world = World::new(&["--oidc-join"]).await;
    let told = world.service.admin.get("/v1/sign-on").await.body;
    assert_eq!(told, json!({"oidc": {"name": "Campaign account"}}));
    let (_, first) = world.signs_on().await;
    assert_eq!((&first["roles"], &first["regions"]), (&json!(["activist"]), &json!(["north"])));
    world.person(&json!(["sender", "king"]), &json!(["south"]));
    let (traveller, again) = world.signs_on().await;
    assert_eq!((&again["id"], &again["roles"]), (&first["id"], &json!(["sender"])));
    assert!(!traveller.cookies.contains_key("holdfast_sign_on"), "nothing of the way is left");
    let audit = world.service.admin.get("/v1/audit?limit=200").await.body.to_string();
    assert!(audit.contains("\"south\"") && audit.contains(first["id"].as_str().unwrap()), "{audit}");
    assert!(!audit.contains("b1f0-4c"));
    world.issuer.now().person["sub"] = json!("another");
    let (_, other) = world.signs_on().await;
    assert_ne!(other["id"], first["id"]);
}

#[actix_rt::test]
async fn who_is_no_member_is_told_to_ask_for_an_invite_unless_accounts_let_people_in() {
    let world = World::new(&[]).await;
    let mut traveller = Traveller::default();
    assert_eq!(world.tries(&mut traveller).await, "/join?sign_on=no_invite");
    assert!(traveller.cookies.is_empty());
    // What they would be makes no difference, as long as accounts let nobody in.
    world.person(&json!(["approver", "king"]), &json!([]));
    assert_eq!(world.tries(&mut traveller).await, "/join?sign_on=no_invite");
    let open = World::new(&["--oidc-join"]).await;
    open.person(&json!(["approver", "king"]), &json!([]));
    assert_eq!(open.tries(&mut Traveller::default()).await, "/join?sign_on=no_role");
    world.issuer.now().refuses = true;
    assert_eq!(world.tries(&mut traveller).await, "/join?sign_on=cancelled");
}

#[actix_rt::test]
async fn whatever_an_issuer_says_that_is_not_so_signs_nobody_in() {
    let world = World::new(&["--oidc-join"]).await;
    let mut traveller = Traveller::default();
    let lies = [
        (Lie::AlgorithmNone, "refused"),
        (Lie::AnotherAudience, "refused"),
        (Lie::AnotherIssuer, "refused"),
        (Lie::AnotherKey, "refused"),
        (Lie::AnotherNonce, "refused"),
        (Lie::Expired, "refused"),
        (Lie::NoNonce, "refused"),
        (Lie::PublicKeyAsSecret, "refused"),
        (Lie::ClientSecretAsKey, "refused"),
        (Lie::Unsigned, "refused"),
        (Lie::NoIdToken, "refused"),
        (Lie::Nonsense, "refused"),
        (Lie::Redirect, "refused"),
        (Lie::Huge, "away"),
    ];
    for (lie, word) in lies {
        world.issuer.lies(lie);
        let to = world.tries(&mut traveller).await;
        assert_eq!(to, format!("/join?sign_on={word}"), "{lie:?}");
        assert!(traveller.cookies.is_empty(), "{lie:?}");
    }
    world.issuer.lies(Lie::None);
    world.signs_on().await;
}

#[actix_rt::test]
async fn an_answer_counts_once_and_in_the_browser_that_asked() {
    let world = World::new(&["--oidc-join"]).await;
    let at = world.service.one();
    let mut one = Traveller::default();
    let (_, issuer) = one.sent(&format!("http://{at}/v1/oidc/start?return=//evil.example")).await;
    let (_, back) = one.sent(&issuer).await;
    let mut other = Traveller::default();
    assert_eq!(other.sent(&back).await.1, "/join?sign_on=expired", "somebody else's link signs nobody in");
    other.sent(&format!("http://{at}/v1/oidc/start")).await;
    assert_eq!(other.sent(&back).await.1, "/join?sign_on=expired", "not with a sign-in of their own either");
    let elsewhere = back.replace("&iss=http", "&iss=https");
    let mut third = Traveller { cookies: one.cookies.clone(), ..Traveller::default() };
    assert_eq!(third.sent(&elsewhere).await.1, "/join?sign_on=refused", "another issuer's answer");
    assert_eq!(one.sent(&back).await.1, "/", "and nobody is sent to another site");
    assert_eq!(one.sent(&back).await.1, "/join?sign_on=expired", "twice");
}

#[actix_rt::test]
async fn an_issuer_that_is_away_or_has_other_keys_is_no_trouble() {
    let world = World::new(&["--oidc-join"]).await;
    let (_, first) = world.signs_on().await;
    world.issuer.now().keys = vec![Key::rsa("second")];
    let mut traveller = Traveller::default();
    super::until(async || world.tries(&mut traveller).await == "/console").await;
    assert_eq!(traveller.session(world.service.one()).await["member"]["id"], first["id"]);
    let at = world.service.one();
    let mut traveller = Traveller::default();
    let (_, issuer) = traveller.sent(&format!("http://{at}/v1/oidc/start")).await;
    let (_, back) = traveller.sent(&issuer).await;
    world.issuer.now().is_away = true;
    assert_eq!(traveller.sent(&back).await.1, "/join?sign_on=away");
}

#[actix_rt::test]
async fn who_leaves_is_gone_from_the_sign_on_too_and_comes_again_as_somebody_new() {
    let mut world = World::new(&["--oidc-join"]).await;
    let (_, first) = world.signs_on().await;
    let path = format!("/v1/members/{}", first["id"].as_str().unwrap());
    assert_eq!(world.service.admin.say(Method::DELETE, &path, &Value::Null).await.status, 204);
    let (_, again) = world.signs_on().await;
    assert_ne!(first["id"], again["id"]);
}

#[test]
fn a_secret_that_others_may_read_is_refused_with_what_to_do() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = secret(&folder, 0o644);
    let mut start = crate::node::Start::embedded(data.path());
    start.arguments = ["--oidc-issuer", "https://sso.example", "--oidc-client-id", CLIENT]
        .map(str::to_owned)
        .into_iter()
        .chain(["--oidc-client-secret-file".to_owned(), file.to_str().unwrap().to_owned()])
        .collect();
    let (code, said) = start.refusal();
    assert_eq!(code, Some(2));
    assert!(said.contains("chmod 600"), "{said}");
}
