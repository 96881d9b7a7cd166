//! The running binary, from outside: real sockets, real stores, real signals.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test from outside reads the clock and shows figures"
)]

mod account;
mod admission;
mod bounds;
mod browser;
mod client;
mod cluster;
mod crash;
mod deferral;
mod egress;
mod hostile;
mod http;
mod incident;
mod load;
mod node;
mod operator;
mod ops;
mod people;
mod posture;
mod publishing;
mod raw;
mod saturated;
mod scale;
mod slow;
mod tidy;
mod tls;
