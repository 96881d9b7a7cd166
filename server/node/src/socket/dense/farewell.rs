//! How a connection leaves whose conversation is over.

use crate::socket::connection::CLOSE_PATIENCE;
use std::time::Instant;

/// What is still waited for. A peer that was told why gets time to read it: were the socket closed while something of the
/// peer's is unread, TCP would throw away what is on its way there.
#[derive(Debug)]
pub(super) struct Farewell {
    /// The peer has to answer our close.
    awaits_close: bool,
    until: Instant,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaves {
    /// It was patient enough: what the peer did not take is not kept for it.
    Cut,
    Now,
    Later,
}

impl Farewell {
    pub(super) fn new(awaits_close: bool, now: Instant) -> Self {
        Self { awaits_close, until: now + CLOSE_PATIENCE }
    }

    pub(super) const fn until(&self) -> Instant {
        self.until
    }

    pub(super) const fn awaits_close(&self) -> bool {
        self.awaits_close
    }

    /// The peer has closed its side.
    pub(super) const fn heard_close(&mut self) {
        self.awaits_close = false;
    }

    /// Judges: `all_written` if nothing waits for the kernel.
    pub(super) fn look(&mut self, now: Instant, all_written: bool) -> Leaves {
        if self.awaits_close && self.until <= now {
            self.awaits_close = false;
            self.until = now + CLOSE_PATIENCE;
        }
        if self.awaits_close {
            Leaves::Later
        } else if all_written {
            Leaves::Now
        } else if self.until <= now {
            Leaves::Cut
        } else {
            Leaves::Later
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(awaits_close: bool) -> (Farewell, Instant) {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let now = Instant::now();
        (Farewell::new(awaits_close, now), now)
    }

    #[test]
    fn who_answered_the_close_and_took_all_leaves_at_once() {
        let (mut farewell, now) = start(true);
        assert_eq!(farewell.look(now, true), Leaves::Later);
        farewell.heard_close();
        assert_eq!(farewell.look(now, false), Leaves::Later);
        assert_eq!(farewell.look(now, true), Leaves::Now);
    }

    #[test]
    fn who_does_not_answer_is_waited_for_a_while_and_who_takes_nothing_as_long_again() {
        let (mut farewell, now) = start(true);
        assert_eq!(farewell.look(now + CLOSE_PATIENCE, true), Leaves::Now);
        let (mut farewell, now) = start(true);
        assert_eq!(farewell.look(now + CLOSE_PATIENCE, false), Leaves::Later);
        assert_eq!(farewell.look(now + CLOSE_PATIENCE * 2, false), Leaves::Cut);
    }

    #[test]
    fn whom_nobody_waits_for_leaves_with_what_was_written() {
        let (mut farewell, now) = start(false);
        assert_eq!(farewell.look(now, true), Leaves::Now);
    }
}
