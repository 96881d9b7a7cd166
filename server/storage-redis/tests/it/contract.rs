//! What every implementation promises. A restart is a crash of Redis.

use crate::support::options;
use async_trait::async_trait;
use std::sync::{Arc, Mutex};
use storage::contract::{Fixture, Store};
use storage_redis::{RedisStore, test_server::TestRedis};

struct Crashing(Mutex<TestRedis>);

impl Crashing {
    fn new() -> Self {
        Self(Mutex::new(TestRedis::start().unwrap()))
    }

    async fn connect(&self) -> Store {
        let url = self.0.lock().unwrap().url();
        Store::of(Arc::new(RedisStore::connect(&url, options()).await.unwrap()))
    }
}

#[async_trait]
impl Fixture for Crashing {
    async fn open(&self) -> Store {
        self.connect().await
    }

    async fn reopen(&self, store: Store) -> Store {
        drop(store);
        self.0.lock().unwrap().restart().unwrap();
        self.connect().await
    }

    async fn neighbour(&self) -> Option<Store> {
        Some(self.connect().await)
    }

    fn forgets_keys_at_trim(&self) -> bool {
        false
    }
}

storage::contract!(Crashing::new());
