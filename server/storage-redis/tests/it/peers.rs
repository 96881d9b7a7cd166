//! Nodes that ask each other while some are away, slow or hostile, and while Redis fails.

use crate::support::{beside, blocking, connect, next, options};
use bytes::Bytes;
use std::time::Duration;
use storage::peers::{ANSWER_MAX_BYTES, ASKS_IN_FLIGHT_MAX, QUESTION_MAX_BYTES};
use storage::{AskError, FeedEvent, Gathered, History, Peers, Question, Questions};
use storage_redis::{Options, RedisStore, test_server::TestRedis};

/// Enough for whatever should come at once.
const PATIENCE: Duration = Duration::from_secs(20);
/// Spent where an answer is missing, and enough for those that are not.
const IN_VAIN: Duration = Duration::from_secs(2);
/// Spent where there can be no answer at all.
const BRIEFLY: Duration = Duration::from_millis(50);
/// Where nodes of database 0 hear questions.
const QUESTIONS: &str = "holdfast:peers:0";

async fn ask(store: &RedisStore, question: &str, patience: Duration) -> Gathered {
    store.ask(Bytes::copy_from_slice(question.as_bytes()), patience).await.unwrap()
}

async fn heard(questions: &mut Questions) -> Question {
    tokio::time::timeout(PATIENCE, questions.next()).await.expect("a question").expect("a store")
}

/// Answers everything with this word, for as long as its store is open.
fn answering(store: &RedisStore, word: &'static str) {
    let mut questions = store.questions().unwrap();
    drop(beside(async move {
        while let Some(question) = questions.next().await {
            question.answer(Bytes::from_static(word.as_bytes())).unwrap();
        }
    }));
}

fn sorted(mut gathered: Gathered) -> Vec<Bytes> {
    gathered.answers.sort();
    gathered.answers
}

#[tokio::test]
async fn many_nodes_answer_and_the_asker_waits_for_no_more() {
    let redis = TestRedis::start().unwrap();
    let here = connect(&redis).await;
    let others = [connect(&redis).await, connect(&redis).await, connect(&redis).await];
    for (other, word) in others.iter().zip(["a", "b", "c"]) {
        answering(other, word);
    }
    let gathered = ask(&here, "?", PATIENCE).await;
    assert_eq!(gathered.expected, 3);
    assert_eq!(sorted(gathered), ["a", "b", "c"]);
}

#[tokio::test]
async fn a_node_that_never_answers_costs_the_patience_and_the_others_are_heard() {
    let redis = TestRedis::start().unwrap();
    let (here, there, silent) = (connect(&redis).await, connect(&redis).await, connect(&redis).await);
    answering(&there, "a");
    let gathered = ask(&here, "?", IN_VAIN).await;
    assert_eq!((&gathered.answers[..], gathered.expected), (&[Bytes::from_static(b"a")][..], 2));
    assert!(!gathered.is_complete());
    drop(silent);
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_nobodys() {
    let redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    let mut questions = there.questions().unwrap();
    let first = tokio::select! {
        // The asker goes away as it does at its deadline.
        question = heard(&mut questions) => question,
        gathered = ask(&here, "first", PATIENCE) => panic!("{gathered:?}"),
    };
    let second = beside({
        let here = here.clone();
        async move { ask(&here, "second", PATIENCE).await }
    });
    let next = heard(&mut questions).await;
    assert_eq!((first.content(), next.content()), (&Bytes::from("first"), &Bytes::from("second")));
    first.answer(Bytes::from_static(b"late")).unwrap();
    next.answer(Bytes::from_static(b"in time")).unwrap();
    assert_eq!(second.await.unwrap().answers, ["in time"]);
}

#[tokio::test]
async fn the_largest_answer_arrives_whole() {
    let redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    let mut questions = there.questions().unwrap();
    let largest: Bytes = (0_u8..=255).cycle().take(ANSWER_MAX_BYTES).collect();
    let answering = async { heard(&mut questions).await.answer(largest.clone()).unwrap() };
    let (gathered, ()) = tokio::join!(ask(&here, "?", PATIENCE), answering);
    assert_eq!(gathered.answers, [largest]);
}

#[tokio::test]
async fn what_is_no_message_of_a_node_is_passed_over() {
    let redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    let mut feed = there.feed().unwrap();
    let mut questions = there.questions().unwrap();
    let too_large = format!("stranger 1\n{}", "a".repeat(QUESTION_MAX_BYTES + 1));
    for garbage in ["", "\n", "stranger", "stranger one\nq", "strange r 1\nq", "{\"a\":1}", &too_large] {
        redis.command(&["PUBLISH", QUESTIONS, garbage]).unwrap();
    }
    redis.command(&["PUBLISH", QUESTIONS, "stranger 1\nreadable"]).unwrap();
    assert_eq!(heard(&mut questions).await.content(), "readable");
    let (gathered, ()) = tokio::join!(ask(&here, "?", PATIENCE), async {
        heard(&mut questions).await.answer(Bytes::from_static(b"a")).unwrap();
    });
    assert_eq!(gathered.answers, ["a"]);
    // Nothing of it made the feed compare the log.
    there.close().await;
    let end = tokio::time::timeout(PATIENCE, feed.next()).await.unwrap();
    assert_eq!(end, None);
}

#[tokio::test]
async fn deployments_on_one_redis_do_not_hear_each_other() {
    let redis = TestRedis::start().unwrap();
    let here = connect(&redis).await;
    let other_prefix = Options { prefix: "other:".to_owned(), ..options() };
    let other_prefix = RedisStore::connect(&redis.url(), other_prefix).await.unwrap();
    let other_database = RedisStore::connect(&format!("{}?db=1", redis.url()), options()).await.unwrap();
    answering(&other_prefix, "prefix");
    answering(&other_database, "database");
    assert_eq!(ask(&here, "?", PATIENCE).await, Gathered::default());
}

#[tokio::test]
async fn too_many_questions_at_once_are_refused_and_their_places_come_back() {
    let redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    let mut questions = there.questions().unwrap();
    let asking: Vec<_> = (0..ASKS_IN_FLIGHT_MAX)
        .map(|_| {
            let here = here.clone();
            beside(async move { ask(&here, "?", PATIENCE).await })
        })
        .collect();
    let mut waiting = Vec::new();
    while waiting.len() < ASKS_IN_FLIGHT_MAX {
        waiting.push(heard(&mut questions).await);
    }
    assert_eq!(here.ask(Bytes::new(), PATIENCE).await, Err(AskError::Busy));
    for question in waiting {
        question.answer(Bytes::new()).unwrap();
    }
    for asking in asking {
        assert!(asking.await.unwrap().is_complete());
    }
    let (gathered, ()) = tokio::join!(ask(&here, "?", PATIENCE), async {
        heard(&mut questions).await.answer(Bytes::new()).unwrap();
    });
    assert!(gathered.is_complete());
}

#[tokio::test]
async fn nodes_ask_again_after_redis_was_killed_and_came_back() {
    let mut redis = TestRedis::start().unwrap();
    let (here, there) = (connect(&redis).await, connect(&redis).await);
    answering(&there, "a");
    let (mut feed, mut other_feed) = (here.feed().unwrap(), there.feed().unwrap());
    assert_eq!(ask(&here, "?", PATIENCE).await.answers, ["a"]);

    redis.kill().unwrap();
    // Of the loss.
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    assert_eq!(next(&mut other_feed).await, FeedEvent::Interrupted);
    assert_eq!(here.ask(Bytes::new(), PATIENCE).await, Err(AskError::Unavailable));
    let redis = blocking(move || redis.restart().map(|()| redis)).await.unwrap();
    // Of the return.
    assert_eq!(next(&mut feed).await, FeedEvent::Interrupted);
    assert_eq!(next(&mut other_feed).await, FeedEvent::Interrupted);
    assert_eq!(ask(&here, "?", PATIENCE).await.answers, ["a"]);
    drop(redis);
}

#[tokio::test]
async fn a_redis_that_is_frozen_costs_the_patience() {
    let redis = TestRedis::start().unwrap();
    let here = connect(&redis).await;
    redis.freeze().unwrap();
    assert_eq!(here.ask(Bytes::new(), BRIEFLY).await, Err(AskError::Unavailable));
    redis.thaw().unwrap();
    assert!(ask(&here, "?", PATIENCE).await.is_complete());
}
