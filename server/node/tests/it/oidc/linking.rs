//! Members who came by an invite, and link the account that they have at the campaign's sign-on.

use super::Traveller;
use super::people::World;
use crate::browser::{Answer, Visitor};
use awc::http::Method;
use serde_json::{Value, json};

/// Somebody who came by an invite.
async fn invited(world: &mut World) -> Visitor {
    let invite = world.service.invite(json!({"regions": ["north"]})).await;
    Visitor::joined(world.service.one(), &invite).await
}

async fn begins(who: &mut Visitor) -> Answer {
    who.say(Method::POST, "/v1/me/sign-on", &json!({"return": "/"})).await
}

/// Links whatever account the issuer has next, and where that ends.
async fn links(who: &mut Visitor) -> String {
    let begun = begins(who).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    ends(who, &begun).await
}

/// Goes where it was told to, and back.
async fn ends(who: &Visitor, begun: &Answer) -> String {
    let mut traveller = Traveller { cookies: who.cookies.clone(), ..Traveller::default() };
    let (_, back) = traveller.sent(begun.body["url"].as_str().unwrap()).await;
    let (status, to) = traveller.sent(&back).await;
    assert_eq!(status, 303);
    to
}

async fn account(who: &mut Visitor) -> Value {
    who.get("/v1/me/sign-on").await.body["account"].clone()
}

async fn own_id(who: &mut Visitor) -> Value {
    who.session().await.body["member"]["id"].clone()
}

const LINKED: &str = "/?sign_on=linked#me/sign-on";

#[actix_rt::test]
async fn a_member_links_their_account_and_signs_on_as_who_they_are_until_they_unlink_it() {
    let mut world = World::new(&[]).await;
    let mut ana = invited(&mut world).await;
    let mut stranger = Traveller::default();
    assert_eq!(world.tries(&mut stranger).await, "/join?sign_on=no_invite");
    assert_eq!(account(&mut ana).await, "none");
    assert_eq!(links(&mut ana).await, LINKED);
    assert_eq!(account(&mut ana).await, "linked");
    assert_eq!(begins(&mut ana).await.outcome(), (409, "account_linked"));
    let id = own_id(&mut ana).await;
    // What the account says of roles and regions is nothing to them; no role at all is none to them either.
    for roles in [json!(["admin"]), json!([])] {
        world.person(&roles, &json!(["south"]));
        let (_, member) = world.signs_on().await;
        assert_eq!(member["id"], id);
        assert_eq!((&member["roles"], &member["regions"]), (&json!(["activist"]), &json!(["north"])));
    }
    let gone = ana.say(Method::DELETE, "/v1/me/sign-on", &Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_eq!(account(&mut ana).await, "none");
    world.person(&json!(["activist"]), &json!([]));
    assert_eq!(world.tries(&mut stranger).await, "/join?sign_on=no_invite");
    let audit = world.service.admin.get("/v1/audit?limit=200").await.body;
    let said = |action: &str| {
        let is_it = |entry: &&Value| {
            entry["action"] == action && entry["who"]["member"] == id && entry["about"] == id
        };
        audit["entries"].as_array().unwrap().iter().filter(is_it).count()
    };
    assert_eq!((said("account.linked"), said("account.unlinked")), (1, 1), "{audit}");
    assert!(!audit.to_string().contains("b1f0-4c"), "nobody reads which account it is");
}

#[actix_rt::test]
async fn an_account_of_another_member_is_refused_and_nothing_is_guessed() {
    let mut world = World::new(&["--oidc-join"]).await;
    let (mut ana, mut ben) = (invited(&mut world).await, invited(&mut world).await);
    assert_eq!(links(&mut ana).await, LINKED);
    assert_eq!(links(&mut ben).await, "/?sign_on=taken#me/sign-on");
    assert_eq!(account(&mut ben).await, "none");
    // Whose address it says it is does not matter: who signs on is who the account is, and not who has that name.
    world.issuer.now().person["sub"] = json!("c4-another");
    world.issuer.now().person["email"] = json!("ana@example.org");
    let (_, came) = world.signs_on().await;
    assert_ne!(came["id"], own_id(&mut ana).await);
    assert_eq!(links(&mut ben).await, "/?sign_on=taken#me/sign-on", "of who came in by it, too");
    world.issuer.now().refuses = true;
    assert_eq!(links(&mut ben).await, "/?sign_on=cancelled#me/sign-on");
}

#[actix_rt::test]
async fn who_came_in_by_their_account_keeps_it() {
    let world = World::new(&["--oidc-join"]).await;
    let (traveller, _) = world.signs_on().await;
    let mut who = Visitor::at(world.service.one());
    who.cookies = traveller.cookies;
    who.session().await;
    assert_eq!(account(&mut who).await, "came");
    assert_eq!(
        who.say(Method::DELETE, "/v1/me/sign-on", &Value::Null).await.outcome(),
        (409, "account_kept")
    );
    assert_eq!(begins(&mut who).await.outcome(), (409, "account_linked"));
}

#[actix_rt::test]
async fn what_was_begun_ends_in_the_browser_and_on_the_device_that_began_it() {
    let mut world = World::new(&[]).await;
    let (mut ana, mallory) = (invited(&mut world).await, invited(&mut world).await);
    let begun = begins(&mut ana).await;
    assert_eq!(ends(&mallory, &begun).await, "/join?sign_on=expired", "who is sent a link links nothing");
    let (mut traveller, id) =
        (Traveller { cookies: ana.cookies.clone(), ..Traveller::default() }, own_id(&mut ana).await);
    let path = format!("/v1/members/{}/devices", id.as_str().unwrap());
    assert_eq!(world.service.admin.say(Method::DELETE, &path, &Value::Null).await.status, 204);
    let (_, back) = traveller.sent(begun.body["url"].as_str().unwrap()).await;
    assert_eq!(traveller.sent(&back).await.1, "/?sign_on=expired#me/sign-on", "signed out meanwhile");
    assert_eq!(world.tries(&mut Traveller::default()).await, "/join?sign_on=no_invite");
}

#[actix_rt::test]
async fn erasing_a_member_frees_their_account() {
    let mut world = World::new(&[]).await;
    let mut ana = invited(&mut world).await;
    assert_eq!(links(&mut ana).await, LINKED);
    assert_eq!(ana.say(Method::DELETE, "/v1/me", &Value::Null).await.status, 204);
    assert_eq!(world.tries(&mut Traveller::default()).await, "/join?sign_on=no_invite");
    let mut ben = invited(&mut world).await;
    assert_eq!(links(&mut ben).await, LINKED);
}

#[actix_rt::test]
async fn where_there_is_no_sign_on_nothing_is_linked() {
    let mut service = crate::service::Service::embedded().await;
    let invite = service.invite(json!({})).await;
    let mut ana = Visitor::joined(service.one(), &invite).await;
    assert_eq!(begins(&mut ana).await.outcome(), (404, "not_found"));
}
