//! Pings, pongs, and patience with slow sockets: a peer that takes a byte within a minute is not cut for being slow,
//! and one that took everything and does not answer is gone.

use crate::clock::Timing;
use crate::effect::Progress;
use std::time::{Duration, Instant};

/// Between two looks at a peer whose pong is late, at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Having been given no more than this since its last pong, a peer that took it all had nothing to read before the ping.
const GIVEN_LITTLE_BYTES: u32 = 1024;

/// A look that comes so much too late is put off by as much: while we did nothing, the pong may have come.
pub(crate) const OWN_DELAY: Duration = Duration::from_secs(1);

/// Decides when to ping and when a silent peer is gone.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    next_ping: Instant,
    /// Pings that were not answered; a pong without one is a protocol error.
    unanswered: u32,
    /// Has memory of its own while a peer has to answer, which is seldom.
    late: Option<Box<Late>>,
    /// Bytes that were given to the socket and that the peer did not show by a pong to have read.
    given_bytes: u32,
    /// Those of them that were given after the last ping: the pong to it does not speak of them.
    given_after_ping_bytes: u32,
}

/// A ping that was not answered yet.
#[derive(Debug)]
struct Late {
    look_at: Instant,
    /// When the oldest such ping was sent, or bytes were last seen to arrive since.
    moved_at: Instant,
    /// What the peer's TCP had acknowledged at the last look.
    acknowledged: Option<u64>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Look,
    Nothing,
    Ping,
}

/// A pong that answers nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnaskedPong;

/// The peer is not there, or does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

impl Heartbeat {
    pub(crate) fn new(now: Instant, first_ping: Duration) -> Self {
        Self {
            next_ping: now + first_ping,
            unanswered: 0,
            late: None,
            given_bytes: 0,
            given_after_ping_bytes: 0,
        }
    }

    pub(crate) fn next_deadline(&self) -> Instant {
        self.late.as_ref().map_or(self.next_ping, |late| late.look_at.min(self.next_ping))
    }

    pub(crate) fn pong(&mut self) -> Result<(), UnaskedPong> {
        self.unanswered = self.unanswered.checked_sub(1).ok_or(UnaskedPong)?;
        self.late = None;
        if self.unanswered == 0 {
            self.given_bytes = self.given_after_ping_bytes;
        }
        Ok(())
    }

    /// So much was given to the socket.
    pub(crate) fn gave(&mut self, bytes: usize) {
        // More than little is all that is asked of it.
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.given_bytes = self.given_bytes.saturating_add(bytes);
        self.given_after_ping_bytes = self.given_after_ping_bytes.saturating_add(bytes);
    }

    pub(crate) fn due(&mut self, now: Instant, timing: &Timing) -> Due {
        if let Some(late) = self.late.as_mut().filter(|late| late.look_at <= now) {
            if now.saturating_duration_since(late.look_at) >= OWN_DELAY {
                late.look_at = now + OWN_DELAY;
                return Due::Nothing;
            }
            late.look_at = now + LOOK_EVERY.min(timing.stall_timeout);
            return Due::Look;
        }
        if self.next_ping > now {
            return Due::Nothing;
        }
        self.next_ping = now + timing.ping_interval;
        self.unanswered = self.unanswered.saturating_add(1);
        self.given_after_ping_bytes = 0;
        self.late.get_or_insert_with(|| {
            Box::new(Late { look_at: now + timing.pong_timeout, moved_at: now, acknowledged: None })
        });
        Due::Ping
    }

    /// Judges what a look at the peer's TCP showed; `None` if nothing can be seen there.
    pub(crate) fn looked(
        &mut self,
        progress: Option<Progress>,
        now: Instant,
        timing: &Timing,
    ) -> Result<(), Gone> {
        let Some(late) = &mut self.late else { return Ok(()) };
        let (acknowledged, outstanding) =
            progress.map_or((None, true), |seen| (Some(seen.acknowledged), seen.outstanding > 0));
        let is_first = late.acknowledged.is_none();
        // What arrived before the first look cannot be told from what arrived after the ping: in doubt for the peer.
        let had_much = is_first && self.given_bytes > GIVEN_LITTLE_BYTES;
        if (acknowledged > late.acknowledged && !is_first) || (had_much && acknowledged.is_some()) {
            late.moved_at = now;
        }
        late.acknowledged = late.acknowledged.max(acknowledged);
        let patience = if outstanding { timing.stall_timeout } else { timing.pong_timeout };
        let gone_at = late.moved_at + patience;
        if gone_at <= now {
            return Err(Gone);
        }
        late.look_at = gone_at.min(now + LOOK_EVERY.min(timing.pong_timeout));
        Ok(())
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

    #[expect(clippy::unnecessary_wraps, reason = "what a look may show")]
    const fn seen(acknowledged: u64, outstanding: u64) -> Option<Progress> {
        Some(Progress { acknowledged, outstanding })
    }

    /// When a peer is given up that shows `progress` at each look, in seconds after the start.
    fn gone_at(given: usize, mut progress: impl FnMut(u64) -> Option<Progress>) -> Option<u64> {
        let (mut heartbeat, start, timing) = start();
        heartbeat.gave(given);
        for second in 0..600 {
            let now = start + secs(second);
            while heartbeat.next_deadline() <= now {
                if heartbeat.due(now, &timing) == Due::Look
                    && heartbeat.looked(progress(second), now, &timing).is_err()
                {
                    return Some(second);
                }
            }
        }
        None
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
    fn an_idle_peer_that_took_the_ping_and_does_not_answer_is_gone() {
        assert_eq!(gone_at(3, |_| seen(1_000, 0)), Some(28));
    }

    #[test]
    fn a_peer_that_took_much_and_all_of_it_has_time_to_answer_after_it() {
        assert_eq!(gone_at(usize::try_from(GIVEN_LITTLE_BYTES).unwrap() + 1, |_| seen(100_000, 0)), Some(36));
    }

    #[test]
    fn a_pong_does_not_speak_of_what_was_given_after_its_ping() {
        let (mut heartbeat, start, timing) = start();
        assert_eq!(heartbeat.due(start + secs(20), &timing), Due::Ping);
        heartbeat.gave(16_000);
        // Slow as the peer is, the pong comes shortly before the next ping, and it still reads what came behind the first.
        heartbeat.pong().unwrap();
        assert_eq!(heartbeat.due(start + secs(45), &timing), Due::Ping);
        assert_eq!(heartbeat.due(start + secs(53), &timing), Due::Look);
        assert_eq!(heartbeat.looked(seen(100_000, 0), start + secs(53), &timing), Ok(()));
        heartbeat.pong().unwrap();
        // Now it has read everything.
        assert_eq!(heartbeat.due(start + secs(70), &timing), Due::Ping);
        assert_eq!(heartbeat.due(start + secs(78), &timing), Due::Look);
        assert_eq!(heartbeat.looked(seen(100_000, 0), start + secs(78), &timing), Err(Gone));
    }

    #[test]
    fn a_peer_that_takes_a_byte_now_and_then_is_never_cut() {
        assert_eq!(gone_at(100_000, |second| seen(second / 55, 90_000)), None);
    }

    #[test]
    fn a_peer_that_takes_nothing_for_a_minute_is_gone() {
        assert_eq!(gone_at(3, |_| seen(5_000, 3)), Some(80));
        assert_eq!(gone_at(100_000, |second| seen(second.min(100), 90_000)), Some(163));
    }

    #[test]
    fn where_nothing_can_be_seen_a_minute_is_the_patience() {
        assert_eq!(gone_at(3, |_| None), Some(80));
    }

    #[test]
    fn a_node_that_did_nothing_for_a_while_reads_before_it_judges() {
        let (mut heartbeat, now, timing) = start();
        assert_eq!(heartbeat.due(now + secs(20), &timing), Due::Ping);
        assert_eq!(heartbeat.due(now + secs(40), &timing), Due::Nothing);
        assert_eq!(heartbeat.next_deadline(), now + secs(41));
        assert_eq!(heartbeat.due(now + secs(41), &timing), Due::Look);
        assert_eq!(heartbeat.looked(seen(1_000, 0), now + secs(41), &timing), Err(Gone));
    }

    #[test]
    fn a_pong_that_nobody_asked_for_is_an_error() {
        let (mut heartbeat, _, _) = start();
        assert_eq!(heartbeat.pong(), Err(UnaskedPong));
    }
}
