//! Which store a node has.

use crate::clock;
use crate::config::Config;
use anyhow::Context;
use std::sync::Arc;
use storage::history::EpochSource;
use storage::{Durability, History, Records};
use storage_embedded::EmbeddedStore;
use storage_redis::RedisStore;

/// The two halves of the port; both belong to one store.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) history: Arc<dyn History>,
    pub(crate) records: Arc<dyn Records>,
}

/// Opens the embedded store, or connects to Redis.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Store> {
    clock::fresh_epoch()?;
    match &config.redis {
        None => {
            let options = storage_embedded::OpenOptions::new(epochs());
            let store = EmbeddedStore::open(&config.data, &options)?;
            Ok(both(store))
        }
        Some(url) => {
            let mut options = storage_redis::Options::new(epochs());
            options.accept_volatile = config.accept_volatile;
            let store = RedisStore::connect(url.reveal(), options)
                .await
                .context("the Redis of --redis cannot be used")?;
            tracing::info!(redis = store.summary(), "connected to Redis");
            if store.durability() != Durability::Synced {
                tracing::warn!(
                    "this Redis may lose accepted messages in a power cut: set `appendfsync always`; \
                     until then messages are answered `accepted`, not `ok`"
                );
            }
            Ok(both(store))
        }
    }
}

fn both<S: History + Records + 'static>(store: S) -> Store {
    let store = Arc::new(store);
    Store { history: store.clone(), records: store }
}

/// Fresh epochs. The system's randomness was tried at the start; should it fail later, there is no safe way on: an
/// epoch that repeats would tell clients that a lost history is theirs.
fn epochs() -> EpochSource {
    Arc::new(|| {
        clock::fresh_epoch().unwrap_or_else(|error| {
            tracing::error!(%error, "no epoch can be made; stopping before anything is told wrong");
            std::process::abort()
        })
    })
}
