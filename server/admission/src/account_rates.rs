//! How fast each account may ask over HTTP, apart for what it reads and what it changes, so that one program that runs
//! wild takes the service from nobody.
//!
//! Of each account that asked lately two times are kept. Whoever has been quiet for as long as it takes to have all of a
//! burst again is forgotten, and that costs nothing: accounts live in two generations, and the older one goes whole.

use crate::Allowance;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

protocol::limits! {
    /// Requests of one account that only read and are answered in a second, once its burst is used up; one more gets 429.
    pub const ACCOUNT_READS_PER_SECOND: u32 = 20 => counted;
    /// Requests of one account that only read and are answered at once after a quiet time.
    pub const ACCOUNT_READS_BURST: u32 = 60 => unseen;
    /// Requests of one account that may change something and are answered in a second, once its burst is used up; one more
    /// gets 429.
    pub const ACCOUNT_WRITES_PER_SECOND: u32 = 5 => counted;
    /// Requests of one account that may change something and are answered at once after a quiet time.
    pub const ACCOUNT_WRITES_BURST: u32 = 20 => unseen;
    /// So many times as much may an organiser ask, whose console and scripts work for many.
    pub const ORGANISER_RATE_TIMES: u32 = 5 => unseen;
    /// Accounts whose requests are counted at a node within the few seconds that it remembers; those of further ones are
    /// answered uncounted, because what all of them ask together is bounded elsewhere.
    pub const ACCOUNTS_COUNTED_MAX: usize = 65_536 => counted;
}

/// After so long without a request an account may ask as if it had never asked.
const FULL_AGAIN_AFTER: Duration = Duration::from_secs(4);

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// It only reads.
    ToRead,
    /// It may change something.
    ToWrite,
}

/// Whether a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is, and counts.
    Now,
    /// Not now: the account asks too fast. Within a second it may ask again.
    Later,
    /// It is, and is not counted: too many accounts ask to tell them apart.
    Uncounted,
}

/// What an account may still ask.
#[derive(Debug, Clone, Copy)]
struct Rates {
    reads: Allowance,
    writes: Allowance,
}

impl Rates {
    fn full() -> Self {
        Self { reads: Allowance::new(1, 1), writes: Allowance::new(1, 1) }
    }

    fn take(&mut self, asks: Asks, times: u32, now: Instant) -> bool {
        let (allowance, per_second, burst) = match asks {
            Asks::ToRead => (&mut self.reads, ACCOUNT_READS_PER_SECOND, ACCOUNT_READS_BURST),
            Asks::ToWrite => (&mut self.writes, ACCOUNT_WRITES_PER_SECOND, ACCOUNT_WRITES_BURST),
        };
        // Each time: what somebody may can change between two requests.
        allowance.set(per_second.saturating_mul(times), burst.saturating_mul(times));
        allowance.take(0, now)
    }
}

/// Counts the requests of accounts.
pub struct AccountRates<K> {
    /// Since when accounts go into `now`.
    since: Option<Instant>,
    now: HashMap<K, Rates>,
    before: HashMap<K, Rates>,
}

impl<K> Default for AccountRates<K> {
    fn default() -> Self {
        Self { since: None, now: HashMap::new(), before: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash> AccountRates<K> {
    /// An account asks: whether it is answered.
    pub fn ask(&mut self, account: K, is_organiser: bool, asks: Asks, now: Instant) -> Answered {
        self.forget(now);
        let known = self.now.get(&account).or_else(|| self.before.get(&account)).copied();
        if self.now.len() >= ACCOUNTS_COUNTED_MAX && !self.now.contains_key(&account) {
            return Answered::Uncounted;
        }
        let mut rates = known.unwrap_or_else(Rates::full);
        let times = if is_organiser { ORGANISER_RATE_TIMES } else { 1 };
        let is_taken = rates.take(asks, times, now);
        self.now.insert(account, rates);
        if is_taken { Answered::Now } else { Answered::Later }
    }

    /// Lets those go who were quiet for long enough.
    fn forget(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed < FULL_AGAIN_AFTER {
            return;
        }
        let last = std::mem::take(&mut self.now);
        self.before = if elapsed < 2 * FULL_AGAIN_AFTER { last } else { HashMap::new() };
        self.since = Some(now);
    }
}

impl<K> fmt::Debug for AccountRates<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRates").field("accounts", &self.now.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "an arbitrary origin; only differences count")]
        Instant::now()
    }

    /// How many of so many requests at once are answered.
    fn answered(
        rates: &mut AccountRates<u32>,
        account: u32,
        organiser: bool,
        asks: Asks,
        now: Instant,
    ) -> u32 {
        let answers = (0..1_000).map(|_| rates.ask(account, organiser, asks, now));
        u32::try_from(answers.filter(|answer| *answer == Answered::Now).count()).unwrap()
    }

    #[test]
    fn an_account_has_a_burst_and_then_a_rate_of_each_kind_and_takes_nothing_from_others() {
        let (mut rates, start) = (AccountRates::default(), origin());
        assert_eq!(answered(&mut rates, 1, false, Asks::ToRead, start), ACCOUNT_READS_BURST);
        assert_eq!(answered(&mut rates, 1, false, Asks::ToWrite, start), ACCOUNT_WRITES_BURST);
        assert_eq!(answered(&mut rates, 2, false, Asks::ToRead, start), ACCOUNT_READS_BURST);
        let second = start + Duration::from_secs(1);
        assert_eq!(answered(&mut rates, 1, false, Asks::ToRead, second), ACCOUNT_READS_PER_SECOND);
        assert_eq!(answered(&mut rates, 1, false, Asks::ToWrite, second), ACCOUNT_WRITES_PER_SECOND);
    }

    #[test]
    fn an_organiser_may_ask_more_from_the_moment_they_are_one() {
        let (mut rates, start) = (AccountRates::default(), origin());
        let burst = ACCOUNT_WRITES_BURST * ORGANISER_RATE_TIMES;
        assert_eq!(answered(&mut rates, 1, true, Asks::ToWrite, start), burst);
        assert_eq!(answered(&mut rates, 2, false, Asks::ToWrite, start), ACCOUNT_WRITES_BURST);
        let second = start + Duration::from_secs(1);
        let rate = ACCOUNT_WRITES_PER_SECOND * ORGANISER_RATE_TIMES;
        assert_eq!(answered(&mut rates, 2, true, Asks::ToWrite, second), rate);
    }

    #[test]
    fn who_is_forgotten_had_all_of_it_again() {
        for (per_second, burst) in [
            (ACCOUNT_READS_PER_SECOND, ACCOUNT_READS_BURST),
            (ACCOUNT_WRITES_PER_SECOND, ACCOUNT_WRITES_BURST),
        ] {
            assert!(Duration::from_secs(1) * burst / per_second <= FULL_AGAIN_AFTER);
        }
        let (mut rates, start) = (AccountRates::default(), origin());
        for second in 0..30_u32 {
            rates.ask(second, false, Asks::ToRead, start + Duration::from_secs(second.into()));
        }
        assert!(rates.now.len() + rates.before.len() <= 8, "{rates:?}");
    }

    #[test]
    fn of_very_many_accounts_the_first_are_counted_and_the_others_answered() {
        let (mut rates, start) = (AccountRates::default(), origin());
        let most = u32::try_from(ACCOUNTS_COUNTED_MAX).unwrap();
        assert!((0..most).all(|account| rates.ask(account, false, Asks::ToRead, start) == Answered::Now));
        assert_eq!(rates.ask(most, false, Asks::ToRead, start), Answered::Uncounted);
        assert_eq!(answered(&mut rates, 0, false, Asks::ToRead, start), ACCOUNT_READS_BURST - 1);
        let later = start + FULL_AGAIN_AFTER;
        assert_eq!(rates.ask(most, false, Asks::ToRead, later), Answered::Now);
    }

    proptest! {
        #[test]
        fn however_requests_come_no_more_are_answered_than_a_burst_and_the_rate(
            pauses in prop::collection::vec(0u64..3_000, 1..400),
        ) {
            let (mut rates, start) = (AccountRates::default(), origin());
            let (mut now, mut taken) = (start, 0);
            for pause in pauses {
                now += Duration::from_millis(pause);
                taken += u32::from(rates.ask(1, false, Asks::ToWrite, now) == Answered::Now);
                let most = Duration::from_secs(1) * ACCOUNT_WRITES_BURST + (now - start) * ACCOUNT_WRITES_PER_SECOND;
                prop_assert!(Duration::from_secs(1) * taken <= most, "{taken} in {:?}", now - start);
            }
        }
    }
}
