//! When a connection has kept the node waiting too long: decided from what was written and what waits, nothing else.

use std::time::{Duration, Instant};

protocol::limits! {
    /// How long a connection may be quiet between its requests, or in the middle of one; then it is closed. The head of
    /// its first request has a shorter time.
    pub(crate) const REQUESTS_QUIET_MAX: Duration = Duration::from_secs(10) => unseen;
    /// How long a connection may go on after the answer that was to be its last, of which all was written.
    pub(crate) const LAST_ANSWER_PATIENCE: Duration = Duration::from_secs(1) => unseen;
}

/// What a connection is for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Requests, or nothing for now.
    Requests,
    /// A request is here and being handled: the time it takes is ours, not the peer's.
    Handling,
    /// The answer under way is the last; requests behind it are not answered (RFC 9112 §9.6).
    LastAnswer,
    /// A conversation, which has its own patience.
    Upgraded,
}

/// How a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    pub(super) phase: Phase,
    /// Bytes that the kernel took.
    pub(super) written: u64,
    /// Whether it takes no more for now.
    pub(super) write_waits: bool,
}

impl Sight {
    /// Whether it may stay so for ever; then there is nothing to watch until that changes.
    pub(super) const fn is_patient(&self) -> bool {
        !self.write_waits && matches!(self.phase, Phase::Handling | Phase::Upgraded)
    }
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Cut,
    Keep,
}

/// Watches one connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Watchdog {
    since: Option<(Instant, Sight)>,
    /// What the peer's TCP had acknowledged when half of the patience with a waiting write was over.
    acknowledged: Option<u64>,
}

impl Watchdog {
    /// Looks at a connection. `acknowledged` asks the kernel, which costs something: twice in `stall_timeout` at most.
    pub(super) fn look(
        &mut self,
        now: Instant,
        sight: Sight,
        stall_timeout: Duration,
        acknowledged: impl FnOnce() -> u64,
    ) -> Verdict {
        let Some((since, _)) = self.since.filter(|(_, before)| *before == sight) else {
            *self = Self { since: Some((now, sight)), acknowledged: None };
            return Verdict::Keep;
        };
        let quiet = now.saturating_duration_since(since);
        let is_over = match (sight.write_waits, sight.phase) {
            (true, _) => return self.stalled(quiet, stall_timeout, acknowledged),
            (false, Phase::Requests) => quiet >= REQUESTS_QUIET_MAX,
            (false, Phase::LastAnswer) => quiet >= LAST_ANSWER_PATIENCE,
            (false, Phase::Handling | Phase::Upgraded) => false,
        };
        if is_over { Verdict::Cut } else { Verdict::Keep }
    }

    /// A write waits and the kernel took nothing: whether the peer took nothing either.
    fn stalled(
        &mut self,
        quiet: Duration,
        stall_timeout: Duration,
        acknowledged: impl FnOnce() -> u64,
    ) -> Verdict {
        match self.acknowledged {
            None if quiet >= stall_timeout / 2 => self.acknowledged = Some(acknowledged()),
            Some(then) if quiet >= stall_timeout => {
                if acknowledged() == then {
                    return Verdict::Cut;
                }
                *self = Self::default();
            }
            None | Some(_) => {}
        }
        Verdict::Keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALL: Duration = Duration::from_mins(1);

    /// The second in which a connection is cut that shows `sight` each second, and acknowledged `acknowledged` then.
    fn cut_at(sight: impl Fn(u64) -> Sight, acknowledged: impl Fn(u64) -> u64) -> Option<u64> {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let start = Instant::now();
        let mut watchdog = Watchdog::default();
        (0..600).find(|second| {
            let now = start + Duration::from_secs(*second);
            watchdog.look(now, sight(*second), STALL, || acknowledged(*second)) == Verdict::Cut
        })
    }

    const fn sight(phase: Phase, written: u64, write_waits: bool) -> Sight {
        Sight { phase, written, write_waits }
    }

    #[test]
    fn who_asks_nothing_more_is_closed_and_who_asks_on_is_not() {
        assert_eq!(cut_at(|_| sight(Phase::Requests, 100, false), |_| 0), Some(10));
        assert_eq!(cut_at(|second| sight(Phase::Requests, second / 9, false), |_| 0), None);
    }

    #[test]
    fn the_last_answer_has_a_second_to_be_read() {
        assert_eq!(cut_at(|second| sight(Phase::LastAnswer, second.min(5), false), |_| 0), Some(6));
    }

    #[test]
    fn a_conversation_may_be_silent() {
        assert_eq!(cut_at(|_| sight(Phase::Upgraded, 100, false), |_| 0), None);
    }

    #[test]
    fn who_waits_for_our_answer_is_not_cut_and_has_the_whole_time_after_it() {
        let phase = |second| if (9..60).contains(&second) { Phase::Handling } else { Phase::Requests };
        assert_eq!(cut_at(|second| sight(phase(second), 100, false), |_| 0), Some(70));
    }

    #[test]
    fn who_takes_nothing_for_the_patience_is_cut_whatever_it_is() {
        for phase in [Phase::Requests, Phase::Handling, Phase::LastAnswer, Phase::Upgraded] {
            assert_eq!(cut_at(|_| sight(phase, 100, true), |_| 7), Some(60));
        }
    }

    #[test]
    fn who_takes_a_byte_in_that_time_is_not() {
        assert_eq!(cut_at(|_| sight(Phase::Upgraded, 100, true), |second| second / 25), None);
    }
}
