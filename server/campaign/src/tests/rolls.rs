use super::*;
use crate::audience::{Audience, HeadCount, Label, Roll};
use crate::changes::Hearing;
use crate::members::Edit;
use protocol::MemberId;
use storage::records::member::{Member, Standing};
use storage::{Expect, RecordKind, Write};

async fn keep_up(people: &People, roll: &mut Roll, hearing: &mut Hearing) {
    for (id, member) in people.changed(hearing, NOW).await.unwrap().unwrap() {
        match member {
            Some(member) => roll.put(&member),
            None => roll.remove(&id),
        }
    }
}

fn counted(roll: &Roll, region: &str) -> HeadCount {
    let regions = [Label::parse(region).unwrap()].into();
    roll.count(&Audience { regions, ..Audience::default() }, None).unwrap()
}

#[tokio::test]
async fn a_roll_that_is_kept_up_is_the_one_that_would_be_read() {
    let people = people();
    let (mut roll, mut hearing) = people.roll(NOW).await.unwrap();
    let ana = people.joined(terms(1)).await.person.member.id;
    let ben = people.joined(terms(1)).await.person.member.id;
    keep_up(&people, &mut roll, &mut hearing).await;
    assert_eq!(counted(&roll, "north"), HeadCount { audience: 2, members: 2 });
    let south = Edit { rights: Some(rights(Role::Activist, "south")), ..Edit::default() };
    let admin = MemberId::parse("m_admin").unwrap();
    people.edit(&ana, None, &south, &admin, NOW).await.unwrap();
    people.erase(&ben, NOW).await.unwrap();
    keep_up(&people, &mut roll, &mut hearing).await;
    for roll in [roll, people.roll(NOW).await.unwrap().0] {
        assert_eq!(counted(&roll, "south"), HeadCount { audience: 1, members: 1 });
        assert_eq!((roll.number_of(&ben), roll.number_of(&ana).is_some()), (None, true));
    }
}

#[tokio::test]
async fn who_waits_for_a_yes_gets_a_number_with_it_and_not_before() {
    let people = people();
    let terms = InviteTerms::new(rights(Role::Activist, "north"), 1, DAY, true).unwrap();
    let id = people.joined(terms).await.person.member.id;
    assert_eq!(counted(&people.roll(NOW).await.unwrap().0, "north").members, 0);
    let admin = MemberId::parse("m_admin").unwrap();
    people.edit(&id, None, &Edit { approves: true, ..Edit::default() }, &admin, NOW).await.unwrap();
    assert_eq!(counted(&people.roll(NOW).await.unwrap().0, "north").members, 1);
}

#[tokio::test]
async fn members_of_an_older_release_are_given_numbers_of_their_own_and_keep_them() {
    let people = people();
    for name in ["ana", "ben"] {
        let member = Member {
            id: MemberId::parse(name).unwrap(),
            standing: Standing::Active,
            roles: vec![Role::Activist],
            regions: vec![],
            teams: vec![],
            joined_at: NOW,
            revision: 1,
            generation: 0,
            devices: vec![],
            left_at: None,
            number: None,
            personal: None,
        };
        let key = crate::kept::key(RecordKind::Member, name).unwrap();
        let write: Write = crate::kept::put(key, Expect::Absent, &member, None).unwrap();
        people.records.commit(vec![write], NOW).await.unwrap();
    }
    let numbers =
        |roll: &Roll| ["ana", "ben"].map(|name| roll.number_of(&MemberId::parse(name).unwrap()).unwrap());
    let first = numbers(&people.roll(NOW).await.unwrap().0);
    assert_ne!(first[0], first[1]);
    assert_eq!(numbers(&people.roll(NOW).await.unwrap().0), first);
}
