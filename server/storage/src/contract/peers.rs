//! What nodes ask each other. A store that serves one node alone passes with nobody to ask.

use super::Fixture;
use super::support::{PATIENCE, good, some};
use crate::peers::{QUESTION_MAX_BYTES, Questions};
use crate::{AskError, Question};
use bytes::Bytes;
use std::time::Duration;

/// Spent by the case in which an answer is missing; the store itself must have answered by then.
const IN_VAIN: Duration = Duration::from_secs(2);

async fn heard(questions: &mut Questions) -> Question {
    some(good(tokio::time::timeout(PATIENCE, questions.next()).await))
}

/// Answers one question with its own content twice over.
async fn echo(questions: &mut Questions) {
    let question = heard(questions).await;
    let twice = question.content().repeat(2);
    good(question.answer(twice.into()));
}

/// The asker has every answer, and does not wait longer than for the last.
pub async fn every_other_node_is_asked_and_answers(fixture: &dyn Fixture) {
    let here = fixture.open().await.peers;
    let neighbour = fixture.neighbour().await;
    let ask = async { good(here.ask(Bytes::from_static(b"who?"), PATIENCE).await) };
    let gathered = match &neighbour {
        Some(there) => {
            let mut questions = some(there.peers.questions());
            tokio::join!(ask, echo(&mut questions)).0
        }
        None => ask.await,
    };
    assert_eq!(gathered.expected, usize::from(neighbour.is_some()));
    assert!(gathered.is_complete());
    assert!(gathered.answers.iter().all(|answer| answer == "who?who?"));
}

/// A node knows what it would answer itself.
pub async fn nobody_hears_a_question_of_their_own(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let here = &store.peers;
    let neighbour = fixture.neighbour().await;
    let mut own = some(here.questions());
    let mine = async { good(here.ask(Bytes::from_static(b"mine"), PATIENCE).await) };
    match &neighbour {
        Some(there) => {
            let mut others = some(there.peers.questions());
            tokio::join!(mine, echo(&mut others));
            // What comes first is the question of the other.
            let theirs = there.peers.ask(Bytes::from_static(b"theirs"), PATIENCE);
            let (gathered, ()) = tokio::join!(theirs, echo(&mut own));
            assert_eq!(good(gathered).answers, ["theirstheirs"]);
        }
        None => drop(mine.await),
    }
    store.history.close().await;
    assert!(good(tokio::time::timeout(PATIENCE, own.next()).await).is_none());
}

/// Questions that are asked at once do not get each other's answers, in whatever order these come.
pub async fn an_answer_is_that_of_its_own_question(fixture: &dyn Fixture) {
    let here = fixture.open().await.peers;
    let neighbour = fixture.neighbour().await;
    let one = async { good(here.ask(Bytes::from_static(b"1"), PATIENCE).await).answers };
    let two = async { good(here.ask(Bytes::from_static(b"2"), PATIENCE).await).answers };
    let Some(there) = &neighbour else {
        assert_eq!(tokio::join!(one, two), (Vec::new(), Vec::new()));
        return;
    };
    let mut questions = some(there.peers.questions());
    let answers = async {
        let (first, second) = (heard(&mut questions).await, heard(&mut questions).await);
        for question in [second, first] {
            let same = question.content().clone();
            good(question.answer(same));
        }
    };
    let (one, two, ()) = tokio::join!(one, two, answers);
    assert_eq!((one, two), (vec![Bytes::from_static(b"1")], vec![Bytes::from_static(b"2")]));
}

/// Nothing else is held up.
pub async fn who_does_not_answer_costs_the_patience_and_is_said_to_be_missing(fixture: &dyn Fixture) {
    let here = fixture.open().await.peers;
    let neighbour = fixture.neighbour().await;
    let gathered = good(here.ask(Bytes::from_static(b"silence"), IN_VAIN).await);
    assert!(gathered.answers.is_empty());
    assert_eq!(gathered.expected, usize::from(neighbour.is_some()));
    assert_eq!(gathered.is_complete(), neighbour.is_none());
}

/// Before anybody hears of it.
pub async fn a_question_of_the_largest_size_is_asked_and_a_larger_one_is_not(fixture: &dyn Fixture) {
    let here = fixture.open().await.peers;
    let neighbour = fixture.neighbour().await;
    let too_large = Bytes::from(vec![b'a'; QUESTION_MAX_BYTES + 1]);
    let largest = too_large.slice(1..);
    assert_eq!(here.ask(too_large, PATIENCE).await, Err(AskError::TooLarge));
    let ask = async { good(here.ask(largest, PATIENCE).await) };
    let gathered = match &neighbour {
        Some(there) => {
            let mut questions = some(there.peers.questions());
            tokio::join!(ask, echo(&mut questions)).0
        }
        None => ask.await,
    };
    assert!(gathered.is_complete());
}

/// One reader owns them.
pub async fn the_questions_of_others_are_given_once(fixture: &dyn Fixture) {
    let here = fixture.open().await.peers;
    let first = here.questions();
    assert!(first.is_some());
    assert!(here.questions().is_none());
    drop(first);
    assert!(here.questions().is_none());
}

/// After a restart.
pub async fn a_reopened_store_asks_and_listens_anew(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    drop(store.peers.questions());
    let here = fixture.reopen(store).await.peers;
    let neighbour = fixture.neighbour().await;
    let mut own = some(here.questions());
    let Some(there) = &neighbour else {
        assert!(good(here.ask(Bytes::new(), PATIENCE).await).is_complete());
        return;
    };
    let mut others = some(there.peers.questions());
    let (gathered, ()) = tokio::join!(here.ask(Bytes::from_static(b"a"), PATIENCE), echo(&mut others));
    assert_eq!(good(gathered).answers, ["aa"]);
    let (gathered, ()) = tokio::join!(there.peers.ask(Bytes::from_static(b"b"), PATIENCE), echo(&mut own));
    assert_eq!(good(gathered).answers, ["bb"]);
}
