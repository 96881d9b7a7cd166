use super::*;
use crate::SignInError;
use crate::members::{Edit, EditError, Filter};
use protocol::MemberId;
use storage::records::revocation::Revoked;
use storage::{RecordId, RecordKey, RecordKind};

fn named(name: &str) -> Edit {
    Edit { name: Some(Some(name.to_owned())), ..Edit::default() }
}

#[tokio::test]
async fn a_name_is_sealed_in_the_record_and_open_to_whoever_may_ask() {
    let people = people();
    let id = people.joined(terms(1)).await.person.member.id;
    let (person, revoking) = people.edit(&id, Some(1), &named("Siân"), &admin(), NOW).await.unwrap();
    assert_eq!(person.personal.name.as_deref(), Some("Siân"));
    assert!(revoking.is_none(), "a name is no right");
    assert_eq!(people.person(&id, NOW).await.unwrap(), Some(person));
    let key = RecordKey { kind: RecordKind::Member, id: RecordId::parse(id.as_str()).unwrap() };
    let record = people.records.get(&key, NOW).await.unwrap().unwrap();
    assert!(!String::from_utf8(record.data).unwrap().contains("Siân"));
}

#[tokio::test]
async fn an_edit_of_what_somebody_else_changed_meanwhile_is_refused() {
    let people = people();
    let id = people.joined(terms(1)).await.person.member.id;
    people.edit(&id, Some(1), &named("one"), &admin(), NOW).await.unwrap();
    assert_eq!(people.edit(&id, Some(1), &named("two"), &admin(), NOW).await, Err(EditError::Stale));
    people.edit(&id, Some(2), &named("two"), &admin(), NOW).await.unwrap();
    let nobody = MemberId::parse("m_nobody").unwrap();
    assert_eq!(people.edit(&nobody, None, &named("x"), &admin(), NOW).await, Err(EditError::Unknown));
}

#[tokio::test]
async fn other_rights_end_what_tokens_of_before_allow() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let id = joined.person.member.id.clone();
    let edit = Edit { rights: Some(rights(Role::Sender, "south")), ..Edit::default() };
    let (person, revoking) = people.edit(&id, None, &edit, &admin(), NOW).await.unwrap();
    assert_eq!((person.member.generation, person.member.regions.as_slice()), (1, &["south".to_owned()][..]));
    let revoking = revoking.unwrap();
    assert_eq!((revoking.revoked, revoking.counts_from), (Revoked::Member(id.clone()), 1));
    let signed_in = people.sign_in(&joined.secret, NOW).await.unwrap();
    assert_eq!(signed_in.person.member.generation, 1, "signed in they stay");
    let same = people.edit(&id, None, &edit, &admin(), NOW).await.unwrap();
    assert!(same.1.is_none());
}

#[tokio::test]
async fn an_admin_does_not_shut_themselves_out() {
    let people = people();
    let secret = people.first_admin_invite(NOW).await.unwrap().unwrap();
    let id = people.redeem(&secret, &attempt(0), NOW).await.unwrap().person.member.id;
    let edit = Edit { rights: Some(rights(Role::Sender, "south")), ..Edit::default() };
    assert_eq!(people.edit(&id, None, &edit, &id, NOW).await, Err(EditError::OwnRights));
}

#[tokio::test]
async fn a_list_is_complete_page_by_page_and_filtered() {
    let people = people();
    let mut south = 0;
    for n in 0..25 {
        let region = if n % 3 == 0 { "south" } else { "north" };
        south += usize::from(n % 3 == 0);
        let terms = InviteTerms::new(rights(Role::Activist, region), 1, DAY, false).unwrap();
        people.joined(terms).await;
    }
    for (filter, expected) in [
        (Filter::default(), 25),
        (Filter { region: Some("south".into()), ..Filter::default() }, south),
        (Filter { role: Some(Role::Admin), ..Filter::default() }, 0),
    ] {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = people.members(&filter, after.as_ref(), 4, NOW).await.unwrap();
            assert!(page.items.len() <= 4);
            ids.extend(page.items.into_iter().map(|person| person.member.id));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(ids.len(), expected);
        assert!(ids.is_sorted());
    }
}

#[tokio::test]
async fn nothing_is_left_of_who_is_erased_but_what_was_counted() {
    let people = people();
    let (secret, _) = people.invite(terms(1), &admin(), NOW).await.unwrap();
    let joined = people.redeem(&secret, &attempt(0), NOW).await.unwrap();
    let id = joined.person.member.id;
    people.edit(&id, None, &named("Siân"), &admin(), NOW).await.unwrap();
    let revoking = people.erase(&id, NOW).await.unwrap();
    let revoked: Vec<_> = revoking.iter().map(|revoking| revoking.revoked.clone()).collect();
    assert_eq!(revoked, [Revoked::Device(joined.device), Revoked::Member(id.clone())]);
    assert_eq!(people.person(&id, NOW).await.unwrap(), None);
    assert_eq!(people.sign_in(&joined.secret, NOW).await, Err(SignInError::Unknown));
    for kind in [RecordKind::Member, RecordKind::MemberKey, RecordKind::Device] {
        assert!(people.records.scan(kind, None, 10, NOW).await.unwrap().0.is_empty(), "{kind:?}");
    }
    assert_eq!(people.invites(None, 50, NOW).await.unwrap().items[0].1.uses, 1);
    assert!(people.erase(&id, NOW).await.unwrap().is_empty(), "once");
}
