//! The store against a real `redis-server`: the contract, and what only a Redis that fails can show.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail as tests do")]

mod contract;
mod feed;
mod fence;
mod fitness;
mod outage;
mod peers;
mod repair;
mod silence;
mod startup;
mod support;
mod trim;
