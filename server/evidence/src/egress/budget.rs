//! How much each account got in the hour that runs, and whose budget is spent: whoever has a stolen account and reads all
//! there is shows by the bytes.

use crate::account::Account;
use protocol::limits::Limit;
use protocol::{MemberId, Timestamp};
use std::collections::HashMap;
use std::time::Duration;

protocol::limits! {
    /// Most accounts whose bytes of an hour a node counts; further ones are not held to a budget until the next.
    pub const BUDGET_ACCOUNTS_MAX: usize = 1_000_000 => unseen;
}

/// The bounds of budgets, described.
pub const BUDGET: &[Limit] = LIMITS;

/// Over how long a budget goes: hours of UTC, so that everybody knows when it is over.
pub const BUDGET_HOUR: Duration = Duration::from_hours(1);

/// An account that went over its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Whose.
    pub member: MemberId,
    /// How much an account may get within an hour.
    pub budget_bytes: u64,
    /// When the hour is over.
    pub until: Timestamp,
}

/// What was counted in the hour that runs.
pub(super) struct Spending {
    budget: Option<u64>,
    hour: Timestamp,
    most: usize,
    spent: HashMap<MemberId, u64>,
    exceeded: Vec<Exceeded>,
    over: usize,
}

impl Spending {
    /// Nothing yet; without a budget nothing is counted. Counts of at most `most` accounts.
    pub(super) fn new(budget: Option<u64>, most: usize, now: Timestamp) -> Self {
        let (spent, exceeded) = (HashMap::new(), Vec::new());
        Self { budget, hour: hour_of(now), most, spent, exceeded, over: 0 }
    }

    /// Counts what an account got. Strangers have no budget: they get nothing that is anybody's.
    pub(super) fn add(&mut self, account: &Account, bytes: u64) {
        let (Some(budget), Account::Member(member)) = (self.budget, account) else { return };
        if self.spent.len() >= self.most && !self.spent.contains_key(member) {
            return;
        }
        let spent = self.spent.entry(member.clone()).or_default();
        let before = *spent;
        *spent = before.saturating_add(bytes);
        if before <= budget && *spent > budget {
            let (member, until) = (member.clone(), self.hour.after(BUDGET_HOUR));
            self.exceeded.push(Exceeded { member, budget_bytes: budget, until });
            self.over += 1;
        }
    }

    /// It is this time: with another hour all begin anew. What was counted is answered, to be dropped where nobody waits.
    pub(super) fn turn_to(&mut self, now: Timestamp) -> HashMap<MemberId, u64> {
        let hour = hour_of(now);
        if hour == self.hour {
            return HashMap::new();
        }
        (self.hour, self.over) = (hour, 0);
        std::mem::take(&mut self.spent)
    }

    /// Whether an account got more than it may.
    pub(super) fn is_over(&self, member: &MemberId) -> bool {
        self.budget.is_some_and(|budget| self.spent.get(member).is_some_and(|spent| *spent > budget))
    }

    /// How many did.
    pub(super) const fn over(&self) -> usize {
        self.over
    }

    /// Those of whom it was not said yet.
    pub(super) fn take_exceeded(&mut self) -> Vec<Exceeded> {
        std::mem::take(&mut self.exceeded)
    }
}

fn hour_of(at: Timestamp) -> Timestamp {
    let hour = Timestamp::default().after(BUDGET_HOUR).as_millis();
    Timestamp::from_millis(at.as_millis() / hour * hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn member(name: &str) -> MemberId {
        MemberId::parse(name).unwrap()
    }

    fn gives(spending: &mut Spending, name: &str, bytes: u64) {
        spending.add(&Account::Member(member(name)), bytes);
    }

    #[test]
    fn whoever_gets_more_than_the_budget_is_told_once_and_over_until_the_hour_ends() {
        let mut spending = Spending::new(Some(100), 10, at(HOUR / 2));
        gives(&mut spending, "m_1", 100);
        assert!(!spending.is_over(&member("m_1")), "to the last byte");
        gives(&mut spending, "m_2", 60);
        gives(&mut spending, "m_1", 1);
        gives(&mut spending, "m_1", 1_000);
        let exceeded = Exceeded { member: member("m_1"), budget_bytes: 100, until: at(HOUR) };
        assert_eq!((spending.take_exceeded(), spending.take_exceeded()), (vec![exceeded], Vec::new()));
        assert_eq!((spending.is_over(&member("m_1")), spending.is_over(&member("m_2"))), (true, false));
        drop(spending.turn_to(at(HOUR - 1)));
        assert_eq!((spending.is_over(&member("m_1")), spending.over()), (true, 1));
        assert_eq!(spending.turn_to(at(HOUR)).len(), 2);
        assert_eq!((spending.is_over(&member("m_1")), spending.over()), (false, 0));
        gives(&mut spending, "m_2", 60);
        assert!(!spending.is_over(&member("m_2")), "each hour by itself");
    }

    #[test]
    fn whoever_went_over_in_the_last_moment_of_an_hour_is_told_in_the_next() {
        let mut spending = Spending::new(Some(100), 10, at(0));
        gives(&mut spending, "m_1", 101);
        drop(spending.turn_to(at(HOUR)));
        assert_eq!(spending.take_exceeded()[0].until, at(HOUR));
    }

    #[test]
    fn strangers_and_those_beyond_the_bound_have_no_budget_and_without_one_nobody_has() {
        let mut spending = Spending::new(Some(1), 1, at(0));
        spending.add(&Account::Strangers, 1_000);
        gives(&mut spending, "m_1", 2);
        gives(&mut spending, "m_2", 2);
        assert_eq!((spending.over(), spending.is_over(&member("m_2"))), (1, false));
        let mut spending = Spending::new(None, 1, at(0));
        gives(&mut spending, "m_1", u64::MAX);
        assert_eq!((spending.over(), spending.spent.len()), (0, 0));
    }
}
