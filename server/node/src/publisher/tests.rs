use super::turns::{TURN_PATIENCE, Turn, WITH_STORE_MAX_MESSAGES};
use super::*;
use crate::metrics::tests::metrics;
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt, poll};
use protocol::{ChannelName, IdempotencyKey, Payload};
use protocol::{ClientId, ClientInfo, Epoch, PageLimit, Replay, Since, Timestamp};
use session::Via;
use storage::Retention;
use storage::memory::MemoryStore;
use storage_embedded::{EmbeddedStore, KEPT_OVERHEAD_BYTES, OpenOptions};
use tempfile::TempDir;
use tokio::task::unconstrained;

type Waiting = BoxFuture<'static, Result<Placed, NotPlaced>>;

fn epoch() -> Epoch {
    Epoch::parse("e").unwrap()
}

pub(crate) fn publisher() -> Arc<Publisher> {
    Arc::new(Publisher::new(Arc::new(MemoryStore::new(Arc::new(epoch))), metrics()))
}

pub(crate) fn order(id: u32, author: &str, lane: Lane) -> PublishOrder {
    PublishOrder {
        id,
        via: Via::Rpc,
        channel: ChannelName::bulletins_all(),
        data: Payload::from_value(&format!("{author}-{id}")).unwrap(),
        key: Some(IdempotencyKey::parse(&format!("{author}-{id}")).unwrap()),
        sender: ClientInfo { user: MemberId::parse(author).unwrap(), client: ClientId::new("c") },
        lane,
    }
}

/// As a store that is busy with so many messages, until they are dropped.
pub(crate) async fn busy(publisher: &Publisher) -> Vec<Turn> {
    let now = clock::now().instant;
    let turns = (0..WITH_STORE_MAX_MESSAGES).map(|_| {
        unconstrained(publisher.turns.take(Lane::Normal, MemberId::parse("somebody").unwrap(), 0, now))
    });
    join_all(turns).await.into_iter().map(|turn| turn.ok().unwrap()).collect()
}

pub(crate) async fn close_store(publisher: &Publisher) {
    publisher.history.close().await;
}

/// A message that waits for its turn.
async fn waiting(publisher: &Arc<Publisher>, order: PublishOrder) -> Waiting {
    let publisher = Arc::clone(publisher);
    let mut publishing = unconstrained(async move { publisher.publish(order).await }).boxed();
    assert!(poll!(&mut publishing).is_pending());
    publishing
}

/// The store takes what waits, one message after the other: then the log has them in the order of their turns.
async fn one_at_a_time(mut at_store: Vec<Turn>, all: Vec<Waiting>) {
    at_store.pop();
    for result in join_all(all).await {
        result.unwrap();
    }
}

/// What is in the log, in its order.
async fn log(publisher: &Publisher) -> Vec<String> {
    let channel = ChannelName::bulletins_all();
    let mut said = Vec::new();
    loop {
        let since = Since::Offset(protocol::Offset::new(u64::try_from(said.len()).unwrap()));
        let replay = publisher.history.replay(&channel, &since, PageLimit::MAX).await.unwrap();
        let Replay::Complete(page) = replay else { panic!("a page") };
        if page.publications.is_empty() {
            return said;
        }
        said.extend(
            page.publications.iter().map(|one| serde_json::from_str::<String>(one.data.as_str()).unwrap()),
        );
    }
}

fn place(said: &[String], word: &str) -> usize {
    said.iter().position(|known| known == word).unwrap()
}

fn is_later(result: &Result<Placed, NotPlaced>) -> bool {
    matches!(result, Err(NotPlaced::Later(_)))
}

#[tokio::test]
async fn a_flood_by_one_account_over_many_connections_delays_nobody_elses_bulletin() {
    let publisher = publisher();
    let at_store = busy(&publisher).await;
    let mut all = Vec::new();
    for id in 0..64 {
        all.push(waiting(&publisher, order(id, "eve", Lane::Normal)).await);
    }
    all.push(waiting(&publisher, order(0, "ada", Lane::Normal)).await);
    one_at_a_time(at_store, all).await;
    let said = log(&publisher).await;
    // One turn of hers: 4 KiB, of which small messages count for a little more than one each.
    assert_eq!((said.len(), place(&said, "ada-0")), (65, 3));
    let eves: Vec<_> = said.iter().filter(|word| word.starts_with("eve")).cloned().collect();
    assert_eq!(eves, (0..64).map(|id| format!("eve-{id}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_urgent_overtakes_what_is_not_and_what_is_bulk_is_not_forgotten() {
    let publisher = publisher();
    let at_store = busy(&publisher).await;
    let mut all = Vec::new();
    for id in 0..60 {
        for author in ["bea", "cyd"] {
            all.push(waiting(&publisher, order(id, author, Lane::Normal)).await);
        }
    }
    all.push(waiting(&publisher, order(0, "dot", Lane::Bulk)).await);
    all.push(waiting(&publisher, order(0, "ada", Lane::Urgent)).await);
    let queued = publisher.queued(clock::now().instant).lanes.map(|(lane, messages, _)| (lane, messages));
    assert_eq!(queued, [(Lane::Urgent, 1), (Lane::Normal, 120), (Lane::Bulk, 1)]);
    one_at_a_time(at_store, all).await;
    let said = log(&publisher).await;
    assert_eq!(place(&said, "ada-0"), 0);
    // After one turn of the normal lane, three times as long as its own.
    assert!(place(&said, "dot-0") <= 13, "{}", place(&said, "dot-0"));
}

#[tokio::test(start_paused = true)]
async fn whoever_waited_too_long_is_told_and_takes_no_turn_from_others() {
    let publisher = publisher();
    let at_store = busy(&publisher).await;
    let mut early = Vec::new();
    for id in 0..20 {
        early.push(waiting(&publisher, order(id, "eve", Lane::Normal)).await);
    }
    tokio::time::advance(TURN_PATIENCE / 2).await;
    let late = waiting(&publisher, order(0, "ada", Lane::Normal)).await;
    tokio::time::advance(TURN_PATIENCE / 2).await;
    let results = join_all(early).await;
    assert!(results.iter().all(is_later));
    drop(at_store);
    late.await.unwrap();
    assert_eq!(log(&publisher).await, ["ada-0"]);
    assert_eq!(publisher.queued(clock::now().instant).with_store, 0);
    assert_eq!(publisher.metrics.publishing.count(Refused::NotInTime), 20);
    // The same again is a message like any other.
    for id in 0..20 {
        publisher.publish(order(id, "eve", Lane::Normal)).await.unwrap();
    }
}

#[tokio::test]
async fn any_number_of_connections_that_are_gone_is_passed_over() {
    let publisher = publisher();
    let at_store = busy(&publisher).await;
    let mut gone = Vec::new();
    for author in 0..10_000 {
        gone.push(waiting(&publisher, order(0, &format!("m{author}"), Lane::Normal)).await);
    }
    let alive = waiting(&publisher, order(0, "ada", Lane::Normal)).await;
    drop(gone);
    drop(at_store);
    alive.await.unwrap();
    assert_eq!(log(&publisher).await, ["ada-0"]);
}

#[tokio::test]
async fn a_connection_that_goes_away_with_its_turn_gives_it_back() {
    let publisher = publisher();
    let mut at_store = busy(&publisher).await;
    let first = waiting(&publisher, order(0, "eve", Lane::Normal)).await;
    let second = waiting(&publisher, order(0, "ada", Lane::Normal)).await;
    // It is given the turn, and never comes to use it.
    at_store.pop();
    drop(first);
    second.await.unwrap();
    drop(at_store);
    assert_eq!(publisher.queued(clock::now().instant).with_store, 0);
}

#[tokio::test]
async fn over_credit_an_author_is_told_when_to_come_again_and_nobody_else_is() {
    let publisher = publisher();
    let credit = |author: &str| publisher.credit(&order(0, author, Lane::Normal));
    let mut held: Vec<_> = (0..64).map(|_| credit("eve").unwrap()).collect();
    let refusal = credit("eve").err().unwrap();
    assert_eq!(refusal, Later { retry_after: Duration::from_secs(1), credit: Some(64) });
    assert!(credit("ada").is_ok());
    held.pop();
    assert!(credit("eve").is_ok());
    publisher.press(2);
    let refusal = credit("eve").err().unwrap();
    assert_eq!(refusal, Later { retry_after: Duration::from_secs(4), credit: Some(4) });
    held.truncate(3);
    assert!(credit("eve").is_ok());
    assert_eq!(publisher.metrics.publishing.count(Refused::OverCredit), 2);
    drop(held);
    assert_eq!(publisher.unanswered_bytes(), 0);
    let placed = publisher.publish(order(1, "ada", Lane::Normal)).await.unwrap();
    assert_eq!(placed.credit, 4);
}

#[tokio::test]
async fn over_its_allowance_an_urgent_message_goes_as_normal_and_the_answer_says_so() {
    let publisher = publisher();
    let mut lanes = Vec::new();
    for id in 0..6 {
        lanes.push(publisher.publish(order(id, "ada", Lane::Urgent)).await.unwrap().lane);
    }
    assert_eq!(lanes, [[Lane::Urgent; 5].as_slice(), &[Lane::Normal]].concat());
    assert_eq!(publisher.publish(order(0, "bea", Lane::Urgent)).await.unwrap().lane, Lane::Urgent);
    assert_eq!(log(&publisher).await.len(), 7);
}

#[tokio::test]
async fn a_repeat_of_an_urgent_message_takes_nothing_from_the_allowance() {
    let publisher = publisher();
    for _ in 0..20 {
        let placed = publisher.publish(order(0, "ada", Lane::Urgent)).await.unwrap();
        assert_eq!((placed.lane, placed.position.offset.get()), (Lane::Urgent, 1));
    }
}

#[tokio::test]
async fn how_long_the_oldest_message_waits_is_known_until_it_is_stored() {
    let publisher = publisher();
    let start = clock::now().instant;
    assert_eq!(publisher.oldest_waiting(start), Duration::ZERO);
    let at_store = busy(&publisher).await;
    let in_an_hour = start + Duration::from_hours(1);
    assert!(publisher.oldest_waiting(in_an_hour) > Duration::from_mins(59), "the store has it, and is slow");
    let waiting = waiting(&publisher, order(0, "ada", Lane::Normal)).await;
    drop(at_store);
    assert!(publisher.oldest_waiting(in_an_hour) > Duration::from_mins(59), "it waits for its turn");
    waiting.await.unwrap();
    assert_eq!(publisher.oldest_waiting(in_an_hour), Duration::ZERO);
}

fn small_store(messages: u64) -> (Arc<Publisher>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        kept_max_bytes: Some(messages * (KEPT_OVERHEAD_BYTES + 100)),
        ..OpenOptions::new(Arc::new(epoch))
    };
    let store = EmbeddedStore::open(folder.path(), &options).unwrap();
    (Arc::new(Publisher::new(Arc::new(store), metrics())), folder)
}

#[tokio::test]
async fn at_the_ceiling_messages_wait_the_service_speaks_and_retention_lets_them_go_on() {
    let (publisher, _folder) = small_store(2);
    for id in 0..2 {
        publisher.publish(order(id, "ada", Lane::Normal)).await.unwrap();
    }
    assert!(!publisher.is_full());
    let refused = publisher.publish(order(2, "ada", Lane::Normal)).await;
    let Err(NotPlaced::Later(later)) = refused else { panic!("{refused:?}") };
    assert_eq!(later.retry_after, NO_ROOM_PAUSE);
    assert!(publisher.is_full());
    assert_eq!(publisher.metrics.publishing.count(Refused::StoreFull), 1);
    assert_eq!(log(&publisher).await, ["ada-0", "ada-1"]);
    let key = IdempotencyKey::parse("status").unwrap();
    let data = Payload::from_value(&"full").unwrap();
    let channel = ChannelName::service_status();
    let status = Draft { channel, data, sender: None, key, at: clock::wall(), lane: Lane::Normal };
    publisher.history.publish(status).await.unwrap();

    let retention = Retention { messages: Duration::ZERO, service: Duration::ZERO };
    let tomorrow = clock::wall().after(Duration::from_hours(24));
    publisher.history.trim(&retention, tomorrow).await.unwrap();
    let placed = publisher.publish(order(2, "ada", Lane::Normal)).await.unwrap();
    assert_eq!(placed.position.offset.get(), 3);
    assert!(!publisher.is_full());
}

#[tokio::test]
async fn a_store_that_is_away_has_stored_nothing_and_says_when_to_come_again() {
    let publisher = publisher();
    publisher.history.close().await;
    let refused = publisher.publish(order(0, "ada", Lane::Normal)).await;
    assert_eq!(refused, Err(NotPlaced::Later(Later { retry_after: STORE_AWAY_PAUSE, credit: Some(64) })));
    assert_eq!(publisher.metrics.publishing.count(Refused::StoreAway), 1);
}

#[tokio::test]
async fn a_key_of_another_message_is_refused_for_good() {
    let publisher = publisher();
    publisher.publish(order(0, "ada", Lane::Normal)).await.unwrap();
    let other =
        PublishOrder { data: Payload::from_value(&"other").unwrap(), ..order(0, "ada", Lane::Normal) };
    assert_eq!(publisher.publish(other).await, Err(NotPlaced::Never(ErrorCode::BadRequest)));
}

#[tokio::test]
async fn messages_are_dated_by_their_turn() {
    let publisher = publisher();
    let before = clock::wall();
    publisher.publish(order(0, "ada", Lane::Normal)).await.unwrap();
    let channel = ChannelName::bulletins_all();
    let Ok(Replay::Complete(page)) = publisher.history.replay(&channel, &Since::Start, PageLimit::MAX).await
    else {
        panic!("a page")
    };
    let time: Timestamp = page.publications[0].time;
    assert!(before <= time && time <= clock::wall());
}
