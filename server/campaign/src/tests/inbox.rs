mod erasing;

use super::*;
use crate::Cursor;
use crate::bulletin::{Action, BulletinId, Content};
use crate::bulletins::{Bulletins, Rules};
use crate::conversation::{
    About, CONVERSATION_TEXTS_MAX, CONVERSATIONS_OPEN_MAX, Conversation, ConversationId, Handling, Refused,
    State, WORDS_KEPT_FOR, Words, Writer,
};
use crate::inbox::{Assigned, Filter, InboxError, Opened};
use identity::Principal;
use protocol::IdempotencyKey;
use serde_json::json;
use storage::{RecordId, RecordKind};

fn key(n: usize) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("k{n}")).unwrap()
}

fn words(text: &str) -> Words {
    Words::parse(text).unwrap()
}

fn general(member: &MemberId) -> ConversationId {
    ConversationId::new(member.clone(), About::General)
}

fn sender(id: &str) -> Principal {
    Principal {
        is_guarded: false,
        stepped_up_until: None,
        member: MemberId::parse(id).unwrap(),
        roles: vec![Role::Sender, Role::Approver],
        regions: vec![],
        teams: vec![],
        channels: vec![],
        device: None,
        generation: 0,
        posts_until: Timestamp::default(),
        expires_at: Timestamp::default(),
    }
}

/// Bulletins of these numbers that are on their way, and one more that is a draft.
async fn bulletins(people: &People, count: u8) -> (Vec<BulletinId>, BulletinId) {
    let bulletins = Bulletins::new(Arc::clone(&people.records), Rules::default());
    let form = json!({"kind": "update", "texts": {"en": {"title": "x", "body": "y"}}, "audience": {"regions": ["north"]}});
    let mut ids = Vec::new();
    for n in 0..=count {
        let content = Content::parse(serde_json::from_value(form.clone()).unwrap()).unwrap();
        let id = BulletinId::new(NOW, [n; 10]);
        bulletins.begin(id.clone(), &sender("m_ana"), content, None, NOW).await.unwrap();
        if n < count {
            let submit = Action::Submit { revision: 1, signed: None };
            bulletins.act(&id, &submit, &sender("m_ana"), None, NOW).await.unwrap();
            // One person is enough, or it takes another.
            bulletins
                .act(&id, &Action::Approve { revision: 1, signature: None }, &sender("m_ben"), None, NOW)
                .await
                .ok();
            let work = bulletins.take_due("one", NOW).await.unwrap().unwrap();
            bulletins.done(&work, NOW).await.unwrap();
        }
        ids.push(id);
    }
    let draft = ids.pop().unwrap();
    (ids, draft)
}

impl People {
    async fn someone(&self) -> MemberId {
        self.joined(terms(1)).await.person.member.id
    }

    async fn organiser(&self) -> MemberId {
        let terms = InviteTerms::new(rights(Role::Sender, "north"), 1, DAY, false).unwrap();
        self.joined(terms).await.person.member.id
    }

    async fn says(&self, member: &MemberId, n: usize, text: &str) -> Conversation {
        self.reply(member, About::General, &key(n), &words(text), NOW).await.unwrap().0
    }

    async fn listed(&self, filter: &Filter) -> Vec<Opened> {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = self.inbox(filter, after.as_ref(), 2, NOW).await.unwrap();
            assert!(page.items.len() <= 2);
            listed.extend(page.items);
            after = page.next;
            if after.is_none() {
                return listed;
            }
        }
    }

    async fn texts(&self, id: &ConversationId) -> Vec<String> {
        let opened = self.opened_conversation(id, NOW).await.unwrap().unwrap();
        opened.texts.into_iter().map(|text| text.words).collect()
    }

    /// All bytes of everything that is kept, a line a record.
    async fn everything(&self) -> String {
        let mut all = Vec::new();
        for kind in RecordKind::ALL {
            for (id, record) in self.records.scan(kind, None, 1_000, NOW).await.unwrap().0 {
                let data = String::from_utf8_lossy(&record.data).into_owned();
                all.push(format!("{} {} {data}", kind.as_str(), id.as_str()));
            }
        }
        all.join("\n")
    }
}

fn open() -> Filter {
    Filter::default()
}

fn closed() -> Filter {
    Filter { state: State::Closed, ..Filter::default() }
}

#[tokio::test]
async fn a_reply_and_its_answer_are_read_by_both_and_by_nobody_who_has_the_store() {
    let people = people();
    let (member, organiser) = (people.someone().await, people.organiser().await);
    people.says(&member, 1, "Can I bring a friend?").await;
    let id = general(&member);
    people.answer(&id, &organiser, None, &key(1), &words("Please do!"), NOW).await.unwrap();
    assert_eq!(people.texts(&id).await, ["Can I bring a friend?", "Please do!"]);
    let own = people.conversations_of(&member, None, 50, NOW).await.unwrap().items;
    assert_eq!(own[0].texts[0].words, "Please do!", "the last one");
    assert_eq!(people.listed(&open()).await, own);
    let kept = people.everything().await;
    assert!(kept.contains("conversation-text") && !kept.contains("friend") && !kept.contains("Please"));
}

#[tokio::test]
async fn the_same_reply_again_is_one_and_another_under_its_id_is_refused() {
    let people = people();
    let member = people.someone().await;
    let first = people.says(&member, 1, "one").await;
    assert_eq!(people.says(&member, 1, "one").await, first);
    let other = people.reply(&member, About::General, &key(1), &words("two"), NOW).await;
    assert_eq!(other, Err(InboxError::Refused(Refused::KeyReused)));
    people.says(&member, 2, "two").await;
    assert_eq!(people.says(&member, 1, "one").await.written().len(), 2);
    assert_eq!(people.texts(&general(&member)).await, ["one", "two"]);
}

#[tokio::test]
async fn one_replies_to_what_was_sent_and_each_bulletin_has_a_conversation_of_its_own() {
    let people = people();
    let member = people.someone().await;
    let (sent, draft) = bulletins(&people, 2).await;
    let unknown = BulletinId::new(NOW, [0xee; 10]);
    for bulletin in [draft, unknown] {
        let refused = people.reply(&member, About::Bulletin(bulletin), &key(1), &words("x"), NOW).await;
        assert_eq!(refused, Err(InboxError::BulletinUnknown));
    }
    for bulletin in &sent {
        let about = About::Bulletin(bulletin.clone());
        people.reply(&member, about, &key(1), &words("x"), NOW).await.unwrap();
    }
    people.says(&member, 1, "x").await;
    let own = people.conversations_of(&member, None, 50, NOW).await.unwrap().items;
    let about: Vec<_> = own.iter().map(|own| own.conversation.id().bulletin().cloned()).collect();
    assert_eq!(about, [Some(sent[0].clone()), Some(sent[1].clone()), None]);
}

#[tokio::test]
async fn nobody_answers_what_nobody_wrote() {
    let people = people();
    let (member, organiser) = (people.someone().await, people.organiser().await);
    for id in [general(&member), general(&MemberId::parse("m_nobody").unwrap())] {
        let answer = people.answer(&id, &organiser, None, &key(1), &words("x"), NOW).await;
        assert_eq!(answer, Err(InboxError::Unknown));
        let handled = people.handle(&id, None, &Handling::Set(State::Closed), NOW).await;
        assert_eq!(handled, Err(InboxError::Unknown));
    }
    assert!(people.listed(&open()).await.is_empty() && people.listed(&closed()).await.is_empty());
}

#[tokio::test]
async fn of_two_who_change_what_both_saw_one_is_told_to_look_again() {
    let people = people();
    let (member, organiser) = (people.someone().await, people.organiser().await);
    let seen = people.says(&member, 1, "x").await.revision();
    let id = general(&member);
    let assign = Handling::Assign(Some(organiser.clone()));
    let assigned = people.handle(&id, Some(seen), &assign, NOW).await.unwrap();
    let close = Handling::Set(State::Closed);
    assert_eq!(people.handle(&id, Some(seen), &close, NOW).await, Err(InboxError::Stale));
    let stale = people.answer(&id, &organiser, Some(seen), &key(1), &words("y"), NOW).await;
    assert_eq!(stale, Err(InboxError::Stale));
    assert_eq!(people.handle(&id, Some(seen), &assign, NOW).await.unwrap(), assigned, "a lost answer");
    // Nobody closes what they have not read.
    people.says(&member, 2, "and another thing").await;
    assert_eq!(people.handle(&id, Some(assigned.revision()), &close, NOW).await, Err(InboxError::Stale));
    let now = people.handle(&id, Some(assigned.revision() + 1), &close, NOW).await.unwrap();
    assert_eq!((now.state(), now.assignee()), (State::Closed, Some(&organiser)));
}

#[tokio::test]
async fn a_conversation_is_assigned_to_organisers_alone() {
    let people = people();
    let (member, other) = (people.someone().await, people.someone().await);
    people.says(&member, 1, "x").await;
    for to in [other, MemberId::parse("m_nobody").unwrap()] {
        let refused = people.handle(&general(&member), None, &Handling::Assign(Some(to)), NOW).await;
        assert_eq!(refused, Err(InboxError::NoOrganiser));
    }
}

#[tokio::test]
async fn the_inbox_has_each_conversation_once_in_its_state_and_by_who_sees_to_it() {
    let people = people();
    let organiser = people.organiser().await;
    let mut members = Vec::new();
    for n in 0..5 {
        let member = people.someone().await;
        let at = NOW.after(Duration::from_secs(n));
        people.reply(&member, About::General, &key(1), &words("x"), at).await.unwrap();
        members.push(member);
    }
    let whose = |listed: Vec<Opened>| -> Vec<MemberId> {
        listed.iter().map(|opened| opened.conversation.id().member().clone()).collect()
    };
    let newest_first: Vec<MemberId> = members.iter().rev().cloned().collect();
    assert_eq!(whose(people.listed(&open()).await), newest_first);
    let assign = Handling::Assign(Some(organiser.clone()));
    people.handle(&general(&members[3]), None, &assign, NOW).await.unwrap();
    people.handle(&general(&members[0]), None, &Handling::Set(State::Closed), NOW).await.unwrap();
    let mine = Filter { assigned: Assigned::To(organiser), ..open() };
    let nobodys = Filter { assigned: Assigned::Nobody, ..open() };
    assert_eq!(whose(people.listed(&mine).await), [members[3].clone()]);
    assert_eq!(
        whose(people.listed(&nobodys).await),
        [&members[4], &members[2], &members[1]].map(Clone::clone)
    );
    assert_eq!(whose(people.listed(&closed()).await), [members[0].clone()]);
    // Who writes again is open again, and the latest.
    people.reply(&members[0], About::General, &key(2), &words("y"), NOW.after(DAY)).await.unwrap();
    assert!(people.listed(&closed()).await.is_empty());
    assert_eq!(whose(people.listed(&open()).await)[0], members[0]);
}

#[tokio::test]
async fn one_member_has_so_many_open_conversations_until_one_is_closed() {
    let people = people();
    let member = people.someone().await;
    let (sent, _) = bulletins(&people, u8::try_from(CONVERSATIONS_OPEN_MAX).unwrap()).await;
    for bulletin in &sent {
        people.reply(&member, About::Bulletin(bulletin.clone()), &key(1), &words("x"), NOW).await.unwrap();
    }
    let one_more = people.reply(&member, About::General, &key(1), &words("x"), NOW).await;
    assert_eq!(one_more, Err(InboxError::Refused(Refused::TooManyOpen)));
    let id = ConversationId::new(member.clone(), About::Bulletin(sent[0].clone()));
    people.handle(&id, None, &Handling::Set(State::Closed), NOW).await.unwrap();
    people.says(&member, 1, "x").await;
    let reopened = people.reply(&member, id.about().clone(), &key(2), &words("x"), NOW).await;
    assert_eq!(reopened, Err(InboxError::Refused(Refused::TooManyOpen)));
    // Others are not held up.
    let other = people.someone().await;
    people.says(&other, 1, "x").await;
}

#[tokio::test]
async fn of_a_long_conversation_the_oldest_text_is_kept_no_more() {
    let people = people();
    let (member, organiser) = (people.someone().await, people.organiser().await);
    people.says(&member, 1, "the first").await;
    for n in 0..CONVERSATION_TEXTS_MAX {
        people.answer(&general(&member), &organiser, None, &key(n), &words("x"), NOW).await.unwrap();
    }
    assert_eq!(people.texts(&general(&member)).await.len(), CONVERSATION_TEXTS_MAX);
    let texts = people.records.scan(RecordKind::ConversationText, None, 1_000, NOW).await.unwrap().0;
    assert_eq!(texts.len(), CONVERSATION_TEXTS_MAX);
}

#[tokio::test]
async fn what_is_written_goes_after_its_time_and_leaves_nothing_in_the_inbox() {
    let people = people();
    let member = people.someone().await;
    people.says(&member, 1, "x").await;
    let later = NOW.after(WORDS_KEPT_FOR);
    assert_eq!(people.opened_conversation(&general(&member), later).await.unwrap(), None);
    assert!(people.inbox(&open(), None, 9, later).await.unwrap().items.is_empty());
    let again = people.reply(&member, About::General, &key(1), &words("y"), later).await.unwrap();
    assert_eq!(again.0.written().len(), 1);
}

#[tokio::test]
async fn a_page_of_ones_own_has_nobody_elses_whatever_is_asked() {
    let people = people();
    let (one, two) = (people.someone().await, people.someone().await);
    people.says(&one, 1, "x").await;
    people.says(&two, 1, "x").await;
    for other in [&one, &two] {
        let cursor = Cursor::after(RecordId::parse(&general(other).to_string()).unwrap());
        let page = people.conversations_of(&one, Some(&cursor), 9, NOW).await.unwrap();
        assert!(page.items.iter().all(|opened| opened.conversation.id().member() == &one));
        let entry = Cursor::after(RecordId::parse("a").unwrap());
        assert_eq!(people.inbox(&open(), Some(&entry), 9, NOW).await.unwrap().items.len(), 2);
    }
}

#[tokio::test]
async fn what_is_known_of_one_is_theirs_and_no_more() {
    let people = people();
    let admin = people.organiser().await;
    let (_, own) = people.invite(terms(3), &admin, NOW).await.unwrap();
    people.invite(terms(3), &super::admin(), NOW).await.unwrap();
    let known = people.known(&admin, NOW).await.unwrap().unwrap();
    assert_eq!(known.person.member.id, admin);
    assert_eq!(known.devices.len(), 1);
    assert_eq!(known.invites.into_iter().map(|(_, invite)| invite).collect::<Vec<_>>(), [own]);
    assert_eq!(known.own_invite, None);
    people.erase(&admin, NOW).await.unwrap();
    assert_eq!(people.known(&admin, NOW).await.unwrap(), None);
}

#[test]
fn who_wrote_is_told_apart_in_records() {
    let organiser = Writer::Organiser(MemberId::parse("m_1").unwrap());
    let text = serde_json::to_string(&[Writer::Member, organiser]).unwrap();
    assert_eq!(text, r#"["member",{"organiser":"m_1"}]"#);
}
