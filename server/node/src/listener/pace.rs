//! Acceptance after a start: those who come back all at once are let in one after the other, so that each who is in
//! is served well. Nobody is refused; the kernel and this queue hold who waits.

use crate::clock;
use parking_lot::Mutex;
use std::time::{Duration, Instant};

protocol::limits! {
    /// How long after a start acceptance is paced; afterwards nobody waits.
    pub(crate) const PACED_FOR: Duration = Duration::from_mins(1) => shown "holdfast_connections_opened";
}

/// Gives each connection its time.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    until: Instant,
    next: Instant,
}

impl Pace {
    /// So many connections a second for the first minute from `now`.
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        let interval = Duration::from_secs(1).checked_div(per_second).unwrap_or_default();
        Self { interval, until: now + PACED_FOR, next: now }
    }

    /// When a connection that comes `now` goes on; nothing if it does at once.
    pub(crate) fn turn(&mut self, now: Instant) -> Option<Instant> {
        // Whoever would have to wait longer goes on when the minute is over, not before those who came first.
        let turn = self.next.min(self.until).max(now);
        self.next = turn + self.interval;
        (turn > now).then_some(turn)
    }
}

/// The paces of a listener: strangers do not take the turns of those who show a ticket.
#[derive(Debug)]
pub(crate) struct Paces {
    members: Mutex<Pace>,
    strangers: Mutex<Pace>,
}

impl Paces {
    /// So many a second of each.
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        let pace = || Mutex::new(Pace::new(per_second, now));
        Self { members: pace(), strangers: pace() }
    }

    /// Waits for the turn of somebody with a ticket.
    pub(crate) async fn members(&self) {
        Self::wait(&self.members).await;
    }

    /// Waits for the turn of somebody without.
    pub(crate) async fn strangers(&self) {
        Self::wait(&self.strangers).await;
    }

    async fn wait(pace: &Mutex<Pace>) {
        let turn = pace.lock().turn(clock::now().instant);
        if let Some(turn) = turn {
            tokio::time::sleep_until(turn.into()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Instant::now()
    }

    #[test]
    fn a_crowd_after_a_start_is_let_in_one_after_the_other() {
        let now = origin();
        let mut pace = Pace::new(1_000, now);
        let turns: Vec<_> = (0..5_000).map(|_| pace.turn(now).map_or(now, |turn| turn) - now).collect();
        assert_eq!(turns[0], Duration::ZERO);
        assert_eq!(turns[4_999], Duration::from_millis(4_999));
        assert!(turns.is_sorted());
    }

    #[test]
    fn who_comes_slower_than_the_pace_does_not_wait_and_nothing_is_saved_up() {
        let start = origin();
        let mut pace = Pace::new(10, start);
        for second in 0..30 {
            assert_eq!(pace.turn(start + Duration::from_secs(second)), None);
        }
        let late = start + Duration::from_secs(30);
        assert_eq!(pace.turn(late), None);
        assert_eq!(pace.turn(late), Some(late + Duration::from_millis(100)));
    }

    #[test]
    fn who_does_not_fit_into_the_minute_waits_for_its_end() {
        let now = origin();
        let mut pace = Pace::new(1, now);
        let turns: Vec<_> = (0..200).map(|_| pace.turn(now).map_or(now, |turn| turn) - now).collect();
        assert!(turns.is_sorted());
        assert_eq!(turns[199], PACED_FOR);
    }

    #[test]
    fn after_a_minute_nobody_waits() {
        let start = origin();
        let mut pace = Pace::new(1, start);
        for _ in 0..200 {
            pace.turn(start);
        }
        assert_eq!(pace.turn(start + PACED_FOR), None);
        assert_eq!(pace.turn(start + PACED_FOR), None);
    }
}
