//! What is known elsewhere and looked up for each scrape: the process, the rings, the pages, the store.

use crate::assembly::Node;
use crate::clock;
use crate::metrics::Setup;
use crate::metrics::label::{Book, Each, Label};
use crate::process::Process;
use crate::store::Engine;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Unit;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use storage::Durability;

pub(super) type Level = Gauge<u64, AtomicU64>;
type SecondsGauge = Gauge<f64, AtomicU64>;

/// All gauges that are set when somebody asks.
#[derive(Debug)]
pub(crate) struct Sampled {
    process: ProcessGauges,
    rings: Rings,
    pages: Pages,
    durability: Each<Durability, Level>,
    draining: Level,
    embedded: Option<Embedded>,
    redis: Option<Redis>,
}

impl Sampled {
    pub(crate) fn new(book: &mut Book<'_>, setup: &Setup) -> Self {
        Self {
            process: ProcessGauges::new(book, setup),
            rings: Rings::new(book),
            pages: Pages::new(book),
            durability: book.each(
                "store_durability",
                "1 for what an answered message survives now: synced a power cut, relaxed a crash, volatile nothing",
                None,
            ),
            draining: book.one("draining", "1 while the node takes nothing new because it stops", None),
            embedded: (!setup.on_redis).then(|| Embedded::new(book)),
            redis: setup.on_redis.then(|| Redis::new(book)),
        }
    }

    pub(crate) fn sample(&self, node: &Node) {
        self.process.sample();
        self.rings.sample(node);
        self.pages.sample(node);
        let durability = node.store.history.durability();
        for known in Durability::ALL {
            if let Some(gauge) = self.durability.of(*known) {
                gauge.set((*known == durability).into());
            }
        }
        self.draining.set(node.lifecycle.is_draining().into());
        match &node.store.engine {
            Engine::Embedded(store) => {
                if let Some(embedded) = &self.embedded {
                    embedded.sample(store.statistics());
                }
            }
            Engine::Redis(store) => {
                if let Some(redis) = &self.redis {
                    redis.sample(store.statistics());
                }
            }
        }
    }
}

/// Sets a counter to what was counted elsewhere; counts there never go back.
pub(super) fn copy(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

pub(super) fn set(gauge: &Level, count: usize) {
    gauge.set(u64::try_from(count).unwrap_or(u64::MAX));
}

#[derive(Debug)]
struct ProcessGauges {
    started: Instant,
    uptime: SecondsGauge,
    cpu: Counter<f64, AtomicU64>,
    resident: Level,
    threads: Level,
    descriptors: Level,
}

impl ProcessGauges {
    fn new(book: &mut Book<'_>, setup: &Setup) -> Self {
        let descriptors_max: Level =
            book.one("process_descriptors_max", "Most descriptors that the process may have open", None);
        descriptors_max.set(setup.descriptors_max);
        let connections_max: Level = book.one(
            "connections_per_worker_max",
            "Most connections that a worker takes; further ones wait in the backlog",
            None,
        );
        set(&connections_max, setup.connections_per_worker_max);
        let workers: Level = book.one("workers", "Worker threads", None);
        set(&workers, setup.workers);
        Self {
            started: setup.started,
            uptime: book.one("uptime", "How long the process has been running", Some(Unit::Seconds)),
            cpu: book.one("process_cpu", "Processor time that the process has used", Some(Unit::Seconds)),
            resident: book.one("process_resident_memory", "Memory that the process holds", Some(Unit::Bytes)),
            threads: book.one("process_threads", "Threads of the process", None),
            descriptors: book.one("process_descriptors", "Descriptors that the process has open", None),
        }
    }

    fn sample(&self) {
        let process = Process::now();
        self.uptime.set(clock::now().instant.saturating_duration_since(self.started).as_secs_f64());
        self.cpu.inner().store(process.cpu.as_secs_f64().to_bits(), Ordering::Relaxed);
        for (gauge, value) in [
            (&self.resident, process.resident_bytes),
            (&self.threads, process.threads),
            (&self.descriptors, process.open_descriptors),
        ] {
            if let Some(value) = value {
                gauge.set(value);
            }
        }
    }
}

#[derive(Debug)]
struct Rings {
    bytes: Level,
    budget: Level,
    entries: Level,
    channels: Level,
    readers: Level,
    evicted: Counter,
}

impl Rings {
    fn new(book: &mut Book<'_>) -> Self {
        Self {
            bytes: book.one("rings", "Bytes that rings hold", Some(Unit::Bytes)),
            budget: book.one("rings_max", "Bytes that rings may hold", Some(Unit::Bytes)),
            entries: book.one("ring_entries", "Publications that rings hold", None),
            channels: book.one("channels", "Channels that somebody reads, or read until lately", None),
            readers: book.one("readers", "Readers; a connection is one in each channel that it reads", None),
            evicted: book.one(
                "ring_evictions",
                "Publications that left a ring because all rings together reached their bytes",
                None,
            ),
        }
    }

    fn sample(&self, node: &Node) {
        let occupancy = node.hub.occupancy();
        set(&self.bytes, occupancy.ring_bytes);
        set(&self.budget, occupancy.ring_max_bytes);
        set(&self.entries, occupancy.entries);
        set(&self.channels, occupancy.channels);
        set(&self.readers, occupancy.readers);
        copy(&self.evicted, occupancy.evicted);
    }
}

#[derive(Debug)]
struct Pages {
    read: Counter,
    shared: Counter,
    in_flight: Level,
    waiting: Level,
}

impl Pages {
    fn new(book: &mut Book<'_>) -> Self {
        Self {
            read: book.one(
                "pages_read",
                "Pages that were read from the store for readers that were behind",
                None,
            ),
            shared: book.one(
                "pages_shared",
                "Pages that a reader got from a read that another had begun",
                None,
            ),
            in_flight: book.one("pages_in_flight", "Reads of pages that are with the store", None),
            waiting: book.one("pages_waiting", "Reads of pages that wait for their turn", None),
        }
    }

    fn sample(&self, node: &Node) {
        let statistics = node.pages.statistics();
        copy(&self.read, statistics.read);
        copy(&self.shared, statistics.shared);
        set(&self.in_flight, statistics.in_flight);
        set(&self.waiting, statistics.waiting);
    }
}

impl Label for Durability {
    const NAME: &'static str = "durability";
    const ALL: &'static [Self] = &[Self::Synced, Self::Relaxed, Self::Volatile];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Synced => "synced",
            Self::Relaxed => "relaxed",
            Self::Volatile => "volatile",
        }
        .into()
    }
}

#[derive(Debug)]
struct Embedded {
    transactions: Counter,
    jobs: Counter,
    failures: Counter,
    waiting: Level,
    taking: Level,
    kept: Level,
    kept_max: Level,
}

impl Embedded {
    fn new(book: &mut Book<'_>) -> Self {
        Self {
            transactions: book.one("committer_transactions", "Transactions that are on the disk, one fsync each", None),
            jobs: book.one(
                "committer_jobs",
                "Publishes, commits of records and removals in transactions; by transactions, the size of a group",
                None,
            ),
            failures: book.one("committer_failures", "Transactions that did not come to a good end", None),
            waiting: book.one("committer_waiting_jobs", "Jobs that wait for the committer", None),
            taking: book.one("committer_taking", "1 if messages are taken, 0 after a failed commit", None),
            kept: book.one(
                "store_kept",
                "Bytes of messages that the store keeps, with what each counts for besides",
                Some(Unit::Bytes),
            ),
            kept_max: book.one(
                "store_kept_max",
                "Bytes of messages that the store may keep, or 0 if that is for the disk to say",
                Some(Unit::Bytes),
            ),
        }
    }

    fn sample(&self, statistics: storage_embedded::Statistics) {
        copy(&self.transactions, statistics.transactions);
        copy(&self.jobs, statistics.jobs);
        copy(&self.failures, statistics.failures);
        set(&self.waiting, statistics.waiting);
        self.taking.set(statistics.is_taking.into());
        self.kept.set(statistics.kept_bytes);
        self.kept_max.set(statistics.kept_max_bytes.unwrap_or(0));
    }
}

/// One of the ways to Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Feed,
    Publisher,
}

impl Label for Link {
    const NAME: &'static str = "connection";
    const ALL: &'static [Self] = &[Self::Feed, Self::Publisher];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::Feed => "feed",
            Self::Publisher => "publisher",
        }
        .into()
    }
}

/// One of the pools of connections to Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PoolOf {
    History,
    Records,
}

impl Label for PoolOf {
    const NAME: &'static str = "pool";
    const ALL: &'static [Self] = &[Self::History, Self::Records];

    fn value(self) -> Cow<'static, str> {
        match self {
            Self::History => "history",
            Self::Records => "records",
        }
        .into()
    }
}

#[derive(Debug)]
struct Redis {
    max: Each<PoolOf, Level>,
    open: Each<PoolOf, Level>,
    available: Each<PoolOf, Level>,
    waiting: Each<PoolOf, Level>,
    reconnects: Each<Link, Counter>,
    publishes: Level,
    fit: Level,
}

impl Redis {
    fn new(book: &mut Book<'_>) -> Self {
        Self {
            max: book.each("redis_pool_connections_max", "Most connections of a pool", None),
            open: book.each("redis_pool_connections", "Connections of a pool that are open", None),
            available: book.each("redis_pool_available", "Open connections of a pool that nobody uses", None),
            waiting: book.each("redis_pool_waiting", "Callers that wait for a connection of a pool", None),
            reconnects: book.each(
                "redis_reconnects",
                "Times that a connection was lost and opened anew",
                None,
            ),
            publishes: book.one(
                "redis_publishes_in_flight",
                "Publishes that are with Redis or on their way",
                None,
            ),
            fit: book.one(
                "redis_fit",
                "1 if Redis is trusted with messages; else nothing is published until it is mended",
                None,
            ),
        }
    }

    fn sample(&self, statistics: storage_redis::Statistics) {
        for (pool, of) in
            [(PoolOf::History, statistics.history_pool), (PoolOf::Records, statistics.record_pool)]
        {
            for (gauges, value) in [
                (&self.max, of.max),
                (&self.open, of.open),
                (&self.available, of.available),
                (&self.waiting, of.waiting),
            ] {
                if let Some(gauge) = gauges.of(pool) {
                    set(gauge, value);
                }
            }
        }
        for (link, times) in
            [(Link::Feed, statistics.feed_reconnects), (Link::Publisher, statistics.publisher_reconnects)]
        {
            if let Some(counter) = self.reconnects.of(link) {
                copy(counter, times);
            }
        }
        set(&self.publishes, statistics.publishes_in_flight);
        self.fit.set(statistics.is_fit.into());
    }
}
