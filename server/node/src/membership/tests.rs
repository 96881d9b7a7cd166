use super::*;
use protocol::Epoch;
use storage::memory::MemoryStore;
use storage::records::invite::InviteRefusal;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn membership() -> Membership {
    let epoch = Arc::new(|| Epoch::parse("e").unwrap());
    Membership::new(Arc::new(MemoryStore::new(epoch)))
}

fn terms(max_uses: u32) -> InviteTerms {
    InviteTerms {
        roles: vec![Role::Activist],
        regions: vec!["north".into()],
        teams: vec![],
        max_uses,
        ttl: Duration::from_hours(1),
    }
}

#[tokio::test]
async fn who_comes_in_by_an_invite_gets_what_it_gives_and_stays_signed_in() {
    let membership = membership();
    let (secret, _) = membership.invite(terms(1), NOW).await.unwrap();
    let (member, device) = membership.redeem(&secret, "try-1", NOW).await.unwrap();
    assert_eq!((&member.roles, &member.regions), (&vec![Role::Activist], &vec!["north".to_owned()]));
    assert_eq!(membership.member_of_device(&device, NOW).await.unwrap(), Some(member));
    membership.sign_out(&device, NOW).await.unwrap();
    assert_eq!(membership.member_of_device(&device, NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_repeated_attempt_is_the_same_member_and_uses_the_invite_once() {
    let membership = membership();
    let (secret, _) = membership.invite(terms(1), NOW).await.unwrap();
    let (first, _) = membership.redeem(&secret, "try-1", NOW).await.unwrap();
    let (again, device) = membership.redeem(&secret, "try-1", NOW).await.unwrap();
    assert_eq!(first, again);
    assert!(membership.member_of_device(&device, NOW).await.unwrap().is_some());
    let other = membership.redeem(&secret, "try-2", NOW).await;
    assert_eq!(other.unwrap_err(), RedeemError::Refused(InviteRefusal::UsedUp));
    assert_eq!(membership.invites(NOW).await.unwrap()[0].1.uses, 1);
}

#[tokio::test]
async fn of_many_who_race_for_the_last_use_exactly_one_wins() {
    let membership = membership();
    let (secret, _) = membership.invite(terms(3), NOW).await.unwrap();
    let attempts: Vec<String> = (0..20).map(|n| format!("try-{n}")).collect();
    let tries = attempts.iter().map(|attempt| membership.redeem(&secret, attempt, NOW));
    let won = futures_util::future::join_all(tries).await.into_iter().flatten().count();
    assert_eq!(won, 3);
}

#[tokio::test]
async fn an_invite_that_is_unknown_over_or_withdrawn_says_so() {
    let membership = membership();
    let unknown = membership.redeem(&Secret::random().unwrap(), "a", NOW).await;
    assert_eq!(unknown.unwrap_err(), RedeemError::Unknown);
    let (secret, _) = membership.invite(terms(5), NOW).await.unwrap();
    let later = NOW.after(Duration::from_hours(2));
    let expired = membership.redeem(&secret, "a", later).await;
    assert_eq!(expired.unwrap_err(), RedeemError::Refused(InviteRefusal::Expired));
    let id = membership.invites(NOW).await.unwrap()[0].0.clone();
    assert!(membership.revoke_invite(&id, NOW).await.unwrap());
    let revoked = membership.redeem(&secret, "a", NOW).await;
    assert_eq!(revoked.unwrap_err(), RedeemError::Refused(InviteRefusal::Revoked));
    assert!(!membership.revoke_invite("nothing", NOW).await.unwrap());
}

#[tokio::test]
async fn of_all_first_admin_links_only_one_makes_an_admin() {
    let membership = membership();
    let one = membership.first_admin_invite(NOW).await.unwrap().unwrap();
    let two = membership.first_admin_invite(NOW).await.unwrap().unwrap();
    let (admin, _) = membership.redeem(&two, "a", NOW).await.unwrap();
    assert!(admin.roles.contains(&Role::Admin));
    let late = membership.redeem(&one, "b", NOW).await;
    assert_eq!(late.unwrap_err(), RedeemError::Refused(InviteRefusal::UsedUp));
    assert!(membership.first_admin_invite(NOW).await.unwrap().is_none());
    assert!(membership.invites(NOW).await.unwrap().is_empty());
}
