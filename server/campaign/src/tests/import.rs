use super::*;
use crate::RedeemError;
use crate::import::{Outcome, Reported};
use crate::members::Filter;
use crate::rows::{Refused, Rows, Unreadable};
use storage::records::invite::InviteRefusal;
use storage::records::member::Standing;

const LINKS_FOR: Duration = Duration::from_hours(24 * 30);

async fn import(people: &People, list: &str, now: Timestamp) -> Vec<Reported> {
    people.import(Rows::read(list.as_bytes()).unwrap(), LINKS_FOR, false, now).await.unwrap()
}

fn secrets(reported: &[Reported]) -> Vec<Secret> {
    let secret = |row: &Reported| match &row.outcome {
        Outcome::Added(secret) | Outcome::Present(secret) => Some(secret.clone()),
        Outcome::Joined | Outcome::Left | Outcome::WouldAdd | Outcome::Refused(_) => None,
    };
    reported.iter().filter_map(secret).collect()
}

async fn count(people: &People) -> usize {
    people.members(&Filter::default(), None, 200, NOW).await.unwrap().items.len()
}

#[tokio::test]
async fn each_row_makes_a_member_who_comes_in_by_a_link_of_their_own() {
    let people = people();
    let list = "reference,name,regions,roles\n17,Siân,north;south,sender\n18,,,\n";
    let reported = import(&people, list, NOW).await;
    let secrets = secrets(&reported);
    assert_eq!(reported.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
    let invited = Filter { standing: Some(Standing::Invited), ..Filter::default() };
    assert_eq!(people.members(&invited, None, 9, NOW).await.unwrap().items.len(), 2);
    let joined = people.redeem(&secrets[0], &attempt(1), NOW).await.unwrap();
    assert_eq!(joined.person.personal.name.as_deref(), Some("Siân"));
    assert_eq!(joined.person.member.regions, ["north", "south"]);
    assert_eq!((joined.person.member.standing, count(&people).await), (Standing::Active, 2));
    let again = people.redeem(&secrets[0], &attempt(2), NOW).await;
    assert_eq!(again, Err(RedeemError::Refused(InviteRefusal::UsedUp)));
    assert!(people.invites(None, 50, NOW).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_list_that_is_imported_again_changes_nobody_and_gives_the_same_links() {
    let people = people();
    let rows: Vec<String> = (0..50).map(|n| format!("{n}")).collect();
    let part = format!("reference\n{}\n", rows[..30].join("\n"));
    let first = secrets(&import(&people, &part, NOW).await);
    people.redeem(&first[0], &attempt(0), NOW).await.unwrap();
    let whole = format!("reference\n{}\n", rows.join("\n"));
    let later = NOW.after(LINKS_FOR * 2);
    assert!(people.redeem(&first[1], &attempt(1), later).await.is_err());
    let reported = import(&people, &whole, later).await;
    assert_eq!(reported[0].outcome, Outcome::Joined);
    assert_eq!(secrets(&reported)[..29], first[1..]);
    assert_eq!(count(&people).await, 50);
    assert!(people.redeem(&first[1], &attempt(1), later).await.is_ok(), "and they work again");
}

#[tokio::test]
async fn a_trial_says_what_would_be_and_does_nothing() {
    let people = people();
    let list = "name,reference\nSi\u{7}ân,1\n,2\n,2\n,\n,3,4\n";
    let rows = Rows::read(list.as_bytes()).unwrap();
    let reported = people.import(rows, LINKS_FOR, true, NOW).await.unwrap();
    let outcomes: Vec<_> = reported.into_iter().map(|row| (row.line, row.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            (2, Outcome::Refused(Refused::Text(crate::personal::InvalidText::Control))),
            (3, Outcome::WouldAdd),
            (4, Outcome::Refused(Refused::Repeated)),
            (5, Outcome::Refused(Refused::NoReference)),
            (6, Outcome::Refused(Refused::Form)),
        ]
    );
    assert_eq!(count(&people).await, 0);
}

#[tokio::test]
async fn who_was_imported_and_erased_is_somebody_else_when_the_list_comes_again() {
    let people = people();
    let list = "reference\n1\n";
    let old = secrets(&import(&people, list, NOW).await);
    let id = people.members(&Filter::default(), None, 9, NOW).await.unwrap().items[0].member.id.clone();
    people.erase(&id, NOW).await.unwrap();
    assert_eq!(people.redeem(&old[0], &attempt(0), NOW).await, Err(RedeemError::Unknown));
    assert_ne!(secrets(&import(&people, list, NOW).await), old);
    assert_eq!(people.redeem(&old[0], &attempt(0), NOW).await, Err(RedeemError::Unknown));
}

#[test]
fn a_list_without_sense_is_not_read() {
    for (list, why) in [
        ("", Unreadable::NoReference),
        ("name\nx\n", Unreadable::NoReference),
        ("reference,colour\n1,red\n", Unreadable::Column),
        ("reference,reference\n1,2\n", Unreadable::Column),
    ] {
        assert_eq!(Rows::read(list.as_bytes()).err(), Some(why), "{list:?}");
    }
}
