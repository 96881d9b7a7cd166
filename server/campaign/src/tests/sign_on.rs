use super::*;
use crate::{Account, SignOnError, SignedOn};
use storage::RecordKind;
use storage::records::member::Standing;

const ISSUER: &str = "https://sso.campaign.example";

async fn sign_on(
    people: &People,
    subject: &str,
    rights: &Rights,
    may_join: bool,
) -> Result<SignedOn, SignOnError> {
    people.sign_on(Account { issuer: ISSUER, subject, rights: Some(rights) }, may_join, NOW).await
}

async fn links(people: &People) -> usize {
    people.records.scan(RecordKind::ExternalAccount, None, 100, NOW).await.unwrap().0.len()
}

#[tokio::test]
async fn an_account_makes_one_member_and_finds_them_again_on_another_device() {
    let people = people();
    let rights = rights(Role::Activist, "north");
    let first = sign_on(&people, "b1f0", &rights, true).await.unwrap();
    let again = sign_on(&people, "b1f0", &rights, false).await.unwrap();
    let (one, two) = (&first.signed_in, &again.signed_in);
    assert!(first.is_new && !again.is_new);
    assert_eq!(one.person.member.id, two.person.member.id);
    assert_ne!(one.device, two.device);
    assert_eq!((again.before, again.revoking.len()), (None, 0));
    assert!(one.person.member.number.is_some(), "they are on the roll");
    let other = sign_on(&people, "b1f1", &rights, true).await.unwrap();
    assert_ne!(other.signed_in.person.member.id, one.person.member.id);
    assert_eq!(people.sign_in(&two.secret, NOW).await.unwrap().person.member.id, one.person.member.id);
}

#[tokio::test]
async fn an_account_that_is_nobodys_needs_an_invite_where_accounts_let_nobody_in() {
    let people = people();
    let refused = sign_on(&people, "b1f0", &rights(Role::Activist, "north"), false).await;
    assert_eq!(refused, Err(SignOnError::Unknown));
    assert_eq!(links(&people).await, 0);
}

#[tokio::test]
async fn what_somebody_may_is_what_the_account_says_now_and_older_tickets_do_not_count() {
    let people = people();
    sign_on(&people, "b1f0", &rights(Role::Sender, "north"), true).await.unwrap();
    let now = sign_on(&people, "b1f0", &rights(Role::Activist, "south"), false).await.unwrap();
    let member = &now.signed_in.person.member;
    assert_eq!(
        (member.roles.as_slice(), member.regions.as_slice()),
        (&[Role::Activist][..], &["south".to_owned()][..])
    );
    assert_eq!(now.before.unwrap().roles, vec![Role::Sender]);
    assert_eq!(now.revoking[0].counts_from, member.generation);
}

#[tokio::test]
async fn the_last_admin_stays_one_whatever_the_account_says() {
    let people = people();
    sign_on(&people, "b1f0", &rights(Role::Admin, "north"), true).await.unwrap();
    let still = sign_on(&people, "b1f0", &rights(Role::Activist, "north"), false).await.unwrap();
    assert_eq!(still.signed_in.person.member.roles, vec![Role::Admin]);
    sign_on(&people, "b1f1", &rights(Role::Admin, "north"), true).await.unwrap();
    let now = sign_on(&people, "b1f0", &rights(Role::Activist, "north"), false).await.unwrap();
    assert_eq!(now.signed_in.person.member.roles, vec![Role::Activist]);
}

#[tokio::test]
async fn who_leaves_or_is_erased_leaves_no_account_behind() {
    let people = people();
    let rights = rights(Role::Activist, "north");
    let first = sign_on(&people, "b1f0", &rights, true).await.unwrap().signed_in.person.member.id;
    people.erase(&first, NOW).await.unwrap();
    assert_eq!(links(&people).await, 0);
    let second = sign_on(&people, "b1f0", &rights, true).await.unwrap().signed_in.person.member.id;
    assert_ne!(first, second);
    people.leave(&second, NOW).await.unwrap();
    assert_eq!(links(&people).await, 0);
    assert_eq!(sign_on(&people, "b1f0", &rights, false).await, Err(SignOnError::Unknown));
    let third = sign_on(&people, "b1f0", &rights, true).await.unwrap().signed_in.person.member;
    assert_ne!(third.id, second);
    assert_eq!(third.standing, Standing::Active);
}

#[tokio::test]
async fn the_store_names_no_account() {
    let people = people();
    sign_on(&people, "a-very-telling-subject", &rights(Role::Activist, "north"), true).await.unwrap();
    for kind in RecordKind::ALL {
        for (id, record) in people.records.scan(kind, None, 100, NOW).await.unwrap().0 {
            let text = format!("{} {}", id.as_str(), String::from_utf8_lossy(&record.data));
            assert!(!text.contains("telling") && !text.contains("sso.campaign"), "{kind:?}");
        }
    }
}
