//! How fast one connection may ask: a bucket of credit, which is counted in time.

use protocol::limits::{
    REFUSALS_IN_A_ROW_MAX, REQUESTS_BURST_MAX, REQUESTS_MAX_PER_SECOND, REQUESTS_PAUSE_SECONDS,
};
use std::time::{Duration, Instant};

/// What one request costs; as much comes back in as much time.
const COST: Duration = match Duration::from_secs(1).checked_div(REQUESTS_MAX_PER_SECOND) {
    Some(cost) => cost,
    None => Duration::MAX,
};
/// What is there after a quiet time.
const FULL: Duration = COST.saturating_mul(REQUESTS_BURST_MAX);
/// What must be there again before anything is taken.
const PAUSE: Duration = Duration::from_secs(REQUESTS_PAUSE_SECONDS);

/// Decides which requests are taken.
#[derive(Debug)]
pub(crate) struct RequestRate {
    /// When the credit is full again: a compact way to say how much is missing now.
    full_at: Instant,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The credit ran out; so many requests were refused since.
    Paused(u32),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not now (error 111).
    Refused,
    /// It is done.
    Taken,
    /// Refused too often: whoever asks does not listen (close 3013).
    TooOften,
}

impl RequestRate {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { full_at: now, state: State::Open }
    }

    /// Counts a request.
    pub(crate) fn take(&mut self, now: Instant) -> Verdict {
        let credit = FULL.saturating_sub(self.full_at.saturating_duration_since(now));
        match self.state {
            State::Open if credit >= COST => {}
            State::Open => return self.refuse(1),
            State::Paused(_) if credit >= PAUSE => {}
            State::Paused(REFUSALS_IN_A_ROW_MAX..) => return Verdict::TooOften,
            State::Paused(refused) => return self.refuse(refused.saturating_add(1)),
        }
        self.state = State::Open;
        self.full_at = self.full_at.max(now) + COST;
        Verdict::Taken
    }

    const fn refuse(&mut self, refused: u32) -> Verdict {
        self.state = State::Paused(refused);
        Verdict::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start() -> (RequestRate, Instant) {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        let now = Instant::now();
        (RequestRate::new(now), now)
    }

    fn use_up(rate: &mut RequestRate, now: Instant) {
        for n in 0..REQUESTS_BURST_MAX {
            assert_eq!(rate.take(now), Verdict::Taken, "{n}");
        }
    }

    #[test]
    fn a_burst_is_taken_and_no_more_at_once() {
        let (mut rate, now) = start();
        use_up(&mut rate, now);
        assert_eq!(rate.take(now), Verdict::Refused);
    }

    #[test]
    fn after_the_burst_nothing_is_taken_for_the_pause_and_then_what_it_brought() {
        let (mut rate, now) = start();
        use_up(&mut rate, now);
        assert_eq!(rate.take(now), Verdict::Refused);
        assert_eq!(rate.take(now + PAUSE.saturating_sub(Duration::from_nanos(1))), Verdict::Refused);
        for n in 0..REQUESTS_MAX_PER_SECOND {
            assert_eq!(rate.take(now + PAUSE), Verdict::Taken, "{n}");
        }
        assert_eq!(rate.take(now + PAUSE), Verdict::Refused);
    }

    #[test]
    fn who_asks_on_while_refused_is_closed_at_the_bound_and_who_waits_is_not() {
        let (mut rate, now) = start();
        use_up(&mut rate, now);
        for n in 0..REFUSALS_IN_A_ROW_MAX {
            assert_eq!(rate.take(now), Verdict::Refused, "{n}");
        }
        assert_eq!(rate.take(now), Verdict::TooOften);
        let (mut rate, now) = start();
        use_up(&mut rate, now);
        for _ in 0..REFUSALS_IN_A_ROW_MAX {
            rate.take(now);
        }
        assert_eq!(rate.take(now + PAUSE), Verdict::Taken);
        use_up_after(&mut rate, now + PAUSE);
        assert_eq!(rate.take(now + PAUSE), Verdict::Refused, "the count began again");
    }

    /// What is left after the pause but one.
    fn use_up_after(rate: &mut RequestRate, now: Instant) {
        for _ in 1..REQUESTS_MAX_PER_SECOND {
            assert_eq!(rate.take(now), Verdict::Taken);
        }
    }

    /// Times between requests, in microseconds: crowds, trickles and quiet times.
    fn gaps() -> impl Strategy<Value = Vec<u64>> {
        let gap = prop_oneof![8 => 0u64..200, 4 => 200u64..8_000, 1 => 8_000u64..2_000_000];
        prop::collection::vec(gap, 0..2_500)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn in_no_span_of_time_more_is_taken_than_a_burst_and_the_rate(gaps in gaps(), from in 0usize..2_500) {
            let (mut rate, mut now) = start();
            let mut taken = Vec::new();
            for gap in gaps {
                now += Duration::from_micros(gap);
                if rate.take(now) == Verdict::Taken {
                    taken.push(now);
                }
            }
            if let Some(first) = taken.get(from) {
                let span = *taken.last().unwrap() - *first;
                let count = u32::try_from(taken.len() - from).unwrap();
                prop_assert!(COST * count <= FULL + span + COST, "{count} in {span:?}");
            }
        }

        #[test]
        fn who_keeps_to_the_rate_is_never_refused(extra in prop::collection::vec(0u64..20_000, 0..1_500)) {
            let (mut rate, mut now) = start();
            for micros in extra {
                now += COST + Duration::from_micros(micros);
                prop_assert_eq!(rate.take(now), Verdict::Taken);
            }
        }

        #[test]
        fn behind_a_refusal_nothing_is_taken_before_the_pause_is_over(gaps in gaps()) {
            let (mut rate, mut now) = start();
            let mut refused_at = None;
            for gap in gaps {
                now += Duration::from_micros(gap);
                match (rate.take(now), refused_at) {
                    (Verdict::Taken, Some(since)) => {
                        // What was left of the credit, less than one request, shortens it.
                        prop_assert!(now - since + COST >= PAUSE);
                        refused_at = None;
                    }
                    (Verdict::Taken, None) => {}
                    (Verdict::Refused | Verdict::TooOften, since) => refused_at = since.or(Some(now)),
                }
            }
        }

        #[test]
        fn a_clock_that_stands_still_or_goes_back_gives_no_credit(back in prop::collection::vec(0u64..1_000, 0..100)) {
            let (mut rate, now) = start();
            let later = now + Duration::from_secs(1);
            use_up(&mut rate, later);
            prop_assert_eq!(rate.take(later), Verdict::Refused);
            for millis in back {
                prop_assert_eq!(rate.take(later.checked_sub(Duration::from_millis(millis)).unwrap()), Verdict::Refused);
            }
        }
    }
}
