use super::*;
use async_trait::async_trait;
use proptest::prelude::*;
use protocol::{ChannelName, Epoch, PageLimit, Since};
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use storage::memory::MemoryStore;
use storage::records::posture::POSTURE_FRESH_FOR;
use storage::{CommitError, RecordId, RecordKey, RecordKind, Replay, Unavailable, Versioned, Write};
use tokio::sync::broadcast::error::TryRecvError;

const GIB: u64 = 1024 * 1024 * 1024;

/// Seconds after a beginning that is the same for all nodes of a test.
#[derive(Clone, Copy)]
struct Times(Instant);

impl Times {
    fn new() -> Self {
        Self(clock::now().instant)
    }

    fn at(self, second: u64) -> Now {
        let wall = Timestamp::from_millis(1_000_000_000).after(Duration::from_secs(second));
        Now { instant: self.0 + Duration::from_secs(second), wall }
    }
}

fn store() -> MemoryStore {
    MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()))
}

/// The way to a store, which can be shut.
#[derive(Debug)]
struct Way {
    store: MemoryStore,
    is_open: AtomicBool,
}

impl Way {
    fn check(&self) -> Result<(), Unavailable> {
        if self.is_open.load(Ordering::Relaxed) { Ok(()) } else { Err(Unavailable) }
    }
}

#[async_trait]
impl Records for Way {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        self.check()?;
        self.store.get(key, now).await
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        self.check().map_err(|_| CommitError::Unavailable)?;
        self.store.commit(writes, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        self.check()?;
        self.store.scan(kind, after, limit, now).await
    }
}

fn setup(id: &str) -> Setup {
    Setup {
        id: id.to_owned(),
        ceilings: Ceilings {
            delay_target: Duration::from_millis(10),
            memory_max: GIB,
            descriptors_max: 1_000,
        },
        hold: Duration::ZERO,
        has_peers: true,
        announce_again_after: Duration::from_hours(12),
    }
}

fn node(id: &str, store: &MemoryStore, times: Times) -> ServicePosture {
    ServicePosture::new(setup(id), Arc::new(store.clone()), Arc::new(store.clone()), times.at(0))
}

const QUIET: Signs = Signs {
    pressure: 0.0,
    strangers_offered: 0,
    strangers_admitted: 0,
    memory_share: 0.1,
    descriptors_share: 0.1,
};
const FULL: Signs = Signs { memory_share: 0.99, ..QUIET };

/// What was posted on `service:status`.
async fn words(store: &MemoryStore) -> Vec<Value> {
    let channel = ChannelName::service_status();
    let Replay::Complete(page) = store.replay(&channel, &Since::Start, PageLimit::MAX).await.unwrap() else {
        panic!("all of it is kept");
    };
    let read = |text: &str| serde_json::from_str(text).unwrap();
    page.publications.iter().map(|publication| read(publication.data.as_str())).collect()
}

async fn postures(store: &MemoryStore) -> Vec<String> {
    let posture = |word: Value| word["posture"].as_str().unwrap().to_owned();
    words(store).await.into_iter().map(posture).collect()
}

fn press(node: &ServicePosture, times: Times, second: u64) {
    node.observe(&FULL, times.at(second - 1));
    node.observe(&FULL, times.at(second));
}

#[tokio::test]
async fn the_hardest_pressed_node_decides_for_all_and_until_it_is_calm() {
    let (store, times) = (store(), Times::new());
    let [one, two] = ["one", "two"].map(|id| node(id, &store, times));
    press(&one, times, 2);
    assert_eq!((one.now(), two.now()), (Posture::Survival, Posture::Normal));
    one.share(times.at(2)).await;
    two.share(times.at(2)).await;
    assert_eq!(two.now(), Posture::Survival);
    let view = two.snapshot();
    assert_eq!((view.own, view.trigger, view.nodes), (Posture::Normal, Trigger::Peers, 2));
    for second in 3..120 {
        one.observe(&QUIET, times.at(second));
        two.observe(&QUIET, times.at(second));
        one.share(times.at(second)).await;
        two.share(times.at(second)).await;
        assert_eq!(one.now(), two.now());
    }
    assert_eq!(two.now(), Posture::Normal);
    assert_eq!((one.count(Trigger::Memory), one.count(Trigger::Calm)), (1, 3));
    assert_eq!(two.count(Trigger::Peers), 4);
}

#[tokio::test]
async fn each_change_is_posted_once_and_in_order_whoever_sees_it() {
    let (store, times) = (store(), Times::new());
    let nodes = ["one", "two", "three"].map(|id| node(id, &store, times));
    for second in 1..120 {
        for (n, node) in nodes.iter().enumerate() {
            node.observe(if n == 1 && (10..15).contains(&second) { &FULL } else { &QUIET }, times.at(second));
        }
        futures_util::future::join_all(nodes.iter().map(|node| node.share(times.at(second)))).await;
    }
    assert_eq!(postures(&store).await, ["normal", "survival", "under_attack", "elevated", "normal"]);
    let words = words(&store).await;
    assert_eq!(words[1]["since"], json!(times.at(11).wall));
    assert!(words[1]["id"].as_str().unwrap().starts_with("posture.2."), "{words:?}");
}

#[tokio::test]
async fn a_node_that_starts_repeats_nothing_and_knows_since_when_it_is_so() {
    let (store, times) = (store(), Times::new());
    let one = node("one", &store, times);
    press(&one, times, 2);
    one.share(times.at(2)).await;
    let late = node("late", &store, times);
    late.share(times.at(20)).await;
    assert_eq!(late.now(), Posture::Survival);
    late.share(times.at(22)).await;
    assert_eq!(postures(&store).await, ["survival"]);
    let view = PostureView::of(&late.standing.lock(), times.at(22));
    assert_eq!(view.since, times.at(2).wall);
}

#[tokio::test]
async fn a_word_that_a_node_recorded_and_did_not_post_is_posted_by_another() {
    let (store, times) = (store(), Times::new());
    let word = storage::records::posture::Announced {
        number: 7,
        posture: "elevated".to_owned(),
        since: times.at(1).wall,
        trust_serial: None,
        message: None,
        at: times.at(1).wall,
        is_posted: false,
    };
    storage::records::posture::announce(&store, &word, 0, times.at(1).wall).await.unwrap();
    let [one, two] = ["one", "two"].map(|id| node(id, &store, times));
    for second in 2..5 {
        futures_util::future::join(one.share(times.at(second)), two.share(times.at(second))).await;
    }
    assert_eq!(postures(&store).await, ["elevated", "normal"]);
}

#[tokio::test]
async fn a_word_is_said_again_before_it_is_forgotten() {
    let (store, times) = (store(), Times::new());
    let one = node("one", &store, times);
    for hour in 0..26 {
        one.share(times.at(hour * 3_600)).await;
    }
    let words = words(&store).await;
    assert_eq!(words.len(), 3, "{words:?}");
    assert!(words.iter().all(|word| word["since"] == words[0]["since"]));
}

#[tokio::test]
async fn without_the_store_a_node_goes_on_alone_and_others_are_forgotten_in_time() {
    let (store, times) = (store(), Times::new());
    let [one, two] = ["one", "two"].map(|id| node(id, &store, times));
    press(&one, times, 2);
    one.share(times.at(2)).await;
    two.share(times.at(2)).await;
    store.close().await;
    assert_eq!(store.check().await, Err(Unavailable));
    let fresh = POSTURE_FRESH_FOR.as_secs();
    for second in 3..fresh + 10 {
        one.observe(&FULL, times.at(second));
        two.observe(&QUIET, times.at(second));
        two.share(times.at(second)).await;
        let expected = if second < fresh + 2 { Posture::Survival } else { Posture::Normal };
        assert_eq!(two.now(), expected, "{second}");
        assert_eq!(PostureView::of(&two.standing.lock(), times.at(second)).hears_the_store, second < 8);
    }
    assert_eq!(one.now(), Posture::Survival);
    press(&two, times, 60);
    assert_eq!(two.now(), Posture::Survival);
}

#[tokio::test]
async fn an_operator_is_obeyed_by_all_nodes_until_the_order_ends_or_is_taken_back() {
    let (store, times) = (store(), Times::new());
    let [one, two] = ["one", "two"].map(|id| node(id, &store, times));
    let until = times.at(100).wall;
    let reach =
        one.order_at(Posture::UnderAttack, "duty officer", "a drill", until, times.at(1)).await.unwrap();
    assert_eq!((reach, one.now()), (Reach::Everywhere, Posture::UnderAttack));
    two.share(times.at(2)).await;
    let order = two.snapshot().order;
    assert_eq!(two.now(), Posture::UnderAttack);
    // Orders bind downwards as well.
    press(&two, times, 4);
    assert_eq!((two.now(), two.snapshot().own), (Posture::UnderAttack, Posture::Survival));
    two.observe(&FULL, times.at(100));
    assert_eq!((two.now(), two.count(Trigger::OverrideEnded)), (Posture::Survival, 1));
    one.observe(&QUIET, times.at(100));
    one.share(times.at(100)).await;
    assert_eq!(order.map(|order| order.who).as_deref(), Some("duty officer"));
    assert_eq!(two.snapshot().order, None);

    let until = times.at(900).wall;
    one.order_at(Posture::Elevated, "duty officer", "enough", until, times.at(101)).await.unwrap();
    assert_eq!(one.now(), Posture::Elevated);
    assert_eq!(one.clear_at(times.at(102)).await, Ok(Reach::Everywhere));
    assert_eq!(one.clear_at(times.at(103)).await, Err(OrderRefused::NoOrder));
    assert_eq!(one.now(), Posture::Normal);
}

#[tokio::test]
async fn an_order_that_the_store_does_not_hear_holds_here_and_reaches_the_others_later() {
    let (store, times) = (store(), Times::new());
    let way = Arc::new(Way { store: store.clone(), is_open: AtomicBool::new(false) });
    let one = ServicePosture::new(setup("one"), way.clone(), Arc::new(store.clone()), times.at(0));
    let two = node("two", &store, times);
    let until = times.at(500).wall;
    let reach = one.order_at(Posture::Survival, "me", "so", until, times.at(1)).await.unwrap();
    assert_eq!((reach, one.now()), (Reach::HereOnly, Posture::Survival));
    one.share(times.at(2)).await;
    two.share(times.at(2)).await;
    assert_eq!((one.now(), two.now()), (Posture::Survival, Posture::Normal));
    way.is_open.store(true, Ordering::Relaxed);
    one.share(times.at(4)).await;
    two.share(times.at(5)).await;
    assert_eq!((one.now(), two.now()), (Posture::Survival, Posture::Survival));
}

#[tokio::test]
async fn orders_without_end_without_words_or_with_too_many_are_refused() {
    let (store, times) = (store(), Times::new());
    let one = node("one", &store, times);
    let (now, soon) = (times.at(10), times.at(20).wall);
    let long = "x".repeat(ORDER_WORDS_MAX_BYTES + 1);
    for (who, why, until, refusal) in [
        ("me", "so", now.wall, OrderRefused::Expiry),
        ("me", "so", times.at(9).wall, OrderRefused::Expiry),
        ("me", "so", Timestamp::from_millis(u64::MAX), OrderRefused::Expiry),
        ("", "so", soon, OrderRefused::Words),
        ("me", "  ", soon, OrderRefused::Words),
        ("me", &long, soon, OrderRefused::Words),
    ] {
        assert_eq!(one.order_at(Posture::Survival, who, why, until, now).await, Err(refusal));
    }
    assert_eq!(one.now(), Posture::Normal);
}

#[tokio::test]
async fn changes_are_told_with_what_they_were_for_and_a_slow_listener_learns_how_many_it_missed() {
    let (store, times) = (store(), Times::new());
    let one = node("one", &store, times);
    let mut changes = one.changes();
    press(&one, times, 2);
    let change = changes.try_recv().unwrap();
    assert_eq!((change.from, change.to), (Posture::Normal, Posture::Survival));
    assert_eq!((change.trigger, change.at), (Trigger::Memory, times.at(2).wall));
    assert!((change.value - 0.99).abs() < 1e-9);
    // The same posture by order is told too: who took over belongs into the record.
    let until = times.at(60).wall;
    one.order_at(Posture::Survival, "me", "so", until, times.at(3)).await.unwrap();
    let change = changes.try_recv().unwrap();
    assert_eq!((change.from, change.to), (Posture::Survival, Posture::Survival));
    assert_eq!(change.order.map(|order| order.who).as_deref(), Some("me"));
    for n in 0..CHANGES_WAITING_MAX + 5 {
        let posture = Posture::from_number(u8::try_from(n % 2).unwrap());
        one.order_at(posture, "me", "so", until, times.at(4)).await.unwrap();
    }
    assert!(matches!(changes.try_recv(), Err(TryRecvError::Lagged(_))));
}

#[tokio::test]
async fn what_an_admin_says_goes_with_the_next_word() {
    let (store, times) = (store(), Times::new());
    let one = node("one", &store, times);
    one.share(times.at(1)).await;
    let say = |text: Option<&str>| Statement { text: text.map(str::to_owned), at: times.at(2).wall };
    one.say(say(Some("We know, and are at it."))).await.unwrap();
    one.share(times.at(3)).await;
    one.say(say(None)).await.unwrap();
    one.share(times.at(5)).await;
    let messages: Vec<_> = words(&store).await.iter().map(|word| word.get("message").cloned()).collect();
    assert_eq!(messages, [None, Some(json!("We know, and are at it.")), None]);
}

/// One second of a deployment: which node looks, whether it is pressed, and whether it shares what it knows.
fn seconds() -> impl Strategy<Value = Vec<(usize, bool, bool)>> {
    let spell = (0..3_usize, any::<bool>(), any::<bool>(), 1..20_usize);
    prop::collection::vec(spell, 1..40).prop_map(|spells| {
        let repeat = |(node, pressed, shares, times)| std::iter::repeat_n((node, pressed, shares), times);
        spells.into_iter().flat_map(repeat).collect()
    })
}

proptest! {
    #[test]
    fn whatever_happens_the_nodes_agree_and_the_last_word_is_what_holds(seconds in seconds()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (store, times) = (store(), Times::new());
            let nodes = ["one", "two", "three"].map(|id| node(id, &store, times));
            let mut second = 0;
            for (n, pressed, shares) in seconds {
                second += 1;
                nodes[n].observe(if pressed { &FULL } else { &QUIET }, times.at(second));
                if shares {
                    nodes[n].share(times.at(second)).await;
                }
            }
            for _ in 0..3 {
                for node in &nodes {
                    node.share(times.at(second)).await;
                }
            }
            let agreed = nodes[0].now();
            prop_assert!(nodes.iter().all(|node| node.now() == agreed));
            let own = nodes.iter().map(|node| node.snapshot().own).max();
            prop_assert_eq!(own, Some(agreed));
            let words = postures(&store).await;
            prop_assert_eq!(words.last().map(String::as_str), Some(agreed.as_str()));
            prop_assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{:?}", words);
            Ok(())
        })?;
    }
}
