//! Pings, pongs, and patience with slow sockets.

use crate::clock::Timing;
use std::time::{Duration, Instant};

/// Decides when to ping and when a silent peer is gone.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    next_ping: Instant,
    /// Pings that were not answered; a pong without one is a protocol error.
    unanswered: u32,
    pong_due: Option<Instant>,
    /// Since when the socket has something to take and took nothing.
    writing_since: Option<Instant>,
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
        Self {
            next_ping: now + first_ping,
            unanswered: 0,
            pong_due: None,
            writing_since: None,
        }
    }

    pub(crate) fn next_deadline(&self) -> Instant {
        self.pong_due
            .map_or(self.next_ping, |due| due.min(self.next_ping))
    }

    pub(crate) fn pong(&mut self) -> Result<(), UnaskedPong> {
        self.unanswered = self.unanswered.checked_sub(1).ok_or(UnaskedPong)?;
        self.pong_due = None;
        Ok(())
    }

    /// Something was given to the socket.
    pub(crate) fn writing(&mut self, now: Instant) {
        self.writing_since.get_or_insert(now);
    }

    /// The socket took it.
    pub(crate) const fn written(&mut self) {
        self.writing_since = None;
    }

    pub(crate) fn due(&mut self, now: Instant, timing: &Timing) -> Due {
        if let Some(due) = self.pong_due.filter(|due| *due <= now) {
            // Behind data on a slow link a pong comes late: as long as the socket has work, its own patience counts.
            match self.writing_since.map(|since| since + timing.stall_timeout) {
                Some(patience) if patience > now => self.pong_due = Some(patience.max(due)),
                Some(_) | None => return Due::Gone,
            }
        }
        if self.next_ping > now {
            return Due::Nothing;
        }
        self.next_ping = now + timing.ping_interval;
        self.unanswered = self.unanswered.saturating_add(1);
        self.pong_due.get_or_insert(now + timing.pong_timeout);
        Due::Ping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> (Heartbeat, Instant, Timing) {
        #[expect(
            clippy::disallowed_methods,
            reason = "an arbitrary origin; only differences count"
        )]
        let now = Instant::now();
        (
            Heartbeat::new(now, Duration::from_secs(20)),
            now,
            Timing::default(),
        )
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
    fn a_peer_with_something_to_take_has_a_minute_to_take_it() {
        let (mut heartbeat, now, timing) = start();
        heartbeat.due(now + secs(20), &timing);
        heartbeat.writing(now + secs(10));
        assert_ne!(heartbeat.due(now + secs(28), &timing), Due::Gone);
        assert_eq!(heartbeat.due(now + secs(45), &timing), Due::Ping);
        assert_eq!(heartbeat.due(now + secs(70), &timing), Due::Gone);
    }

    #[test]
    fn a_pong_that_nobody_asked_for_is_an_error() {
        let (mut heartbeat, _, _) = start();
        assert_eq!(heartbeat.pong(), Err(UnaskedPong));
    }
}
