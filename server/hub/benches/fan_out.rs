//! What a publication costs on its way through the hub: appended once, read by each reader.
#![expect(clippy::unwrap_used, reason = "a benchmark stops where a test would")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use hub::{Bell, Cursor, Hub, Membership, Next};
use parking_lot::Mutex;
use protocol::{ChannelName, Encoding, Epoch, Offset, Payload, Publication, StreamPosition, Timestamp};
use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// Publications that are delivered in one measurement.
const BATCH: u64 = 1_000;

/// Leaves a note, as the workers of the server do.
#[derive(Debug, Default)]
struct Note(Mutex<HashSet<ChannelName>>);

impl Bell for Note {
    fn ring(&self, channel: &ChannelName) {
        let mut news = self.0.lock();
        if !news.contains(channel) {
            news.insert(channel.clone());
        }
    }
}

/// A hub with one channel, the place of the next publication, and a payload.
struct Fan {
    hub: Hub,
    name: ChannelName,
    epoch: Epoch,
    next: Offset,
    data: Payload,
    readers: Vec<(Membership, Cursor)>,
}

impl Fan {
    fn new(readers: usize, bells: usize, payload_bytes: usize, ring_max_bytes: usize) -> Self {
        let hub = Hub::new(ring_max_bytes);
        let name = ChannelName::bulletins_all();
        let epoch = Epoch::parse("a").unwrap();
        let top = StreamPosition { epoch: epoch.clone(), offset: Offset::ZERO };
        let bells: Vec<Arc<dyn Bell>> =
            (0..bells).map(|_| -> Arc<dyn Bell> { Arc::new(Note::default()) }).collect();
        let memberships: Vec<Membership> =
            (0..readers).zip(bells.iter().cycle()).map(|(_, bell)| hub.join(&name, bell)).collect();
        hub.anchor(&name, top.clone());
        let readers = memberships.into_iter().map(|membership| (membership, Cursor::after(&top))).collect();
        let data = Payload::from_value(&"x".repeat(payload_bytes)).unwrap();
        Self { hub, name, epoch, next: top.offset.next(), data, readers }
    }

    fn publication(&mut self) -> Arc<Publication> {
        let offset = self.next;
        self.next = offset.next();
        let (data, time) = (self.data.clone(), Timestamp::from_millis(1_800_000_000_000));
        Arc::new(Publication { data, info: None, offset, time, key: None })
    }

    fn deliver(&mut self, count: u64) {
        for _ in 0..count {
            let publication = self.publication();
            self.hub.deliver(&self.name, &self.epoch, &publication);
        }
    }

    /// Every reader takes what there is and its frames, as the writer of a connection does.
    fn read(&mut self) {
        for (membership, cursor) in &mut self.readers {
            let mut entries = Vec::new();
            membership.read(cursor, 64 * 1024, &mut entries);
            for entry in &entries {
                black_box(entry.frame(&self.name, Encoding::Json).clone());
            }
        }
    }
}

fn append(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deliver");
    group.throughput(Throughput::Elements(BATCH));
    for bells in [0, 1, 2] {
        group.bench_function(BenchmarkId::new("bells", bells), |bencher| {
            bencher.iter_batched_ref(
                || {
                    // A hub keeps a channel that was read; without readers there is no bell to ring.
                    let mut fan = Fan::new(bells.max(1), bells.max(1), 128, usize::MAX);
                    if bells == 0 {
                        fan.readers.clear();
                    }
                    let publications: Vec<_> = (0..BATCH).map(|_| fan.publication()).collect();
                    (fan, publications)
                },
                |(fan, publications)| {
                    for publication in publications {
                        fan.hub.deliver(&fan.name, &fan.epoch, publication);
                    }
                },
                BatchSize::LargeInput,
            );
        });
    }
    group.bench_function("evicting one each", |bencher| {
        bencher.iter_batched_ref(
            || {
                let mut fan = Fan::new(1, 1, 128, 256 * 1024);
                fan.deliver(BATCH);
                let publications: Vec<_> = (0..BATCH).map(|_| fan.publication()).collect();
                (fan, publications)
            },
            |(fan, publications)| {
                for publication in publications {
                    fan.hub.deliver(&fan.name, &fan.epoch, publication);
                }
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn fan_out(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deliver and read");
    for (readers, pending) in [(1, 1), (100, 1), (10_000, 1), (100, 16), (10_000, 16)] {
        group.throughput(Throughput::Elements(readers * pending));
        let name = format!("{readers} readers, {pending} pending");
        let mut fan = Fan::new(usize::try_from(readers).unwrap(), 2, 128, 1 << 20);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                fan.deliver(pending);
                fan.read();
            });
        });
    }
    group.finish();
}

fn no_news(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    let mut fan = Fan::new(1, 1, 128, 256 * 1024);
    fan.deliver(10 * BATCH);
    let (membership, behind) = fan.readers.pop().unwrap();
    let mut at_top = Cursor::after(&membership.top().unwrap());
    for (name, cursor, found) in
        [("caught up", &mut at_top, Next::CaughtUp), ("lagging", &mut behind.clone(), Next::Lagged)]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(membership.read(cursor, 64 * 1024, &mut Vec::new()), found));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args();
    append(&mut criterion);
    fan_out(&mut criterion);
    no_news(&mut criterion);
    criterion.final_summary();
}
