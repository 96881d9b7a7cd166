use super::*;
use crate::{Account, LinkError, OwnAccount, SignOnError, SignedOn};
use storage::RecordKind;

const ISSUER: &str = "https://sso.campaign.example";
const ANA: (&str, &str) = (ISSUER, "ana");

async fn signs_on(people: &People, subject: &str, rights: Option<&Rights>) -> Result<SignedOn, SignOnError> {
    people.sign_on(Account { issuer: ISSUER, subject, rights }, true, NOW).await
}

async fn links(people: &People) -> usize {
    people.records.scan(RecordKind::ExternalAccount, None, 100, NOW).await.unwrap().0.len()
}

/// Somebody by an invite, and their device.
async fn member(people: &People) -> (MemberId, protocol::DeviceId) {
    let came = people.joined(terms(1)).await;
    (came.person.member.id, came.device)
}

#[tokio::test]
async fn a_linked_account_signs_its_member_in_and_gives_and_takes_nothing() {
    let people = people();
    let (id, device) = member(&people).await;
    assert_eq!(people.own_account(&id, NOW).await, Ok(OwnAccount::None));
    assert_eq!(people.link((&id, &device), ANA, NOW).await, Ok(true));
    assert_eq!(people.link((&id, &device), ANA, NOW).await, Ok(false), "the same again");
    assert_eq!(people.own_account(&id, NOW).await, Ok(OwnAccount::Linked));
    for rights in [None, Some(&rights(Role::Sender, "south"))] {
        let signed_on = signs_on(&people, "ana", rights).await.unwrap();
        let member = &signed_on.signed_in.person.member;
        assert_eq!((&member.id, member.roles.as_slice()), (&id, &[Role::Activist][..]));
        assert_eq!(member.regions, ["north"]);
        assert_eq!((signed_on.before, signed_on.revoking.len(), signed_on.is_new), (None, 0, false));
    }
}

#[tokio::test]
async fn an_account_is_one_members_and_a_member_has_one_account() {
    let people = people();
    let (one, other) = (member(&people).await, member(&people).await);
    people.link((&one.0, &one.1), ANA, NOW).await.unwrap();
    assert_eq!(people.link((&other.0, &other.1), ANA, NOW).await, Err(LinkError::Taken));
    assert_eq!(people.link((&one.0, &one.1), (ISSUER, "ben"), NOW).await, Err(LinkError::HasOne));
    let came = signs_on(&people, "cat", Some(&rights(Role::Activist, "north"))).await.unwrap().signed_in;
    assert_eq!(people.link((&other.0, &other.1), (ISSUER, "cat"), NOW).await, Err(LinkError::Taken));
    let id = &came.person.member.id;
    assert_eq!(people.own_account(id, NOW).await, Ok(OwnAccount::Came));
    assert_eq!(people.link((id, &came.device), (ISSUER, "dan"), NOW).await, Err(LinkError::HasOne));
    assert_eq!(people.unlink(id, NOW).await, Err(LinkError::CameByIt));
    assert_eq!(people.own_account(&other.0, NOW).await, Ok(OwnAccount::None));
    assert_eq!(links(&people).await, 2);
}

#[tokio::test]
async fn two_who_link_the_same_account_at_once_are_not_both_its_member() {
    let people = people();
    let (one, other) = (member(&people).await, member(&people).await);
    let (first, second) =
        tokio::join!(people.link((&one.0, &one.1), ANA, NOW), people.link((&other.0, &other.1), ANA, NOW));
    let mut outcomes = [first, second];
    outcomes.sort_by_key(Result::is_err);
    assert_eq!(outcomes, [Ok(true), Err(LinkError::Taken)]);
    assert_eq!(links(&people).await, 1);
}

#[tokio::test]
async fn nobody_is_linked_on_a_device_that_was_signed_out_meanwhile() {
    let people = people();
    let (id, device) = member(&people).await;
    people.sign_out(&device, NOW).await.unwrap();
    assert_eq!(people.link((&id, &device), ANA, NOW).await, Err(LinkError::Gone));
    people.leave(&id, NOW).await.unwrap();
    assert_eq!(people.link((&id, &device), ANA, NOW).await, Err(LinkError::Gone));
    assert_eq!(links(&people).await, 0);
}

#[tokio::test]
async fn who_unlinks_leaves_or_is_erased_leaves_no_account_behind_and_another_may_have_it() {
    let people = people();
    let (id, device) = member(&people).await;
    people.link((&id, &device), ANA, NOW).await.unwrap();
    assert_eq!(people.unlink(&id, NOW).await, Ok(true));
    assert_eq!(people.unlink(&id, NOW).await, Ok(false));
    assert_eq!((links(&people).await, people.own_account(&id, NOW).await), (0, Ok(OwnAccount::None)));
    let refused = people.sign_on(Account { issuer: ISSUER, subject: "ana", rights: None }, false, NOW).await;
    assert_eq!(refused, Err(SignOnError::Unknown));
    let (second, on) = member(&people).await;
    people.link((&second, &on), ANA, NOW).await.unwrap();
    people.erase(&second, NOW).await.unwrap();
    assert_eq!(links(&people).await, 0);
    people.link((&id, &device), ANA, NOW).await.unwrap();
    people.leave(&id, NOW).await.unwrap();
    assert_eq!(links(&people).await, 0);
    assert_eq!(signs_on(&people, "ana", None).await, Err(SignOnError::NoRole));
}
