//! What the roll of a million members takes: the bytes on the heap, counted, beside what it says itself. Deterministic but
//! for the time: one run says it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark stops where a test would, reads a clock and says its figures"
)]

use campaign::audience::Roll;
use protocol::{MemberId, Role, Timestamp};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::time::Instant;
use storage::records::member::{Member, Standing};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MEMBERS: u32 = 1_000_000;
const REGIONS: u32 = 50;
const TEAMS: u32 = 2_000;

/// Scattered, so that no set is a run of numbers: the worst for it.
const fn scatter(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_761) >> 7
}

/// With an id as long as those that are made.
fn member(number: u32) -> Member {
    let mixed = scatter(number);
    Member {
        id: MemberId::parse(&format!("m_{number:022}")).unwrap(),
        standing: Standing::Active,
        roles: vec![Role::Activist],
        regions: vec![format!("region{}", mixed % REGIONS)],
        teams: vec![format!("team{}", (mixed >> 3) % TEAMS)],
        joined_at: Timestamp::default(),
        left_at: None,
        revision: 1,
        generation: 0,
        devices: Vec::new(),
        number: Some(number),
        personal: None,
    }
}

fn main() {
    let region = Region::new(COUNTING);
    let begun = Instant::now();
    let mut roll = Roll::new();
    for number in 0..MEMBERS {
        roll.put(&member(number));
    }
    roll.pack();
    let took = begun.elapsed();
    let change = region.change();
    let counted = change.bytes_allocated.saturating_sub(change.bytes_deallocated);
    let said = roll.bytes();
    let each = |bytes: usize| bytes / usize::try_from(MEMBERS).unwrap();
    println!("{MEMBERS} members are put in {} ms", took.as_millis());
    println!("counted: {counted} bytes, {} a member", each(counted));
    println!("said:    {said} bytes, {} a member", each(said));
}
