//! How fast one account may ask for anything under `/v1`. Who asks without an account is limited by the gate.

use crate::http::problem::Problem;
use crate::metrics::Metrics;
use actix_web::http::Method;
use admission::AccountRates;
use admission::account_rates::{Answered, Asks, reached};
use identity::Principal;
use parking_lot::Mutex;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

/// Counts what accounts ask.
#[derive(Default)]
pub(crate) struct AccountLimits {
    /// Not the account: a number that means nothing in another process.
    keyed: RandomState,
    rates: Mutex<AccountRates<u64>>,
}

impl AccountLimits {
    /// An account asks; an error, if it does so too fast.
    pub(crate) fn ask(
        &self,
        principal: &Principal,
        method: &Method,
        metrics: &Metrics,
        now: Instant,
    ) -> Result<(), Problem> {
        let account = self.keyed.hash_one(&principal.member);
        let asks = if method.is_safe() { Asks::ToRead } else { Asks::ToWrite };
        let answered = self.rates.lock().ask(account, principal.is_organiser(), asks, now);
        match (answered, asks) {
            (Answered::Now, _) => Ok(()),
            (Answered::Uncounted, _) => {
                metrics.limit_reached(reached::ACCOUNTS_COUNTED_MAX);
                Ok(())
            }
            (Answered::Later, Asks::ToRead) => {
                metrics.limit_reached(reached::ACCOUNT_READS_PER_SECOND);
                Err(Problem::TooFast)
            }
            (Answered::Later, Asks::ToWrite) => {
                metrics.limit_reached(reached::ACCOUNT_WRITES_PER_SECOND);
                Err(Problem::TooFast)
            }
        }
    }
}

impl fmt::Debug for AccountLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rates.lock().fmt(f)
    }
}
