//! Waiting for sockets until a time, to the microsecond.

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

/// What `Poll` counts in, and it waits longer rather than shorter: what is due in a tenth of this would be nine tenths late,
/// and whatever is measured from then with it.
const TICK: Duration = Duration::from_millis(1);

/// A timer that wakes a poll.
#[derive(Debug)]
pub(super) struct Alarm(OwnedFd);

impl Alarm {
    /// The token of its events. They say only that it is time.
    pub(super) const TOKEN: Token = Token(usize::MAX - 1);

    pub(super) fn new(poll: &Poll) -> io::Result<Self> {
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        poll.registry().register(&mut SourceFd(&timer.as_raw_fd()), Self::TOKEN, Interest::READABLE)?;
        Ok(Self(timer))
    }

    /// Waits until a socket has something, or about so long: what is left then is less than a tick, and the next wait is
    /// exact.
    pub(super) fn poll(&self, poll: &mut Poll, events: &mut Events, long: Duration) -> io::Result<()> {
        let whole = Duration::from_millis(u64::try_from(long.as_millis()).unwrap_or(u64::MAX));
        if whole >= TICK || long.is_zero() {
            return poll.poll(events, Some(whole));
        }
        let at = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec { tv_sec: 0, tv_nsec: long.subsec_nanos().into() },
        };
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &at)?;
        poll.poll(events, Some(TICK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_a_tick_is_waited_for_by_the_timer() {
        let mut poll = Poll::new().unwrap();
        let alarm = Alarm::new(&poll).unwrap();
        let mut events = Events::with_capacity(4);
        // The timer says so each time, though nobody reads what it says.
        for _ in 0..3 {
            alarm.poll(&mut poll, &mut events, Duration::from_micros(10)).unwrap();
            assert_eq!(events.iter().map(mio::event::Event::token).collect::<Vec<_>>(), [Alarm::TOKEN]);
        }
        alarm.poll(&mut poll, &mut events, Duration::ZERO).unwrap();
        assert!(events.is_empty());
    }
}
