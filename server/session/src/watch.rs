//! For whoever counts what happens in conversations. Nothing here changes what a conversation does.

use protocol::limits::Limit;
use protocol::{ErrorCode, Request};
use std::fmt::Debug;

/// Is told what happens, on the thread of the conversation: it must only count.
pub trait Watch: Debug + Send + Sync {
    /// A client asked something.
    fn command(&self, request: &Request);
    /// A client was answered with an error.
    fn refused(&self, code: ErrorCode);
    /// Somebody reached a bound.
    fn limit_reached(&self, limit: Limit);
}

/// Nobody counts: for tests, benchmarks and tools.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn command(&self, _: &Request) {}
    fn refused(&self, _: ErrorCode) {}
    fn limit_reached(&self, _: Limit) {}
}
