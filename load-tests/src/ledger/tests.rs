//! A server that lies in each way is caught, and one that does not is not.

use super::*;
use crate::clock::Micros;
use proptest::prelude::*;

fn hash(n: u64) -> u64 {
    crate::mark::hash_of(&n.to_string())
}

const EPOCH: u64 = 77;

fn entry(offset: u64, content: u64) -> LogEntry {
    // Messages are due a second apart.
    LogEntry { offset, hash: hash(content), due: Some(Micros(content * 1_000_000)) }
}

fn entries(offsets: impl IntoIterator<Item = u64>) -> Vec<LogEntry> {
    offsets.into_iter().map(|offset| entry(offset, offset)).collect()
}

fn read(entries: Vec<LogEntry>) -> ReadLog {
    let top = entries.iter().map(|entry| entry.offset).max().unwrap_or(0);
    ReadLog { epochs: vec![EPOCH], top, entries }
}

/// Readers who stood before anything was due.
const fn readers(count: u64) -> Readers {
    Readers { count, since: Micros(0) }
}

fn acknowledged(offsets: impl IntoIterator<Item = u64>) -> Vec<Acknowledged> {
    let answer = |offset: u64| Acknowledged {
        channel: 0,
        offset,
        epoch: EPOCH,
        hash: hash(offset),
        sender: 0,
        number: u32::try_from(offset).unwrap(),
    };
    offsets.into_iter().map(answer).collect()
}

/// What a hundred messages come to of which a reader from `start` gets `delivered`.
fn run(start: u64, delivered: impl IntoIterator<Item = (u64, u64)>) -> Findings {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=100));
    audit.read(0, &read(entries(1..=100)));
    let mut track = Track::default();
    track.begin(start);
    for (offset, content) in delivered {
        track.receive(offset, hash(content));
    }
    let since = Micros(start * 1_000_000);
    audit.compare(&[(track.statement(0, start == 0), Readers { count: 3, since })])
}

fn same(offsets: impl IntoIterator<Item = u64>) -> impl Iterator<Item = (u64, u64)> {
    offsets.into_iter().map(|offset| (offset, offset))
}

#[test]
fn who_got_everything_once_and_in_order_has_nothing_to_say() {
    for start in [0, 40, 100] {
        let count = 100 - start;
        let expected = Findings { expected: 3 * count, received: 3 * count, ..Findings::default() };
        assert_eq!(run(start, same(start + 1..=100)), expected);
    }
}

#[test]
fn one_that_is_dropped_is_lost_for_each_reader() {
    let findings = run(0, same((1..=100).filter(|offset| *offset != 57)));
    assert_eq!((findings.lost, findings.altered, findings.received), (3, 0, 297));
    assert!(findings.words[0].contains("57–57"), "{:?}", findings.words);
}

#[test]
fn a_tail_that_never_comes_is_lost() {
    let findings = run(0, same(1..=90));
    assert_eq!((findings.lost, findings.altered), (30, 0));
}

#[test]
fn a_head_that_never_comes_is_lost_to_who_wanted_everything() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=100));
    audit.read(0, &read(entries(1..=100)));
    let mut track = Track::default();
    track.begin(10);
    for offset in 11..=100 {
        track.receive(offset, hash(offset));
    }
    assert_eq!(audit.compare(&[(track.statement(0, true), readers(1))]).lost, 10);
    assert_eq!(
        audit.compare(&[(track.statement(0, false), Readers { count: 1, since: Micros(10_000_000) })]).lost,
        0
    );
}

#[test]
fn one_that_comes_twice_is_a_duplicate_and_counts_once() {
    let findings = run(0, same((1..=60).chain(60..=100)));
    assert_eq!((findings.duplicated, findings.lost, findings.altered), (3, 0, 0));
    assert_eq!(findings.received, 300);
}

#[test]
fn two_that_are_swapped_are_out_of_order_and_not_lost() {
    let findings = run(0, same((1..=50).chain([52, 51]).chain(53..=100)));
    assert_eq!((findings.out_of_order, findings.lost, findings.altered), (3, 0, 0));
}

#[test]
fn another_message_in_the_place_of_one_is_altered() {
    let findings = run(0, (1..=100).map(|offset| (offset, if offset == 7 { 8 } else { offset })));
    assert_eq!((findings.altered, findings.lost), (3, 0));
}

#[test]
fn what_the_server_says_is_gone_is_skipped_and_not_lost() {
    let mut audit = Audit::default();
    audit.read(0, &read(entries(1..=100)));
    let mut track = Track::default();
    track.begin(0);
    track.receive(1, hash(1));
    track.reset(50);
    for offset in 51..=100 {
        track.receive(offset, hash(offset));
    }
    let findings = audit.compare(&[(track.statement(0, true), readers(1))]);
    assert_eq!((findings.resets, findings.skipped, findings.lost), (1, 49, 0));
    assert_eq!((findings.expected, findings.received), (51, 51));
}

#[test]
fn an_answer_that_the_log_does_not_keep_is_found() {
    let findings = |log: Vec<LogEntry>| {
        let mut audit = Audit::default();
        audit.acknowledge(acknowledged(1..=5));
        audit.leave_open(hash(6));
        audit.read(0, &read(log));
        audit.compare(&[])
    };
    assert_eq!(findings(entries(1..=5)), Findings::default());
    assert_eq!(findings(entries(1..=6)), Findings::default(), "an open outcome may be there");
    assert_eq!(findings(entries(1..=4)).lost_from_log, 1);
    assert_eq!(findings(entries(1..=7)).invented, 1);
    let elsewhere = findings(vec![entry(1, 1), entry(2, 3), entry(3, 2), entry(4, 4), entry(5, 5)]);
    assert_eq!((elsewhere.wrong_position, elsewhere.lost_from_log), (2, 0));
    let twice = findings(vec![entry(1, 1), entry(2, 2), entry(3, 3), entry(4, 4), entry(5, 5), entry(6, 5)]);
    assert_eq!(twice.duplicated_in_log, 1);
    let foreign = findings([entries(1..=5), vec![LogEntry { due: None, ..entry(6, 9) }]].concat());
    assert_eq!((foreign.foreign, foreign.invented), (1, 0));
}

#[test]
fn without_a_log_holes_and_tails_are_told_and_content_is_not_judged() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=100));
    let mut track = Track::default();
    for offset in (1..=90).filter(|offset| *offset != 7) {
        track.receive(offset, hash(0));
    }
    let findings = audit.compare(&[(track.statement(0, true), readers(1))]);
    assert_eq!((findings.lost, findings.altered, findings.lost_from_log), (11, 0, 0));
}

#[test]
fn a_sender_whose_messages_stand_in_another_order_is_found() {
    let mut audit = Audit::default();
    let mut answers = acknowledged(1..=5);
    answers[1].number = 3;
    answers[2].number = 2;
    audit.acknowledge(answers);
    audit.read(0, &read(entries(1..=5)));
    assert_eq!(audit.compare(&[]).reordered_in_log, 1);
}

#[test]
fn a_log_that_leaves_one_out_loses_what_was_answered() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=5));
    audit.read(0, &read(entries([1, 2, 4, 5])));
    let findings = audit.compare(&[]);
    assert_eq!((findings.lost_from_log, findings.log_disordered, findings.foreign), (1, 1, 0));
}

#[test]
fn who_was_told_to_begin_behind_what_was_said_later_is_cheated() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=100));
    audit.read(0, &read(entries(1..=100)));
    let mut track = Track::default();
    track.begin(11);
    for offset in 12..=100 {
        track.receive(offset, hash(offset));
    }
    let lost = |since| audit.compare(&[(track.statement(0, false), Readers { count: 1, since })]).lost;
    assert_eq!(lost(Micros(11_000_000)), 0);
    assert_eq!(lost(Micros(10_000_000)), 1, "the eleventh was due when it stood");
    let mut nowhere = Track::default();
    nowhere.begin(1_000);
    let findings =
        audit.compare(&[(nowhere.statement(0, false), Readers { count: 1, since: Micros(u64::MAX) })]);
    assert_eq!(findings.lost, 900, "there is nothing there");
}

#[test]
fn an_answer_in_an_epoch_that_nobody_met_is_found() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=5).into_iter().map(|answer| Acknowledged { epoch: 5, ..answer }));
    audit.read(0, &read(entries(1..=5)));
    assert_eq!(audit.compare(&[]).wrong_epoch, 5);
    audit.meet(0, 5);
    assert_eq!(audit.compare(&[]).wrong_epoch, 0);
}

#[test]
fn what_others_say_meanwhile_condemns_nobody() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=5));
    let others = (6..=9).map(|offset| LogEntry { due: None, ..entry(offset, offset) });
    audit.read(0, &read(entries(1..=5).into_iter().chain(others).collect()));
    let mut track = Track::default();
    for offset in 1..=6 {
        track.receive(offset, hash(offset));
    }
    let findings = audit.compare(&[(track.statement(0, true), readers(1))]);
    assert_eq!((findings.lost, findings.altered, findings.foreign), (0, 0, 4));
}

#[test]
fn what_retention_took_cannot_be_compared_and_is_not_called_lost() {
    let mut audit = Audit::default();
    audit.acknowledge(acknowledged(1..=100));
    audit.read(0, &read(entries(51..=100)));
    let mut track = Track::default();
    for offset in 1..=100 {
        track.receive(offset, hash(offset));
    }
    let findings = audit.compare(&[(track.statement(0, true), readers(1))]);
    assert_eq!((findings.lost, findings.altered, findings.lost_from_log), (0, 0, 0));
    assert_eq!(findings.uncompared, 51);
    let emptied = ReadLog { epochs: vec![EPOCH], top: 100, entries: Vec::new() };
    audit.read(0, &emptied);
    assert_eq!(audit.compare(&[]).lost_from_log, 0);
}

#[test]
fn offsets_from_the_end_of_the_world_break_nothing() {
    let mut track = Track::default();
    for offset in [u64::MAX, 1, u64::MAX, u64::MAX - 1, 0] {
        track.receive(offset, 0);
    }
    track.reset(u64::MAX);
    assert!(track.missing() > 0);
    let mut audit = Audit::default();
    audit.read(0, &read(vec![entry(1, 1), LogEntry { offset: u64::MAX, ..entry(2, 2) }]));
    let many = Readers { count: u64::MAX, since: Micros(0) };
    let findings = audit.compare(&[(track.statement(0, true), many)]);
    assert!(findings.lost > 0 && findings.log_disordered > 0);
}

#[test]
fn a_track_stays_small() {
    assert!(size_of::<Track>() <= 48);
}

/// However deliveries are disturbed, the ledger comes out even only if they were not.
fn disturbed() -> impl Strategy<Value = Vec<u64>> {
    let lie = (0..5_u8, 0..99_usize, 0..99_usize);
    proptest::collection::vec(lie, 0..4).prop_map(|lies| {
        let mut offsets: Vec<u64> = (1..=100).collect();
        for (kind, at, other) in lies {
            let (at, other) = (at.min(offsets.len() - 1), other.min(offsets.len() - 1));
            match kind {
                0 => drop(offsets.remove(at)),
                1 => offsets.insert(other, offsets[at]),
                2 => offsets.swap(at, other),
                3 => offsets.truncate(at.max(1)),
                _ => {}
            }
        }
        offsets
    })
}

proptest! {
    #[test]
    fn the_ledger_comes_out_even_only_if_everything_came_once_and_in_order(offsets in disturbed()) {
        let findings = run(0, same(offsets.clone()));
        let honest = Findings { expected: 300, received: 300, ..Findings::default() };
        prop_assert_eq!(findings == honest, offsets == (1..=100).collect::<Vec<_>>());
        let distinct = offsets.iter().collect::<std::collections::BTreeSet<_>>().len();
        prop_assert_eq!(findings.lost + findings.received, 300);
        prop_assert_eq!(findings.received, 3 * u64::try_from(distinct).unwrap());
        prop_assert_eq!(findings.altered, 0);
    }
}
