//! When each connection is closed by a node that goes away. SDKs come back within a second of their close, so it is
//! the closes that are spread.

use protocol::ClientId;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// Fewer closes a second than this trouble nobody: a node with few connections does not take its time.
const CLOSES_PER_SECOND: u32 = 1_000;

/// The plan of one drain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Drain {
    began: Instant,
    spread: Duration,
}

impl Drain {
    /// A drain that begins `now` with so many connections and takes at most `max_spread` to close them.
    pub(crate) fn begin(now: Instant, connections: usize, max_spread: Duration) -> Self {
        let connections = u32::try_from(connections).unwrap_or(u32::MAX);
        let at_most = Duration::from_secs(u64::from(connections / CLOSES_PER_SECOND))
            + Duration::from_secs(1) * (connections % CLOSES_PER_SECOND) / CLOSES_PER_SECOND;
        Self { began: now, spread: at_most.min(max_spread) }
    }

    /// When the connection is closed: its id, which is random, decides.
    pub(crate) fn closes_at(&self, client: &ClientId) -> Instant {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        let part = u32::try_from(hasher.finish() % 10_000).unwrap_or(0);
        self.began + self.spread * part / 10_000
    }

    /// How long it takes until the last is closed.
    pub(crate) const fn spread(&self) -> Duration {
        self.spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(connections: usize) -> Drain {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Drain::begin(Instant::now(), connections, Duration::from_secs(10))
    }

    #[test]
    fn closes_are_spread_over_the_whole_time_and_not_beyond() {
        let drain = drain(15_000);
        assert_eq!(drain.spread(), Duration::from_secs(10));
        let mut seconds = [0; 10];
        for n in 0..15_000 {
            let at = drain.closes_at(&ClientId::new(&format!("client-{n}"))) - drain.began;
            seconds[usize::try_from(at.as_secs()).unwrap()] += 1;
        }
        assert!(seconds.iter().all(|closes| (1_300..1_700).contains(closes)), "{seconds:?}");
    }

    #[test]
    fn a_node_with_few_connections_is_soon_gone() {
        assert_eq!(drain(0).spread(), Duration::ZERO);
        assert_eq!(drain(20).spread(), Duration::from_millis(20));
    }
}
