//! Leaving, and what is left of who left.

use super::{NOW, admin, attempt, people, terms};
use crate::conversation::{About, ConversationId, Words};
use crate::import::Outcome;
use crate::leaving::LEFT_KEPT_FOR;
use crate::members::{Edit, EditError};
use crate::people::{People, put_member};
use crate::rows::Rows;
use crate::{LeaveError, Rights};
use protocol::{IdempotencyKey, MemberId, Role, Timestamp};
use std::time::Duration;
use storage::records::member::{Member, Standing};
use storage::{Expect, RecordKind};

/// An active member with these roles.
async fn with_roles(people: &People, name: &str, roles: Vec<Role>) -> MemberId {
    let id = MemberId::parse(name).unwrap();
    let member = Member {
        id: id.clone(),
        standing: Standing::Active,
        roles,
        regions: Vec::new(),
        teams: Vec::new(),
        joined_at: NOW,
        left_at: None,
        revision: 1,
        generation: 0,
        devices: Vec::new(),
        number: None,
        personal: None,
    };
    people.records.commit(vec![put_member(&member, Expect::Absent).unwrap()], NOW).await.unwrap();
    id
}

async fn kinds_left(people: &People, now: Timestamp) -> Vec<RecordKind> {
    let mut left = Vec::new();
    for kind in [RecordKind::Member, RecordKind::MemberKey, RecordKind::ImportRow, RecordKind::PersonalInvite]
    {
        if !people.records.scan(kind, None, 10, now).await.unwrap().0.is_empty() {
            left.push(kind);
        }
    }
    left
}

#[tokio::test]
async fn what_is_kept_of_who_left_goes_together_whatever_is_written_meanwhile() {
    let people = people();
    let list = || Rows::read(b"reference,name\nno-7,Si\xc3\xa2n\n").unwrap();
    let imported = people.import(list(), Duration::from_hours(1), false, NOW).await.unwrap();
    let Outcome::Added(secret) = &imported[0].outcome else { panic!("{imported:?}") };
    let id = people.redeem(secret, &attempt(0), NOW).await.unwrap().person.member.id;
    let (key, words) = (IdempotencyKey::parse("k").unwrap(), Words::parse("Hello").unwrap());
    people.reply(&id, About::General, &key, &words, NOW).await.unwrap();
    assert!(!people.leave(&id, NOW).await.unwrap().is_empty());
    assert!(people.leave(&id, NOW).await.unwrap().is_empty(), "once");

    let later = NOW.after(LEFT_KEPT_FOR).before(Duration::from_secs(1));
    let conversation = ConversationId::new(id.clone(), About::General);
    people
        .answer(&conversation, &admin(), None, &key, &words, NOW.after(Duration::from_hours(1)))
        .await
        .unwrap();
    people.edit(&id, None, &Edit::default(), &admin(), NOW).await.unwrap();
    let person = people.person(&id, later).await.unwrap().unwrap();
    assert_eq!((person.member.standing, person.personal.name.as_deref()), (Standing::Left, Some("Siân")));
    let again = people.import(list(), Duration::from_hours(1), false, later).await.unwrap();
    assert_eq!(again[0].outcome, Outcome::Left);

    let then = NOW.after(LEFT_KEPT_FOR);
    assert_eq!(kinds_left(&people, then).await, []);
    let again = people.import(list(), Duration::from_hours(1), false, then).await.unwrap();
    assert!(matches!(again[0].outcome, Outcome::Added(_)), "nothing is in the way: {again:?}");
}

#[tokio::test]
async fn the_last_admin_can_neither_leave_nor_be_erased_nor_be_made_less() {
    let people = people();
    let ada = with_roles(&people, "ada", vec![Role::Admin]).await;
    with_roles(&people, "ben", vec![Role::Sender]).await;
    assert_eq!(people.leave(&ada, NOW).await, Err(LeaveError::LastAdmin));
    assert_eq!(people.erase(&ada, NOW).await, Err(LeaveError::LastAdmin));
    let less = Rights::new(vec![Role::Activist], Vec::new(), Vec::new()).unwrap();
    let edit = Edit { rights: Some(less), ..Edit::default() };
    // By somebody who was an admin when they asked, and is none now.
    assert_eq!(people.edit(&ada, None, &edit, &admin(), NOW).await, Err(EditError::LastAdmin));
    let eve = with_roles(&people, "eve", vec![Role::Admin, Role::Sender]).await;
    assert!(people.leave(&ada, NOW).await.is_ok());
    assert_eq!(people.leave(&eve, NOW).await, Err(LeaveError::LastAdmin), "who left is none");
}

#[tokio::test]
async fn of_all_admins_who_go_at_once_one_stays() {
    let people = people();
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(with_roles(&people, &format!("admin-{n}"), vec![Role::Admin]).await);
    }
    let going = ids.iter().map(|id| people.leave(id, NOW));
    let gone = futures_util::future::join_all(going).await;
    let stayed: Vec<_> = gone.iter().filter(|gone| gone.is_err()).collect();
    assert_eq!(stayed, [&Err(LeaveError::LastAdmin)]);
}

#[tokio::test]
async fn a_link_for_many_lets_who_left_in_as_somebody_new() {
    let people = people();
    let (secret, _) = people.invite(terms(2), &admin(), NOW).await.unwrap();
    let joined = people.redeem(&secret, &attempt(0), NOW).await.unwrap().person.member;
    people.leave(&joined.id, NOW).await.unwrap();
    assert!(people.redeem(&secret, &attempt(0), NOW).await.is_err(), "the same attempt is over");
    let again = people.redeem(&secret, &attempt(1), NOW).await.unwrap().person.member;
    assert_ne!((&again.id, again.number), (&joined.id, joined.number));
}
