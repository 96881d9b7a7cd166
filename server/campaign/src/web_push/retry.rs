//! What the answer of a push service means, and when to try again: by its own advice, or longer each time, at times at which
//! what waits for one device comes together.

use protocol::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

protocol::limits! {
    /// How long it is waited before the first repetition; each further one waits four times as long.
    pub const RETRY_FIRST: Duration = Duration::from_secs(15) => unseen;
    /// Longest wait before a repetition, also by a push service's own advice.
    pub const RETRY_MAX: Duration = Duration::from_hours(1) => unseen;
    /// Failures of one push service in a row after which it is left alone for a while.
    pub const FAILURES_MAX: u32 = 5 => shown "holdfast_push_answers";
    /// Longest time for which a push service is left alone; then it is tried again.
    pub const PAUSE_MAX: Duration = Duration::from_mins(5) => unseen;
    /// Push services that a node remembers the failures of; then it begins anew.
    pub const SERVICES_MAX: usize = 256 => unseen;
}

/// Repetitions come at multiples of this, so that several for one device meet and become one.
const SLOT: Duration = Duration::from_secs(5);
/// How long a push service is left alone at first.
const PAUSE_FIRST: Duration = Duration::from_secs(2);

/// What a push service answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It has no such device any more.
    Gone,
    /// It failed, or did not answer; with its advice.
    Failed(Option<Duration>),
    /// It will never take this.
    Refused,
    /// It took it.
    Taken,
    /// It takes no more for now; with its advice.
    Throttled(Option<Duration>),
}

impl Answer {
    /// What a status means (RFC 8030 §8.4, §5). `retry_after` is in seconds; a date is passed over.
    pub fn of(status: u16, retry_after: Option<&str>) -> Self {
        let advice = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let advice = advice.map(|advice| advice.min(RETRY_MAX));
        match status {
            200..=299 => Self::Taken,
            404 | 410 => Self::Gone,
            429 => Self::Throttled(advice),
            408 | 500..=599 => Self::Failed(advice),
            _ => Self::Refused,
        }
    }
}

/// When to try again after so many tries. `jitter` is any number that is the same for one device each time.
pub fn retry_at(now: Timestamp, tries: u32, advice: Option<Duration>, jitter: u64) -> Timestamp {
    let wait = RETRY_FIRST.saturating_mul(4_u32.saturating_pow(tries.min(8))).min(RETRY_MAX);
    let wait = match advice {
        // The first time it is taken at its word; then it is asked less often than it says.
        Some(advice) if tries == 0 => advice,
        Some(advice) => advice.max(wait),
        None => wait,
    };
    at_slot(now.after(wait), jitter)
}

/// The first time from then on at which what waits for a device comes together.
pub fn at_slot(from: Timestamp, jitter: u64) -> Timestamp {
    let slot = u64::try_from(SLOT.as_millis()).unwrap_or(u64::MAX);
    let begun = from.as_millis().div_ceil(slot).saturating_mul(slot);
    Timestamp::from_millis(begun.saturating_add(jitter % slot))
}

/// Which push services fail, and are left alone.
#[derive(Debug, Default)]
pub struct Services(HashMap<String, Service>);

#[derive(Debug, Default)]
struct Service {
    failures: u32,
    pauses: u32,
    paused_until: Timestamp,
}

impl Services {
    /// Until when a service is left alone, if it is.
    pub fn paused_until(&self, host: &str, now: Timestamp) -> Option<Timestamp> {
        self.0.get(host).map(|service| service.paused_until).filter(|until| *until > now)
    }

    /// A service answered.
    pub fn answered(&mut self, host: &str, answer: Answer, now: Timestamp) {
        let advice = match answer {
            Answer::Failed(advice) | Answer::Throttled(advice) => advice,
            Answer::Gone | Answer::Refused | Answer::Taken => {
                self.0.remove(host);
                return;
            }
        };
        if self.0.len() >= SERVICES_MAX && !self.0.contains_key(host) {
            self.0.clear();
        }
        let service = self.0.entry(host.to_owned()).or_default();
        service.failures = service.failures.saturating_add(1);
        if service.failures >= FAILURES_MAX && service.paused_until <= now {
            let pause = PAUSE_FIRST.saturating_mul(2_u32.saturating_pow(service.pauses.min(16)));
            service.pauses = service.pauses.saturating_add(1);
            service.paused_until = now.after(pause.max(advice.unwrap_or_default()).min(PAUSE_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_status_says_what_becomes_of_it() {
        let minute = Some(Duration::from_mins(1));
        for (status, advice, answer) in [
            (201, None, Answer::Taken),
            (202, None, Answer::Taken),
            (301, None, Answer::Refused),
            (400, None, Answer::Refused),
            (403, None, Answer::Refused),
            (404, None, Answer::Gone),
            (410, None, Answer::Gone),
            (413, None, Answer::Refused),
            (429, Some("60"), Answer::Throttled(minute)),
            (429, Some("soon"), Answer::Throttled(None)),
            (503, Some("60"), Answer::Failed(minute)),
            (500, Some("99999999"), Answer::Failed(Some(RETRY_MAX))),
        ] {
            assert_eq!(Answer::of(status, advice), answer, "{status} {advice:?}");
        }
    }

    #[test]
    fn it_is_tried_again_later_each_time_and_never_before_it_was_advised() {
        let waits: Vec<u64> =
            (0..6).map(|tries| NOW.until(retry_at(NOW, tries, None, 0)).as_secs()).collect();
        assert_eq!(waits, [15, 60, 240, 960, 3_600, 3_600]);
        let advised =
            |tries, secs| NOW.until(retry_at(NOW, tries, Some(Duration::from_secs(secs)), 0)).as_secs();
        assert_eq!([advised(0, 5), advised(1, 5), advised(1, 600)], [5, 60, 600]);
        let jitters: Vec<u64> =
            [0, 1_234, 7_777].map(|jitter| retry_at(NOW, 0, None, jitter).as_millis()).to_vec();
        assert!(jitters.iter().all(|at| (15_000..20_000).contains(&(at - NOW.as_millis()))), "{jitters:?}");
        let later = NOW.after(Duration::from_millis(1_200));
        assert_eq!(at_slot(later, 42), at_slot(NOW.after(Duration::from_secs(4)), 42), "they meet");
    }

    #[test]
    fn a_service_that_fails_is_left_alone_for_longer_each_time_until_it_answers() {
        let mut services = Services::default();
        let failed = Answer::Failed(None);
        for _ in 1..FAILURES_MAX {
            services.answered("a", failed, NOW);
        }
        assert_eq!(services.paused_until("a", NOW), None);
        services.answered("a", failed, NOW);
        let until = services.paused_until("a", NOW).unwrap();
        assert_eq!(services.paused_until("b", NOW), None, "others are not");
        services.answered("a", failed, NOW);
        assert_eq!(services.paused_until("a", NOW), Some(until), "those under way change nothing");
        services.answered("a", failed, until);
        assert!(until.until(services.paused_until("a", until).unwrap()) > NOW.until(until));
        services.answered("a", Answer::Taken, until);
        assert_eq!(services.paused_until("a", until), None);
        for n in 0..=SERVICES_MAX {
            services.answered(&format!("s{n}"), failed, NOW);
        }
        assert!(services.0.len() <= SERVICES_MAX);
    }
}
