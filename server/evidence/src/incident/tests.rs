//! What the tests of this module share: a short attack, as one node wrote it.

use super::{
    Action, Changed, ClassCounts, Closed, Counts, Entry, Indicators, Lapse, Note, NoticeSent, Offender,
    Opened, Override, Resumed, Sealed, Who, is_closed,
};
use crate::chain::{Chain, Hash, verify};
use admission::{Criticality, Posture};
use protocol::Timestamp;
use std::time::{Duration, Instant};

/// Seconds after the attack began.
pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_795_687_200_000).after(Duration::from_secs(seconds))
}

pub(super) fn origin() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
    Instant::now()
}

pub(super) fn change(from: Posture, to: Posture) -> Changed {
    Changed { from, to, trigger: "queueing_delay".to_owned(), value: Some(2.5) }
}

pub(super) fn offender(prefix: &str, offered: u64) -> Offender {
    Offender {
        prefix: prefix.parse().unwrap(),
        class: Criticality::Stranger,
        offered,
        peak_per_second: 700,
        first_seen: at(0),
        last_seen: at(300),
        action: Action::Refused,
    }
}

pub(super) fn counts(strangers: u64, members: u64) -> Counts {
    let class = |class, offered, refused, delayed| ClassCounts {
        class,
        offered,
        admitted: offered - refused - delayed,
        delayed,
        refused,
    };
    Counts {
        seconds: 60,
        classes: vec![
            class(Criticality::Returning, 40, 0, 0),
            class(Criticality::Member, members, 1, members - 1),
            class(Criticality::Stranger, strangers, strangers - 10, 0),
        ],
        acked: 12,
        delivered: 4_800,
        pending: 3,
        members_affected: members,
    }
}

/// The entries of the attack, with when they were written.
pub(super) fn entries() -> Vec<(u64, Entry)> {
    let who = Who { uid: Some(1_000), member: None, name: "Ada".parse().ok() };
    let text = |text: &str| text.parse().unwrap();
    let name = |name: &str| name.parse().unwrap();
    vec![
        (
            0,
            Entry::Opened(Opened {
                version: 1,
                node: name("one"),
                by: change(Posture::Elevated, Posture::UnderAttack),
                pressed_since: Some(at(0).before(Duration::from_secs(20))),
            }),
        ),
        (60, Entry::Counts(counts(90_000, 20))),
        (61, Entry::Posture(change(Posture::UnderAttack, Posture::Survival))),
        (
            90,
            Entry::Override(Override {
                to: Posture::Survival,
                who: text("Ada, uid 1000"),
                why: text("The provider\nasked for it"),
                until: at(1_890),
            }),
        ),
        (95, Entry::Statement(Note { who: who.clone(), text: text("We are slow, nothing is lost.") })),
        (100, Entry::Resumed(Resumed { node: name("one"), torn_bytes: 17 })),
        (120, Entry::Counts(counts(40_000, 5))),
        (200, Entry::OverrideEnded),
        (201, Entry::Lapse(Lapse { entries: 2 })),
        (210, Entry::Posture(change(Posture::Survival, Posture::Normal))),
        (
            220,
            Entry::NoticeSent(NoticeSent {
                who: who.clone(),
                to: name("hosting provider"),
                text: text("ticket 7"),
            }),
        ),
        (230, Entry::Note(Note { who, text: text("They came from one network.") })),
        (
            809,
            Entry::Indicators(Indicators {
                prefixes: 2,
                file: Hash::of(b"file"),
                until: at(809).after(super::offender::ADDRESSES_KEPT),
            }),
        ),
        (810, Entry::Closed(Closed { quiet_seconds: 600 })),
    ]
}

/// The same, sealed.
pub(crate) fn timeline() -> String {
    let mut chain = Chain::default();
    entries().iter().map(|(seconds, entry)| chain.seal(at(*seconds), entry)).collect()
}

#[test]
fn every_entry_can_be_read_again() {
    let text = timeline();
    let read: Vec<Entry> =
        text.lines().map(|line| Sealed::read(line.as_bytes()).unwrap().entry.unwrap()).collect();
    let written: Vec<Entry> = entries().into_iter().map(|(_, entry)| entry).collect();
    assert_eq!(read, written);
}

#[test]
fn a_line_of_a_later_version_belongs_to_the_chain_though_nobody_knows_what_it_says() {
    let body = format!(
        "{{\"seq\":1,\"at\":5,\"kind\":\"moon_phase\",\"data\":{{\"x\":1}},\"previous\":\"{}\"",
        Hash::default()
    );
    let line = format!("{body},\"hash\":\"{}\"}}\n", Hash::of(body.as_bytes()));
    assert_eq!(verify(line.as_bytes()).unwrap().chain.lines(), 1);
    assert_eq!(Sealed::read(line.trim_end().as_bytes()).unwrap().entry, None);
}

#[test]
fn debug_output_of_entries_names_nobody() {
    let said = format!("{:?}", entries());
    for word in ["Ada", "provider", "slow", "network"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
}

#[test]
fn a_timeline_says_whether_it_was_closed() {
    let text = timeline();
    assert!(is_closed(text.as_bytes()));
    let open: String = text.lines().take(2).flat_map(|line| [line, "\n"]).collect();
    assert!(!is_closed(open.as_bytes()));
    let mut chain = verify(text.as_bytes()).unwrap().chain;
    let more = format!("{text}{}", chain.seal(at(900), &Entry::OverrideEnded));
    assert!(is_closed(more.as_bytes()));
    let who = Who::default();
    let note = Entry::Note(Note { who, text: r#""kind":"closed""#.parse().unwrap() });
    let open = format!("{open}{}", Chain::default().seal(at(9), &note));
    assert!(!is_closed(open.as_bytes()), "words close nothing");
}
