//! How long it takes to take the receipts of a hundred thousand members, and to have them as records.
#![expect(clippy::unwrap_used, reason = "a benchmark ends where it cannot go on")]

use campaign::audience::MemberNumber;
use campaign::receipts::{Chunk, Receipts, Stage};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const MEMBERS: u32 = 1_000_000;
const TOLD: u32 = 100_000;

fn taking(criterion: &mut Criterion) {
    let audience = Receipts::of((0..MEMBERS).collect());
    let numbers: Vec<u32> =
        (0..TOLD).map(|n| u32::try_from(u64::from(n) * 999_983 % u64::from(MEMBERS)).unwrap()).collect();
    criterion.bench_function("100,000 receipts in three stages, of an audience of a million", |bencher| {
        let take = |mut receipts: Receipts| {
            for stage in [Stage::Written, Stage::Received, Stage::Acknowledged] {
                for number in &numbers {
                    receipts.take(MemberNumber(*number), stage);
                }
            }
            receipts
        };
        bencher.iter_batched(|| audience.clone(), take, BatchSize::LargeInput);
    });
    let mut taken = audience.clone();
    for number in &numbers {
        taken.take(MemberNumber(*number), Stage::Acknowledged);
    }
    criterion.bench_function("their records, written, read and united", |bencher| {
        bencher.iter(|| {
            let mut bytes = 0;
            for key in taken.changes() {
                let chunk = taken.chunk(key);
                let record = chunk.to_bytes();
                bytes += record.len();
                black_box(chunk.united(&Chunk::from_bytes(key, &record).unwrap()));
            }
            bytes
        });
    });
    criterion.bench_function("who is not reached, of a million", |bencher| {
        bencher.iter(|| black_box(taken.missing(Stage::Acknowledged).len()));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = taking
}
criterion_main!(benches);
