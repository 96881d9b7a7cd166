//! Notifications to many: at a steady pace, from a node whose memory does not grow with them, and further by another node
//! if the first dies.

use super::device::Device;
use super::local::LocalPush;
use super::sending::{SETUP, Writers, content};
use crate::node::Start;
use crate::service::Service;
use campaign::People;
use campaign::web_push::{Choice, Endpoint, PushAddress, PushHosts, PushKeys};
use futures_util::{StreamExt, TryStreamExt, stream};
use identity::KeySet;
use protocol::{DeviceId, Epoch, MemberId, Role, Timestamp};
use serde_json::json;
use std::collections::HashMap;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use storage::records::device::Device as DeviceRecord;
use storage::records::member::{Member, Standing};
use storage::{Change, Expect, RecordId, RecordKey, RecordKind, Records, Write};
use storage_redis::test_server::TestRedis;

/// As large as any block of numbers that a node takes in this time.
const FIRST_NUMBER: u32 = 1_000_000;
/// Commits of the test that are under way at once.
const AT_ONCE: usize = 512;

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(since.as_millis().try_into().unwrap())
}

fn epochs() -> storage::history::EpochSource {
    Arc::new(|| Epoch::parse("measured").unwrap())
}

/// The keys of a deployment, in its folder.
fn write_keys(folder: &Path) -> KeySet {
    let keys = KeySet::generate().unwrap();
    let mut file = std::fs::OpenOptions::new();
    let mut file = file.write(true).create_new(true).mode(0o600).open(folder.join("keys.json")).unwrap();
    std::io::Write::write_all(&mut file, keys.to_file_text().as_bytes()).unwrap();
    keys
}

/// Members with a device each that is reached at this push service, as they would have come in.
async fn write_members(records: Arc<dyn Records>, keys: &KeySet, members: u32, push: &LocalPush) {
    let people = People::new(Arc::clone(&records), keys, Duration::from_hours(1));
    let local = PushHosts::new(Vec::new(), true).unwrap();
    let device_keys: PushKeys = serde_json::from_value(Device::new(9).keys()).unwrap();
    let all = stream::iter(0..members).map(|number| {
        let (records, people, local, device_keys) = (&records, &people, &local, &device_keys);
        async move {
            let id = MemberId::parse(&format!("m_{number}")).unwrap();
            let device = DeviceId::parse(&format!("d_{number}")).unwrap();
            let member = Member {
                left_at: None,
                id: id.clone(),
                standing: Standing::Active,
                roles: vec![Role::Activist],
                regions: vec!["north".to_owned()],
                teams: vec![],
                joined_at: now(),
                revision: 1,
                generation: 0,
                devices: vec![device.clone()],
                number: Some(FIRST_NUMBER + number),
                personal: None,
            };
            let put = |kind, id: &str, data| Write {
                key: RecordKey { kind, id: RecordId::parse(id).unwrap() },
                expect: Expect::Absent,
                change: Change::Put { data, expires_at: None },
            };
            let signed_in = serde_json::to_vec(&DeviceRecord::new(id.clone(), now())).unwrap();
            let writes = vec![
                put(RecordKind::Member, id.as_str(), serde_json::to_vec(&member).unwrap()),
                put(RecordKind::Device, device.as_str(), signed_in),
            ];
            records.commit(writes, now()).await.unwrap();
            let endpoint = Endpoint::parse(&format!("{}/take/{number}", push.origin), local).unwrap();
            let (keys, choice) = (device_keys.clone(), Choice::default());
            let address = PushAddress { endpoint, keys, choice, since: now() };
            people.keep_push(&id, &device, &address, now()).await
        }
    });
    all.buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.unwrap();
}

/// A deployment on the embedded store with so many phones at a push service.
async fn embedded(members: u32, push: &LocalPush) -> Service {
    let data = tempfile::tempdir().unwrap();
    let keys = write_keys(data.path());
    let options = storage_embedded::OpenOptions::new(epochs());
    let store = Arc::new(storage_embedded::EmbeddedStore::open(data.path(), &options).unwrap());
    write_members(Arc::<storage_embedded::EmbeddedStore>::clone(&store), &keys, members, push).await;
    storage::History::close(&*store).await;
    drop(store);
    Service::started(vec![with_setup(Start::embedded(data.path()))], None, data).await
}

/// Two nodes on one Redis with so many phones at a push service.
async fn on_redis(members: u32, push: &LocalPush) -> Service {
    let data = tempfile::tempdir().unwrap();
    let keys = write_keys(data.path());
    let redis = TestRedis::start().unwrap();
    let options = storage_redis::Options::new(epochs());
    let store = Arc::new(storage_redis::RedisStore::connect(&redis.url(), options).await.unwrap());
    write_members(Arc::<storage_redis::RedisStore>::clone(&store), &keys, members, push).await;
    storage::History::close(&*store).await;
    drop(store);
    let start = || with_setup(Start::on_redis(data.path(), &redis.url()));
    let starts = vec![start(), start()];
    Service::started(starts, Some(redis), data).await
}

fn with_setup(mut start: Start) -> Start {
    start.arguments.extend(SETUP.map(str::to_owned));
    start
}

/// How often each device was told.
fn times(push: &LocalPush) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for received in push.all() {
        *times.entry(received.path).or_default() += 1;
    }
    times
}

async fn until(push: &LocalPush, devices: usize, patience: Duration) {
    let begun = Instant::now();
    while push.count() < devices || times(push).len() < devices {
        assert!(begun.elapsed() < patience, "{} of {devices} were told", times(push).len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[actix_rt::test]
async fn two_nodes_tell_two_thousand_devices_once_each_and_if_one_dies_the_other_goes_on() {
    const DEVICES: usize = 2_000;
    let push = LocalPush::start();
    let mut service = on_redis(2_000, &push).await;
    let mut writers = Writers::of(&mut service, 2_000).await;
    let id = writers.send(content("To all in the north", &json!({}))).await;
    until(&push, DEVICES, Duration::from_mins(2)).await;
    assert!(times(&push).values().all(|times| *times == 1), "once, whichever node told it");
    writers.ana.at = service.two();
    let counts = writers.until_counted(&id, "pushed", 2_000).await;
    assert_eq!(counts["pushed"]["total"], json!(DEVICES));

    let told = push.count();
    writers.send(content("And once more", &json!({}))).await;
    while push.count() < told + 300 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Whichever is at it.
    service.nodes.remove(0).kill();
    let begun = Instant::now();
    while times(&push).values().any(|times| *times < 2) {
        assert!(begun.elapsed() < Duration::from_mins(3), "{} in all", push.count());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let again = push.count() - 2 * DEVICES;
    assert!(again <= 256, "at most one page is told again, under the same topic: {again}");
}

/// `cargo test --release -p node --test it -- --ignored --nocapture a_hundred_thousand_devices`
#[actix_rt::test]
#[ignore = "a measurement"]
async fn a_hundred_thousand_devices_are_told_at_a_steady_pace_by_a_node_that_does_not_grow() {
    measured(100_000).await;
}

/// The same, for a build without optimization: `cargo test -p node --test it -- --ignored --nocapture ten_thousand_devices`
#[actix_rt::test]
#[ignore = "a measurement"]
async fn ten_thousand_devices_are_told_at_a_steady_pace_by_a_node_that_does_not_grow() {
    measured(10_000).await;
}

/// What the store keeps in memory of its file, once all has been read (`FILE_CACHE_MAX_BYTES`), and a little.
const FIRST_GROWTH_MAX_BYTES: usize = 96 * 1_048_576;
/// What a further bulletin to the same may add.
const GROWTH_MAX_BYTES: usize = 16 * 1_048_576;

async fn measured(devices: u32) {
    let push = LocalPush::start();
    let mut service = embedded(devices, &push).await;
    let mut writers = Writers::of(&mut service, u64::from(devices)).await;
    let before = service.nodes[0].resident_bytes();
    let first = told(&mut writers, &service, &push, devices).await;
    let second = told(&mut writers, &service, &push, devices).await;
    assert!(times(&push).values().all(|times| *times == 2), "each of them of both");
    let mib = |bytes: usize| bytes / 1_048_576;
    eprintln!("{} MiB before, {} MiB at most, {} MiB the second time", mib(before), mib(first), mib(second));
    assert!(first < before + FIRST_GROWTH_MAX_BYTES && second < first + GROWTH_MAX_BYTES, "memory grew");
}

/// Tells all of a bulletin, and says how it went. Answers the most memory that the node had meanwhile.
async fn told(writers: &mut Writers, service: &Service, push: &LocalPush, devices: u32) -> usize {
    let (before, begun) = (push.count(), Instant::now());
    let id = writers.send(content("To all in the north", &json!({}))).await;
    let (mut most, mut paces, mut last) = (0, Vec::new(), 0);
    while last < usize::try_from(devices).unwrap() {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let count = push.count() - before;
        paces.push((count - last) / 5);
        last = count;
        most = most.max(service.nodes[0].resident_bytes());
        assert!(begun.elapsed() < Duration::from_mins(10), "{count}");
    }
    let took = begun.elapsed();
    let first = push.all().iter().skip(before).map(|received| received.at).min().unwrap() - begun;
    // The first and the last were not whole.
    let steady = paces.get(1..paces.len() - 1).unwrap_or_default();
    writers.until_counted(&id, "pushed", u64::from(devices)).await;
    eprintln!(
        "{devices} devices in {took:.1?}, the first after {first:.1?}; a second {} to {}",
        steady.iter().min().unwrap_or(&0),
        steady.iter().max().unwrap_or(&0),
    );
    most
}
