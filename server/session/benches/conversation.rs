//! What a conversation costs: to let someone in, to take a message, to give what is new.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where a test would")]

mod talk;

use criterion::{BenchmarkId, Criterion, Throughput};
use protocol::rpc::{Placed, PublishStatus};
use protocol::{Encoding, Lane};
use session::{Answer, Effect, Output};
use std::hint::black_box;
use std::time::Duration;
use talk::{Crowd, WALL, at};

const ENCODINGS: [(Encoding, &str); 2] = [(Encoding::Json, "json"), (Encoding::Protobuf, "protobuf")];

fn connect(criterion: &mut Criterion) {
    let mut crowd = Crowd::new(Encoding::Json);
    let tokens = crowd.tokens.clone();
    let token = crowd.token.clone();
    criterion.bench_function("verify a token", |bencher| {
        bencher.iter(|| tokens.verify(black_box(&token), WALL).unwrap());
    });
    criterion.bench_function("connect and read one channel", |bencher| {
        bencher.iter_with_large_drop(|| crowd.connected());
    });
}

fn publish(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("take a message, store it, answer");
    for bytes in [128, 2 * 1024, 16 * 1024] {
        let mut crowd = Crowd::new(Encoding::Json);
        let mut session = crowd.connected();
        let mut output = Output::default();
        let text = "x".repeat(bytes - 64);
        let frame = format!(
            r#"{{"id":7,"publish":{{"channel":"bulletins:all","data":{{"id":"0b7e6a52","texts":{{"en":"{text}"}}}}}}}}"#
        );
        group.throughput(Throughput::Bytes(u64::try_from(bytes).unwrap()));
        group.bench_function(BenchmarkId::from_parameter(bytes), |bencher| {
            bencher.iter(|| {
                // Slower than the rate that is allowed.
                crowd.elapsed += Duration::from_millis(6);
                let now = crowd.now();
                session.handle_frame(frame.as_bytes(), now, &mut crowd.effects);
                let Some(Effect::Publish(order)) = crowd.effects.pop_front() else { panic!("an order") };
                let result = Ok(Placed {
                    status: PublishStatus::Ok,
                    position: at(11),
                    lane: Lane::Normal,
                    credit: 64,
                });
                let answer = Answer::Published { id: order.id, via: order.via, result };
                session.handle_answer(answer, now, &mut crowd.effects);
                session.take_output(8 * 1024, now, &mut crowd.effects, &mut output);
                assert_eq!(output.frames.len(), 1);
            });
        });
    }
    group.finish();
}

fn take_output(criterion: &mut Criterion) {
    const READERS: u64 = 100;
    let mut group = criterion.benchmark_group("take output");
    for (encoding, name) in ENCODINGS {
        let mut crowd = Crowd::new(encoding);
        let mut sessions: Vec<_> = (0..READERS).map(|_| crowd.connected()).collect();
        let (mut output, mut joined) = (Output::default(), Vec::new());
        for pending in [0, 1, 16] {
            group.throughput(Throughput::Elements(READERS * u64::max(pending, 1)));
            group.bench_function(format!("{name}, {READERS} readers, {pending} waiting each"), |bencher| {
                bencher.iter(|| {
                    crowd.deliver(pending);
                    let now = crowd.now();
                    for session in &mut sessions {
                        session.take_output(8 * 1024, now, &mut crowd.effects, &mut output);
                        assert_eq!(u64::try_from(output.frames.len()).unwrap(), pending);
                        joined.clear();
                        encoding.join_into(&output.frames, &mut joined);
                        black_box(&joined);
                    }
                });
            });
        }
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    connect(&mut criterion);
    publish(&mut criterion);
    take_output(&mut criterion);
    criterion.final_summary();
}
