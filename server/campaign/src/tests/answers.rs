//! A request is done once, however often it comes.

use super::NOW;
use crate::Answers;
use crate::answers::{Begun, Errand};
use identity::{KeySet, Principal};
use protocol::{Epoch, IdempotencyKey, MemberId, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use storage::memory::MemoryStore;
use storage::records::answer::{ANSWER_AWAITED_FOR, ANSWER_KEPT_FOR};
use storage::{RecordKind, Records};

const AFTER: Duration = Duration::from_secs(1);

struct Desk {
    records: Arc<MemoryStore>,
    answers: Answers,
}

impl Desk {
    fn new() -> Self {
        let records = Arc::new(MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap())));
        let shared: Arc<dyn Records> = Arc::<MemoryStore>::clone(&records);
        Self { records, answers: Answers::new(shared, &KeySet::generate().unwrap()) }
    }

    async fn begin(&self, by: &Principal, key: &str, body: &[u8], now: Timestamp) -> Begun {
        let request = self.answers.request(&[b"POST", b"/v1/invites", body]);
        self.answers.begin(by, &IdempotencyKey::parse(key).unwrap(), &request, now).await.unwrap()
    }

    async fn first(&self, by: &Principal, key: &str, body: &[u8], now: Timestamp) -> Errand {
        let Begun::First(errand) = self.begin(by, key, body, now).await else { panic!("not the first") };
        errand
    }
}

fn member(id: &str) -> Principal {
    Principal {
        is_guarded: false,
        stepped_up_until: None,
        member: MemberId::parse(id).unwrap(),
        roles: vec![],
        regions: vec![],
        teams: vec![],
        channels: vec![],
        device: None,
        generation: 1,
        posts_until: NOW,
        expires_at: NOW,
    }
}

#[tokio::test]
async fn the_first_answer_is_given_again_for_a_day_and_then_the_key_is_a_new_one() {
    let (desk, ana) = (Desk::new(), member("ana"));
    let errand = desk.first(&ana, "k", b"a", NOW).await;
    desk.answers.keep(errand, b"a link", NOW.after(AFTER)).await.unwrap();
    let end = NOW.after(AFTER).after(ANSWER_KEPT_FOR);
    for now in [NOW.after(AFTER), end.before(Duration::from_millis(1))] {
        assert!(
            matches!(desk.begin(&ana, "k", b"a", now).await, Begun::Again(answer) if answer == b"a link")
        );
        assert!(matches!(desk.begin(&ana, "k", b"b", now).await, Begun::Other));
    }
    let _errand = desk.first(&ana, "k", b"b", end).await;
}

#[tokio::test]
async fn what_is_under_way_is_not_done_again_until_its_node_must_be_gone() {
    let (desk, ana) = (Desk::new(), member("ana"));
    let lost = desk.first(&ana, "k", b"a", NOW).await;
    let end = NOW.after(ANSWER_AWAITED_FOR);
    let late = end.before(Duration::from_millis(1));
    assert!(matches!(desk.begin(&ana, "k", b"a", late).await, Begun::UnderWay));
    assert!(matches!(desk.begin(&ana, "k", b"b", late).await, Begun::Other));
    let errand = desk.first(&ana, "k", b"b", end).await;
    // Who was taken for lost ends nothing of somebody else's.
    desk.answers.keep(lost, b"late", end).await.unwrap();
    assert!(matches!(desk.begin(&ana, "k", b"b", end).await, Begun::UnderWay));
    desk.answers.keep(errand, b"right", end).await.unwrap();
    assert!(matches!(desk.begin(&ana, "k", b"b", end).await, Begun::Again(answer) if answer == b"right"));
}

#[tokio::test]
async fn what_was_not_done_may_be_asked_again() {
    let (desk, ana) = (Desk::new(), member("ana"));
    let errand = desk.first(&ana, "k", b"a", NOW).await;
    desk.answers.release(errand, NOW).await.unwrap();
    let _errand = desk.first(&ana, "k", b"b", NOW).await;
}

#[tokio::test]
async fn a_key_is_its_accounts_own_and_that_of_what_it_may_do() {
    let (desk, ana) = (Desk::new(), member("ana"));
    let errand = desk.first(&ana, "k", b"a", NOW).await;
    desk.answers.keep(errand, b"a link", NOW).await.unwrap();
    let _others = desk.first(&member("ben"), "k", b"a", NOW).await;
    let _another_key = desk.first(&ana, "l", b"a", NOW).await;
    let _other_rights = desk.first(&Principal { generation: 2, ..ana }, "k", b"a", NOW).await;
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_is_the_first() {
    let (desk, ana) = (Desk::new(), member("ana"));
    let all = futures_util::future::join_all((0..20).map(|_| desk.begin(&ana, "k", b"a", NOW))).await;
    assert_eq!(all.iter().filter(|begun| matches!(begun, Begun::First(_))).count(), 1);
    assert_eq!(all.iter().filter(|begun| matches!(begun, Begun::UnderWay)).count(), 19);
}

#[tokio::test]
async fn the_store_has_neither_the_answer_nor_the_key_nor_whose_it_is() {
    let (desk, ana) = (Desk::new(), member("ana-of-the-north"));
    let errand = desk.first(&ana, "key-of-a-client", b"body", NOW).await;
    desk.answers.keep(errand, b"a link with a secret", NOW).await.unwrap();
    let (found, _) = desk.records.scan(RecordKind::Answer, None, 10, NOW).await.unwrap();
    let [(id, record)] = &found[..] else { panic!("one record, not {}", found.len()) };
    let text = format!("{} {}", id.as_str(), String::from_utf8(record.data.clone()).unwrap());
    for word in ["link", "secret", "key-of", "ana-of", "body"] {
        assert!(!text.contains(word), "{text}");
    }
}
