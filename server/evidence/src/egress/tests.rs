mod properties;

use super::*;
use crate::Account;
use protocol::{ChannelName, MemberId, Offset, Timestamp};
use std::sync::Arc;

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn team(number: u8) -> ChannelName {
    ChannelName::team(&format!("t{number}")).unwrap()
}

fn member(number: usize) -> MemberId {
    MemberId::parse(&format!("m_{number}")).unwrap()
}

fn ledger(bounds: Bounds) -> Arc<Ledger> {
    Arc::new(Ledger::new(bounds, at(0)))
}

fn tally(ledger: &Arc<Ledger>, number: usize) -> Tally {
    let mut tally = Tally::new(Arc::clone(ledger));
    tally.identify(member(number));
    tally
}

fn everything(ledger: &Ledger, now: u64) -> Vec<Line> {
    ledger.take(at(now), Take::Everything).map(|batch| batch.lines().collect()).unwrap_or_default()
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(Line::to_text).collect()
}

/// Most bytes of a tally: every connection has one.
const TALLY_MAX_BYTES: usize = 72;

#[test]
fn a_tally_without_a_publication_since_it_was_drained_last_keeps_no_memory() {
    assert!(size_of::<Tally>() <= TALLY_MAX_BYTES, "{} bytes", size_of::<Tally>());
    let ledger = ledger(Bounds::default());
    let mut tally = tally(&ledger, 1);
    tally.delivered(&team(1), Offset::new(1), 100);
    tally.drain();
    assert!(tally.room() > 0, "the next publication takes no memory");
    tally.other(2);
    tally.drain();
    assert_eq!(tally.room(), 0);
}

#[test]
fn a_bulletin_to_ten_thousand_is_one_line_with_ten_thousand_ids() {
    let ledger = ledger(Bounds::default());
    for reader in 0..10_000 {
        tally(&ledger, reader).delivered(&team(1), Offset::new(7), 321);
    }
    let lines = everything(&ledger, 1_000);
    let [Line::Range { first: 7, last: 7, publications: 1, bytes: 321, is_coarse: false, accounts, .. }] =
        &lines[..]
    else {
        panic!("{lines:?}");
    };
    assert_eq!(accounts.len(), 10_000);
    assert!(lines[0].to_text().len() < LINE_MAX_BYTES);
    tally(&ledger, 10_001).delivered(&team(1), Offset::new(7), 321);
    assert_eq!(everything(&ledger, 1_000).len(), 1);
}

#[test]
fn more_accounts_than_a_line_has_make_more_lines() {
    let ledger = ledger(Bounds::default());
    for reader in 0..=LINE_ACCOUNTS_MAX {
        let mut tally = tally(&ledger, reader);
        tally.delivered(&team(1), Offset::new(7), 1);
        tally.other(1);
    }
    let lines = everything(&ledger, 1);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines.iter().map(Line::total_bytes).sum::<u64>(), 20_002);
}

#[test]
fn publications_in_their_order_are_one_range_and_a_hole_begins_another() {
    let ledger = ledger(Bounds::default());
    let mut tally = tally(&ledger, 1);
    for offset in [3, 4, 5, 9, 10, 10] {
        tally.delivered(&team(1), Offset::new(offset), 10);
        tally.delivered(&team(2), Offset::new(offset + 1), 1);
    }
    tally.drain();
    let mut ranges = Vec::new();
    for line in everything(&ledger, 1) {
        if let Line::Range { channel, first, last, publications, bytes, is_coarse: false, .. } = line
            && channel == team(1)
        {
            ranges.push((first, last, publications, bytes));
        }
    }
    ranges.sort_unstable();
    assert_eq!(ranges, [(3, 5, 3, 30), (9, 10, 2, 20), (10, 10, 1, 10)]);
}

#[test]
fn lines_read_as_they_were_agreed() {
    let ledger = ledger(Bounds::default());
    let mut tally = tally(&ledger, 1);
    tally.delivered(&team(1), Offset::new(3), 100);
    tally.other(20);
    drop(tally);
    let begin = Line::Begin { at: at(5), version: FORMAT_VERSION };
    let end = Line::End { at: at(9), began: at(5) };
    let lines = [vec![begin], everything(&ledger, 8), vec![end]].concat();
    assert_eq!(
        text(&lines),
        r#"{"what":"begin","at":5,"version":1}
{"what":"range","since":0,"until":8,"channel":"teams:t1","first":3,"last":3,"publications":1,"bytes":100,"accounts":["m_1"]}
{"what":"other","since":0,"until":8,"bytes":20,"accounts":["m_1"]}
{"what":"end","at":9,"began":5}
"#
    );
    for line in lines {
        assert_eq!(Line::from_text(line.to_text().as_bytes()), Some(line));
    }
}

#[test]
fn bytes_before_a_member_is_known_are_a_strangers() {
    let ledger = ledger(Bounds::default());
    let mut tally = Tally::new(Arc::clone(&ledger));
    tally.other(5);
    tally.identify(member(1));
    tally.other(6);
    drop(tally);
    let totals = totals(&text(&everything(&ledger, 1)), &Window::default());
    assert_eq!(totals.accounts[&Account::Strangers].other_bytes, 5);
    assert_eq!(totals.accounts[&Account::Member(member(1))].other_bytes, 6);
}

#[test]
fn other_bytes_wait_a_minute_and_ranges_do_not() {
    let ledger = ledger(Bounds::default());
    let mut tally = tally(&ledger, 1);
    let mut lines_at = |millis: u64| {
        tally.delivered(&team(1), Offset::new(millis), 1);
        tally.other(1);
        tally.drain();
        ledger.take(at(millis), Take::Due).map_or(0, |batch| batch.lines().count())
    };
    assert_eq!([1_000, 59_999, 60_000, 61_000].map(&mut lines_at), [1, 1, 2, 1]);
    assert_eq!(lines_at(30_000), 2, "a clock that was put back makes nothing wait");
}

#[test]
fn each_bound_makes_it_coarser_and_loses_nothing() {
    let bounds = Bounds { ranges: 1, attributions: 2, spans: 1, accounts: 1 };
    let ledger = ledger(bounds);
    let mut tally = tally(&ledger, 1);
    let mut give = |channel: u8, offset: u64| {
        tally.delivered(&team(channel), Offset::new(offset), 10);
        tally.drain();
    };
    for (channel, offset) in [(1, 1), (1, 1), (1, 1), (1, 5), (2, 1)] {
        give(channel, offset);
    }
    give(1, 3);
    drop(tally);
    let mut other = Tally::new(Arc::clone(&ledger));
    other.other(7);
    drop(other);
    assert_eq!(
        ledger.figures(),
        Figures {
            accounted_bytes: 67,
            held_ranges: 2,
            coarsened_ranges: 4,
            unattributed_bytes: 7,
            over_budget: 0
        }
    );
    assert_eq!(
        text(&everything(&ledger, 1)),
        r#"{"what":"range","since":0,"until":1,"channel":"teams:t1","first":1,"last":1,"publications":1,"bytes":10,"accounts":["m_1","m_1"]}
{"what":"range","since":0,"until":1,"channel":"teams:t1","first":1,"last":5,"publications":3,"bytes":30,"coarse":true,"accounts":["m_1"]}
{"what":"other","since":0,"until":1,"publications":1,"bytes":10,"accounts":["m_1"]}
{"what":"unattributed","since":0,"until":1,"publications":0,"bytes":7}
"#
    );
}

#[test]
fn a_connection_with_more_ranges_than_it_holds_tells_them_coarser() {
    let ledger = ledger(Bounds::default());
    let mut tally = tally(&ledger, 1);
    for channel in 1..=TALLY_RANGES_MAX {
        tally.delivered(&team(u8::try_from(channel).unwrap()), Offset::new(5), 10);
    }
    tally.delivered(&team(1), Offset::new(2), 10);
    tally.delivered(&team(200), Offset::new(1), 10);
    drop(tally);
    assert_eq!(ledger.figures().coarsened_ranges, 2);
    let lines = text(&everything(&ledger, 1));
    assert_eq!(lines.lines().count(), TALLY_RANGES_MAX + 1);
    for coarse in [
        r#""channel":"teams:t1","first":2,"last":5,"publications":2,"bytes":20,"coarse":true,"#,
        r#"{"what":"other","since":0,"until":1,"publications":1,"bytes":10,"#,
    ] {
        assert!(lines.contains(coarse), "{lines}");
    }
}

#[test]
fn a_window_has_the_lines_that_touch_it_and_the_account_that_was_asked_for() {
    let ledger = ledger(Bounds::default());
    let mut lines = Vec::new();
    for (reader, bytes, now) in [(1, 1, 1_000), (2, 2, 2_000), (1, 1, 3_000)] {
        tally(&ledger, reader).other(bytes);
        lines.extend(everything(&ledger, now));
    }
    let sum = |window: &Window| {
        totals(&text(&lines), window).accounts.values().map(|total| total.bytes).collect::<Vec<_>>()
    };
    assert_eq!(sum(&Window::default()), [2, 2]);
    assert_eq!(sum(&Window { since: Some(at(2_001)), ..Window::default() }), [1]);
    assert_eq!(sum(&Window { until: Some(at(1_000)), ..Window::default() }), [1]);
    assert_eq!(sum(&Window { account: Some(Account::Member(member(2))), ..Window::default() }), [2]);
}

#[test]
fn a_life_without_an_end_stays_open() {
    let lines = [
        Line::Begin { at: at(1), version: 1 },
        Line::Begin { at: at(5), version: 1 },
        Line::End { at: at(9), began: at(5) },
    ];
    let totals = totals(&text(&lines), &Window::default());
    assert_eq!(totals.open_lives.into_iter().collect::<Vec<_>>(), [at(1)]);
}

#[test]
fn what_leaves_by_any_connection_of_an_account_is_held_against_its_budget() {
    let ledger = Arc::new(Ledger::with_budget(Bounds::default(), Some(100), at(0)));
    let mut phone = tally(&ledger, 1);
    phone.delivered(&team(1), Offset::new(1), 60);
    phone.drain();
    let mut laptop = tally(&ledger, 1);
    laptop.other(40);
    laptop.drain();
    let one = MemberId::parse("m_1").unwrap();
    assert!(!ledger.is_over_budget(&one));
    laptop.delivered(&team(1), Offset::new(1), 1);
    laptop.drain();
    assert!(ledger.is_over_budget(&one));
    assert_eq!(ledger.take_exceeded().len(), 1);
    assert_eq!(ledger.figures().over_budget, 1);
    ledger.take(at(3_600_000), Take::Due);
    assert!(!ledger.is_over_budget(&one));
}

#[test]
fn debug_output_names_nobody() {
    let ledger = ledger(Bounds::default());
    let inbox = ChannelName::inbox(&MemberId::parse("m_secret").unwrap());
    let mut tally = Tally::new(Arc::clone(&ledger));
    tally.identify(MemberId::parse("m_secret").unwrap());
    tally.delivered(&inbox, Offset::new(1), 1);
    let before = format!("{tally:?}");
    drop(tally);
    let batch = ledger.take(at(1), Take::Everything).unwrap();
    let lines: Vec<_> = batch.lines().collect();
    let totals = totals(&text(&lines), &Window::default());
    for printed in [before, format!("{ledger:?} {batch:?} {lines:?} {totals:?}")] {
        assert!(!printed.contains("secret"), "{printed}");
    }
}

fn totals(text: &str, window: &Window) -> Totals {
    let mut totals = Totals::default();
    for line in text.split_inclusive('\n') {
        totals.read(line.as_bytes(), window);
    }
    totals
}
