//! The memory store keeps the contract.

use super::MemoryStore;
use crate::contract::{Fixture, Store};
use async_trait::async_trait;
use parking_lot::Mutex;
use protocol::Epoch;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

struct InMemory(Mutex<MemoryStore>);

impl InMemory {
    fn new() -> Self {
        let count = AtomicU64::new(0);
        let fresh_epoch = move || Epoch::parse(&format!("epoch-{}", count.fetch_add(1, Ordering::Relaxed)));
        let store = MemoryStore::new(Arc::new(move || fresh_epoch().unwrap()));
        Self(Mutex::new(store))
    }
}

#[async_trait]
impl Fixture for InMemory {
    async fn open(&self) -> Store {
        Store::of(Arc::new(self.0.lock().clone()))
    }

    async fn reopen(&self, store: Store) -> Store {
        drop(store);
        let mut current = self.0.lock();
        *current = current.reopened();
        Store::of(Arc::new(current.clone()))
    }
}

crate::contract!(InMemory::new());
