//! Time, as it is given to a conversation.

use protocol::Timestamp;
use std::time::{Duration, Instant};

/// The present: one clock that only moves forward, one that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For deadlines.
    pub instant: Instant,
    /// For tokens.
    pub wall: Timestamp,
}

/// Intervals and patience of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long a client may take to say who it is (close 3502).
    pub hello_timeout: Duration,
    /// Between pings.
    pub ping_interval: Duration,
    /// How long a pong may take (close 3012) while nothing waits for the socket.
    pub pong_timeout: Duration,
    /// How long a socket may take nothing while something waits for it (close 3012).
    pub stall_timeout: Duration,
    /// How long a connection outlives its token (close 3005).
    pub expiry_grace: Duration,
    /// Between two tries to read a page from a store that is away.
    pub page_retry: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hello_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(8),
            stall_timeout: Duration::from_mins(1),
            expiry_grace: Duration::from_secs(25),
            page_retry: Duration::from_secs(1),
        }
    }
}
