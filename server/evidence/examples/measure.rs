//! Measures what the account costs: a delivery, a drain, and taking and wording a second of it.
//!
//! `cargo run --release -p evidence --example measure`

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has no result")]

use evidence::egress::{Bounds, Ledger, Take, Tally};
use protocol::{ChannelName, MemberId, Offset, Timestamp};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CONNECTIONS: u32 = 100_000;
const DELIVERIES: u32 = 200;
const ROUNDS: u32 = 5;

fn each(took: Duration, count: u32) -> String {
    format!("{:.1} ns", took.as_secs_f64() * 1e9 / f64::from(count))
}

fn main() {
    let ledger = Arc::new(Ledger::new(Bounds::default(), Timestamp::default()));
    let channels = [ChannelName::bulletins_all(), ChannelName::team("leaflets").unwrap()];
    let mut tallies: Vec<Tally> = (0..CONNECTIONS)
        .map(|n| {
            let mut tally = Tally::new(Arc::clone(&ledger));
            tally.identify(MemberId::parse(&format!("m_{n:022}")).unwrap());
            tally
        })
        .collect();
    for round in 0..ROUNDS {
        let first = u64::from(round * DELIVERIES);
        for (name, in_use) in [("one channel", 1), ("two channels in turn", 2)] {
            let tally = tallies.first_mut().unwrap();
            let begin = Instant::now();
            for n in 0..10_000_000_u64 {
                let channel = channels.get(usize::try_from(n).unwrap() % in_use).unwrap();
                tally.delivered(black_box(channel), Offset::new(n / u64::try_from(in_use).unwrap()), 300);
            }
            println!("a delivery, {name}: {}", each(begin.elapsed(), 10_000_000));
            tally.drain();
        }
        drop(ledger.take(Timestamp::default(), Take::Everything));
        for n in 0..u64::from(DELIVERIES) {
            for tally in &mut tallies {
                tally.delivered(channels.first().unwrap(), Offset::new(first + n), 300);
                tally.other(2);
            }
        }
        let begin = Instant::now();
        for tally in &mut tallies {
            tally.drain();
        }
        println!("a drain of {CONNECTIONS}, each: {}", each(begin.elapsed(), CONNECTIONS));
        let begin = Instant::now();
        let batch = ledger.take(Timestamp::default(), Take::Everything).unwrap();
        println!("taking it: {:?}", begin.elapsed());
        let begin = Instant::now();
        let (lines, bytes) =
            batch.lines().fold((0, 0), |(lines, bytes), line| (lines + 1, bytes + line.to_text().len()));
        println!("wording it: {:?}, {lines} lines, {bytes} bytes", begin.elapsed());
    }
}
