use super::*;
use crate::reading_out::{MEMBERS_TOLD_FOR, MEMBERS_TOLD_MAX};
use protocol::DeviceId;

fn members(from: usize, to: usize) -> Vec<MemberId> {
    (from..to).map(|n| MemberId::parse(&format!("m_{n}")).unwrap()).collect()
}

async fn may_tell(people: &People, device: &str, members: &[MemberId], now: Timestamp) -> bool {
    let device = DeviceId::parse(device).unwrap();
    people.may_tell(&device, &members.iter().collect::<Vec<_>>(), now).await.unwrap()
}

#[tokio::test]
async fn a_device_is_told_of_so_many_members_within_an_hour_and_again_of_those() {
    let people = people();
    let (some, rest) = (members(0, 200), members(200, MEMBERS_TOLD_MAX));
    let one_more = members(MEMBERS_TOLD_MAX, MEMBERS_TOLD_MAX + 1);
    for told in [&some, &rest, &some] {
        assert!(may_tell(&people, "laptop", told, NOW).await, "the same again costs nothing");
    }
    assert!(!may_tell(&people, "laptop", &one_more, NOW).await);
    assert!(may_tell(&people, "laptop", &some, NOW).await, "and refusing took nothing away");
    assert!(may_tell(&people, "phone", &one_more, NOW).await, "another device counts for itself");
    let last = Timestamp::from_millis(NOW.after(MEMBERS_TOLD_FOR).as_millis() - 1);
    assert!(!may_tell(&people, "laptop", &one_more, last).await);
    assert!(may_tell(&people, "laptop", &one_more, NOW.after(MEMBERS_TOLD_FOR)).await);
}

#[tokio::test]
async fn a_page_that_is_half_too_much_is_not_told_at_all() {
    let people = people();
    assert!(may_tell(&people, "laptop", &members(0, MEMBERS_TOLD_MAX - 1), NOW).await);
    assert!(!may_tell(&people, "laptop", &members(MEMBERS_TOLD_MAX, MEMBERS_TOLD_MAX + 2), NOW).await);
    assert!(may_tell(&people, "laptop", &members(MEMBERS_TOLD_MAX, MEMBERS_TOLD_MAX + 1), NOW).await);
}

#[tokio::test]
async fn an_hour_is_not_made_longer_by_asking_again() {
    let people = people();
    assert!(may_tell(&people, "laptop", &members(0, MEMBERS_TOLD_MAX), NOW).await);
    let half = NOW.after(MEMBERS_TOLD_FOR / 2);
    assert!(!may_tell(&people, "laptop", &members(900, 901), half).await);
    assert!(may_tell(&people, "laptop", &members(900, 901), NOW.after(MEMBERS_TOLD_FOR)).await);
}
