//! Pings, pongs, and patience with slow sockets.

use crate::clock::Timing;
use std::time::{Duration, Instant};

/// Having been given more than this, a peer on a slow link (2 KB/s, with the default patience) may be unable to answer
/// in time, because its pong comes behind it.
const GIVEN_MUCH_BYTES: usize = 16 * 1024;

/// Decides when to ping and when a silent peer is gone.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    next_ping: Instant,
    /// Pings that were not answered; a pong without one is a protocol error.
    unanswered: u32,
    pong_due: Option<Instant>,
    /// When the oldest ping that was not answered was sent.
    asked_at: Option<Instant>,
    /// Bytes that were given to the socket since the peer last answered a ping.
    given_bytes: usize,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Gone,
    Nothing,
    Ping,
}

/// A pong that answers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnaskedPong;

impl Heartbeat {
    pub(crate) fn new(now: Instant, first_ping: Duration) -> Self {
        Self { next_ping: now + first_ping, unanswered: 0, pong_due: None, asked_at: None, given_bytes: 0 }
    }

    pub(crate) fn next_deadline(&self) -> Instant {
        self.pong_due.map_or(self.next_ping, |due| due.min(self.next_ping))
    }

    pub(crate) fn pong(&mut self) -> Result<(), UnaskedPong> {
        self.unanswered = self.unanswered.checked_sub(1).ok_or(UnaskedPong)?;
        self.pong_due = None;
        self.asked_at = None;
        self.given_bytes = 0;
        Ok(())
    }

    /// So much was given to the socket.
    pub(crate) const fn gave(&mut self, bytes: usize) {
        self.given_bytes = self.given_bytes.saturating_add(bytes);
    }

    pub(crate) fn due(&mut self, now: Instant, timing: &Timing) -> Due {
        if self.pong_due.is_some_and(|due| due <= now) {
            // On a slow link a ping and its pong come behind the data that was given before them.
            match self
                .asked_at
                .filter(|_| self.given_bytes > GIVEN_MUCH_BYTES)
                .map(|asked| asked + timing.stall_timeout)
            {
                Some(patience) if patience > now => self.pong_due = Some(patience),
                Some(_) | None => return Due::Gone,
            }
        }
        if self.next_ping > now {
            return Due::Nothing;
        }
        self.next_ping = now + timing.ping_interval;
        self.unanswered = self.unanswered.saturating_add(1);
        self.pong_due.get_or_insert(now + timing.pong_timeout);
        self.asked_at.get_or_insert(now);
        Due::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (Heartbeat, Instant, Timing) {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let now = Instant::now();
        (Heartbeat::new(now, Duration::from_secs(20)), now, Timing::default())
    }

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn an_answered_ping_is_followed_by_the_next() {
        let (mut heartbeat, now, timing) = start();
        assert_eq!(heartbeat.due(now + secs(19), &timing), Due::Nothing);
        assert_eq!(heartbeat.due(now + secs(20), &timing), Due::Ping);
        assert_eq!(heartbeat.next_deadline(), now + secs(28));
        heartbeat.pong().unwrap();
        assert_eq!(heartbeat.next_deadline(), now + secs(45));
        assert_eq!(heartbeat.due(now + secs(45), &timing), Due::Ping);
    }

    #[test]
    fn an_idle_peer_that_does_not_answer_is_gone() {
        let (mut heartbeat, now, timing) = start();
        heartbeat.due(now + secs(20), &timing);
        assert_eq!(heartbeat.due(now + secs(28), &timing), Due::Gone);
    }

    #[test]
    fn a_peer_that_was_given_much_has_a_minute_to_answer_behind_it() {
        let (mut heartbeat, now, timing) = start();
        heartbeat.gave(GIVEN_MUCH_BYTES + 1);
        heartbeat.due(now + secs(20), &timing);
        assert_eq!(heartbeat.due(now + secs(28), &timing), Due::Nothing);
        assert_eq!(heartbeat.due(now + secs(45), &timing), Due::Ping);
        assert_eq!(heartbeat.due(now + secs(79), &timing), Due::Ping);
        assert_eq!(heartbeat.due(now + secs(80), &timing), Due::Gone);
    }

    #[test]
    fn a_pong_that_nobody_asked_for_is_an_error() {
        let (mut heartbeat, _, _) = start();
        assert_eq!(heartbeat.pong(), Err(UnaskedPong));
    }
}
