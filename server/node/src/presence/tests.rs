use super::*;
use crate::peers::{self, Asked};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use futures_util::poll;
use identity::KeySet;
use protocol::Epoch;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::{AskError, Gathered, Questions};
use storage_redis::{Options, RedisStore, test_server::TestRedis};
use surveys::SURVEY_RESULTS_MAX;
use tokio::task::unconstrained;

/// Most bytes of a connection's attendance, besides 16 for each channel.
const ATTENDANCE_MAX_BYTES: usize = 48;

/// What a scripted deployment says to a question.
#[derive(Clone)]
enum Mood {
    Says(Gathered),
    Refuses,
    Panics,
}

/// Other nodes that answer when they are let through.
#[derive(Debug)]
struct Elsewhere {
    gate: Semaphore,
    mood: Mutex<Mood>,
    asked: Mutex<Vec<Bytes>>,
    now: AtomicU64,
    most_at_once: AtomicU64,
}

impl fmt::Debug for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mood")
    }
}

struct Asking<'a>(&'a Elsewhere);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::Relaxed);
    }
}

#[async_trait]
impl Peers for Elsewhere {
    async fn ask(&self, question: Bytes, patience: Duration) -> Result<Gathered, AskError> {
        assert_eq!(patience, SURVEY_PATIENCE);
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_at_once.fetch_max(now, Ordering::Relaxed);
        let _asking = Asking(self);
        self.asked.lock().push(question);
        self.gate.acquire().await.unwrap().forget();
        let mood = self.mood.lock().clone();
        match mood {
            Mood::Says(gathered) => Ok(gathered),
            Mood::Refuses => Err(AskError::Unavailable),
            Mood::Panics => panic!("peers that panic"),
        }
    }

    fn questions(&self) -> Option<Questions> {
        None
    }
}

fn node_and_elsewhere() -> (Presence, Arc<Elsewhere>) {
    let elsewhere = Arc::new(Elsewhere {
        gate: Semaphore::new(0),
        mood: Mutex::new(Mood::Says(Gathered::default())),
        asked: Mutex::default(),
        now: AtomicU64::new(0),
        most_at_once: AtomicU64::new(0),
    });
    (Presence::new(numbers(&KeySet::generate().unwrap()), elsewhere.clone()), elsewhere)
}

impl Presence {
    /// In normal times there is always an answer.
    async fn readers(&self, channel: &ChannelName, now: Instant) -> Readers {
        self.readers_in(Posture::Normal, channel, now).await.unwrap()
    }
}

/// A connection of a member that reads a channel, as long as that is here.
fn reads(node: &Presence, channel: &ChannelName, member: &MemberId) -> Attendance {
    let mut attendance = node.attend();
    node.identify(&mut attendance, member);
    attendance.enter(channel);
    attendance
}

/// A node whose peers answer at once that there are none.
fn alone() -> (Presence, Arc<Elsewhere>) {
    let (node, elsewhere) = node_and_elsewhere();
    elsewhere.gate.add_permits(100_000);
    (node, elsewhere)
}

fn numbers(keys: &KeySet) -> Pseudonyms {
    Pseudonyms::new(keys, "presence")
}

fn team(number: usize) -> ChannelName {
    ChannelName::team(&number.to_string()).unwrap()
}

fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

const fn all(clients: u32, members: u32) -> Readers {
    Readers { clients, members, is_complete: true }
}

/// A request that asked already, but does not yet have its answer.
async fn asked(node: &Presence, channel: ChannelName, now: Instant) -> BoxFuture<'_, Readers> {
    // A test asks more in one go than tokio lets a task do before it gives way to others.
    let mut request = unconstrained(async move { node.readers(&channel, now).await }).boxed();
    assert!(poll!(&mut request).is_pending());
    request
}

#[tokio::test]
async fn readers_count_while_they_are_there_and_a_member_counts_once() {
    let (node, _) = alone();
    let mut now = clock::now().instant;
    let mut later = || {
        now += SURVEY_SHARED_FOR;
        now
    };
    assert_eq!(node.readers(&team(1), later()).await, all(0, 0));
    let phone = reads(&node, &team(1), &member("ana"));
    let laptop = reads(&node, &team(1), &member("ana"));
    let other = reads(&node, &team(1), &member("ben"));
    let _elsewhere = reads(&node, &team(2), &member("eva"));
    assert_eq!(node.readers(&team(1), later()).await, all(3, 2));
    drop(phone);
    assert_eq!(node.readers(&team(1), later()).await, all(2, 2));
    drop(laptop);
    drop(other);
    assert_eq!(node.readers(&team(1), later()).await, all(0, 0));
}

#[tokio::test]
async fn a_crowd_that_asks_at_once_or_within_a_second_costs_one_question() {
    let (node, elsewhere) = node_and_elsewhere();
    let now = clock::now().instant;
    let mut requests = Vec::new();
    for _ in 0..1_000 {
        requests.push(asked(&node, team(1), now).await);
    }
    let _reader = reads(&node, &team(1), &member("ana"));
    elsewhere.gate.add_permits(1);
    for readers in join_all(requests).await {
        assert_eq!(readers, all(1, 1));
    }
    let just_before = now + SURVEY_SHARED_FOR.saturating_sub(Duration::from_nanos(1));
    for _ in 0..1_000 {
        assert_eq!(node.readers(&team(1), just_before).await, all(1, 1));
    }
    assert_eq!(elsewhere.asked.lock().len(), 1);

    let request = asked(&node, team(1), now + SURVEY_SHARED_FOR).await;
    elsewhere.gate.add_permits(1);
    assert_eq!(request.await, all(1, 1));
    assert_eq!(elsewhere.asked.lock().len(), 2);
}

#[tokio::test]
async fn the_harder_pressed_the_rarer_the_surveys_until_what_was_known_last_is_all() {
    let (node, elsewhere) = alone();
    let now = clock::now().instant;
    let mut reader = Some(reads(&node, &team(1), &member("ana")));
    assert_eq!(node.readers(&team(1), now).await, all(1, 1));
    drop(reader.take());
    let at = |seconds| now + seconds * SURVEY_SHARED_FOR;
    let asked = || elsewhere.asked.lock().len();
    assert_eq!(node.readers_in(Posture::Elevated, &team(1), at(9)).await, Some(all(1, 1)));
    assert_eq!(asked(), 1);
    assert_eq!(node.readers_in(Posture::Elevated, &team(1), at(10)).await, Some(all(0, 0)));
    assert_eq!(asked(), 2);
    for posture in [Posture::UnderAttack, Posture::Survival] {
        assert_eq!(node.readers_in(posture, &team(1), at(10_000)).await, Some(all(0, 0)));
        assert_eq!(node.readers_in(posture, &team(2), at(10_000)).await, None);
    }
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_survey_that_lasts_is_still_the_only_one() {
    let (node, elsewhere) = node_and_elsewhere();
    let now = clock::now().instant;
    let first = asked(&node, team(1), now).await;
    let second = asked(&node, team(1), now + 5 * SURVEY_SHARED_FOR).await;
    assert_eq!(elsewhere.asked.lock().len(), 1);
    elsewhere.gate.add_permits(1);
    assert_eq!((first.await, second.await), (all(0, 0), all(0, 0)));
}

#[tokio::test]
async fn whoever_goes_away_leaves_the_survey_to_the_others() {
    let (node, elsewhere) = node_and_elsewhere();
    let now = clock::now().instant;
    let first = asked(&node, team(1), now).await;
    let second = asked(&node, team(1), now).await;
    drop(first);
    elsewhere.gate.add_permits(1);
    assert_eq!(second.await, all(0, 0));
    assert_eq!(elsewhere.asked.lock().len(), 1);
}

#[tokio::test]
async fn a_survey_that_everybody_left_is_over_and_holds_nothing() {
    let (node, elsewhere) = node_and_elsewhere();
    let now = clock::now().instant;
    for channel in 0..2 * SURVEYS_IN_FLIGHT_MAX {
        drop(asked(&node, team(channel), now).await);
    }
    assert_eq!(elsewhere.now.load(Ordering::Relaxed), 0);
    assert_eq!(node.surveys.kept(), 0);
    elsewhere.gate.add_permits(1);
    assert_eq!(node.readers(&team(0), now).await, all(0, 0));
}

#[tokio::test]
async fn surveys_at_once_are_bounded_and_the_others_wait_their_turn() {
    let (node, elsewhere) = node_and_elsewhere();
    let now = clock::now().instant;
    let mut requests = Vec::new();
    for channel in 0..3 * SURVEYS_IN_FLIGHT_MAX {
        requests.push(asked(&node, team(channel), now).await);
    }
    assert_eq!(elsewhere.asked.lock().len(), SURVEYS_IN_FLIGHT_MAX);
    elsewhere.gate.add_permits(requests.len());
    join_all(requests).await;
    assert_eq!(elsewhere.asked.lock().len(), 3 * SURVEYS_IN_FLIGHT_MAX);
    let bound = u64::try_from(SURVEYS_IN_FLIGHT_MAX).unwrap();
    assert_eq!(elsewhere.most_at_once.load(Ordering::Relaxed), bound);
}

#[tokio::test]
async fn results_are_kept_for_so_many_channels_and_for_a_second() {
    let (node, elsewhere) = alone();
    let now = clock::now().instant;
    for channel in 0..SURVEY_RESULTS_MAX + 10 {
        unconstrained(node.readers(&team(channel), now)).await;
    }
    assert_eq!(node.surveys.kept(), SURVEY_RESULTS_MAX);
    // The newest is known, the oldest is asked for again.
    let before = elsewhere.asked.lock().len();
    node.readers(&team(SURVEY_RESULTS_MAX + 9), now).await;
    assert_eq!(elsewhere.asked.lock().len(), before);
    node.readers(&team(0), now).await;
    assert_eq!(elsewhere.asked.lock().len(), before + 1);

    node.readers(&team(0), now + SURVEY_SHARED_FOR).await;
    assert_eq!(node.surveys.kept(), 1);
}

#[tokio::test]
async fn without_the_others_a_node_says_what_it_knows_and_that_there_may_be_more() {
    let (node, elsewhere) = alone();
    let _reader = reads(&node, &team(1), &member("ana"));
    let here_alone = Readers { clients: 1, members: 1, is_complete: false };
    let sample = Bytes::from(node.sample(&team(1)).to_bytes());
    let garbage = Bytes::from_static(b"garbage");
    let mut now = clock::now().instant;
    for mood in [
        Mood::Refuses,
        Mood::Panics,
        Mood::Says(Gathered { answers: Vec::new(), expected: 1 }),
        Mood::Says(Gathered { answers: vec![garbage.clone()], expected: 1 }),
    ] {
        *elsewhere.mood.lock() = mood;
        now += SURVEY_SHARED_FOR;
        assert_eq!(node.readers(&team(1), now).await, here_alone);
    }
    *elsewhere.mood.lock() = Mood::Says(Gathered { answers: vec![garbage, sample], expected: 2 });
    now += SURVEY_SHARED_FOR;
    let some = Readers { clients: 2, members: 1, is_complete: false };
    assert_eq!(node.readers(&team(1), now).await, some);
}

#[test]
fn an_attendance_is_small_and_may_be_dropped_anywhere() {
    fn anywhere<T: Send + Sync>(_: &T) {}
    let (node, _) = alone();
    let attendance = reads(&node, &team(1), &member("ana"));
    anywhere(&attendance);
    let bytes = size_of_val(&attendance);
    assert!(bytes <= ATTENDANCE_MAX_BYTES, "{bytes} bytes");
    std::thread::spawn(move || drop(attendance)).join().unwrap();
    assert!(node.crowds.lock().is_empty());
}

/// A store whose peers are given the time that they need on a busy machine.
#[derive(Debug)]
struct Patient(Arc<RedisStore>);

#[async_trait]
impl Peers for Patient {
    async fn ask(&self, question: Bytes, _: Duration) -> Result<Gathered, AskError> {
        self.0.ask(question, Duration::from_secs(30)).await
    }

    fn questions(&self) -> Option<Questions> {
        self.0.questions()
    }
}

async fn node_on(redis: &TestRedis, keys: &KeySet) -> (Arc<Presence>, Arc<RedisStore>) {
    static EPOCHS: AtomicU64 = AtomicU64::new(0);
    let fresh = || Epoch::parse(&format!("e{}", EPOCHS.fetch_add(1, Ordering::Relaxed))).unwrap();
    let store = RedisStore::connect(&redis.url(), Options::new(Arc::new(fresh))).await.unwrap();
    let store = Arc::new(store);
    (Arc::new(Presence::new(numbers(keys), Arc::new(Patient(store.clone())))), store)
}

#[actix_rt::test]
async fn nodes_on_one_redis_count_each_others_readers_and_a_member_of_two_nodes_once() {
    let redis = TestRedis::start().unwrap();
    let keys = KeySet::generate().unwrap();
    let [(one, _), (two, there), (three, away)] =
        [node_on(&redis, &keys).await, node_on(&redis, &keys).await, node_on(&redis, &keys).await];
    for (node, store) in [(&two, &there), (&three, &away)] {
        let node = Arc::clone(node);
        let respond = move |asked| match asked {
            Asked::Readers { channel } => node.sample(&channel).to_bytes(),
            Asked::Room
            | Asked::Watch
            | Asked::Incidents
            | Asked::Incident { .. }
            | Asked::IncidentFile { .. } => Vec::new(),
        };
        actix_web::rt::spawn(peers::answer(store.questions().unwrap(), respond));
    }
    let _readers = [
        reads(&one, &team(1), &member("ana")),
        reads(&two, &team(1), &member("ana")),
        reads(&two, &team(1), &member("ben")),
        reads(&two, &team(2), &member("eva")),
        reads(&three, &team(1), &member("eva")),
    ];
    let now = clock::now().instant;
    assert_eq!(one.readers(&team(1), now).await, all(4, 3));
    assert_eq!(one.readers(&team(2), now).await, all(1, 1));
    assert_eq!(one.readers(&team(3), now).await, all(0, 0));
}

#[actix_rt::test]
async fn a_node_that_does_not_answer_is_missing_from_the_count() {
    let redis = TestRedis::start().unwrap();
    let keys = KeySet::generate().unwrap();
    let [(_, store), (silent, _listening)] = [node_on(&redis, &keys).await, node_on(&redis, &keys).await];
    let one = Presence::new(numbers(&keys), store);
    let _readers = [reads(&one, &team(1), &member("ana")), reads(&silent, &team(1), &member("ben"))];
    let readers = one.readers(&team(1), clock::now().instant).await;
    assert_eq!(readers, Readers { clients: 1, members: 1, is_complete: false });
}

#[test]
fn a_connection_has_its_channels_names_once_and_shares_them_with_other_readers() {
    let (node, _) = alone();
    let (one, other) = (reads(&node, &team(1), &member("ana")), reads(&node, &team(1), &member("ben")));
    let place = |attendance: &Attendance| attendance.channels[0].as_str().as_ptr();
    assert_eq!(place(&one), place(&other));
}

#[actix_rt::test]
async fn channels_that_were_entered_before_it_was_known_by_whom_are_counted_then() {
    let (node, _) = alone();
    let mut attendance = node.attend();
    attendance.enter(&team(1));
    attendance.enter(&team(2));
    let now = clock::now().instant;
    assert_eq!(node.readers(&team(1), now).await.clients, 0);
    node.identify(&mut attendance, &member("ana"));
    attendance.leave(&team(2));
    let now = now + SURVEY_SHARED_FOR;
    assert_eq!(node.readers(&team(1), now).await.clients, 1);
    assert_eq!(node.readers(&team(2), now).await.clients, 0);
    assert_eq!(attendance.drain(), [team(1)]);
    assert_eq!(node.readers(&team(1), now + SURVEY_SHARED_FOR).await.clients, 0);
}
