//! Measures the store on this machine's disk: publishes by one and by many, and opening again.
//!
//! `cargo run --release -p storage-embedded --example measure -- FOLDER`

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has no result")]

use protocol::{ChannelName, Epoch, IdempotencyKey, Lane, Payload, Timestamp};
use std::sync::Arc;
use std::time::Instant;
use storage::{Draft, History};
use storage_embedded::{EmbeddedStore, OpenOptions};
use tokio::task::JoinSet;

async fn publish(store: &Arc<EmbeddedStore>, tasks: usize, total: usize, round: &str) {
    let begin = Instant::now();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let (store, round) = (Arc::clone(store), round.to_owned());
        running.spawn(async move {
            for n in 0..total / tasks {
                let draft = Draft {
                    channel: ChannelName::team(&format!("t{}", task % 16)).unwrap(),
                    data: Payload::from_value(&"x".repeat(510)).unwrap(),
                    sender: None,
                    key: IdempotencyKey::parse(&format!("{round}/{task}/{n}")).unwrap(),
                    at: Timestamp::from_millis(u64::try_from(n).unwrap()),
                    lane: Lane::Normal,
                };
                store.publish(draft).await.unwrap();
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    let elapsed = begin.elapsed();
    let per_second = u128::try_from(total).unwrap() * 1_000_000 / elapsed.as_micros().max(1);
    println!("{tasks:5} publishers, {total} messages of 512 bytes: {per_second} messages/s");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let epoch = || Epoch::parse(&format!("{:?}", std::process::id())).unwrap();
    let options = OpenOptions::new(Arc::new(epoch));
    let store = Arc::new(EmbeddedStore::open(folder.as_ref(), &options).unwrap());
    publish(&store, 1, 2_000, "one").await;
    publish(&store, 64, 64_000, "some").await;
    publish(&store, 1_024, 512_000, "many").await;
    store.close().await;
    drop(store);
    let begin = Instant::now();
    drop(EmbeddedStore::open(folder.as_ref(), &options).unwrap());
    println!("opened again, every page checked: {:?}", begin.elapsed());
}
