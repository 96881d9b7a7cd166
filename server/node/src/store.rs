//! Which store a node has, and what it can say of itself.

mod measured;

use crate::clock;
use crate::config::Config;
use crate::metrics::Metrics;
use anyhow::Context;
use measured::{MeasuredHistory, MeasuredRecords};
use std::sync::Arc;
use storage::history::EpochSource;
use storage::{Durability, History, Peers, Records};
use storage_embedded::EmbeddedStore;
use storage_redis::RedisStore;

/// The sides of the port; all belong to one store. What reads and writes is measured.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) history: Arc<dyn History>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) peers: Arc<dyn Peers>,
    pub(crate) engine: Engine,
}

/// The store itself, to be asked how it is.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Embedded(Arc<EmbeddedStore>),
    Redis(Arc<RedisStore>),
}

/// Opens the embedded store, or connects to Redis.
pub(crate) async fn open(config: &Config, metrics: &Arc<Metrics>) -> anyhow::Result<Store> {
    clock::fresh_epoch()?;
    match &config.redis {
        None => {
            let mut options = storage_embedded::OpenOptions::new(epochs());
            options.kept_max_bytes = config.storage_max();
            let store = Arc::new(EmbeddedStore::open(&config.data, &options)?);
            Ok(measured(&store, metrics, Engine::Embedded(Arc::clone(&store))))
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
            let store = Arc::new(store);
            Ok(measured(&store, metrics, Engine::Redis(Arc::clone(&store))))
        }
    }
}

fn measured<S: History + Records + Peers + 'static>(
    store: &Arc<S>,
    metrics: &Arc<Metrics>,
    engine: Engine,
) -> Store {
    Store {
        history: Arc::new(MeasuredHistory::new(store.clone(), Arc::clone(metrics))),
        records: Arc::new(MeasuredRecords::new(store.clone(), Arc::clone(metrics))),
        peers: store.clone(),
        engine,
    }
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
