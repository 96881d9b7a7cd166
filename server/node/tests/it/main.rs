//! The running binary, from outside: real sockets, real stores, real signals.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test from outside reads the clock and shows figures"
)]

mod account;
mod admission;
mod api;
mod audit;
mod bounds;
mod browser;
mod budget;
mod bulletins;
mod campaign_day;
mod client;
mod cluster;
mod complaints;

mod crash;
mod crowd_of_receipts;
mod deferral;
mod egress;
mod hostile;
mod http;
mod incident;
mod incidents;
mod leaving;
mod load;
mod node;
mod notices;
mod oidc;
mod operator;
mod ops;
mod passkeys;
mod people;
mod posture;
mod publishing;
mod push;
mod raw;
mod replies;
mod saturated;
mod scale;
mod service;
mod slow;
mod tidy;
mod tls;
mod transports;
mod trust;
mod watch;
