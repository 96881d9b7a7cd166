use super::*;
use crate::bulletin::BulletinId;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn waiting(n: u8, is_urgent: bool) -> Waiting {
    let since = Timestamp::from_millis(NOW.as_millis() + u64::from(n));
    let about = About::Bulletin(BulletinId::new(since, [n; 10]));
    Waiting { about, is_urgent, count: 1, tries: 0, since }
}

fn put(device: &str, due: u64, waiting: Waiting) -> Put {
    let address = RecordId::parse(&format!("0000001f.{device}")).unwrap();
    Put { due: Timestamp::from_millis(NOW.as_millis() + due), address, waiting }
}

fn later(_: &Put) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + 1_000_000)
}

#[tokio::test]
async fn what_waits_for_one_device_until_the_same_time_is_one_and_says_how_many_it_is() {
    let waits = Waits::new(crate::web_push::memory());
    waits.put(&[put("a", 5, waiting(1, false)), put("a", 5, waiting(2, false))], later, NOW).await.unwrap();
    waits.put(&[put("a", 5, waiting(3, false)), put("b", 5, waiting(3, false))], later, NOW).await.unwrap();
    waits.put(&[put("a", 5, waiting(3, false)), put("a", 9, waiting(1, false))], later, NOW).await.unwrap();
    assert_eq!(waits.due(10, NOW).await.unwrap(), []);
    let due = waits.due(10, Timestamp::from_millis(NOW.as_millis() + 5)).await.unwrap();
    let told: Vec<_> = due.iter().map(|due| (due.number, due.device.as_str(), due.waiting.clone())).collect();
    let three = Waiting { count: 3, ..waiting(3, false) };
    assert_eq!(told, [(0x1f, "a", three), (0x1f, "b", waiting(3, false))]);
    waits.done(&due, NOW).await.unwrap();
    assert_eq!(waits.figures(10, NOW).await.unwrap(), (1, None));
}

#[tokio::test]
async fn what_came_while_it_was_seen_to_is_still_to_be_told() {
    let waits = Waits::new(crate::web_push::memory());
    waits.put(&[put("a", 0, waiting(1, false)), put("b", 0, waiting(1, false))], later, NOW).await.unwrap();
    let due = waits.due(10, NOW).await.unwrap();
    waits.put(&[put("a", 0, waiting(2, false))], later, NOW).await.unwrap();
    waits.done(&due, NOW).await.unwrap();
    let left = waits.due(10, NOW).await.unwrap();
    assert_eq!(left.iter().map(|due| due.device.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn what_is_urgent_stands_for_the_others_and_else_the_newest_does() {
    let urgent = waiting(1, true);
    let joined = waiting(2, false).joined(urgent.clone());
    assert_eq!(joined, Waiting { count: 2, ..urgent.clone() });
    assert_eq!(urgent.clone().joined(waiting(2, false)), joined);
    assert_eq!(waiting(1, false).joined(waiting(2, false)).about, waiting(2, false).about);
    let again = Waiting { tries: 3, ..urgent.clone() };
    assert_eq!(urgent.joined(again.clone()), again, "the same again is one, and was tried as often");
}
