//! The bytes on the heap that a conversation keeps while nothing happens. Deterministic: one run says it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops where a test would, and says its figures"
)]

mod talk;

use protocol::Encoding;
use session::{Output, Session};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use talk::Crowd;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Conversations over which the figure is a mean.
const MANY: usize = 1_000;

/// What each conversation keeps; `settle` is what all of them go through before it is counted.
fn kept(
    crowd: &mut Crowd,
    begin: impl Fn(&mut Crowd) -> Session,
    settle: impl Fn(&mut Crowd, &mut [Session]),
) -> usize {
    let mut sessions = Vec::with_capacity(MANY);
    // What comes with the first is not counted to anyone.
    let mut first = [begin(crowd)];
    settle(crowd, &mut first);
    let region = Region::new(COUNTING);
    sessions.extend((0..MANY).map(|_| begin(crowd)));
    settle(crowd, &mut sessions);
    let change = region.change();
    change.bytes_allocated.saturating_sub(change.bytes_deallocated) / MANY
}

/// Bulletins come and are read.
fn read_some(crowd: &mut Crowd, sessions: &mut [Session]) {
    crowd.deliver(16);
    let now = crowd.now();
    let mut output = Output::default();
    for session in sessions {
        session.take_output(8 * 1024, now, &mut crowd.effects, &mut output);
        assert_eq!(output.frames.len(), 16);
    }
}

fn main() {
    println!("in place: {} bytes", size_of::<Session>());
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let mut crowd = Crowd::new(encoding);
        let waiting = kept(&mut crowd, |crowd| crowd.unidentified(), |_, _| {});
        let connected = kept(&mut crowd, Crowd::connected, |_, _| {});
        let has_read = kept(&mut crowd, Crowd::connected, read_some);
        println!(
            "{encoding:?}: {waiting} bytes before connect, {connected} in two channels, {has_read} after 16 bulletins"
        );
    }
}
