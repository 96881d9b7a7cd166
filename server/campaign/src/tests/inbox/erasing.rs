//! What becomes of conversations when their members are erased, and when people write at once.

use super::*;
use async_trait::async_trait;
use futures_util::future::join_all;
use storage::{Change, CommitError, Expect, RecordKey, Records, Unavailable, Versioned, Write};
use tokio::task::yield_now;

/// A store that lets everybody else go first.
#[derive(Debug)]
struct Yielding(MemoryStore);

#[async_trait]
impl Records for Yielding {
    async fn get(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Versioned>, Unavailable> {
        yield_now().await;
        self.0.get(key, now).await
    }

    async fn commit(&self, writes: Vec<Write>, now: Timestamp) -> Result<(), CommitError> {
        yield_now().await;
        self.0.commit(writes, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        after: Option<&RecordId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<(RecordId, Versioned)>, Option<RecordId>), Unavailable> {
        yield_now().await;
        self.0.scan(kind, after, limit, now).await
    }
}

fn people_who_race() -> People {
    let store = MemoryStore::new(Arc::new(|| Epoch::parse("e").unwrap()));
    People::new(Arc::new(Yielding(store)), &KeySet::generate().unwrap(), DAY)
}

#[tokio::test]
async fn replies_that_race_are_all_there_once() {
    let people = people_who_race();
    let member = people.someone().await;
    let (first, second) = (people.says(&member, 1, "one"), people.says(&member, 2, "two"));
    join_all([first, second]).await;
    join_all((0..6).map(|n| people.says(&member, n, if n == 1 { "one" } else { "two" }))).await;
    assert_eq!(people.texts(&general(&member)).await.len(), 6);
}

#[tokio::test]
async fn nothing_of_who_is_erased_is_in_the_inbox_or_can_be_read() {
    let people = people();
    let (member, organiser, other) =
        (people.someone().await, people.organiser().await, people.someone().await);
    people.says(&other, 1, "of another").await;
    people.says(&member, 1, "of mine").await;
    for n in 0..CONVERSATION_TEXTS_MAX + 5 {
        people.answer(&general(&member), &organiser, None, &key(n), &words("x"), NOW).await.unwrap();
    }
    let (sent, _) = bulletins(&people, 3).await;
    for bulletin in sent {
        people.reply(&member, About::Bulletin(bulletin.clone()), &key(1), &words("x"), NOW).await.unwrap();
    }
    let close = Handling::Set(State::Closed);
    people.handle(&general(&member), None, &close, NOW).await.unwrap();
    people.erase(&member, NOW).await.unwrap();
    // That their tokens count no more is said for a while, who came in by an attempt for an hour, and that they changed for
    // ten minutes.
    let left = people.everything().await;
    let left: Vec<&str> = left.lines().filter(|line| line.contains(member.as_str())).collect();
    let brief = ["member-change ", "redemption ", "revocation "];
    let is_brief = |line: &&str| brief.iter().any(|kind| line.starts_with(kind));
    assert!(left.iter().all(is_brief), "{left:?}");
    assert_eq!(people.listed(&open()).await.len(), 1);
    assert_eq!(people.texts(&general(&other)).await, ["of another"]);
    let late = people.reply(&member, About::General, &key(9), &words("x"), NOW).await;
    assert_eq!(late, Err(InboxError::Unknown));
}

#[tokio::test]
async fn a_copy_of_the_records_says_nothing_once_the_key_is_gone() {
    let people = people();
    let member = people.someone().await;
    people.says(&member, 1, "of mine").await;
    let mut copy = Vec::new();
    for kind in [RecordKind::Conversation, RecordKind::ConversationText, RecordKind::InboxEntry] {
        for (id, record) in people.records.scan(kind, None, 10, NOW).await.unwrap().0 {
            let key = RecordKey { kind, id };
            let change = Change::Put { data: record.data, expires_at: None };
            copy.push(Write { key, expect: Expect::Any, change });
        }
    }
    people.erase(&member, NOW).await.unwrap();
    people.records.commit(copy, NOW).await.unwrap();
    let opened = people.opened_conversation(&general(&member), NOW).await.unwrap().unwrap();
    assert_eq!((opened.conversation.written().len(), opened.texts.len()), (1, 0));
}

#[tokio::test]
async fn who_writes_while_they_are_erased_leaves_nothing_behind() {
    let people = people_who_race();
    for _ in 0..20 {
        let member = people.someone().await;
        let replies = (0..8).map(|n| {
            let (people, member) = (&people, &member);
            async move { people.reply(member, About::General, &key(n), &words("x"), NOW).await.map(drop) }
        });
        let erased = async {
            people.erase(&member, NOW).await.unwrap();
            Ok(())
        };
        let (outcomes, erased) = futures_util::future::join(join_all(replies), erased).await;
        assert_eq!(erased, Ok::<(), InboxError>(()));
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(InboxError::Unknown))));
        assert_eq!(people.opened_conversation(&general(&member), NOW).await.unwrap(), None);
    }
    for kind in [
        RecordKind::Conversation,
        RecordKind::ConversationText,
        RecordKind::InboxEntry,
        RecordKind::MemberKey,
    ] {
        assert!(people.records.scan(kind, None, 10, NOW).await.unwrap().0.is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn nobody_sees_to_what_an_organiser_saw_to_who_is_erased_and_what_others_see_to_stays_theirs() {
    let people = people();
    let (ana, ben) = (people.organiser().await, people.organiser().await);
    let members = [people.someone().await, people.someone().await, people.someone().await];
    for (member, organiser) in members.iter().zip([&ana, &ana, &ben]) {
        people.says(member, 1, "Hello").await;
        let assign = Handling::Assign(Some(organiser.clone()));
        people.handle(&general(member), None, &assign, NOW).await.unwrap();
    }
    let close = Handling::Set(State::Closed);
    people.handle(&general(&members[1]), None, &close, NOW).await.unwrap();
    people.erase(&ana, NOW).await.unwrap();
    let assigned = async |assigned: Assigned, state: State| {
        people.listed(&Filter { state, assigned, about: None }).await.len()
    };
    assert_eq!(assigned(Assigned::Nobody, State::Open).await, 1);
    assert_eq!(assigned(Assigned::Nobody, State::Closed).await, 1);
    assert_eq!(assigned(Assigned::To(ben), State::Open).await, 1);
    assert_eq!(assigned(Assigned::To(ana), State::Open).await, 0);
}
