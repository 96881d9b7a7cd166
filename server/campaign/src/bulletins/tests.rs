use super::clockwork::{HOLD, Work};
use super::*;
use crate::approval::Reason;
use crate::audience::numbers;
use crate::bulletin::content::{ContentForm, Kind};
use protocol::{Epoch, MemberId};
use serde_json::json;
use std::time::Duration;
use storage::memory::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SECOND: Duration = Duration::from_secs(1);

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap())))
}

fn on(records: Arc<MemoryStore>) -> Bulletins {
    Bulletins::new(records, Rules::default())
}

fn person(name: &str) -> Principal {
    Principal {
        is_guarded: false,
        stepped_up_until: None,
        generation: 0,
        member: MemberId::parse(name).unwrap(),
        roles: vec![Role::Sender, Role::Approver],
        regions: vec![],
        teams: vec![],
        channels: vec![],
        device: None,
        posts_until: Timestamp::default(),
        expires_at: Timestamp::default(),
    }
}

fn content(regions: &[&str], expires_at: Option<Timestamp>) -> Content {
    let form = json!({"kind": "update", "texts": {"en": {"title": "x", "body": "y"}},
        "audience": {"regions": regions}, "expires_at": expires_at});
    Content::parse(serde_json::from_value::<ContentForm>(form).unwrap()).unwrap()
}

fn id(n: u8) -> BulletinId {
    BulletinId::new(NOW, [n; 10])
}

fn at(time: Timestamp) -> SendAt {
    let [local, zone, shown] = [String::new(), String::new(), String::new()];
    SendAt { at: time, local, zone, shown }
}

impl Bulletins {
    async fn scheduled(&self, n: u8, content: Content, send_at: Option<SendAt>) -> BulletinId {
        self.begin(id(n), &person("ana"), content, send_at, NOW).await.unwrap();
        let submit = Action::Submit { revision: 1, signed: None };
        self.act(&id(n), &submit, &person("ana"), None, NOW).await.unwrap();
        let approve = Action::Approve { revision: 1, signature: None };
        // What one person is enough for is scheduled already.
        self.act(&id(n), &approve, &person("ben"), None, NOW).await.ok();
        assert_eq!(self.state(n).await, "scheduled");
        id(n)
    }

    async fn state(&self, n: u8) -> &'static str {
        self.get(&id(n), NOW).await.unwrap().unwrap().value.state()
    }

    async fn send(&self, now: Timestamp) -> Work {
        let work = self.take_due("one", now).await.unwrap().unwrap();
        self.done(&work, now).await.unwrap();
        work
    }
}

#[tokio::test]
async fn a_bulletin_goes_when_its_time_comes_and_once_on_one_node() {
    let store = store();
    let (one, two) = (on(Arc::clone(&store)), on(store));
    let time = NOW.after(SECOND);
    one.scheduled(1, content(&[], None), Some(at(time))).await;
    assert_eq!(one.take_due("one", NOW).await.unwrap(), None);
    let work = one.take_due("one", time).await.unwrap().unwrap();
    assert!(matches!(&work, Work::Send(..)));
    assert_eq!(two.take_due("two", time).await.unwrap(), None);
    one.done(&work, time).await.unwrap();
    assert_eq!(two.state(1).await, "sent");
    for node in ["one", "two"] {
        assert_eq!(two.take_due(node, time.after(HOLD * 2)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_a_node_began_and_did_not_end_another_does_again_by_the_same_key() {
    let store = store();
    on(Arc::clone(&store)).scheduled(1, content(&[], None), None).await;
    let begun = on(Arc::clone(&store)).take_due("one", NOW).await.unwrap().unwrap();
    let two = on(Arc::new(store.reopened()));
    assert_eq!(two.take_due("two", NOW.after(HOLD).before(SECOND)).await.unwrap(), None);
    let again = two.take_due("two", NOW.after(HOLD)).await.unwrap().unwrap();
    assert_eq!(again, begun);
    two.done(&again, NOW.after(HOLD)).await.unwrap();
    assert_eq!(two.state(1).await, "sent");
}

#[tokio::test]
async fn of_many_nodes_at_once_one_takes_hold() {
    let store = store();
    on(Arc::clone(&store)).scheduled(1, content(&[], None), None).await;
    let mut nodes = tokio::task::JoinSet::new();
    for node in 0..16 {
        let bulletins = on(Arc::clone(&store));
        nodes.spawn(async move { bulletins.take_due(&format!("n{node}"), NOW).await.unwrap() });
    }
    let taken = nodes.join_all().await;
    assert_eq!(taken.iter().flatten().count(), 1);
}

#[tokio::test]
async fn what_is_changed_or_cancelled_before_its_time_does_not_go() {
    let bulletins = on(store());
    bulletins.scheduled(1, content(&[], None), None).await;
    bulletins.scheduled(2, content(&[], None), None).await;
    bulletins.act(&id(1), &Action::Cancel, &person("ana"), None, NOW).await.unwrap();
    let edit = Action::Edit { revision: 1, content: Box::new(content(&[], None)), send_at: None };
    bulletins.act(&id(2), &edit, &person("ana"), None, NOW).await.unwrap();
    assert_eq!(bulletins.take_due("one", NOW.after(HOLD)).await.unwrap(), None);
    assert_eq!((bulletins.state(1).await, bulletins.state(2).await), ("cancelled", "draft"));
}

#[tokio::test]
async fn a_bulletin_withdrawn_on_its_way_is_told_withdrawn_after_it() {
    let bulletins = on(store());
    bulletins.scheduled(1, content(&["north"], None), None).await;
    let sending = bulletins.take_due("one", NOW).await.unwrap().unwrap();
    bulletins.act(&id(1), &Action::Withdraw { signed: None }, &person("ben"), None, NOW).await.unwrap();
    bulletins.done(&sending, NOW).await.unwrap();
    assert_eq!(bulletins.state(1).await, "withdrawn");
    let Work::TellWithdrawn(_, routes, announcement) = bulletins.send(NOW).await else { panic!() };
    let Work::Send(_, went_by, first) = sending else { panic!() };
    assert_eq!(routes, went_by);
    assert_ne!(announcement.key, first.key);
    assert_eq!(bulletins.take_due("one", NOW.after(HOLD * 2)).await.unwrap(), None);
}

#[tokio::test]
async fn a_correction_stands_in_the_place_of_the_first_when_it_was_sent() {
    let bulletins = on(store());
    bulletins.scheduled(1, content(&["north"], None), None).await;
    bulletins.send(NOW).await;
    bulletins.begin_correction(id(2), &id(1), &person("ana"), NOW).await.unwrap();
    let submit = Action::Submit { revision: 1, signed: None };
    bulletins.act(&id(2), &submit, &person("ana"), None, NOW).await.unwrap();
    assert_eq!(bulletins.state(1).await, "sent");
    bulletins.send(NOW).await;
    assert_eq!((bulletins.state(1).await, bulletins.state(2).await), ("corrected", "sent"));
    let again = bulletins.begin_correction(id(3), &id(1), &person("ana"), NOW).await;
    assert_eq!(again, Err(Refused::WrongState("corrected").into()));
}

#[tokio::test]
async fn what_is_over_before_a_yes_or_its_time_never_goes_and_what_was_sent_is_closed() {
    let end = NOW.after(HOLD);
    let bulletins = on(store());
    bulletins.scheduled(1, content(&["north"], Some(end)), None).await;
    bulletins.send(NOW).await;
    bulletins.begin(id(2), &person("ana"), content(&[], Some(end)), None, NOW).await.unwrap();
    let submit = Action::Submit { revision: 1, signed: None };
    bulletins.act(&id(2), &submit, &person("ana"), None, NOW).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(bulletins.send(end).await, Work::Close(_)));
    }
    assert_eq!((bulletins.state(1).await, bulletins.state(2).await), ("expired", "expired"));
    assert_eq!(bulletins.take_due("one", end.after(HOLD)).await.unwrap(), None);
}

#[tokio::test]
async fn the_same_id_again_begins_nothing_and_the_newest_is_listed_first() {
    let bulletins = on(store());
    let draft = |n: u8, ms| {
        let id = BulletinId::new(Timestamp::from_millis(ms), [n; 10]);
        let bulletins = bulletins.clone();
        async move { bulletins.begin(id, &person("ana"), content(&[], None), None, NOW).await.unwrap() }
    };
    let (first, again, newer) = (draft(1, 10).await, draft(1, 10).await, draft(2, 20).await);
    assert_eq!(first, again);
    let page = bulletins.list(None, 1, NOW).await.unwrap();
    assert_eq!(page.items, [newer]);
    let page = bulletins.list(page.next.as_ref(), 9, NOW).await.unwrap();
    assert_eq!(page.items, [first]);
}

#[tokio::test]
async fn an_activist_begins_nothing_and_there_is_nothing_where_there_is_nothing() {
    let bulletins = on(store());
    let activist = Principal { roles: vec![Role::Activist], ..person("cai") };
    let begun = bulletins.begin(id(1), &activist, content(&[], None), None, NOW).await;
    assert_eq!(begun, Err(Refused::NotAllowed.into()));
    let acted = bulletins.act(&id(1), &Action::Cancel, &person("ana"), None, NOW).await;
    assert_eq!(acted, Err(ActError::Unknown));
}

#[tokio::test]
async fn a_reason_stays_with_what_was_rejected() {
    let bulletins = on(store());
    bulletins.begin(id(1), &person("ana"), content(&[], None), None, NOW).await.unwrap();
    let submit = Action::Submit { revision: 1, signed: None };
    bulletins.act(&id(1), &submit, &person("ana"), None, NOW).await.unwrap();
    let no = Action::Reject { revision: 1, reason: Reason::parse("the wrong day").unwrap() };
    let AnyBulletin::Draft(draft) = bulletins.act(&id(1), &no, &person("ben"), None, NOW).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(draft.at().returned.as_ref().map(Reason::as_str), Some("the wrong day"));
    assert_eq!(draft.core().content.form().kind, Kind::Update);
}

#[tokio::test]
async fn a_number_is_given_once_whoever_asks() {
    let store = store();
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = Arc::clone(&store);
        nodes.spawn(async move { numbers::take(&*store, 5, NOW).await.unwrap().collect::<Vec<_>>() });
    }
    let mut given: Vec<u32> = nodes.join_all().await.concat().iter().map(|number| number.0).collect();
    given.sort_unstable();
    assert_eq!(given, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_takes_long_is_held_on_to_and_by_one_node_only() {
    let store = store();
    let (one, two) = (on(Arc::clone(&store)), on(store));
    let id = one.scheduled(1, content(&["north"], None), None).await;
    assert!(one.take_due("one", NOW).await.unwrap().is_some());
    let later = NOW.after(HOLD.saturating_sub(SECOND));
    assert!(one.hold_on("one", &id, later).await.unwrap());
    assert!(!two.hold_on("two", &id, later).await.unwrap(), "it is another's");
    assert_eq!(two.take_due("two", NOW.after(HOLD + SECOND)).await.unwrap(), None);
    let over = later.after(HOLD + SECOND);
    assert!(two.take_due("two", over).await.unwrap().is_some());
    assert!(!one.hold_on("one", &id, over).await.unwrap(), "another has taken it");
}
