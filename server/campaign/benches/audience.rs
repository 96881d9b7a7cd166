//! How long it takes to count an audience among a million members.
#![expect(clippy::unwrap_used, reason = "a benchmark ends where it cannot go on")]

use campaign::audience::{Audience, Index, Label, MemberNumber, Traits};
use criterion::{Criterion, criterion_group, criterion_main};
use protocol::Role;
use std::hint::black_box;

const MEMBERS: u32 = 1_000_000;
const REGIONS: u32 = 50;
const TEAMS: u32 = 2_000;

/// Scattered, so that no set is a run of numbers: the worst for it.
const fn scatter(number: u32) -> u32 {
    number.wrapping_mul(2_654_435_761) >> 7
}

fn label(kind: &str, number: u32) -> Label {
    Label::parse(&format!("{kind}{number}")).unwrap()
}

fn index() -> Index {
    let regions: Vec<Label> = (0..REGIONS).map(|number| label("region", number)).collect();
    let teams: Vec<Label> = (0..TEAMS).map(|number| label("team", number)).collect();
    let pick = |labels: &[Label], number: u32| {
        labels.get(usize::try_from(number).unwrap() % labels.len()).unwrap().clone()
    };
    let mut index = Index::new();
    for number in 0..MEMBERS {
        let mixed = scatter(number);
        let roles =
            if mixed.is_multiple_of(100) { vec![Role::Activist, Role::Sender] } else { vec![Role::Activist] };
        let traits =
            Traits { regions: vec![pick(&regions, mixed)], teams: vec![pick(&teams, mixed >> 3)], roles };
        index.put(MemberNumber(number), &traits);
    }
    index.pack();
    index
}

fn counting(criterion: &mut Criterion) {
    let index = index();
    let half = Audience {
        regions: (0..REGIONS / 2).map(|number| label("region", number)).collect(),
        ..Audience::default()
    };
    let many = Audience {
        regions: (0..32).map(|number| label("region", number)).collect(),
        teams: (0..32).map(|number| label("team", number)).collect(),
        roles: [Role::Sender, Role::Activist].into(),
        not_reached: None,
    };
    let senders = Audience { roles: [Role::Sender].into(), ..half.clone() };
    for (name, audience) in [
        ("everybody", Audience::everybody()),
        ("25 of 50 regions", half),
        ("32 regions, 32 teams, 2 roles", many),
        ("senders in 25 regions", senders),
    ] {
        criterion.bench_function(&format!("count a million: {name}"), |bencher| {
            bencher.iter(|| black_box(index.count(black_box(&audience))));
        });
    }
    let everybody = index.who(&Audience::everybody());
    criterion.bench_function("a million by region", |bencher| {
        bencher.iter(|| black_box(index.by_region(black_box(&everybody))));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = counting
}
criterion_main!(benches);
