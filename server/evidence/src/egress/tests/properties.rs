//! However it is cut, joined and taken: what comes out is what went in.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What connections do, in any order.
#[derive(Debug, Clone)]
enum Step {
    Delivered {
        connection: usize,
        channel: u8,
        offset: u64,
        bytes: u64,
    },
    /// The next publication of the channel that the connection has not had.
    Next {
        connection: usize,
        channel: u8,
        bytes: u64,
    },
    Other {
        connection: usize,
        bytes: u64,
    },
    Drain {
        connection: usize,
    },
    Close {
        connection: usize,
    },
    Take {
        later: u64,
    },
}

const CONNECTIONS: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let connection = 0..CONNECTIONS;
    prop_oneof![
        3 => (connection.clone(), 0..40u8, 1..6u64, 0..500u64)
            .prop_map(|(connection, channel, offset, bytes)| Step::Delivered { connection, channel, offset, bytes }),
        6 => (connection.clone(), 0..3u8, 1..500u64)
            .prop_map(|(connection, channel, bytes)| Step::Next { connection, channel, bytes }),
        2 => (connection.clone(), 0..500u64).prop_map(|(connection, bytes)| Step::Other { connection, bytes }),
        2 => connection.clone().prop_map(|connection| Step::Drain { connection }),
        1 => connection.prop_map(|connection| Step::Close { connection }),
        1 => (0..70_000u64).prop_map(|later| Step::Take { later }),
    ]
}

#[derive(Debug, Default)]
struct Sent {
    bytes: BTreeMap<Account, u64>,
    publications: BTreeMap<Account, u64>,
    deliveries: BTreeMap<(Account, ChannelName, u64), u64>,
}

/// Takes the steps, and all that the ledger then tells. Connection 0 is a stranger's; 1 and 2 are one member's.
fn play(steps: &[Step], bounds: Bounds) -> (Sent, Vec<Line>) {
    let ledger = ledger(bounds);
    let account = |connection: usize| match connection {
        0 => Account::Strangers,
        other => Account::Member(member(other / 2)),
    };
    let open = |connection: usize| match connection {
        0 => Tally::new(Arc::clone(&ledger)),
        other => tally(&ledger, other / 2),
    };
    let mut tallies: Vec<Tally> = (0..CONNECTIONS).map(open).collect();
    let mut next: BTreeMap<(usize, u8), u64> = BTreeMap::new();
    let (mut sent, mut lines, mut now) = (Sent::default(), Vec::new(), 0);
    let mut deliver = |tallies: &mut Vec<Tally>, connection: usize, channel: u8, offset: u64, bytes: u64| {
        tallies[connection].delivered(&team(channel), Offset::new(offset), bytes);
        *sent.bytes.entry(account(connection)).or_default() += bytes;
        *sent.publications.entry(account(connection)).or_default() += 1;
        *sent.deliveries.entry((account(connection), team(channel), offset)).or_default() += 1;
    };
    let mut others: BTreeMap<Account, u64> = BTreeMap::new();
    for step in steps {
        match *step {
            Step::Delivered { connection, channel, offset, bytes } => {
                deliver(&mut tallies, connection, channel, offset, bytes);
            }
            Step::Next { connection, channel, bytes } => {
                let offset = next.entry((connection, channel)).or_default();
                *offset += 1;
                deliver(&mut tallies, connection, channel, *offset, bytes);
            }
            Step::Other { connection, bytes } => {
                tallies[connection].other(bytes);
                *others.entry(account(connection)).or_default() += bytes;
            }
            Step::Drain { connection } => tallies[connection].drain(),
            Step::Close { connection } => tallies[connection] = open(connection),
            Step::Take { later } => {
                now += later;
                lines.extend(ledger.take(at(now), Take::Due).iter().flat_map(Batch::lines));
            }
        }
    }
    drop(tallies);
    lines.extend(everything(&ledger, now));
    for (account, bytes) in others {
        *sent.bytes.entry(account).or_default() += bytes;
    }
    (sent, lines)
}

/// What the lines say of each delivery, where they say it exactly.
fn told(lines: &[Line]) -> BTreeMap<(Account, ChannelName, u64), u64> {
    let mut told = BTreeMap::new();
    for line in lines {
        if let Line::Range { channel, first, last, is_coarse: false, accounts, .. } = line {
            for account in accounts {
                for offset in *first..=*last {
                    *told.entry((account.clone(), channel.clone(), offset)).or_default() += 1;
                }
            }
        }
    }
    told
}

fn bounds() -> impl Strategy<Value = Bounds> {
    (0..6usize, 0..12usize, 0..4usize, 0..4usize).prop_map(|(ranges, attributions, spans, accounts)| Bounds {
        ranges,
        attributions,
        spans,
        accounts,
    })
}

proptest! {
    #[test]
    fn what_was_sent_is_told_to_the_byte_however_little_fits(steps in vec(step(), 0..200), bounds in bounds()) {
        let (sent, lines) = play(&steps, bounds);
        let totals = totals(&text(&lines), &Window::default());
        let sum = |sums: &BTreeMap<Account, u64>| sums.values().sum::<u64>();
        let bytes: u64 = totals.accounts.values().map(|total| total.bytes).sum();
        let publications: u64 = totals.accounts.values().map(|total| total.publications).sum();
        prop_assert_eq!(bytes + totals.unattributed.bytes, sum(&sent.bytes));
        prop_assert_eq!(publications + totals.unattributed.publications, sum(&sent.publications));
        prop_assert_eq!(lines.iter().map(Line::total_bytes).sum::<u64>(), sum(&sent.bytes));
        for (account, total) in &totals.accounts {
            prop_assert!(total.bytes <= sent.bytes[account], "no account is told more than it got");
        }
    }

    #[test]
    fn where_all_of_it_fits_each_account_has_its_own_and_each_delivery_is_told(steps in vec(step(), 0..200)) {
        let (sent, lines) = play(&steps, Bounds::default());
        let totals = totals(&text(&lines), &Window::default());
        prop_assert!(totals.unattributed.is_nothing());
        let some = |(_, bytes): &(Account, u64)| *bytes > 0;
        let told_bytes = totals.accounts.iter().map(|(account, total)| (account.clone(), total.bytes));
        let told_bytes: BTreeMap<Account, u64> = told_bytes.filter(some).collect();
        let sent_bytes: BTreeMap<Account, u64> = sent.bytes.into_iter().filter(some).collect();
        prop_assert_eq!(told_bytes, sent_bytes);
        if totals.accounts.values().all(|total| !total.is_coarse) {
            prop_assert_eq!(told(&lines), sent.deliveries);
        }
    }

    #[test]
    fn a_text_that_was_cut_anywhere_lacks_its_last_line_at_most(steps in vec(step(), 0..60), cut in any::<prop::sample::Index>()) {
        let whole = text(&play(&steps, Bounds::default()).1);
        prop_assume!(!whole.is_empty());
        let cut = &whole.as_bytes()[..cut.index(whole.len())];
        let mut lines: Vec<&[u8]> = cut.split_inclusive(|byte| *byte == b'\n').collect();
        let is_torn = lines.last().is_some_and(|line| !line.ends_with(b"\n"));
        let mut torn = Totals::default();
        for line in &lines {
            torn.read(line, &Window::default());
        }
        // All of a line but its end is the line.
        let is_readable = lines.last().is_some_and(|line| Line::from_text(line).is_some());
        if is_torn && !is_readable {
            prop_assert_eq!(torn.unreadable_lines, 1);
            lines.pop();
        } else {
            prop_assert_eq!(torn.unreadable_lines, 0);
        }
        let mut full = Totals::default();
        for line in &lines {
            full.read(line, &Window::default());
        }
        prop_assert_eq!(torn.accounts, full.accounts);
    }
}
