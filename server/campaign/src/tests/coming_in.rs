use super::*;
use crate::transfer::{Code, TRANSFER_TTL, TransferError};
use crate::{RedeemError, SignInError};
use protocol::MemberId;
use storage::records::invite::InviteRefusal;
use storage::records::member::{MEMBER_DEVICES_MAX, Standing};

#[tokio::test]
async fn who_comes_in_by_an_invite_gets_what_it_gives_and_stays_signed_in() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    assert_eq!(joined.person.member.roles, [Role::Activist]);
    assert_eq!(joined.person.member.regions, ["north"]);
    let signed_in = people.sign_in(&joined.secret, NOW).await.unwrap();
    assert_eq!(signed_in.person, joined.person);
    people.sign_out(&joined.device, NOW).await.unwrap();
    assert_eq!(people.sign_in(&joined.secret, NOW).await, Err(SignInError::Unknown));
}

#[tokio::test]
async fn a_repeated_attempt_is_the_same_member_and_device_and_uses_the_invite_once() {
    let people = people();
    let (secret, _) = people.invite(terms(1), &admin(), NOW).await.unwrap();
    let first = people.redeem(&secret, &attempt(1), NOW).await.unwrap();
    let again = people.redeem(&secret, &attempt(1), NOW).await.unwrap();
    assert_eq!(first, again);
    let other = people.redeem(&secret, &attempt(2), NOW).await;
    assert_eq!(other, Err(RedeemError::Refused(InviteRefusal::UsedUp)));
    let invites = people.invites(None, 50, NOW).await.unwrap().items;
    assert_eq!(invites[0].1.uses, 1);
    people.sign_out(&first.device, NOW).await.unwrap();
    let late = people.redeem(&secret, &attempt(1), NOW).await;
    assert_eq!(late, Err(RedeemError::Refused(InviteRefusal::UsedUp)), "signed out is signed out");
}

#[tokio::test]
async fn of_many_who_race_for_the_last_uses_exactly_as_many_win() {
    let people = people();
    let (secret, _) = people.invite(terms(3), &admin(), NOW).await.unwrap();
    let attempts: Vec<Attempt> = (0..20).map(attempt).collect();
    let tries = attempts.iter().map(|attempt| people.redeem(&secret, attempt, NOW));
    let won = futures_util::future::join_all(tries).await.into_iter().flatten().count();
    assert_eq!(won, 3);
}

#[tokio::test]
async fn an_invite_that_is_unknown_over_or_withdrawn_says_so() {
    let people = people();
    assert_eq!(people.redeem(&unknown(), &attempt(0), NOW).await, Err(RedeemError::Unknown));
    let (secret, _) = people.invite(terms(5), &admin(), NOW).await.unwrap();
    let expired = people.redeem(&secret, &attempt(0), NOW.after(Duration::from_hours(2))).await;
    assert_eq!(expired, Err(RedeemError::Refused(InviteRefusal::Expired)));
    let id = people.invites(None, 50, NOW).await.unwrap().items[0].0.clone();
    assert!(people.revoke_invite(&id, NOW).await.unwrap());
    let revoked = people.redeem(&secret, &attempt(0), NOW).await;
    assert_eq!(revoked, Err(RedeemError::Refused(InviteRefusal::Revoked)));
    assert!(!people.revoke_invite("nothing", NOW).await.unwrap());
}

#[tokio::test]
async fn of_all_first_admin_links_only_one_makes_an_admin() {
    let people = people();
    let one = people.first_admin_invite(NOW).await.unwrap().unwrap();
    let two = people.first_admin_invite(NOW).await.unwrap().unwrap();
    let admin = people.redeem(&two, &attempt(0), NOW).await.unwrap();
    assert!(admin.person.member.roles.contains(&Role::Admin));
    let late = people.redeem(&one, &attempt(1), NOW).await;
    assert_eq!(late, Err(RedeemError::Refused(InviteRefusal::UsedUp)));
    assert!(people.first_admin_invite(NOW).await.unwrap().is_none());
    assert!(people.invites(None, 50, NOW).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn who_needs_approval_waits_until_an_admin_agrees() {
    let people = people();
    let terms = InviteTerms::new(rights(Role::Sender, "north"), 1, Duration::from_hours(1), true).unwrap();
    let joined = people.joined(terms).await;
    assert_eq!(joined.person.member.standing, Standing::Waiting);
    assert_eq!(people.sign_in(&joined.secret, NOW).await, Err(SignInError::Waiting));
    let admin = MemberId::parse("m_admin").unwrap();
    let edit = crate::members::Edit { approves: true, ..Default::default() };
    people.edit(&joined.person.member.id, None, &edit, &admin, NOW).await.unwrap();
    let signed_in = people.sign_in(&joined.secret, NOW).await.unwrap();
    assert_eq!(signed_in.person.member.standing, Standing::Active);
}

#[tokio::test]
async fn a_transfer_code_moves_a_member_to_one_more_device_once_and_not_for_long() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let id = &joined.person.member.id;
    let (code, ends) = people.transfer(id, NOW).await.unwrap();
    assert_eq!(ends, NOW.after(TRANSFER_TTL));
    assert_eq!(people.redeem_transfer(&code, &attempt(1), ends).await, Err(TransferError::Unknown));
    let typed = Code::parse(&code.reveal().to_lowercase().replace('0', "o").replace('1', "l")).unwrap();
    let moved = people.redeem_transfer(&typed, &attempt(1), NOW).await.unwrap();
    assert_eq!(&moved.person.member.id, id);
    assert_ne!(moved.device, joined.device);
    assert_eq!(people.redeem_transfer(&code, &attempt(1), NOW).await, Ok(moved), "a lost answer");
    assert_eq!(people.redeem_transfer(&code, &attempt(2), NOW).await, Err(TransferError::Unknown));
    assert!(people.sign_in(&joined.secret, NOW).await.is_ok(), "the old device stays");
}

#[tokio::test]
async fn of_two_devices_that_race_for_a_code_one_wins() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    let (code, _) = people.transfer(&joined.person.member.id, NOW).await.unwrap();
    let attempts = [attempt(1), attempt(2)];
    let tries = attempts.iter().map(|attempt| people.redeem_transfer(&code, attempt, NOW));
    let won = futures_util::future::join_all(tries).await.into_iter().flatten().count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn one_device_too_many_signs_the_oldest_out() {
    let people = people();
    let joined = people.joined(terms(1)).await;
    for n in 0..MEMBER_DEVICES_MAX {
        let (code, _) = people.transfer(&joined.person.member.id, NOW).await.unwrap();
        people.redeem_transfer(&code, &attempt(n), NOW).await.unwrap();
    }
    assert_eq!(people.sign_in(&joined.secret, NOW).await, Err(SignInError::Unknown));
    let person = people.person(&joined.person.member.id, NOW).await.unwrap().unwrap();
    assert_eq!(people.devices(&person.member, NOW).await.unwrap().len(), MEMBER_DEVICES_MAX);
}

#[test]
fn what_is_no_code_is_none() {
    for text in ["", "1234-567", "1234-5678-9", "UUUU-UUUU", "1234_5678", &"-".repeat(99)] {
        assert_eq!(Code::parse(text), None, "{text:?}");
    }
}
