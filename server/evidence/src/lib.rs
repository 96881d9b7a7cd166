//! What left the deployment, and to whom, and what was done to it: values that can be shown to someone else.
//!
//! No file, no clock: `node` writes what this crate words, and hands in the time.

pub mod account;
pub mod audit;
pub mod chain;
pub mod egress;
pub mod incident;
pub mod tail;

pub use account::Account;
