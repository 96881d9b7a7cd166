use super::*;
use async_trait::async_trait;
use futures_util::future::join_all;
use futures_util::poll;
use protocol::{Epoch, IdempotencyKey, Lane, Offset, Page, Payload, StreamPosition, Timestamp};
use std::sync::Barrier;
use std::thread;
use storage::memory::MemoryStore;
use storage::retention::{Retention, Trimmed};
use storage::{Draft, Durability, Feed, PublishError, Published};
use tokio::task::unconstrained;

/// What a guarded store does with a read once it has looked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Answers,
    Refuses,
    Panics,
}

/// A store whose reads look at once and answer when they are let through, counted.
#[derive(Debug)]
struct Guarded {
    store: MemoryStore,
    gate: Semaphore,
    seen: Mutex<Seen>,
    mood: Mutex<Mood>,
}

#[derive(Debug, Default)]
struct Seen {
    reads: Vec<ChannelName>,
    now: usize,
    most_at_once: usize,
}

struct Reading<'a>(&'a Guarded);

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.0.seen.lock().now -= 1;
    }
}

#[async_trait]
impl History for Guarded {
    async fn replay(
        &self,
        channel: &ChannelName,
        since: &Since,
        limit: PageLimit,
    ) -> Result<Replay, Unavailable> {
        let _reading = Reading(self);
        {
            let mut seen = self.seen.lock();
            seen.reads.push(channel.clone());
            seen.now += 1;
            seen.most_at_once = seen.most_at_once.max(seen.now);
        }
        let answer = self.store.replay(channel, since, limit).await;
        self.gate.acquire().await.unwrap().forget();
        let mood = *self.mood.lock();
        match mood {
            Mood::Answers => answer,
            Mood::Refuses => Err(Unavailable),
            Mood::Panics => panic!("a store that panics"),
        }
    }
    async fn publish(&self, draft: Draft) -> Result<Published, PublishError> {
        self.store.publish(draft).await
    }
    async fn top(&self, channel: &ChannelName) -> Result<StreamPosition, Unavailable> {
        self.store.top(channel).await
    }
    async fn latest(
        &self,
        channel: &ChannelName,
        before: Option<Offset>,
        limit: PageLimit,
    ) -> Result<Page, Unavailable> {
        self.store.latest(channel, before, limit).await
    }
    fn feed(&self) -> Option<Feed> {
        self.store.feed()
    }
    async fn follow(&self, channel: &ChannelName) -> Result<(), Unavailable> {
        self.store.follow(channel).await
    }
    async fn unfollow(&self, channel: &ChannelName) {
        self.store.unfollow(channel).await;
    }
    async fn trim(&self, retention: &Retention, now: Timestamp) -> Result<Trimmed, Unavailable> {
        self.store.trim(retention, now).await
    }
    fn durability(&self) -> Durability {
        self.store.durability()
    }
    async fn check(&self) -> Result<(), Unavailable> {
        self.store.check().await
    }
    async fn close(&self) {
        self.store.close().await;
    }
}

impl Guarded {
    fn reads(&self) -> usize {
        self.seen.lock().reads.len()
    }

    fn let_through(&self, reads: usize) {
        self.gate.add_permits(reads);
    }
}

fn pages() -> (Pages, Arc<Guarded>) {
    let store = Arc::new(Guarded {
        store: MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap())),
        gate: Semaphore::new(0),
        seen: Mutex::default(),
        mood: Mutex::new(Mood::Answers),
    });
    (Pages::new(store.clone()), store)
}

fn team(number: usize) -> ChannelName {
    ChannelName::parse(&format!("team:{number}")).unwrap()
}

/// A request for the first page of a channel that asked already, but does not yet have its answer.
async fn asked(pages: &Pages, channel: ChannelName) -> BoxFuture<'_, Answer> {
    asked_since(pages, channel, Since::Start).await
}

async fn asked_since(pages: &Pages, channel: ChannelName, since: Since) -> BoxFuture<'_, Answer> {
    let request = async move { pages.replay(&channel, &since, PageLimit::MAX).await };
    // A test asks more in one go than tokio lets a task do before it gives way to others.
    let mut request = unconstrained(request).boxed();
    assert!(poll!(&mut request).is_pending());
    request
}

async fn post(store: &Guarded, channel: ChannelName) {
    post_as(store, channel, "k").await;
}

async fn post_as(store: &Guarded, channel: ChannelName, key: &str) {
    let draft = Draft {
        channel,
        data: Payload::from_value(&"hello").unwrap(),
        sender: None,
        key: IdempotencyKey::parse(key).unwrap(),
        at: Timestamp::from_millis(1_800_000_000_000),
        lane: Lane::Normal,
    };
    store.publish(draft).await.unwrap();
}

fn publications(answer: &Answer) -> usize {
    match answer.as_ref().map(|replayed| replayed.replay()) {
        Ok(Replay::Complete(page)) => page.publications.len(),
        other => panic!("no page: {other:?}"),
    }
}

#[tokio::test]
async fn a_thousand_readers_of_one_page_cost_one_read() {
    let (pages, store) = pages();
    post(&store, team(1)).await;
    let mut requests = Vec::new();
    for _ in 0..1_000 {
        requests.push(asked(&pages, team(1)).await);
    }
    store.let_through(1);
    let answers = join_all(requests).await;
    assert!(answers.iter().all(|answer| publications(answer) == 1));
    assert_eq!(store.reads(), 1);
    let told = pages.statistics();
    assert_eq!((told.read, told.shared), (1, 999));
    assert!(pages.underway.lock().reads.is_empty());
}

#[tokio::test]
async fn other_pages_are_other_reads() {
    let (pages, store) = pages();
    store.let_through(4);
    let (channel, limit) = (team(1), PageLimit::publications(1));
    join_all([
        pages.replay(&channel, &Since::Start, PageLimit::MAX),
        pages.replay(&channel, &Since::Start, limit),
        pages.replay(&channel, &Since::Offset(Offset::ZERO), limit),
        pages.replay(&team(2), &Since::Start, limit),
    ])
    .await;
    assert_eq!(store.reads(), 4);
}

#[tokio::test]
async fn a_page_that_was_read_is_read_again_for_who_asks_later() {
    let (pages, store) = pages();
    store.let_through(2);
    assert_eq!(publications(&asked_once(&pages).await), 0);
    post(&store, team(1)).await;
    assert_eq!(publications(&asked_once(&pages).await), 1);
}

#[tokio::test]
async fn a_page_that_somebody_still_writes_is_given_to_who_asks_later() {
    let (pages, store) = pages();
    let (channel, limit) = (team(1), PageLimit::publications(1));
    for key in ["a", "b"] {
        post_as(&store, channel.clone(), key).await;
    }
    store.let_through(2);
    let first = pages.replay(&channel, &Since::Start, limit).await.unwrap();
    let second = pages.replay(&channel, &Since::Start, limit).await.unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!((store.reads(), pages.statistics().shared), (1, 1));
    drop((first, second));
    assert_eq!(publications(&pages.replay(&channel, &Since::Start, limit).await), 1);
    assert_eq!(store.reads(), 2, "nobody had it any more");
}

async fn asked_once(pages: &Pages) -> Answer {
    pages.replay(&team(1), &Since::Start, PageLimit::MAX).await
}

#[tokio::test]
async fn the_store_never_has_more_reads_than_the_bound_and_the_rest_wait_in_order() {
    let (pages, store) = pages();
    let channels: Vec<ChannelName> = (0..PAGES_IN_FLIGHT_MAX * 3).map(team).collect();
    let mut requests = Vec::new();
    for channel in &channels {
        requests.push(asked(&pages, channel.clone()).await);
    }
    assert_eq!(store.seen.lock().now, PAGES_IN_FLIGHT_MAX);
    let told = pages.statistics();
    assert_eq!((told.in_flight, told.waiting), (PAGES_IN_FLIGHT_MAX, PAGES_IN_FLIGHT_MAX * 2));
    store.let_through(channels.len());
    join_all(requests).await;
    let seen = store.seen.lock();
    assert_eq!(seen.most_at_once, PAGES_IN_FLIGHT_MAX);
    assert_eq!(seen.reads, channels);
}

#[tokio::test]
async fn a_reader_gets_its_page_though_the_one_that_asked_first_went_away() {
    let (pages, store) = pages();
    let first = asked(&pages, team(1)).await;
    let second = asked(&pages, team(1)).await;
    let third = asked(&pages, team(1)).await;
    drop(first);
    store.let_through(1);
    drop(second);
    let now = store.store.replay(&team(1), &Since::Start, PageLimit::MAX).await;
    assert_eq!(third.await, now.map(|replay| Arc::new(replay.into())));
    assert_eq!(store.reads(), 1);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_any_more_is_dropped() {
    let (pages, store) = pages();
    for number in 0..PAGES_IN_FLIGHT_MAX * 2 {
        drop(asked(&pages, team(number)).await);
    }
    assert_eq!(store.seen.lock().now, 0);
    assert!(pages.underway.lock().reads.is_empty());
    assert_eq!(pages.slots.available_permits(), PAGES_IN_FLIGHT_MAX);
    store.let_through(1);
    assert!(asked_once(&pages).await.is_ok());
}

#[tokio::test]
async fn an_error_reaches_all_who_wait_and_the_next_request_reads_again() {
    for mood in [Mood::Refuses, Mood::Panics] {
        let (pages, store) = pages();
        let requests = [asked(&pages, team(1)).await, asked(&pages, team(1)).await];
        *store.mood.lock() = mood;
        store.let_through(1);
        assert_eq!(join_all(requests).await, [Err(Unavailable), Err(Unavailable)], "{mood:?}");
        *store.mood.lock() = Mood::Answers;
        store.let_through(1);
        assert!(asked_once(&pages).await.is_ok());
        assert_eq!(store.reads(), 2);
    }
}

#[tokio::test]
async fn nobody_hears_of_a_gap_from_a_read_that_is_older_than_the_question() {
    let (pages, store) = pages();
    let since = Since::Offset(Offset::new(1));
    let early = asked_since(&pages, team(1), since.clone()).await;
    post(&store, team(1)).await;
    let mut late =
        [asked_since(&pages, team(1), since.clone()).await, asked_since(&pages, team(1), since).await];
    store.let_through(1);
    assert!(depends_on_when(&early.await));
    for request in &mut late {
        assert!(poll!(request).is_pending());
    }
    store.let_through(1);
    let late = join_all(late).await;
    assert!(late.iter().all(|answer| publications(answer) == 0));
    assert_eq!(store.reads(), 2);
}

/// Runs on a thread of its own, as each worker of the server does.
fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(work)
}

#[test]
fn readers_on_many_threads_share_a_read_wherever_the_first_was() {
    const THREADS: usize = 8;
    let (pages, store) = pages();
    let everybody_asked = Barrier::new(THREADS + 1);
    let first_went = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        let first = on_a_runtime(asked(&pages, team(1)));
        for _ in 0..THREADS {
            scope.spawn(|| {
                on_a_runtime(async {
                    let mut requests = Vec::new();
                    for _ in 0..50 {
                        requests.push(asked(&pages, team(1)).await);
                    }
                    everybody_asked.wait();
                    first_went.wait();
                    // Every other one goes away while the page may be on its way to it.
                    let mut number = 0;
                    requests.retain(|_| {
                        number += 1;
                        number % 2 == 0
                    });
                    assert!(join_all(requests).await.iter().all(Result::is_ok));
                });
            });
        }
        everybody_asked.wait();
        drop(first);
        store.let_through(1);
        first_went.wait();
    });
    assert_eq!(store.reads(), 1);
    assert!(pages.underway.lock().reads.is_empty());
}
