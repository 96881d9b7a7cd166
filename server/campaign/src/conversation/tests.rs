use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn member(name: &str) -> MemberId {
    MemberId::parse(name).unwrap()
}

fn key(n: usize) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("k{n}")).unwrap()
}

fn begun() -> Conversation {
    let id = ConversationId::new(member("m_1"), About::General);
    Conversation::begin(id).reply(key(1), NOW).unwrap()
}

#[test]
fn a_reply_opens_a_conversation_and_opens_it_again_after_it_was_closed() {
    let closed = begun().handled(&Handling::Set(State::Closed)).unwrap().unwrap();
    assert_eq!(closed.state(), State::Closed);
    let again = closed.answer(member("m_2"), key(1), NOW).reply(key(2), NOW).unwrap();
    assert_eq!((again.state(), again.revision(), again.unanswered()), (State::Open, 4, 1));
    let numbers: Vec<u32> = again.written().iter().map(|written| written.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn a_conversation_takes_so_many_replies_until_somebody_answers_or_closes_it() {
    let mut full = begun();
    for n in 2..=20 {
        full = full.reply(key(n), NOW).unwrap();
    }
    assert_eq!(full.clone().reply(key(21), NOW), Err(Refused::TooManyUnanswered));
    assert!(full.clone().answer(member("m_2"), key(1), NOW).reply(key(21), NOW).is_ok());
    assert!(full.handled(&Handling::Set(State::Closed)).unwrap().unwrap().reply(key(21), NOW).is_ok());
}

#[test]
fn of_more_texts_than_are_kept_the_oldest_goes() {
    let mut long = begun();
    for n in 0..CONVERSATION_TEXTS_MAX {
        long = long.answer(member("m_2"), key(n), NOW);
    }
    assert_eq!(long.written().len(), CONVERSATION_TEXTS_MAX);
    assert_eq!(long.written()[0].number, 2);
    assert_eq!(long.written_as(&key(1), &Writer::Member), None);
}

#[test]
fn what_is_so_already_is_no_change() {
    let assigned = begun().handled(&Handling::Assign(Some(member("m_2")))).unwrap().unwrap();
    assert_eq!((assigned.assignee(), assigned.revision()), (Some(&member("m_2")), 2));
    for handling in [Handling::Assign(Some(member("m_2"))), Handling::Set(State::Open)] {
        assert_eq!(assigned.clone().handled(&handling), Ok(None));
    }
    assert_eq!(assigned.handled(&Handling::Assign(None)).unwrap().unwrap().assignee(), None);
}

#[test]
fn the_same_id_by_another_writer_is_another_text() {
    let both = begun().answer(member("m_2"), key(1), NOW);
    assert_eq!(both.written_as(&key(1), &Writer::Member).unwrap().number, 1);
    assert_eq!(both.written_as(&key(1), &Writer::Organiser(member("m_2"))).unwrap().number, 2);
    assert_eq!(both.written_as(&key(1), &Writer::Organiser(member("m_3"))), None);
}

#[test]
fn a_clock_that_is_behind_turns_nothing_round() {
    let earlier = NOW.before(Duration::from_secs(9));
    let both = begun().answer(member("m_2"), key(2), earlier);
    assert_eq!(both.written()[1].at, NOW);
}

#[test]
fn what_is_old_goes_by_itself_and_the_conversation_with_the_last_of_it() {
    let later = NOW.after(Duration::from_secs(1));
    let both = begun().reply(key(2), later).unwrap();
    assert_eq!(both.ends(), later.after(WORDS_KEPT_FOR));
    let left = both.as_of(NOW.after(WORDS_KEPT_FOR));
    assert_eq!(left.written().iter().map(|written| written.number).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_complaint_is_answered_within_thirty_days_and_closed_after_that_only() {
    let id = ConversationId::new(member("m_1"), About::Complaint);
    let later = NOW.after(Duration::from_hours(1));
    let open = Conversation::begin(id).reply(key(1), NOW).unwrap().reply(key(2), later).unwrap();
    let day = Duration::from_hours(24);
    assert_eq!(
        open.acknowledge_by(),
        Some(NOW.after(30 * day)),
        "from the first of what nobody has answered"
    );
    let close = Handling::Set(State::Closed);
    assert_eq!(open.clone().handled(&close), Err(Refused::ComplaintUnanswered));
    assert!(open.clone().handled(&Handling::Assign(Some(member("m_2")))).unwrap().is_some());
    let answered = open.answer(member("m_2"), key(1), later);
    assert_eq!(answered.acknowledge_by(), None);
    let closed = answered.handled(&close).unwrap().unwrap();
    assert_eq!((closed.state(), closed.acknowledge_by()), (State::Closed, None));
    let again = closed.reply(key(3), later.after(day)).unwrap();
    assert_eq!(again.acknowledge_by(), Some(later.after(31 * day)));
    assert_eq!(begun().acknowledge_by(), None, "other conversations may wait");
}
